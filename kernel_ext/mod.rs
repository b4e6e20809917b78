// SPDX-License-Identifier: GPL-2.0

//! What the kernel crate lacks: one item per file, each meant for the kernel crate.
//!
//! Nothing here knows a driver. Constants and types that the bindings lack are stated once, next to
//! the code that uses them; `abi_check.c` compares them with each kernel at build time.

pub(crate) mod alloc;
pub(crate) mod capability;
pub(crate) mod compat;
pub(crate) mod fasync;
pub(crate) mod kiocb;
pub(crate) mod page_fault;
pub(crate) mod pipe;
pub(crate) mod poll;
pub(crate) mod wait_queue;
