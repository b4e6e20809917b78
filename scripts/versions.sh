# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # scripts/lib.sh shares its variables with these.
#
# Versions and names that several scripts need, each stated here alone: the distribution
# and its compilers, the kernels, and what differs between architectures. Sourced by
# scripts/lib.sh. The driver's own version and the least kernel are in dkms.conf.

# The toolchain is a system of this release, and the kernels are those of its backports.
readonly debian_suite=trixie debian_release=13
# gcc builds Debian's kernels, clang the kernels built here.
readonly gcc_version=14 llvm_version=19

# Debian's kernels, and those built here. scripts/kernel --help says what each is.
readonly debian_kernels=(stock full rt previous)
readonly built_kernels=(debug kobject kcsan src with-rust without-rust)

# least_kernel: the least series that the driver supports.
least_kernel() {
	sed -n 's/^BUILD_EXCLUSIVE_KERNEL_MIN="\(.*\)"/\1/p' "$project/dkms.conf"
}

# check_kernel_name NAME: dies if there can be no kernel NAME.
check_kernel_name() {
	local known="${debian_kernels[*]} ${built_kernels[*]}"
	[[ $1 != *[[:space:]]* && -n $1 && " $known " = *" $1 "* ]] ||
		die "no kernel is called '$1'" "" "choose one of ${known// /, }"
}

# The architecture of the kernel, by Debian's name. Only this table and the lines below
# know an architecture.
debian_arch=${ARCH:-$(uname -m)}
case $debian_arch in
amd64 | x86_64 | x86)
	debian_arch=amd64 kernel_arch=x86 gnu_type=x86_64-linux-gnu
	qemu=qemu-system-x86_64 qemu_package=qemu-system-x86 firmware_package=ovmf
	# For 32-bit programs.
	compat_packages=(libc6-dev-i386 "lib32gcc-$gcc_version-dev")
	# For a build on a machine of another architecture.
	cross_packages=("gcc-$gcc_version-x86-64-linux-gnu" libc6-dev-amd64-cross)
	# The options that a kernel loses when it is built there.
	cross_options=()
	;;
arm64 | aarch64)
	debian_arch=arm64 kernel_arch=arm64 gnu_type=aarch64-linux-gnu
	qemu=qemu-system-aarch64 qemu_package=qemu-system-arm firmware_package=qemu-efi-aarch64
	compat_packages=()
	cross_packages=("gcc-$gcc_version-aarch64-linux-gnu" libc6-dev-arm64-cross)
	cross_options=(COMPAT_VDSO THUMB2_COMPAT_VDSO)
	;;
*)
	die "no support for the architecture '$debian_arch'" \
		"the table in scripts/versions.sh does not have it" \
		"choose one with ARCH=amd64 or ARCH=arm64"
	;;
esac
# Kbuild has other names for them.
[ -z "${ARCH:-}" ] || export ARCH=$kernel_arch

# Where the kernels and the builds for them are, and the compiler of programs. For another
# architecture than this machine's the names of its tools have a prefix.
if [ "${gnu_type%%-*}" = "$(uname -m)" ]; then
	kernel_dir=$cache/kernel build_dir=$build_top target_cc=gcc cross='' cross_packages=() cross_options=()
else
	kernel_dir=$cache/kernel.$debian_arch build_dir=$build_top/$debian_arch cross=$gnu_type-
	target_cc="${cross}gcc-$gcc_version -idirafter $kernel_dir/programs/usr/include -L $kernel_dir/programs/usr/lib/$gnu_type -Wl,--sysroot=$kernel_dir/programs"
fi
readonly debian_arch kernel_arch gnu_type qemu qemu_package firmware_package compat_packages \
	cross_packages cross_options cross target_cc kernel_dir build_dir module_dir module_name
