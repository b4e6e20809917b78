# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The parts of CPython's test suite that use pipes.
#
# packages: bash coreutils dash grep libc-bin libpython3.13-testsuite procps python3 sed

# shellcheck source=tests/conformance/common.sh
. ./common.sh

# run_part KIND [OPTION...]: runs $part with an option for Python's test program. The results
# count, not its status.
run_part() {
	kind=$1
	shift
	rm -f "$system/tmp/cases.xml"
	# shellcheck disable=SC2046 # A setting or nothing.
	inside $(setting "$kind" /pipe.so) \
		python3 -m test -v --timeout 1200 --junit-xml=/tmp/cases.xml "$@" "$part" || :
	inside python3 /cases.py /tmp/cases.xml "$kind" "$part" | tee "/tmp/$kind"
}

make_system
cp pipe.so cases.py "$system"
for part in ${PARTS:-test_select test_selectors test_poll test_epoll test_fcntl test_signal test_os test_posix test_subprocess test_io test_popen test_pty _test_eintr test_asyncio.test_subprocess test_asyncio.test_unix_events test_asyncio.test_events test_multiprocessing_fork.test_processes}; do
	run_part pipe
	run_part fifo
	differing >"$system/tmp/again"
	if [ -s "$system/tmp/again" ]; then
		run_part pipe --matchfile /tmp/again
		run_part fifo --matchfile /tmp/again
	fi
done
