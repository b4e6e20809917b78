# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 10: how many instructions a write costs, on a processor whose clock counts them.
#
# vm: --icount --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: lines
# timeout: 300

# shellcheck source=lessons/teach.sh
. ./teach.sh

# costs SIZE PERCENT LOOK: fails if a write costs more than PERCENT of one to a file in memory.
costs() {
	[ "$SLOW" -lt 4 ] || skip "this kernel watches each access, so its speed says nothing"
	load
	came=$(./lines cost "$1" 2>&1)
	percent=$((${came% *} * 100 / ${came#* }))
	echo "# a write of $1 bytes: ${came% *} instructions, to a file in memory ${came#* }"
	[ "$percent" -le "$2" ] ||
		wrong "a write of $1 bytes costs up to $2 % of one to a file in memory" "$percent %" "$3"
}
check 'a write of one byte costs little' costs 1 100 '"each call that a write makes: an allocation is one, a lock is two"'
check 'a write of 4,096 bytes costs little' costs 4096 1000 '"the loop in write(): each step in it is done for each byte, or for each chunk"'

run_tests
