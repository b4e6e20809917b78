# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of tests/run: reads the heads of suites, and runs suites in a VM.
#
# shellcheck disable=SC2154 # Set by tests/run.

# header SUITE-FILE KEY: prints the words of its lines '# KEY: ...', on one line.
header() {
	sed -n "s/^# $2:[[:blank:]]*//p" "$1" | tr '\n' ' '
}

# config KERNEL OPTION: whether the kernel has the option.
config() {
	grep -qx "CONFIG_$2=y" "$kernel_dir/${real_name[$1]}/build/.config"
}

# is_slow KERNEL: whether it has KASAN or KCSAN, each of which makes it about four times slower.
is_slow() {
	config "$1" KASAN || config "$1" KCSAN
}

# lacks KERNEL FILE: prints the options that the suite needs and the kernel lacks.
lacks() {
	local option
	for option in $(header "$2" needs); do
		config "$1" "$option" || printf 'CONFIG_%s ' "$option"
	done
}

# build_programs FILE...: builds the programs that the suites need. The module's folder may have
# some, and comes first.
build_programs() {
	local file name out=$build_dir/tests/programs
	local -A folder=()
	mapfile -t programs < <(for file; do header "$file" programs | tr ' ' '\n'; done | sed '/^$/d' | sort -u)
	for name in "${programs[@]}"; do
		file=$project
		[ ! -e "$module_dir/tests/programs/$name.c" ] || file=$module_dir
		folder[$file]+=" $project/$out/$name"
	done
	for file in "${!folder[@]}"; do
		# shellcheck disable=SC2086 # A list of names.
		scripts/hold built scripts/toolchain run make --no-print-directory -C "$file" \
			-f "$project/tests/programs/Makefile" OUT="$project/$out" CC="$target_cc" ${folder[$file]} >&2 ||
			die "could not build the programs" "see the compiler's output above" \
				"fix tests/programs, then run make test again"
	done
	programs=("${programs[@]/#/$out/}")
}

# keep_built: copies the modules and programs under test to $built, as another run may build
# them from other sources before this run ends.
keep_built() {
	local kernel files=("${programs[@]}")
	lock_build built shared
	for kernel in $kernels; do
		mapfile -tO ${#files[@]} files < <(find "$build_dir/$kernel" \( -name '*.ko' -o -name modules.order \) 2>/dev/null)
	done
	[ ${#files[@]} = 0 ] || cp --parents -t "$frozen" "${files[@]}"
	exec {locked}>&-
}

# vm KERNEL LOG FILE...: runs the suites in a VM.
vm() {
	local kernel=$1 log=$2 file key slow=1 seconds=600 limit options=() more word tar
	local -A folder=([programs]=$built/tests/programs [modules]=$built/$1/tests [bench]=$built/$1/bench
		["kernel-modules"]=$kernel_dir/${real_name[$1]}/modules)
	shift 2
	! is_slow "$kernel" || slow=4
	# The processor of another architecture is always emulated.
	[ -z "$cross" ] || slow=2
	for file; do
		limit=$(header "$file" timeout)
		seconds=${limit:-$seconds}
		# tests/guest-run loads the module, or does not.
		read -ra more < <(header "$file" vm | sed 's/--no-module//')
		options+=(--add "$file" "${more[@]}")
		read -ra more < <(header "$file" packages)
		if [ ${#more[@]} -gt 0 ]; then
			options+=(--add tests/packages.sh)
			# Without them, the suite skips its tests.
			if tar=$(scripts/packages "${more[@]}"); then options+=(--add "packages.tar=$tar"); fi
		fi
		for key in "${!folder[@]}"; do
			for word in $(header "$file" "$key"); do
				[ "$key" = programs ] || word+=.ko
				options+=(--add "${folder[$key]}/$word")
			done
		done
	done
	set -- "${@##*/}"
	for file in $(built_modules "$built/$kernel"); do options+=(--module "$file"); done
	# The shell makes a background command ignore the terminal's interrupt.
	exec env --default-signal=INT,QUIT scripts/vm --kernel "${real_name[$kernel]}" --log "$log" \
		--timeout $((seconds * slow)) --no-module --add tests/guest-run --add tests/lib.sh --add scripts/ktap.sh \
		--add tests/leaks.sh --add tests/splats --add tests/splats.awk "${options[@]}" \
		-- env SLOW="$slow" ${TRACE:+TRACE=1} ${SEED:+SEED="$SEED"} \
		${STRESS:+STRESS="$STRESS"} ${TEST:+TEST="$TEST"} ./guest-run "$@"
}
