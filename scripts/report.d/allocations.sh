# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # Shares its variables with scripts/report.
#
# Tries the calls of scripts/report.d/allocations against the stock kernel's crate. Sourced by
# scripts/report.

# source_of CODE FILE: a source file with CODE in a function that may fail.
source_of() {
	printf '%s\n' '// SPDX-License-Identifier: GPL-2.0' 'use kernel::prelude::*;' '#[allow(unused)]' \
		'pub(crate) fn call() -> Result {' "$1" 'Ok(())' '}' >"$2"
}

# errors_of NAME: the compiler's errors in NAME.rs, without the count at the end.
errors_of() {
	awk -v file="$1.rs:" '
		/^error/ { error = $0 }
		error != "" && $1 == "-->" {
			if (index($2, file) == 1) print error
			error = ""
		}' "$work/errors"
}

# allocations: prints a row for each call. Fails unless each is refused for its reason.
allocations() {
	local expected call instead error n=0 names=(control) status=0
	mkdir "$work/calls"
	: >"$work/control"
	while IFS=$'\t' read -r expected call instead; do
		n=$((n + 1))
		names+=("call_$n")
		source_of "$call;" "$work/calls/call_$n.rs"
		echo "{ $instead; }" >>"$work/control"
	done < <(grep '^error' scripts/report.d/allocations)
	source_of "$(<"$work/control")" "$work/calls/control.rs"
	echo "obj-m := ${names[*]/%/.o}" >"$work/calls/Kbuild"
	make -s -k -O -j"$(nproc)" -C "$kdir" M="$work/calls" "${names[@]/%/.o}" >"$work/errors" 2>&1 || true
	[ -s "$work/calls/control.o" ] ||
		die "the replacements of the calls do not compile" "$(errors_of control | head -n 5)" \
			"correct them in scripts/report.d/allocations; all errors: $(tail -n 20 "$work/errors")"

	echo '| call | the compiler | instead |'
	echo '| --- | --- | --- |'
	n=0
	while IFS=$'\t' read -r expected call instead; do
		n=$((n + 1))
		error=$(errors_of "call_$n")
		if [ -e "$work/calls/call_$n.o" ] || [[ $error != "$expected"* ]] || [ "$(wc -l <<<"$error")" != 1 ]; then
			say "error: '$call' must be refused with '$expected', and it was ${error:-compiled}"
			status=1
		fi
		echo "| \`$call\` | $error | \`$instead\` |"
	done < <(grep '^error' scripts/report.d/allocations)
	[ "$n" -gt 0 ] || die "no calls were tried" "scripts/report.d/allocations has none" "add them as its head says"
	return "$status"
}
