// SPDX-License-Identifier: GPL-2.0

//! Flags of allocations, see [`include/linux/gfp_types.h`](srctree/include/linux/gfp_types.h).

use core::mem;
use kernel::{
    alloc::Flags,
    bindings, //
};

/// `__GFP_RETRY_MAYFAIL`: an allocation beyond the limit of a memory
/// cgroup fails instead of killing one of its processes.
pub(crate) const RETRY_MAYFAIL: Flags =
    // SAFETY: `Flags` consists of one `u32`, and every combination of bits is a valid value.
    unsafe { mem::transmute::<u32, Flags>(1 << bindings::___GFP_RETRY_MAYFAIL_BIT) };
