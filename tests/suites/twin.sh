# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The modules of bench/modules, which rust_sample is measured against. The comparison means
# something only if the twin in C behaves as rust_sample does.
#
# vm: --no-module
# bench: twin twin_checked floor
# programs: calls differential poll splice storm

: "${SEED:=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
export SEED

. ./lib.sh

limit=60

# over TWIN COMMAND...: with the twin as /dev/rust_sample.
over() {
	twin=$1
	shift
	insmod "./$twin.ko" name=rust_sample
	trap 'rmmod "$twin"' EXIT
	"$@"
}

plainly() {
	gives '0 50000 20000 30000' open:rw fill:50000 drain:20000 fionread
	trap - EXIT
	rmmod "$twin"
	assert_eq 'unloaded: 50000 bytes in, 20000 out, 0 cleared, 30000 left' \
		"$(dmesg | sed -n "s/.*$twin: //p" | tail -n 1)"
}

for twin in twin twin_checked; do
	check "$twin: bytes in and out, and the line at unload" over $twin plainly
	calls=$((100000 / (SLOW * SLOW)))
	check "$twin: $calls random calls, as on a FIFO (SEED=$SEED)" over $twin differential fifo $calls
	check "$twin: 4 writers, 4 readers" over $twin storm 4 4 1000
	check "$twin: no bytes are missed at any time" over $twin poll rounds_of_bytes
	check "$twin: splice to the device" over $twin splice many_to_device
done

floor_takes_all() {
	insmod ./floor.ko
	trap 'rmmod floor' EXIT
	assert_eq 100000 "$(head -c 100000 /dev/floor | wc -c)"
	head -c 100000 /dev/zero >/dev/floor
}
check 'floor: reads and writes of all' floor_takes_all

run_tests
