# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# poll, select and epoll.
#
# programs: poll

. ./lib.sh

check 'poll reports changes of bytes, room and writers' poll masks
check 'poll reports only the requested events and the end of file' poll asked_for
check 'a file opened when bytes were there has seen a writer, but not with O_NONBLOCK' poll seen
check 'there is room when a write of 4096 bytes would not block' poll room
check 'poll, select and epoll are woken by bytes' poll wakes_for_bytes
check 'poll, select and epoll are woken by the end of file' poll wakes_for_the_end
check 'poll, select and epoll are woken by room' poll wakes_for_room
check 'a file open for both is woken by either' poll both_ends
check 'a timeout ends them' poll time_out
check 'thirty pollers are all woken' poll many_pollers
check 'epoll, level: an event is reported while its condition is true' poll level
check 'epoll, edge: one per write, and one for the end of file' poll edge_per_write
check 'epoll, edge: one for room' poll edge_for_room
check 'epoll, edge: bytes are no edge for room, and room is none for bytes' poll edge_of_one_side
check 'epoll, one shot' poll one_shot
check 'epoll in epoll' poll nested
check 'epoll, exclusive: a write wakes one of several' poll exclusive_one
check 'epoll, exclusive: others are woken all the same' poll exclusive_and_others
check 'epoll, exclusive: a read that waits keeps its wake-up' poll exclusive_and_reader
check 'epoll, exclusive: a write that waits keeps its wake-up' poll exclusive_and_writer
check 'epoll, exclusive: a poller for room keeps no wake-up for bytes' poll exclusive_of_one_side
check 'the end of file is reported until a writer opens the device again' poll end_clears
check 'epoll, edge: the end of file, each time' poll end_is_an_edge
check 'epoll, exclusive: the end of file is for all' poll end_is_for_all
check 'a file is watched until its last descriptor is closed' poll close_watched
check 'a file is watched until a child closed it too' poll close_watched_in_child
check 'an epoll that ends before the file it watches' poll close_epoll_first
check 'a file closed while epoll waits' poll close_while_epoll_waits
check 'a file closed while poll waits' poll close_while_poll_waits
check 'files closed all the time while epoll waits and bytes come' poll close_race

limit=60
check 'no bytes are missed at any time' poll rounds_of_bytes
check 'no room is missed at any time' poll rounds_of_room
check 'no end of file is missed at any time' poll rounds_of_ends

unload_at_once() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		poll leave
		rmmod rust_sample
		insmod ./rust_sample.ko
	done
}
check 'unload right after a file was closed that epoll watched' unload_at_once

run_tests
