# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Memory that is bad, becomes present late or never: no byte is lost or doubled, and no other
# task is held up.
#
# programs: faults

. ./lib.sh

check 'writes from memory that ends: all, a part, or EFAULT' faults edges_of_writes
check 'reads into memory that ends: what fits, then EFAULT, and the rest stays' \
	faults edges_of_reads
check 'reads and writes at random: every byte arrives once' faults edges_at_random
check 'writev with one bad segment' faults segments_of_writes
check 'readv with one bad segment' faults segments_of_reads
check 'bad addresses and protected memory: EFAULT' faults bad_memory
check 'lengths of 2 GiB and more' faults huge
check 'memory that was never touched before' faults untouched
check 'mapped files, and mappings beyond the end of a file' faults files
check 'pages that another thread discards all the time' faults vanishing
check 'records that several readers read into non-present pages arrive whole' faults records
check 'a write whose pages become present late' faults late_for_writer
check 'an atomic write whose pages become present late' faults late_for_atomic_writer
check 'a read whose pages become present late' faults late_for_reader
check 'two pages that are present together after 300 faults: a write puts in all its bytes' \
	faults both_at_last
check 'two pages that are never present together: a read ends, and no byte is lost' \
	faults never_both_for_reader
check 'two pages that are never present together: a signal ends the write: EINTR' \
	faults never_both_interrupted
check 'a shadow stack refuses a read: EFAULT, or the bytes before it' faults shadow_stack
check 'a reader whose page never becomes present: others go on, and it can be killed' \
	faults stuck_reader
check 'a writer whose page never becomes present: others go on, and it can be killed' \
	faults stuck_writer
check 'a reader whose page never becomes present wakes the next one' faults stuck_reader_hands_on
check 'a writer whose page never becomes present wakes the next one' faults stuck_writer_hands_on
check 'a splice that was woken and then waits for the lock of its pipe wakes the next reader' \
	faults stuck_splice_hands_on
check 'a reader whose second page never becomes present takes nothing' \
	faults stuck_reader_takes_nothing

run_tests
