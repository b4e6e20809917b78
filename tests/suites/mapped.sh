# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Mapped FIFOs, by 64-bit and 32-bit programs: mmap(2), waiting and waking, and mixes of a
# mapped end with calls.
#
# programs: mapped mapped32

# shellcheck source=tests/lib.sh
. ./lib.sh

limit=60

for program in mapped mapped32; do
	check "$program: creation: capacity, access modes, errors" $program creation
	check "$program: mmap: offsets, lengths, protection" $program mmap_rules
	check "$program: bytes without a system call" $program bytes
	check "$program: the kernel loads a position at once" $program whole_positions
	check "$program: mapped ends and calls in all mixes" $program all_mixes
	check "$program: WAIT for a number of bytes, and for room" $program wait_rules
	check "$program: a mapped end wakes calls at the other end, and calls wake it" \
		$program wakes_calls
done
check 'an end opened again by /proc/self/fd, and both at once: EACCES' mapped opened_again
check 'mprotect cannot add PROT_WRITE, mremap cannot enlarge' mapped mprotect_and_mremap
check 'calls on a mapped FIFO follow the rules of pipes' mapped calls_follow_pipe_rules
check 'SIGIO goes to the other end' mapped sigio
check 'tasks that wait for different numbers of bytes' mapped wakes_several
check 'no system call while no task waits' mapped no_call_without_a_waiter
check 'epoll, level-triggered and edge-triggered' mapped edge_triggered
check 'the last writer leaves: the word closed, WAIT, poll, end of file' mapped end_of_file
check 'the last reader leaves: the word closed, WAIT, POLLERR, EPIPE' mapped broken_pipe
check 'a signal ends WAIT' mapped signal_ends_wait
check 'mappings keep the FIFO and the module' mapped mapping_outlives_descriptors
check 'two processes: three million bytes in order' mapped two_processes
check 'a child has no mappings, but can map its descriptors' mapped fork_drops_mappings
check 'a writer killed at any moment: no committed byte is lost' mapped killed_writer
check 'splices that need not wait' mapped splice_at_once
check 'splices that wait for bytes, and for room' mapped splice_waits
check 'CLEAR wakes a writer' mapped clear_wakes
check 'WAIT ignores O_NONBLOCK' mapped wait_ignores_nonblock
check 'a new FIFO holds zeroes' mapped starts_with_zeroes

run_tests
