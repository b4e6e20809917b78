# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 7.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: ready

# shellcheck source=lessons/teach.sh
. ./teach.sh

# afresh RESULTS LOOK OPERATION...: in an empty box.
afresh() {
	results=$1 look=$2
	shift 2
	load
	prints "$results" "$look" ready "$@"
}

limit=20
check 'poll: an empty box is writable, a full one readable' \
	afresh "'o 5 i hello o'" '"the events that poll() returns"' poll write:hello poll read poll
check 'poll waits for a message' afresh "'i hello'" \
	'"register_wait() in poll(), and pollers.notify() after the message is stored in write()"' in read
check 'poll waits for an empty box' afresh "'5 o 3'" \
	'"pollers.notify() after the message is taken in read()"' write:hello out write:one
check 'epoll reports each new message once' afresh "'0 o 5 i - hello o 3 i'" \
	'"the events of pollers.notify(): a write brings READABLE, a read WRITABLE"' \
	epoll event write:hello event event read event write:two event
check 'a call that changes nothing brings no event' afresh "'0 o 5 i EAGAIN -'" \
	'"the place of pollers.notify(): only after a change"' epoll event write:hello event write:two event
check 'SIGIO after a write, for readers' afresh "'0 5 i -'" \
	'"fasync_queues(), and notify_readable() in write()"' async write:hello signal signal
check 'SIGIO after a read, for writers' afresh "'5 0 hello o -'" '"notify_writable() in read()"' \
	write:hello async read signal signal
check 'a call that changes nothing sends no signal' afresh "'5 0 EAGAIN - hello o'" \
	'"the place of notify_readable(): only after a change"' write:hello async write:two signal read signal

run_tests
