// SPDX-License-Identifier: GPL-2.0

//! Waiting for a condition, and waking the tasks that wait.

use crate::kernel_ext::{
    compat::smp_mb,
    poll::{
        PollEvents,
        PollTable,
        PollWaitQueue, //
    },
    wait_queue::ExclusiveWaitQueue, //
};
use kernel::{
    prelude::*,
    static_lock_class,
    sync::atomic::Full, //
};

/// A call of read(2), write(2) or the like.
pub(crate) trait Caller {
    /// Returns whether the call may wait. The FIFO asks each time before it waits: fcntl(2) can
    /// change `O_NONBLOCK` meanwhile.
    fn may_block(&self) -> bool;

    /// Sends SIGPIPE to the task, unless the call asked for none.
    fn send_sigpipe(&self);
}

/// A condition that a task can wait for.
pub(super) trait Condition {
    /// Returns whether the condition holds.
    fn is_ready(&self) -> bool;
}

impl<F: Fn() -> bool> Condition for F {
    fn is_ready(&self) -> bool {
        self()
    }
}

/// The tasks that wait for a condition, and their wake-ups.
///
/// # The protocol
///
/// 1. A waiter queues itself, executes a full barrier, checks its condition, then sleeps.
///    `prepare_to_wait()` and `register_wait()` execute the barrier, each inside a C function.
/// 2. A waker makes the condition true, executes a full barrier, checks whether the queues are
///    empty, and wakes.
///
/// The barriers guarantee that the waiter sees the condition or the waker sees the waiter. A
/// barrier is `smp_mb()`, or an atomic operation with [`Full`], which orders as much on each
/// architecture.
///
/// Tasks at a mapped ring wait for different numbers of bytes, so a change there wakes them all.
///
/// Elsewhere a wake-up of sleepers is exclusive: it removes one sleeper from the queue and wakes
/// it. After its next try, or if it leaves for a signal, that task must wake the next one if the
/// condition still holds.
#[pin_data]
pub(super) struct WaitPoint {
    #[pin]
    sleepers: ExclusiveWaitQueue,
    /// The callers of poll(2), select(2) and epoll(7). They have a queue of their own, so that an
    /// exclusive one of them does not take a sleeper's wake-up.
    #[pin]
    pollers: PollWaitQueue,
    /// The events that pollers get.
    events: PollEvents,
}

impl WaitPoint {
    /// Creates a wait point without waiters.
    pub(super) fn new(events: PollEvents) -> impl PinInit<Self> {
        pin_init!(Self {
            sleepers <- ExclusiveWaitQueue::new(c"WaitPoint::sleepers", static_lock_class!()),
            pollers <- PollWaitQueue::new(c"WaitPoint::pollers", static_lock_class!()),
            events,
        })
    }

    /// Sleeps until a wake-up or a signal, unless `condition` holds. The caller then tries
    /// again, and sleeps again if that fails.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and `condition` does not hold. The call is restarted or
    /// ends with `EINTR`.
    // A trait object, so that readers and writers share the code.
    #[inline(never)]
    pub(super) fn sleep(&self, condition: &dyn Condition) -> Result {
        self.sleepers.with_entry(|entry| {
            let queued = entry.prepare_to_wait();
            // The condition before the signal, so that a call which can proceed is not interrupted.
            if condition.is_ready() {
                return Ok(());
            }
            queued?;
            entry.schedule();
            Ok(())
        })
    }

    /// Adds the caller of poll(2) to the queue. The caller must check for events afterwards.
    pub(super) fn register_wait<'a>(&'a self, table: &PollTable<'a>) {
        table.register_wait(&self.pollers);
    }

    /// Wakes the next sleeper. A task that waited must call this after its next try, or when it
    /// leaves for a signal, if the condition still holds.
    pub(super) fn wake_next(&self) {
        smp_mb(Full);
        self.sleepers.wake_one();
    }

    /// Returns whether any task waits. Call this after a full barrier.
    #[inline]
    pub(super) fn has_waiters(&self) -> bool {
        !self.sleepers.is_empty() || !self.pollers.is_empty()
    }

    /// Wakes one sleeper, and the pollers. Call this after a full barrier.
    pub(super) fn wake_one(&self) {
        self.sleepers.wake_one();
        self.pollers.wake(self.events);
    }

    /// Wakes all sleepers and pollers.
    #[inline(never)]
    pub(super) fn wake_all(&self) {
        smp_mb(Full);
        self.sleepers.wake_all();
        self.pollers.wake_all();
    }
}
