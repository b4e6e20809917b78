# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# io_uring: requests that do not block, and requests that wait without a thread.
#
# programs: uring

. ./lib.sh

check 'read and write at once' uring at_once
check 'a read waits for bytes without a thread, and sees the end of file' uring read_waits
check 'a read waits for the first writer, but not with O_NONBLOCK' uring read_without_writer
check 'with O_NONBLOCK requests wait, with RWF_NOWAIT they give EAGAIN' uring nonblock
check 'a write waits for room without a thread' uring write_waits
check 'readv and writev' uring vectors
check 'buffers registered before' uring fixed_buffers
check 'errors: EBADF, EFAULT' uring errors
check 'poll' uring poll_once
check 'multishot poll reports each write' uring poll_again
check 'multishot read' uring read_again
check 'cancelled requests write and read nothing' uring cancel
check 'a request in a thread can be cancelled' uring cancel_worker
check 'a timeout ends a read' uring timeout
check 'a request keeps its file after the close' uring close_first
check 'a ring that ends with requests waiting' uring exit_ring
check 'a private FIFO: the last close of one end ends requests at the other, as on a pipe' \
	uring private_fifo
check 'a read of a mappable FIFO waits for bytes, and sees the end of file' uring mappable_fifo
check '2 MiB read' uring many_read
check '2 MiB written' uring many_written

begin_pending() {
	# Removes the output of an earlier program now, not when this one starts.
	: >/tmp/pending
	uring pending >>/tmp/pending &
	task=$!
	wait_until 10 grep -q 'pending\|SKIP' /tmp/pending
	! grep -q SKIP /tmp/pending || skip "$(sed 's/SKIP //' /tmp/pending)"
}

unload() {
	rmmod rust_sample 2>/tmp/error
}

pending_keep_the_module() {
	begin_pending
	for file in "/proc/$task/fd/"*; do
		[ "$(readlink "$file")" != /dev/rust_sample ] || fail "a descriptor still has the file"
	done
	! unload || fail "rmmod succeeded while requests had the file"
	grep -q 'busy\|temporarily unavailable' /tmp/error || fail "not EBUSY: $(cat /tmp/error)"
	kill -KILL "$task"
	wait "$task" || true
	# The kernel lets the ring's requests go after the process.
	wait_until 10 unload
	insmod ./rust_sample.ko
}
check 'rmmod while requests have the file: refused; after kill -9: done' pending_keep_the_module

killed() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		begin_pending
		kill -KILL "$task"
		wait "$task" || true
		echo x >/dev/rust_sample
		assert_eq x "$(cat /dev/rust_sample)"
	done
}
check 'processes killed with requests waiting' killed

run_tests
