# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The module's own KUnit tests, which a kernel with CONFIG_KUNIT=y runs when the
# module is loaded; tests/guest-run keeps it from that elsewhere.

. ./lib.sh

# passes SUITE TESTS: TESTS tests ran, and none failed.
passes() {
	filter=/sys/module/kunit/parameters/filter_glob
	[ -e "$filter" ] || skip "this kernel has no KUnit"
	printf %s "$1" >"$filter"
	rmmod rust_sample
	insmod ./rust_sample.ko
	printf none >"$filter"
	log_after "$MARKER" | grep -A 40 "# Subtest: $1\$" | sed 's/^\[[^]]*\] *//' >/tmp/log
	grep -q "^# $1: pass:$2 fail:0 skip:0 total:$2\$" /tmp/log || fail "$(cat /tmp/log)"
}
check 'the ring: fifo/ring/' passes rust_sample_ring 7
check 'the FIFO: fifo/mod.rs' passes rust_sample_fifo 7

run_tests
