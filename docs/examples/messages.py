#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends 1,000 lines to a child process through a mapped FIFO of /dev/rust_sample.

Python has no memory barrier, so each step calls WAKE, whether a task waits or not. It
stores a position by one store of 64 bits."""

import fcntl
import mmap
import os
import struct

DEVICE = "/dev/rust_sample"

# As in rust_sample.h.
NEW_FIFO_STRUCT = struct.Struct("=QIiiI")
MAGIC = 0xF7
NEW_FIFO = 3 << 30 | NEW_FIFO_STRUCT.size << 16 | MAGIC << 8 | 4
WAIT = 1 << 30 | 8 << 16 | MAGIC << 8 | 5
WAKE = MAGIC << 8 | 6
FIFO_MAPPABLE = 1 << 31
OWN, PEER, DATA = 0, 0x10000000, 0x20000000
# The words of a control page, as indices of 64-bit words.
POSITION, CLOSED = 0, 9


class End:
    """One end of a mapped FIFO."""

    def __init__(self, fd, capacity, writable):
        def area(length, prot, offset):
            return mmap.mmap(fd, length, mmap.MAP_SHARED, prot, offset=offset)

        both = mmap.PROT_READ | mmap.PROT_WRITE
        self.fd, self.capacity = fd, capacity
        self.own = memoryview(area(mmap.PAGESIZE, both, OWN)).cast("Q")
        self.peer = memoryview(area(mmap.PAGESIZE, mmap.PROT_READ, PEER)).cast("Q")
        self.data = area(2 * capacity, both if writable else mmap.PROT_READ, DATA)

    def used(self, head, tail):
        return min((head - tail) % 2**64, self.capacity)

    def publish(self, position):
        self.own[POSITION] = position % 2**64
        fcntl.ioctl(self.fd, WAKE)

    def wait(self, number):
        fcntl.ioctl(self.fd, WAIT, struct.pack("=Q", number))

    def write(self, line):
        self.wait(len(line))
        head = self.own[POSITION]
        at = head % self.capacity
        self.data[at : at + len(line)] = line
        self.publish(head + len(line))

    def read(self):
        """Returns the bytes that are there, or none at the end."""
        while True:
            # In this order: the last bytes come before the end.
            closed = self.peer[CLOSED]
            tail = self.own[POSITION]
            used = self.used(self.peer[POSITION], tail)
            if used:
                at = tail % self.capacity
                part = self.data[at : at + used]
                self.publish(tail + used)
                return part
            if closed:
                return b""
            self.wait(1)


device = os.open(DEVICE, os.O_RDONLY)
request = NEW_FIFO_STRUCT.pack(0, FIFO_MAPPABLE, -1, -1, 0)
answer = fcntl.ioctl(device, NEW_FIFO, request)
capacity, _, read_fd, write_fd, _ = NEW_FIFO_STRUCT.unpack(answer)

child = os.fork()
if child == 0:
    os.close(write_fd)
    end = End(read_fd, capacity, writable=False)
    lines = size = 0
    while part := end.read():
        lines += part.count(b"\n")
        size += len(part)
    print(f"{lines} lines, {size} bytes", flush=True)
    os._exit(0)
os.close(read_fd)
end = End(write_fd, capacity, writable=True)
for number in range(1000):
    end.write(b"message %d\n" % number)
# The end is closed when neither a mapping nor a descriptor is left.
del end
os.close(write_fd)
os.waitpid(child, 0)
