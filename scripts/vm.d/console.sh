# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: judges how the VM ended, and shows and keeps its console.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# keep_log: puts the console's log where the caller expects it, in one step, as two VMs may
# have the same name for it.
keep_log() {
	[ -e "$tmp/console.log" ] || return 0
	case $log in
	*=/proc/self/fd/*) cat "$tmp/console.log" >"${log##*=}" ;;
	*) mkdir -p "$(dirname "$log")" && cp "$tmp/console.log" "$log.${tmp##*.}" && mv "$log.${tmp##*.}" "$log" ;;
	esac || say "error: the console's log could not be written to ${log%=/proc/*}; see the reason above"
}

# show_console: the lines around the first sign of trouble in it, or its end.
show_console() {
	tr -d '\r' <"$tmp/console.log" | tail -n 300 | awk '
		{ line[NR] = $0 }
		!found && !/KCSAN/ && /BUG:|BUG at|Oops:|general protection|Internal error|Kernel panic|sysrq: (Trigger|Show)|blocked for more|detected .*stall/ { found = NR }
		END {
			from = found ? found - 8 : NR - 14
			for (i = from; i <= NR && i < from + 50; i++)
				if (i in line) print "  " line[i]
		}' >&2
	say "the whole console is in ${log%=/proc/*}"
}

# failed STATUS ERROR: makes that the status, and shows the console.
failed() {
	say "error: $2:"
	show_console
	status=$1
}

# report QEMU-STATUS: sets $status, and says why if it is not COMMAND's own.
report() {
	local word
	word=$(cat "$tmp/status")
	cat "$tmp/errors" >&2
	has_room ||
		die "there is no space left in ${tmp%/*}" "output of the VM is lost" "free some space there"
	if [ "$late" = 1 ]; then
		failed 124 "the time limit of $boot_limit s was reached: the system does not begin; the console's end"
	elif [ "$late" = 2 ]; then
		failed 124 "the time limit of $limit s was reached: COMMAND prints nothing; the console's end"
	elif has_panicked; then
		failed 121 "the kernel panicked"
	elif [[ $word = failed:* ]]; then
		die "the VM could not be set up" "${word#failed: }" "see its console in ${log%=/proc/*}"
	elif [[ ! $word =~ ^[0-9]+$ ]] || ! grep -q 'reboot: ' "$tmp/console.log"; then
		failed 122 "the VM vanished (QEMU's status: $1); the console's end"
	elif [ "$word" -ge 120 ] && [ "$word" -le 125 ]; then
		say "COMMAND ended with $word, reported as 1: 120 to 125 have meanings of their own here"
		status=1
	else
		status=$word
	fi
}
