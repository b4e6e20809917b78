# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What all scripts on this machine share: messages, the cache and its locks, the list of
# sources, and the way into the toolchain. Sourced, never run.

set -euo pipefail
# The caller's environment must not change what the scripts do. Exported functions
# would replace commands here and in every bash below, and the variables change cd,
# bash, awk, df and tar, and end each read after TMOUT seconds.
while read -r _ _ name; do unset -f "$name"; done < <(declare -Fx)
unset CDPATH BASH_ENV ENV LANGUAGE POSIXLY_CORRECT TAR_OPTIONS TMOUT
export LC_ALL=C.UTF-8
# An ordinary user's PATH may lack chroot and depmod. The system's folders come last, so
# that a program of the user's choice stays the first.
for name in /usr/sbin /sbin; do
	[[ :$PATH: = *:$name:* ]] || PATH=${PATH:+$PATH:}$name
done
unset name
export PATH
# Other users read what is made here: those inside the VM and the toolchain.
umask 022

# The project has the same name on the host and inside the toolchain.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# The module's folder, its name, which only Kbuild states, and the folder for what is built.
module_dir=$project build_top=build
module_name=$(sed -n 's/^obj-m := *\([a-z0-9_]*\)\.o$/\1/p' "$project/Kbuild")
RUST_SAMPLE_CACHE=${RUST_SAMPLE_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, nor is RUST_SAMPLE_CACHE}/.cache}/rust_sample}
RUST_SAMPLE_CACHE=$(realpath -m "$RUST_SAMPLE_CACHE")
export RUST_SAMPLE_CACHE
cache=$RUST_SAMPLE_CACHE

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# die WHAT-FAILED [WHY [REMEDY]]
die() {
	printf '%s: error: %s\n' "${0##*/}" "$1${2:+: $2}" >&2
	[ -z "${3:-}" ] || printf '%s:   todo: %s\n' "${0##*/}" "$3" >&2
	exit 1
}

# The caller may leave the folder to which $0 is relative.
self=$(readlink -f "$0")
# usage: prints the comment at the top of the script.
usage() {
	sed -n '4,/^[^#]*$/ { /^# shellcheck/d; s/^# \{0,1\}//p }' "$self"
}

# elapsed [SINCE]: the seconds of this script so far.
elapsed() {
	printf '%d s' "$((SECONDS - ${1:-0}))"
}

# check_path WHAT PATH REMEDY: dies if Kbuild does not take PATH.
check_path() {
	local bad=${2//[[:alnum:]\/._+@~-]/}
	[ -z "$bad" ] ||
		die "$1 cannot be in '$2'" "the kernel's build takes no path with '${bad:0:1}' in it" "$3"
}

# check_owners DIR [FIND-OPTION...]: dies if DIR has a file of another user that this
# user cannot write.
check_owners() {
	local file owner me
	me=$(id -un 2>/dev/null) || me=$(id -u)
	# A toolchain's files may belong to subordinate ids, which have no names.
	file=$(find "$@" ! -user "$me" ! -nouser ! -type l ! -writable -print -quit 2>/dev/null || true)
	[ -n "$file" ] || return 0
	owner=$(stat -c %U "$file")
	die "cannot write to $file" "it belongs to $owner, as after sudo make" \
		"run as root: find $1 -user $owner -exec chown -h $me:$(id -g) {} +"
}

# free_mib DIR: free space in MiB on the file system that holds DIR.
free_mib() {
	df -Pm "$1" | awk 'NR == 2 { print $4 }'
}

# need_space MIB WHAT [DIR]: dies if DIR, or the cache, lacks that space.
need_space() {
	local free where=${3:-$cache} other="; or choose another place with RUST_SAMPLE_CACHE=DIR"
	[ "$where" = "$cache" ] || other=''
	free=$(free_mib "$where")
	[ "${free:-0}" -ge "$1" ] ||
		die "no room for $2" "$where has ${free:-no} MiB free, $1 MiB are needed" "free some space$other"
}

# The folder of another module, from make M=DIR. It may have several modules, and is named
# instead of them.
if [ -n "${RUST_SAMPLE_M:-}" ]; then
	[ -d "$RUST_SAMPLE_M" ] ||
		die "there is no folder $RUST_SAMPLE_M" "M names it" "name the folder of a module's Kbuild or Makefile"
	RUST_SAMPLE_M=$(realpath "$RUST_SAMPLE_M")
	export RUST_SAMPLE_M
	check_path "a module" "$RUST_SAMPLE_M" "move the folder"
	module_dir=$RUST_SAMPLE_M module_name=${RUST_SAMPLE_M##*/}
	build_top=build/modules/$module_name.$(sha256sum <<<"$module_dir" | cut -c -8)
fi

# How remedies call make.
# shellcheck disable=SC2034 # The scripts that source this file read it.
make_command=make${RUST_SAMPLE_M:+ M=$RUST_SAMPLE_M}

. "$project/scripts/versions.sh"

# KERNEL_SRC by one absolute name.
if [ -n "${KERNEL_SRC:-}" ]; then
	[ -d "$KERNEL_SRC" ] || die "there is no folder $KERNEL_SRC" "KERNEL_SRC names it" "name a kernel's source tree"
	KERNEL_SRC=$(realpath "$KERNEL_SRC")
	export KERNEL_SRC
	check_path "a kernel's tree" "$KERNEL_SRC" "move the tree"
fi

# kernel_is_made NAME MADE-BY: whether there is a kernel NAME that was made that way.
kernel_is_made() {
	[ -e "$kernel_dir/$1/build/source/Makefile" ] &&
		[ "$(cat "$kernel_dir/$1/made-by" 2>/dev/null)" = "$2" ]
}

# discard PATH...: removes parts of the cache. They leave their place first: what an interrupted
# rm leaves there would count as ready.
# shellcheck disable=SC2154 # Only scripts/toolchain sets $namespace, and removes a toolchain.
discard() {
	local gone
	mkdir -p "$cache/tmp"
	gone=$(mktemp -d "$cache/tmp/gone.XXXXXX")
	mv -t "$gone" -- "$@"
	# A toolchain has files of the user's subordinate ids.
	rm -rf "$gone" 2>/dev/null || "${namespace[@]}" rm -rf "$gone"
}

# built_modules DIR: the modules that Kbuild has built in DIR, one a line.
built_modules() {
	[ ! -e "$1/modules.order" ] || sed "s,\(.*\)\.o$,$1/\1.ko," "$1/modules.order"
}

# make_build: makes the folder build, or dies with the reason.
make_build() {
	local why
	check_owners "$project/build"
	why=$({ mkdir -p "$project/build" && touch "$project/build"; } 2>&1) ||
		die "cannot write to $project/build" "${why##*: }" \
			"work in a copy of the project in a folder that this user can write"
	need_space 50 "what is built" "$project"
}

# make_cache: makes the cache folder, or dies with the reason. `make cache-clean` removes
# all of it, so a folder with other files in it never becomes the cache.
make_cache() {
	local why
	check_path "the cache" "$cache" "choose another with RUST_SAMPLE_CACHE=DIR"
	# Another run may make the cache between two looks at it.
	if [ ! -d "$cache/lock" ] && [ -n "$(ls -A -I lost+found "$cache" 2>/dev/null)" ] && [ ! -d "$cache/lock" ]; then
		die "the folder $cache is not empty, and no cache of this project" "" \
			"choose another with RUST_SAMPLE_CACHE=DIR"
	fi
	check_owners "$cache" -maxdepth 2
	why=$({ mkdir -p "$cache/lock" "$cache/tmp" && : >>"$cache/lock/toolchain"; } 2>&1) ||
		die "cannot write to the cache folder $cache" "${why##*: }" \
			"choose another with RUST_SAMPLE_CACHE=DIR"
	# By the cache directory tagging specification backups leave it out.
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
			die "cannot write to ${1#"$project/"}" "${why##*: }" "work in a copy of the project in a folder that this user can write"
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
	# The run that held it may have removed the rest, too.
	make_cache
}

# lock_build NAME [shared]: hold a lock of what is built in the project: `built` for the
# modules and programs, another name for another part of build/. Each holds `all`, too, for
# which `make clean` waits.
lock_build() {
	[ "$1" = all ] || hold "$project/build/lock/all" shared
	hold "$project/build/lock/$1" "${2:-}"
}

# sources: the project's files, one a line, without anything built or put there besides.
sources() {
	local file not_built=()
	while read -r file; do
		not_built+=(! -name "$file")
	done < <(grep -v / "$project/.gitignore")
	(
		shopt -s nullglob
		cd "$project"
		for file in .ci .clang-format .config.fragment .devcontainer .editorconfig .gitattributes .github .gitignore .rustfmt.toml .shellcheckrc \
			./*.md COPYING Containerfile Kbuild Makefile dkms.conf ./*.rs fifo kernel_ext miscdev uapi bench docs lessons scripts tests; do
			[ ! -e "$file" ] || find "${file#./}" -type f "${not_built[@]}"
		done
	)
}

# module_sources: those of the module alone.
module_sources() {
	sources | grep -vE '^(bench|docs|lessons|scripts|tests)/' | grep -E '(\.(rs|c|h)|^Kbuild)$'
}

# copy_tree DIR: copies the sources into DIR.
copy_tree() {
	mkdir -p "$1"
	sources | tar -C "$project" -T - -c | tar -C "$1" -x
}

in_toolchain() {
	[ -n "${RUST_SAMPLE_IN_TOOLCHAIN:-}" ]
}

# enter_toolchain "$@": runs the calling script again inside the toolchain, unless this
# is the inside.
enter_toolchain() {
	in_toolchain ||
		exec "$project/scripts/toolchain" run "scripts/${0##*/}" "$@"
}
