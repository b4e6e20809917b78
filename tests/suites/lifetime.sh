# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# How files end, and the module after them. That an epoll or an io_uring request
# keeps it is tested with these, in poll.sh and uring.sh.
#
# programs: lifetime reload

# shellcheck source=tests/lib.sh
. ./lib.sh

limit=60

check 'kill -9 of a process with readers and writers that wait' lifetime kill_threads
check 'processes that exit without a close' lifetime exits_without_close
check 'the end of file comes with the close of the last copy' lifetime copies
check 'the end of file comes when a child closed its copy too' lifetime child_closes_last
check 'a file in a message is open; the end of the sockets ends it' lifetime in_flight
check 'a file passed to another process works there' lifetime to_another_process
check 'unload is refused while a call, a message, a signal or a splice has it' \
	lifetime keep_the_module
check 'unload right after the last close, 20 times' lifetime unload_after_close
check 'unload right after kill -9 of a reader that waits, 10 times' lifetime unload_after_kill
check "open and unload at the same time, $((100 / SLOW)) times" reload $((100 / SLOW))

run_tests
