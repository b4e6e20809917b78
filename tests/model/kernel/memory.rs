// SPDX-License-Identifier: GPL-2.0

//! Allocations, none of which fails.

use crate::error::Result;
use core::ops::BitOr;

/// How to allocate.
#[derive(Clone, Copy)]
pub struct Flags;

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, _other: Self) -> Self {
        self
    }
}

#[allow(missing_docs)]
pub const GFP_KERNEL: Flags = Flags;
#[allow(missing_docs)]
pub const GFP_KERNEL_ACCOUNT: Flags = Flags;
#[allow(missing_docs)]
pub const __GFP_NOWARN: Flags = Flags;

/// A vector.
pub struct KVVec<T>(Vec<T>);

impl<T> KVVec<T> {
    #[allow(missing_docs)]
    pub fn with_capacity(capacity: usize, _flags: Flags) -> Result<Self> {
        Ok(Self(Vec::with_capacity(capacity)))
    }

    #[allow(missing_docs)]
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }
}
