# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Runs cases at the same time, for the tests of the harness. Sourced, never run.

[ -n "${RUST_SAMPLE_IN_TOOLCHAIN:-}" ] ||
	exec "$(dirname "$0")/../../scripts/toolchain" run "tests/host/${0##*/}" "$@"
kernel=${KERNEL:-stock}
kernel=${kernel%% *}
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
titles=()

# expect TITLE STATUS TEXT COMMAND...: a case: COMMAND ends with STATUS and prints TEXT. As
# many cases run at the same time as there are processors.
expect() {
	local n=${#titles[@]}
	[[ $1 = *"$only"* ]] || return 0
	titles+=("$1")
	while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	report
	(
		status=0
		"${@:4}" >"$tmp/$n.output" 2>&1 || status=$?
		if [ "$status" != "$2" ]; then
			echo "expected status $2, found $status" >"$tmp/$n.why"
		elif [[ $(<"$tmp/$n.output") != *"$3"* ]]; then
			echo "not printed: $3" >"$tmp/$n.why"
		fi
		: >"$tmp/$n.done"
	) &
}

# report: prints the results that are known, in the order of the cases.
report() {
	while [ -e "$tmp/$ktap_number.done" ]; do
		[ ! -e "$tmp/$ktap_number.why" ] || cat "$tmp/$ktap_number".{why,output} | ktap_comment
		[ ! -e "$tmp/$ktap_number.why" ]
		ktap_result $? "${titles[ktap_number]}"
	done
}

# end_cases: waits for the cases, and ends the script.
end_cases() {
	wait
	report
	[ "$ktap_number" = "${#titles[@]}" ] || ktap_result 1 "a case has no result: ${titles[ktap_number]}"
	ktap_end
}
