# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/kernel-debug: checks that a .config has the options that were asked for.
#
# shellcheck disable=SC2154 # Set by scripts/kernel-debug.

# Options that a kernel with its own configuration must have to boot in scripts/vm with
# the module.
readonly least=(RUST MODULES MODULE_UNLOAD DEVTMPFS PROC_FS SYSFS TMPFS UNIX98_PTYS
	BLK_DEV_INITRD BINFMT_ELF BINFMT_SCRIPT PCI VIRTIO_PCI VIRTIO_CONSOLE)

# fell_out FRAGMENT...: the options that are not as the last FRAGMENT with them asks, and
# what they depend on: olddefconfig drops an option silently if a dependency is not met.
fell_out() {
	local line option
	awk '/^CONFIG_/ || /^# CONFIG_[A-Z0-9_]* is not set/ {
			option = $0; sub(/^# /, "", option); sub(/[= ].*/, "", option)
			if (!(option in last)) order[++n] = option
			last[option] = $0
		}
		END { for (i = 1; i <= n; i++) print last[order[i]] }' "$@" |
		while read -r line; do
			option=${line#'# '} option=${option%%[= ]*}
			if [[ $line = '#'* ]]; then
				! grep -q "^$option=" "$build/.config" || echo "$option is set"
			elif ! grep -qxF "$line" "$build/.config"; then
				echo "$line: $(depends_on "${option#CONFIG_}")"
			fi
		done
}

# depends_on OPTION: its dependencies in Kconfig, on one line.
depends_on() {
	dependencies "$source" "$1" | sed 's/.*/depends on &; /' | tr -d '\n' || echo "this tree has no such option"
	[ "$1" != RUST ] || kbuild rustavailable 2>&1 | grep -v '^make' | tail -n 5 || true
}

# wanted_options: dies unless the options are as asked for.
wanted_options() {
	local missing option
	if [ -z "$own_config" ]; then
		missing=$(fell_out "${fragments[@]}" "${local[@]}")
		[ -z "$missing" ] ||
			die "options fell out of the .config of the kernel '$name'" "$missing" \
				"set what they depend on in tests/debug.config, or correct ${chosen##*/}"
		return
	fi
	missing=$(
		[ ${#local[@]} = 0 ] || fell_out "${local[@]}"
		for option in "${least[@]}"; do
			grep -qx "CONFIG_$option=y" "$build/.config" || echo "CONFIG_$option=y: $(depends_on "$option")"
		done
	)
	[ -z "$missing" ] ||
		die "the configuration in $own_config can't do" "$missing" \
			"set these, or remove the file to get the debug kernel's options"
}
