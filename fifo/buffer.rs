// SPDX-License-Identifier: GPL-2.0

//! The memory of a ring, and the conversion of positions to offsets.

use crate::kernel_ext::{
    alloc::RETRY_MAYFAIL,
    page_fault::CopyUnit, //
};
use kernel::prelude::*;

/// The memory of a ring.
///
/// # Invariants
///
/// `memory` has room for `capacity` bytes, which is a power of two or 0. Its length as a vector is 0.
pub(crate) struct Buffer {
    memory: KVVec<u8>,
    capacity: usize,
}

impl Buffer {
    /// Returns a buffer without memory.
    pub(crate) fn empty() -> Self {
        // INVARIANT: There is room for 0 bytes.
        Self {
            memory: KVVec::new(),
            capacity: 0,
        }
    }

    /// Allocates memory for `capacity` bytes, which must be a power of two. The memory is charged
    /// to the caller's memory cgroup. May sleep.
    ///
    /// # Errors
    ///
    /// `EINVAL` if `capacity` is not a power of two. `ENOMEM`, without a message in the log, as
    /// unprivileged users choose the capacity.
    pub(crate) fn new(capacity: usize) -> Result<Self> {
        if !capacity.is_power_of_two() {
            return Err(EINVAL);
        }
        let flags = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | RETRY_MAYFAIL;
        // INVARIANT: `capacity` is a power of two, and this allocates as many bytes.
        Ok(Self {
            memory: KVVec::with_capacity(capacity, flags)?,
            capacity,
        })
    }
}

impl Memory for Buffer {
    type Place = *mut u8;

    #[inline]
    fn capacity(&self) -> usize {
        self.capacity
    }

    #[inline]
    fn at(&self, offset: usize) -> *mut u8 {
        self.memory.as_ptr().cast_mut().wrapping_add(offset)
    }
}

/// The memory of a ring: a power of two of bytes, or none.
pub(super) trait Memory {
    /// How a copy names a byte of the memory.
    type Place;

    /// Returns how many bytes the memory holds.
    fn capacity(&self) -> usize;

    /// Returns the byte at `offset`, which is below the capacity.
    fn at(&self, offset: usize) -> Self::Place;

    /// Returns the memory at `position`, and how many of `len` bytes are contiguous there. Without
    /// memory the position is 0, and no byte is.
    #[inline]
    fn contiguous(&self, position: u64, len: usize) -> (Self::Place, usize) {
        // A power of two divides 2^64 and 2^32, so neither wrapping nor a cast to a smaller `usize`
        // changes the offset of a position.
        let offset = position as usize & self.capacity().wrapping_sub(1);
        (
            self.at(offset),
            len.min(self.capacity().wrapping_sub(offset)),
        )
    }

    /// Calls `copy` for one contiguous run after another of the `len` bytes at `position`, until
    /// one is cut short. Returns how many bytes were copied.
    #[inline(always)]
    fn copy_runs(
        &self,
        mut position: u64,
        len: usize,
        unit: CopyUnit,
        mut copy: impl FnMut(Self::Place, usize) -> usize,
    ) -> usize {
        let mut left = len;
        loop {
            let (start, run) = self.contiguous(position, unit.limit_run(left));
            let copied = copy(start, run);
            position = position.wrapping_add(copied as u64);
            // No run is longer than `left`, and no copy longer than its run.
            left = left.wrapping_sub(copied);
            if left == 0 {
                return len;
            }
            if copied < run {
                return len.wrapping_sub(left);
            }
        }
    }
}
