#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Sends lines through /dev/rust_sample.
set -eu

device=/dev/rust_sample

# Bytes stay until they are read, also while no file is open.
echo hello >"$device"
cat "$device"

# The reader waits for the first line, and ends when the last writer has closed.
seq 3 >"$device" &
while read -r line; do
	echo "line $line"
done <"$device"
wait

# The state of the FIFO, by a file that is open for both.
exec 3<>"$device"
echo hello >&3
grep used: /proc/self/fdinfo/3
head -n 1 <&3
