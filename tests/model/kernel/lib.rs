// SPDX-License-Identifier: GPL-2.0

//! What fifo/ and page_fault.rs use of the kernel, by the kernel's names, over loom. At each atomic
//! access, lock and sleep the model checker may let another thread run, and a load may give any
//! value that the memory model allows.
//!
//! Where the kernel leaves something open this takes the weaker: a load that does not say more
//! is relaxed, the lock of a wait queue orders nothing but that queue.

pub mod bindings;
pub mod error;
pub mod init;
pub mod iov;
pub mod memory;
pub mod sync;
pub mod task;

pub mod alloc {
    //! How to allocate.

    pub use crate::memory::Flags;
}

pub mod page {
    //! Pages.

    /// The size of a page, large enough for a buffer of the model.
    pub const PAGE_SIZE: usize = 16;
}

pub mod types {
    //! The little of `kernel::types` that there is to model.

    use core::marker::PhantomData;

    /// Makes a type stay with its thread.
    pub type NotThreadSafe = PhantomData<*mut ()>;

    /// The one value of the type, by the same name.
    #[allow(non_upper_case_globals)]
    pub const NotThreadSafe: NotThreadSafe = PhantomData;
}

pub mod prelude {
    //! What each file of the module takes in.

    pub use crate::{
        error::{
            code::*,
            Error,
            Result, //
        },
        init::PinInit,
        memory::{
            KVVec,
            GFP_KERNEL,
            GFP_KERNEL_ACCOUNT,
            __GFP_NOWARN, //
        },
        pin_init,
    };
    pub use macros::{
        kunit_tests,
        pin_data, //
    };
}
