# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# splice in both directions, and sendfile.
#
# programs: splice

. ./lib.sh

check 'splice from the device returns the bytes that are there' splice from_device
check 'splice to the device' splice to_device
check 'splice to the device of pages of a process' splice to_device_from_memory
check 'errors: wrong modes, offsets, no pipe, tee' splice errors
check 'O_NONBLOCK: EAGAIN where it would wait' splice nonblock
check 'SPLICE_F_NONBLOCK from an empty device: EAGAIN' splice flag_from_device
check 'SPLICE_F_NONBLOCK to a full device: EAGAIN' splice flag_to_device
check 'splice waits for bytes, and sees the end of file' splice waits_for_bytes
check 'splice waits for room' splice waits_for_room
check 'a splice that waits for bytes does not block other users of its pipe' splice target_stays_usable
check 'a splice that waits for room does not block other users of its pipe' splice source_stays_usable
check 'a reader of the pipe of a blocked splice can be killed' splice user_of_target_is_killed
check 'others fill the pipe while a splice waits for bytes: EAGAIN' splice target_is_filled
check 'others leave room for one page while a splice waits for bytes: no byte is lost' \
	splice target_has_little_room
check "the pipe's last reader leaves while a splice waits for bytes: EPIPE, no byte is lost" \
	splice target_is_left
check 'splices that wait for bytes wake one another, also those that leave with an error' \
	splice chain_from_device
check 'splices that wait for room wake one another' splice chain_to_device
check 'a splice and a read that wait are woken by a write each' splice beside_a_reader
check 'a splice and a write that wait are woken by a read each' splice beside_a_writer
check 'a splice that was woken and then waits for its pipe wakes the next writer' \
	splice source_is_emptied
check 'a signal ends a splice that waits: EINTR' splice interrupted
check 'kill -9 ends a splice that waits' splice killed
check 'sendfile to the device' splice sendfile_to_device
check '4 MiB by sendfile to the device' splice many_by_sendfile
check '4 MiB by splice from the device' splice many_from_device
check '4 MiB by splice to the device' splice many_to_device

run_tests
