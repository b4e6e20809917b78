// SPDX-License-Identifier: GPL-2.0

//! The options of a read or a write, see [`include/linux/fs.h`](srctree/include/linux/fs.h).

use super::pipe::send_sigpipe;
use core::marker::PhantomData;
use kernel::{
    bindings,
    fs::file::flags,
    prelude::*, //
};

// In C these are macros with casts, for which bindgen makes no constants.

/// The call must not wait.
const IOCB_NOWAIT: c_int = 0x8;

/// The call must not send SIGPIPE: `RWF_NOSIGNAL`.
const IOCB_NOSIGNAL: c_int = 0x100;

/// Returns whether a file has `O_NONBLOCK` now.
///
/// # Safety
///
/// `file` must be valid.
pub(crate) unsafe fn is_nonblock(file: *mut bindings::file) -> bool {
    // SAFETY: The caller guarantees that `file` is valid. fcntl(2) may change the flags meanwhile:
    // as in `File::flags()`, the volatile read is a `READ_ONCE()`.
    unsafe { (&raw const (*file).f_flags).read_volatile() & flags::O_NONBLOCK != 0 }
}

/// A call of read(2), write(2) or the like.
///
/// # Invariants
///
/// Both pointers are valid for `'a`.
pub(crate) struct IoCall<'a> {
    kiocb: *mut bindings::kiocb,
    iov: *mut bindings::iov_iter,
    _lifetime: PhantomData<&'a ()>,
}

impl IoCall<'_> {
    /// Wraps the arguments of the file operations `read_iter` and `write_iter`.
    ///
    /// # Safety
    ///
    /// Both pointers must be valid for the lifetime of the result.
    pub(crate) unsafe fn from_raw(
        kiocb: *mut bindings::kiocb,
        iov: *mut bindings::iov_iter,
    ) -> Self {
        // INVARIANT: The caller guarantees it.
        Self {
            kiocb,
            iov,
            _lifetime: PhantomData,
        }
    }

    /// Returns whether the call may wait now: fcntl(2) can change `O_NONBLOCK` during the call.
    pub(crate) fn may_block(&self) -> bool {
        // SAFETY: By the type invariants the call is valid, and so is its file.
        !self.nowait() && unsafe { !is_nonblock((*self.kiocb).ki_filp) }
    }

    /// Sends SIGPIPE to the task, unless the call has `RWF_NOSIGNAL`.
    pub(crate) fn send_sigpipe(&self) {
        // SAFETY: The kiocb is valid by the type invariants.
        if unsafe { (*self.kiocb).ki_flags } & IOCB_NOSIGNAL == 0 {
            send_sigpipe();
        }
    }

    /// Returns whether the call must not wait, whatever the file's flags: `RWF_NOWAIT`, the first
    /// try of io_uring, and splice.
    fn nowait(&self) -> bool {
        // SAFETY: Both pointers are valid by the type invariants.
        let (flags, is_sync, iter_type) = unsafe {
            (
                (*self.kiocb).ki_flags,
                (*self.kiocb).ki_complete.is_none(),
                u32::from((*self.iov).iter_type),
            )
        };
        // A synchronous call with pages is a splice, which holds the lock of a pipe. It waits in
        // the file operations for splice instead.
        let is_splice = is_sync && iter_type == bindings::iter_type_ITER_BVEC;
        flags & IOCB_NOWAIT != 0 || is_splice
    }
}
