# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every host script shares: messages, the cache, its locks, and the way
# into the toolchain. Sourced, never run.

set -euo pipefail
# The caller's environment must not change what the scripts do. Exported functions
# would replace commands here and in every bash below, and the variables change cd,
# bash, awk, df and tar.
while read -r _ _ name; do unset -f "$name"; done < <(declare -Fx)
unset CDPATH BASH_ENV ENV LANGUAGE POSIXLY_CORRECT TAR_OPTIONS
export LC_ALL=C.UTF-8
# An ordinary user's PATH may lack chroot and depmod. The system's folders come last:
# where the user has chosen a program, that choice stands.
for name in /usr/sbin /sbin; do
	[[ :$PATH: = *:$name:* ]] || PATH=${PATH:+$PATH:}$name
done
unset name
export PATH
# Users of the VM and of the toolchain other than this one read what is made here.
umask 022

# The project has the same name on the host and inside the toolchain.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# What Kbuild builds here: the module's name.
module_name=$(sed -n 's/^obj-m := *\([a-z0-9_]*\)\.o$/\1/p' "$project/Kbuild")
RUST_SAMPLE_CACHE=${RUST_SAMPLE_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, nor is RUST_SAMPLE_CACHE}/.cache}/rust_sample}
[[ $RUST_SAMPLE_CACHE = /* ]] || RUST_SAMPLE_CACHE=$PWD/$RUST_SAMPLE_CACHE
export RUST_SAMPLE_CACHE
cache=$RUST_SAMPLE_CACHE
say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die WHAT-FAILED [WHY [WHAT-TO-DO]]
die() {
	printf '%s: error: %s\n' "${0##*/}" "$1" >&2
	[ -z "${2:-}" ] || printf '%s:   why:  %s\n' "${0##*/}" "$2" >&2
	[ -z "${3:-}" ] || printf '%s:   todo: %s\n' "${0##*/}" "$3" >&2
	exit 1
}

# bad_character PATH: prints the first character that Kbuild cannot take in a path.
bad_character() {
	local bad=${1//[[:alnum:]\/._+@~-]/}
	printf '%s' "${bad:0:1}"
}

# check_path WHAT PATH REMEDY: dies if Kbuild cannot take PATH.
check_path() {
	local bad
	bad=$(bad_character "$2")
	[ -z "$bad" ] ||
		die "$1 cannot be in '$2'" "the kernel's build takes no path with '$bad' in it" "$3"
}

# check_owners DIR [FIND-OPTION...]: dies if another user owns a file in DIR that this
# user cannot write.
check_owners() {
	local file owner me
	me=$(id -un 2>/dev/null) || me=$(id -u)
	# A toolchain's files may belong to subordinate ids, which are no users.
	file=$(find "$@" ! -user "$me" ! -nouser ! -type l ! -writable -print -quit 2>/dev/null || true)
	[ -n "$file" ] || return 0
	owner=$(stat -c %U "$file")
	die "cannot write to $file" "it belongs to $owner, as after sudo make" \
		"run as root: find $1 -user $owner -exec chown -h $me:$(id -g) {} +"
}

# make_build: the folder build, or a message that says why it cannot be written.
make_build() {
	local why
	check_owners "$project/build"
	why=$({ mkdir -p "$project/build" && touch "$project/build"; } 2>&1) ||
		die "cannot write to $project/build" "${why##*: }" \
			"work in a copy of the project in a folder that this user can write"
	need_space 50 "what is built" "$project"
}

# A kernel's tree to build from, by its one absolute name.
if [ -n "${KERNEL_SRC:-}" ]; then
	[ -d "$KERNEL_SRC" ] || die "there is no folder $KERNEL_SRC" "KERNEL_SRC names it" "name a kernel's tree"
	KERNEL_SRC=$(realpath "$KERNEL_SRC")
	export KERNEL_SRC
	check_path "a kernel's tree" "$KERNEL_SRC" "move the tree"
fi

# A command's seconds so far, for progress lines.
elapsed() {
	printf '%d s' "$((SECONDS - ${1:-0}))"
}

# The architecture the module is built for, by Debian's name, and everything
# that differs between architectures: nothing else may assume one.
debian_arch=${ARCH:-$(uname -m)}
case $debian_arch in
amd64 | x86_64 | x86)
	debian_arch=amd64 kernel_arch=x86 gnu_type=x86_64-linux-gnu
	qemu=qemu-system-x86_64 qemu_package=qemu-system-x86 firmware_package=ovmf
	# To build programs of 32 bits for the same kernel.
	compat_packages=(libc6-dev-i386 lib32gcc-14-dev)
	# To build it on a machine of another architecture.
	cross_packages=(gcc-14-x86-64-linux-gnu libc6-dev-amd64-cross)
	# The options of a kernel that fall out when it is built there.
	cross_options=()
	;;
arm64 | aarch64)
	debian_arch=arm64 kernel_arch=arm64 gnu_type=aarch64-linux-gnu
	qemu=qemu-system-aarch64 qemu_package=qemu-system-arm firmware_package=qemu-efi-aarch64
	compat_packages=()
	cross_packages=(gcc-14-aarch64-linux-gnu libc6-dev-arm64-cross)
	cross_options=(COMPAT_VDSO THUMB2_COMPAT_VDSO)
	;;
*)
	die "no support for the architecture '$debian_arch'" \
		"the table in scripts/lib.sh does not have it" \
		"choose one with ARCH=amd64 or ARCH=arm64"
	;;
esac
# Kbuild has names of its own for them.
[ -z "${ARCH:-}" ] || export ARCH=$kernel_arch

# The kernels by their names, what is built for each, and the compiler of programs; for
# another architecture than this machine's with the prefix of its tools' names.
if [ "${gnu_type%%-*}" = "$(uname -m)" ]; then
	kernel_dir=$cache/kernel build_dir=build target_cc=gcc cross='' cross_packages=() cross_options=()
else
	kernel_dir=$cache/kernel.$debian_arch build_dir=build/$debian_arch cross=$gnu_type-
	target_cc="${cross}gcc-14 -idirafter $kernel_dir/programs/usr/include -L $kernel_dir/programs/usr/lib/$gnu_type"
fi
# Read by the scripts that source this file.
# shellcheck disable=SC2034
readonly debian_arch kernel_arch gnu_type qemu qemu_package firmware_package compat_packages \
	cross_packages cross_options cross target_cc kernel_dir build_dir module_name

# Debian's kernels, by their names here; scripts/kernel knows what each is.
readonly debian_kernels=(stock full rt previous)

# check_kernel_name NAME: that there can be such a kernel.
check_kernel_name() {
	local there="${debian_kernels[*]} debug kobject src with-rust without-rust"
	[[ $1 != *[[:space:]]* && -n $1 && " $there " = *" $1 "* ]] || die "no kernel is called '$1'" "" "there are ${there// /, }"
}

# kernel_is_made NAME MADE-BY: whether there is a kernel of that name, and made that way.
kernel_is_made() {
	[ -e "$kernel_dir/$1/build/source/Makefile" ] &&
		[ "$(cat "$kernel_dir/$1/made-by" 2>/dev/null)" = "$2" ]
}

# make_cache: the cache folder, or a message that says why it cannot be. What
# `make cache-clean` removes must be ours, so a folder with other things in it
# never becomes the cache.
make_cache() {
	local why
	check_path "the cache" "$cache" "choose another with RUST_SAMPLE_CACHE=DIR"
	if [ ! -d "$cache/lock" ] && [ -n "$(ls -A -I lost+found "$cache" 2>/dev/null)" ]; then
		die "the folder $cache is not empty, and no cache of this project" "" \
			"choose another with RUST_SAMPLE_CACHE=DIR"
	fi
	check_owners "$cache" -maxdepth 2
	why=$({ mkdir -p "$cache/lock" "$cache/tmp" && : >>"$cache/lock/toolchain"; } 2>&1) ||
		die "cannot write to the cache folder $cache" "${why##*: }" \
			"choose another with RUST_SAMPLE_CACHE=DIR"
	# What backups leave out, by the cache directory tagging specification.
	[ -s "$cache/CACHEDIR.TAG" ] ||
		printf '%s\n' 'Signature: 8a477f597d28d172789f06886806bc55' '# The cache of rust_sample' \
			2>/dev/null >"$cache/CACHEDIR.TAG" || true
}

# hold FILE [shared]: lock FILE, which is made if it is missing, until this process and all that
# inherit from it end, or the file descriptor $locked is closed.
hold() {
	local how=-x why
	[ "${2:-}" != shared ] || how=-s
	while
		why=$({ mkdir -p "${1%/*}" && : >>"$1"; } 2>&1) ||
			die "cannot write to ${1#"$project/"}" "${why##*: }" "make it writable for $(id -un)"
		exec {locked}>>"$1"
		if ! flock -n "$how" "$locked"; then
			say "waiting for another run that holds the lock '${1##*/}'"
			flock "$how" "$locked"
		fi
		# The run that held it may have removed it, with the folder.
		[ ! "/dev/fd/$locked" -ef "$1" ]
	do
		exec {locked}>&-
	done
}

# lock NAME [shared]: hold a lock of the cache.
lock() {
	make_cache
	hold "$cache/lock/$1" "${2:-}"
	# See above: the rest of it, too.
	make_cache
}

# lock_build NAME [shared]: hold a lock of what is built in the project: `built` for the
# modules and programs, another name for another part of build/. With each of them `all` is
# held, for which `make clean` waits.
lock_build() {
	[ "$1" = all ] || hold "$project/build/lock/all" shared
	hold "$project/build/lock/$1" "${2:-}"
}

# sources: the project's files, one a line, whatever else was put or built into its folder.
sources() {
	local file not_built=()
	while read -r file; do
		not_built+=(! -name "$file")
	done < <(grep -v / "$project/.gitignore")
	(
		shopt -s nullglob
		cd "$project"
		for file in .ci .config.fragment .editorconfig .gitattributes .github .gitignore ./*.md COPYING \
			Kbuild Makefile dkms.conf ./*.rs fifo kernel_ext miscdev uapi bench docs scripts tests; do
			[ ! -e "$file" ] || find "${file#./}" -type f "${not_built[@]}"
		done
	)
}

# module_sources: those of the module alone.
module_sources() {
	sources | grep -vE '^(bench|docs|scripts|tests)/' | grep -E '(\.(rs|c|h)|^Kbuild)$'
}

# copy_tree DIR: the sources as they are here, into DIR.
copy_tree() {
	mkdir -p "$1"
	sources | tar -C "$project" -T - -c | tar -C "$1" -x
}

# free_mib DIR: free space in MiB on the file system that holds DIR.
free_mib() {
	df -Pm "$1" | awk 'NR == 2 { print $4 }'
}

# need_space MIB WHAT [DIR]: in DIR, or in the cache.
need_space() {
	local free where=${3:-$cache} other="; or choose another place with RUST_SAMPLE_CACHE=DIR"
	[ "$where" = "$cache" ] || other=''
	free=$(free_mib "$where")
	[ "${free:-0}" -ge "$1" ] ||
		die "no room for $2" "$where has ${free:-no} MiB free, $1 MiB are needed" "free some space$other"
}

in_toolchain() {
	[ -n "${RUST_SAMPLE_IN_TOOLCHAIN:-}" ]
}

# enter_toolchain "$@": run the calling script again inside the toolchain,
# unless this is the inside.
enter_toolchain() {
	in_toolchain ||
		exec "$project/scripts/toolchain" run "scripts/${0##*/}" "$@"
}
