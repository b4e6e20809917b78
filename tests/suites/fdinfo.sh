# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# /proc/PID/fdinfo of the device's files.
#
# programs: calls faults resize storm

. ./lib.sh

# field NAME FILE
field() {
	sed -n "s/^$1:[[:space:]]*//p" "$2"
}

# hold MODE: this shell has the device open as file 9.
hold() {
	case $1 in
	r) exec 9</dev/rust_sample ;;
	w) exec 9>/dev/rust_sample ;;
	rw) exec 9<>/dev/rust_sample ;;
	esac
}

fresh() {
	rmmod rust_sample
	insmod ./rust_sample.ko "$@"
}

all_fields() {
	fresh
	hold "$1"
	assert_eq 'pos flags mnt_id ino capacity used readers writers total_in total_out total_cleared' \
		"$(sed 's/:.*//' /proc/$$/fdinfo/9 | tr '\n' ' ' | sed 's/ $//')" "the fields"
	assert_eq 0 "$(field pos /proc/$$/fdinfo/9)" pos
	! sed 1,4d /proc/$$/fdinfo/9 | grep -qv '^[a-z_]*:	[0-9]*$' || fail "$(cat /proc/$$/fdinfo/9)"
}
check 'a file open for reading shows all fields' all_fields r
check 'a file open for writing shows all fields' all_fields w
check 'a file open for both shows all fields' all_fields rw

values() {
	fresh capacity=131072
	hold rw
	calls open:rw fill:30000 read:5000 ioctl:0xf703 fill:20000 read:13000 open:r open:w \
		sleep:3600000 >/tmp/results &
	wait_until 10 grep -qs '13000 0 0' /tmp/results
	info=/proc/$$/fdinfo/9
	for pair in capacity:131072 used:7000 readers:3 writers:3 total_in:50000 \
		total_out:18000 total_cleared:25000; do
		assert_eq "${pair#*:}" "$(field "${pair%:*}" "$info")" "${pair%:*}"
	done
	kill "$!"
	wait "$!" || true
	assert_eq 1 "$(field readers "$info")" 'readers after a close'
	assert_eq 1 "$(field writers "$info")" 'writers after a close'
}
check 'the values are those of the FIFO' values

# All numbers stay plausible under load.
under_load() {
	fresh
	hold r
	rm -f /tmp/enough
	while [ ! -e /tmp/enough ]; do "$@" >/tmp/load || exit 1; done &
	last_in=0 last_out=0 times=0
	while [ "$times" -lt $((120 / SLOW)) ] || [ "$last_in" -le 100000 ]; do
		times=$((times + 1))
		# Those after the names, in the order of the fields.
		# shellcheck disable=SC2046 # Words are wanted.
		set -- $(sed '1,4d; s/.*://' /proc/$$/fdinfo/9)
		if [ "$2" -gt 1048576 ] || [ "$3" -gt 65 ] || [ "$4" -gt 65 ]; then
			fail "nonsense: $*"
		fi
		[ "$5" -ge "$last_in" ] || fail "total_in went back from $last_in to $5"
		[ "$6" -ge "$last_out" ] || fail "total_out went back from $last_out to $6"
		last_in=$5 last_out=$6
	done
	kill -0 "$!" || fail "the load ended: $(cat /tmp/load)"
	: >/tmp/enough
	wait "$!" || fail "the load failed: $(cat /tmp/load)"
}
check 'it can be read under load' under_load storm 8 8 800
check 'it can be read while the capacity changes' under_load resize stream

# stalled WHICH USED SLACK: a reader or a writer waits for a page that stays missing. A copy
# that is interrupted there may omit bytes that the processor has loaded and not stored, as
# arm64's does, which copies 64 bytes at a time.
stalled() {
	fresh
	hold rw
	# Removes the output of an earlier program now, not when this one starts.
	: >/tmp/held
	faults "hold_$1" >>/tmp/held &
	wait_until 10 grep -q '[0-9S]' /tmp/held
	! grep -q SKIP /tmp/held || skip "$(sed 's/SKIP //' /tmp/held)"
	read -r task fd </tmp/held
	used=$(field used "/proc/$task/fdinfo/$fd")
	if [ "$used" -gt "$2" ] || [ "$used" -lt $(($2 - $3)) ]; then
		fail "used: expected $2, or up to $3 less, found $used"
	fi
	assert_eq 65536 "$(field capacity "/proc/$task/fdinfo/$fd")" capacity
	assert_eq "$used" "$(field used "/proc/$$/fdinfo/9")" used
	kill -KILL "$task"
	wait "$!" || true
}
check 'it can be read while a reader is stalled' stalled reader 12288 0
check 'it can be read while a writer is stalled' stalled writer 4096 63

run_tests
