# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: its half outside the toolchain.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# from_outside "$@": runs scripts/vm again inside the toolchain. The caller's files are
# passed as open descriptors, whose names are valid there. This process stays, so that
# the terminal gets its modes back even if the inside is killed.
from_outside() {
	local file fd arguments=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		file=${2:-}
		case $1 in
		--add) file=${file#*=} ;;&
		--add | --module)
			if [[ $file != /usr/* ]] && [ -e "$file" ]; then
				exec {fd}<"$file"
				[[ $1 = --add && $2 = *=* ]] || set -- "$1" "$(basename "$file")=" "${@:3}"
				set -- "$1" "${2%%=*}=/proc/self/fd/$fd" "${@:3}"
			fi
			;;
		--log)
			mkdir -p "$(dirname "$file")"
			exec {fd}>"$file"
			set -- "$1" "$file=/proc/self/fd/$fd" "${@:3}"
			;;
		--shell) terminal=$(stty -g 2>/dev/null) || true ;;
		esac
		arguments+=("$1")
		shift
	done
	# A background command ignores ^C by default.
	setpriv --pdeathsig KILL env --default-signal=INT,QUIT \
		"$project/scripts/toolchain" run scripts/vm "${arguments[@]}" "$@" <&0 &
	inside=$!
	status=0
	wait "$inside" || status=$?
	inside=''
	exit
}
