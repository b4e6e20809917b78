# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: packs the files of the VM.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# libraries PROGRAM: prints its loader and its libraries. No loader of this machine knows
# those of another architecture, so there they are read from the files.
libraries() {
	local file name found=" " files=("$1")
	if [ -z "$cross" ]; then
		ldd "$1" 2>/dev/null | grep -o '/[^ ]*'
		return
	fi
	readelf -lW "$1" 2>/dev/null | sed -n 's/.*program interpreter: \(.*\)]$/\1/p'
	while [ ${#files[@]} -gt 0 ]; do
		file=${files[0]} files=("${files[@]:1}")
		for name in $(readelf -dW "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'); do
			[[ $found != *" $name "* ]] || continue
			found+="$name "
			# Some are in a folder that the program itself names.
			file=$(find "$programs/usr/lib/$gnu_type" -name "$name" -print -quit)
			echo "${file#"$programs"}"
			files+=("$file")
		done
	done
}

# add_module FILE: puts the name of the module FILE in the VM into $ordered, after those of the
# modules that it needs. The kernel's own modules come from there.
add_module() {
	local need file=$1 name=${1##*/} packed
	[[ " ${ordered[*]} " != *" $name "* ]] || return 0
	if [ ! -e "$file" ]; then
		packed=$(find -L "$boot/modules" -name "${name//[-_]/[-_]}*" -print -quit)
		case $packed in
		*.xz) xz -dc "$packed" >"$file" ;;
		?*) cp "$packed" "$file" ;;
		*) die "there is no module $name, which another one needs" \
			"neither --module nor the kernel '$kernel' has it" "add it with --module" ;;
		esac
		of_kernel+=("$name")
	fi
	for need in $(modinfo -F depends "$file" 2>/dev/null | tr , ' '); do
		add_module "${file%/*}/$need.ko"
	done
	ordered+=("$name")
}

# make_initramfs: packs all files of the VM into $tmp/initramfs.
make_initramfs() {
	local root=$tmp/root file name library argument needed='' names='' ordered=() of_kernel=()
	mkdir -p "$root"/{bin,proc,sys,dev,work,vm}
	cp "$programs$(command -v busybox)" "$root/bin/busybox"
	cp "$project/scripts/vm-init" "$root/init"
	for file in "${modules[@]}" "${added[@]}"; do
		name=${file%%=*} file=${file#*=}
		name=${name##*/}
		# The toolchain's own program, or the other architecture's.
		[[ $file != /usr/* ]] || file=$programs$file
		[ -e "$file" ] || die "there is no $file to add to the VM" "" \
			"name an existing file, such as $build_dir/stock/$module_name.ko"
		cp -RH --preserve=timestamps "$file" "$root/work/$name"
	done
	# A program needs its loader and its libraries.
	while read -rd '' file; do
		while read -r library; do
			mkdir -p "$root${library%/*}"
			cp -L "$programs$library" "$root$library"
		done < <(libraries "$file")
	done < <(find "$root/work" -type f -perm /111 -print0)
	for file in "${modules[@]}"; do
		file=${file%%=*}
		add_module "$root/work/${file##*/}"
	done
	for name in "${ordered[@]}"; do
		if [[ " ${of_kernel[*]} " = *" $name "* ]]; then needed+=" $name"; else names+=" $name"; fi
	done
	printf '%s=%q\n' host "${module_name//_/-}" needed "$needed" modules "$names" load "$load" shell "$shell" \
		term "${TERM:-linux}" rows "${size% *}" columns "${size#* }" >"$root/vm/settings"
	printf exec >"$root/vm/command"
	for argument in "${command[@]}"; do
		printf " '%s'" "${argument//\'/\'\\\'\'}" >>"$root/vm/command"
	done
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) >"$tmp/initramfs"
	rm -rf "$root"
}
