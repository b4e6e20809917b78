# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 10: no data race while two processors read and write, as KCSAN sees it.
#
# needs: KCSAN
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: lines

# shellcheck source=lessons/teach.sh
. ./teach.sh

limit=120

# races: prints KCSAN's reports on modules.
races() {
	log_after "$MARKER" | awk -f ./splats.awk | grep -o 'BUG: KCSAN: .*' || true
}

is_free() {
	load
	kcsan_watch 100 200
	for _ in 1 2 3 4 5; do
		[ -n "$(races)" ] || ./lines both 500
	done
	kcsan_watch 4000 80
	same '' "$(races)" "the two accesses that the report names: both need the lock, or an atomic"
}
check 'two processors at once: no data race' is_free

run_tests
