# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# All operations at once, while the module is loaded and unloaded.
#
# STRESS=full: 10 million operations and 1,000 loads, which take many minutes.
#
# programs: crowd reload stress
# timeout: 7200

. ./lib.sh

if [ "${STRESS:-}" = full ]; then
	amount=10000000 loads=1000
else
	amount=10s loads=$((40 / SLOW))
fi

limit=60
# On one, no race happens.
check 'there are two processors' assert_eq 2 "$(nproc)"
check '64 processes that wait for bytes are killed at once' crowd empty_processes
check '64 processes that wait for room are killed at once' crowd full_processes
check '64 threads that wait for bytes are killed at once' crowd empty_threads
check '64 threads that wait for room are killed at once' crowd full_threads

[ "${STRESS:-}" != full ] || limit=1800
check "the module is loaded and unloaded $loads times while others open it" reload "$loads"
check "everything at once: $amount" stress "$amount"

run_tests
