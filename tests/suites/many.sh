# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Several writers and readers at once: no message is lost, doubled or torn.
#
# vm: --smp 2
# programs: calls storm

. ./lib.sh

limit=60

check '1 writer, 1 reader' storm 1 1 4000
check '4 writers, 1 reader: each message whole and in order' storm 4 1 1000
check '16 writers, 1 reader: each message whole and in order' storm 16 1 250
check '1 writer, 4 readers' storm 1 4 4000
check '4 writers, 4 readers' storm 4 4 1000
check '16 writers, 16 readers' storm 16 16 250
check '64 writers, 64 readers' storm 64 64 30

smallest() {
	rmmod rust_sample
	insmod ./rust_sample.ko capacity=4096
	storm "$@"
}
check '8 writers, 1 reader in a FIFO of 4096 bytes' smallest 8 1 300
check '8 writers, 8 readers in a FIFO of 4096 bytes' smallest 8 8 300

run_tests
