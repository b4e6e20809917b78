# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/toolchain.
#
# Builds the toolchain, and removes what the cache no longer needs. Sourced by scripts/toolchain.

# install WHAT-FOR PACKAGE...: installs them, as root or through sudo, or dies with the command.
install() {
	local what=$1 apt as_root=() list=("${@:2}")
	[ ${#list[@]} -gt 0 ] || return 0
	apt="apt-get install --no-install-recommends -y ${list[*]}"
	command -v apt-get >/dev/null ||
		die "packages for $what are missing: ${list[*]}" \
			"this system has no apt-get" \
			"install them in this system's own way, or work in a Debian $debian_release container"
	if [ "$(id -u)" != 0 ]; then
		if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
			die "packages for $what are missing: ${list[*]}" \
				"installing packages needs root, and sudo is not available" \
				"run as root: apt-get update && $apt"
		fi
		as_root=(sudo)
	fi
	say "installing for $what${as_root:+, through sudo}: ${list[*]}"
	# Ignore archives that do not answer: another may have the packages. Wait for another apt.
	# shellcheck disable=SC2016 # Expanded by the shell that is root.
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -euc '
		apt-get -q update >/dev/null || :
		apt-get -q -o DPkg::Lock::Timeout=600 install --no-install-recommends -y "$@" >/dev/null' \
		sh "${list[@]}" </dev/null ||
		die "could not install ${list[*]}" "apt-get failed, see its output above" \
			"check the network and the disk; or run as root: apt-get update && $apt"
}

# build [again]: makes the toolchain in the cache.
build() {
	local root tmp start=$SECONDS options=() list=() proxy name
	root=$(toolchain_root)
	[ "$(id -u)" != 0 ] || check_namespace
	command -v mmdebstrap >/dev/null || list+=(mmdebstrap)
	command -v gpg >/dev/null || list+=(gpg)
	command -v newuidmap >/dev/null || [ "$(id -u)" = 0 ] || list+=(uidmap)
	[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || list+=(debian-archive-keyring)
	install 'building the toolchain' "${list[@]}"
	check_namespace

	lock toolchain
	[ ! -d "$root" ] || [ -n "${1:-}" ] || return 0
	# An interrupted run may have left a part. This one removes its own when it ends.
	tmp=$cache/tmp/toolchain
	"${namespace[@]}" rm -rf "$tmp"
	# shellcheck disable=SC2064 # $tmp is local.
	trap "$(printf '%q ' "${namespace[@]}" rm -rf "$tmp")" EXIT
	trap 'exit 130' INT
	need_space 3000 "the toolchain"
	mkdir -p "$tmp" "$cache/toolchain"
	chmod 755 "$tmp"

	for name in "${left_out[@]}"; do
		options+=("--dpkgopt=path-exclude=$name/*")
	done
	for name in http https; do
		proxy=$(apt-config dump --format '%v' "Acquire::$name::Proxy" 2>/dev/null || true)
		[ -z "$proxy" ] || options+=("--aptopt=Acquire::$name::Proxy \"$proxy\"")
	done
	say "making the toolchain: Debian $debian_suite with ${#packages[@]} packages, about a minute"
	# Root in a user namespace is enough for mmdebstrap, except for /sys and device files,
	# which come from the host.
	# shellcheck disable=SC2016 # mmdebstrap expands the hooks' $1.
	TMPDIR=$tmp setpriv --pdeathsig KILL "${own_processes[@]}" first \
		mmdebstrap --quiet --mode=root --variant=minbase --format=directory --skip=chroot/mount/sys \
		--include="$(IFS=, && echo "${packages[*]}")" "${options[@]}" \
		--customize-hook='rm -f "$1/etc/resolv.conf"; : >"$1/etc/resolv.conf"; : >>"$1/etc/hosts"' \
		"$debian_suite" "$tmp/root" ${MIRROR:+"$MIRROR"} ||
		die "could not make the toolchain" \
			"mmdebstrap failed, see its output above; $(free_mib "$cache") MiB are free in $cache" \
			"check the network, the disk and the mirror (MIRROR=URL chooses one), then run the same command again"
	[ ! -d "$root" ] || mv "$root" "$tmp/old"
	mv "$tmp/root" "$root"
	# Remove toolchains of other lists of packages for this architecture but one, which another
	# checkout may use.
	find "$cache/toolchain" -mindepth 1 -maxdepth 1 ! -path "$root" \
		-regex ".*/${cross:+$debian_arch-}[0-9a-f]*" -printf '%T@ %p\n' | sort -rn |
		tail -n +2 | cut -d ' ' -f 2- | while read -r name; do discard "$name"; done
	say "toolchain ready: $("${namespace[@]}" du -sm "$root" | cut -f 1) MiB, $(elapsed "$start")"
}

# prune: removes kernels that no link names, and sources of no kernel. Both are named for their
# version; a kernel with another name stays.
prune() {
	local dir source used=()
	[ -d "$cache" ] || return 0
	lock toolchain
	lock kernel
	lock kernel-debug
	# A killed run may have left these.
	for dir in "$cache"/tmp/{toolchain,bundle,gone.*}; do
		[ ! -d "$dir" ] || "${namespace[@]}" rm -rf "$dir"
	done
	rm -rf "$cache/tmp/kernel" "$cache"/kernel{,.*}/*.new
	# Interrupted builds of kernels that no later run has continued.
	find "$cache/tmp" -mindepth 1 -maxdepth 1 -name '*-*' -mtime +7 -exec rm -rf {} +
	for dir in "$cache"/kernel{,.*}/[0-9]*; do
		if [ ! -L "$dir" ] && [ -d "$dir" ] && [ -z "$(find "${dir%/*}" -maxdepth 1 -lname "${dir##*/}")" ]; then
			say "removing the kernel ${dir##*/}, which a newer one replaced"
			discard "$dir"
		fi
	done
	for dir in "$cache"/kernel{,.*}/*/build/source; do
		used+=("$(readlink -m "$dir")")
	done
	for source in "$cache"/source/[0-9]*; do
		source=$(readlink -m "$source")
		if [ -d "$source" ] && [[ " ${used[*]} " != *" $source "* ]]; then
			say "removing the source ${source##*/}, which no kernel here needs"
			discard "$source"
		fi
	done
}

# remove_cache: removes everything in the cache.
remove_cache() {
	local part as_root=()
	[ -d "$cache" ] || { say "there is no cache in $cache" && return 0; }
	[ -d "$cache/lock" ] ||
		die "$cache does not look like this project's cache" "it has no folder 'lock'" \
			"set RUST_SAMPLE_CACHE to the right one, or remove it by hand"
	lock toolchain
	lock kernel
	# A toolchain holds files that belong to the user's subordinate ids.
	[ ! -d "$cache/toolchain" ] || as_root=("${namespace[@]}")
	say "removing $("${as_root[@]}" du -sm "$cache" | cut -f 1) MiB in $cache"
	for part in "$cache"/{toolchain,source,kernel,kernel.*}/*; do
		[ ! -e "$part" ] || discard "$part"
	done
	# The folder lock, which marks a cache, goes last. A mount point stays.
	"${as_root[@]}" find "$cache" -mindepth 1 -not -path "$cache/lock*" -delete
	rm -rf "$cache/lock"
	rmdir "$cache" 2>/dev/null || true
}
