# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Modules in safe Rust that crash the kernel, as docs/soundness.md says. A check fails once the
# kernel crate is fixed.
#
# modules: zoo_misc zoo_debugfs zoo_fd
# splats: provoked

# shellcheck source=tests/lib.sh
. ./lib.sh

kasan() {
	grep -q ' kasan_report$' /proc/kallsyms || skip 'the kernel has no KASAN'
	prepare "$1"
}

# prepare MODULE: an oops must end only its task.
prepare() {
	echo 0 >/proc/sys/kernel/panic_on_oops
	insmod "./$1.ko"
}

# The file is open while its module goes, and then closed.
close_late() {
	(exec 9<"$1" && rmmod "$2" && exec 9<&-) || true
}

misc() {
	prepare zoo_misc
	exec 9</dev/zoo_misc
	if case $(uname -r) in 7.2.*) false ;; esac then
		! rmmod zoo_misc 2>/tmp/error || fail 'the module is gone'
		exec 9<&-
		rmmod zoo_misc
	else
		exec 9<&-
		close_late /dev/zoo_misc zoo_misc
		expect_splat 'BUG: unable to handle page fault'
	fi
}
check 'an open misc device: the module goes on 7.2, and stays from 7.3 on' misc

debugfs() {
	kasan zoo_debugfs
	close_late /sys/kernel/debug/zoo_debugfs/number zoo_debugfs
	expect_splat "$1"
}
check 'an open debugfs file: its module goes' debugfs "'BUG: (KASAN: |unable to handle page fault)'"

fd() {
	kasan zoo_fd
	# The task never ends.
	sh -c 'exec 9</dev/zoo_fd; kill -9 $$' &
	expect_splat "$1"
}
check 'a file descriptor in release() of a killed task' fd "'KASAN: null-ptr-deref'"

run_tests
