# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the tests on this machine. Sourced, never run; `tests/host/NAME WORDS`
# makes only the checks whose title holds the WORDS.

. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
. "$project/scripts/ktap.sh"
cd "$project"
# The tests need the defaults, whatever the caller chose. A make above the test would pass
# its own settings on.
unset KERNEL KERNEL_SRC SUITE TEST SEED STRESS TRACE KDIR ARCH MAKEFLAGS MFLAGS MAKELEVEL
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Both are read by `check`.
# shellcheck disable=SC2034
only=${1:-} log=$tmp/log

# all COMMAND ::: COMMAND...: runs each, up to the first that fails, and names that.
all() {
	local word command=()
	for word in "$@" :::; do
		if [ "$word" != ::: ]; then
			command+=("$word")
		elif ! "${command[@]}"; then
			echo "failed: ${command[*]}"
			return 1
		else
			command=()
		fi
	done
}

not() {
	! "$@"
}

# says TEXT...: whether the check has printed each TEXT by now.
says() {
	local text output
	output=$(<"$log")
	for text; do
		[[ $output = *"$text"* ]] || { echo "not printed: $text" && return 1; }
	done
}

# says_not TEXT
says_not() {
	! grep -qF -- "$1" "$log" || { echo "printed, and should not be" && return 1; }
}

# refused TEXT COMMAND...: whether COMMAND fails and prints TEXT. Its output is in $tmp/said.
refused() {
	local status=0
	"${@:2}" >"$tmp/said" 2>&1 || status=$?
	cat "$tmp/said"
	[ "$status" != 0 ] && grep -qF -- "$1" "$tmp/said"
}

# block FILE HEADING LANGUAGE: prints the lines in this language under the heading of a page.
block() {
	awk -v heading="$2" -v begin="\`\`\`$3" '
		/^##/ { inside = $0 == heading }
		/^```/ { code = inside && $0 == begin; next }
		code' "$1"
}

# exercises: prints the headings of the exercises in docs/tour.md.
exercises() {
	grep '^### Exercise' "$project/docs/tour.md"
}

# patch_of HEADING: prints the patch that the heading of an exercise names.
# shellcheck disable=SC2016 # A mark of Markdown.
patch_of() {
	echo "$project/tests/mutants/$(sed -n 's/.*(`\([a-z-]*\)`)$/\1/p' <<<"$1").patch"
}

# function_body FILE NAME: prints the functions of this name in Rust or C, without indentation.
function_body() {
	awk -v start="(fn |^[a-z][a-z_ *]*[ *])$2[<(]" '
		!inside && $0 ~ start { inside = 1; end = $0; sub(/[^ \t].*/, "}", end) }
		inside { line = $0; sub(/^[ \t]*/, "", line); print line }
		$0 == end { inside = 0 }' "$1"
}
