# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Modules in safe Rust that crash the kernel, as docs/soundness.md says. A check fails once the
# kernel crate is fixed.
#
# A task that crashed keeps its memory.
# leaks: ignored
#
# modules: zoo_misc zoo_debugfs zoo_fd zoo_open
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
	(exec 9<"$1" && rmmod "$2" 9<&- && exec 9<&-) || true
}

misc() {
	prepare zoo_misc
	case $(uname -r) in
	7.2.*)
		# The task never ends.
		close_late /dev/zoo_misc zoo_misc &
		expect_splat "$1"
		return
		;;
	esac
	exec 9</dev/zoo_misc
	! rmmod zoo_misc 2>/tmp/error || fail 'the module is gone'
	exec 9<&-
	rmmod zoo_misc
}
check 'an open misc device: its module stays, but goes before 7.3' misc \
	"'BUG: (KASAN: |unable to handle page fault)'"

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

open_file() {
	kasan zoo_open
	# The open fails, and leaves a descriptor.
	sh -c 'true </dev/zoo_open; ls -l /proc/$$/fd' &
	expect_splat "$1"
}
check 'the file of an open that fails' open_file "'KASAN: null-ptr-deref'"

run_tests
