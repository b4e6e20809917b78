# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The release of files, and the unload of the module after it. poll.sh and uring.sh test files
# that an epoll or an io_uring request keeps.
#
# programs: lifetime reload

. ./lib.sh

limit=60

check 'kill -9 of a process with blocked readers and writers' lifetime kill_threads
check 'processes that exit without a close' lifetime exits_without_close
check 'the close of the last copy of a descriptor is the end of file' lifetime copies
check 'the end of file waits for the copy of a child' lifetime child_closes_last
check 'a file in a message is open until the sockets are closed' lifetime in_flight
check 'a file passed to another process works there' lifetime to_another_process
check 'unload is refused while a call, a message, a signal or a splice keeps a file' \
	lifetime keep_the_module
check 'unload right after the last close, 20 times' lifetime unload_after_close
check 'unload right after kill -9 of a blocked reader, 10 times' lifetime unload_after_kill
check "open and unload at the same time, $((100 / SLOW)) times" reload $((100 / SLOW))

run_tests
