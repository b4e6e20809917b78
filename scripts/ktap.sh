# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Prints and reads KTAP, in bash on the host and in busybox's sh in the VM. Sourced,
# never run. A script calls ktap_begin first and ktap_end last.

# ktap_begin [PLAN]: prints the version, and the number of results if it is known by now.
# A command that fails does not end the script from here on.
ktap_begin() {
	set +e
	ktap_number=0 ktap_failed=0 ktap_plan=${1:-}
	echo "KTAP version 1"
	[ -z "$ktap_plan" ] || echo "1..$ktap_plan"
}

# ktap_result STATUS TITLE [DIRECTIVE]: prints a result, and returns STATUS: 0 is a success.
ktap_result() {
	ktap_number=$((ktap_number + 1))
	[ "$1" = 0 ] || { ktap_failed=$((ktap_failed + 1)) && printf 'not '; }
	echo "ok $ktap_number $2${3:+ # $3}"
	return "$1"
}

# ktap_comment: prints the lines of stdin as comments.
ktap_comment() {
	sed 's/^/# /'
}

# ktap_end: prints the plan unless ktap_begin did, and ends the script with 0 only if no
# result is a failure and the plan is kept.
ktap_end() {
	[ -n "$ktap_plan" ] || { ktap_plan=$ktap_number && echo "1..$ktap_plan"; }
	[ "$ktap_failed" = 0 ] && [ "$ktap_number" = "$ktap_plan" ]
	exit
}

# check TITLE COMMAND...: prints the result of COMMAND, which runs in this shell, and
# returns its status. The output goes to the file $log and is shown if COMMAND fails.
# Checks whose title does not hold $only are left out.
check() {
	case $1 in *"${only:-}"*) ;; *) return 0 ;; esac
	ktap_title=$1 ktap_since=$(date +%s)
	shift
	"$@" >"${log:?}" 2>&1 </dev/null
	ktap_status=$?
	[ "$ktap_status" = 0 ] || tail -n 60 "$log" | ktap_comment
	ktap_since=$(($(date +%s) - ktap_since))
	[ "$ktap_since" -lt 10 ] || echo "# this took $ktap_since s:"
	ktap_result "$ktap_status" "$ktap_title"
}

# skip TITLE WHY: prints the result of a check that cannot run here.
skip() {
	case $1 in *"${only:-}"*) ktap_result 0 "$1" "SKIP $2" ;; esac
}

# ktap_parse LINE: sets $kind to version, plan, passed, failed, skipped or other, and
# $number to that of a plan or a result.
# shellcheck disable=SC2034 # The caller reads both.
ktap_parse() {
	kind=other number=${1#not }
	number=${number#ok }
	number=${number%%[!0-9]*}
	case $1 in
	'KTAP version '*) kind=version ;;
	1..*[!0-9]*) ;;
	1..[0-9]*) kind=plan number=${1#1..} ;;
	'not ok '[0-9]*) kind=failed ;;
	'ok '[0-9]*'# SKIP'*) kind=skipped ;;
	'ok '[0-9]*) kind=passed ;;
	esac
}
