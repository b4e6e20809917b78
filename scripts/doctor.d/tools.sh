# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # scripts/doctor sets these.
#
# The compilers and tools, on this system or in the toolchain. Sourced by scripts/doctor.

# The least version for the least kernel (a kernel's own source overrides it), the version
# in Debian 13 (the one that built the kernel overrides it), and the package.
readonly tools='
rustc          1.85.0  1.85.1  rustc
rust-src       -       -       rust-src
bindgen        0.71.1  0.71.1  bindgen
libclang       17.0.1  19.1.7  libclang-dev
rustfmt        -       1.8.0   rustfmt
clippy-driver  -       -       rust-clippy
gcc            8.1.0   14.2.0  gcc
clang          17.0.1  19.1.7  clang
pahole         1.26    1.30    dwarves
make           4.0     4.4.1   make
'
# What each tool that was found says of its version.
declare -A text_of=()

# probe COMPILERS SOURCE: a line "TOOL<tab>TEXT" for each tool that is there, and for the
# first of the COMPILERS. Runs where the tools are: here, or inside the toolchain.
probe() {
	local cc=gcc source=$2 library tmp tool
	local rustc=${RUSTC:-rustc} bindgen=${BINDGEN:-bindgen}
	for cc in $1; do
		! has "$cc" || break
	done
	first() {
		has "$2" || return
		tmp=$("$2" --version 2>/dev/null | head -n 1)
		printf '%s\t%s\n' "$1" "${tmp:-does not run}"
	}
	first rustc "$rustc"
	first bindgen "$bindgen"
	first rustfmt "${RUSTFMT:-rustfmt}"
	first clippy-driver "${CLIPPY_DRIVER:-clippy-driver}"
	first cc "$cc"
	first pahole "${PAHOLE:-pahole}"
	first make make

	library=${RUST_LIB_SRC:-$("$rustc" --print sysroot 2>/dev/null)/lib/rustlib/src/rust/library}
	[ ! -e "$library/core/src/lib.rs" ] || printf 'rust-src\tfound\n'

	# bindgen passes on the message of the libclang in use.
	tmp=$(mktemp -d) && echo '#pragma message("clang version " __clang_version__)' >"$tmp/version.h"
	printf 'libclang\t%s\n' "$("$bindgen" "$tmp/version.h" 2>&1 >/dev/null |
		sed -n 's/.*clang version/clang version/p' | head -n 1)"
	rm -rf "$tmp"

	tool=$source/scripts/rust_is_available.sh
	[ -r "$tool" ] || return 0
	# Its exit status, then its output without the frame of stars.
	tmp=$(RUSTC=$rustc BINDGEN=$bindgen CC=$cc ARCH=$kernel_arch SRCARCH=$kernel_arch sh "$tool" 2>&1)
	printf 'rustavailable\t%s %s\n' $? "$(sed -n '/Please see/,$d; s/^\*\*\* *\(.\)/\1/p' <<<"$tmp" | tr '\n' ' ')"
}

# install_hint TOOL VERSION PACKAGE: how to get it where the tools are looked for.
install_hint() {
	local hint="install $3 in this system's own way"
	! has apt-get || hint="as root: apt-get update && apt-get install $3"
	case $tools_of in
	cache) hint="make update" ;;
	host)
		case $1 in
		rustc | rust-src | rustfmt | clippy-driver)
			! has rustup || hint="rustup update stable && rustup component add rust-src rustfmt clippy"
			;;
		esac
		[ "$2" = - ] || hint+=" (it must be $2 or newer)"
		hint+=$or_ours
		;;
	esac
	echo "$hint"
}

# built_with TOOL: the version that built the kernel, if its .config says so.
built_with() {
	case $1 in
	rustc | bindgen) version "$(config "${1^^}_VERSION_TEXT")" ;;
	gcc | clang) version "$(config CC_VERSION_TEXT)" ;;
	pahole) config PAHOLE_VERSION | sed -n 's/..$/.&/p' ;;
	esac
}

# least_of TOOL: the least version that the kernel's source names, if that is here.
least_of() {
	local name=$1
	case $1 in
	rustc | bindgen | gcc) ;;
	clang | libclang) name=llvm ;;
	*) return ;;
	esac
	ARCH=$kernel_arch SRCARCH=$kernel_arch sh "$source/scripts/min-tool-version.sh" "$name" 2>/dev/null
}

# check_tool NAME LEAST BEST PACKAGE
check_tool() {
	local name=$1 least best text found hint key=$1 old=ERROR none=missing
	least=$(least_of "$1") best=$(built_with "$1")
	: "${least:=$2}" "${best:=$3}"
	# For any module those programs count that build it, and those that make the metadata where
	# that is not there. check_rustc judges the rustc that made it.
	if [ -n "$foreign" ]; then
		case $name:$to_make in
		rustfmt:* | clippy-driver:* | rust-src: | bindgen: | libclang:) return ;;
		rustc:) least=- best=- ;;
		# Kbuild leaves BTF out where vmlinux is not there.
		pahole:*) is_on DEBUG_INFO_BTF && [ -e "$kdir/vmlinux" ] || return ;;
		esac
	fi
	case $name in
	gcc | clang)
		[ "$name" = "$compiler" ] || return
		key=cc
		;;
	clippy-driver)
		# It reads metadata, so it must be of rustc's release: 0.1.85 belongs to 1.85.
		[[ ! ${text_of[rustc]:-} =~ ^rustc\ 1\.([0-9]+) ]] || least=0.1.${BASH_REMATCH[1]} best=$least
		;;
	esac
	# The build can do without these, and without pahole unless the kernel has BTF.
	case $name in
	clippy-driver | rustfmt) old=warn none=warn ;;
	pahole) is_on DEBUG_INFO_BTF || old=warn none=warn ;;
	esac

	text=${text_of[$key]:-}
	found=$(version "$text")
	hint=$(install_hint "$name" "$least" "$4")
	if [ "$name" = libclang ] && [ -z "${text_of[bindgen]:-}" ]; then
		row - "$name" "unknown" "$least" "$best" "install bindgen first: it shows which libclang it uses"
	elif [ -z "$text" ] && [ "$tools_of" = system ]; then
		row - "$name" "not installed yet" "$least" "$best" "make setup installs it"
	elif [ -z "$text" ]; then
		row "$none" "$name" missing "$least" "$best" "$hint"
	elif [ "$name" = rust-src ]; then
		row ok "$name" "$text" - -
	elif [ -z "$found" ]; then
		row "$old" "$name" "$text" "$least" "$best" "$hint"
	elif below "$found" "$least"; then
		row "$old" "$name" "$found" "$least" "$best" "too old: $hint"
	elif [[ ! $name =~ ^(make|rustfmt)$ ]] && below "$best" "$found" && [ "$best" != - ]; then
		row warn "$name" "$found" "$least" "$best" "too new, may work: if it does not, use $best"
	else
		row ok "$name" "$found" "$least" "$best"
	fi
}

# compilers: the kind of the kernel's C compiler, in $compiler, and the names to look for, in
# $cc: the kernel's own name for it first.
compilers() {
	cc=$(config CC_VERSION_TEXT)
	if is_on CC_IS_CLANG; then
		compiler=clang cc=$(version "$cc")
		case ${LLVM:-} in
		-*) cc=clang$LLVM ;;
		*/) cc=${LLVM}clang ;;
		*) cc="clang-${cc%%.*} clang" ;;
		esac
	else
		compiler=gcc cc=${cc%% *}
		cc="$cc ${cc%-[0-9]*} ${cross}gcc"
	fi
	[ "$tools_of" != host ] || [ -z "${CC:-}" ] || cc=${CC##* }
}

check_tools() {
	local cc compiler name text least best package words
	compilers
	if [ "$tools_of" = cache ]; then
		section "tools (in the toolchain)"
		if [ ! -d "$toolchain" ]; then
			row - tools "not made yet" - - "make setup does it"
			return
		fi
		text=$("$project/scripts/toolchain" run scripts/doctor probe "$cc" "$source" 2>&1)
	else
		section "tools (of this system)"
		text=$(probe "$cc" "$source")
	fi
	while IFS=$'\t' read -r name words; do
		[ -z "$name" ] || text_of[$name]=$words
	done <<<"$text"
	# make is in every toolchain: without it nothing was probed at all.
	if [ "$tools_of" = cache ] && [ -z "${text_of[make]:-}" ]; then
		words=$(said error "$text")
		row ERROR toolchain "cannot be entered" - - \
			"${words:-$(tail -n 1 <<<"$text")}" "$(said todo "$text")"
		return
	fi
	while read -r name least best package; do
		[ -z "$name" ] || check_tool "$name" "$least" "$best" "$package"
	done <<<"$tools"
	[ -n "$foreign" ] || check_rustavailable
}

# check_rustavailable: the verdict of the kernel's own script, if its source is here.
check_rustavailable() {
	local status words
	read -r status words <<<"${text_of[rustavailable]:-}"
	case $status in
	'') row - rustavailable "no kernel source here" - - ;;
	0)
		if [ -z "$words" ]; then
			row ok rustavailable "yes, says the kernel" - -
		else
			row warn rustavailable "yes, says the kernel" - - "$words"
		fi
		;;
	*) row ERROR rustavailable "no, says the kernel" - - "$words: see the tools above" ;;
	esac
}
