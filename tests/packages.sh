# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Shared by suites that state packages: a system of these, in which their programs run.

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

# need_system: calls the suite's `prepare`, which calls make_system, unless a test before has.
need_system() {
	[ -d "$system" ] || prepare
}

# inside WORD...: runs `env WORD...` in the system. By a name without a folder, busybox would run
# its own env.
inside() {
	chroot "$system" /usr/bin/env -i ${RUN_ONE:+RUN_ONE="$RUN_ONE"} HOME=/tmp PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 "$@"
}
