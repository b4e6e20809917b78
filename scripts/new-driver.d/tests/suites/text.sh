# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Reads and writes of /dev/rust_sample, which keeps the last text written to it.
#
# programs: calls

# shellcheck source=tests/lib.sh
. ./lib.sh

# What `calls` opens.
export DEVICE=/dev/rust_sample

echo_and_cat() {
	echo hello >"$DEVICE"
	assert_eq hello "$(cat "$DEVICE")"
	assert_eq hello "$(cat "$DEVICE")" 'read again'
}
check 'each read from the start returns the text' echo_and_cat

replaced() {
	echo 'a long text' >"$DEVICE"
	echo short >"$DEVICE"
	assert_eq short "$(cat "$DEVICE")"
}
check 'a write replaces the text' replaced

# `calls` prints a number or an errno for each call, and the bytes read after a colon.
check 'a read continues at the end of the one before' \
	gives "'0 5 0 2:wo 3:rld 0'" open:w write:world open:r read:2 read:3 read:9
check 'a file reads the next text from its beginning' \
	gives "'0 5 0 2:wo 5 5:short 0'" open:w write:world open:rw read:2 write:short read:9 read:9
check 'a file has no position: lseek and pread give ESPIPE' \
	gives "'0 ESPIPE ESPIPE'" open:r lseek:0 pread:4
check 'poll tells whether there is text to read' gives "'0 5 1:io 2:wo 1:io 3:rld 1:o 1 1:io'" \
	open:rw write:world poll:0 read:2 poll:0 read:9 poll:0 write:a poll:0

# polling PID FILE: the process has opened the device, and sleeps.
polling() {
	[ "$(cat "$2")" = 0 ] && grep -q '^State:.S' "/proc/$1/status"
}

wakes_poller() {
	gives '0 0' open:w fill:0
	calls open:r poll:3600000:in >/tmp/polled &
	wait_until 10 polling "$!" /tmp/polled
	echo hello >"$DEVICE"
	wait "$!"
	assert_eq '0 1:i' "$(cat /tmp/polled)"
}
check 'a write wakes a poller' wakes_poller

check 'FIONREAD gets the number of bytes to read' gives "'0 5 5 2:wo 3'" \
	open:rw write:world fionread read:2 fionread
check 'another ioctl gives ENOTTY' gives "'0 ENOTTY'" open:r ioctl:1
check 'no bytes: no text' gives "'0 0 0 0'" open:w fill:0 open:r read:9

longest() {
	gives '0 4096 EFBIG' open:w fill:4096 fill:4097
	assert_eq 4096 "$(wc -c <"$DEVICE")"
}
check '4,096 bytes fit, one more gives EFBIG and changes nothing' longest

bad_address() {
	echo hello >"$DEVICE"
	gives '0 EFAULT' open:w edgewrite:3:9
	gives '0 EFAULT' open:w edgewrite:0:9
	gives '0 EFAULT 3:hel 3' open:r edgeread:0:9 edgeread:3:9 fionread
	assert_eq hello "$(cat "$DEVICE")"
}
check 'a bad address gives EFAULT and changes nothing' bad_address

# While two tasks write, each read returns one of their texts.
never_mixed() {
	for digit in 0 1; do
		head -c 4000000 /dev/zero | tr '\0' "$digit" >"/tmp/$digit"
	done
	dd if=/tmp/0 of="$DEVICE" bs=4000 count=1 2>/dev/null
	for digit in 0 1; do
		dd if="/tmp/$digit" of="$DEVICE" bs=4000 2>/dev/null &
	done
	while kill -0 "$!" 2>/dev/null; do
		ones=$(dd if="$DEVICE" bs=4096 count=1 2>/dev/null | tr -d 0 | wc -c)
		[ "$ones" = 0 ] || [ "$ones" = 4000 ] || fail "a text with $ones ones among the zeroes"
	done
	wait
}
check 'texts of two writers are never mixed' never_mixed

in_use() {
	exec 3<"$DEVICE"
	! rmmod rust_sample 2>/dev/null || fail 'rmmod of a module in use succeeded'
	exec 3<&-
	rmmod rust_sample
	[ ! -e "$DEVICE" ] || fail "$DEVICE is still there"
	insmod ./rust_sample.ko
	assert_eq '' "$(cat "$DEVICE")" 'the text after load'
}
check 'the module unloads when no file is open, and loads with an empty text' in_use

run_tests
