# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# Finds the errors of messages.md in a log. Sourced by scripts/doctor.

# patterns CELL: the messages in a cell of the table, each as an extended regular expression.
# A message stands between single or double backticks, and `...` in it is any text.
patterns() {
	local rest=$1
	while [[ $rest =~ ^[^\`]*(\`\`?)(.*)$ ]]; do
		rest=${BASH_REMATCH[2]}
		# ... up to the same backticks.
		printf '%s\n' "${rest%%"${BASH_REMATCH[1]}"*}"
		rest=${rest#*"${BASH_REMATCH[1]}"}
	done | sed -e 's/[][\.*^$+?(){}|]/\\&/g; s/\\\.\\\.\\\./.*/g; s/ *$//'
}

# explain FILE: shows the line of the first known error in it, its cause and remedy. Where the
# log names them, DIR in the remedy becomes the kernel's folder, and R its release.
explain() {
	local log messages cause remedy found dir release
	[ "$1" = - ] || [ -r "$1" ] || die "cannot read the log $1" "" "name a file that this user can read"
	log=$(tr -d '\0\r' <"${1/#-//dev/stdin}")
	release=$(sed -nE 's,.*(/lib/modules/|/linux-headers-|for kernel:? )([0-9]+\.[^]/ "'"'"':)]*).*,\2,p' <<<"$log" | head -n 1)
	# make enters the kernel's folder first.
	dir=$(sed -n "s/.*: Entering directory '\(.*\)'.*/\1/p" <<<"$log" | head -n 1)
	: "${dir:=${release:+/lib/modules/$release/build}}"
	while IFS='|' read -r _ messages cause remedy _; do
		found=$(grep -naiE -m 1 -f <(patterns "$messages") <<<"$log") || continue
		printf 'line %s: %s\n' "${found%%:*}" "${found#*:}"
		printf '         -> %s\n' "$cause" "$remedy" |
			sed "s|\\<DIR\\>|${dir:-DIR}|g; s|\\<R\\>|${release:-R}|g; s/  *$//; s/->  */-> /"
		return
	done < <(grep '^| `' "$project/scripts/doctor.d/messages.md")
	die "no known error is in $1" "" "examine the kernel: scripts/doctor --kdir DIR"
}
