# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # Uses the variables of tests/install/common.sh.
#
# Headless Chromium and rsvg-convert, in a Debian of their own in the cache, for files in the
# folder $work. Sourced after tests/install/common.sh, never run.

readonly packages=(chromium fonts-dejavu-core imagemagick librsvg2-bin)
renderers=$shared/renderers/$(printf '%s\n' "$debian_suite" "${packages[@]}" | sha256sum | cut -c -12)
work=$place/work

# make_renderers: in a shell of its own, whose end releases the lock.
make_renderers() (
	lock renderers
	[ ! -d "$renderers" ] || exit 0
	need_space 2000 "the renderers"
	mkdir -p "$shared/renderers"
	# With processes of its own, an ordinary user may mount /proc.
	TMPDIR=$place "${as_root[@]:-unshare}" --mount --pid --fork --kill-child mmdebstrap --quiet --mode=root --variant=minbase \
		--include="$(IFS=, && echo "${packages[*]}")" --skip=chroot/mount/sys \
		"$debian_suite" "$place/renderers" ${MIRROR:+"$MIRROR"} &&
		"${as_root[@]:-env}" mv "$place/renderers" "$renderers"
)

# inside COMMAND...: runs COMMAND in the folder $work, in the Debian of the renderers.
inside() {
	local status=0
	# shellcheck disable=SC2016 # Expanded by the shell inside.
	start "${as_root[@]:-unshare}" --mount --pid --fork --kill-child --net sh -euc '
		root=$1 work=$2
		shift 2
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount -t tmpfs tmpfs "$root/tmp"
		mount --bind "$work" "$root/mnt"
		exec chroot "$root" env -i -C /mnt HOME=/tmp PATH=/usr/bin:/bin "$@"' \
		sh "$renderers" "$work" "$@"
	wait "$group" || status=$?
	forget
	return "$status"
}

# chromium_on FILE OPTION...
chromium_on() {
	inside chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--no-first-run --disable-background-networking --user-data-dir=/tmp/chromium \
		--log-level=3 --hide-scrollbars "${@:2}" "file:///mnt/$1"
}

# need_renderers WHAT: makes the renderers and the folder $work. Where they cannot be made, skips
# WHAT and ends the test. Call it after ktap_begin.
need_renderers() {
	if ! command -v mmdebstrap >/dev/null; then
		skip "$1" "mmdebstrap is missing"
		ktap_end
	fi
	make_renderers || die "could not make the renderers" "see the output of mmdebstrap above" \
		"check the network, the disk and the mirror (MIRROR=URL chooses one)"
	mkdir "$work"
}
