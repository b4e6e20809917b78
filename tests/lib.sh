# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What every suite shares. A suite is a POSIX shell script that runs as root,
# in the VM or on a real machine, and prints KTAP:
#
#	# vm: --smp 4		options for scripts/vm, if any
#	# fixtures: storm	programs of tests/fixtures it needs, if any
#	. ./lib.sh
#
#	echo_and_cat() {
#		echo hello >/dev/rust_sample
#		assert_eq hello "$(cat /dev/rust_sample)"
#	}
#	check 'echo and cat' echo_and_cat
#
#	run_tests
#
# Outside functions a suite only defines: that part is run anew for each test.
# A test is a shell of its own, with `set -eu`. It fails if a command in it
# fails, if it takes longer than $limit seconds, or if the kernel's log has a
# splat since its begin. What it leaves running is ended with it. What a test that
# passes says in lines that begin with '# ' is shown.

# Seconds for each test that is named from here on, and the factor for a kernel
# that takes longer for everything.
: "${limit:=30}" "${SLOW:=1}"
export SLOW
tests=0

# check NAME COMMAND...: name a test, which is a line of shell.
check() {
	tests=$((tests + 1))
	name=$1
	shift
	eval "name_$tests=\$name limit_$tests=$((limit * SLOW)) command_$tests=\$*"
}

# fail WHY...: end the test as failed.
fail() {
	echo "$*"
	exit 1
}

# skip WHY...: end the test as one that cannot run here.
skip() {
	echo "SKIP $*"
	exit 4
}

# assert_eq EXPECTED FOUND [WHAT]
assert_eq() {
	[ "$1" = "$2" ] || fail "${3:-value}: expected '$1', found '$2'"
}

# assert_status STATUS COMMAND...
assert_status() {
	expected=$1
	shift
	found=0
	"$@" || found=$?
	assert_eq "$expected" "$found" "status of '$*'"
}

# For suites with the fixture `calls`.
#
# gives RESULTS OPERATION...: as tests/fixtures/calls.c has them.
gives() {
	expected=$1
	shift
	assert_eq "$expected" "$(calls "$@")" "$*"
}

# empty: what an earlier test left goes.
empty() {
	calls open:rn drain:3000000 >/dev/null
}

# alone RESULTS OPERATION...: the same in an empty FIFO.
alone() {
	empty
	gives "$@"
}

# wait_until SECONDS COMMAND...: until COMMAND succeeds, or fail.
wait_until() {
	seconds=$(($1 * SLOW))
	shift
	look_at_clock
	end=$((now + seconds * 100))
	until "$@"; do
		look_at_clock
		[ "$now" -lt "$end" ] || fail "not within $seconds s: $*"
		sleep 0.02
	done
}

# look_at_clock: hundredths of a second since boot, in $now.
look_at_clock() {
	IFS=' .' read -r whole part _ </proc/uptime
	now=$whole$part
}

# end_leftovers TEST [show]: end what the test left running, known by what it
# inherited from it, and wait until its files are closed.
end_leftovers() {
	left=''
	# shellcheck disable=SC2013 # These names have no spaces.
	for file in $(grep -lsz "^RUN_ONE=$1\$" /proc/[0-9]*/environ); do
		file=${file#/proc/}
		left="$left ${file%/environ}"
	done
	for id in ${2:+$left}; do
		echo "still there: $(tr '\0' ' ' <"/proc/$id/cmdline")"
		sed 's/^/  /' "/proc/$id/stack"
	done 2>/dev/null
	# shellcheck disable=SC2086 # A list of ids.
	[ -z "$left" ] || kill -KILL $left 2>/dev/null
	for id in $left; do
		while grep -qs '^State:[[:space:]]*[^XZ]' "/proc/$id/status"; do
			sleep 0.01
		done
	done
}

# log_after MARKER: the kernel's log since the last line with MARKER.
log_after() {
	dmesg | awk -v marker="$1" '{ log_[NR] = $0 } index($0, marker) { from = NR }
		END { for (i = from + 1; i <= NR; i++) print log_[i] }'
}

# splats_after MARKER: the splats among that. There is seldom one at all.
splats_after() {
	! dmesg | grep -qE -f "$splats" || log_after "$1" | grep -E -f "$splats"
}

# splat_is_there PATTERN
splat_is_there() {
	# shellcheck disable=SC2153 # run_tests sets it.
	log_after "$MARKER" | grep -Eq -- "$1"
}

# expect_splat PATTERN: the kernel's log of this test has such a line, or gets it
# soon. What is in the log by then is not held against the test.
expect_splat() {
	wait_until 10 splat_is_there "$1"
	echo "$MARKER" >/dev/kmsg
}

# run_one NUMBER: what the shell of one test does.
run_one() {
	set -eu
	[ -z "${TRACE:-}" ] || set -x
	eval "eval \"\$command_$1\""
	exit 0
}

# run_tests: the last line of a suite. Ends it with 0 only if all went well.
run_tests() {
	[ -z "${RUN_ONE:-}" ] || run_one "${RUN_ONE#*.}"
	suite=${0##*/}
	splats=${SPLATS:-./splats}
	failed=0 number=0
	output=$(mktemp)
	trap 'rm -f "$output"' EXIT
	echo "KTAP version 1"
	echo "1..$tests"
	if [ "$tests" = 0 ]; then
		echo "# no test is named in $suite"
		exit 1
	fi
	while [ "$number" -lt "$tests" ]; do
		number=$((number + 1))
		eval "name=\$name_$number seconds=\$limit_$number"
		marker="test: $suite $$ $number $name"
		echo "$marker" >/dev/kmsg
		look_at_clock
		begin=$now
		status=0
		RUN_ONE=$$.$number MARKER=$marker setsid timeout -s KILL "$seconds" sh "$0" \
			</dev/null >"$output" 2>&1 || status=$?
		look_at_clock
		took=$((now - begin))
		late=''
		if [ "$status" = 137 ] && [ "$took" -ge $((seconds * 100)) ]; then
			late=1
			echo "its time limit of $seconds s was reached" >>"$output"
		fi
		end_leftovers "$$[.]$number" "$late" >>"$output"

		result='not ok'
		directive=''
		last=''
		[ "$status" != 4 ] || last=$(tail -n 1 "$output")
		splat=$(splats_after "$marker")
		if [ -n "$splat" ]; then
			printf 'a splat in the kernel log:\n%s\n' "$splat" >>"$output"
		elif [ "$status" = 0 ]; then
			result=ok
		elif [ "$status" = 4 ] && [ "${last#SKIP }" != "$last" ]; then
			result=ok
			directive=" # $last"
		elif [ -z "$late" ] && { [ "$status" != 1 ] || [ ! -s "$output" ]; }; then
			echo "it ended with $status; run it with TRACE=1 to see where" >>"$output"
		fi
		[ "$result" = 'not ok' ] || [ ! -s "$output" ] || grep '^# ' "$output"
		# Where the time goes, should it become too much.
		[ "$took" -lt $((500 * SLOW)) ] || echo "# this took $((took / 100)) s:"
		echo "$result $number $name$directive"
		if [ "$result" = 'not ok' ]; then
			failed=$((failed + 1))
			tail -n 40 "$output" | sed 's/^/# /'
		fi
	done
	[ "$failed" = 0 ]
	exit
}
