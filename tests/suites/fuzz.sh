# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Random operations from several threads, guided by the coverage of the module. No check
# fails, and most of the module is reached. `make fuzz` runs longer and names the blocks
# that were not reached.
#
# needs: KASAN KCOV
# programs: fuzz
# vm: --add tests/fuzz/corpus

. ./lib.sh

limit=100

# The log names each program before it runs, in case the kernel does not survive it.
# The share is of all blocks; more than half of them are unreachable.
at_random() {
	echo on >/proc/sys/kernel/printk_devkmsg || true
	./fuzz --seconds 30 ${SEED:+--seed "$SEED"} --corpus corpus --log /dev/kmsg --least 41 \
		>/tmp/output || {
		cat /tmp/output
		# Only the end of the output is shown.
		grep -A 8 '^hangs: ' /tmp/output | tail -n 30
		return 1
	}
	cat /tmp/output
}
check 'thirty seconds of random operations' at_random

run_tests
