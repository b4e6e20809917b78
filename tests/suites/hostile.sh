# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Programs that store random values into the memory that a mapped FIFO shares with them.
#
# STRESS=full: 10 million calls, which take up to an hour. SEED=N repeats a run.
#
# programs: hostile
# timeout: 7500

# shellcheck source=tests/lib.sh
. ./lib.sh

limit=600
calls=$((400000 / ${SLOW:-1}))
[ "${STRESS:-}" != full ] || calls=10000000 limit=7200

check "random words and bytes during $calls calls" hostile "$calls" "${SEED:-1}"

run_tests
