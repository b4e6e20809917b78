# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Calls that wait, and calls that may not.
#
# programs: calls blocking

. ./lib.sh

# begin OPERATION...: in the background, with its results in /tmp/results and
# its process in $task; returns when it sleeps in a call on the device.
begin() {
	calls "$@" >/tmp/results &
	task=$!
	wait_until 5 sleeps
}

sleeps() {
	grep -q '^State:.*S' "/proc/$task/status" && has_open "$task"
}

# has_open PROCESS: it has the device open.
has_open() {
	for file in "/proc/$1/fd/"*; do
		[ "$(readlink "$file")" != /dev/rust_sample ] || return 0
	done
	return 1
}

# begin_three OPERATION...: the same three times, with results in
# /tmp/results.1 to 3; returns when all sleep.
begin_three() {
	for i in 1 2 3; do
		calls "$@" >"/tmp/results.$i" &
		task=$!
		wait_until 5 sleeps
	done
	sleep 0.2
}

# three: all their results, sorted, on one line.
three() {
	cat /tmp/results.1 /tmp/results.2 /tmp/results.3 | sort | tr '\n' '|'
}

# ends RESULTS: the one that began has ended with these.
ends() {
	wait_until 5 ended
	wait "$task" || true
	assert_eq "$1" "$(cat /tmp/results)"
}

ended() {
	! grep -qs '^State:[[:space:]]*[^Z]' "/proc/$task/status"
}

still_sleeps() {
	sleep 0.2
	sleeps || fail "it no longer sleeps: $(cat /tmp/results)"
}

reader_is_woken() {
	begin open:r read:100
	still_sleeps
	calls open:w write:hello >/dev/null
	ends '0 5:hello'
}
check 'a reader waits for the first writer, and is woken by its bytes' reader_is_woken

reader_of_writer() {
	begin open:rw read:100
	still_sleeps
	calls open:w write:hello >/dev/null
	ends '0 5:hello'
}
check 'a reader that has a writer waits, and is woken' reader_of_writer

writer_is_woken() {
	empty
	begin open:w fill:65536 fill:1
	still_sleeps
	assert_eq '0 4096' "$(calls open:r drain:4096)"
	ends '0 65536 1'
	empty
}
check 'a writer waits in a full FIFO, and is woken by a reader' writer_is_woken

# room_for_pipe_buf BYTES
room_for_pipe_buf() {
	empty
	begin open:w fill:65536 fill:"$1"
	assert_eq '0 4095' "$(calls open:r read:4095)"
	still_sleeps
	assert_eq '0 1' "$(calls open:r read:1 | cut -c -3)"
	ends "0 65536 $1"
	empty
}
check 'a writer of 4096 bytes waits until they fit' room_for_pipe_buf 4096
check 'a writer of one byte waits for room for 4096' room_for_pipe_buf 1

large_write() {
	empty
	begin open:w fill:200000
	still_sleeps
	assert_eq '0 65536 65536 65536' "$(calls open:r drain:65536 sleep:200 drain:65536 sleep:200 drain:65536 |
		sed 's/ 0 / /g')"
	ends '0 200000'
	assert_eq '0 3392' "$(calls open:r read:65536 | cut -d : -f 1)"
}
check 'a write larger than the FIFO goes in part by part' large_write

last_close_wakes() {
	empty
	begin open:r read:100
	calls open:w >/dev/null
	ends '0 0'
}
check 'the close of a writer ends a blocked read with 0' last_close_wakes

all_see_the_end() {
	empty
	begin_three open:r read:100
	calls open:w >/dev/null
	wait
	assert_eq '0 0|0 0|0 0|' "$(three)"
}
check 'the end of file wakes all readers' all_see_the_end

# keep_writer: a writer that stays until the end of the test, so that no end of file
# wakes the readers.
keep_writer() {
	calls open:w sleep:3600000 >/dev/null &
	wait_until 5 has_open "$!"
}

# have_ended NUMBER: whether NUMBER of the three have.
have_ended() {
	[ "$(cat /tmp/results.1 /tmp/results.2 /tmp/results.3 | wc -l)" = "$1" ]
}

# ended_with RESULTS: all three have ended, with these.
ended_with() {
	wait_until 5 have_ended 3
	assert_eq "$1" "$(three)"
}

one_wakeup_each() {
	empty
	keep_writer
	begin_three open:r read:100
	# Three writes for three readers: none may stay asleep.
	ended=0
	for byte in a b c; do
		calls open:w write:"$byte" >/dev/null
		ended=$((ended + 1))
		wait_until 5 have_ended "$ended"
	done
	ended_with '0 1:a|0 1:b|0 1:c|'
}
check 'each of several readers is woken by a write' one_wakeup_each

handed_on() {
	empty
	keep_writer
	begin_three open:r read:1
	# One write, of which each reader takes a byte: each wakes the next.
	calls open:w write:abc >/dev/null
	ended_with '0 1:a|0 1:b|0 1:c|'
}
check 'a reader that leaves bytes wakes the next' handed_on

writers_handed_on() {
	empty
	calls open:w fill:65536 >/dev/null
	begin_three open:w write:xy
	# One read makes room for all of them: each wakes the next.
	calls open:r read:65536 >/dev/null
	wait
	assert_eq '0 2|0 2|0 2|' "$(three)"
	empty
}
check 'a writer that leaves room wakes the next' writers_handed_on

check 'a signal ends a waiting read: EINTR' alone "'0 0 EINTR'" open:r alarm:200 read:1

signal_write() {
	empty
	gives '0 65536 0 EINTR' open:w fill:65536 alarm:200 fill:1
	empty
}
check 'a signal ends a waiting write: EINTR' signal_write

signal_part() {
	empty
	gives '0 0 65536' open:w alarm:200 fill:100000
	empty
}
check 'a signal after some bytes gives the short count' signal_part

restarted() {
	empty
	begin open:r alarm:100:restart read:9
	sleep 0.5
	# A signal wakes it for a moment.
	wait_until 10 sleeps
	calls open:w write:hello >/dev/null
	ends '0 0 5:hello'
}
check 'a signal under SA_RESTART does not end a waiting read' restarted

restarted_write() {
	empty
	begin open:w fill:65536 alarm:100:restart fill:1
	sleep 0.5
	wait_until 10 sleeps
	calls open:r drain:65536 >/dev/null
	ends '0 65536 0 1'
	empty
}
check 'a signal under SA_RESTART does not end a waiting write' restarted_write

killed() {
	empty
	begin open:r read:1
	kill -KILL "$task"
	wait "$task" || true
	begin open:w fill:65536 fill:1
	kill -KILL "$task"
	wait "$task" || true
	empty
	gives '0 2 2:ok' open:rw write:ok read:9
}
check 'kill -9 ends waiting calls' killed

check 'O_NONBLOCK: a read with a writer and no bytes gives EAGAIN' \
	alone "'0 0 EAGAIN'" open:w open:rn read:1
check 'O_NONBLOCK: a read without a writer gives 0' alone "'0 0'" open:rn read:1
check 'O_NONBLOCK: a read returns the bytes that are there' alone "'0 2 0 2:hi EAGAIN'" open:w write:hi open:rn read:9 read:9

nonblocking_write() {
	empty
	gives '0 65536 EAGAIN' open:wn fill:65536 fill:1
	gives '0 1000 EAGAIN 100 EAGAIN' open:rwn drain:1000 fill:4096 fill:100 fill:1000
	empty
}
check 'O_NONBLOCK: a write of up to 4096 bytes goes in whole or gives EAGAIN' nonblocking_write

nonblocking_large() {
	empty
	gives '0 60000 5536 EAGAIN' open:wn fill:60000 fill:10000 fill:10000
	empty
}
check 'O_NONBLOCK: a larger write gives the short count' nonblocking_large

check 'O_NONBLOCK by fcntl, on and off' \
	alone "'0 0 EAGAIN 0 0 EINTR'" open:rw nonblock:1 read:1 nonblock:0 alarm:200 read:1
check 'O_NONBLOCK by fcntl: a read that has seen no writer gives EAGAIN' \
	alone "'0 0 EAGAIN 0 EAGAIN'" open:r nonblock:1 read:1 poll:0 read:1
check 'O_NONBLOCK by fcntl: a read after a writer gives 0' \
	alone "'0 0 0 0 0 0'" open:r open:w close use:0 nonblock:1 read:1
check 'O_NONBLOCK by open, off and on: a read without a writer gives 0' \
	alone "'0 0 0 0'" open:rn nonblock:0 nonblock:1 read:1

check 'O_NONBLOCK while a read waits: EAGAIN at the next wake-up without bytes' \
	blocking read_becomes_nonblocking
check 'O_NONBLOCK while a write waits: EAGAIN at the next wake-up without room' \
	blocking write_becomes_nonblocking
check 'O_NONBLOCK while a large write waits: the short count' \
	blocking large_write_becomes_nonblocking
check 'O_NONBLOCK while a splice waits: EAGAIN at the next wake-up without success' \
	blocking splice_becomes_nonblocking

check 'O_DIRECT is refused, and such an open is no writer that readers see' \
	alone "'0 EINVAL EINVAL 0 EAGAIN 0'" open:r open:wd open:rwd use:0 readnowait:1 poll:0

check 'end of file: 0 once the last writer closed' \
	alone "'0 0 2 0 0 2:hi 0 0'" open:r open:w write:hi close use:0 read:9 read:9 read:9

not_before_the_last() {
	empty
	calls open:w sleep:3600000 >/dev/null &
	keeper=$!
	wait_until 5 has_open "$keeper"
	begin open:r open:w close use:0 read:1
	still_sleeps
	kill "$keeper"
	ends '0 0 0 0 0'
}
check 'end of file: not before the last writer closed' not_before_the_last

check 'end of file: a new writer ends it' \
	alone "'0 0 0 0 0 0 2 0 2:hi'" open:r open:w close use:0 read:1 open:w write:hi use:0 read:9

waits_again() {
	empty
	calls open:w write:x sleep:3600000 >/dev/null &
	keeper=$!
	wait_until 5 has_open "$keeper"
	begin open:r read:1 read:1
	still_sleeps
	kill "$keeper"
	ends '0 1:x 0'
}
check 'end of file: a reader waits while the writer is there' waits_again

bytes_were_there() {
	empty
	calls open:w write:hello >/dev/null
	gives '0 5:hello 0' open:r read:9 read:9
}
check 'a file opened when bytes were there has seen a writer' bytes_were_there

nonblock_saw_none() {
	empty
	calls open:w write:hello >/dev/null
	gives '0 5:hello 0 0 0' open:rn read:9 read:9 nonblock:0 read:9
}
check 'a file opened with O_NONBLOCK never waits for the first writer' nonblock_saw_none

check 'RWF_NOWAIT: a read that would wait gives EAGAIN, with a writer or none' \
	alone "'0 EAGAIN 0 0 EAGAIN'" open:r readnowait:1 open:w use:0 readnowait:1
check 'RWF_NOWAIT: a read returns the bytes that are there, then the end of file' \
	alone "'0 2 0 0 2:hi 0'" open:w write:hi close open:r readnowait:9 readnowait:9
check 'RWF_NOWAIT: a write that would wait gives EAGAIN' \
	alone "'0 65536 EAGAIN'" open:w writenowait:65536 writenowait:1

run_tests
