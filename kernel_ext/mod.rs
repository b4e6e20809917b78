// SPDX-License-Identifier: GPL-2.0

//! What the kernel crate, `rust/kernel/` of the kernel's source, lacks. It depends on no driver: of
//! the driver's own crate it needs only `module!`.
//!
//! Each file is meant for the kernel crate, and could become:
//!
//! | file | in the kernel crate |
//! |---|---|
//! | `alloc` | a constant of `kernel::alloc::flags` |
//! | `anon_file` | types of `kernel::fs` |
//! | `capability` | a function of `kernel::task` |
//! | `fasync` | a type of `kernel::fs` |
//! | `iov` | methods of `IovIterDest` and `IovIterSource` |
//! | `kiocb` | methods of `Kiocb` |
//! | `mapping` | types of `kernel::mm` |
//! | `page_fault` | a guard of `kernel::uaccess`, and methods of the iterators |
//! | `pipe` | a type of `kernel::fs` |
//! | `poll` | the events and the keyed queue of `kernel::sync::poll` |
//! | `wait_queue` | a type of `kernel::sync` |
//!
//! `compat` is the exception: remove it when support for the oldest series ends.
//!
//! Take the folder to another driver together with `miscdev/`, see there, or on its own: declare it
//! as a module of the crate root, and copy the lines of Kbuild about `abi_check.o` and the version
//! of the kernel.
//!
//! Constants and types that the bindings lack are stated once, next to the code that uses them.
//! `abi_check.c` compares them with each kernel at build time.
//!
//! Sums and differences that cannot wrap use `wrapping_add()` and `wrapping_sub()`, here and in
//! `miscdev/`: these have no overflow check.

// A driver need not use every item.
#![allow(dead_code)]

pub(crate) mod alloc;
pub(crate) mod anon_file;
pub(crate) mod capability;
pub(crate) mod compat;
pub(crate) mod fasync;
pub(crate) mod iov;
pub(crate) mod kiocb;
pub(crate) mod mapping;
pub(crate) mod page_fault;
pub(crate) mod pipe;
pub(crate) mod poll;
pub(crate) mod wait_queue;
