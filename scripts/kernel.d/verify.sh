# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/kernel.
#
# Compares a rebuilt kernel tree with what Debian shipped. Sourced by scripts/kernel.

# The C structs that the module uses, which the comparison must find.
readonly structs_used=(file file_operations inode iov_iter kiocb miscdevice module
	mutex task_struct wait_queue_head)

# refuse WHAT DIFFERENCES: dies because the rebuilt tree is not the shipped kernel's.
refuse() {
	die "the rebuilt tree is not that of the shipped kernel $release: $1" "$2" "$remedy"
}

# struct_sizes FILE: the C structs that the debug information (DWARF or BTF) of FILE
# describes once: a name and a size a line.
struct_sizes() {
	pahole --sizes "$1" 2>/dev/null | cut -f 1,2 | sort -u |
		awk -F '\t' '{ n[$1]++; size[$1] = $2 }
			END { for (s in n) if (n[s] == 1) print s "\t" size[s] }' | sort
}

# comparable FILE: without the options that a build for another architecture loses, where no
# compiler for its programs is there. The kernel's own code does not depend on them.
comparable() {
	local options
	options=$(IFS='|' && echo "${cross_options[*]/#/CONFIG_}")
	if [ -n "$options" ]; then grep -vwE "$options" "$1"; else cat "$1"; fi
}

# verify: dies unless the rebuilt tree is the shipped kernel's.
verify() {
	local file struct differing ours theirs symbols structs log=$work/layout.log

	differing=$(diff <(comparable "$headers/.config") <(comparable "$build/.config")) ||
		refuse ".config changed" "$(head -n 10 <<<"$differing")"
	say "verified: .config as shipped, $(grep -c = "$build/.config") options${cross_options:+, but for ${cross_options[*]}}"
	say "verified: compiled by the kernel's own compiler, $(rustc --version | cut -d ' ' -f 1,2)"

	for file in "${headers_to_compare[@]}"; do
		differing=$(diff <(comparable "$headers/include/generated/$file") \
			<(comparable "$build/include/generated/$file")) ||
			refuse "include/generated/$file" "$(head -n 10 <<<"$differing")"
	done
	cmp -s "$build/Module.symvers" "$headers/Module.symvers" ||
		refuse Module.symvers "$(diff "$headers/Module.symvers" "$build/Module.symvers" | head -n 10)"
	say "verified: ${#headers_to_compare[@]} generated headers byte for byte as shipped"

	# Each symbol that the rebuilt crates export is one of the shipped kernel's;
	# each mangled name and helper that the shipped kernel exports is ours.
	ours=$(sed -n 's/^EXPORT_SYMBOL_RUST_GPL(\(.*\));/\1/p' "$build"/rust/exports_*_generated.h | sort)
	theirs=$(awk '$3 == "vmlinux" { print $2 }' "$headers/Module.symvers" | sort)
	differing=$(comm -23 <(echo "$ours") <(echo "$theirs"))
	[ -z "$differing" ] || refuse "symbols that the shipped kernel lacks" "$(head -n 10 <<<"$differing")"
	differing=$(comm -13 <(echo "$ours") <(grep -E '^(_R[NIMXYC][A-Za-z0-9_]*|rust_helper_.*)$' <<<"$theirs"))
	[ -z "$differing" ] || refuse "symbols that only the shipped kernel has" "$(head -n 10 <<<"$differing")"
	symbols=$(wc -l <<<"$ours")
	say "verified: $symbols of $symbols Rust symbols as shipped" \
		"($(grep -c ^_R <<<"$ours") mangled, $(grep -c ^rust_helper_ <<<"$ours") helpers)"

	# Names prove identity, not layout: compare all C structs that the bindings
	# can see with the type information of the shipped kernel.
	mkdir -p "$work/layout"
	printf '// SPDX-License-Identifier: GPL-2.0\n#include "%s"\n' \
		"$source/rust/bindings/bindings_helper.h" >"$work/layout/layout.c"
	printf 'obj-m := layout.o\nccflags-y := -fno-eliminate-unused-debug-types -I%s\n' \
		"$source/rust" >"$work/layout/Kbuild"
	kbuild M="$work/layout" layout.o >"$log" 2>&1 ||
		refuse "a C file that includes the bindings' headers does not compile" "$(tail -n 5 "$log")"
	struct_sizes "$work/layout/layout.o" >"$work/ours"
	struct_sizes "$headers/vmlinux" >"$work/theirs"
	join -t $'\t' "$work/ours" "$work/theirs" >"$work/both"
	differing=$(awk -F '\t' '$2 != $3' "$work/both")
	[ -z "$differing" ] || refuse "sizes of C structs" "$(head -n 10 <<<"$differing")"
	structs=$(wc -l <"$work/both")
	[ "$structs" -ge 1000 ] ||
		refuse "too few C structs to compare" "only $structs were found in both"
	for struct in "${structs_used[@]}"; do
		grep -q "^$struct"$'\t' "$work/both" ||
			refuse "struct $struct could not be compared" "one of the two does not describe it"
	done
	say "verified: $structs of $structs C structs have the sizes of the shipped kernel's BTF"
}
