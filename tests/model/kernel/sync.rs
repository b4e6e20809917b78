// SPDX-License-Identifier: GPL-2.0

//! Locks, wait queues and shared references.

pub mod atomic;

use crate::{
    error::Result,
    init::PinInit,
    memory::Flags,
    task::{
        self,
        Task, //
    }, //
};
use core::{
    cell::RefCell,
    ops::{
        Deref,
        DerefMut, //
    }, //
};
use loom::sync::{
    atomic::{
        AtomicUsize,
        Ordering, //
    },
    Mutex as LoomMutex,
    MutexGuard as LoomGuard, //
};
use std::{
    rc::Rc,
    sync::Arc as StdArc, //
};

pub mod barrier {
    //! Barriers.

    use super::atomic::Full;
    use loom::sync::atomic::{
        fence,
        Ordering, //
    };

    /// A full barrier.
    pub fn smp_mb(_order: Full) {
        fence(Ordering::SeqCst);
    }
}

/// A shared reference. Its count is no part of what is modelled.
pub struct Arc<T>(StdArc<T>);

impl<T> Arc<T> {
    #[allow(missing_docs)]
    pub fn new(value: T, _flags: Flags) -> Result<Self> {
        Ok(Self(StdArc::new(value)))
    }

    #[allow(missing_docs)]
    pub fn pin_init(init: impl PinInit<T>, flags: Flags) -> Result<Self> {
        Self::new(init.make(), flags)
    }
}

impl<T> Clone for Arc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Arc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A lock; which kind it is makes no difference to who holds it.
pub struct Lock<T>(LoomMutex<T>);

/// A lock that sleeps.
pub type Mutex<T> = Lock<T>;
/// A [`Mutex`] that is held.
pub type MutexGuard<'a, T> = Guard<'a, T>;
/// A lock that spins.
pub type SpinLock<T> = Lock<T>;

impl<T> Lock<T> {
    #[allow(missing_docs)]
    pub fn new(value: T) -> Self {
        Self(LoomMutex::new(value))
    }

    #[allow(missing_docs)]
    pub fn lock(&self) -> Guard<'_, T> {
        let mut guard = Guard {
            lock: self,
            held: None,
        };
        guard.acquire();
        guard
    }
}

/// A lock that is held.
pub struct Guard<'a, T> {
    lock: &'a Lock<T>,
    /// `None` only within [`CondVar::wait_interruptible`].
    held: Option<LoomGuard<'a, T>>,
}

impl<T> Guard<'_, T> {
    fn acquire(&mut self) {
        self.held = Some(self.lock.0.lock().unwrap());
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.held.as_ref().unwrap()
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.held.as_mut().unwrap()
    }
}

/// A wait queue, woken in the order of arrival.
#[derive(Default)]
pub struct CondVar {
    /// The order of accesses to the queue, for the model checker to vary.
    accesses: AtomicUsize,
    waiters: RefCell<Vec<Rc<Task>>>,
}

impl CondVar {
    fn access(&self) {
        self.accesses.fetch_add(1, Ordering::AcqRel);
    }

    /// Sleeps until woken or signalled, as an exclusive waiter, without the lock meanwhile.
    pub fn wait_interruptible<T>(&self, guard: &mut Guard<'_, T>) -> bool {
        let task = task::current();
        self.access();
        task.about_to_sleep();
        self.waiters.borrow_mut().push(task.clone());
        task.schedule(|| guard.held = None);
        guard.acquire();
        self.waiters
            .borrow_mut()
            .retain(|waiter| !Rc::ptr_eq(waiter, &task));
        task.signal_pending()
    }

    /// Wakes the first who still sleeps.
    pub fn notify_one(&self) {
        self.notify(1);
    }

    /// Wakes all.
    pub fn notify_all(&self) {
        self.notify(usize::MAX);
    }

    fn notify(&self, mut number: usize) {
        self.access();
        let waiters = self.waiters.borrow().clone();
        for task in waiters {
            if number == 0 {
                return;
            }
            // One whom a signal woke does not count, though he is still in the queue.
            if task.wake() {
                number -= 1;
                self.waiters
                    .borrow_mut()
                    .retain(|waiter| !Rc::ptr_eq(waiter, &task));
            }
        }
    }
}

/// Initialises a [`Mutex`].
#[macro_export]
macro_rules! new_mutex {
    ($value:expr, $name:expr) => {
        move || $crate::sync::Mutex::new($value)
    };
}

/// Initialises a [`SpinLock`].
#[macro_export]
macro_rules! new_spinlock {
    ($value:expr, $name:expr) => {
        move || $crate::sync::SpinLock::new($value)
    };
}

/// Initialises a [`CondVar`].
#[macro_export]
macro_rules! new_condvar {
    ($name:expr) => {
        $crate::sync::CondVar::default
    };
}

/// A class of locks, for lockdep alone.
#[macro_export]
macro_rules! static_lock_class {
    () => {
        ()
    };
}
