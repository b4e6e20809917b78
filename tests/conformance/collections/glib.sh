# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# GLib's tests of processes, streams and the main loop.
#
# packages: bash coreutils dash libc-bin libglib2.0-tests

# shellcheck source=tests/conformance/common.sh
. ./common.sh

# run_case KIND: runs the case $name of $part. One that fails ends the program.
run_case() {
	# shellcheck disable=SC2046 # A setting or nothing.
	tap "$1" "$part" inside $(setting "$1" /pipe.so) timeout 300 "$tests/$part" --tap -p "$name"
}

make_system
cp pipe.so "$system"
tests=/usr/libexec/installed-tests/glib
for part in ${PARTS:-spawn-singlethread spawn-multithreaded spawn-test gsubprocess unix unix-fd unix-streams pollable io-channel io-channel-basic mainloop async-close-output-stream async-splice-output-stream}; do
	for name in $(inside "$tests/$part" -l | sed -n 's,^# /,/,p'); do
		on_both run_case
	done
done
