# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# KCSAN finds the data races in Rust that a test-only module commits on purpose, so that a log
# without its reports means something elsewhere.
#
# needs: KCSAN
# modules: races
# vm: --no-module
# splats: provoked

. ./lib.sh

limit=90

# commit RACE: by two tasks at once. Meanwhile KCSAN watches more accesses, and each for longer:
# on a busy host the two processors run at the same time only now and then.
commit() {
	[ -e /dev/races ] || insmod ./races.ko
	kcsan_watch 100 200
	echo "$1" >/dev/races &
	echo "$1" >/dev/races
	wait "$!"
	kcsan_watch 4000 80
}

# is_found RACE PATTERN
is_found() {
	commit "$1"
	splat_is_there "$2"
}

check 'there are two processors' assert_eq 2 "$(nproc)"

# found RACE PATTERN
found() {
	wait_until 60 is_found "$@"
	expect_splat "$2"
}
check 'plain writes at the same time' \
	found unordered "'BUG: KCSAN: data-race in _R[A-Za-z0-9_]*5races9unordered \[races\]'"
check 'a plain write that is published without a release' \
	found relaxed "'BUG: KCSAN: data-race in _R[A-Za-z0-9_]*5races7relaxed \[races\]'"

# watchpoints: how often KCSAN has watched an access.
watchpoints() {
	sed -n 's/^setup_watchpoints: //p' /sys/kernel/debug/kcsan
}

quiet() {
	before=$(watchpoints)
	until [ $(($(watchpoints) - before)) -ge 100 ]; do commit released; done
	echo "# $(($(watchpoints) - before)) accesses watched"
}
check 'a plain write that is published with a release is no race' quiet

run_tests
