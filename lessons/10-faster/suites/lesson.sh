# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 10: what the device counts.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: calls lines

# shellcheck source=lessons/teach.sh
. ./teach.sh

# shows TEXT LOOK
shows() {
	same "$1" "$(head -n 1 "$DEVICE")" "$2"
}

counts() {
	load
	printf 'one\ntwo\n' >"$DEVICE"
	printf three >"$DEVICE"
	shows 'writes 2, lines 2, bytes 13' "write(): the three totals"
}
check 'writes, lines and bytes are counted' counts

counts_long() {
	load
	results '0 99844' "the loop in write(): it ends when no byte is left" open:w fill:99844
	# The pattern has a newline at 10, 266, ... The last 4 bytes have none.
	shows 'writes 1, lines 390, bytes 99844' "the loop in write(): of the last chunk, only the bytes that were copied count"
}
check 'a long write is counted to its end' counts_long

counts_copied() {
	load
	results '0 EFAULT 10 0' "what copy_from_iter() returns: 0 if no byte could be copied" \
		open:w edgewrite:0:20 edgewrite:10:20 fill:0
	shows 'writes 1, lines 0, bytes 10' "the bytes that count: those that copy_from_iter() has copied"
}
check 'bytes at a bad address do not count' counts_copied

counts_all() {
	load
	writes=$((100000 / SLOW))
	./lines both "$writes"
	shows "writes $((2 * writes)), lines $((2 * writes)), bytes $((16 * writes))" \
		"how a total grows: the look at the old number and the change must be one step"
}
limit=90
check 'no write of two processors at once is lost' counts_all
limit=30

answers() {
	load
	prints answered "the lock: it must not be held while bytes are copied from a program" lines late
}
check 'a read does not wait for a write whose page is late' answers

run_tests
