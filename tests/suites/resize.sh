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
	: >/tmp/always
	resize always >>/tmp/always &
	task=$!
	wait_until 10 grep -q changing /tmp/always
	total_before=$(sed -n 's/^total_in:[^0-9]*//p' "/proc/$task/fdinfo/3")
	storm "$@" &
	storm=$!
	# Once all bytes have been read the readers wait for more, and the changes end.
	wait_until 50 quiet
	kill -KILL "$task"
	wait "$storm"
}

# quiet: the storm has written, its writers have closed the device, and it is empty.
quiet() {
	line=$(sed -n '/^used\|^writers\|^total_in/s/.*:[^0-9]*//p' "/proc/$task/fdinfo/3" | tr '\n' ' ')
	case $line in
	"0 1 $total_before ") false ;;
	'0 1 '*) true ;;
	*) false ;;
	esac
}
check '4 writers, 1 reader while the capacity changes: each message whole and in order' \
	storm_beside 4 1 1000
check '4 writers, 4 readers while the capacity changes' storm_beside 4 4 1000

run_tests
