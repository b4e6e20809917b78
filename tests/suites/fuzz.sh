# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# All operations at random, from several threads, guided by what they reach of the
# module: nothing that has to hold breaks, and most of the module is reached.
# `make fuzz` does this for longer, and names what was not reached.
#
# needs: KASAN KCOV
# programs: fuzz
# vm: --add tests/fuzz/corpus

# shellcheck source=tests/lib.sh
. ./lib.sh

limit=100

# The log names each program before it runs, lest one that ends the kernel be lost.
# The share is of all blocks: those that nothing can reach are more than half.
at_random() {
	echo on >/proc/sys/kernel/printk_devkmsg || true
	./fuzz --seconds 30 ${SEED:+--seed "$SEED"} --corpus corpus --log /dev/kmsg --least 36 \
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
