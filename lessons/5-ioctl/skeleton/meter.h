/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Lesson 5: the interface of /dev/meter, for programs.
 *
 * All structs have the same layout in 32-bit and 64-bit programs: each field is aligned to its
 * size, and no padding is implicit.
 */
#ifndef METER_H
#define METER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* A sample. Flags and reserved must be 0, so that a later version can give them a meaning. */
struct meter_sample {
	__u32 flags;
	__u32 reserved;
	__u64 value;
};

/*
 * What the meter knows. A later version may add fields at the end. The number of METER_GET contains
 * the size of the caller's struct: a meter that knows fewer fields writes 0 into the others, and
 * one that knows more fields leaves them out.
 */
struct meter_info {
	__u64 total;
	/* Since the second version: */
	__u64 largest;
	__u64 count;
};

#define METER_ADD _IOW('m', 1, struct meter_sample)
#define METER_GET _IOR('m', 2, struct meter_info)
#define METER_RESET _IO('m', 3)

#endif
