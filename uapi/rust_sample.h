/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctls of /dev/rust_sample, for programs in C.
 *
 * FIONREAD works too: an int, the number of bytes that can be read, at most
 * INT_MAX. Any other request that reaches the device gives ENOTTY. The numbers and
 * the structs are the same for 32-bit and 64-bit programs. docs/device.md lists the
 * errors.
 */
#ifndef RUST_SAMPLE_H
#define RUST_SAMPLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * The state of the FIFO. The fields are sampled without locking and may be
 * mutually inconsistent while the device is in use.
 *
 * The struct grows at its end only. The request's number contains the size of the
 * caller's struct. The kernel fills the fields that fit into a smaller struct, and
 * the rest of a larger one with zeroes.
 */
struct rust_sample_info {
	__u64 capacity; /* bytes that the FIFO can hold */
	__u64 used; /* bytes that can be read */
	__u64 readers; /* files open for reading */
	__u64 writers; /* files open for writing */
	__u64 total_in; /* bytes ever written */
	__u64 total_out; /* bytes ever read */
	__u64 total_cleared; /* bytes ever cleared */
};

#define RUST_SAMPLE_IOC_MAGIC 0xF7

/* Gets the state. The file may be open for reading, writing or both. */
#define RUST_SAMPLE_IOC_GET_INFO _IOR(RUST_SAMPLE_IOC_MAGIC, 1, struct rust_sample_info)

/*
 * Sets the capacity in bytes, rounded up to a power of two, and at least 4,096.
 * The bytes in the FIFO stay there. The file must be open for writing.
 */
#define RUST_SAMPLE_IOC_SET_CAPACITY _IOW(RUST_SAMPLE_IOC_MAGIC, 2, __u64)

/*
 * Discards the bytes in the FIFO. The file must be open for writing, or be the read
 * end of a mappable FIFO.
 */
#define RUST_SAMPLE_IOC_CLEAR _IO(RUST_SAMPLE_IOC_MAGIC, 3)

/* A private FIFO. */
struct rust_sample_new_fifo {
	__u64 capacity; /* in: bytes, 0 for the module's default; out: rounded up */
	__u32 flags; /* in: O_CLOEXEC, O_NONBLOCK, RUST_SAMPLE_FIFO_MAPPABLE */
	__s32 read_fd; /* out */
	__s32 write_fd; /* out */
	__u32 reserved; /* must be 0 */
};

/*
 * Creates a FIFO that no path leads to, as pipe2(2) does, and returns descriptors of
 * its read end and its write end. The FIFO is freed with the last descriptor and
 * mapping. Without a reader, a write gives EPIPE and SIGPIPE. The file may be open for
 * reading, writing or both, or be an end of another private FIFO.
 */
#define RUST_SAMPLE_IOC_NEW_FIFO _IOWR(RUST_SAMPLE_IOC_MAGIC, 4, struct rust_sample_new_fifo)

/*
 * A flag of NEW_FIFO: programs can map both ends, and move bytes without a system
 * call. rust_sample_mapped.h has the functions, docs/mapped.md the protocol.
 *
 * The capacity is at least the size of a page, and cannot change. Both descriptors
 * have the access mode O_RDWR, as mmap(2) needs it. The read end cannot be written
 * to, nor the write end read from.
 */
#define RUST_SAMPLE_FIFO_MAPPABLE (1U << 31)

/*
 * The start of a control page. Each end has one. The fields are aligned, and the
 * kernel and programs access each of them atomically.
 */
struct rust_sample_control {
	/*
	 * Bytes ever put in (write end) or taken out (read end). The program that
	 * maps the end stores it, with release semantics; the kernel does in calls
	 * on this end. A byte at position p is at offset p modulo the capacity.
	 */
	__u64 position;
	__u64 reserved[7];
	/*
	 * How many bytes (read end) or how much room (write end) a task waits for.
	 * 0 if none waits; it may stay set after the last one has left. The kernel
	 * stores it.
	 */
	__u64 need_wakeup;
	/* Not 0 if the end is closed. The kernel stores it, after the last position. */
	__u64 closed;
};

/*
 * Offsets for mmap(2) with MAP_SHARED. The control pages are one page long. The
 * data are twice as long as the capacity: the bytes are mapped twice in a row, so
 * that each run of bytes is contiguous. Only the write end can write to the data.
 */
#define RUST_SAMPLE_MAP_OWN 0x00000000 /* the control page of this end, writable */
#define RUST_SAMPLE_MAP_PEER 0x10000000 /* the control page of the other end */
#define RUST_SAMPLE_MAP_DATA 0x20000000

/*
 * Waits until this number of bytes can be read (at the read end), or there is room
 * for it (at the write end), or the other end is closed. Ignores O_NONBLOCK.
 */
#define RUST_SAMPLE_IOC_WAIT _IOW(RUST_SAMPLE_IOC_MAGIC, 5, __u64)

/* Wakes the tasks that wait at the other end. */
#define RUST_SAMPLE_IOC_WAKE _IO(RUST_SAMPLE_IOC_MAGIC, 6)

#endif /* RUST_SAMPLE_H */
