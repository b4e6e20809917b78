# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Random calls, compared with the same calls on a FIFO and with a model. The
# seed is new each time unless SEED=N gives one: `make test SUITE=differential SEED=N`.
#
# programs: differential

: "${SEED:=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}"
export SEED

. ./lib.sh

limit=120

# A kernel that checks each access is slower.
calls=$((600000 / (SLOW * SLOW)))
check "$calls random calls, as on a FIFO (SEED=$SEED)" differential fifo $calls
check "$calls random calls, often on a full FIFO, agree with the model (SEED=$SEED)" \
	differential full $calls
limit=60
check "two threads and calls that wait: the same stream (SEED=$SEED)" \
	differential threads $((20000000 / (SLOW * SLOW)))

run_tests
