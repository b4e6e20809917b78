// SPDX-License-Identifier: GPL-2.0

//! What fifo.rs uses of miscdev.rs, which is C for the most part: those who poll, reduced to
//! whether they are told, and SIGIO, of which nothing is modelled.

use core::{
    cell::Cell,
    ffi::CStr,
    marker::PhantomData, //
};
use kernel::{
    prelude::*,
    sync::SpinLock, //
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
        pollers.queue.lock().push(self.told.clone());
    }
}

/// Those who poll. As in the kernel their queue has a lock, and who finds nobody there has nobody
/// to tell.
pub(crate) struct Pollers {
    queue: SpinLock<Vec<Told>>,
}

impl Pollers {
    pub(crate) fn new(_name: &'static CStr, _key: ()) -> impl PinInit<Self> {
        || Self {
            queue: SpinLock::new(Vec::new()),
        }
    }

    pub(crate) fn tell(&self, events: u32) {
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
