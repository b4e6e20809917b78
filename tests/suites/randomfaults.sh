# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Random faults: some allocations and copies to and from user memory of the programs under
# test fail. No byte is lost or doubled, no task hangs, nothing leaks, and there is no splat.
#
# needs: KASAN FAILSLAB FAIL_PAGE_ALLOC FAULT_INJECTION_USERCOPY
# programs: calls conserve faults faulty poll splice signals resize ioctl uring

. ./lib.sh

: "${SEED:=1}"
export SEED

# faults PERCENT KIND...: from now on, for tasks with make-it-fail.
faults() {
	percent=$1
	shift
	for kind; do
		(
			cd "/sys/kernel/debug/$kind"
			for setting in verbose:0 interval:1 times:-1 task-filter:Y \
				ignore-gfp-wait:N min-order:0; do
				[ ! -e "${setting%:*}" ] || echo "${setting#*:}" >"${setting%:*}"
			done
			echo "$percent" >probability
		)
	done
}

no_faults() {
	for kind in failslab fail_page_alloc fail_usercopy; do
		echo 0 >"/sys/kernel/debug/$kind/probability"
	done
}

# works: the device works, no other task has it open, and its totals agree.
works() {
	empty
	echo hello >/dev/rust_sample
	assert_eq hello "$(cat /dev/rust_sample)"
	cat /proc/self/fdinfo/3 3</dev/rust_sample >/tmp/info
	awk '{ value[$1] = $2 } END {
		exit !(value["readers:"] == 1 && value["writers:"] == 0 && value["used:"] == 0 &&
			value["total_in:"] == value["total_out:"] + value["total_cleared:"])
	}' /tmp/info || fail "$(cat /tmp/info)"
	rmmod rust_sample
	insmod ./rust_sample.ko
}

# conserved BYTES PERCENT KIND...
conserved() {
	bytes=$1
	shift
	no_faults
	faults "$@"
	conserve "$SEED" "$bytes"
	no_faults
	works
}
check "every tenth copy fails: 1 MB arrives (SEED=$SEED)" conserved 1000000 10 fail_usercopy
check "1 % of all copies and allocations: 2 MB arrive (SEED=$SEED)" \
	conserved 2000000 1 failslab fail_page_alloc fail_usercopy

every_copy_fails() {
	no_faults
	faults 100 fail_usercopy
	./faults no_copy
	no_faults
	works
}
check 'every copy fails: EFAULT, and no byte moves' every_copy_fails

# programs PROGRAM...: all cases of these, each for a short time. Each may pass or fail.
programs() {
	no_faults
	faults 1 failslab fail_page_alloc fail_usercopy
	for program; do
		for case in $("$program" || true); do
			faulty $((200 * SLOW)) "$program" "$case"
		done
	done >/tmp/results
	no_faults
	works
	for result in well failed killed; do
		echo "$(grep -c "^$result" /tmp/results) $result"
	done | xargs echo "# $*:"
	grep -q '^failed' /tmp/results || fail "there was no fault"
}
check '1 % in the cases for poll and epoll' programs poll
check '1 % in the cases for splice' programs splice
check '1 % in the cases for SIGIO, capacities, ioctls and io_uring' \
	programs signals resize ioctl uring

run_tests
