# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# O_ASYNC: signals to the owners of files that can be read or written.
#
# programs: signals

# shellcheck source=tests/lib.sh
. ./lib.sh

check 'a reader gets SIGIO for bytes' signals sigio
check 'a reader gets a signal for each write, with the file and POLL_IN' signals reader
check 'a reader gets one when the last writer closes' signals reader_of_end
check 'a writer gets one for each read, with POLL_OUT' signals writer
check 'calls that move no bytes send none' signals not_for_nothing
check 'a file open for both gets both' signals both
check 'twenty files each get theirs' signals many
check 'off, on and off again, by fcntl and by ioctl' signals off
check 'without an owner there is none' signals no_owner
check 'the last close ends it, the close of a copy does not' signals close_it
check "a child's copy keeps it on" signals in_child
check 'exec keeps it on for a file that stays open' signals across_exec
check 'processes that end with it on' signals ends_while_on
# Twenty thousand rounds of two threads that wait for each other by yielding: some ten
# seconds, but minutes on an emulated arm64.
limit=120
check 'on and off at the same time: both sides, or none' signals toggles
limit=30
check 'files that come and go while signals are sent' signals come_and_go

run_tests
