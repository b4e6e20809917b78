// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled with the module and linked into nothing: a kernel whose constants
 * are not those which miscdev.rs and compat.rs state for Rust does not build it.
 */

#include <linux/build_bug.h>
#include <linux/fs.h>
#include <linux/pipe_fs_i.h>
#include <linux/poll.h>
#include <linux/splice.h>
#include <asm/ioctls.h>

static_assert((__force u64)FMODE_READ == 1ULL << 0);
static_assert((__force u64)FMODE_WRITE == 1ULL << 1);
static_assert((__force u64)FMODE_NOWAIT == 1ULL << 27);
static_assert((__force u32)IOCB_NOWAIT == 0x8);
static_assert((__force u32)(EPOLLIN | EPOLLRDNORM) == (0x1 | 0x40));
static_assert((__force u32)(EPOLLOUT | EPOLLWRNORM) == (0x4 | 0x100));
static_assert((__force u32)EPOLLHUP == 0x10);
static_assert(SPLICE_F_NONBLOCK == 0x2);
static_assert(FIONREAD == 0x541b);
static_assert(__same_type(pipe_lock, void(struct pipe_inode_info *)));
static_assert(__same_type(pipe_unlock, void(struct pipe_inode_info *)));
