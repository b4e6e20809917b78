// SPDX-License-Identifier: GPL-2.0

//! What fifo.rs uses of miscdev.rs, which is C for the most part: the wait queue of those who
//! sleep; those who poll, reduced to whether they are told; and SIGIO, of which nothing is
//! modelled.

use core::{
    cell::Cell,
    ffi::CStr,
    marker::PhantomData, //
};
use kernel::{
    prelude::*,
    sync::SpinLock,
    task::{
        self,
        Task, //
    }, //
};
use loom::sync::atomic::{
    fence,
    AtomicUsize,
    Ordering, //
};
use std::rc::Rc;

pub(crate) mod events {
    //! What there is to report.

    pub(crate) const READ: u32 = 1;
    pub(crate) const WRITE: u32 = 2;
}

/// What one who polls was told so far.
pub(crate) type Told = Rc<Cell<u32>>;

/// A call of poll(2).
pub(crate) struct Poll<'a> {
    told: Told,
    _during: PhantomData<&'a ()>,
}

impl Poll<'_> {
    pub(crate) fn new(told: &Told) -> Self {
        Self {
            told: told.clone(),
            _during: PhantomData,
        }
    }

    pub(crate) fn register(&self, pollers: &Pollers) {
        let mut queue = pollers.queue.lock();
        queue.push(self.told.clone());
        pollers.length.store(queue.len(), Ordering::Relaxed);
        drop(queue);
        // As poll_wait().
        fence(Ordering::SeqCst);
    }
}

/// Those who sleep, woken in the order of arrival.
pub(crate) struct Sleepers {
    /// How many are in the queue, for who looks without the lock: he may see an older number.
    length: AtomicUsize,
    queue: SpinLock<Vec<Rc<Task>>>,
}

impl Sleepers {
    pub(crate) fn new(_name: &'static CStr, _key: ()) -> impl PinInit<Self> {
        || Self {
            length: AtomicUsize::new(0),
            queue: SpinLock::new(Vec::new()),
        }
    }

    /// Changes the queue under its lock.
    fn change(&self, f: impl FnOnce(&mut Vec<Rc<Task>>)) {
        let mut queue = self.queue.lock();
        f(&mut queue);
        self.length.store(queue.len(), Ordering::Relaxed);
    }

    pub(crate) fn with_entry<R>(&self, f: impl FnOnce(&Entry<'_>) -> R) -> R {
        let entry = Entry {
            sleepers: self,
            task: task::current(),
        };
        let result = f(&entry);
        entry.task.stay_awake();
        // The kernel does without the lock if the entry is in no queue.
        entry.leave();
        result
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn wake_one(&self) {
        self.wake(1);
    }

    pub(crate) fn wake_all(&self) {
        self.wake(usize::MAX);
    }

    fn wake(&self, mut number: usize) {
        if self.is_empty() {
            return;
        }
        // One whom a signal woke does not count, and stays in the queue.
        self.change(|queue| {
            queue.retain(|task| {
                let woken = number != 0 && task.wake();
                number -= usize::from(woken);
                !woken
            });
        });
    }
}

/// A task's place in the queue of [`Sleepers`].
pub(crate) struct Entry<'a> {
    sleepers: &'a Sleepers,
    task: Rc<Task>,
}

impl Entry<'_> {
    pub(crate) fn enter(&self) -> Result {
        let result = self.try_enter();
        // As prepare_to_wait_event(), which sets the task's state with a full barrier.
        fence(Ordering::SeqCst);
        result
    }

    fn try_enter(&self) -> Result {
        let mut result = Ok(());
        self.sleepers.change(|queue| {
            if self.task.signal_pending() {
                queue.retain(|task| !Rc::ptr_eq(task, &self.task));
                result = Err(ERESTARTSYS);
                return;
            }
            if !queue.iter().any(|task| Rc::ptr_eq(task, &self.task)) {
                queue.push(self.task.clone());
            }
            self.task.about_to_sleep();
        });
        result
    }

    pub(crate) fn sleep(&self) {
        self.task.schedule();
    }

    fn leave(&self) {
        self.sleepers
            .change(|queue| queue.retain(|task| !Rc::ptr_eq(task, &self.task)));
    }
}

/// Those who poll. As in the kernel their queue has a lock, which who finds nobody there does not
/// take.
pub(crate) struct Pollers {
    length: AtomicUsize,
    queue: SpinLock<Vec<Told>>,
}

impl Pollers {
    pub(crate) fn new(_name: &'static CStr, _key: ()) -> impl PinInit<Self> {
        || Self {
            length: AtomicUsize::new(0),
            queue: SpinLock::new(Vec::new()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn tell(&self, events: u32) {
        if self.is_empty() {
            return;
        }
        for told in &*self.queue.lock() {
            told.set(told.get() | events);
        }
    }

    pub(crate) fn tell_all(&self) {
        self.tell(events::READ | events::WRITE);
    }
}

/// The files with O_ASYNC.
pub(crate) struct AsyncQueues;

impl AsyncQueues {
    pub(crate) fn new() -> impl PinInit<Self> {
        || Self
    }

    pub(crate) fn tell_readers(&self) {}

    pub(crate) fn tell_writers(&self) {}
}
