# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/toolchain.
#
# Removes what the cache no longer needs, or all of it. Sourced by scripts/toolchain.

# prune: removes kernels that no link names, and sources of no kernel. Both are named for their
# version; a kernel with another name stays.
prune() {
	local dir source used=()
	[ -d "$cache" ] || return 0
	lock toolchain
	lock kernel
	# A killed run may have left these.
	for dir in "$cache"/tmp/{toolchain,bundle}; do
		[ ! -d "$dir" ] || "${namespace[@]}" rm -rf "$dir"
	done
	rm -rf "$cache/tmp/kernel"
	for dir in "$cache"/kernel{,.*}/[0-9]*; do
		if [ ! -L "$dir" ] && [ -d "$dir" ] && [ -z "$(find "${dir%/*}" -maxdepth 1 -lname "${dir##*/}")" ]; then
			say "removing the kernel ${dir##*/}, which a newer one replaced"
			rm -rf "$dir"
		fi
	done
	for dir in "$cache"/kernel{,.*}/*/build/source; do
		used+=("$(readlink -m "$dir")")
	done
	for source in "$cache"/source/[0-9]*; do
		source=$(readlink -m "$source")
		if [ -d "$source" ] && [[ " ${used[*]} " != *" $source "* ]]; then
			say "removing the source ${source##*/}, which no kernel here needs"
			rm -rf "$source"
		fi
	done
}

# remove_cache: removes everything in the cache.
remove_cache() {
	local as_root=()
	[ -d "$cache" ] || { say "there is no cache in $cache" && return 0; }
	[ -d "$cache/lock" ] ||
		die "$cache does not look like this project's cache" "it has no folder 'lock'" \
			"set RUST_SAMPLE_CACHE to the right one, or remove it by hand"
	lock toolchain
	lock kernel
	# A toolchain holds files that belong to the user's subordinate ids.
	[ ! -d "$cache/toolchain" ] || as_root=("${namespace[@]}")
	say "removing $("${as_root[@]}" du -sm "$cache" | cut -f 1) MiB in $cache"
	# The folder lock, which marks a cache, goes last. A mount point stays.
	"${as_root[@]}" find "$cache" -mindepth 1 -not -path "$cache/lock*" -delete
	rm -rf "$cache/lock"
	rmdir "$cache" 2>/dev/null || true
}
