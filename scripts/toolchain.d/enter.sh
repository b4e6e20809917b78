# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # Shares its variables with scripts/toolchain.
#
# The namespaces of the toolchain, and running commands inside. Sourced by scripts/toolchain.

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
	elif ! grep -q -- --map-auto <<<"$(unshare --help)"; then
		die "unshare is too old" "it lacks --map-auto, which came with util-linux 2.38" \
			"use this project as root (sudo make ...), or a newer distribution"
	else
		die "user namespaces do not work here" "$error" \
			"run as root: sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000, or use this project as root"
	fi
}

# clean_environment WHERE: prints the environment inside, which has only these variables.
clean_environment() {
	local name
	set -- HOME=/tmp PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		LANG=C.UTF-8 RUST_SAMPLE_IN_TOOLCHAIN="$1" RUST_SAMPLE_CACHE="$cache"
	for name in TERM COLUMNS LINES V CI KERNEL KERNEL_SRC RUST_SAMPLE_M RUST_SAMPLE_KBUILD SUITE ARCH MIRROR SEED \
		http_proxy https_proxy ftp_proxy no_proxy \
		HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY; do
		[ -z "${!name:-}" ] || set -- "$@" "$name=${!name}"
	done
	printf '%s\0' "$@"
}

run() {
	local environment
	setup
	# The lock is held as long as anything runs inside.
	if [ "$(mode)" = system ]; then
		lock toolchain shared
		mapfile -d '' -t environment < <(clean_environment system)
		cd "$project" || exit
		exec env -i "${environment[@]}" "$@"
	fi
	check_namespace
	# The run that held the lock may have removed the toolchain.
	while
		lock toolchain shared
		[ ! -d "$(toolchain_root)" ]
	do
		exec {locked}>&-
		setup
	done
	exec "${own_processes[@]}" inside "$(toolchain_root)" "$@"
}

# first CMD...: runs CMD below the first process of a process namespace, which gets only the
# signals that it handles.
first() {
	local status=0
	trap : INT QUIT TERM HUP
	"$@" || status=$?
	exit "$status"
}

# bind PATH: makes the host's folder or file PATH visible inside the toolchain $root, by the
# same name. A file system in memory holds the mount points, so that they do not stay, unless
# the toolchain has such a folder of its own. There no file becomes visible.
bind() {
	local top=${1#/}
	top=$root/${top%%/*}
	case ${top##*/} in
	tmp) ;;
	bin | boot | dev | etc | lib* | proc | run | sbin | sys | usr | var) [ -d "$1" ] || return 0 ;;
	*)
		mkdir -p "$top"
		mountpoint -q "$top" || mount -t tmpfs -o mode=755 tmpfs "$top"
		;;
	esac
	if [ -d "$1" ]; then
		mkdir -p "$root$1"
	else
		mkdir -p "$root${1%/*}"
		: >>"$root$1"
	fi
	# Nothing inside may change the user's kernel tree. An ordinary user cannot mount it
	# read-only everywhere, but nothing writes there either.
	[ "$1" = "${KERNEL_SRC:-}" ] && mount -o rbind,ro "$1" "$root$1" 2>/dev/null && return
	mount --rbind "$1" "$root$1"
}

# repository DIR: prints the folder of the git repository that holds DIR, or DIR. A module may
# use files of its repository.
repository() {
	local dir=$1
	until [ -z "$dir" ] || [ -e "$dir/.git" ]; do dir=${dir%/*}; done
	echo "${dir:-$1}"
}

# inside ROOT CMD...: the first process inside. Its mounts end with it. The project, the cache,
# the module's folder, the caller's folder and the paths in CMD (-C DIR, M=DIR, FILE) keep their
# names.
inside() {
	local root=$1 file dir word environment folders=("$project" "$cache" ${KERNEL_SRC:+"$KERNEL_SRC"})
	shift
	mount -t proc proc "$root/proc" ||
		die "cannot mount /proc in the toolchain" "this container hides parts of its own /proc" \
			"work as root with --privileged, or in a Debian 13 container"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/tmp"
	for file in /etc/resolv.conf /etc/hosts; do
		[ ! -e "$file" ] || mount --bind "$file" "$root$file"
	done
	for word in "$PWD" "$@"; do
		dir=${word#*=}
		[[ $dir != /* || ! -e $dir || -e $root$dir ]] || folders+=("$dir")
	done
	[ -z "${RUST_SAMPLE_M:-}" ] || folders+=("$(repository "$RUST_SAMPLE_M")")
	# Outer folders first, as one may lie in another.
	mapfile -d '' -t folders < <(printf '%s\0' "${folders[@]}" | sort -zu)
	for dir in "${folders[@]}"; do
		bind "$dir"
	done
	mapfile -d '' -t environment < <(clean_environment cache)
	first chroot "$root" /usr/bin/env -i -C "$project" "${environment[@]}" "$@"
}
