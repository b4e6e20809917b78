# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every host script shares: messages, the cache, its locks, and the way
# into the toolchain. Sourced, never run.

set -euo pipefail

# The project as the running script sees it: its own place on the host, a fixed
# place inside the toolchain.
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
RUST_SAMPLE_CACHE=${RUST_SAMPLE_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, nor is RUST_SAMPLE_CACHE}/.cache}/rust_sample}
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
	qemu=qemu-system-x86_64 qemu_package=qemu-system-x86
	# To build programs of 32 bits for the same kernel.
	compat_packages=(libc6-dev-i386 lib32gcc-14-dev)
	;;
arm64 | aarch64)
	debian_arch=arm64 kernel_arch=arm64 gnu_type=aarch64-linux-gnu
	qemu=qemu-system-aarch64 qemu_package=qemu-system-arm
	compat_packages=()
	;;
*)
	die "no support for the architecture '$debian_arch'" \
		"the table in scripts/lib.sh does not have it" \
		"choose one with ARCH=amd64 or ARCH=arm64"
	;;
esac
# Read by the scripts that source this file.
# shellcheck disable=SC2034
readonly debian_arch kernel_arch gnu_type qemu qemu_package compat_packages

# make_cache: the cache folder, or a message that says why it cannot be.
make_cache() {
	mkdir -p "$cache/tmp" "$cache/lock" 2>/dev/null ||
		die "cannot create the cache folder $cache" \
			"$(mkdir -p "$cache/tmp" "$cache/lock" 2>&1 | tail -n 1)" \
			"choose another with RUST_SAMPLE_CACHE=DIR"
}

# lock NAME [shared]: hold the lock NAME until this process ends.
lock() {
	local fd how=-x
	[ "${2:-}" != shared ] || how=-s
	make_cache
	exec {fd}>>"$cache/lock/$1"
	if ! flock -n "$how" "$fd"; then
		say "waiting for another run that holds the lock '$1'"
		flock "$how" "$fd"
	fi
}

# free_mib DIR: free space in MiB on the file system that holds DIR.
free_mib() {
	df -Pm "$1" | awk 'NR == 2 { print $4 }'
}

# need_space DIR MIB WHAT
need_space() {
	local free
	free=$(free_mib "$1")
	[ "$free" -ge "$2" ] ||
		die "no room for $3" \
			"$1 has $free MiB free, $2 MiB are needed" \
			"free some space, or choose another place with RUST_SAMPLE_CACHE=DIR"
}

# The shared lock and the namespace end with the process that entered.
in_toolchain() {
	[ -n "${RUST_SAMPLE_IN_TOOLCHAIN:-}" ]
}

# enter_toolchain "$@": run the calling script again inside the toolchain,
# unless this is the inside.
enter_toolchain() {
	in_toolchain ||
		exec "$project/scripts/toolchain" run "scripts/${0##*/}" "$@"
}
