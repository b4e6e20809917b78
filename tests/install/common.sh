# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Shared by the tests of the set-up, besides tests/host/common.sh: a place for caches and
# trees of their own, runs that are ended on purpose, and cleaning up. Sourced, never run;
# `tests/install/NAME WORDS` makes only the checks whose title holds the WORDS.

. "$(dirname "${BASH_SOURCE[0]}")/../host/common.sh"
unset RUST_SAMPLE_TOOLCHAIN

# Root over files that belong to a user's subordinate ids, as in scripts/toolchain.
as_root=()
[ "$(id -u)" = 0 ] || as_root=(unshare --map-auto --map-root-user --mount)

make_cache
shared=$cache
# A test that was killed leaves a folder that is not locked. (A process id would not tell:
# inside the toolchain other processes are not seen.)
for left in "$shared"/tmp/install.*; do
	[ ! -d "$left" ] || flock -n "$left" true || continue
	"${as_root[@]}" rm -rf "$left"
done
place=$(mktemp -d "$shared/tmp/install.XXXXXX")
exec {held}<"$place"
flock "$held"
chmod 755 "$place"
groups=() at_end=() through=()
clean_up() {
	local group command
	trap '' INT TERM HUP
	for group in "${groups[@]}"; do
		kill -KILL -- "-$group" 2>/dev/null
	done
	wait
	for command in "${at_end[@]}"; do
		$command
	done
	"${as_root[@]}" rm -rf "$place" "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
set +e

# link_cache DIR PART...: makes a cache in DIR with PARTs of the shared one. Toolchain and
# source need no space, as nothing writes to them.
link_cache() {
	local dir=$1 part
	shift
	mkdir -p "$dir/lock" "$dir/tmp"
	for part; do
		case $part in
		toolchain)
			mkdir -p "$dir/toolchain"
			"${as_root[@]}" cp -al "$(RUST_SAMPLE_CACHE=$shared "$project/scripts/toolchain" where)" "$dir/toolchain/"
			;;
		source)
			mkdir -p "$dir/source"
			cp -al "$(readlink -f "$shared/kernel/stock/build/source")" "$dir/source/"
			;;
		kernel)
			mkdir -p "$dir/kernel"
			cp -a "$shared/kernel/stock" "$shared/kernel/$(readlink "$shared/kernel/stock")" "$dir/kernel/"
			;;
		esac
	done
}

use_cache() {
	export RUST_SAMPLE_CACHE=$1
	cache=$1
}

remove_cache() {
	"${as_root[@]}" rm -rf "$1"
}

# start COMMAND...: starts COMMAND in a session of its own, and sets $group to its id.
start() {
	# A background command ignores ^C by default.
	env --default-signal=INT,QUIT setsid "$@" </dev/null &
	group=$!
	groups+=("$group")
}

# is_running: whether the process that `start` started last is running.
is_running() {
	kill -0 "$group" 2>/dev/null
}

# end SIGNAL: ends the whole group, and sets $ended to its status.
end() {
	ended=0
	kill -s "$1" -- "-$group"
	wait "$group" || ended=$?
	echo "ended by SIG$1 with status $ended"
	forget
}

forget() {
	unset 'groups[-1]'
}

# users_of DIR: prints the processes that have DIR as their cache, or work in it. The last ones
# of a process namespace may need a moment to end.
users_of() {
	local pid found
	for _ in {1..50}; do
		found=''
		for pid in /proc/[0-9]*; do
			if tr '\0' '\n' 2>/dev/null <"$pid/environ" | grep -qF "RUST_SAMPLE_CACHE=$1" ||
				[[ $(readlink "$pid/cwd" "$pid/root" 2>/dev/null) = *"$1"* ]]; then
				found+="${pid#/proc/} ($(tr '\0' ' ' 2>/dev/null <"$pid/cmdline")) "
			fi
		done
		[ -n "$found" ] || return 0
		sleep 0.1
	done
	echo "still running: $found"
	return 1
}

# nothing_left: whether no process and no mount is left that used $place.
nothing_left() {
	users_of "$place" || return 1
	if grep -F "$place" /proc/self/mountinfo; then
		echo "still mounted"
		return 1
	fi
}

# ordinary_user: sets $name, $home, $tree with a copy of the project, and $home_cache. As root,
# makes a user for this, $user, and removes it at the end.
ordinary_user() {
	user='' name=$(id -un) home=$place/home
	if [ "$name" = root ]; then
		user=${module_name//_/-}-test name=$user
		# One test at a time has this user.
		hold "/run/lock/$user"
		at_end+=(remove_user)
		userdel -r "$user" >/dev/null 2>&1
		useradd --create-home --shell /bin/bash "$user" ||
			die "could not make the user $user" "see the output of useradd above" ""
		home=$(getent passwd "$user" | cut -d : -f 6)
		# No other user can read it, as on Debian.
		chmod 700 "$home"
	else
		mkdir -p "$home"
	fi
	# shellcheck disable=SC2034 # The caller reads them.
	tree=$home/$module_name home_cache=$home/.cache/rust_sample
	copy_tree "$tree"
	[ -z "$user" ] || chown -R "$user:" "$home"
}
remove_user() {
	userdel -r "$user" 2>/dev/null
}

# start_as COMMAND...: starts COMMAND as the user, in the user's copy of the project and with an
# unusual environment, through the command in $through if that is set.
start_as() {
	local variable environment=(HOME="$home" PATH=/usr/bin:/bin LC_ALL=tr_TR.UTF-8 LANGUAGE=tr
		USER="$name" LOGNAME="$name")
	for variable in MIRROR http_proxy https_proxy no_proxy; do
		[ -z "${!variable:-}" ] || environment+=("$variable=${!variable}")
	done
	# shellcheck disable=SC2016 # Expanded by the login shell.
	start "${through[@]}" ${user:+setpriv --reuid="$user" --regid="$user" --init-groups} \
		env -i -C "$tree" "${environment[@]}" bash -lc 'umask 077 && exec "$@"' bash "$@"
}

as() {
	local status=0
	start_as "$@"
	wait "$group" || status=$?
	forget
	return "$status"
}

# bare_system ROOT [OPTION...]: makes a Debian 13 as in a container image, with OPTIONs for
# mmdebstrap.
bare_system() {
	TMPDIR=$place "${as_root[@]:-env}" mmdebstrap --quiet --mode=root --variant=minbase \
		--skip=chroot/mount/sys "${@:2}" "$debian_suite" "$1" ${MIRROR:+"$MIRROR"}
}

# in_bare ROOT DIR COMMAND...: runs COMMAND as root in the folder DIR of such a system, which has
# /proc and /dev as in a container, without the right to mount.
in_bare() {
	local variable status=0 environment=(HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin)
	for variable in MIRROR http_proxy https_proxy no_proxy; do
		[ -z "${!variable:-}" ] || environment+=("$variable=${!variable}")
	done
	# shellcheck disable=SC2016 # Expanded by the shell inside.
	start "${as_root[@]:-unshare}" --mount --pid --fork --kill-child sh -euc '
		root=$1
		shift
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/tmp"
		cat /etc/resolv.conf >"$root/etc/resolv.conf"
		exec chroot "$root" setpriv --bounding-set -sys_admin env -i "$@"' \
		sh "$1" -C "$2" "${environment[@]}" "${@:3}"
	wait "$group" || status=$?
	forget
	return "$status"
}

# fails_with TEXT... ::: COMMAND...: whether COMMAND fails, and prints each TEXT.
fails_with() {
	local texts=()
	while [ "$1" != ::: ]; do texts+=("$1") && shift; done
	shift
	if "$@"; then
		echo "it did not fail: $*" && return 1
	fi
	says 'error: ' "${texts[@]}"
}

# use_warm: uses a cache that has all, and sets $build to the build folder of its kernel.
# shellcheck disable=SC2034 # The caller reads $build.
use_warm() {
	[ -d "$place/warm" ] || link_cache "$place/warm" toolchain source kernel
	use_cache "$place/warm"
	build=$(readlink -f "$cache/kernel/stock/build")
}
