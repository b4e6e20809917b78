# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Part of scripts/vm: finds out whether KVM is usable.
#
# shellcheck disable=SC2034,SC2154 # Shared with scripts/vm.

# kvm_status: prints 'usable' or 'not usable: WHY'. That /dev/kvm opens proves little:
# on a nested host QEMU may abort, or the kernel hang in early boot. So a VM is booted once,
# and the outcome kept as long as everything that it depends on stays the same.
kvm_status() {
	local key found
	if [ "$(uname -m)" != "$host_machine" ]; then
		echo "not usable: the VM's architecture is not this machine's"
	elif [ ! -e /dev/kvm ]; then
		echo "not usable: there is no /dev/kvm"
	elif ! : 2>/dev/null <>/dev/kvm; then
		echo "not usable: this user may not open /dev/kvm (the group kvm may)"
	elif [ ! -e "$kernel_dir/$kernel/vmlinuz" ]; then
		echo "not usable: not tried yet, as there is no kernel to boot"
	else
		key=$({ uname -r && "$qemu" --version && { grep -m 1 '^model name' /proc/cpuinfo || true; }; } |
			sha256sum | cut -c -12)
		found=$cache/kvm/$key
		# In a subshell, which ends the lock.
		(
			lock kvm
			mkdir -p "$cache/kvm"
			[ -n "$again" ] || [ -z "$(find "$found" -mtime -1 2>/dev/null)$(grep -sx usable "$found")" ] || exit 0
			try_kvm >"$cache/tmp/kvm"
			mv "$cache/tmp/kvm" "$found"
		)
		cat "$found"
	fi
}

try_kvm() {
	local why outcome=0 with=$kernel
	# The stock kernel boots fastest.
	[ ! -e "$kernel_dir/stock/vmlinuz" ] || with=stock
	why=$("$0" --accel kvm --kernel "$with" --no-module --timeout "$kvm_limit" \
		--boot-timeout "$kvm_limit" --log /tmp/kvm-console.log -- true 2>&1 >/dev/null) || outcome=$?
	why=$({ grep -v -e '^vm: ' -e '^  ' -e 'terminating on signal' <<<"$why" || true; } | head -n 1)
	case $outcome in
	0) echo usable ;;
	124) echo "not usable: /dev/kvm opens, but no kernel boots within $kvm_limit s${why:+ ($why)}" ;;
	*) echo "not usable: /dev/kvm opens, but QEMU fails${why:+ ($why)}" ;;
	esac
}
