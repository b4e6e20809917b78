# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: measures the progress of the VM.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# has_begun: whether the kernel has started /init.
has_begun() {
	grep -q 'Run /init' "$tmp/console.log"
}

# has_panicked: whether the kernel has ended itself.
has_panicked() {
	grep -q 'Kernel panic - not syncing' "$tmp/console.log"
}

# has_room: whether the disk has space. Without it QEMU loses output.
has_room() {
	head -c 65536 /dev/zero 2>/dev/null >"$tmp/room"
}

# watch: returns 1 when the boot makes no progress, 2 when COMMAND makes none, 3 when the
# disk is full, 4 when the terminal of a shell is gone.
# On a busy host the VM's threads wait for a processor, and the VM's clock goes on. The time of the
# thread that waits longest is lost: only a fiftieth of it counts, so that a host that stays busy
# ends the VM in the end. For limits inside the VM, $tmp/lost has the hundredths of a second lost so
# far, and the number of this look.
watch() {
	local phase=1 allowed=$boot_limit file=$tmp/console.log size='' before=${EPOCHREALTIME/./}
	local now thread waited more step counted idle=0 lost=0 looks=0 ran state
	# Of each thread: the time that it has run, how long it has waited since, and all its waits.
	local -A runs=() since=() waits=()
	[ -z "$halted" ] || allowed=infinite
	while [ "$allowed" = infinite ] || [ "$idle" -lt "${allowed}000000" ]; do
		looks=$((looks + 1))
		echo $((lost / 10000)) $looks >"$tmp/lost"
		sleep 1
		[ -z "$shell" ] || [ -t 0 ] || return 4
		now=${EPOCHREALTIME/./}
		step=$((now - before))
		waited=0
		for thread in /proc/"$qemu_pid"/task/*; do
			{ read -r ran more _ <"$thread/schedstat" && read -r state <"$thread/stat"; } 2>/dev/null || continue
			# The kernel counts a wait when it ends.
			if [[ ${state##*) } = R* ]] && [ "$ran" = "${runs[$thread]:-}" ]; then
				since[$thread]=$((since[$thread] + step))
			else
				since[$thread]=0
			fi
			runs[$thread]=$ran
			more=$((more / 1000 + since[$thread]))
			[ $((more - ${waits[$thread]:-more})) -le "$waited" ] || waited=$((more - waits[$thread]))
			waits[$thread]=$more
		done
		counted=$((step - waited))
		[ "$counted" -gt $((step / 50)) ] || counted=$((step / 50))
		# A longer step means that this machine was stopped.
		[ "$counted" -lt 2000000 ] || counted=2000000
		before=$now lost=$((lost + step - counted)) idle=$((idle + counted))
		if [ "$phase" = 1 ] && has_begun; then
			phase=2 allowed=${limit:-infinite} file=$tmp/results idle=0
		fi
		more=$(stat -c %s "$file")
		if [ "$more" != "$size" ]; then
			size=$more idle=0
		elif ! has_room; then
			return 3
		fi
	done
	return "$phase"
}

# answer: answers each line from the VM's port `lost` with $tmp/lost.
answer() {
	local question lost looks before
	while read -r question; do
		# `watch` may be writing it.
		until read -r lost looks <"$tmp/lost"; do :; done
		# The last look may lack the end of a wait, and so may one that has begun.
		before=$looks
		while [ "$question" = now ] && [ "$looks" -lt $((before + 2)) ]; do
			sleep 0.2
			read -r lost looks <"$tmp/lost" || looks=$before
		done
		echo "$lost"
	done
}
