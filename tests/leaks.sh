# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Finds what the suites that ran in this VM leaked, on a kernel with kmemleak.
#
# vm: --no-module

# It belongs to all tests, whatever the caller chose.
TEST=''
. ./lib.sh

# The module is unloaded already. kmemleak judges nothing that is younger than some seconds,
# or that changes between two scans.
nothing_leaked() {
	# shellcheck disable=SC2086 # Words are wanted.
	! grep -q '^# leaks: ignored$' ${SUITES:-/dev/null} || skip 'a crashed task keeps its memory'
	sleep 6
	for _ in 1 2; do
		echo scan >/sys/kernel/debug/kmemleak || fail "kmemleak has switched itself off"
	done
	leaks=$(head -n 40 /sys/kernel/debug/kmemleak)
	[ -z "$leaks" ] || fail "$leaks"
}
limit=60
check "nothing leaked: ${SUITES:-}" nothing_leaked

run_tests
