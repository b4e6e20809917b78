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
	__u64 capacity; /* bytes that the FIFO holds */
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

/* Discards the bytes in the FIFO. The file must be open for writing. */
#define RUST_SAMPLE_IOC_CLEAR _IO(RUST_SAMPLE_IOC_MAGIC, 3)

/*
 * A private FIFO.
 */
struct rust_sample_new_fifo {
	__u64 capacity; /* in: bytes, 0 for the module's default; out: rounded up */
	__u32 flags; /* in: O_CLOEXEC, O_NONBLOCK */
	__s32 read_fd; /* out */
	__s32 write_fd; /* out */
	__u32 reserved; /* must be 0 */
};

/*
 * Creates a FIFO that no path leads to, as pipe2(2) does, and returns descriptors of
 * its read end and its write end. The FIFO is freed with the last descriptor. Without
 * a reader, a write gives EPIPE and SIGPIPE. The file may be open for reading, writing
 * or both, or be an end of another private FIFO.
 */
#define RUST_SAMPLE_IOC_NEW_FIFO _IOWR(RUST_SAMPLE_IOC_MAGIC, 4, struct rust_sample_new_fifo)

#endif /* RUST_SAMPLE_H */
