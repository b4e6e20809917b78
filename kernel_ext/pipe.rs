// SPDX-License-Identifier: GPL-2.0

//! Pipes, see [`include/linux/pipe_fs_i.h`](srctree/include/linux/pipe_fs_i.h).

use kernel::{
    bindings,
    prelude::*,
    task::Task, //
};

extern "C" {
    /// Locks a pipe. May sleep.
    ///
    /// # Safety
    ///
    /// `pipe` must be valid, and not locked by this task.
    pub(crate) fn pipe_lock(pipe: *mut bindings::pipe_inode_info);

    /// Unlocks a pipe.
    ///
    /// # Safety
    ///
    /// `pipe` must be valid, and locked by this task.
    pub(crate) fn pipe_unlock(pipe: *mut bindings::pipe_inode_info);
}

/// The first fields of `struct pipe_inode_info`, as abi_check.c has them.
#[repr(C)]
struct PipeInodeInfo {
    mutex: bindings::mutex,
    rd_wait: bindings::wait_queue_head,
    wr_wait: bindings::wait_queue_head,
    head: c_uint,
    tail: c_uint,
    max_usage: c_uint,
    ring_size: c_uint,
    nr_accounted: c_uint,
    readers: c_uint,
}

/// Sends SIGPIPE to the current task.
pub(crate) fn send_sigpipe() {
    // SAFETY: The current task is valid while it runs, and send_sig() may be called with a mutex
    // held.
    unsafe { bindings::send_sig(bindings::SIGPIPE as c_int, Task::current_raw(), 0) };
}

/// Checks whether a splice can put bytes into a pipe.
///
/// # Errors
///
/// `EPIPE`, with SIGPIPE, if the pipe has no reader. `EAGAIN` if it is full.
///
/// # Safety
///
/// `pipe` must be valid, and locked by this task.
pub(crate) unsafe fn check_writable(pipe: *mut bindings::pipe_inode_info) -> Result {
    let pipe = pipe.cast::<PipeInodeInfo>();
    // Not through a reference: other tasks change the first fields at the same time.
    // SAFETY: The caller guarantees that `pipe` is valid. Its lock protects these fields.
    let (readers, used, max_usage) = unsafe {
        // As pipe_occupancy(), which wraps.
        let used = (*pipe).head.wrapping_sub((*pipe).tail);
        ((*pipe).readers, used, (*pipe).max_usage)
    };
    if readers == 0 {
        send_sigpipe();
        return Err(EPIPE);
    }
    if used >= max_usage {
        return Err(EAGAIN);
    }
    Ok(())
}
