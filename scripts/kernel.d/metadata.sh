# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # Shares its variables with scripts/kernel.
#
# Makes a kernel's Rust metadata. Sourced by scripts/kernel.

# rename_folders: lets the crates name the folders of Debian's packages instead of those of this
# machine. Two machines then make the same metadata.
rename_folders() {
	source=$(realpath "$source") build=$(realpath "$build")
	mkdir -p "$work/bin"
	cat >"$work/bin/rustc" <<EOF
#!/bin/sh
exec $(command -v rustc) --remap-path-prefix=$source=/usr/src/linux-source-$(cut -d . -f 1,2 <<<"$release") \\
	--remap-path-prefix=$build=/usr/src/linux-headers-$release "\$@"
EOF
	chmod +x "$work/bin/rustc"
	PATH=$work/bin:$PATH
}

kbuild() {
	make -C "$source" O="$build" CC="$compiler" KERNELRELEASE="$release" \
		${cross:+ARCH="$kernel_arch" CROSS_COMPILE="$cross"} "$@" </dev/null
}

metadata() {
	local start=$SECONDS log=$cache/tmp/kernel.log
	mkdir -p "$build"
	[ -z "$portable" ] || rename_folders
	cp "$headers/.config" "$build/.config"
	say "making the Rust metadata of $release, one to two minutes"
	{ kbuild olddefconfig && kbuild -j"$(nproc)" modules_prepare; } 2>&1 |
		tee "$log" | sed -un 's/^  \(BINDGEN\|RUSTC\)/  \1/p' >&2 ||
		die "could not make the Rust metadata" "$(tail -n 5 "$log")" \
			"$(disk); free some if that is little, and run the same command again; the whole log is $log"
	say "metadata made, $(elapsed "$start")"
}
