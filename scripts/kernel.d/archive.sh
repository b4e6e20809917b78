# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/kernel.
#
# Which kernels Debian's archive has, and their packages, unpacked. Sourced by
# scripts/kernel.

# Programs that suites use, and libraries for those of tests/programs.
readonly target_packages=(busybox-static coreutils fio kmod liburing-dev pv python3 socat strace stress-ng udev util-linux)

# archive SUITE [OPTION [KIND]]: sets up an apt that knows the suite at the system's mirror, with an
# option and a kind for sources.list. The system's own lists stay as they are.
archive() {
	local uri
	apt=$work/apt
	export APT_CONFIG=$apt/apt.conf
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	cat >"$APT_CONFIG" <<EOF
Dir::State "$apt";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$apt";
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "-";
APT::Architecture "$debian_arch";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
EOF
	uri=$(APT_CONFIG='' apt-get --print-uris update |
		sed -n "s,^'\(.*\)/dists/\($debian_suite\|stable\)/InRelease' .*,\1,p" | head -n 1)
	# MIRROR may also be lines for mmdebstrap.
	[[ ${MIRROR:-} != *://* || $MIRROR = *[[:space:]]* ]] || uri=$MIRROR
	[ -n "$uri" ] ||
		die "this system's apt knows no archive for Debian $debian_suite" \
			"its sources list no such suite" "add one to /etc/apt/sources.list"
	echo "${3:-deb} ${2:+[$2] }$uri $1 main" >"$apt/sources.list"
	[ -z "$cross" ] || echo "deb $uri $debian_suite main" >>"$apt/sources.list"
	say "asking the archive for its newest versions"
	apt-get -q --error-on=any update >/dev/null ||
		die "could not ask the archive" "apt-get update failed, see its output above" \
			"check the network; parts in the cache work without it"
}

# newest_version PACKAGE
newest_version() {
	apt-cache madison "$1" | cut -d '|' -f 2 | tr -d ' ' | sort -V | tail -n 1
}

# releases: those of the archive's kernels with Rust.
releases() {
	{ apt-cache pkgnames linux-headers- | sed -n "s/^linux-headers-\([0-9].*-$debian_arch\)$/\1/p" &&
		least_kernel; } | sort -V | sed "0,/^$(least_kernel)$/d"
}

disk() {
	echo "$(free_mib "$cache") MiB are free in $cache"
}

# mib PACKAGE...: their size when unpacked.
mib() {
	apt-cache show "${@/%/=$version}" | awk '/^Installed-Size:/ { kib += $2 } END { print int(kib / 1024) }'
}

# unpack DEB DIR: unpacks DEB into DIR and removes it.
unpack() {
	dpkg-deb -x "$1" "$2" ||
		die "could not unpack $1" "dpkg-deb failed, see its output above; $(disk)" \
			"free some space, then run the same command again"
	rm -f "$1"
}

# fetch DIR PACKAGE...: unpacks PACKAGEs of $version into DIR.
fetch() {
	local dir=$1 p progress
	shift
	# On a terminal apt shows its progress. This user may not be the one who can open the terminal.
	exec {progress}>&2
	[ -t 2 ] || exec {progress}>/dev/null
	(
		cd "$apt/archives"
		apt-get -q download "${@/%/=$version}" >&"$progress"
	) || die "could not fetch $*" "apt-get download failed, see its output above; $(disk)" \
		"check the network and the disk, then run the same command again"
	for p; do unpack "$apt/archives/${p}_"*.deb "$dir"; done
}

programs_are_there() {
	[ "$(cat "$kernel_dir/programs/made-of" 2>/dev/null)" = "${target_packages[*]}" ]
}

# fetch_all WHAT DIR PACKAGE...: unpacks PACKAGEs and all that they depend on into DIR. An apt
# that sees no installed package downloads them all.
fetch_all() {
	local deb
	: >"$apt/status"
	apt-get -q -y -o Dir::State::status="$apt/status" install --download-only --no-install-recommends \
		"${@:3}" >/dev/null ||
		die "could not fetch $1" "apt-get failed, see its output above; $(disk)" \
			"check the network and the disk, then run the same command again"
	for deb in "$apt"/archives/*.deb; do unpack "$deb" "$2"; done
}

# fetch_source PACKAGE DIR: unpacks the source of PACKAGE into DIR, which must not exist.
fetch_source() {
	(cd "$apt/archives" && apt-get -q source --download-only "$1" >/dev/null) ||
		die "could not fetch the source of $1" "apt-get failed, see its output above; $(disk)" \
			"check the network and the disk, then run the same command again"
	dpkg-source --no-copy -q -x "$apt/archives/"*.dsc "$2" ||
		die "could not unpack the source of $1" "dpkg-source failed, see its output above; $(disk)" \
			"free some space, then run the same command again"
}

# programs: unpacks the programs that suites use, for a kernel of another architecture than
# the toolchain's.
programs() {
	local dir=$kernel_dir/programs new=$work/programs start=$SECONDS
	[ -z "$update" ] && programs_are_there && return
	say "fetching programs of the architecture $debian_arch"
	fetch_all "programs of the architecture $debian_arch" "$new" "${target_packages[@]}"
	rm -rf "${new:?}/usr/share"
	# Programs name their loader by these.
	ln -s usr/lib "$new/lib"
	ln -s usr/lib64 "$new/lib64"
	echo "${target_packages[*]}" >"$new/made-of"
	mkdir -p "$kernel_dir"
	[ ! -d "$dir" ] || discard "$dir"
	mv "$new" "$dir"
	say "programs ready, $(elapsed "$start")"
}

# choose_release: sets $release and $version, from the archive.
choose_release() {
	local flavour=cloud-$debian_arch
	case $name in
	full) flavour=$debian_arch ;;
	rt) flavour=rt-$debian_arch ;;
	esac
	if [ "$name" = previous ]; then
		release=$(releases | sed -n "/-$flavour\$/p" | awk -F . '$1 "." $2 != series { before = newest }
			{ series = $1 "." $2; newest = $0 } END { print before }')
		[ -n "$release" ] ||
			die "the archive has no earlier series with Rust" "it has: $(releases | tr '\n' ' ')" \
				"use the kernel 'stock'"
	fi
	if [ -z "$release" ]; then
		version=$(newest_version "linux-image-$flavour")
		[ -n "$version" ] ||
			die "the archive has no kernel of the flavour $flavour" \
				"with Rust it has: $(releases | tr '\n' ' ')" "choose one of them with scripts/kernel --release"
		release=$(apt-cache show "linux-image-$flavour=$version" |
			sed -n 's/^Depends:.*linux-image-\([^ ,]*\) .*/\1/p')
	else
		version=$(newest_version "linux-headers-$release")
	fi
	[ -n "$version" ] ||
		die "the archive has no kernel $release" "of those with Rust it has: $(releases | tr '\n' ' ')" \
			"choose one of them, or update the system to one of them"
}

# shipped: unpacks the packages of the kernel into $work/deb.
shipped() {
	local packages=("linux-headers-$release" "linux-base-$release")
	[ -n "$portable" ] || packages+=("linux-binary-$release" "linux-modules-$release")
	# Besides, the largest package as downloaded, and the build.
	need_space $(($(mib "${packages[@]}") * 3 / 2 + 400)) "the kernel $release"
	fetch "$work/deb" "${packages[@]}"
	use_kernel "$work/build" "$work/deb/usr/src/linux-headers-$release"
}

# source_tree: unpacks the source of $version, as Debian patched it, into $source.
source_tree() {
	local series start=$SECONDS
	series=$(cut -d . -f 1,2 <<<"$release")
	source=$cache/source/$version
	[ ! -d "$source" ] || return 0
	need_space 2500 "the kernel's source"
	say "fetching the kernel's source, $version (170 MB)"
	fetch "$work/source" "linux-source-$series"
	mkdir -p "$cache/source"
	tar -C "$work/source" -xf "$work/source/usr/src/linux-source-$series.tar.xz" ||
		die "could not unpack the kernel's source" "tar failed, see its output above; $(disk)" \
			"free some space, then run the same command again"
	mv "$work/source/linux-source-$series" "$source"
	rm -rf "$work/source"
	say "source ready, $(elapsed "$start")"
}
