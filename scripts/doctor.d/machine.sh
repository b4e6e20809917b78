# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# This machine: toolchain, rights, disk, network, KVM. Sourced by scripts/doctor.

check_toolchain() {
	local words
	case $toolchain in
	'') row ERROR toolchain unknown - - "$(said error "$toolchain_words")" "$(said todo "$toolchain_words")" ;;
	/) row ok toolchain "this system itself" - - ;;
	*)
		if [ -d "$toolchain" ]; then
			row ok toolchain "in the cache" - -
		else
			row - toolchain "not made yet" - - "make setup makes it in the cache"
		fi
		;;
	esac
	if [ "$toolchain" = / ]; then
		row - namespaces "not needed" - -
	elif [ "$(id -u)" != 0 ] && ! has newuidmap; then
		row - namespaces unknown - - "newuidmap is needed first: see packages"
	else
		words=$("$project/scripts/toolchain" check 2>&1)
		case $? in
		0) row ok namespaces "usable$([ "$(id -u)" != 0 ] || echo ', as root')" - - ;;
		*) row ERROR namespaces "not usable" - - "$(said error "$words")" "$(said todo "$words")" ;;
		esac
	fi
}

check_privileges() {
	local list=() rights=none
	if [ "$(id -u)" = 0 ]; then
		rights=root
	elif has sudo && timeout 5 sudo -n true 2>/dev/null; then
		rights="sudo without password"
	elif has sudo; then
		rights="sudo may ask"
	fi
	row ok privileges "$rights" - -

	[ "$toolchain" != / ] || return
	if [ ! -d "$toolchain" ]; then
		has mmdebstrap || list+=(mmdebstrap)
		has gpg || list+=(gpg)
		[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || list+=(debian-archive-keyring)
	fi
	has newuidmap || { [ "$(id -u)" = 0 ] && [ -d "$toolchain" ]; } || list+=(uidmap)
	if [ ${#list[@]} = 0 ]; then
		row ok packages "all there" - -
	elif ! has apt-get; then
		row missing packages "${list[*]}" - - "install them in this system's own way, or work in a Debian $debian_release container"
	elif [[ $rights = none ]]; then
		row missing packages "${list[*]}" - - \
			"as root: apt-get update && apt-get install --no-install-recommends -y ${list[*]}"
	else
		row - packages "no ${list[*]}" - - "make setup installs them"
	fi
}

check_project() {
	local words
	words=$(check_path "the project" "$project" "move the project to a path without it" 2>&1 && check_owners "$project/build" 2>&1)
	if [ -n "$words" ]; then
		row ERROR project "not usable" - - "$(said error "$words")" "$(said todo "$words")"
	elif [ ! -w "$project" ] && [ ! -w "$project/build" ]; then
		row ERROR project "not writable" - - "work in a copy of it in a folder that this user can write"
	else
		row ok project "can be built" - -
	fi
}

check_cache() {
	local place=$cache type options words free need=500 bad=ERROR other="choose another place with RUST_SAMPLE_CACHE=DIR"
	while [ ! -e "$place" ]; do place=$(dirname "$place"); done
	# The toolchain needs owners, modes and programs that run. A system that is itself the
	# toolchain keeps only kernels there.
	[ "$toolchain" != / ] || bad=warn
	read -r type options < <(findmnt -nro FSTYPE,OPTIONS -T "$place" 2>/dev/null)
	words=$(check_path "the cache" "$cache" "$other" 2>&1 && check_owners "$cache" -maxdepth 2 2>&1)
	if [ -n "$words" ]; then
		row ERROR cache "not usable" - - "$(said error "$words")" "$(said todo "$words")"
	elif [ ! -d "$place" ] || [ ! -w "$place" ]; then
		row ERROR cache "not writable" - - "$place is no folder that this user can write: $other"
	else
		case $type,,$options, in
		nfs* | cifs* | smb* | 9p* | afs* | fuse* | vfat* | exfat* | msdos* | ntfs* | vboxsf* | prl_fs*)
			row "$bad" cache "$type" - - "$type at $place cannot hold the toolchain (owners, modes, links): $other"
			;;
		*,noexec,*) row ERROR cache "$type, noexec" - - "no program runs there: mount -o remount,exec, or $other" ;;
		*,nodev,*) row ok cache "$type, nodev" - - ;;
		*) row ok cache "${type:-unknown}" - - ;;
		esac
	fi
	[ -d "$toolchain" ] || need=$((need + 2500))
	[ -d "$stock" ] || need=$((need + 2000))
	[ -d "$place" ] || return
	free=$(free_mib "$place")
	if [ -z "$free" ]; then
		row - space unknown "$need MiB" "5000 MiB"
	elif [ "$free" -lt "$need" ]; then
		row ERROR space "$free MiB" "$need MiB" "5000 MiB" "free some at $place, or $other"
	else
		row ok space "$free MiB" "$need MiB" "5000 MiB"
	fi
}

# check_network: asks MIRROR, or the mirror of the system's apt, through apt itself, so that
# its proxies and certificates count as well.
check_network() {
	local helper=/usr/lib/apt/apt-helper url='' tmp state=ERROR remedy
	if [[ -n ${MIRROR:-} && $MIRROR != *[[:space:]]* ]]; then
		url=${MIRROR%/}/dists/$debian_suite/InRelease
	elif has apt-get; then
		url=$(apt-get update --print-uris 2>/dev/null |
			sed -n "/-security/d; s/^'\([^']*InRelease\)'.*/\1/p" | head -n 1)
	fi
	if [ -z "$url" ] || [ ! -x $helper ]; then
		row - network "no apt here to ask" - -
		return
	fi
	tmp=$(mktemp -d) || return
	timeout 10 $helper -o Acquire::Retries=0 -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 \
		-o APT::Sandbox::User=root download-file "$url" "$tmp/file" >/dev/null 2>&1
	if [ -s "$tmp/file" ]; then
		row ok network "the mirror answers" - -
	else
		remedy="${url%/dists/*} does not answer: check the network and the proxy, or choose a mirror with MIRROR=URL"
		if [ -d "$toolchain" ] && [ -d "$stock" ]; then
			state=warn remedy+="; what is cached works without"
		fi
		row $state network "no answer" - - "$remedy"
	fi
	rm -rf "$tmp"
}

check_kvm() {
	local words
	if [ ! -x "$project/scripts/vm" ] || [ ! -e "$stock/vmlinuz" ] || [ ! -d "$toolchain" ]; then
		row - KVM "unknown yet" - - "unknown until a kernel is there to boot: run make setup, then make doctor again"
		return
	fi
	words=$(timeout 60 "$project/scripts/vm" --kvm-status --again 2>/dev/null | tail -n 1)
	case $words in
	usable*) row ok KVM usable - - ;;
	'') row - KVM "unknown yet" - - "unknown: the test boot gave no answer; run make doctor again when no other run is at work" ;;
	*)
		row warn KVM "not usable" - - \
			"${words#not usable: }" "the VM works without, several times slower"
		;;
	esac
}
