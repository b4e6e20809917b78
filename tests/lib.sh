# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Shared by all suites. A suite is a POSIX shell script that runs as root,
# in the VM or on a real machine, and prints KTAP:
#
#	# vm: --smp 4		options for scripts/vm, if any
#	# programs: storm	programs of tests/programs that it needs, if any
#	. ./lib.sh
#
#	echo_and_cat() {
#		echo hello >/dev/NAME
#		assert_eq hello "$(cat /dev/NAME)"
#	}
#	check 'echo and cat' echo_and_cat
#
#	run_tests
#
# Outside functions a suite only defines: that part runs again for each test.
# A test is a shell of its own, with `set -eu`. It fails if a command in it
# fails, if it takes longer than $limit seconds of the VM's time, or if the kernel logs
# a splat meanwhile. Processes that it leaves running are ended with it. A test that
# passes shows the lines of its output that begin with '# '.

# shellcheck source=scripts/ktap.sh
. ./ktap.sh

# The time limit in seconds of each test that is named from here on, the factor for a kernel
# that is slower at everything, and the factor for a slow host, which counts for limits only.
: "${limit:=30}" "${SLOW:=1}" "${PATIENCE:=1}"
export SLOW
tests=0

# check NAME COMMAND...: names a test, which is a line of shell. A test whose name does not hold
# the words in $TEST is left out.
check() {
	case $1 in *"${TEST:-}"*) ;; *) return 0 ;; esac
	tests=$((tests + 1))
	name=$1
	shift
	eval "name_$tests=\$name limit_$tests=$((limit * SLOW * PATIENCE)) command_$tests=\$*"
}

# fail WHY...: ends the test as failed.
fail() {
	echo "$*"
	exit 1
}

# skip WHY...: ends the test as one that cannot run here.
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

# For suites with the program `calls`.
#
# gives RESULTS OPERATION...: fails unless the operations have these results; see
# tests/programs/calls.c.
gives() {
	expected=$1
	shift
	assert_eq "$expected" "$(calls "$@")" "$*"
}

# empty: reads the bytes that an earlier test left.
empty() {
	calls open:rn drain:3000000 >/dev/null
}

# alone RESULTS OPERATION...: the same in an empty FIFO.
alone() {
	empty
	gives "$@"
}

# wait_until SECONDS COMMAND...: waits until COMMAND succeeds, and fails if it is late.
wait_until() {
	seconds=$(($1 * SLOW * PATIENCE))
	shift
	look_at_clock
	since=$now
	until "$@"; do
		! is_late "$since" "$seconds" || fail "not within $seconds s: $*"
		sleep 0.02
	done
}

# look_at_clock: sets $now to the hundredths of a second since boot.
look_at_clock() {
	IFS=' .' read -r whole part _ </proc/uptime
	# A number that begins with 0 is octal.
	now=$((whole * 100 + ${part#0}))
}

# lost_time [now]: prints the hundredths of a second since boot in which the VM waited for a
# processor of its host.
lost_time() {
	lost "$@" 2>/dev/null || echo 0
}

# is_late SINCE SECONDS: whether the VM has run that long since then. The time that it lost
# since the test began, at $LOST, does not count.
is_late() {
	look_at_clock
	[ $((now - $1)) -ge $(($2 * 100)) ] && [ $((now - $1 - $(lost_time now) + LOST)) -ge $(($2 * 100)) ]
}

# end_leftovers TEST [show]: ends the processes that the test left running, which have a
# variable of it, and waits until their files are closed. Returns 1 if one does not end.
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
	look_at_clock
	since=$now
	for id in $left; do
		while grep -qs '^State:[[:space:]]*[^XZ]' "/proc/$id/status"; do
			if is_late "$since" $((20 * SLOW * PATIENCE)); then
				echo "process $id cannot be ended:"
				cat "/proc/$id/status" "/proc/$id/stack"
				return 1
			fi
			sleep 0.01
		done
	done
}

# log_after MARKER: prints the kernel's log since the last line with MARKER.
log_after() {
	dmesg | awk -v marker="$1" '{ log_[NR] = $0 } index($0, marker) { from = NR }
		END { for (i = from + 1; i <= NR; i++) print log_[i] }'
}

# splats_after MARKER: prints the splats among these lines. Mostly the log has none at all.
splats_after() {
	! dmesg | grep -qE -f "$splats" || log_after "$1" | awk -f "$splats.awk" | grep -E -f "$splats"
}

# kcsan_watch SKIP MICROSECONDS: lets KCSAN watch one of SKIP accesses, for up to MICROSECONDS.
kcsan_watch() {
	echo "$1" >/sys/module/kcsan/parameters/skip_watch
	echo "$2" >/sys/module/kcsan/parameters/udelay_task
}

# splat_is_there PATTERN
splat_is_there() {
	# shellcheck disable=SC2153 # run_tests sets it.
	log_after "$MARKER" | grep -Eq -- "$1"
}

# expect_splat PATTERN: waits for such a line in the kernel's log of this test. The lines up
# to then do not count as splats.
expect_splat() {
	wait_until 10 splat_is_there "$1"
	echo "$MARKER" >/dev/kmsg
}

# run_one NUMBER: runs one test, in a shell of its own.
run_one() {
	set -eu
	[ -z "${TRACE:-}" ] || set -x
	eval "eval \"\$command_$1\""
	exit 0
}

# end_late PROCESS SECONDS: ends a test that takes longer.
end_late() {
	look_at_clock
	since=$now
	until is_late "$since" "$2"; do sleep 1; done
	echo "its time limit of $2 s was reached"
	kill -KILL "$1"
}

# run_tests: the last line of a suite. Ends it with 0 only if all went well.
run_tests() {
	[ -z "${RUN_ONE:-}" ] || run_one "${RUN_ONE#*.}"
	suite=${0##*/}
	splats=${SPLATS:-./splats}
	number=0
	output=$(mktemp)
	trap 'rm -f "$output" "$output.late"' EXIT
	ktap_begin "$tests"
	if [ "$tests" = 0 ] && [ -z "${TEST:-}" ]; then
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
		LOST=$(lost_time)
		RUN_ONE=$$.$number MARKER=$marker LOST=$LOST setsid sh "$0" </dev/null >"$output" 2>&1 &
		test=$!
		end_late "$test" "$seconds" >"$output.late" 2>/dev/null &
		watcher=$!
		wait "$test" 2>/dev/null || status=$?
		kill "$watcher" 2>/dev/null
		wait "$watcher" 2>/dev/null
		look_at_clock
		took=$((now - begin))
		late=$(cat "$output.late")
		[ -z "$late" ] || echo "$late" >>"$output"
		stuck=''
		end_leftovers "$$[.]$number" "$late" >>"$output" || stuck=1

		result=1 directive=''
		splat=$(splats_after "$marker")
		if [ -n "$stuck" ]; then
			:
		elif [ -n "$splat" ]; then
			printf 'a splat in the kernel log:\n%s\n' "$splat" >>"$output"
		elif [ "$status" = 0 ]; then
			result=0
		elif [ "$status" = 4 ] && directive=$(tail -n 1 "$output" | grep '^SKIP '); then
			result=0
		elif [ -z "$late" ] && { [ "$status" != 1 ] || [ ! -s "$output" ]; }; then
			echo "it ended with $status; run it with TRACE=1 to see where" >>"$output"
		fi
		[ "$result" != 0 ] || [ ! -s "$output" ] || grep '^# ' "$output"
		[ "$took" -lt $((500 * SLOW)) ] || echo "# this took $((took / 100)) s:"
		ktap_result "$result" "$name" "$directive" || tail -n 40 "$output" | ktap_comment
		[ -z "$stuck" ] || exit 1
	done
	ktap_end
}
