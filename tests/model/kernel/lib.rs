// SPDX-License-Identifier: GPL-2.0

//! The part of the kernel that fifo/, alloc.rs and page_fault.rs use, by the kernel's names, over
//! loom. At each atomic access, lock and sleep the model checker may run another thread, and a load
//! may return any value that the memory model allows.
//!
//! Where the kernel promises no order, the model has none: a load without an ordering is relaxed,
//! and the lock of a wait queue orders accesses to that queue alone.

pub mod bindings;
pub mod error;
pub mod init;
pub mod iov;
pub mod memory;
pub mod sync;
pub mod task;

pub mod alloc {
    //! Flags of allocations.

    pub use crate::memory::Flags;
}

pub mod mm {
    //! Address spaces.

    pub mod virt {
        //! Mappings.

        /// A mapping that is set up. The model has none.
        pub struct VmaNew;
    }
}

pub mod page {
    //! Pages.

    /// The size of a page, large enough for a buffer of the model.
    pub const PAGE_SIZE: usize = 16;
}

pub mod types {
    //! The part of `kernel::types` that fifo/ uses.

    use core::marker::PhantomData;

    /// Keeps a type on its thread.
    pub type NotThreadSafe = PhantomData<*mut ()>;

    /// The only value of the type, by the same name.
    #[allow(non_upper_case_globals)]
    pub const NotThreadSafe: NotThreadSafe = PhantomData;
}

pub mod prelude {
    //! The names that each file of the module imports.

    pub use crate::{
        error::{
            code::*,
            Error,
            Result, //
        },
        init::PinInit,
        memory::{
            KBox,
            KVVec,
            GFP_KERNEL,
            GFP_KERNEL_ACCOUNT,
            __GFP_NOWARN, //
        },
        pin_init, try_pin_init,
    };
    pub use core::pin::Pin;
    pub use macros::{
        kunit_tests,
        pin_data, //
    };
}
