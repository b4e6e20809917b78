# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Starts scripts/vm so that a signal which ends the script that sourced this ends the VM, too:
# bash handles no signal while a command of its own runs.

# begin_vm OPTION...: starts it. $lines is the descriptor of what it prints.
begin_vm() {
	exec {lines}< <(exec scripts/vm "$@")
	vm=$!
	trap 'kill "$vm" 2>/dev/null; wait "$vm"; exit 143' TERM
	trap 'kill "$vm" 2>/dev/null; wait "$vm"; exit 129' HUP
}

# end_vm: waits for its end, and returns its status. Read all of $lines before.
end_vm() {
	local status=0
	exec {lines}<&-
	wait "$vm" || status=$?
	trap - TERM HUP
	return "$status"
}
