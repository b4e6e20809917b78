// SPDX-License-Identifier: GPL-2.0

//! Stand-ins for the files of kernel_ext/ that wrap C: wait queues, poll(2) reduced to the events
//! that a poller got, and SIGIO, of which nothing is modelled. alloc.rs and page_fault.rs are the
//! module's own.

use core::{
    cell::Cell,
    ffi::CStr,
    marker::PhantomData,
    ops::{
        BitOr,
        Range, //
    }, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            LoadOrder,
            StoreOrder, //
        },
        Arc,
        SpinLock, //
    },
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
use std::{
    cell::RefCell,
    rc::Rc, //
};

#[path = "../../kernel_ext/alloc.rs"]
pub(crate) mod alloc;
#[path = "../../kernel_ext/page_fault.rs"]
pub(crate) mod page_fault;

pub(crate) mod compat {
    //! The items of the newest series.

    pub(crate) use kernel::sync::barrier::smp_mb;
}

pub(crate) mod fasync {
    //! SIGIO.

    pub(crate) use super::FasyncQueues;
}

pub(crate) mod mapping {
    //! Memory that is shared with programs.

    pub(crate) use super::{
        Access,
        SharedPages,
        SharedWord, //
    };
}

pub(crate) mod poll {
    //! poll(2).

    pub(crate) use super::{
        PollEvents,
        PollTable,
        PollWaitQueue, //
    };
}

pub(crate) mod wait_queue {
    //! Wait queues.

    pub(crate) use super::ExclusiveWaitQueue;
}

/// Events that poll(2) reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PollEvents(u32);

impl PollEvents {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const READABLE: Self = Self(1);
    pub(crate) const WRITABLE: Self = Self(2);
    pub(crate) const HUP: Self = Self(4);
    pub(crate) const ERR: Self = Self(8);

    pub(crate) fn when(self, condition: bool) -> Self {
        if condition {
            self
        } else {
            Self::NONE
        }
    }

    /// Returns whether all of `events` are among these.
    pub(crate) fn contains(self, events: Self) -> bool {
        self.0 & events.0 == events.0
    }
}

impl BitOr for PollEvents {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The events that a poller has got.
pub(crate) type Got = Rc<Cell<PollEvents>>;

/// A call of poll(2).
pub(crate) struct PollTable<'a> {
    got: Got,
    _lifetime: PhantomData<&'a ()>,
}

impl PollTable<'_> {
    pub(crate) fn new(got: &Got) -> Self {
        Self {
            got: got.clone(),
            _lifetime: PhantomData,
        }
    }

    pub(crate) fn register_wait(&self, pollers: &PollWaitQueue) {
        let mut queue = pollers.queue.lock();
        queue.push(self.got.clone());
        pollers.length.store(queue.len(), Ordering::Relaxed);
        drop(queue);
        // poll_wait() executes a full barrier.
        fence(Ordering::SeqCst);
    }
}

/// A queue of tasks that sleep. Wakes them in the order of their arrival.
pub(crate) struct ExclusiveWaitQueue {
    /// The length of the queue. A check without the lock may see an older value.
    length: AtomicUsize,
    queue: SpinLock<Vec<Rc<Task>>>,
}

impl ExclusiveWaitQueue {
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
            queue: self,
            task: task::current(),
        };
        let result = f(&entry);
        entry.task.stay_awake();
        // The kernel takes no lock if the entry is in no queue.
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
        // A task that a signal woke does not count and stays in the queue.
        self.change(|queue| {
            queue.retain(|task| {
                let woken = number != 0 && task.wake();
                number -= usize::from(woken);
                !woken
            });
        });
    }
}

/// A task's entry in an [`ExclusiveWaitQueue`].
pub(crate) struct Entry<'a> {
    queue: &'a ExclusiveWaitQueue,
    task: Rc<Task>,
}

impl Entry<'_> {
    pub(crate) fn prepare_to_wait(&self) -> Result {
        let result = self.try_enter();
        // prepare_to_wait_event() sets the task's state with a full barrier.
        fence(Ordering::SeqCst);
        result
    }

    fn try_enter(&self) -> Result {
        let mut result = Ok(());
        self.queue.change(|queue| {
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

    pub(crate) fn schedule(&self) {
        self.task.schedule();
    }

    fn leave(&self) {
        self.queue
            .change(|queue| queue.retain(|task| !Rc::ptr_eq(task, &self.task)));
    }
}

/// A queue of callers of poll(2). As in the kernel, a waker takes its lock only if it is not empty.
pub(crate) struct PollWaitQueue {
    length: AtomicUsize,
    queue: SpinLock<Vec<Got>>,
}

impl PollWaitQueue {
    pub(crate) fn new(_name: &'static CStr, _key: ()) -> impl PinInit<Self> {
        || Self {
            length: AtomicUsize::new(0),
            queue: SpinLock::new(Vec::new()),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn wake(&self, events: PollEvents) {
        if self.is_empty() {
            return;
        }
        for got in &*self.queue.lock() {
            got.set(got.get() | events);
        }
    }

    pub(crate) fn wake_all(&self) {
        self.wake(PollEvents::READABLE | PollEvents::WRITABLE);
    }
}

/// The files with `O_ASYNC`.
pub(crate) struct FasyncQueues;

impl FasyncQueues {
    pub(crate) fn new(_name: &'static CStr, _key: ()) -> impl PinInit<Self> {
        || Self
    }

    pub(crate) fn notify_readable(&self) {}

    pub(crate) fn notify_writable(&self) {}
}

/// What a program may do with a mapping.
pub(crate) enum Access {
    Read,
    ReadWrite,
}

/// Memory that is shared with programs. A word is an atomic, which exists once it is asked for. The
/// bytes are copied in the order in which the tasks run, as those of a ring.
pub(crate) struct SharedPages {
    words: RefCell<Vec<(usize, Arc<Atomic<u64>>)>>,
    bytes: RefCell<Vec<u8>>,
}

thread_local! {
    /// The memory that was shared last, for the program of a scenario.
    static LAST: RefCell<Option<Arc<SharedPages>>> = const { RefCell::new(None) };
}

impl SharedPages {
    pub(crate) fn new(len: usize) -> Result<Arc<Self>> {
        let pages = Self {
            words: RefCell::default(),
            bytes: RefCell::new(vec![0; len]),
        };
        let pages = Arc::new(pages, GFP_KERNEL)?;
        LAST.set(Some(pages.clone()));
        Ok(pages)
    }

    /// Returns the memory that was shared last.
    pub(crate) fn last() -> Option<Arc<Self>> {
        LAST.take()
    }

    pub(crate) fn copy_from(
        &self,
        offset: usize,
        len: usize,
        iov: &mut IovIterSource<'_>,
    ) -> usize {
        iov.copy_from_iter(&mut self.bytes.borrow_mut()[offset..][..len])
    }

    pub(crate) fn copy_to(&self, offset: usize, len: usize, iov: &mut IovIterDest<'_>) -> usize {
        iov.copy_to_iter(&self.bytes.borrow()[offset..][..len])
    }

    pub(crate) fn map(&self, _: &VmaNew, _: &[Range<usize>], _: Access) -> Result {
        Err(EINVAL)
    }
}

/// A word in memory that is shared with programs.
pub(crate) struct SharedWord(Arc<Atomic<u64>>);

impl SharedWord {
    pub(crate) fn new(pages: &Arc<SharedPages>, offset: usize) -> Result<Self> {
        let mut words = pages.words.borrow_mut();
        if let Some((_, word)) = words.iter().find(|(other, _)| *other == offset) {
            return Ok(Self(word.clone()));
        }
        let word = Arc::new(Atomic::new(0), GFP_KERNEL)?;
        words.push((offset, word.clone()));
        Ok(Self(word))
    }

    pub(crate) fn load<O: LoadOrder>(&self, order: O) -> u64 {
        self.0.load(order)
    }

    pub(crate) fn store<O: StoreOrder>(&self, value: u64, order: O) {
        self.0.store(value, order);
    }
}
