# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Shared by the suites of the lessons, besides tests/lib.sh: a failure says what was expected,
# what came, and where to look.

# shellcheck source=tests/lib.sh
. ./lib.sh

module=${MODULES# }
# The file that `calls` opens.
export DEVICE="/dev/$module"

# wrong EXPECTED CAME LOOK: ends the test as failed.
wrong() {
	for part in "expected: ${1:-(no line)}" "came:     ${2:-(no line)}" "look at:  $3"; do
		printf '%s\n' "$part" | sed '2,$s/^/          /'
	done
	exit 1
}

# explain_splat: if the log of this test has a splat, which fails it, says where to look.
explain_splat() {
	splats=./splats
	splat=$(splats_after "$MARKER" | sed -n '1s/^\[[^]]*\] //p')
	case $splat in
	'') return ;;
	*WARNING:*' mm/'*) look='the flags of the allocation: see "A size from a user" in lesson 2' ;;
	*) look="the functions of $module in the stack trace: the console's log has it, see below" ;;
	esac
	wrong "no warning and no report of a fault in the kernel's log" "$splat" "$look"
}
[ -z "${RUN_ONE:-}" ] || trap explain_splat EXIT

# same EXPECTED CAME LOOK: fails unless the first two are equal.
same() {
	[ "$1" = "$2" ] || wrong "$1" "$2" "$3"
}

# results RESULTS LOOK OPERATION...: fails unless `calls` prints these results for the
# operations; see tests/programs/calls.c.
results() {
	expected=$1 look=$2
	shift 2
	came=$(./calls "$@" 2>&1) || true
	same "$*: $expected" "$*: $came" "$look"
}

# mark: from here on `said` prints the log.
mark() {
	mark="lesson: $RUN_ONE $1"
	echo "$mark" >/dev/kmsg
}

# said: prints what the module has logged since `mark`, without times and its name.
said() {
	log_after "$mark" | sed -n "/taint/d; s/^\[[^]]*\] $module: //p"
}

# load [PARAMETER=VALUE...]: loads the module again, and fails if it does not load.
load() {
	unload
	mark "load $*"
	./insmod "./$module.ko" "$@" 2>/tmp/why ||
		wrong "insmod $module.ko $* loads the module" "$(cat /tmp/why)" \
			"the value that init() returns: Ok(...) loads the module, Err(...) does not"
}

# unload: unloads the module if it is loaded, and fails if it stays.
unload() {
	! grep -q "^$module " /proc/modules || rmmod "$module" 2>/tmp/why ||
		wrong "rmmod $module unloads the module" "$(cat /tmp/why)" "files or references that are still open"
}

# refused ERROR PARAMETER=VALUE...: fails unless the module refuses to load, with this error.
refused() {
	error=$1
	shift
	case $error in
	EINVAL) text='Invalid parameters' ;;
	ENOMEM) text='Cannot allocate memory' ;;
	esac
	unload
	mark "load $*"
	if ./insmod "./$module.ko" "$@" 2>/tmp/why; then
		wrong "insmod $module.ko $* fails" "the module is loaded" "the checks in init()"
	fi
	grep -qF "$text" /tmp/why || wrong "insmod $module.ko $* fails with $error, '$text'" \
		"$(cat /tmp/why)" "the error that init() returns"
}

# begin OPERATION...: starts `calls` in the background, with its results in /tmp/came.
begin() {
	calls=$*
	./calls "$@" >/tmp/came 2>&1 &
	task=$!
}

sleeps() {
	grep -qs '^State:[[:space:]]*[SD]' "/proc/$task/status" &&
		find "/proc/$task/fd/" -type l -exec readlink {} \; 2>/dev/null | grep -q "$DEVICE"
}

ended() {
	! grep -qs '^State:[[:space:]]*[^Z]' "/proc/$task/status"
}

# sleeps_in LOOK: fails unless what `begin` started sleeps in a call on the device.
sleeps_in() {
	(wait_until 3 sleeps) >/dev/null || wrong "$calls: the last call sleeps" \
		"results '$(cat /tmp/came)', state $(sed -n 's/^State:.//p' "/proc/$task/status" 2>/dev/null)" "$1"
}

# ends_with RESULTS LOOK: fails unless it ends, with these results.
ends_with() {
	(wait_until 5 ended) >/dev/null || wrong "$calls: $1" "the last call still sleeps" "$2"
	wait "$task" || true
	same "$calls: $1" "$calls: $(cat /tmp/came)" "$2"
}

# prints RESULTS LOOK PROGRAM ARGUMENT...: fails unless the program prints these results.
prints() {
	expected=$1 look=$2
	program=$3
	shift 3
	same "$program $*: $expected" "$program $*: $("./$program" "$@" 2>&1)" "$look"
}
