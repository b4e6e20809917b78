# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 6.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: calls

# shellcheck source=lessons/teach.sh
. ./teach.sh

# Each test begins with an empty box.
limit=20

passes() {
	load
	results '0 5 0 5:hello' "the message: write() stores it, read() takes it" \
		open:w write:hello open:r read:99
}
check 'a message passes from a writer to a reader' passes

waits_for_message() {
	load
	begin open:r read:99
	sleeps_in "read(): while there is no message, it waits on arrived"
	results '0 5' "write()" open:w write:hello
	ends_with '0 5:hello' "write(): after the message is stored, it must notify the readers"
}
check 'a read waits for a message' waits_for_message

waits_for_room() {
	load
	begin open:w write:one write:two
	sleeps_in "write(): while there is a message, it waits on taken"
	results '0 3:one' "read()" open:r read:99
	ends_with '0 3 3' "read(): after the message is taken, it must notify the writers"
}
check 'a write waits until the message is taken' waits_for_room

never_waits() {
	load
	results '0 EAGAIN 3 EAGAIN' "may_block(): with O_NONBLOCK a call that would wait gives EAGAIN" \
		open:rwn read:99 write:one write:two
}
check 'O_NONBLOCK: EAGAIN instead of a wait' never_waits

ends_by_signal() {
	load
	begin open:r alarm:300 read:99
	ends_with '0 0 EINTR' "wait_interruptible(): it returns true if a signal came; then return ERESTARTSYS"
	results '0 3' "write()" open:wn write:one
	begin open:w alarm:300 write:two
	ends_with '0 0 EINTR' "the wait in write(): the same as in read()"
}
check 'a signal ends a wait: EINTR' ends_by_signal

goes_on() {
	load
	begin open:r alarm:300:restart read:99
	sleep 1
	sleeps_in "the error after a signal: the kernel restarts the call after ERESTARTSYS, not after EINTR"
	results '0 5' "write()" open:w write:hello
	ends_with '0 0 5:hello' "the error after a signal: ERESTARTSYS"
}
check 'a signal whose handler asks for it: the wait goes on' goes_on

one_each() {
	load
	tasks=''
	for i in 1 2 3 4; do
		./calls open:r read:99 >"/tmp/came.$i" 2>&1 &
		tasks="$tasks $!"
	done
	sleep 1
	for i in 1 2 3 4; do results '0 2' "write()" open:w write:m"$i"; done
	for task in $tasks; do
		calls="one of four readers: open:r read:99"
		(wait_until 5 ended) >/dev/null || wrong "$calls: ends" "it still sleeps" \
			"the wake-up in write(): each message must wake a reader"
	done
	same '0 2:m1 0 2:m2 0 2:m3 0 2:m4' "$(sort /tmp/came.? | xargs)" \
		"the loop in read(): after a wake-up, look again, as another reader may have been faster"
}
check 'four readers that wait get one message each' one_each

keeps() {
	load
	results '0 5 EFAULT 5:hello' "the order in read(): take the message only after the copy has succeeded" \
		open:rwn write:hello edgeread:0:5 read:99
}
check 'a read into a bad address: EFAULT, and the message stays' keeps

nothing() {
	load
	results '0 0 0 EAGAIN' "calls for no bytes: they return 0 at once, and store no message" \
		open:rwn fill:0 read:0 read:99
}
check 'a call for no bytes gives 0 and does not wait' nothing

run_tests
