# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: starts QEMU, and waits for its end.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# The machine, and all differences between architectures. Under TCG the CPU is a named,
# versioned model, so that a newer QEMU does not change what the kernel sees, and a gate on
# counted instructions keeps its meaning: a core with SMAP and fast string copies that
# needs no page-table isolation, without the features that TCG lacks and would warn about.
case $debian_arch in
amd64)
	machine=pc console_tty=ttyS0 host_machine=x86_64
	cpu=EPYC-Milan-v1,-pcid,-invpcid,-fxsr-opt,-misalignsse,-osvw,-topoext,-perfctr-core
	cpu+=,-clzero,-ibpb,-ibrs,-amd-stibp,-amd-ssbd,-nrip-save,-xsavec,-xsaves
	firmware=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd secure_machine=q35,smm=on
	# On a busy host the timer's ticks may come too late for the kernel's check of them.
	machine_options=no_timer_check
	;;
arm64)
	machine=virt,gic-version=max console_tty=ttyAMA0 host_machine=aarch64
	cpu=cortex-a76 machine_options='' firmware='' secure_machine=''
	[ -z "$mte" ] || machine+=,mte=on cpu=max
	;;
esac
[ -z "$mte" ] || [ "$debian_arch" = arm64 ] ||
	die "--mte needs arm64" "$debian_arch has no memory tagging extension" "choose it with ARCH=arm64"

# ask KEY: lets the kernel show something by SysRq, and waits until it has. A kernel whose log does
# not end gets ten seconds.
ask() {
	local before
	printf '\001b%s' "$1" >&"$keys"
	for _ in {1..10}; do
		before=$(stat -c %s "$tmp/console.log")
		sleep 1
		[ "$before" != "$(stat -c %s "$tmp/console.log")" ] || break
	done
}

# tsc_khz: the frequency of the clock in this machine's processors.
tsc_khz() {
	gcc -O2 -o "$tmp/tsc" "$project/scripts/vm.d/tsc.c" && "$tmp/tsc"
}

run_vm() {
	local options ended watcher outcome=0
	: >"$tmp/console.log"
	: >"$tmp/results"
	: >"$tmp/status"
	echo 0 0 >"$tmp/lost"
	rm -f "$tmp"/*.in "$tmp"/*.out
	mkfifo "$tmp"/{console,lost}.{in,out}
	# Open for reading and writing: otherwise QEMU's open of a FIFO would block.
	exec {keys}<>"$tmp/console.in" {unread}<>"$tmp/console.out" {answers}<>"$tmp/lost.in" {questions}<>"$tmp/lost.out"

	# shellcheck disable=SC2054 # The commas are QEMU's.
	options=(
		-machine "$machine" -m "$memory" -nodefaults -no-user-config -display none -no-reboot
		-kernel "$image" -initrd "$tmp/initramfs"
		# The kernel's console, which also reads keys (mux: Ctrl-A B is a break).
		-chardev "pipe,id=console,path=$tmp/console,mux=on,logfile=$tmp/console.log" -serial chardev:console
		# A file takes the results at once, however slow our reader is, so that none
		# are left in the VM when it ends.
		-device virtio-serial-pci,ioeventfd=off
		-chardev "file,id=status,path=$tmp/status"
		-device virtserialport,chardev=status,name=status
		-chardev "pipe,id=lost,path=$tmp/lost" -device virtserialport,chardev=lost,name=lost
	)
	if [ -n "$firmware_dir" ]; then
		# SMM protects the variables from the system. Changes go into a copy.
		cp "$firmware_dir/vars.fd" "$tmp/vars.fd"
		# shellcheck disable=SC2054 # The commas are QEMU's.
		options+=(
			-global driver=cfi.pflash01,property=secure,value=on
			-drive "if=pflash,unit=0,format=raw,readonly=on,file=$firmware"
			-drive "if=pflash,unit=1,format=raw,file=$tmp/vars.fd"
		)
	fi
	if [ -n "$shell" ]; then
		options+=(-chardev 'stdio,id=shell,signal=off' -device 'virtconsole,chardev=shell')
	else
		options+=(-chardev "file,id=results,path=$tmp/results"
			-device 'virtserialport,chardev=results,name=results')
	fi
	# The kernels built here have options of their own and no ACPI: they find one processor in each
	# socket. With several sockets, a kernel trusts the processors' clocks only if it is told to. It
	# cannot measure these clocks while this machine is busy.
	local processors=$smp own=$own_options
	if [ -e "$boot/cmdline" ]; then
		processors+=,sockets=$smp
		[ "$kernel_arch" != x86 ] || own+=" tsc=reliable tsc_early_khz=$(tsc_khz)"
	fi
	if [ -n "$icount" ]; then
		options+=(-accel tcg -cpu "$cpu" -smp 1 -icount 'shift=0,sleep=off')
	elif [ "$accel" = kvm ]; then
		options+=(-accel kvm -cpu host -smp "$processors")
	else
		options+=(-accel tcg -cpu "$cpu" -smp "$processors")
	fi
	# An oops is a panic, and a panic ends the VM. The kernel's own limits for hung
	# tasks, soft lockups (twice watchdog_thresh) and RCU stalls count the host's time,
	# so a VM that waits for a processor needs longer ones. Mitigations protect nothing
	# here, and would add the CPU model's flaws to every measurement.
	options+=(-append "console=$console_tty rdinit=/init panic=-1 oops=panic sysrq_always_enabled \
sysctl.kernel.hung_task_timeout_secs=120 sysctl.kernel.watchdog_thresh=60 \
rcupdate.rcu_cpu_stall_timeout=120 mitigations=off cryptomgr.notests $machine_options $own $append")
	[ -z "$pid_file" ] || options+=(-pidfile "$pid_file")
	[ -z "$gdb" ] || options+=(-chardev "socket,id=gdb,path=$gdb,server=on,wait=off" -gdb chardev:gdb)
	[ -z "$halted" ] || options+=(-S)

	if [ -n "$console" ]; then cat <&"$unread" >&2 & else cat <&"$unread" >/dev/null & fi
	# --pdeathsig: QEMU ends with this process even if that has no time to end it.
	setpriv --pdeathsig KILL "$qemu" "${options[@]}" <&0 2>"$tmp/errors" &
	qemu_pid=$!
	[ -n "$shell" ] || tail -s 0.05 -c +1 -f --pid="$qemu_pid" "$tmp/results" &
	follower=$!
	answer <&"$questions" >&"$answers" &
	watch <&0 2>/dev/null &
	watcher=$!
	{ wait -n -p ended "$qemu_pid" "$watcher" || outcome=$?; } 2>/dev/null
	late=0
	if [ "$ended" = "$watcher" ]; then
		[ "$outcome" != 4 ] || { status=129 && exit; }
		late=$outcome outcome=124
		# Which tasks are blocked, and what the processors do.
		ask w
		ask l
		kill "$qemu_pid" 2>/dev/null || true
		wait "$qemu_pid" || true
	else
		# It would write into the files of a second VM. A signal that this process handles could run
		# the handler there if the shell has just started it.
		{ kill -KILL "$watcher" && wait "$watcher"; } 2>/dev/null || true
	fi
	qemu_pid=''
	wait "$follower" || true
	return "$outcome"
}
