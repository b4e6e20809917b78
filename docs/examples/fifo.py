#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sets the capacity of /dev/rust_sample, writes to it, looks at its state, and reads
without ever waiting in a read, until the last writer has closed it."""

import fcntl
import os
import select
import struct

DEVICE = "/dev/rust_sample"

# As in rust_sample.h. The fields of the state: capacity, used, readers, writers,
# total_in, total_out, total_cleared.
INFO = struct.Struct("=7Q")
CAPACITY = struct.Struct("=Q")
MAGIC = 0xF7
GET_INFO = 2 << 30 | INFO.size << 16 | MAGIC << 8 | 1
SET_CAPACITY = 1 << 30 | CAPACITY.size << 16 | MAGIC << 8 | 2

reader = os.open(DEVICE, os.O_RDONLY | os.O_NONBLOCK)
with open(DEVICE, "wb", buffering=0) as writer:
    fcntl.ioctl(writer, SET_CAPACITY, CAPACITY.pack(128 * 1024))
    writer.write(b"hello\n")
    capacity, used, *_ = INFO.unpack(fcntl.ioctl(reader, GET_INFO, bytes(INFO.size)))
    print(f"{used} of {capacity} bytes are used")

poll = select.poll()
poll.register(reader, select.POLLIN)
while True:
    poll.poll()
    try:
        part = os.read(reader, 4096)
    except BlockingIOError:  # another reader was faster
        continue
    if not part:
        break
    print(part.decode(), end="")
os.close(reader)
