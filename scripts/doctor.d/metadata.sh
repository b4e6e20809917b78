# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# A kernel's Rust metadata: complete, for this machine, and written by the rustc that is here.
# Sourced by scripts/doctor.

# needed_crates: the crates that libkernel.rmeta names in its list of crates: a name, a hash,
# and the kind of dependency. rustc 1.85 writes the list that way. Those of a few names
# are numbers there.
needed_crates() {
	head -c 1024 "$kdir/rust/libkernel.rmeta" 2>/dev/null | tr '\n' ' ' |
		LC_ALL=C grep -aoP '[a-z][a-z0-9_]*(?=\xc1[\x00-\xff]{16}\x00[\x00\x02]\x00)'
}

# lacks_metadata: prints the first file of metadata that a module needs and $kdir lacks.
lacks_metadata() {
	local file arch files=(rust/lib{core,compiler_builtins}.rmeta)
	below "$(version "$release")" 6.13 || files+=(rust/libffi.rmeta)
	files+=(rust/lib{bindings,kernel}.rmeta rust/libmacros.so include/generated/rustc_cfg)
	arch=$(sed -n '1,4s,^# Linux/\([^ ]*\) .*,\1,p' "$kdir/.config" 2>/dev/null)
	! grep -qsF "\$(objtree)/scripts/target.json" "$source/arch/$arch/Makefile" || files+=(scripts/target.json)
	for file in "${files[@]}"; do
		[ -e "$kdir/$file" ] || { echo "$file" && return; }
	done
	for file in $(needed_crates); do
		[ -e "$kdir/rust/lib$file.rmeta" ] || [ -e "$kdir/rust/lib$file.so" ] || { echo "rust/lib$file.*" && return; }
	done
}

# rustc_of FILE: the rustc that wrote it, which its first bytes name.
rustc_of() {
	head -c 512 "$1" | tr -c '[:print:]' '\n' | sed -n 's/.*\(rustc [0-9].*\)/\1/p' | head -n 1
}

# machine_of FILE: the architecture of a library in ELF, by the name of uname -m.
machine_of() {
	case $(od -An -tx1 -j 18 -N 2 "$1") in
	' 3e 00') echo x86_64 ;;
	' b7 00') echo aarch64 ;;
	' f3 00') echo riscv64 ;;
	' 15 00') echo ppc64le ;;
	' 00 16') echo s390x ;;
	' 02 01') echo loongarch64 ;;
	esac
}

# remedy_for_metadata: how to get the metadata, or to make it again.
remedy_for_metadata() {
	if [ -z "${KDIR:-}" ]; then
		echo "make setup KERNEL=$kernel"
	elif [ -e "$source/rust/kernel/lib.rs" ]; then
		echo "make -C $kdir modules_prepare"
	elif [[ $release = *+deb* ]]; then
		echo "Debian's headers leave it out: make metadata-deb RELEASE=$release makes a package of it"
	else
		echo "these headers leave it out: build that kernel from its source$or_ours"
	fi
}

check_metadata() {
	local file machine missing
	if ! is_on RUST; then
		row - metadata "none without CONFIG_RUST" - -
		return
	fi
	if [ -n "$lacks" ]; then
		missing="no $lacks"
		compgen -G "$kdir/rust/*.rmeta" >/dev/null || missing=none
		if [ -n "$to_make" ] && [ -z "${text_of['rust-src']:-}" ]; then
			row - metadata "$missing" - - "it is made from rust-src, see above; then: $(remedy_for_metadata)"
		elif [ -n "$to_make" ] && ! is_prepared; then
			row - metadata "$missing" - - "the same command makes it"
		else
			row missing metadata "$missing" - - "$(remedy_for_metadata)"
		fi
		return
	fi
	for file in "$kdir"/rust/*.so; do
		machine=$(machine_of "$file")
		[ "${machine:-unknown}" != "$(uname -m)" ] || continue
		row ERROR metadata "${machine:-unknown} library" - - \
			"rust/${file##*/} is for ${machine:-an unknown machine}, and rustc loads it here, on $(uname -m): it was made on another machine" \
			"$(remedy_for_metadata)"
		return
	done
	row ok metadata "rust/*.rmeta" - -
}

# check_rustc: the rustc here, the one in .config and those in the metadata's own heads must be
# the same to the letter.
check_rustc() {
	local file made here=${text_of[rustc]:-} built again
	is_on RUST || return
	again="build with the kernel's own rustc, or build that kernel again with this one (make -C $kdir)"
	[ -n "${KDIR:-}" ] || again="make update"
	[ -z "$foreign" ] || again="install that rustc and name it: make RUSTC=PROGRAM; or build that kernel again with this one"
	if [[ $here != rustc* ]]; then
		row - same-rustc "unknown" - - "no rustc here to compare with"
		return
	fi
	built=$(config RUSTC_VERSION_TEXT)
	if [ "$here" != "${built:-$here}" ]; then
		row ERROR same-rustc no - - "this kernel was built with: $built" "the rustc here is:           $here" \
			"$again"
		return
	fi
	for file in "$kdir"/rust/*.rmeta; do
		[ -e "$file" ] || continue
		made=$(rustc_of "$file")
		[ "$made" != "$here" ] || continue
		row ERROR same-rustc no - - "${file##*/} was made with: ${made:-unknown}" \
			"the rustc here is:           $here" "$(remedy_for_metadata)"
		return
	done
	row ok same-rustc "to the letter" - -
}
