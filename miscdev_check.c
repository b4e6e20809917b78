// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled with the module and linked into nothing: a kernel whose constants
 * are not those which miscdev.rs states for Rust does not build it.
 */

#include <linux/build_bug.h>
#include <linux/fs.h>

static_assert((__force u64)FMODE_NOWAIT == 1ULL << 27);
static_assert((__force u32)IOCB_NOWAIT == 0x8);
