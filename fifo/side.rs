// SPDX-License-Identifier: GPL-2.0

//! The code that both sides of a FIFO share, and the calls on mappable FIFOs.

use super::{
    buffer::Memory,
    mapped::MappedRing,
    wait::WaitPoint,
    Fifo,
    PIPE_BUF, //
};
use crate::kernel_ext::poll::PollTable;
use kernel::{
    mm::virt::VmaNew,
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic, //
    }, //
};

/// A side of a FIFO, or the end of the ring that it uses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Read,
    Write,
}

impl Side {
    /// Returns the other side.
    pub(crate) fn other(self) -> Self {
        match self {
            Side::Read => Side::Write,
            Side::Write => Side::Read,
        }
    }
}

/// A part of the shared memory that a program maps by one call of mmap(2).
#[derive(Clone, Copy)]
pub(crate) enum Area {
    /// The control page of the end that is mapped.
    Own,
    /// The control page of the other end.
    Peer,
    /// The bytes, twice in a row, so that each run of bytes is contiguous.
    Data,
}

impl Fifo {
    /// Returns whether there are bytes to read. If programs can map the FIFO, first asks the writing
    /// program for a wake-up. Does not wait. The caller must be in a wait queue.
    pub(super) fn await_bytes(&self) -> bool {
        match &self.mapped {
            None => !self.ring.is_empty(),
            Some(ring) => ring.await_bytes(Side::Read, 1),
        }
    }

    /// Returns whether there is room for [`PIPE_BUF`] bytes. If programs can map the FIFO, first asks
    /// the reading program for a wake-up. Does not wait. The caller must be in a wait queue.
    pub(super) fn await_room(&self) -> bool {
        match &self.mapped {
            None => self.has_room(),
            Some(ring) => ring.await_bytes(Side::Write, PIPE_BUF),
        }
    }

    /// Adds the caller of poll(2) to the queue of the end `side`. Check for events afterwards.
    pub(super) fn register_poll<'a>(&'a self, side: Side, table: &PollTable<'a>) {
        self.wait_point(side).register_wait(table);
        if let Some(ring) = &self.mapped {
            // Also if the events hold: a file that epoll(7) watches stays in the queue.
            let bytes = if side == Side::Read { 1 } else { PIPE_BUF };
            ring.set_need_wakeup(side, bytes);
        }
    }

    /// Returns the ring that programs can map.
    ///
    /// # Errors
    ///
    /// `ENODEV` if they cannot map this FIFO.
    fn mapped(&self) -> Result<&MappedRing> {
        self.mapped.as_deref().ok_or(ENODEV)
    }

    /// Returns whether programs can map this FIFO.
    pub(crate) fn is_mappable(&self) -> bool {
        self.mapped.is_some()
    }

    /// Maps an `area` for a program that uses the end `side`.
    ///
    /// # Errors
    ///
    /// `ENODEV` if programs cannot map this FIFO, and as
    /// [`SharedPages::map`](crate::kernel_ext::mapping::SharedPages::map).
    pub(crate) fn map(&self, vma: &VmaNew, side: Side, area: Area) -> Result {
        self.mapped()?.map(vma, side, area)
    }

    /// Wakes the tasks that wait at the end `side`, for a program that has moved the position of the
    /// other end.
    pub(crate) fn wake(&self, side: Side) {
        if let Some(ring) = &self.mapped {
            ring.clear_need_wakeup(side);
        }
        // This executes a full barrier first.
        self.wait_point(side).wake_all();
        match side {
            Side::Read => self.fasync.notify_readable(),
            Side::Write => self.fasync.notify_writable(),
        }
    }

    /// Waits until `bytes` bytes can be read, or there is room for as many, or until the other end
    /// is closed.
    ///
    /// # Errors
    ///
    /// `ENODEV` if programs cannot map this FIFO, `EINVAL` if it cannot hold as many bytes, or for 0,
    /// `ERESTARTSYS` for a signal.
    pub(crate) fn wait_for(&self, side: Side, bytes: u64) -> Result {
        let ring = self.mapped()?;
        let bytes = usize::try_from(bytes).map_err(|_| EINVAL)?;
        if bytes == 0 || bytes > ring.capacity() {
            return Err(EINVAL);
        }
        let is_closed = || self.is_closed(side.other());
        while ring.available(side) < bytes && !is_closed() {
            self.wait_point(side)
                .sleep(&|| ring.await_bytes(side, bytes) || is_closed())?;
        }
        Ok(())
    }

    fn is_closed(&self, side: Side) -> bool {
        self.files(side).load(Acquire) == 0
    }

    fn files(&self, side: Side) -> &Atomic<u32> {
        match side {
            Side::Read => &self.readers,
            Side::Write => &self.writers,
        }
    }

    fn wait_point(&self, side: Side) -> &WaitPoint {
        match side {
            Side::Read => &self.readable,
            Side::Write => &self.writable,
        }
    }

    /// Stores in shared memory whether the end `side` is closed.
    pub(super) fn set_closed(&self, side: Side) {
        if let Some(ring) = &self.mapped {
            ring.set_closed(side, self.files(side));
        }
    }
}
