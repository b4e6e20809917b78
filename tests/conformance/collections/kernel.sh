# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's selftests of wake-ups by epoll(7), and of a pipe with many readers and writers,
# built by kernel.build.

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

# run_bench KIND: runs the benchmark with $writers and $readers. The numbers are its own defaults.
run_bench() {
	# shellcheck disable=SC2046 # A setting or nothing.
	program "$1" pipe_bench "pipe_bench-$writers-to-$readers" env $(setting "$1" "$PWD/pipe.so") \
		timeout 600 built/pipe_bench -d 1 -w "$writers" -r "$readers"
}

for writers in 1 2 5; do
	for readers in 1 5 10; do on_both run_bench; done
done
