// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled with the module and linked into nothing. Fails to compile if a
 * constant or a type of this kernel differs from what the Rust files state.
 */

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/pseudo_fs.h>
#include <linux/splice.h>
#include <asm/ioctls.h>

/* fasync.rs, miscdev/file_operations.rs */
static_assert((__force u64)FMODE_READ == 1ULL << 0);
static_assert((__force u64)FMODE_WRITE == 1ULL << 1);
static_assert((__force u64)FMODE_NOWAIT == 1ULL << 27);

/* kiocb.rs */
static_assert((__force u32)IOCB_NOWAIT == 0x8);
static_assert((__force u32)IOCB_NOSIGNAL == 0x100);

/* poll.rs */
static_assert((__force u32)(EPOLLIN | EPOLLRDNORM) == (0x1 | 0x40));
static_assert((__force u32)(EPOLLOUT | EPOLLWRNORM) == (0x4 | 0x100));
static_assert((__force u32)EPOLLHUP == 0x10);
static_assert((__force u32)EPOLLERR == 0x8);

/* miscdev/splice.rs */
static_assert(SPLICE_F_NONBLOCK == 0x2);

/* compat.rs */
#ifdef KERNEL_BEFORE_7_3
static_assert(FIONREAD == 0x541b);
static_assert(VM_MAYSHARE == 0x80);
#endif

/* anon_file.rs */
static_assert(__same_type(init_pseudo,
			  struct pseudo_fs_context *(struct fs_context *, unsigned long)));
static_assert(offsetof(struct pseudo_fs_context, ops) == 0);
static_assert(offsetof(struct pseudo_fs_context, dops) == 3 * sizeof(void *));

/* pipe.rs */
static_assert(__same_type(pipe_lock, void(struct pipe_inode_info *)));
static_assert(__same_type(pipe_unlock, void(struct pipe_inode_info *)));

struct pipe_head {
	struct mutex mutex;
	wait_queue_head_t rd_wait, wr_wait;
	unsigned int head, tail, max_usage, ring_size, nr_accounted, readers;
};

#define same_field(field)                                       \
	static_assert(offsetof(struct pipe_head, field) ==      \
		      offsetof(struct pipe_inode_info, field)); \
	static_assert(sizeof_field(struct pipe_head, field) ==  \
		      sizeof_field(struct pipe_inode_info, field))

same_field(mutex);
same_field(head);
same_field(tail);
same_field(max_usage);
same_field(readers);
