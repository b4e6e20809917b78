// SPDX-License-Identifier: GPL-2.0

//! Copies from and to user space that hold a lock but never wait for a page.
//!
//! 1. Under the lock, copy with page faults disabled: [`PagefaultDisabled`]. The copy stops at a
//!    non-present page.
//! 2. Release the lock and fault the page in: [`fault_in_readable`] or [`fault_in_writeable`]. This
//!    may block indefinitely.
//! 3. Try again, as [`Retry`] says.

use core::sync::atomic::{
    compiler_fence,
    Ordering, //
};
use kernel::{
    bindings,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    page::PAGE_SIZE,
    prelude::*,
    task::Task, //
};

/// Disables page faults of the current task while it lives, see `pagefault_disable()` in
/// [`include/linux/uaccess.h`](srctree/include/linux/uaccess.h).
///
/// # Invariants
///
/// The pointer is that of the current task. It makes the type `!Send`, so it stays with that task.
pub(crate) struct PagefaultDisabled(*mut bindings::task_struct);

impl PagefaultDisabled {
    /// Disables page faults.
    #[inline]
    pub(crate) fn new() -> Self {
        let task = Task::current_raw();
        // SAFETY: The current task outlives this call, and it alone changes this field.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_add(1) };
        // The copy must come after it.
        compiler_fence(Ordering::SeqCst);
        // INVARIANT: This is the current task.
        Self(task)
    }
}

impl Drop for PagefaultDisabled {
    #[inline]
    fn drop(&mut self) {
        let task = self.0;
        // The copy must come before it.
        compiler_fence(Ordering::SeqCst);
        // SAFETY: By the type invariants this is the current task, which alone changes this field.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_sub(1) };
    }
}

/// Faults in the next `len` bytes of `iov` for a copy by `unit`. Returns how many of them are
/// present; for [`CopyUnit::Byte`] how many of the first [`PAGE_SIZE`] bytes can be copied.
///
/// May block indefinitely. The caller must hold no lock, and nothing that other tasks wait for.
pub(crate) fn fault_in_readable(iov: &mut IovIterSource<'_>, len: usize, unit: CopyUnit) -> usize {
    match unit {
        CopyUnit::Run => {
            // SAFETY: The pointer is that of a valid iterator.
            len.saturating_sub(unsafe { bindings::fault_in_iov_iter_readable(iov.as_raw(), len) })
        }
        CopyUnit::Byte => {
            let len = unit.limit_total(len);
            let copied = (0..len)
                .take_while(|_| iov.copy_from_iter(&mut [0]) == 1)
                .count();
            // SAFETY: `iov` has advanced by this many bytes.
            unsafe { iov.revert(copied) };
            copied
        }
    }
}

/// Faults in the next `len` bytes of `iov` for a copy by `unit`. Returns how many of them are
/// present; for [`CopyUnit::Byte`] 1 if the first one can be copied, else 0. It tries no more than
/// that byte, as the try overwrites the caller's buffer with a zero.
///
/// May block indefinitely. The caller must hold no lock, and nothing that other tasks wait for.
pub(crate) fn fault_in_writeable(iov: &mut IovIterDest<'_>, len: usize, unit: CopyUnit) -> usize {
    match unit {
        CopyUnit::Run => {
            // SAFETY: The pointer is that of a valid iterator.
            len.saturating_sub(unsafe { bindings::fault_in_iov_iter_writeable(iov.as_raw(), len) })
        }
        CopyUnit::Byte => {
            let copied = iov.copy_to_iter(&[0]);
            // SAFETY: `iov` has advanced by this many bytes.
            unsafe { iov.revert(copied) };
            copied
        }
    }
}

/// How many bytes a copy asks for at a time.
#[derive(Clone, Copy)]
pub(crate) enum CopyUnit {
    /// As many as lie next to each other.
    Run,
    /// One at a time, and at most [`PAGE_SIZE`] in a try. This stops right at the first byte that
    /// cannot be copied. A copy of many bytes may stop before it, as the processor loads and stores
    /// several bytes at once.
    Byte,
}

impl CopyUnit {
    /// Returns how many of `wanted` bytes to copy under one lock.
    #[inline]
    pub(crate) fn limit_total(self, wanted: usize) -> usize {
        match self {
            CopyUnit::Run => wanted,
            CopyUnit::Byte => wanted.min(PAGE_SIZE),
        }
    }

    /// Returns how many of `len` bytes to copy at once.
    #[inline]
    pub(crate) fn limit_run(self, len: usize) -> usize {
        match self {
            CopyUnit::Run => len,
            CopyUnit::Byte => len.min(1),
        }
    }
}

/// Decides how to retry a copy that a non-present page cut short.
///
/// A page that was faulted in may be gone again before the copy: another thread can discard pages
/// faster than this one can use them, for thousands of tries. And some pages are present but cannot
/// be copied, such as those of a shadow stack or with another memory tag: see
/// `fault_in_subpage_writeable()` in [`mm/gup.c`](srctree/mm/gup.c). Only a copy with page faults
/// enabled tells them apart. So one try in [`Self::LIMIT`] copies byte by byte. Before it, the
/// fault-in functions copy single bytes with page faults enabled.
pub(crate) struct Retry {
    /// How many tries in a row copied nothing. Wraps.
    failures: u32,
}

impl Retry {
    /// After this many failures in a row, and again after as many, a try goes byte by byte. Such a
    /// try is slow, so it must be rare; a page that cannot be copied costs this many tries.
    const LIMIT: u32 = 100;
    /// After this many failures in a row, a read takes what it can get. Two are too few on a busy
    /// machine where other threads fork, which makes the pages of a buffer read-only again.
    ///
    /// It is below `LIMIT`, so a read that goes byte by byte always takes what it can get. A write
    /// that must be whole never splits.
    const PATIENCE: u32 = Self::LIMIT / 2;

    /// Starts with no failure.
    pub(crate) fn new() -> Self {
        Self { failures: 0 }
    }

    /// Counts a try that copied `copied` bytes before a non-present page cut it short.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and two tries in a row copied nothing.
    pub(crate) fn count(&mut self, copied: usize) -> Result {
        if copied != 0 {
            self.failures = 0;
            return Ok(());
        }
        if self.failures != 0 && kernel::current!().signal_pending() {
            return Err(ERESTARTSYS);
        }
        self.failures = self.failures.wrapping_add(1);
        Ok(())
    }

    /// Returns whether the next try of a read must take what it can get, even if the caller wants all
    /// bytes or none.
    pub(crate) fn must_split(&self) -> bool {
        self.failures >= Self::PATIENCE
    }

    /// Returns how to fault in and copy in the next try.
    pub(crate) fn unit(&self) -> CopyUnit {
        if self.failures != 0 && self.failures % Self::LIMIT == 0 {
            CopyUnit::Byte
        } else {
            CopyUnit::Run
        }
    }
}
