#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Shows the life of the module, in the VM: prints each command, then runs it, and stops at
# the first that fails.
#
#	demo.sh MODULE

set -eu
name=$1

show() {
	printf '\n$ %s\n' "$*"
	eval "$*"
}

show modinfo "./$name.ko"
show insmod "./$name.ko"
show ls -l "/dev/$name"
show "echo hello >/dev/$name"
show cat "/dev/$name"
show ls -l file
show "dd if=file of=/dev/$name bs=64k & dd if=/dev/$name of=copy bs=64k && wait \$!"
show md5sum file copy
show cmp file copy
show "dmesg | grep $name:"
show rmmod "$name"
show "! test -e /dev/$name"
show 'dmesg | tail -n 1'
