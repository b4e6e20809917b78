// SPDX-License-Identifier: GPL-2.0

//! SIGIO for files with `O_ASYNC`, see `fasync_helper()` in [`fs/fcntl.c`](srctree/fs/fcntl.c).

use super::{
    compat::smp_mb,
    poll::PollEvents, //
};
use core::{
    cell::UnsafeCell,
    ptr, //
};
use kernel::{
    bindings,
    prelude::*,
    sync::{
        atomic::Full,
        LockClassKey,
        Mutex, //
    }, //
};

// In C these are macros with casts, for which bindgen makes no constants.

/// The file is open for reading.
const FMODE_READ: bindings::fmode_t = 1 << 0;
/// The file is open for writing.
const FMODE_WRITE: bindings::fmode_t = 1 << 1;

/// Returns the events that a file can have by its access mode.
///
/// # Safety
///
/// `file` must be open.
pub(crate) unsafe fn events_of_mode(file: *mut bindings::file) -> PollEvents {
    // SAFETY: The caller guarantees that `file` is open, so it is valid, and these bits of its mode
    // do not change.
    let mode = unsafe { (*file).f_mode };
    PollEvents::READABLE.when(mode & FMODE_READ != 0)
        | PollEvents::WRITABLE.when(mode & FMODE_WRITE != 0)
}

/// The files with `O_ASYNC` of a device. Their owners get SIGIO when the device becomes readable or
/// writable.
#[pin_data]
pub(crate) struct FasyncQueues {
    /// Held while a file enters or leaves, so that it is in both its queues or in none.
    #[pin]
    change: Mutex<()>,
    readers: FasyncQueue,
    writers: FasyncQueue,
}

impl FasyncQueues {
    /// Creates empty queues. The name and the key are those of the lock that they hold.
    pub(crate) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            change <- Mutex::new((), name, key),
            readers: FasyncQueue::new(),
            writers: FasyncQueue::new(),
        })
    }

    /// Signals the owners of files that want [`PollEvents::READABLE`]. Call this after a full barrier.
    #[inline]
    pub(crate) fn notify_readable(&self) {
        self.readers.notify(bindings::POLL_IN);
    }

    /// Signals the owners of files that want [`PollEvents::WRITABLE`]. Call this after a full barrier.
    #[inline]
    pub(crate) fn notify_writable(&self) {
        self.writers.notify(bindings::POLL_OUT);
    }

    /// Adds a file to the queue of each of these `events`, or removes it from both if `on` is 0.
    /// Returns what the file operation `fasync` returns. See `pipe_fasync()` in `fs/pipe.c`.
    ///
    /// # Safety
    ///
    /// `file` must be open, or being released with `on` as 0. It must be removed before the end of its
    /// release and before `self` is dropped.
    pub(crate) unsafe fn set(
        &self,
        fd: c_int,
        file: *mut bindings::file,
        on: c_int,
        events: PollEvents,
    ) -> c_int {
        let _guard = self.change.lock();
        let mut entered = 0;
        if on == 0 || events.has(PollEvents::READABLE) {
            // SAFETY: The caller guarantees that `file` is valid and is removed in time.
            entered = unsafe { self.readers.set(fd, file, on) };
            if entered < 0 {
                return entered;
            }
        }
        if on != 0 && !events.has(PollEvents::WRITABLE) {
            return entered;
        }
        // SAFETY: As for the readers.
        let ret = unsafe { self.writers.set(fd, file, on) };
        if ret < 0 && entered > 0 {
            // SAFETY: The file is open. This removes it from the queue, which it has just entered.
            unsafe { self.readers.set(-1, file, 0) };
        }
        ret
    }
}

/// The files of one side.
struct FasyncQueue(UnsafeCell<*mut bindings::fasync_struct>);

// SAFETY: Only `fasync_helper()` changes the pointer, under a lock of its own, and `kill_fasync()`
// reads it under RCU.
unsafe impl Send for FasyncQueue {}
// SAFETY: As for `Send`: `fasync_helper()` and `kill_fasync()` may run at the same time on any
// threads.
unsafe impl Sync for FasyncQueue {}

impl FasyncQueue {
    fn new() -> Self {
        Self(UnsafeCell::new(ptr::null_mut()))
    }

    #[inline]
    fn notify(&self, band: u32) {
        // As `kill_fasync()` itself checks first. Mostly the queue is empty, and needs no call.
        // SAFETY: The pointer is that of a field, so it is valid. fasync_helper() may change the
        // value at the same time; the volatile read is a `READ_ONCE()`.
        if unsafe { self.0.get().read_volatile() }.is_null() {
            return;
        }
        // SAFETY: The pointer is that of a field, so it is valid. kill_fasync() walks the entries
        // under RCU, and fasync_helper() frees an entry after a grace period.
        unsafe { bindings::kill_fasync(self.0.get(), bindings::SIGIO as c_int, band as c_int) };
    }

    /// # Safety
    ///
    /// As [`FasyncQueues::set`].
    unsafe fn set(&self, fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: The caller guarantees that `file` is valid, and is removed before its release ends
        // and before the drop of this queue. The other pointer is that of a field, so it is valid.
        let ret = unsafe { bindings::fasync_helper(fd, file, on, self.0.get()) };
        // A program sets `O_ASYNC`, which calls this, and then checks the device. The driver
        // changes the device, executes a full barrier, and then calls `notify`. So at least one of
        // the two sees the other.
        smp_mb(Full);
        ret
    }
}
