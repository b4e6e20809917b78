# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Other drivers on miscdev/ and kernel_ext/, event_counter.rs, shared_log.rs and shared_note.rs in
# tests/modules/: what they implement works, and the calls that they do not implement fail as the
# kernel has it. What careless.rs does, the kernel survives.
#
# vm: --no-module
# modules: careless event_counter shared_log shared_note
# programs: calls

. ./lib.sh

# fresh NAME: load the module again, and let calls open its device.
fresh() {
	! grep -q "^$1 " /proc/modules || rmmod "$1"
	insmod "./$1.ko"
	export DEVICE="/dev/$1"
}

count() {
	fresh event_counter
	assert_eq '' "$(cat "$DEVICE")" 'the count after load'
	echo a >"$DEVICE"
	echo bc >"$DEVICE"
	assert_eq 2 "$(cat "$DEVICE")"
	# Once for each file, and again after a change.
	gives '0 2 0 0 1 0 2 0' open:rw read:9 read:9 open:w write:d use:0 read:9 read:9
}
check 'event_counter: a file reads each count once' count

poll_state() {
	fresh event_counter
	gives '0 1:o 1 1:io 2 1:o' open:rw poll:0 write:a poll:0 read:9 poll:0
}
check 'event_counter: poll tells whether the count has changed' poll_state

# polling PID FILE: the process has opened the device, and sleeps.
polling() {
	[ "$(cat "$2")" = 0 ] && grep -q '^State:.S' "/proc/$1/status"
}

wakes_pollers() {
	fresh event_counter
	pids=''
	for i in 1 2 3; do
		calls open:r poll:3600000:in >"/tmp/polled$i" &
		pids="$pids $!"
		wait_until 10 polling "$!" "/tmp/polled$i"
	done
	echo a >"$DEVICE"
	# shellcheck disable=SC2086 # Words are wanted.
	wait $pids
	for i in 1 2 3; do
		assert_eq '0 1:i' "$(cat "/tmp/polled$i")"
	done
}
check 'event_counter: a write wakes all pollers' wakes_pollers

check 'event_counter: bad addresses give EFAULT' fresh event_counter \; \
	gives "'0 1 EFAULT 2'" open:rw write:a edgeread:0:9 read:9
check 'event_counter: no ioctl: ENOTTY' fresh event_counter \; gives "'0 ENOTTY'" open:r ioctl:1
check 'event_counter: no position: ESPIPE' fresh event_counter \; \
	gives "'0 ESPIPE ESPIPE'" open:r lseek:0 pread:0

positions() {
	fresh shared_log
	gives '0 5 0 2:he 0 5:hello 0 3:llo 0 0 6 0 6:,world' open:w write:hello open:r read:2 \
		open:r read:9 use:1 read:9 read:9 use:0 write:,world use:1 read:9
}
check 'shared_log: each file reads all, from a position of its own' positions

many() {
	fresh shared_log
	head -c 60000 /dev/urandom >/tmp/text
	cat /tmp/text >"$DEVICE"
	pids=''
	for i in 1 2 3 4 5 6 7 8; do
		cmp /tmp/text "$DEVICE" &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid" || fail 'a reader got another text'
	done
}
check 'shared_log: many read at once' many

check 'shared_log: a full log gives ENOSPC' fresh shared_log \; \
	gives "'0 65536 ENOSPC'" open:w fill:65536 write:a
check 'shared_log: bad addresses give EFAULT and change nothing' fresh shared_log \; \
	gives "'0 EFAULT 5 EFAULT 5:hello'" open:rw edgewrite:0:9 write:hello edgeread:0:9 read:9
check 'shared_log: no poll: always ready' fresh shared_log \; gives "'0 1:io'" open:rw poll:0

fdinfo() {
	fresh shared_log
	exec 9<>"$DEVICE"
	echo hello >&9
	read -r line <&9
	assert_eq hello "$line"
	grep -qx 'position:	6' /proc/$$/fdinfo/9 || fail "$(cat /proc/$$/fdinfo/9)"
	! rmmod shared_log 2>/dev/null || fail 'rmmod of a module in use succeeded'
}
check 'shared_log: fdinfo shows the position, and an open file keeps the module' fdinfo

check 'shared_note: calls and a mapping change the same bytes' fresh shared_note \; \
	gives "'0 5 0 5 5:hello 0 0 0 4:jell'" \
	open:rw write:hello map:4096:0 load:0 get:64:5 put:64:j store:0:4 open:r read:9
check 'shared_note: a length that a program made up is limited' fresh shared_note \; \
	gives "'0 0 0 4032 0 0 0 4032 0'" open:rw map:4096:0 store:0:-1 read:9999 read:9 \
	store:0:99999 open:r read:9999 read:9
check 'shared_note: mmap of more, or elsewhere: EINVAL' fresh shared_note \; \
	gives "'0 EINVAL EINVAL 0'" open:rw map:8192:0 map:4096:4096 map:4096:0
check 'shared_note: bad addresses give EFAULT' fresh shared_note \; \
	gives "'0 5 EFAULT EFAULT 5:hello'" open:rw write:hello edgewrite:0:9 edgeread:0:9 read:9

mapping_keeps() {
	fresh shared_note
	calls open:rw map:4096:0 put:64:kept store:0:4 close sleep:3600000 >/tmp/kept &
	wait_until 10 grep -q '^0 0 0 0 0$' /tmp/kept
	assert_eq kept "$(cat "$DEVICE")"
	! rmmod shared_note 2>/dev/null || fail 'rmmod of a module in use succeeded'
}
check 'shared_note: a mapping keeps the memory and the module' mapping_keeps

check 'careless: no more bytes than were copied count as read or written' fresh careless \; \
	gives "'0 5:hello 5 5:hello 5'" open:rw read:4096 write:hello splice:4096 unsplice:hello
check 'careless: EIOCBQUEUED becomes EIO' fresh careless \; \
	gives "'0 EIO EIO EIO EIO'" open:rw read:1 write:a splice:1 unsplice:a

# killed READY OPERATION...: kills calls on careless when `READY PID` succeeds, and waits for its end.
killed() {
	ready=$1
	shift
	fresh careless
	calls "$@" >/tmp/opened &
	wait_until 10 "$ready" "$!"
	kill -9 "$!"
	wait "$!" || true
}

opened() {
	grep -q '^0$' /tmp/opened
}

# spins PID: whether it has used the processor in the kernel for a tenth of a second.
spins() {
	[ "$(cut -d ' ' -f 15 "/proc/$1/stat")" -ge 10 ]
}

check 'careless: kill -9 ends a splice that never gets bytes' killed spins open:rw splice:2

# logged TEXT: whether the module's messages have TEXT.
logged() {
	dmesg | grep -q "careless: $1"
}

file_in_release() {
	# Files with O_NONBLOCK: at exit the kernel closes them, after the table of descriptors has gone.
	killed opened open:rn sleep:3600000
	wait_until 10 logged 'a file during a release: -24'
}
check 'careless: no descriptor for a task that exits: EMFILE' file_in_release

file_in_unload() {
	fresh careless
	rmmod careless
	logged 'a file during unload: -19' || fail "$(dmesg | tail -n 5)"
}
check 'careless: no file of a module that is being unloaded: ENODEV' file_in_unload

run_tests
