# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The node's owner, group and mode: root's alone as the kernel makes it, and open to
# a group with the rule of scripts/packaging/, by udev's own daemon.
#
# vm: --add /usr/bin/udevadm --add systemd-udevd=/usr/bin/udevadm --add /usr/bin/setpriv
# vm: --add /usr/lib/udev/rules.d/50-udev-default.rules --add scripts/packaging/60-rust_sample.rules

PATH=$PATH:$PWD

. ./lib.sh

device=/dev/rust_sample

node_is() {
	assert_eq "$1" "$(stat -c '%a %U %G' "$device")" 'the node'
}

# system [GROUP-LINE]: users and groups, one of them perhaps the device's.
system() {
	# shellcheck disable=SC2016 # For awk.
	groups=$(sed -n 's/.*GROUP="\([a-z]*\)".*/\1/p' 50-udev-default.rules | sort -u | awk '{ print $0 ":x:" NR ":" }')
	mkdir -p /etc/udev/rules.d /usr/lib/udev/rules.d /run
	printf '%s\n' root:x:0:0::/:/bin/sh member:x:1000:1000::/:/bin/sh other:x:1001:1001::/:/bin/sh >/etc/passwd
	printf '%s\n' root:x:0: "$groups" member:x:1000: other:x:1001: "$@" >/etc/group
	cp 50-udev-default.rules /usr/lib/udev/rules.d/
	cp 60-rust_sample.rules /etc/udev/rules.d/
}

# load_under_udev: the daemon sees the module load.
load_under_udev() {
	[ -d /proc/sys/fs/inotify ] || skip 'the kernel has no inotify, which udev takes'
	rmmod rust_sample
	./systemd-udevd --daemon 2>/tmp/udevd
	insmod ./rust_sample.ko
	./udevadm settle
	cat /tmp/udevd
	# What it did at the last.
	./udevadm info -q property -n "$device" | grep -qx SUBSYSTEM=misc
}

# as USER WORDS...: a line of shell, as a user without capabilities.
as() {
	user=$1
	shift
	./setpriv --reuid="$user" --regid="$user" --init-groups --bounding-set=-all sh -c "$*"
}

# denied USER WORDS...: for no other reason.
denied() {
	! as "$@" 2>/tmp/why || fail "allowed: $*"
	grep -q 'Permission denied' /tmp/why || fail "$(cat /tmp/why)"
}

as_made() {
	system
	rmmod rust_sample
	insmod ./rust_sample.ko
	node_is '600 root root'
	denied member "cat $device"
}
check 'without the rule only root opens it' as_made

opened() {
	system rust_sample:x:900:member
	load_under_udev
	node_is '660 root rust_sample'
	assert_eq hello "$(as member "echo hello >$device && head -n 1 $device")"
	denied other "cat $device"
	denied other "true >$device"
}
check 'with the rule only its group opens it' opened

no_group() {
	system
	load_under_udev
	node_is '660 root root'
	denied member "cat $device"
}
check 'with the rule and without the group only root opens it' no_group

verified() {
	system rust_sample:x:900:member
	./udevadm verify 60-rust_sample.rules
}
check 'udevadm verifies the rule' verified

run_tests
