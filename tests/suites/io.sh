# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Reads and writes that do not block.
#
# programs: calls

. ./lib.sh

device=/dev/rust_sample
capacity=65536

echo_and_cat() {
	echo hello >"$device"
	assert_eq hello "$(cat "$device")"
}
check 'echo and cat' echo_and_cat

check 'bytes stay until they are read' \
	alone "'0 5 0 0 2:he 0 3:llo 0'" open:w write:hello close open:r read:2 open:r read:9 read:9

check 'a read gives what is there' alone "'0 5 5:hello'" open:rw write:hello read:1000
check 'a read takes no more than it asks for' alone "'0 5 2:he 3:llo'" open:rw write:hello read:2 read:9
check 'several writes are one stream' alone "'0 2 3 5:hello'" open:rw write:he write:llo read:9
check 'a read of no bytes gives 0 and does not wait' alone "'0 0 0 0'" open:r read:0 open:rn read:0
check 'a write of no bytes gives 0 and writes nothing' alone "'0 0 0'" open:wn fill:0 fionread

# intact SIZE: SIZE bytes through the device, from a file to a file.
intact() {
	head -c "$1" /dev/urandom >/tmp/in
	# The writer waits for room, or the reader for bytes.
	cat /tmp/in >"$device" &
	head -c "$1" "$device" >/tmp/out
	wait "$!"
	cmp /tmp/in /tmp/out
	assert_eq "$1" "$(wc -c </tmp/out)"
}
for size in 1 4095 4096 4097 $((capacity - 1)) $capacity $((capacity + 1)) \
	$((3 * capacity)) $((5 * capacity + 12345)) 10000000; do
	check "$size bytes arrive intact" intact "$size"
done

# Each offset at which a write can reach the end of the buffer.
wrap() {
	empty
	set -- open:rw
	for size in $capacity $((capacity - 1)) 1 4095 4096 4097 40000 40000 40000 1 65535 \
		65536 12345 54321 65536; do
		set -- "$@" "fill:$size" "drain:$size"
	done
	calls "$@" >/tmp/results
	! grep -q 'wrong\|E' /tmp/results || fail "$(cat /tmp/results)"
	assert_eq 31 "$(wc -w </tmp/results)"
}
check 'bytes that wrap around the end of the ring' wrap

wrap_everywhere() {
	empty
	set -- open:rw
	for _ in $(seq 41); do
		# 1,601 shares no factor with the capacity: the offsets all differ.
		set -- "$@" fill:1601 drain:1601 "fill:$capacity" "drain:$capacity"
	done
	calls "$@" >/tmp/results
	! grep -q 'wrong\|E' /tmp/results || fail "$(cat /tmp/results)"
}
check 'a full ring that begins anywhere' wrap_everywhere

partly() {
	empty
	gives '0 65536 30000 30000 65536 0' \
		open:rw fill:65536 drain:30000 fill:30000 drain:65536 fionread
}
check 'a full ring that is refilled partly read' partly

check 'lseek: ESPIPE' alone "'0 ESPIPE 0 ESPIPE'" open:r lseek:0 open:w lseek:1
check 'pread: ESPIPE' alone "'0 ESPIPE'" open:r pread:0
check 'pwrite: ESPIPE' alone "'0 ESPIPE'" open:w pwrite:0
check 'read of a file open for writing: EBADF' alone "'0 EBADF'" open:w read:1
check 'write to a file open for reading: EBADF' alone "'0 EBADF'" open:r write:x
check 'readv and writev, with an empty part' \
	alone "'0 5 5 0'" open:rw writev:he:llo readv:2:9 fionread

check 'a read never gives more than was written' \
	alone "'0 1000 1000 0'" open:rw fill:1000 drain:65536 nonblock:0

dd_both_ends() {
	empty
	dd if=/dev/urandom of=/tmp/in bs=1M count=8 2>/dev/null
	dd if=/tmp/in of="$device" bs="$1" 2>/dev/null &
	dd if="$device" of=/tmp/out bs="$2" 2>/dev/null
	wait "$!"
	cmp /tmp/in /tmp/out
}
check '8 MiB by dd, blocks of 64k to blocks of 64k' dd_both_ends 64k 64k
check '8 MiB by dd, blocks of 1000 to blocks of 77777' dd_both_ends 1000 77777
check '8 MiB by dd, blocks of 1M to blocks of 4096' dd_both_ends 1M 4096

run_tests
