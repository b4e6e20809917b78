# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Loads, unloads and each call on the device. Every allocation and every copy to or from user
# memory on the way fails in turn.
#
# needs: KASAN FAILSLAB FAIL_PAGE_ALLOC FAULT_INJECTION_USERCOPY IO_URING
# programs: sweep sweepio loadsweep
# timeout: 900

. ./lib.sh

limit=60

# sweeps PROGRAM NAME...
sweeps() {
	# An unload waits for RCU several times.
	echo 1 >/sys/kernel/rcu_expedited
	"$@"
}

check 'open, in each mode' sweeps sweep \
	open_to_read open_to_read_nonblock open_to_write open_for_both
check 'open for writing: an open that fails is no writer for a reader that has seen none' \
	sweeps sweep open_to_write_unseen open_for_both_unseen
check 'close' sweeps sweep close
check 'poll, select, epoll' sweeps sweep poll select epoll_add epoll_mod epoll_wait
check 'GET_INFO of several sizes, FIONREAD' sweeps sweep \
	get_info_of_one_field get_info get_info_of_more fionread
check 'SET_CAPACITY to more and to less, CLEAR' sweeps sweep more_capacity less_capacity clear
check 'NEW_FIFO: both ends, or no descriptor' sweeps sweep new_fifo
check 'mmap of a FIFO' sweeps sweep map
check 'O_ASYNC: in the queues of all its sides, or of none' sweeps sweep \
	async_to_read async_to_write async_for_both
check 'fdinfo' sweeps sweep fdinfo
check 'write' sweeps sweepio write_small write_atomic write_around_the_end write_large
check 'write from pages that are not present' sweeps sweepio write_missing write_large_missing
check 'write that blocks' sweeps sweepio write_waits write_large_waits
check 'writev' sweeps sweepio writev writev_large_missing
check 'read' sweeps sweepio read_small read_around_the_end read_large
check 'read into pages that are not present' sweeps sweepio read_missing
check 'read that blocks' sweeps sweepio read_waits
check 'readv' sweeps sweepio readv
check 'splice from the device' sweeps sweepio splice_from splice_from_waits
check 'splice and sendfile to the device' sweeps sweepio splice_to splice_to_waits sendfile
check 'a write or a read that fails while another task waits' \
	sweeps sweepio write_beside read_beside
check 'SET_CAPACITY that fails while a writer waits' sweeps sweep more_capacity_beside
check 'io_uring: read' sweeps sweepio uring_read uring_read_waits
check 'io_uring: write' sweeps sweepio uring_write uring_write_waits
check 'unload, also while a task waits in a read' sweeps loadsweep unload refused_unload

limit=150
check 'load' sweeps loadsweep load

run_tests
