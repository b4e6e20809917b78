# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the suites that ran in this VM leaked, on a kernel with kmemleak.
#
# vm: --no-module

# shellcheck source=tests/lib.sh
. ./lib.sh

# That the module could be unloaded was seen before this began. What is younger than
# some seconds the kernel does not judge, and what changes between two looks.
nothing_leaked() {
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
