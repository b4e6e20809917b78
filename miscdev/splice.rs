// SPDX-License-Identifier: GPL-2.0

//! splice(2) between a device and a pipe.

use super::{
    file_operations::FileOps,
    StreamDevice, //
};
use crate::kernel_ext::{
    kiocb::is_nonblock,
    pipe::{
        check_writable,
        pipe_lock,
        pipe_unlock, //
    }, //
};
use kernel::{
    bindings,
    prelude::*, //
};

/// splice(2) must not wait, see `include/linux/splice.h`: a macro, for which bindgen makes no
/// constant.
const SPLICE_F_NONBLOCK: c_uint = 0x2;

impl<T: StreamDevice> FileOps<T> {
    /// Splices from the device into a pipe. Unlocks the pipe while it waits, as splice(2) between
    /// two pipes does.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this device, and the other pointers valid. The caller must
    /// hold the lock of `pipe`, as splice(2) does for a file without a position.
    pub(super) unsafe extern "C" fn splice_read(
        file: *mut bindings::file,
        position: *mut bindings::loff_t,
        pipe: *mut bindings::pipe_inode_info,
        len: usize,
        flags: c_uint,
    ) -> isize {
        // SAFETY: The caller guarantees that `file` is an open file of this device.
        let adapter = unsafe { Self::adapter(file) };
        // SAFETY: The caller guarantees that the pointers are valid. This task holds the lock of
        // the pipe at each call.
        let splice = || unsafe { bindings::copy_splice_read(file, position, pipe, len, flags) };
        let mut ret = splice();
        // SAFETY: The caller guarantees that `file` is valid.
        while unsafe { must_wait(ret, file, flags) } {
            // SAFETY: The caller guarantees that the pipe is valid, and this task holds its lock.
            unsafe { pipe_unlock(pipe) };
            let result = adapter.stream.wait_readable();
            // SAFETY: splice(2) keeps the pipe valid during this call, and this task has released
            // its lock.
            unsafe { pipe_lock(pipe) };
            if let Err(error) = result {
                return error.to_errno() as isize;
            }
            // splice(2) checks for a reader and a free slot, but only before it calls this
            // function. copy_splice_read() does not check for a reader: the bytes would be lost in
            // the pipe. Without a free slot it gives `ENOMEM`.
            // SAFETY: The pipe is valid, and this task holds its lock again.
            if let Err(error) = unsafe { check_writable(pipe) } {
                return error.to_errno() as isize;
            }
            ret = splice();
            // A driver that waits for nothing must not keep this loop from ending.
            if ret == EAGAIN.to_errno() as isize && kernel::current!().signal_pending() {
                return ERESTARTSYS.to_errno() as isize;
            }
        }
        ret
    }

    /// Splices from a pipe into the device.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this device, and the other pointers valid.
    pub(super) unsafe extern "C" fn splice_write(
        pipe: *mut bindings::pipe_inode_info,
        file: *mut bindings::file,
        position: *mut bindings::loff_t,
        len: usize,
        flags: c_uint,
    ) -> isize {
        // SAFETY: The caller guarantees that `file` is an open file of this device.
        let adapter = unsafe { Self::adapter(file) };
        let splice = || {
            // SAFETY: The caller guarantees that the pointers are valid.
            unsafe { bindings::iter_file_splice_write(pipe, file, position, len, flags) }
        };
        let mut ret = splice();
        // SAFETY: The caller guarantees that `file` is valid.
        while unsafe { must_wait(ret, file, flags) } {
            if let Err(error) = adapter.stream.wait_writable() {
                return error.to_errno() as isize;
            }
            ret = splice();
        }
        ret
    }
}

/// Returns whether a splice that returned `ret` must wait and retry.
///
/// # Safety
///
/// `file` must be valid.
unsafe fn must_wait(ret: isize, file: *mut bindings::file, flags: c_uint) -> bool {
    ret == EAGAIN.to_errno() as isize
        && flags & SPLICE_F_NONBLOCK == 0
        // SAFETY: The caller guarantees that `file` is valid.
        && unsafe { !is_nonblock(file) }
}
