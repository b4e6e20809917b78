# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Kernel objects are released seconds after their last reference is dropped. The module must
# not rely on an immediate release.
#
# vm: --no-module
# timeout: 600
# needs: DEBUG_KOBJECT_RELEASE
# programs: calls

. ./lib.sh

limit=300

twenty_times() {
	for i in $(seq 20); do
		insmod ./rust_sample.ko
		assert_eq '0 5000 2000' "$(calls open:rw fill:5000 drain:2000)" "load $i"
		cat /proc/self/fdinfo/3 3</dev/rust_sample >/dev/null
		rmmod rust_sample
		[ ! -e /dev/rust_sample ] || fail "the node is still there"
	done
	delayed=$(dmesg | grep -c 'kobject_release.*(delayed')
	[ "$delayed" -ge 20 ] || fail "only $delayed releases were late"
	echo "# $delayed late releases in 20 loads"
}
check 'loaded, used and unloaded 20 times, with late releases' twenty_times

refused() {
	for _ in 1 2 3; do
		! insmod ./rust_sample.ko capacity=0 2>/dev/null || fail "insmod succeeded"
	done
	insmod ./rust_sample.ko
	rmmod rust_sample
}
check 'loads that fail, then one that does not' refused

run_tests
