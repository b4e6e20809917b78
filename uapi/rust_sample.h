/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctls of /dev/rust_sample, for programs in C.
 *
 * FIONREAD works too: an int, the bytes that are there to read, at most INT_MAX.
 * All others give ENOTTY, and a bad address gives EFAULT. The numbers and the
 * structs are the same for 32-bit and 64-bit programs.
 */
#ifndef RUST_SAMPLE_H
#define RUST_SAMPLE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/*
 * The state of the FIFO. It is read without stopping it: in use, the numbers may
 * be of slightly different moments.
 *
 * The struct grows at its end only, and the size of the caller's one is part of
 * the request's number. Of a smaller struct the kernel fills the fields that fit;
 * the rest of a larger one it fills with zeroes.
 */
struct rust_sample_info {
	__u64 capacity; /* bytes that the FIFO holds */
	__u64 used; /* bytes that are there to read */
	__u64 readers; /* files open for reading */
	__u64 writers; /* files open for writing */
	__u64 total_in; /* bytes ever written */
	__u64 total_out; /* bytes ever read */
	__u64 total_cleared; /* bytes ever cleared */
};

#define RUST_SAMPLE_IOC_MAGIC 0xF7

/* Gets the state. Any file will do. */
#define RUST_SAMPLE_IOC_GET_INFO _IOR(RUST_SAMPLE_IOC_MAGIC, 1, struct rust_sample_info)

/*
 * Sets the capacity to so many bytes, rounded up to a power of two, and at least
 * 4,096. What is in the FIFO stays there.
 *
 * EBADF   the file is not open for writing
 * EINVAL  0, or more than 2^30
 * EPERM   more than now and than the module's max_capacity, without CAP_SYS_RESOURCE
 * EBUSY   what is in the FIFO would not fit
 * ENOMEM  no memory
 */
#define RUST_SAMPLE_IOC_SET_CAPACITY _IOW(RUST_SAMPLE_IOC_MAGIC, 2, __u64)

/*
 * Drops what is in the FIFO.
 *
 * EBADF   the file is not open for writing
 */
#define RUST_SAMPLE_IOC_CLEAR _IO(RUST_SAMPLE_IOC_MAGIC, 3)

#endif /* RUST_SAMPLE_H */
