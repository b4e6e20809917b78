# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Fakes the machine that scripts/doctor examines: tools, kernels, cache and disks. The
# outcome is then the same on every machine. Sourced by tests/host/doctor and
# tests/host/headers.
#
# shellcheck disable=SC2034,SC2154 # Shared with these.

bin=$tmp/bin kdir=$tmp/kernel
readonly rustc_text='rustc 1.85.1 (4eb161250 2025-03-15) (built from a source tarball)'

# fake NAME LINE...: makes a program of these lines, the first in the doctor's PATH.
fake() {
	rm -f "$bin/$1"
	{ echo '#!/bin/sh' && printf '%s\n' "${@:2}"; } >"$bin/$1"
	chmod +x "$bin/$1"
}

# tool NAME TEXT: makes a tool that prints TEXT as its version.
tool() {
	fake "$1" "echo '$2'"
}

absent() {
	local name
	for name; do rm -f "$bin/$name"; done
}

# option LINE...: sets options in the kernel's .config.
option() {
	local line
	for line; do
		sed -i "/CONFIG_${line%%=*}=/d" "$kdir/.config"
		[[ $line = *=n ]] || echo "CONFIG_$line" >>"$kdir/.config"
	done
	cp "$kdir/.config" "$kdir/include/config/auto.conf"
}

# metadata FILE RUSTC CRATE...: metadata as RUSTC writes it, with the head of the file: its
# version, its list of crates.
metadata() {
	local crate
	{
		printf 'rust\0\0\0\011\001\002\003\004\0\0\0\0A%s\301' "$2"
		for crate in "${@:3}"; do printf '\0\010%s\3010123456789\012bcdef\0\002\0\301' "$crate"; done
		printf '\005tests\301'
	} >"$kdir/rust/lib$1.rmeta"
}

# library NAME MACHINE: the head of a library for the machine of that number, \0OOO, in ELF.
library() {
	printf '\177ELF\002\001\001\0\0\0\0\0\0\0\0\0\003\0%b\0' "$2" >"$kdir/rust/lib$1.so"
}

# fresh: makes a machine on which all is well.
fresh() {
	local name
	rm -rf "${tmp:?}"/*
	mkdir -p "$bin" "$tmp/project/scripts" "$tmp/cache" "$tmp/toolchain" "$kdir"/{rust,scripts/mod,include/{config,generated}}
	cp "$project"/{Kbuild,dkms.conf} "$tmp/project"
	cp -r "$project"/scripts/{doctor,doctor.d,kernel.d,*.sh} "$tmp/project/scripts"
	# No program of this machine but the ones below.
	sed -i 's,for name in /usr/sbin /sbin;,for name in;,' "$tmp/project/scripts/lib.sh"
	# No headers of this machine, either.
	sed -i "s,modules=/lib/modules,modules=$tmp/modules," "$tmp/project/scripts/doctor"
	for name in awk bash cat cp cut dirname env find grep head mkdir mktemp od readlink realpath rm sed sh sort stat tail timeout tr; do
		ln -s "$(command -v $name)" "$bin/$name"
	done
	fake uname 'echo x86_64'
	fake id 'echo 1000'
	disk_free 90000
	fake findmnt 'echo ext4 rw,relatime'
	fake newuidmap

	tool rustc "$rustc_text"
	fake rustc "[ \$1 = --print ] && echo $tmp/sysroot || echo '$rustc_text'"
	mkdir -p "$tmp/sysroot/lib/rustlib/src/rust/library/core/src"
	touch "$tmp/sysroot/lib/rustlib/src/rust/library/core/src/lib.rs"
	bindgen 0.71.1
	tool rustfmt 'rustfmt 1.8.0'
	tool clippy-driver 'clippy 0.1.85'
	tool gcc 'gcc (Debian 14.2.0-19) 14.2.0'
	tool pahole v1.30
	tool make 'GNU Make 4.4.1'

	# shellcheck disable=SC2016 # For the fake itself.
	printf '#!/bin/sh\n%s\n' 'case $1 in' "where) echo $tmp/toolchain ;;" "check) ;;" \
		'run) shift; cd "${0%/*}/.." && exec "$@" ;;' 'esac' >"$tmp/project/scripts/toolchain"
	printf '#!/bin/sh\n%s\n' 'echo usable' >"$tmp/project/scripts/vm"
	chmod +x "$tmp"/project/scripts/*

	printf '%s\n' '#' '# made by hand' '# Linux/x86 7.3.4 Kernel Configuration' '#' >"$kdir/.config"
	option HAVE_RUST=y PAHOLE_HAS_LANG_EXCLUDE=y RUST_IS_AVAILABLE=y CC_IS_GCC=y PAHOLE_VERSION=130 RUSTC_VERSION=108501 \
		RUST=y DEBUG_INFO_BTF=y RUSTC_VERSION_TEXT="\"$rustc_text\"" \
		BINDGEN_VERSION_TEXT='"bindgen 0.71.1"' CC_VERSION_TEXT='"gcc (Debian 14.2.0-19) 14.2.0"'
	mkdir "$kdir/init"
	printf '%s\n' 'config RUST' '	depends on RUST_IS_AVAILABLE' '	depends on !MODVERSIONS || GENDWARFKSYMS' \
		'	depends on !RANDSTRUCT' '	depends on !DEBUG_INFO_BTF || (PAHOLE_HAS_LANG_EXCLUDE && !LTO)' \
		'	depends on !KASAN || CC_IS_CLANG' '	depends on RUSTC_VERSION >= 108500' 'config LAST' '	depends on NEVER' >"$kdir/init/Kconfig"
	release 7.3.4
	printf '0x12345678\t%s\tvmlinux\tEXPORT_SYMBOL\t\n' schedule >"$kdir/Module.symvers"
	touch "$kdir"/{vmlinux,include/generated/{autoconf.h,rustc_cfg},scripts/{target.json,mod/modpost}}
	chmod +x "$kdir/scripts/mod/modpost"
	mkdir -p "$kdir/arch/x86"
	# shellcheck disable=SC2016 # For make.
	echo 'KBUILD_RUSTFLAGS += --target=$(objtree)/scripts/target.json' >"$kdir/arch/x86/Makefile"
	for name in core compiler_builtins ffi bindings pin_init; do metadata $name "$rustc_text"; done
	metadata kernel "$rustc_text" pin_init macros bindings
	library macros '\0076'
	doctor=$tmp/project/scripts/doctor output='' options=()
}

release() {
	echo "$1" >"$kdir/include/config/kernel.release"
}

disk_free() {
	fake df 'echo header' "echo disk 1 1 $1 1% /"
}

bindgen() {
	fake bindgen "[ \$1 = --version ] && echo bindgen $1 || echo 'warning: clang version 19.1.7 (3)' >&2"
}

# stock: makes the kernel one of the cache, instead of one named by KDIR.
stock() {
	mkdir -p "$tmp/cache/kernel/stock"
	ln -s "$kdir" "$tmp/cache/kernel/stock/build"
	touch "$tmp/cache/kernel/stock/vmlinuz"
}

# examine VAR=VALUE...: sets $output to the doctor's output, and $status to its status. The
# doctor gets $options.
examine() {
	output=$(env -i PATH="$bin" HOME="$tmp" RUST_SAMPLE_CACHE="$tmp/cache" "$@" "$doctor" "${options[@]}" 2>&1)
	status=$?
}

# expect TITLE EXIT-STATUS STATUS WHAT [REMEDY]: the doctor, which examines the kernel KDIR unless
# it has examined this machine already, prints a row STATUS WHAT, with REMEDY (a regular
# expression) in the lines under it.
expect() {
	local row bad=0
	[[ $1 = *"$only"* ]] || return 0
	[ -n "$output" ] || examine KDIR="$kdir"
	# That row, and the remedies under it.
	row=$(sed -nE "/^$3 +$4( |$)/,/^[^ ]/{/^$3 +$4( |$)/p; /^ *->/p}" <<<"$output")
	[ "$status" = "$2" ] && [ -n "$row" ] || bad=1
	[ -z "${5:-}" ] || grep -qE -- "-> .*$5" <<<"$row" || bad=1
	# An error message of bash means a bug in the doctor.
	! grep -qE 'line [0-9]+: ' <<<"$output" || bad=1
	[ "$bad" = 0 ] ||
		ktap_comment <<<"wanted: exit status $2, a row '$3 $4', a remedy '${5:-}'; got: $status,"$'\n'"$output"
	ktap_result "$bad" "$1"
}
