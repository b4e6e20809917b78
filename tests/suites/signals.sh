# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# O_ASYNC: signals to the owners of files that can be read or written.
#
# programs: signals

. ./lib.sh

check 'a reader gets SIGIO for bytes' signals sigio
check 'a reader gets a signal for each write, with the file and POLL_IN' signals reader
check 'a reader gets a signal when the last writer closes' signals reader_of_end
check 'a writer gets a signal for each read, with POLL_OUT' signals writer
check 'a write that waits sends a signal for each part' signals parts
check 'a read that waited sends a signal' signals late_read
check 'calls that move no bytes send no signal' signals not_for_nothing
check 'a file open for both gets both' signals both
check 'twenty files each get a signal' signals many
check 'off, on and off again, by fcntl and by ioctl' signals off
check 'a file without an owner gets no signal' signals no_owner
check 'the last close ends O_ASYNC, the close of a copy does not' signals close_it
check "a child's copy keeps O_ASYNC on" signals in_child
check 'exec keeps O_ASYNC on for a file that stays open' signals across_exec
check 'processes that end with O_ASYNC on' signals ends_while_on
# Twenty thousand rounds of two threads that wait for each other by yielding: some ten
# seconds, but minutes on an emulated arm64.
limit=120
check 'on and off at the same time: both sides, or none' signals toggles
limit=30
check 'files are opened and closed while signals are sent' signals come_and_go

run_tests
