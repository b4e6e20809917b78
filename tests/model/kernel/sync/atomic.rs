// SPDX-License-Identifier: GPL-2.0

//! Atomics with the kernel's orderings.

use core::marker::PhantomData;
use loom::sync::atomic::{
    fence,
    AtomicU64,
    Ordering, //
};

macro_rules! orderings {
    ($($name:ident)*) => {
        $(
            #[allow(missing_docs)]
            pub struct $name;
        )*
    };
}
orderings!(Relaxed Acquire Release Full);

/// An ordering that a load can have.
pub trait LoadOrder {
    #[doc(hidden)]
    const ORDER: Ordering;
}

impl LoadOrder for Relaxed {
    const ORDER: Ordering = Ordering::Relaxed;
}

impl LoadOrder for Acquire {
    const ORDER: Ordering = Ordering::Acquire;
}

/// An ordering that a store can have.
pub trait StoreOrder {
    #[doc(hidden)]
    const ORDER: Ordering;
}

impl StoreOrder for Relaxed {
    const ORDER: Ordering = Ordering::Relaxed;
}

impl StoreOrder for Release {
    const ORDER: Ordering = Ordering::Release;
}

/// An ordering that a read-modify-write operation can have.
pub trait ModifyOrder {
    #[doc(hidden)]
    const ORDER: Ordering;

    #[doc(hidden)]
    const FULL: bool = false;
}

impl ModifyOrder for Relaxed {
    const ORDER: Ordering = Ordering::Relaxed;
}

impl ModifyOrder for Acquire {
    const ORDER: Ordering = Ordering::Acquire;
}

impl ModifyOrder for Release {
    const ORDER: Ordering = Ordering::Release;
}

/// A full barrier before the operation and another one after it. loom treats SeqCst as AcqRel
/// except for fences.
impl ModifyOrder for Full {
    const ORDER: Ordering = Ordering::AcqRel;
    const FULL: bool = true;
}

/// A type that an [`Atomic`] can hold.
pub trait Value: Copy {
    #[doc(hidden)]
    fn to_u64(self) -> u64;
    #[doc(hidden)]
    fn from_u64(value: u64) -> Self;
}

macro_rules! integer {
    ($($type:ty)*) => {
        $(
            impl Value for $type {
                fn to_u64(self) -> u64 {
                    self as u64
                }

                /// The cast makes narrower types wrap at their own width.
                fn from_u64(value: u64) -> Self {
                    value as Self
                }
            }
        )*
    };
}
integer!(i64 u32 u64 usize);

impl Value for bool {
    fn to_u64(self) -> u64 {
        self.into()
    }

    fn from_u64(value: u64) -> Self {
        value != 0
    }
}

/// An atomic value.
pub struct Atomic<T>(AtomicU64, PhantomData<T>);

impl<T: Value> Atomic<T> {
    #[allow(missing_docs)]
    pub fn new(value: T) -> Self {
        Self(AtomicU64::new(value.to_u64()), PhantomData)
    }

    #[allow(missing_docs)]
    pub fn load<O: LoadOrder>(&self, _order: O) -> T {
        T::from_u64(self.0.load(O::ORDER))
    }

    #[allow(missing_docs)]
    pub fn store<O: StoreOrder>(&self, value: T, _order: O) {
        self.0.store(value.to_u64(), O::ORDER);
    }

    #[allow(missing_docs)]
    pub fn xchg<O: ModifyOrder>(&self, value: T, _order: O) -> T {
        modify::<T, O>(|order| self.0.swap(value.to_u64(), order))
    }

    /// A failed exchange has no ordering.
    pub fn cmpxchg<O: ModifyOrder>(&self, old: T, new: T, _order: O) -> Result<T, T> {
        let (old, new) = (old.to_u64(), new.to_u64());
        let mut result = Ok(old);
        modify::<T, O>(|order| {
            result = self.0.compare_exchange(old, new, order, Ordering::Relaxed);
            old
        });
        result.map(T::from_u64).map_err(T::from_u64)
    }

    #[allow(missing_docs)]
    pub fn fetch_add<O: ModifyOrder>(&self, value: T, _order: O) -> T {
        modify::<T, O>(|order| self.0.fetch_add(value.to_u64(), order))
    }

    #[allow(missing_docs)]
    pub fn fetch_sub<O: ModifyOrder>(&self, value: T, _order: O) -> T {
        modify::<T, O>(|order| self.0.fetch_sub(value.to_u64(), order))
    }
}

fn modify<T: Value, O: ModifyOrder>(operation: impl FnOnce(Ordering) -> u64) -> T {
    if O::FULL {
        fence(Ordering::SeqCst);
    }
    let before = operation(O::ORDER);
    if O::FULL {
        fence(Ordering::SeqCst);
    }
    T::from_u64(before)
}
