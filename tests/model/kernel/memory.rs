// SPDX-License-Identifier: GPL-2.0

//! Allocations, which never fail.

use crate::{
    error::Result,
    init::PinInit, //
};
use core::{
    ops::{
        BitOr,
        Deref, //
    },
    pin::Pin, //
};

/// Flags of an allocation.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Flags(u32);

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[allow(missing_docs)]
pub const GFP_KERNEL: Flags = Flags(0);
#[allow(missing_docs)]
pub const GFP_KERNEL_ACCOUNT: Flags = Flags(0);
#[allow(missing_docs)]
pub const __GFP_NOWARN: Flags = Flags(0);

/// A vector.
pub struct KVVec<T>(Vec<T>);

impl<T> KVVec<T> {
    #[allow(missing_docs, clippy::new_without_default)]
    pub fn new() -> Self {
        Self(Vec::new())
    }

    #[allow(missing_docs)]
    pub fn with_capacity(capacity: usize, _flags: Flags) -> Result<Self> {
        Ok(Self(Vec::with_capacity(capacity)))
    }

    #[allow(missing_docs)]
    pub fn as_ptr(&self) -> *const T {
        self.0.as_ptr()
    }
}

/// A box. It never moves its value.
pub struct KBox<T>(Box<T>);

impl<T: Unpin> KBox<T> {
    #[allow(missing_docs)]
    pub fn pin_init(init: impl PinInit<T>, _flags: Flags) -> Result<Pin<Self>> {
        Ok(Pin::new(Self(Box::new(init.make()))))
    }
}

impl<T> Deref for KBox<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
