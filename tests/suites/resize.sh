# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# The capacity changes while the device is in use.
#
# programs: resize storm

. ./lib.sh

limit=60

check 'hundreds of changes keep the content at any offset in the ring' resize content
check 'a stream arrives in order while the capacity changes hundreds of times' resize stream
check 'more capacity wakes all writers that wait' resize wakes_writers
check 'more capacity lets a large write go on' resize large_write
check 'more capacity wakes all pollers' resize tells_pollers
check 'less capacity leaves less room' resize smaller
check 'blocked readers stay blocked' resize readers_wait_on

# The program that changes the capacity is a writer, so it must end before the storm's readers
# see the end of file.
storm_beside() {
	resize always >/tmp/always &
	task=$!
	wait_until 10 grep -q changing /tmp/always
	storm "$@" &
	storm=$!
	# Once all bytes have been read the readers wait for more, and the changes end.
	wait_until 50 quiet
	kill -KILL "$task"
	wait "$storm"
}

# quiet: the storm's writers have closed the device, and it is empty.
quiet() {
	line=$(sed -n '/^used\|^writers/p' "/proc/$task/fdinfo/3" | tr -dc '0-9\n' | tr '\n' ' ')
	[ "$line" = '0 1 ' ]
}
check '4 writers, 1 reader while the capacity changes: each message whole and in order' \
	storm_beside 4 1 1000
check '4 writers, 4 readers while the capacity changes' storm_beside 4 4 1000

run_tests
