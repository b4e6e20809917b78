# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# A kernel to build for: its options, its metadata, its state. Sourced by scripts/doctor.

# shellcheck source=scripts/kernel.d/kconfig.sh
. "$project/scripts/kernel.d/kconfig.sh"
least_series=$(least_kernel)
readonly least_series

# locate NAME: finds that kernel, its source and its version.
locate() {
	kernel=$1 kdir=$kernel_dir/$1/build
	if [ -n "${KDIR:-}" ]; then
		kdir=$(cd "$KDIR" 2>/dev/null && pwd -P) || kdir=$KDIR
	fi
	# A build folder links to its source; headers are their own, or include it.
	source=$(readlink -f "$kdir/source")
	[ -d "$source/scripts" ] || source=$(sed -n 's,^include \(.*\)/Makefile$,\1,p' "$kdir/Makefile" 2>/dev/null | head -n 1)
	[ -d "$source/scripts" ] || source=$kdir
	release=$(cat "$kdir/include/config/kernel.release" 2>/dev/null)
	# Before it is prepared, the third line of .config has the version.
	: "${release:=$(sed -n '1,4s/^# Linux[^ ]* \([0-9][^ ]*\) Kernel Configuration$/\1/p' "$kdir/.config" 2>/dev/null)}"
}

# holds CONDITION: whether the .config meets a condition of Kconfig. Sets $values to what
# the options in it are. A condition that the shell reads differently counts as met.
holds() {
	local rest=$1 condition='' value
	values=''
	while [[ $rest =~ ^([^A-Z_]*)([A-Z_][A-Z0-9_]*)(.*)$ ]]; do
		value=$(config "${BASH_REMATCH[2]}")
		values+=" ${BASH_REMATCH[2]}=${value:-n}"
		case $value in
		y | m) value=1 ;;
		'' | *[!0-9]*) value=0 ;;
		esac
		condition+=${BASH_REMATCH[1]}$value rest=${BASH_REMATCH[3]}
	done
	condition+=$rest
	[[ ! $condition =~ ^([0-9[:space:]\&|()!]|[\<\>]=?|!=)+$ ]] || ((condition))
}

check_config_rust() {
	local condition values found=()
	if is_on RUST; then
		row ok CONFIG_RUST y - y
		return
	fi
	while read -r condition; do
		[ -z "$condition" ] || holds "$condition" ||
			found+=("it depends on $condition, but here$values")
	done < <(dependencies "$source" RUST)
	[ ${#found[@]} -gt 0 ] || found=("set it, if its dependencies in init/Kconfig are met: scripts/config -e RUST")
	row ERROR CONFIG_RUST n - y "${found[@]}" \
		"change these options, run make olddefconfig and build that kernel again; or use the project's: make KERNEL=stock"
}

# rustc_of FILE: the rustc that wrote it, which its first bytes name.
rustc_of() {
	head -c 512 "$1" | tr -c '[:print:]' '\n' | sed -n 's/.*\(rustc [0-9].*\)/\1/p' | head -n 1
}

check_metadata() {
	local file here=${text_of[rustc]:-} built made remedy
	local again="build with the kernel's own rustc, or build that kernel again with this one (make -C $kdir)"
	if ! is_on RUST; then
		row - metadata "none without CONFIG_RUST" - -
		return
	fi
	if [ -z "${KDIR:-}" ]; then
		remedy="make setup KERNEL=$kernel" again="make update"
	elif [ -e "$source/rust/kernel/lib.rs" ]; then
		remedy="make -C $kdir modules_prepare"
	elif [[ $release = *+deb* ]]; then
		remedy="Debian's headers leave it out: scripts/kernel stock --release $release makes it"
	else
		remedy="these headers leave it out: build that kernel from its source, or leave KDIR out to use the project's"
	fi
	for file in libcore.rmeta libbindings.rmeta libkernel.rmeta libmacros.so; do
		[ ! -e "$kdir/rust/$file" ] || continue
		row missing metadata "no rust/$file" - - "$remedy"
		return
	done
	row ok metadata "rust/*.rmeta" - -

	built=$(config RUSTC_VERSION_TEXT)
	made=$(rustc_of "$kdir/rust/libkernel.rmeta")
	if [[ $here != rustc* ]]; then
		row - same-rustc "unknown" - - "no rustc here to compare with"
	elif [ "$here" != "$built" ]; then
		row ERROR same-rustc no - - "this kernel was built with: $built" "the rustc here is:           $here" \
			"$again"
	elif [ "$made" != "$here" ]; then
		row ERROR same-rustc no - - "this metadata was made with: ${made:-unknown}" \
			"the rustc here is:           $here" "$remedy"
	else
		row ok same-rustc "to the letter" - -
	fi
}

check_kernel() {
	local remedy="make setup KERNEL=$kernel"
	[ -z "${KDIR:-}" ] || remedy="make -C $kdir modules_prepare"
	section "kernel ($kdir)"
	if [ -z "${KDIR:-}" ] && [ ! -d "$kdir" ]; then
		row - kernel "not made yet" "$least_series" - "make setup KERNEL=$kernel does it"
		return
	elif [ ! -r "$kdir/.config" ]; then
		row ERROR kernel "no .config there" "$least_series" - \
			"KDIR= wants a kernel's build folder, such as /lib/modules/VERSION/build, configured and prepared"
		return
	fi
	if [ -z "$release" ]; then
		row warn kernel unknown "$least_series" - "no file names its version: $remedy"
	elif below "$(version "$release")" "$least_series"; then
		row ERROR kernel "$release" "$least_series" - \
			"Linux $release is below $least_series, the least series for this module: use a newer one, or leave KDIR out to use the project's"
	else
		row ok kernel "$release" "$least_series" -
	fi
	check_config_rust
	if [ -e "$kdir/include/config/auto.conf" ] && [ -e "$kdir/include/generated/autoconf.h" ] &&
		[ -x "$kdir/scripts/mod/modpost" ]; then
		row ok prepared yes - -
	else
		row ERROR prepared no - - "$remedy"
	fi
	check_metadata
	if [ -e "$kdir/Module.symvers" ]; then
		row ok Module.symvers found - -
	else
		[ -z "${KDIR:-}" ] || remedy="make -C $kdir builds that kernel and this file"
		[ ! -e "$kdir/vmlinux.symvers" ] || remedy="cp $kdir/vmlinux.symvers $kdir/Module.symvers"
		row missing Module.symvers missing - - "$remedy"
	fi
}
