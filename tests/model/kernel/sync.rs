// SPDX-License-Identifier: GPL-2.0

//! Locks and shared references.

pub mod atomic;

use crate::{
    error::Result,
    init::PinInit,
    memory::Flags, //
};
use core::ops::{
    Deref,
    DerefMut, //
};
use loom::sync::{
    Mutex as LoomMutex,
    MutexGuard as LoomGuard, //
};
use std::sync::Arc as StdArc;

pub mod barrier {
    //! Barriers.

    use super::atomic::Full;
    use loom::sync::atomic::{
        fence,
        Ordering, //
    };

    /// A full barrier.
    pub fn smp_mb(_order: Full) {
        fence(Ordering::SeqCst);
    }
}

/// A shared reference. Its count is not modelled.
pub struct Arc<T>(StdArc<T>);

impl<T> Arc<T> {
    #[allow(missing_docs)]
    pub fn new(value: T, _flags: Flags) -> Result<Self> {
        Ok(Self(StdArc::new(value)))
    }

    #[allow(missing_docs)]
    pub fn pin_init(init: impl PinInit<T>, flags: Flags) -> Result<Self> {
        Self::new(init.make(), flags)
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A lock. Sleeping and spinning locks are the same in the model.
pub struct Lock<T>(LoomMutex<T>);

/// A lock that sleeps.
pub type Mutex<T> = Lock<T>;
/// A [`Mutex`] that is held.
pub type MutexGuard<'a, T> = Guard<'a, T>;
/// A lock that spins.
pub type SpinLock<T> = Lock<T>;

impl<T> Lock<T> {
    #[allow(missing_docs)]
    pub fn new(value: T) -> Self {
        Self(LoomMutex::new(value))
    }

    #[allow(missing_docs)]
    pub fn lock(&self) -> Guard<'_, T> {
        Guard(self.0.lock().unwrap())
    }
}

/// A lock that is held.
pub struct Guard<'a, T>(LoomGuard<'a, T>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[doc(hidden)]
pub fn new_lock<T>(value: T) -> impl PinInit<Lock<T>> {
    move || Lock::new(value)
}

/// Creates an initializer of a [`Mutex`].
#[macro_export]
macro_rules! new_mutex {
    ($value:expr, $name:expr) => {
        $crate::sync::new_lock($value)
    };
}

/// Creates an initializer of a [`SpinLock`].
#[macro_export]
macro_rules! new_spinlock {
    ($value:expr, $name:expr) => {
        $crate::sync::new_lock($value)
    };
}

/// A class of locks, for lockdep alone.
#[macro_export]
macro_rules! static_lock_class {
    () => {
        ()
    };
}
