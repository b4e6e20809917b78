# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What Kconfig says of an option. Sourced by scripts/kernel-debug and scripts/doctor.

# dependencies TREE OPTION: the conditions of "depends on" for OPTION in the source TREE, one
# a line. Fails if TREE has no such option.
dependencies() {
	local file
	file=$(grep -rlE --include='Kconfig*' "^\s*(menu)?config $2\$" "$1" 2>/dev/null | head -n 1)
	[ -n "$file" ] || return
	awk -v option="$2" '/^[ \t]*(choice|comment|if|menu|source) / { inside = 0 }
		/^[ \t]*(menu)?config / { inside = $2 == option }
		inside && sub(/^[ \t]*depends on[ \t]+/, "")' "$file"
}
