# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The kernel's own samples in Rust load and unload beside the module, and /proc/config.gz has
# the configuration of the running kernel.
#
# needs: SAMPLES_RUST IKCONFIG_PROC
# kernel-modules: rust_minimal rust_misc_device rust_print

. ./lib.sh

# sample NAME LINE: loads, says LINE, and unloads.
sample() {
	insmod "./$1.ko"
	grep -q "^$1 " /proc/modules || fail "it is not loaded"
	log_after "$MARKER" | grep -q "$1: $2" || fail "it did not say: $2"
	rmmod "$1"
	! grep -q "^$1 " /proc/modules || fail "it is still loaded"
}
check 'rust_minimal' sample rust_minimal "'Rust minimal sample (init)'"

goodbye() {
	sample rust_minimal 'Am I built-in? false'
	log_after "$MARKER" | grep -q 'My numbers are \[72, 108, 200\]' || fail "it did not say its numbers"
}
check 'rust_minimal keeps its numbers until it is unloaded' goodbye
check 'rust_print' sample rust_print "'Rust printing macros sample (init)'"
check 'rust_misc_device' sample rust_misc_device "'Initialising Rust Misc Device Sample'"

misc_device() {
	insmod ./rust_misc_device.ko
	[ -c /dev/rust-misc-device ] || fail "no node in /dev"
	: </dev/rust-misc-device
	rmmod rust_misc_device
	[ ! -e /dev/rust-misc-device ] || fail "the node is still there"
}
check 'rust_misc_device: its node is created and removed' misc_device

options() {
	zcat /proc/config.gz | grep _RUST | sed 's/^/# /'
	for option in RUST=y HAVE_RUST=y SAMPLES_RUST=y SAMPLE_RUST_MINIMAL=m \
		SAMPLE_RUST_MISC_DEVICE=m SAMPLE_RUST_PRINT=m RUST_OVERFLOW_CHECKS=y; do
		zcat /proc/config.gz | grep -qx "CONFIG_$option" || fail "not in the configuration: $option"
	done
}
check 'zgrep _RUST /proc/config.gz' options

run_tests
