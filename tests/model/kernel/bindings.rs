// SPDX-License-Identifier: GPL-2.0

//! Items that are C in the kernel.

/// The smallest value with which an atomic write is more than one byte. Fewer states take less time
/// to explore.
pub const PIPE_BUF: u32 = 2;

#[allow(missing_docs, non_upper_case_globals)]
pub const ___GFP_RETRY_MAYFAIL_BIT: u32 = 0;

/// The part of a task that `PagefaultDisabled` counts in.
#[allow(non_camel_case_types)]
pub struct task_struct {
    #[allow(missing_docs)]
    pub pagefault_disabled: i32,
}

/// The memory of a caller, of which `done` bytes of `len` were copied.
#[allow(non_camel_case_types)]
pub struct iov_iter {
    pub(crate) memory: *mut u8,
    pub(crate) len: usize,
    pub(crate) done: usize,
    /// The number of bytes before the non-present page, and a function that faults it in; `None` if
    /// all pages are present.
    pub(crate) missing: Option<(usize, Box<dyn FnOnce()>)>,
    /// A copy beyond this many bytes copies nothing, although the page is present.
    pub(crate) good: usize,
}

/// Faults the page in. Returns how many bytes still cannot be read: none.
///
/// # Safety
///
/// `iter` must be valid.
pub unsafe fn fault_in_iov_iter_readable(iter: *mut iov_iter, _len: usize) -> usize {
    // SAFETY: The caller guarantees that `iter` is valid.
    if let Some((_, bring)) = unsafe { &mut *iter }.missing.take() {
        bring();
    }
    0
}

/// Faults the page in. Returns how many bytes still cannot be written: none.
///
/// # Safety
///
/// `iter` must be valid.
pub unsafe fn fault_in_iov_iter_writeable(iter: *mut iov_iter, len: usize) -> usize {
    // SAFETY: The caller guarantees that `iter` is valid.
    unsafe { fault_in_iov_iter_readable(iter, len) }
}
