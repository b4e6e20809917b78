# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of tests/run: shows, judges and counts the KTAP of suites and programs.
#
# shellcheck disable=SC2154 # Set by tests/run.

. "$project/scripts/ktap.sh"
declare -A counts=()
failures=()

# count KIND WHERE: counts one more for the part of WHERE before the slash.
count() {
	local key="$1 ${2%%/*}"
	counts[$key]=$((${counts[$key]:-0} + 1))
}

# sum KIND
sum() {
	local key n=0
	for key in "${!counts[@]}"; do
		[[ $key != "$1 "* ]] || n=$((n + counts[$key]))
	done
	echo "$n"
}

# summary WHERE
summary() {
	local passed="passed $1" failed="failed $1" skipped="skipped $1"
	echo "${counts[$passed]:-0} passed, ${counts[$failed]:-0} failed, ${counts[$skipped]:-0} skipped"
}

# failure WHERE WHAT
failure() {
	count failed "$1"
	failures+=("$1: $2")
}

# complain WHERE WHAT: reports a failure that has no KTAP line.
complain() {
	printf '%s: not ok: %s\n' "$1" "$2"
	failure "$1" "$2"
}

# judge WHERE STATUS <KTAP: shows and counts the results. A status or a plan that disagrees
# with them is a failure, too.
judge() {
	local where=$1 status=$2 line kind number plan=missing seen=0 before=${#failures[@]}
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%$'\r'}
		ktap_parse "$line"
		case $kind in
		version) continue ;;
		plan) plan=$number && continue ;;
		other) printf '    %s\n' "$line" && continue ;;
		esac
		seen=$((seen + 1))
		printf '%s: %s\n' "$where" "$line"
		if [ "$kind" = failed ]; then failure "$where" "${line#not ok }"; else count "$kind" "$where"; fi
		[ "$number" = "$seen" ] || complain "$where" "result $seen has the number $number"
	done

	case $status in
	0) ;;
	121) complain "$where" "the kernel panicked" ;;
	122) complain "$where" "the VM vanished" ;;
	124) complain "$where" "the time limit was reached" ;;
	125) complain "$where" "could not be set up" ;;
	*) [ "${#failures[@]}" -gt "$before" ] || complain "$where" "it ended with status $status" ;;
	esac
	if [ "$status" = 0 ] && [ "$seen" = 0 ] && [ -z "${TEST:-}" ]; then
		complain "$where" "no results"
	elif [ "$seen" != "$plan" ] && [ "$status" -le 1 ]; then
		complain "$where" "$seen results, but the plan is $plan"
	fi
}

# judge_vm WHERE STATUS FILE...: judges the suites that ran in one VM, which ended with STATUS.
judge_vm() {
	local where=$1 status=$2 file name own ran=1 splats before=${#failures[@]} counted="${counts[*]}" first=$3
	local ktap=$logs/$1.ktap log=$logs/$1.console.log
	shift 2
	! config "${where%%/*}" DEBUG_KMEMLEAK || set -- "$@" tests/leaks.sh
	for file; do
		# Of no test that was chosen, there is nothing to find.
		[ "$file" != tests/leaks.sh ] || [ "${counts[*]}" != "$counted" ] || continue
		name=${where%%/*}/$(basename "$file" .sh)
		own=$(sed -n "s/^# end: ${file##*/} //p" "$ktap")
		if [ "$ran" = 1 ]; then
			judge "$name" "${own:-$status}" < <(part "$file" "$first" "$ktap")
		else
			complain "$name" "not run, as the VM ended before"
		fi
		[ -n "$own" ] || ran=0
	done
	[ "$ran" = 0 ] || [ "$status" = 0 ] || complain "$where" "its VM ended with status $status"
	# Each test looks at the log until its own end. The rest of the log counts, too.
	if [ "${#failures[@]}" = "$before" ] && [ "$(header "$first" splats)" != 'provoked ' ] &&
		splats=$(awk -f tests/splats.awk "$log" | grep -E -f tests/splats); then
		complain "$where" "a splat outside its tests: $splats"
	fi
}

# part SUITE FIRST KTAP: prints the output of SUITE, with the lines before all suites if it
# is the FIRST, and with the lines after all suites if it did not end.
part() {
	awk -v suite="${1##*/}" -v first="${2##*/}" 'BEGIN { inside = suite == first }
		$1 " " $2 == "# begin:" { inside = $3 == suite; next }
		$1 " " $2 == "# end:" { inside = 0 }
		inside && NF' "$3"
}
