# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# A kernel to build for: its options, its metadata, its state. Sourced by scripts/doctor.

# What CONFIG_RUST depends on upstream, for headers without Kconfig files.
readonly rust_depends_on='HAVE_RUST
RUST_IS_AVAILABLE
!MODVERSIONS || GENDWARFKSYMS
!GCC_PLUGIN_RANDSTRUCT
!RANDSTRUCT
!DEBUG_INFO_BTF || (PAHOLE_HAS_LANG_EXCLUDE && !LTO)
!KASAN || CC_IS_CLANG'

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
	# What of the metadata is missing, and whether it can be made there.
	# shellcheck disable=SC2034 # Used in tools.sh and metadata.sh.
	lacks=$(lacks_metadata) to_make=''
	# shellcheck disable=SC2034
	[ -z "$lacks" ] || ! is_on RUST || [ ! -e "$source/rust/kernel/lib.rs" ] || to_make=1
}

is_prepared() {
	[ -e "$kdir/include/config/auto.conf" ] && [ -e "$kdir/include/generated/autoconf.h" ] &&
		[ -x "$kdir/scripts/mod/modpost" ]
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
	local conditions condition values found=() remedy
	if is_on RUST; then
		row ok CONFIG_RUST y - y
		return
	fi
	conditions=$(dependencies "$source" RUST) || conditions=$rust_depends_on
	while read -r condition; do
		[ -z "$condition" ] || holds "$condition" ||
			found+=("it depends on $condition, but here$values")
	done <<<"$conditions"
	remedy="change these options, run make olddefconfig and build that kernel again$or_ours"
	if [ ${#found[@]} = 0 ]; then
		found=("all that it depends on is met, but it is not set")
		remedy="set it with scripts/config -e RUST, run make olddefconfig and build that kernel again"
	fi
	[[ $release != *+deb* ]] ||
		remedy="Debian's kernels have it from $least_series on: install a newer one of $debian_suite-backports and its headers"
	row ERROR CONFIG_RUST n - y "${found[@]}" "$remedy"
}

# check_compiler: make takes gcc unless told otherwise, and each compiler refuses the flags of
# the other. LLVM and CC are what the user gives to make.
check_compiler() {
	local kind=gcc given=gcc
	! is_on CC_IS_CLANG || kind=clang
	if [[ -n ${LLVM:-} || ${CC:-} = *clang* ]] || grep -qs clang "$kdir/.kernelvariables"; then given=clang; fi
	if [ "$kind" = "$given" ]; then
		row ok compiler "$kind" - -
	elif [ "$kind" = clang ]; then
		row warn compiler "clang" - - "clang built this kernel, and make takes gcc: build with make LLVM=1"
	else
		row ERROR compiler "gcc" - - "gcc built this kernel, and clang does not know its flags: build without LLVM=${LLVM:-1} and CC=clang"
	fi
}

# check_prepared REMEDY
check_prepared() {
	local option
	if ! is_prepared; then
		row ERROR prepared no - - "$1"
		return
	fi
	for option in RUST CC_IS_GCC CC_IS_CLANG MODVERSIONS; do
		[ "$(grep "^CONFIG_$option=" "$kdir/.config")" = "$(grep "^CONFIG_$option=" "$kdir/include/config/auto.conf")" ] && continue
		row ERROR prepared "differently" - - \
			".config and include/config/auto.conf differ in CONFIG_$option: it was prepared with another .config or compiler" "$1"
		return
	done
	row ok prepared yes - -
}

# check_symvers REMEDY
check_symvers() {
	local remedy=$1
	[ -z "${KDIR:-}" ] || remedy="make -C $kdir builds that kernel and this file"
	if [ ! -e "$kdir/Module.symvers" ]; then
		[ ! -e "$kdir/vmlinux.symvers" ] || remedy="cp $kdir/vmlinux.symvers $kdir/Module.symvers"
		row missing Module.symvers missing - - "$remedy"
	elif is_on MODVERSIONS && ! grep -qv '^0x00000000' "$kdir/Module.symvers"; then
		row ERROR Module.symvers "no versions" - - \
			"MODVERSIONS is on, and no symbol has a version there: such a module does not load" "$remedy"
	else
		row ok Module.symvers found - -
	fi
}

check_kernel() {
	local remedy="make setup KERNEL=$kernel" least=$least_series what="this module"
	[ -z "${KDIR:-}" ] || remedy="make -C $kdir modules_prepare"
	# The first series that can have Rust.
	[ -z "$foreign" ] || least=6.1 what="modules in Rust"
	section "kernel ($kdir)"
	if [ -z "${KDIR:-}" ] && [ ! -d "$kdir" ]; then
		row - kernel "not made yet" "$least" - "make setup KERNEL=$kernel does it"
		return
	elif [ -n "$wanted" ] && [ ! -d "$kdir" ]; then
		row missing kernel "no headers" "$least" - \
			"$KDIR is not there: as root, apt-get install linux-headers-$wanted, or what this system calls the package"
		return
	elif [ ! -r "$kdir/.config" ]; then
		row ERROR kernel "no .config there" "$least" - \
			"KDIR= wants a kernel's build folder, such as /lib/modules/VERSION/build, configured and prepared"
		return
	fi
	if [ -z "$release" ]; then
		row warn kernel unknown "$least" - "no file names its version: $remedy"
	elif below "$(version "$release")" "$least"; then
		row ERROR kernel "$release" "$least" - \
			"Linux $release is below $least, the least series for $what: use a newer one$or_ours"
		[ -z "$foreign" ] || return
	else
		row ok kernel "$release" "$least" -
	fi
	check_config_rust
	[ -z "${KDIR:-}" ] || check_compiler
	check_prepared "$remedy"
	check_metadata
	check_rustc
	check_symvers "$remedy"
}
