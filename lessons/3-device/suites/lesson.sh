# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 3.
#
# vm: --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: calls

# shellcheck source=lessons/teach.sh
. ./teach.sh

check 'a write and a read' results '"0 5 5:hello"' \
	'"copy_from_iter() in write_iter(), copy_to_iter() in read_iter(); only a read moves the position"' open:rw write:hello read:9

check 'a read goes on where the last one ended, and at the end gives 0' \
	results '"0 5 2:he 3:llo 0"' '"ki_pos_mut(): the position moves by the bytes of each read"' \
	open:rw write:hello read:2 read:9 read:9

check 'a read from behind the end: 0' results '"0 5 0"' \
	'"text.get(position..): pread(2) can ask for any position, and an index behind the end panics"' \
	open:rw write:hello pread:9999

check 'a write goes to the end of the note' \
	results '"0 5 3:hel 6 8:lo+world"' '"where the bytes go in write_iter(): the position is for reads"' \
	open:rw write:hello read:3 write:+world read:99

check 'each open file has its own note' \
	results '"0 5 0 0 0 5:hello"' '"open(): it makes a new Note for each file"' \
	open:rw write:hello open:rw read:9 use:0 read:9

check 'a note that is full: a short count, then ENOSPC' \
	results '"0 4000 96 ENOSPC 4096"' '"the room in write_iter(): write what fits, and say how much that was"' \
	open:rw fill:4000 fill:1000 fill:1 drain:9999

check 'a call for no bytes gives 0, also when the note is full' \
	results '"0 4096 0 0"' '"is_empty() of iov, before all other checks"' open:rw fill:4096 fill:0 read:0

check 'a write from memory that ends: the bytes that are there' \
	results '"0 10 10:xxxxxxxxxx 0"' '"what copy_from_iter() returns: it can be less than what you asked for"' \
	open:rw edgewrite:10:20 read:99 read:99

check 'a write from a bad address: EFAULT, and the note is unchanged' \
	results '"0 5 EFAULT 5:hello"' '"copy_from_iter() returns 0 where no byte could be copied"' \
	open:rw write:hello edgewrite:0:20 read:99

check 'a read into memory that ends: what fits, and the rest stays' \
	results '"0 5 2:he 3:llo"' '"the position: it moves by what copy_to_iter() returns"' \
	open:rw write:hello edgeread:2:5 read:99

check 'a read into a bad address: EFAULT, not 0, and the bytes stay' \
	results '"0 5 EFAULT 5:hello"' '"copy_to_iter() returns 0 where no byte could be copied; 0 is the end of file"' \
	open:rw write:hello edgeread:0:5 read:99

no_node() {
	unload
	[ ! -e "$DEVICE" ] || wrong "no $DEVICE after the unload" "it is still there" \
		"the field of NoteModule that holds the registration"
	load
	[ -c "$DEVICE" ] || wrong "$DEVICE after the load" "there is none" "register() in init()"
}
check 'the device is there while the module is loaded' no_node

run_tests
