// SPDX-License-Identifier: GPL-2.0

//! Wait queues, see [`include/linux/wait.h`](srctree/include/linux/wait.h).

use kernel::{
    bindings,
    prelude::*,
    sync::LockClassKey,
    types::Opaque, //
};

/// A wait queue of the kernel.
#[pin_data]
pub(super) struct WaitQueue {
    #[pin]
    head: Opaque<bindings::wait_queue_head>,
}

// SAFETY: A wait queue has a lock of its own, so any thread may use it.
unsafe impl Send for WaitQueue {}
// SAFETY: The functions for wait queues take that lock, so threads may call them at the same time.
unsafe impl Sync for WaitQueue {}

impl WaitQueue {
    /// Creates an empty queue.
    pub(super) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            // SAFETY: The slot may be written to and does not move afterwards. The name and the key
            // are static.
            head <- Opaque::ffi_init(move |slot| unsafe {
                bindings::__init_waitqueue_head(slot, name.as_char_ptr(), key.as_ptr())
            }),
        })
    }

    /// Returns the C structure, which is valid as long as `self`.
    pub(super) fn as_raw(&self) -> *mut bindings::wait_queue_head {
        self.head.get()
    }

    /// Returns whether the queue is empty, without taking its lock: `waitqueue_active()`.
    ///
    /// The caller must execute a full barrier first. A task that enters the queue after this check
    /// executes one before it checks its condition.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        let queue = self.as_raw();
        // SAFETY: `queue` points to the initialized field, so it is valid. Others may change the
        // list at the same time; the volatile read is a `READ_ONCE()`.
        unsafe {
            let head = &raw mut (*queue).head;
            (&raw const (*head).next).read_volatile() == head
        }
    }

    /// Wakes all entries whose task sleeps in one of the states of `mode`, but only `exclusive` of
    /// the exclusive ones, or all of them for 0. Their callbacks get `events`.
    pub(super) fn wake(&self, mode: u32, exclusive: c_int, events: u32) {
        let key = core::ptr::without_provenance_mut(events as usize);
        // SAFETY: The queue is initialized and lives as long as `self`. The callbacks of sleepers
        // ignore the key, those of pollers take it as a number.
        unsafe { bindings::__wake_up(self.as_raw(), mode, exclusive, key) };
    }
}

/// A queue of tasks that sleep interruptibly. `wake_one` wakes the first of them alone.
///
/// The kernel crate's [`CondVar`] belongs to one lock, which each waker would have to take. This is
/// what `wait_event_interruptible_exclusive()` consists of.
///
/// [`CondVar`]: kernel::sync::CondVar
#[pin_data]
pub(crate) struct ExclusiveWaitQueue {
    #[pin]
    queue: WaitQueue,
}

impl ExclusiveWaitQueue {
    /// Creates an empty queue.
    pub(crate) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            queue <- WaitQueue::new(name, key),
        })
    }

    /// Calls `f` with an entry for the current task. The task has left the queue when this returns.
    /// The caller must be allowed to sleep.
    #[inline]
    pub(crate) fn with_entry<R>(&self, f: impl FnOnce(&Entry<'_>) -> R) -> R {
        let entry = Entry {
            queue: &self.queue,
            raw: Opaque::uninit(),
        };
        // INVARIANT: The entry is not moved from here on.
        // SAFETY: `raw` may be written to, and does not move until `finish_wait()` below.
        unsafe {
            bindings::init_wait_entry(entry.raw.get(), bindings::WQ_FLAG_EXCLUSIVE as c_int);
        }
        let result = f(&entry);
        // SAFETY: The queue lives as long as `self`, and the entry is initialized. `Entry` puts it
        // into this queue alone.
        unsafe { bindings::finish_wait(self.queue.as_raw(), entry.raw.get()) };
        result
    }

    /// Returns whether no task is in the queue. A task that is woken leaves it at that moment. Call
    /// this after a full barrier.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Wakes the first task, if there is one. Call this after a full barrier.
    pub(crate) fn wake_one(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_INTERRUPTIBLE, 1, 0);
        }
    }

    /// Wakes all tasks. Call this after a full barrier.
    pub(crate) fn wake_all(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_INTERRUPTIBLE, 0, 0);
        }
    }
}

/// The current task's entry in an [`ExclusiveWaitQueue`].
///
/// # Invariants
///
/// `raw` is initialized, belongs to the current task, and is not moved. It is in `queue` or in
/// none.
pub(crate) struct Entry<'a> {
    queue: &'a WaitQueue,
    // Its pointers keep this type on its thread.
    raw: Opaque<bindings::wait_queue_entry>,
}

impl Entry<'_> {
    /// Puts the task at the end of the queue, unless it is in the queue, then executes a full
    /// barrier. From here on a wake-up keeps the task from sleeping.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending. The task has left the queue then.
    pub(crate) fn prepare_to_wait(&self) -> Result {
        // SAFETY: By the type invariants the entry is initialized, belongs to the current task and
        // is in no other queue.
        let interrupted = unsafe {
            bindings::prepare_to_wait_event(
                self.queue.as_raw(),
                self.raw.get(),
                bindings::TASK_INTERRUPTIBLE as c_int,
            )
        };
        if interrupted == 0 {
            Ok(())
        } else {
            Err(ERESTARTSYS)
        }
    }

    /// Sleeps until a wake-up or a signal, unless one came since the last
    /// [`Self::prepare_to_wait`].
    pub(crate) fn schedule(&self) {
        // SAFETY: An entry exists only in `with_entry`, whose caller may sleep: it is in process
        // context and holds no spinlock.
        unsafe { bindings::schedule() };
    }
}
