# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# libuv's tests of processes, signals and pipes, built by libuv.build. The VM's clock counts
# instructions, so that a slow host changes no result.
#
# vm: --icount
# source: libuv1

# shellcheck source=tests/conformance/common.sh
. ./common.sh

# run_test KIND: runs the test $name.
run_test() {
	# shellcheck disable=SC2046 # A setting or nothing.
	tap "$1" tests env $(setting "$1" /work/pipe.so) ./uv_run_tests "$name"
}

export UV_RUN_AS_ROOT=1
# Some tests run as another user.
chmod a+rw /dev/rust_sample
cd built
# The list has names for other systems, too.
for name in ${PARTS:-$(./uv_run_tests --list | sed 's/ .*//' | grep -xF -f tests)}; do on_both run_test; done
