# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2119
#
# Judges lesson 4.
#
# vm: --no-module --add lessons/teach.sh --add insmod=/usr/sbin/insmod
# programs: calls

# shellcheck source=lessons/teach.sh
. ./teach.sh

# shows TEXT LOOK: what a file that is opened now reads.
shows() {
	same "$1" "$(cat "$DEVICE")" "$2"
}

shares() {
	load
	exec 3>"$DEVICE"
	printf hello >&3
	printf 'to all' >&3
	shows 'files 2, writes 2, bytes 11' \
		"open(): each file gets a reference to the tally in CURRENT; write_iter() counts there"
}
check 'all files share one tally' shares

counts_files() {
	load
	for _ in 1 2 3; do : >"$DEVICE"; done
	shows 'files 1, writes 0, bytes 0' "release(): a file that is closed no longer counts"
}
check 'a closed file does not count' counts_files

# write_often N: writes 10 bytes N times.
write_often() {
	dd if=/dev/zero of="$DEVICE" bs=10 count="$1" 2>/dev/null
}

counts_all() {
	load
	for _ in 1 2 3 4; do write_often $((100000 / SLOW)) & done
	wait
	writes=$((400000 / SLOW))
	shows "files 1, writes $writes, bytes $((writes * 10))" \
		"the lock in write_iter(): it is held from the first look at a number to the last change"
}
limit=60
check 'writes of four tasks at once are all counted' counts_all

one_moment() {
	load
	write_often 1000000000 &
	for _ in $(seq 300); do
		# One read: until the second one, the text may have got longer.
		text=$(head -n 1 "$DEVICE")
		writes=${text#*writes } bytes=${text##* }
		same "writes ${writes%,*}, bytes ${writes%,*}0" "writes ${writes%,*}, bytes $bytes" \
			"the lock in read_iter(): both numbers are read under one lock, taken once"
	done
}
check 'a read shows both numbers of one moment' one_moment
limit=30

keeps_own() {
	load
	exec 3>"$DEVICE"
	exec 4<"$DEVICE"
	printf new >&3
	shows 'files 1, writes 0, bytes 0' "write_iter(): after \"new\", CURRENT holds another tally"
	printf hello >&3
	same 'files 2, writes 2, bytes 8' "$(cat <&4)" \
		"the tally of an open file: open() chooses it, and the file keeps its reference"
}
check 'after new, files that are opened get another tally' keeps_own

numbers() {
	load
	exec 3>"$DEVICE"
	printf new >&3
	printf new >&3
	exec 3>&-
	unload
	same 'tally 2 freed, writes 0, bytes 0
tally 1 freed, writes 2, bytes 6
tally 3 freed, writes 0, bytes 0' "$(said)" \
		"the next number: it follows that of the tally in CURRENT, whichever tally the writing file has"
}
check 'each tally has a number of its own' numbers

freed_with_last() {
	load
	exec 3>"$DEVICE"
	printf new >&3
	printf hello >&3
	same '' "$(said)" "the references to the first tally: a file still has one"
	exec 3>&-
	same 'tally 1 freed, writes 2, bytes 8' "$(said)" \
		"the references to the first tally: CURRENT and the closed file must have dropped theirs"
	unload
	same 'tally 2 freed, writes 0, bytes 0' "$(said | tail -n 1)" "the references to the tally in CURRENT"
}
check 'a tally is freed with its last reference' freed_with_last

counts_copied() {
	load
	results '0 EFAULT 10 0' "what receive() returns: it fails, or says how many bytes the write had" \
		open:w edgewrite:0:20 edgewrite:10:20 fill:0
	shows 'files 1, writes 2, bytes 10' "the order in write_iter(): copy first, count then"
}
check 'bytes at a bad address do not count' counts_copied

run_tests
