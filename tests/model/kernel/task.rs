// SPDX-License-Identifier: GPL-2.0

//! Tasks: the threads of a model, which sleep, wake up and get signals.
//!
//! The values in a `Cell` change between two points where the model checker may switch. The checker
//! varies the order of the accesses to `signalled` before that.

use crate::bindings;
use core::cell::{
    Cell,
    RefCell,
    UnsafeCell, //
};
use loom::{
    sync::atomic::{
        AtomicBool,
        Ordering, //
    },
    thread::{
        self,
        JoinHandle,
        Thread, //
    }, //
};
use std::rc::Rc;

/// A task.
pub struct Task {
    signalled: AtomicBool,
    /// Whether it is in a wait queue and was not woken since: TASK_INTERRUPTIBLE.
    sleepy: Cell<bool>,
    /// The thread, while it sleeps.
    asleep: RefCell<Option<Thread>>,
    raw: UnsafeCell<bindings::task_struct>,
}

loom::thread_local! {
    static CURRENT: Rc<RefCell<Option<Rc<Task>>>> = Rc::default();
}

/// Returns the task of this thread.
pub fn current() -> Rc<Task> {
    CURRENT.with(|current| current.borrow_mut().get_or_insert_with(Task::new).clone())
}

/// Expands to the task of this thread.
#[macro_export]
macro_rules! current {
    () => {
        $crate::task::current()
    };
}

impl Task {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            signalled: AtomicBool::new(false),
            sleepy: Cell::new(false),
            asleep: RefCell::new(None),
            raw: UnsafeCell::new(bindings::task_struct {
                pagefault_disabled: 0,
            }),
        })
    }

    /// Returns the C structure of this thread's task.
    pub fn current_raw() -> *mut bindings::task_struct {
        current().raw.get()
    }

    #[allow(missing_docs)]
    pub fn signal_pending(&self) -> bool {
        self.signalled.load(Ordering::Relaxed)
    }

    /// Prepares to sleep: a wake-up from here on keeps this task awake.
    pub fn about_to_sleep(&self) {
        self.sleepy.set(true);
    }

    /// Ends the preparation to sleep.
    pub fn stay_awake(&self) {
        self.sleepy.set(false);
    }

    /// Sleeps, unless this task was woken or signalled since it prepared.
    pub fn schedule(&self) {
        let signalled = self.signalled.fetch_or(false, Ordering::AcqRel);
        if signalled {
            self.sleepy.set(false);
        }
        if !self.sleepy.get() {
            return;
        }
        *self.asleep.borrow_mut() = Some(thread::current());
        thread::park();
    }

    /// Wakes this task. Returns whether that was needed.
    pub fn wake(&self) -> bool {
        self.signalled.fetch_or(false, Ordering::AcqRel);
        self.unsleep()
    }

    /// Sends this task a signal.
    pub fn signal(&self) {
        self.signalled.fetch_or(true, Ordering::AcqRel);
        self.unsleep();
    }

    fn unsleep(&self) -> bool {
        let thread = self.asleep.borrow_mut().take();
        if let Some(thread) = thread {
            thread.unpark();
        }
        self.sleepy.replace(false)
    }
}

/// A task that was started.
pub struct Started<T> {
    /// The task.
    pub task: Rc<Task>,
    thread: JoinHandle<()>,
    result: Rc<Cell<Option<T>>>,
}

/// Starts a task.
pub fn start<T: 'static>(run: impl FnOnce() -> T + 'static) -> Started<T> {
    let task = Task::new();
    let result = Rc::new(Cell::new(None));
    let slot = result.clone();
    let thread = spawn(task.clone(), Box::new(move || slot.set(Some(run()))));
    Started {
        task,
        thread,
        result,
    }
}

/// Has one type, so that loom's part of it is compiled once.
fn spawn(task: Rc<Task>, run: Box<dyn FnOnce()>) -> JoinHandle<()> {
    thread::spawn(move || {
        CURRENT.with(|current| *current.borrow_mut() = Some(task));
        run();
    })
}

impl<T> Started<T> {
    /// Waits until the task has ended.
    pub fn join(self) -> T {
        self.thread.join().unwrap();
        self.result.take().unwrap()
    }
}
