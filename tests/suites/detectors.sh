# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The debug kernel finds the faults that it is built to find. Each fault is committed once, on
# purpose, and must be in the log, so that a log without splats means something elsewhere.
#
# The order matters: lockdep and PROVE_RCU turn off at the first report of lockdep or KASAN and
# at an oops, which may also break other detectors.
#
# The boot options matter, too: page_poison=1; kasan_multi_shot, or KASAN reports once;
# and slab_debug=F, or SLUB keeps pointers to its last allocations, and
# kmemleak takes the memory for used.
#
# needs: KASAN UBSAN PROVE_LOCKING PROVE_RCU DEBUG_ATOMIC_SLEEP DEBUG_OBJECTS
# needs: DEBUG_LIST DEBUG_KMEMLEAK PAGE_POISONING SOFTLOCKUP_DETECTOR
# needs: DETECT_HUNG_TASK FAULT_INJECTION KCOV RUST_DEBUG_ASSERTIONS
# modules: detectors detectors_rust
# programs: covered
# splats: provoked

. ./lib.sh

load() {
	for name in detectors detectors_rust; do
		grep -q "^$name " /proc/modules || insmod "./$name.ko"
	done
}

# commit DEVICE FAULT: by another process, which may hang.
commit() {
	load
	sh -c "echo $2 >/dev/$1"
}

# found PATTERN DEVICE FAULT
found() {
	commit "$2" "$3"
	expect_splat "$1"
}

nothing() {
	commit detectors none
	commit detectors_rust none
	! commit detectors nonsense 2>/tmp/error || fail "a fault that there is not was committed"
	grep -q 'Invalid argument' /tmp/error
}
check 'without a fault there is no splat' nothing

in_c=detectors in_rust=detectors_rust

check 'UBSAN: an index out of bounds' \
	found "'UBSAN: array-index-out-of-bounds in .*/detectors.c'" $in_c index_out_of_bounds
check 'UBSAN: a bool that is neither 0 nor 1' \
	found "'UBSAN: invalid-load in .*/detectors.c'" $in_c invalid_bool
check 'DEBUG_ATOMIC_SLEEP: an allocation that may sleep, under a spinlock of Rust' \
	found "'BUG: sleeping function called from invalid context'" $in_rust sleep_in_atomic
check 'DEBUG_PREEMPT: the number of a processor that may change' \
	found "'BUG: using smp_processor_id\(\) in preemptible'" $in_c preemptible_cpu
check 'PROVE_RCU: a pointer read outside a read section' \
	found "'detectors.c:[0-9]+ suspicious rcu_dereference_check\(\) usage'" $in_c no_read_section
check 'DEBUG_OBJECTS: an active timer is freed' \
	found "'ODEBUG: free active .* object type: timer_list hint: expired'" $in_c free_active_timer
check 'DEBUG_OBJECTS: active work is freed' \
	found "'ODEBUG: free active .* object type: work_struct hint: work'" $in_c free_active_work
check 'DEBUG_OBJECTS: call_rcu twice' \
	found "'ODEBUG: activate active .* object type: rcu_head'" $in_c call_rcu_twice
check 'DEBUG_LIST: an entry is deleted twice' \
	found "'list_del corruption, .* is LIST_POISON1'" $in_c list_del_twice
check 'refcount_t: it saturates, in Rust' \
	found "'refcount_t: saturated; leaking memory'" $in_rust saturate
check 'PAGE_POISONING: a page is written to after it was freed' \
	found "'pagealloc: memory corruption'" $in_c write_to_freed_page

# injected FACILITY ERROR FAULT: the facility fails a call of FAULT, and only calls from Rust
# code.
injected() {
	load
	cd "/sys/kernel/debug/$1"
	start=0x$(sed -n '/^detectors_rust /s/.* 0x//p' /proc/modules | cut -d ' ' -f 1)
	echo "$start" >require-start
	printf '0x%x\n' $((start + $(sed -n 's/^detectors_rust \([0-9]*\) .*/\1/p' /proc/modules))) \
		>require-end
	for setting in verbose:1 times:1 probability:100; do
		echo "${setting#*:}" >"${setting%:*}"
	done
	status=0
	commit detectors_rust "$3" 2>/tmp/error || status=$?
	echo 0 >probability
	assert_eq 1 "$status" status
	grep -q "$2" /tmp/error || fail "$(cat /tmp/error)"
	expect_splat "name $1,"
	commit detectors_rust "$3"
}
check 'failslab hits an allocation of Rust' injected failslab "'Cannot allocate memory'" allocate
check 'fail_page_alloc hits an allocation of Rust' \
	injected fail_page_alloc "'Cannot allocate memory'" allocate_page
check 'fail_usercopy hits a copy of Rust' injected fail_usercopy "'Bad address'" none

recorded() {
	start=0x$(sed -n '/^rust_sample /s/.* 0x//p' /proc/modules | cut -d ' ' -f 1)
	end=$((start + $(sed -n 's/^rust_sample \([0-9]*\) .*/\1/p' /proc/modules)))
	covered >/tmp/addresses
	within=0
	while read -r address; do
		[ $((address - start)) -lt 0 ] || [ $((address - end)) -ge 0 ] || within=$((within + 1))
	done </tmp/addresses
	[ "$within" -ge 10 ] || fail "of the module only $within were recorded"
	echo "# of a write KCOV recorded $within places in the module"
}
check 'KCOV: a write to the device' recorded

# The kernel judges nothing that is younger than five seconds.
leaked() {
	echo clear >/sys/kernel/debug/kmemleak
	commit detectors_rust leak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	expect_splat 'kmemleak: [0-9]+ new suspected memory leaks'
	grep -q 'leak.*\[detectors_rust\]' /sys/kernel/debug/kmemleak ||
		fail "another leak: $(cat /sys/kernel/debug/kmemleak)"
	# Which frees it.
	rmmod detectors_rust
}
check 'kmemleak: memory that Rust code forgets' leaked

# setting FILE VALUE: until the test ends.
setting() {
	file=$1 before=$(cat "$1")
	trap 'echo "$before" >"$file"' EXIT
	echo "$2" >"$file"
}

hung() {
	setting /proc/sys/kernel/hung_task_timeout_secs 2
	commit detectors hang &
	seen=0
	(wait_until 10 splat_is_there 'INFO: task sh:[0-9]+ blocked.* for more than') || seen=$?
	commit detectors stop
	wait "$!"
	[ "$seen" = 0 ] || exit 1
	expect_splat 'INFO: task sh:[0-9]+ blocked.* for more than'
}
check 'a hung task' hung

locked_up() {
	setting /proc/sys/kernel/watchdog_thresh 1
	found 'BUG: soft lockup - CPU#[0-9] stuck for [0-9]+s! \[sh:' detectors spin
}
check 'a soft lockup' locked_up

check 'PROVE_LOCKING: two locks of Rust in the opposite order' \
	found "'WARNING: possible circular locking dependency detected'" $in_rust swapped_locks

# From here on lockdep is off.

check 'KASAN: an access after the end of heap memory, in Rust' \
	found "'KASAN: slab-out-of-bounds in .*heap_out_of_bounds.* \[detectors_rust\]'" \
	$in_rust heap_out_of_bounds
check 'KASAN: an access to freed memory, in Rust' \
	found "'KASAN: slab-use-after-free in .*use_after_free.* \[detectors_rust\]'" \
	$in_rust use_after_free
check 'KASAN: an access after the end of stack memory, in Rust' \
	found "'KASAN: stack-out-of-bounds in .*stack_out_of_bounds.* \[detectors_rust\]'" \
	$in_rust stack_out_of_bounds
check 'KASAN: an access after the end of vmalloc memory, in Rust' \
	found "'KASAN: vmalloc-out-of-bounds in .*vmalloc_out_of_bounds.* \[detectors_rust\]'" \
	$in_rust vmalloc_out_of_bounds

# killed PATTERN DEVICE FAULT: an oops, which here ends only the task that caused it.
killed() {
	setting /proc/sys/kernel/panic_on_oops 0
	! commit "$2" "$3" || fail "it came back"
	expect_splat "$1"
}
check 'HARDENED_USERCOPY: a copy of more bytes than there are' \
	killed "'usercopy: Kernel memory exposure attempt detected from SLUB object'" $in_c copy_too_much
check 'RUST_OVERFLOW_CHECKS: a sum overflows' \
	killed "'attempt to add with overflow'" $in_rust overflow
check 'RUST_DEBUG_ASSERTIONS: an assertion fails' \
	killed "'assertion failed: black_box'" $in_rust assertion

unloaded() {
	load
	rmmod detectors detectors_rust
}
check 'the modules unload' unloaded

run_tests
