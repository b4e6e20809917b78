# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2086 # MODULES is a list of names.
#
# Loads and unloads any modules, without parameters: often, with their own KUnit tests, and with
# each allocation and copy on the way failing in turn. A module of MODULES comes after those that
# it needs.
#
# vm: --no-module
# programs: loadfaults

. ./lib.sh

is_loaded() {
	grep -q "^$(echo "$1" | tr - _) " /proc/modules
}

# load NAME...
load() {
	for module; do
		insmod "./$module.ko" 2>/tmp/why || fail "$module does not load: $(cat /tmp/why)"
		is_loaded "$module" || fail "$module is not loaded"
	done
}

# unload NAME...: unloads those that are loaded, the last one first.
unload() {
	list=''
	for module; do list="$module $list"; done
	for module in $list; do
		! is_loaded "$module" || rmmod "$module" 2>/tmp/why ||
			fail "$module does not unload: $(cat /tmp/why)"
	done
}

# before NAME: loads the modules before NAME, and no other. A failed test may have left some.
before() {
	unload $MODULES
	for module in $MODULES; do
		[ "$module" != "$1" ] || return 0
		load "$module"
	done
}

# twenty_times NAME
twenty_times() {
	before "$1"
	for _ in $(seq 20); do
		load "$1"
		unload "$1"
	done
	unload $MODULES
}

# kunit NAME: its own tests, which tests/guest-run keeps it from elsewhere.
kunit() {
	filter=/sys/module/kunit/parameters/filter_glob
	[ -e "$filter" ] || skip 'this kernel has no KUnit'
	before "$1"
	printf '*' >"$filter"
	load "$1"
	printf none >"$filter"
	unload $MODULES
	log_after "$MARKER" | sed 's/^\[[^]]*\] //' >/tmp/log
	grep -q '# Subtest:' /tmp/log || skip 'it has no KUnit tests'
	! grep -q '^ *not ok ' /tmp/log || fail "$(cat /tmp/log)"
	grep '^ok ' /tmp/log | sed 's/^/# /'
}

# faults NAME
faults() {
	[ -e /proc/thread-self/fail-nth ] || skip 'this kernel injects no faults'
	before "$1"
	# An unload waits for RCU several times.
	echo 1 >/sys/kernel/rcu_expedited
	./loadfaults "$1"
	unload $MODULES
}

for each in $MODULES; do
	limit=30
	check "$each: load and unload twenty times" twenty_times "$each"
	check "$each: KUnit" kunit "$each"
	limit=150
	check "$each: a fault at each point of a load and of an unload" faults "$each"
done

run_tests
