# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2154 # Shares its variables with scripts/report.
#
# The parts of docs/report.md. Sourced by scripts/report.

# row WHAT THEN NOW
row() {
	printf '| %s | %s | %s |\n' "$@"
}

# image DIR: sets $size, of the image, and $compression.
image() {
	size=$(stat -c %s "$1/vmlinuz")
	compression=$(sed -n 's/^CONFIG_KERNEL_\(GZIP\|BZIP2\|LZMA\|XZ\|LZO\|LZ4\|ZSTD\|UNCOMPRESSED\)=y/\1/p' "$1/build/.config")
}

# measure_images: makes both kernels, measures them and adds a line to the plot.
measure_images() {
	local name dir sections
	for name in without with; do
		dir=$("$project/scripts/kernel" "$name-rust")
		image "${dir%/build}"
		read -ra sections < <(size "$dir/vmlinux" | tail -n 1)
		if [ "$name" = without ]; then
			without=$size sections_without=("${sections[@]}") memory_without=${sections[3]}
		else
			with=$size sections_with=("${sections[@]}") memory_with=${sections[3]}
		fi
	done
	echo "\"image, now\",$without,$with" >>"$work/sizes.csv"
}

# at_least TOOL: the least version that the kernel's source names.
at_least() {
	ARCH=$kernel_arch SRCARCH=$kernel_arch sh "$source/scripts/min-tool-version.sh" "$1"
}

# cfg NAME: whether the kernel still sets a cfg of 2022.
cfg() {
	if grep -qw "$1" "$source/rust/Makefile"; then
		echo "still set"
	else
		echo "gone"
	fi
}

tool_rows() {
	row rustc '1.62' "$(version rustc --version), at least $(at_least rustc)"
	row bindgen '0.60.1, where 0.56.0 was expected' "$(version bindgen --version), at least $(at_least bindgen)"
	row gcc 'not recorded' "$(version "$compiler" --version), at least $(at_least gcc)"
	row 'clang and LLVM' 'not recorded' "$(version "clang-$llvm_version" --version), at least $(at_least llvm)"
	row binutils 'not recorded' "$(version ld --version), at least $(at_least binutils)"
	row '`LLVM=1`' 'needed' "not needed: this kernel was built with ${compiler##*-linux-gnu-}; only KASAN with Rust still needs clang"
}

symbol_rows() {
	row 'exported Rust symbols' 'not recorded' "$(with_commas "$symbols"): $(with_commas "$mangled") with v0 mangling, $helpers helpers in C, $((symbols - mangled - helpers)) others"
	row 'the longest of their names' "$longest_2022 characters" "${#longest} characters"
	row 'the limit, `KSYM_NAME_LEN`' '128, raised to 512' "$limit"
	row 'names that 128 would not hold' 'at least one' "$too_long of $(with_commas "$mangled")"
}

image_rows() {
	local all=("" "" "" "")
	if [ -n "$images" ]; then
		all=("$(with_commas "$without") bytes" "$(with_commas "$with") bytes"
		"$(more "$without" "$with")" "$(more "$memory_without" "$memory_with")")
	else
		all=("${all[@]/#/not measured}")
	fi
	row 'image without `CONFIG_RUST`' "$(with_commas "$image_without_2022") bytes" "${all[0]}"
	row 'image with `CONFIG_RUST`' "$(with_commas "$image_with_2022") bytes" "${all[1]}"
	row 'what Rust adds to it' "$(more "$image_without_2022" "$image_with_2022")" "${all[2]}"
	row 'the same in memory: text, data, bss' 'not recorded' "${all[3]}"
}

cfg_rows() {
	local crate='built for the kernel'
	[ -e "$kdir/rust/liballoc.rmeta" ] || crate='not built: the kernel crate has allocation types of its own'
	row 'the crate `alloc`' 'built for the kernel' "$crate"
	row '`no_global_oom_handling`' 'set for `alloc`' "$(cfg no_global_oom_handling)"
	row '`no_rc`' 'set for `alloc`' "$(cfg no_rc)"
	row '`no_sync`' 'set for `alloc`' "$(cfg no_sync)"
	row '`no_fp_fmt_parse`' 'set for `core`' "$(cfg no_fp_fmt_parse)"
	row 'allocations that panic on failure' 'left out of `alloc` by the cfgs' "$refused of $refused tried are refused by the compiler"
}

# rust_options: the stock kernel's options about Rust, set or not.
rust_options() {
	echo '| option | value |'
	echo '| --- | --- |'
	sed -n -e 's/^\(CONFIG_[A-Z0-9_]*\)=\(.*\)/\1 \2/p' -e 's/^# \(CONFIG_[A-Z0-9_]*\) is not set/\1 n/p' "$kdir/.config" |
		while read -r option value; do
			[[ ! $option =~ $about_rust ]] || echo "| \`$option\` | \`$value\` |"
		done
}

# image_part: the sizes of both kernels.
image_part() {
	printf '%s\n\n' '## The image'
	[ -n "$images" ] || { printf '%s\n\n' 'Not measured: `make report` does.' && return; }
	cat <<END
Both were built here from the source of $package, by clang $(version "clang-$llvm_version" --version), from
\`tinyconfig\`, \`.config.fragment\` and \`scripts/report.d/size.config\`, compressed with
$compression; the one without Rust also uses \`scripts/report.d/without-rust.config\`. In so
small a kernel Rust adds the largest percentage, because the image contains the whole kernel
crate, for modules to use.

| bytes | image | text | data | bss |
| --- | --- | --- | --- | --- |
END
	printf '| %s | %s | %s | %s | %s |\n' 'without `CONFIG_RUST`' "$(with_commas "$without")" \
		"$(with_commas "${sections_without[0]}")" "$(with_commas "${sections_without[1]}")" "$(with_commas "${sections_without[2]}")" \
		'with `CONFIG_RUST`' "$(with_commas "$with")" \
		"$(with_commas "${sections_with[0]}")" "$(with_commas "${sections_with[1]}")" "$(with_commas "${sections_with[2]}")"
	echo
}

page() {
	cat <<END
<!-- SPDX-License-Identifier: GPL-2.0 -->
<!-- Made by \`make report\`. -->

# Rust in the kernel, in 2022 and now

This project began as a patch series, which described Rust in the kernel of 2022: 5.19 with
patches. \`make report\` measures the same things today. These results are from
$(date -u +%F), for $debian_arch.

| | 2022 | now |
| --- | --- | --- |
END
	row kernel '5.19 with the Rust patches' "$release, Debian's $package as shipped"
	tool_rows
	row 'options about Rust' 'not recorded' "$(count ' `' "$work/options"), of which $(count '`n`' "$work/options") are not set"
	symbol_rows
	image_rows
	cfg_rows
	row 'a module in Rust against its twin in C' 'not recorded' "$module_ratio times its text, data and bss; the twin has no private and mapped FIFOs"
	cat <<END

The configuration of 2022 is not recorded, so compare only what Rust adds to each image, not
the images.

![What Rust adds: the image, and a module](report.svg)

## Tools

The minimum versions come from the kernel's \`scripts/min-tool-version.sh\`. A module needs
exactly the rustc that built the kernel, here
\`$(sed -n 's/^CONFIG_RUSTC_VERSION_TEXT="\(.*\)"/\1/p' "$kdir/.config")\`.

## Options

The stock kernel's options for Rust:

$(cat "$work/options")

## Symbols

The longest name that the kernel exports from Rust has ${#longest} characters,

    $longest

which is

    $demangled

END
	image_part
	cat <<END
## Failing allocations

In 2022 the kernel built Rust's own \`alloc\`, with three cfgs that remove functions without a
way to report failure. Since 6.13 the kernel has \`KBox\`, \`KVec\` and \`KVVec\` beside
\`Arc\`. Their functions take flags and return a \`Result\`, and the kernel does not build
\`alloc\`. The compiler rejects each call in the table with exactly the error shown, and accepts
the replacement. The undeclared names belong to \`alloc\` and \`std\`, and the first two rows
show that neither can be imported.

$(cat "$work/allocations")

## A module

\`bench/sizes\` compares \`$module_name.ko\` with its twin in C, the same FIFO without
private and mapped FIFOs, both for the stock kernel. [performance.md](performance.md) says where the
difference lies.

$(sed -n 's/^/    /; 1,3p' "$work/sizes")
END
}
