# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# Memory that is bad, late, or never comes: no byte is lost or doubled, and
# nobody else is held up.
#
# programs: faults

# shellcheck source=tests/lib.sh
. ./lib.sh

check 'writes from memory that ends: whole, in part, or EFAULT' faults edges_of_writes
check 'reads to memory that ends: what fits, then EFAULT, and the rest stays' faults edges_of_reads
check 'both at random: every byte arrives once' faults edges_at_random
check 'writev with one bad segment' faults segments_of_writes
check 'readv with one bad segment' faults segments_of_reads
check 'addresses that are bad, and memory that is protected: EFAULT' faults bad_memory
check 'lengths of 2 GiB and more' faults huge
check 'memory that nobody touched before' faults untouched
check 'memory of files, and of files that end' faults files
check 'pages that another thread discards all the time' faults vanishing
check 'records that several read into such memory arrive whole' faults records
check 'pages that come late, for a writer' faults late_for_writer
check 'pages that come late, for an atomic write' faults late_for_atomic_writer
check 'pages that come late, for a reader' faults late_for_reader
check 'two pages that are present together after 300 faults: a write puts in all its bytes' \
	faults both_at_last
check 'two pages that are never present together: a read ends, and no byte is lost' \
	faults never_both_for_reader
check 'two pages that are never present together: a signal ends the write: EINTR' \
	faults never_both_interrupted
check 'a shadow stack refuses a read: EFAULT, or the bytes before it' faults shadow_stack
check 'a reader whose page never comes: others go on, and it can be killed' faults stuck_reader
check 'a writer whose page never comes: others go on, and it can be killed' faults stuck_writer
check 'a reader whose page never comes hands its wake-up on' faults stuck_reader_hands_on
check 'a writer whose page never comes hands its wake-up on' faults stuck_writer_hands_on
check 'a reader whose second page never comes takes nothing' faults stuck_reader_takes_nothing

run_tests
