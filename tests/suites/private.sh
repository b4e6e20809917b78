# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Private FIFOs, by 64-bit and 32-bit programs. Where a pipe can do the same, it is tested
# beside the FIFO.
#
# STRESS=full: 100,000 of them, which take minutes.
#
# programs: private private32
# timeout: 2000

. ./lib.sh

limit=60

for program in private private32; do
	check "$program: descriptors: numbers, flags, access modes" $program descriptors
	check "$program: NEW_FIFO: capacities" $program capacity
	check "$program: NEW_FIFO: EINVAL, EFAULT; a request that fails leaves no descriptor" \
		$program bad_requests
	check "$program: NEW_FIFO: more than max_capacity needs CAP_SYS_RESOURCE" $program permission
	check "$program: bytes, FIONREAD, poll" $program bytes
	check "$program: a write without a reader: EPIPE and SIGPIPE, but not by RWF_NOSIGNAL" \
		$program broken_pipe
	check "$program: fstat and fstatfs: a pipe's type and mode, the user that creates it" \
		$program status
	check "$program: /proc/self/fd/N of either end gives a reader, a writer or both" \
		$program opened_again
	check "$program: ioctls, and bytes that are not the device's" $program apart
done
check 'EMFILE with room for no or one descriptor: none stays' private no_descriptors
check 'ENFILE when the system has too many files: no descriptor stays' private no_files
check 'O_CLOEXEC: exec closes both ends' private exec_closes
check 'a reader that waits gets all bytes of a write that fits' private one_block
check 'end of file, at once without a writer' private end_of_file
check 'the last writer leaves: blocked readers and pollers wake up' private end_of_file_wakes
check 'a full FIFO without a reader: EPIPE instead of EAGAIN' private broken_pipe_nonblock
check 'SIGPIPE ends the process' private sigpipe_kills
check 'the last reader leaves: all blocked writers and pollers wake up' private broken_pipe_wakes
check 'the last reader leaves after a part of a write: short count and SIGPIPE' \
	private broken_pipe_after_a_part
check 'the last reader leaves: an edge-triggered epoll gets EPOLLERR once' private edge_triggered
check 'the last close of one end sends SIGIO to the other' private sigio
check 'a child keeps its ends' private fork_keeps_ends
check 'an end in a message is open' private in_a_message
check 'splice without a reader: EPIPE and SIGPIPE, and the pipe keeps its bytes' \
	private splice_without_reader
check 'splices that wait find the other end closed' private splice_waits
check 'sendfile' private sendfile_from_file
check 'lseek, pread, ftruncate, mmap and others fail alike' private other_calls
check 'two FIFOs: 1,000 times there and back' private ping_pong
check 'a writer that comes back: an edge-triggered epoll gets its bytes' private opened_again_wakes
check 'another user cannot open it, by its mode' private other_user
check 'the link in /proc/self/fd is NAME:[INODE]' private link_text
check 'O_DIRECT: EINVAL at open and fcntl' private packets
check 'unload is refused while an end is open, or a descriptor with O_PATH' private keeps_the_module
check 'inotify sees files opened by name alone, and keeps the module' private watched

limit=300
[ "${STRESS:-}" != full ] || limit=1800
check 'FIFOs made and closed in turn' private many
check 'an unload waits for the release of the last end' private unload_waits
check 'the parameters capacity and max_capacity count for NEW_FIFO and SET_CAPACITY' private parameters
check 'creation against fork, kill -9 and unload' private races

run_tests
