#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What `make run` shows in the VM. Prints each command, then runs it, and stops at the
# first that fails.

set -eu

show() {
	printf '\n$ %s\n' "$*"
	eval "$*"
}

show modinfo ./rust_sample.ko
show insmod ./rust_sample.ko
show ls -l /dev/rust_sample
show 'echo hello >/dev/rust_sample'
show cat /dev/rust_sample
show rmmod rust_sample
show '! test -e /dev/rust_sample'
