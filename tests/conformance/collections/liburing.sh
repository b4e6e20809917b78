# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# liburing's tests that call pipe(2), built by liburing.build. Many check the time that passes. The
# VM's clock counts instructions, so that a slow host changes no result.
#
# vm: --icount
# source: liburing

# shellcheck source=tests/conformance/common.sh
. ./common.sh

# run_test KIND: runs the test $name.
run_test() {
	# shellcheck disable=SC2046 # A setting or nothing.
	program "$1" tests "$name" env $(setting "$1" "$PWD/pipe.so") timeout 600 "built/$name"
}

for name in ${PARTS:-$(ls built)}; do on_both run_test; done
