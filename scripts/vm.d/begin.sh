# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Starts scripts/vm in the background, so that SIGTERM and SIGHUP to the script that sources
# this end the VM, too: bash handles a signal only after the command in the foreground has ended.

# begin_vm OPTION...: starts it. $lines is the descriptor of what it prints.
begin_vm() {
	exec {lines}< <(exec scripts/vm "$@")
	vm=$!
	trap 'kill "$vm" 2>/dev/null; wait "$vm"; exit 143' TERM
	trap 'kill "$vm" 2>/dev/null; wait "$vm"; exit 129' HUP
}

# next_line: reads the next line of what it prints into $line.
next_line() {
	IFS= read -ru "$lines" line || [ -n "$line" ]
}

# end_vm: waits for its end, and returns its status. Read all of $lines before.
end_vm() {
	local status=0
	exec {lines}<&-
	wait "$vm" || status=$?
	trap - TERM HUP
	return "$status"
}
