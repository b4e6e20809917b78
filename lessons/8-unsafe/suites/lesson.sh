# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 8.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: calls

# shellcheck source=lessons/teach.sh
. ./teach.sh

# wide WIDTH RESULTS LOOK OPERATION...: with a line of that many bytes.
wide() {
	load width="$1"
	expected=$2 look=$3
	shift 3
	came=$(./calls "$@" 2>&1) || true
	same '' "$(said | grep 'memory behind')" "the size that you pass for the line: it is line.len()"
	same "$*: $expected" "$*: $came" "$look"
}

check 'three bytes' wide 64 "'0 3 8:61 62 63'" \
	'"the call of hex_dump_to_buffer(): a pointer and a length for each of the two slices"' \
	open:rw write:abc read:99
check 'sixteen bytes, which fill a line' \
	wide 64 "'0 16 47:61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70'" '"the row size, which is 16"' \
	open:rw write:abcdefghijklmnopqrst read:99
check 'no bytes' wide 64 "'0 0'" '"the text of no bytes: it is empty"' open:rw read:99
check 'a line that is too short: the text is cut' wide 6 "'0 3 5:61 62'" \
	'"the value that hex_dump_to_buffer() returns for a cut text: lib/hexdump.c describes it"' \
	open:rw write:abc read:99
check 'a line that just fits' wide 9 "'0 3 8:61 62 63'" '"the NUL at the end: it is no part of the text"' \
	open:rw write:abc read:99
check 'a line with room for the NUL alone' wide 1 "'0 3 0'" '"the room for text: one byte less than the line"' \
	open:rw write:abc read:99
check 'a line of no bytes' wide 0 "'0 3 0'" '"a line that is empty: it has no last byte"' \
	open:rw write:abc read:99
check 'neither bytes nor a line' wide 0 "'0 0'" \
	'"the value -1, which hex_dump_to_buffer() returns here: it is no length"' open:rw read:99

run_tests
