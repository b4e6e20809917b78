# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # The scripts that source this file set $kdir and $source.
#
# Calls rustdoc as Kbuild calls rustc. Sourced by scripts/doc and scripts/api-diff.

# document FILE DIR OPTION...: makes pages of the crate that the command in FILE compiles. Call
# it in the folder of that command.
document() {
	local line words=() options=() environment=() file=$1 out=$2
	shift 2
	line=$(sed -n '1s/^savedcmd_[^ ]* := *//p' "$file")
	[ -n "$line" ] || die "$file has no call of rustc" "" "run make clean, then the same command again"
	mapfile -t words < <(xargs printf '%s\n' <<<"${line%% ;*}")
	while [[ ${words[0]} = *=* ]]; do
		environment+=("${words[0]}")
		words=("${words[@]:1}")
	done
	set -- "${words[@]:1}" "$@"
	while [ $# -gt 0 ]; do
		case $1 in
		--emit=*) ;;
		--out-dir) shift ;;
		*/source/*/rust/*.rs)
			# The cache may have been moved since.
			[ -e "$1" ] || set -- "$source/rust/${1#*/source/*/rust/}" "${@:2}"
			options+=("$1")
			;;
		*) options+=("$1") ;;
		esac
		shift
	done
	env "${environment[@]}" OBJTREE="$kdir" RUSTC_BOOTSTRAP=1 rustdoc "${options[@]}" --output "$out" \
		-Zunstable-options --generate-link-to-definition
}
