// SPDX-License-Identifier: GPL-2.0

//! poll(2), select(2) and epoll(7), see [`include/linux/poll.h`](srctree/include/linux/poll.h).

use super::{
    compat::smp_mb,
    wait_queue::WaitQueue, //
};
use core::{
    marker::PhantomData,
    ops::BitOr, //
};
use kernel::{
    bindings,
    prelude::*,
    sync::{
        atomic::Full,
        LockClassKey, //
    }, //
};

/// Events that poll(2) reports, see `include/uapi/linux/eventpoll.h`.
///
/// As for a pipe, the first two have both names that POSIX gives to the same event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct PollEvents(u32);

impl PollEvents {
    /// No event.
    pub(crate) const NONE: Self = Self(0);
    /// There are bytes to read: `EPOLLIN | EPOLLRDNORM`.
    pub(crate) const READABLE: Self = Self(0x1 | 0x40);
    /// There is room to write: `EPOLLOUT | EPOLLWRNORM`.
    pub(crate) const WRITABLE: Self = Self(0x4 | 0x100);
    /// The other side has closed: `EPOLLHUP`.
    pub(crate) const HUP: Self = Self(0x10);
    /// The file is broken, such as a pipe without readers: `EPOLLERR`.
    pub(crate) const ERR: Self = Self(0x8);

    /// Returns these events if `condition` holds, else none.
    pub(crate) fn when(self, condition: bool) -> Self {
        if condition {
            self
        } else {
            Self::NONE
        }
    }

    /// Returns whether any of `events` is among these.
    pub(crate) fn has(self, events: Self) -> bool {
        self.0 & events.0 != 0
    }

    /// Returns the bits that the kernel takes.
    pub(crate) fn bits(self) -> u32 {
        self.0
    }
}

impl BitOr for PollEvents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A call of poll(2), select(2) or epoll(7) that checks a file. The file is open for `'a`.
///
/// # Invariants
///
/// `file` is valid, and `table` null or valid, as long as this value exists. All entries of the file
/// leave their queues before `'a` ends.
pub(crate) struct PollTable<'a> {
    file: *mut bindings::file,
    table: *mut bindings::poll_table_struct,
    // A `PollTable<'a>` can stand for one with a longer lifetime, and never for one with a shorter: so
    // `register_wait` takes no queue that is dropped before the release of the file.
    _open: PhantomData<fn(&'a ())>,
}

impl<'a> PollTable<'a> {
    /// Wraps the arguments of the file operation `poll`.
    ///
    /// # Safety
    ///
    /// `file` must be valid, and `table` null or valid, as long as the result exists. `'a` must not
    /// end before the release of the file begins.
    pub(crate) unsafe fn from_raw(
        file: *mut bindings::file,
        table: *mut bindings::poll_table_struct,
    ) -> Self {
        // INVARIANT: The caller guarantees that the pointers are valid. The entries leave before the
        // release: poll(2), select(2) and io_uring(7) hold the file, and `__fput()` first removes it
        // from epoll(7).
        Self {
            file,
            table,
            _open: PhantomData,
        }
    }

    /// Adds the caller to `queue`, then executes a full barrier; does nothing if the caller does
    /// not wait. The driver must check for events afterwards.
    ///
    /// The caller may be in the queue until the file is released: poll(2) and select(2) look at the
    /// queue when they return, and do not notice its drop as epoll(7) does. So `queue` must live as
    /// long as the file is open.
    #[inline]
    pub(crate) fn register_wait(&self, queue: &'a PollWaitQueue) {
        // poll_wait() would do nothing either, but it is a call.
        // SAFETY: By the type invariants `table` is null or valid.
        if unsafe { self.table.as_ref() }.is_none_or(|table| table._qproc.is_none()) {
            return;
        }
        // poll_wait() executes the barrier after it has added the caller.
        // SAFETY: The pointers are valid by the type invariants. The queue lives for `'a`, and all
        // entries have left it by then.
        unsafe { bindings::poll_wait(self.file, queue.queue.as_raw(), self.table) };
    }
}

/// A queue of callers of poll(2), select(2) and epoll(7).
///
/// The kernel crate's [`PollCondVar`] wakes without events. Then a file that is watched for one
/// side with `EPOLLET` also wakes up for the other, and one with `EPOLLEXCLUSIVE` takes a wake-up
/// that it has no use for.
///
/// [`PollCondVar`]: kernel::sync::poll::PollCondVar
#[pin_data]
pub(crate) struct PollWaitQueue {
    #[pin]
    queue: WaitQueue,
}

impl PollWaitQueue {
    /// Creates an empty queue.
    pub(crate) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            queue <- WaitQueue::new(name, key),
        })
    }

    /// Returns whether no task polls. Call this after a full barrier.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Wakes all entries that wait for any of `events`, and one of those with `EPOLLEXCLUSIVE`.
    /// Call this after a full barrier.
    pub(crate) fn wake(&self, events: PollEvents) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_NORMAL, 1, events.bits());
        }
    }

    /// Executes a full barrier, then wakes as [`Self::wake`]. Call this after a change that brings
    /// any of `events`.
    pub(crate) fn notify(&self, events: PollEvents) {
        smp_mb(Full);
        self.wake(events);
    }

    /// Wakes all entries, whatever events they wait for. Call this after a full barrier.
    pub(crate) fn wake_all(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_NORMAL, 0, 0);
        }
    }
}
