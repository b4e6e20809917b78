# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Shared by the collections, in the VM.

# shellcheck source=tests/lib.sh
. ./lib.sh
# shellcheck source=tests/packages.sh
. ./packages.sh

# setting KIND LIBRARY: prints the setting by which programs make pipes of KIND: pipe or fifo.
setting() {
	[ "$1" = pipe ] || echo "LD_PRELOAD=$2"
}

# differing: prints the names of the cases in /tmp/pipe and /tmp/fifo whose results differ. A slow
# host can fail a test that has a time limit, so a collection runs them again.
differing() {
	cut -d ' ' -f 4- /tmp/pipe /tmp/fifo | sort | uniq -u | cut -d ' ' -f 2- | sort -u
}

# on_both COMMAND: runs `COMMAND KIND` on both kinds, and again if the results differ.
on_both() {
	"$1" pipe
	"$1" fifo
	[ -z "$(differing)" ] || { "$1" pipe && "$1" fifo; }
}

# program KIND PART CASE COMMAND...: runs COMMAND. Its status is the result of CASE, which is
# printed, also into /tmp/KIND.
program() {
	kind=$1 part=$2 case=$3
	shift 3
	"$@" && status=0 || status=$?
	case $status in
	0) result=passed ;;
	77) result=skipped ;;
	*) result=failed ;;
	esac
	echo "case: $kind $part $result $case" | tee "/tmp/$kind"
}

# tap KIND PART COMMAND...: runs COMMAND, which prints TAP, and prints its cases, also into /tmp/KIND. The names
# of the cases are words.
tap() {
	kind=$1 part=$2
	shift 2
	"$@" >/tmp/tap 2>&1 || :
	cat /tmp/tap
	sed -n "s/^ok [0-9]* *-* *\([^ ]*\) *# SKIP.*/skipped \1/
		s/^ok [0-9]* *-* *\([^ ]*\).*/passed \1/
		s/^not ok [0-9]* *-* *\([^ ]*\).*/failed \1/
		s/^\(passed\|failed\|skipped\) /case: $kind $part &/p" /tmp/tap >"/tmp/$kind"
	[ -s "/tmp/$kind" ] || echo "case: $kind $part lost $part" >"/tmp/$kind"
	cat "/tmp/$kind"
}
