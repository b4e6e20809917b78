# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/toolchain.
#
# The namespaces in which the toolchain is built and entered, and why they may not work
# here. Sourced by scripts/toolchain.

# Makes this process root over mounts of its own: an ordinary user in a user namespace with
# the user's subordinate ids.
namespace=(unshare --mount)
[ "$(id -u)" = 0 ] || namespace+=(--map-auto --map-root-user)
# The same with processes of their own. All of them end with the first, `$0 COMMAND`, which
# ends with this one. Unlike unshare --fork, this one ends with any signal.
# shellcheck disable=SC2016 # Expanded by the shell inside.
own_processes=("${namespace[@]}" --pid "$BASH" -c 'setpriv --pdeathsig KILL "$0" "$@"; exit $?' "$0")

# free_ids: prints a range of ids after the subordinate ids of all users.
free_ids() {
	cat /etc/login.defs /etc/subuid /etc/subgid 2>/dev/null | awk -F '[: \t]+' '
		BEGIN { first = 100000 }
		/^SUB_[UG]ID_MIN[ \t]/ && $2 > first { first = $2 }
		/^[^:]+:[0-9]+:[0-9]+$/ && $2 + $3 > first { first = $2 + $3 }
		END { print first "-" first + 65535 }'
}

# check_namespace: dies with a remedy if the namespaces cannot be made.
check_namespace() {
	local error file ids me
	me=$(id -un 2>/dev/null) || me=$(id -u)
	error=$("${namespace[@]}" true 2>&1) && return 0
	if [ "$(id -u)" = 0 ]; then
		die "cannot make a mount namespace" "$error" \
			"work where root may mount (a container needs --privileged), or in a Debian 13 container"
	elif ! command -v newuidmap >/dev/null; then
		die "user namespaces do not work here" "the program newuidmap is missing" \
			"run as root: apt-get install -y uidmap, or use this project as root"
	fi
	for file in /etc/subuid /etc/subgid; do
		ids=$(free_ids)
		grep -qE "^($me|$(id -u)):" "$file" 2>/dev/null ||
			die "this user has no subordinate ids" "$file has no line for $me" \
				"run as root: usermod --add-subuids $ids --add-subgids $ids $me"
	done
	if [ "$(cat /proc/sys/kernel/apparmor_restrict_unprivileged_userns 2>/dev/null)" = 1 ]; then
		die "user namespaces are forbidden here" "AppArmor restricts them on this system" \
			"run as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0, or use this project as root"
	elif ! unshare --help | grep -q -- --map-auto; then
		die "unshare is too old" "it lacks --map-auto, which came with util-linux 2.38" \
			"use this project as root (sudo make ...), or a newer distribution"
	else
		die "user namespaces do not work here" "$error" \
			"run as root: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000, or use this project as root"
	fi
}
