# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The same calls on a FIFO and on the device: their results differ only where the
# table in docs/device.md says so, and there they do differ.
#
# vm: --add docs/device.md
# programs: sidebyside

. ./lib.sh

# documented MISSING: the table's rows, as the fixture prints them, without calls
# that this kernel lacks.
documented() {
	awk -F ' *[|] *' -v missing="$1" '
		/^[|] call [|] FIFO [|] device [|]/ { inside = 1; getline; next }
		inside && !/^[|]/ { exit }
		inside && !index("\n" missing "\n", "\n" $2 "\n") { print $2 " | " $3 " | " $4 }' device.md
}

differences() {
	sidebyside >/tmp/output || fail "$(cat /tmp/output)"
	calls=$(sed -n 's/^calls: //p' /tmp/output)
	[ "${calls:-0}" -gt 100 ] || fail "only ${calls:-no} calls were made"
	documented "$(sed -n 's/^missing: //p' /tmp/output)" | sort >/tmp/documented
	grep -v '^missing: \|^calls: ' /tmp/output | sort >/tmp/found
	diff -U 0 /tmp/documented /tmp/found | sed -n '/^[-+][^-+]/p' >/tmp/diff
	[ ! -s /tmp/diff ] || fail "docs/device.md (-) and the calls (+) disagree:
$(cat /tmp/diff)"
	echo "# $calls calls, $(wc -l </tmp/found) with different results"
}
limit=120
check 'calls on a FIFO and on the device differ as docs/device.md says' differences

run_tests
