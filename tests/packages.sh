# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Shared by suites that state packages: a system of these, in which their programs run. The
# suite's first test calls make_system.

system=/tmp/system

# make_system: unpacks the packages and mounts the file systems. No script of a package has run,
# so alternatives such as awk have no links.
make_system() {
	[ -e packages.tar ] || skip 'the packages could not be fetched'
	mkdir "$system"
	tar -C "$system" -xf packages.tar
	rm packages.tar
	cp /etc/passwd /etc/group /etc/hosts "$system/etc"
	for folder in dev proc sys; do mount --rbind "/$folder" "$system/$folder"; done
}

# need_system: skips a test if the packages could not be fetched.
need_system() {
	[ -d "$system/usr" ] || skip 'there is no system of packages'
}

# inside WORD...: runs `env WORD...` in the system. By a name without a folder, busybox would run
# its own env.
inside() {
	chroot "$system" /usr/bin/env -i ${RUN_ONE:+RUN_ONE="$RUN_ONE"} HOME=/tmp PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 "$@"
}
