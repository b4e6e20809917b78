# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Loading and unloading, and the parameters.
#
# vm: --no-module --add insmod=/usr/sbin/insmod
# programs: calls

. ./lib.sh

# Not busybox's insmod, which tries another system call if the first one fails.
load() {
	./insmod ./rust_sample.ko "$@"
}

unload() {
	rmmod rust_sample
}

# The last line that the module wrote into the kernel's log.
last_line() {
	dmesg | sed -n 's/.*rust_sample: //p' | tail -n 1
}

# capacity_is BYTES: so much can be written without blocking.
capacity_is() {
	assert_eq "0 $1 EAGAIN" "$(calls open:wn fill:3000000 fill:1)" "capacity"
}

load_and_unload() {
	load
	assert_eq 'loaded: capacity 65536 bytes, at most 1048576' "$(last_line)"
	[ -c /dev/rust_sample ] || fail "no node in /dev"
	unload
	assert_eq 'unloaded: 0 bytes in, 0 out, 0 cleared, 0 left' "$(last_line)"
	[ ! -e /dev/rust_sample ] || fail "the node is still there"
}
check 'load and unload' load_and_unload

twenty_times() {
	for i in $(seq 20); do
		load
		calls open:rw "write:$i" "read:9" >/dev/null
		unload
	done
	assert_eq 'unloaded: 2 bytes in, 2 out, 0 cleared, 0 left' "$(last_line)"
}
check 'load and unload twenty times' twenty_times

totals() {
	load
	assert_eq '0 50000 20000' "$(calls open:rw fill:50000 drain:20000)"
	unload
	assert_eq 'unloaded: 50000 bytes in, 20000 out, 0 cleared, 30000 left' "$(last_line)"
	assert_eq 2 "$(log_after "$MARKER" | grep 'rust_sample: ' | grep -vc taint)" 'lines in the log'
}
check 'the line at unload has the totals' totals

# available: memory, in KiB.
available() {
	awk '/MemAvailable/ { print $2 }' /proc/meminfo
}

# No more than that is missing of $before; ten lost rings would be 160 MiB. A busy kernel
# keeps some MiB in lists of each processor.
memory_is_back() {
	[ $((before - $(available))) -lt 60000 ]
}

fill_and_unload() {
	for _ in $(seq "$1"); do
		load capacity=16777216 max_capacity=16777216
		calls open:wn fill:16777216 >/dev/null
		unload
	done
}

bytes_left_are_freed() {
	fill_and_unload 5
	before=$(available)
	fill_and_unload 10
	# The kernel gives some of it back a moment later, and a busy one later still.
	wait_until 10 memory_is_back
}
check 'what was left in the FIFO is freed at unload' bytes_left_are_freed

default_capacity() {
	load
	capacity_is 65536
	unload
}
check 'capacity: 65536 by default' default_capacity

rounded() {
	for pair in 1:4096 4095:4096 4096:4096 4097:8192 100000:131072 1048576:1048576; do
		load capacity="${pair%:*}"
		capacity_is "${pair#*:}"
		unload
	done
}
check 'capacity: rounded up to a power of two, at least 4096' rounded

above_the_default_maximum() {
	load capacity=2097152 max_capacity=2097152
	capacity_is 2097152
	unload
}
check 'capacity: as large as max_capacity allows' above_the_default_maximum

# Both round to 8,192.
compared_when_rounded() {
	for pair in 8192:5000 5000:4097 5000:5000 8000:8192; do
		load capacity="${pair%:*}" max_capacity="${pair#*:}"
		capacity_is 8192
		unload
	done
}
check 'capacity and max_capacity are rounded before they are compared' compared_when_rounded

# refused LINE PARAMETER...: EINVAL, one line in the log that says why, and
# nothing is left behind.
refused() {
	line=$1
	shift
	dmesg -c >/dev/null
	! load "$@" 2>/tmp/error || { unload && fail "insmod $* succeeded"; }
	grep -q 'Invalid' /tmp/error || fail "not EINVAL: $(cat /tmp/error)"
	assert_eq "$line" "$(dmesg | sed 's/^\[[^]]*\] //' | grep rust_sample: | grep -v taint)" "the log"
	[ ! -e /dev/rust_sample ] || fail "there is a node"
	! grep -q ^rust_sample /proc/modules || fail "the module is loaded"
}
check 'capacity=0: EINVAL' \
	refused "'rust_sample: capacity=0 is not from 1 to 1073741824 bytes'" capacity=0
check 'capacity above 2^30: EINVAL' \
	refused "'rust_sample: capacity=1073741825 is not from 1 to 1073741824 bytes'" \
	capacity=1073741825 max_capacity=1073741824
check 'max_capacity=0: EINVAL' \
	refused "'rust_sample: max_capacity=0 is not from 1 to 1073741824 bytes'" max_capacity=0
check 'max_capacity above 2^30: EINVAL' \
	refused "'rust_sample: max_capacity=1073741825 is not from 1 to 1073741824 bytes'" \
	max_capacity=1073741825
check 'capacity above max_capacity: EINVAL' \
	refused "'rust_sample: capacity=65537 is above max_capacity=65536'" \
	capacity=65537 max_capacity=65536
check 'capacity=-1: EINVAL' \
	refused '"rust_sample: \`-1'\'' invalid for parameter \`capacity'\''"' capacity=-1
check 'capacity=lots: EINVAL' \
	refused '"rust_sample: \`lots'\'' invalid for parameter \`capacity'\''"' capacity=lots
check 'capacity=: EINVAL' \
	refused '"rust_sample: \`'\'' invalid for parameter \`capacity'\''"' capacity=

no_memory() {
	dmesg -c >/dev/null
	! load capacity=1073741824 max_capacity=1073741824 2>/tmp/error || fail "insmod succeeded"
	grep -q 'memory' /tmp/error || fail "not ENOMEM: $(cat /tmp/error)"
	assert_eq 'no memory for a capacity of 1073741824 bytes' "$(last_line)"
}
check 'more than there is memory for: ENOMEM' no_memory

twice() {
	load
	! load 2>/tmp/error || fail "a second insmod succeeded"
	grep -q 'File exists' /tmp/error || fail "not EEXIST: $(cat /tmp/error)"
	unload
}
check 'a second load: EEXIST' twice

busy() {
	load
	calls open:"$1" sleep:3600000 &
	wait_until 5 test -e "/proc/$!/fd/3"
	! unload 2>/tmp/error || fail "rmmod of an open device succeeded"
	grep -q 'busy\|temporarily unavailable' /tmp/error || fail "not EBUSY: $(cat /tmp/error)"
	kill "$!"
	wait "$!" || true
	unload
}
check 'rmmod while open for reading: refused' busy r
check 'rmmod while open for writing: refused' busy w
check 'rmmod while open for both: refused' busy rw

busy_blocked() {
	load
	calls open:r read:1 &
	wait_until 5 grep -q '^State:.*S' "/proc/$!/status"
	wait_until 5 test -e "/proc/$!/fd/3"
	! unload 2>/dev/null || fail "rmmod under a blocked reader succeeded"
	kill -KILL "$!"
	wait "$!" || true
	unload
}
check 'rmmod while a reader is blocked: refused; after it was killed: done' busy_blocked

run_tests
