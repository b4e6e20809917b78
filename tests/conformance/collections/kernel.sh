# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's selftests of wake-ups by epoll(7), built by kernel.build.

# shellcheck source=tests/conformance/common.sh
. ./common.sh

# run_test KIND [OPTION...]
run_test() {
	kind=$1
	shift
	# shellcheck disable=SC2046 # A setting or nothing.
	tap "$kind" epoll_wakeup_test env $(setting "$kind" "$PWD/pipe.so") built/epoll_wakeup_test "$@"
}

run_test pipe
run_test fifo
for name in $(differing); do
	for _ in 1 2 3; do
		run_test pipe -t "${name#global.}"
		run_test fifo -t "${name#global.}"
		[ -n "$(differing)" ] || break
	done
done
