// SPDX-License-Identifier: GPL-2.0

//! Moving bytes between a caller and a ring, and notifying the other side.

use super::{
    outcome::{
        Amount,
        CopyOutcome, //
    },
    Fifo, //
};
use crate::kernel_ext::page_fault::CopyUnit;
use kernel::iov::{
    IovIterDest,
    IovIterSource, //
};

impl Fifo {
    /// Puts bytes of `iov` in as far as there is room, and notifies readers. Does not wait for
    /// room. Puts none in if a needed reader is missing.
    // Inlined, as `Producer::push_from`.
    #[inline(always)]
    pub(super) fn try_write(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        if self.lacks_reader() {
            return CopyOutcome::NOTHING;
        }
        let outcome = self.ring.producer().push_from(iov, amount, unit);
        if outcome.copied != 0 {
            self.notify_readable();
        }
        outcome
    }

    /// Takes bytes out into `iov`, and notifies writers. Does not wait for bytes.
    // Inlined, as `Producer::push_from`.
    #[inline(always)]
    pub(super) fn try_read(
        &self,
        iov: &mut IovIterDest<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let outcome = self.ring.consumer().pop_into(iov, amount, unit);
        self.notify_writable(outcome.copied);
        outcome
    }

    /// Puts bytes of `iov` into the ring that this FIFO uses. A write calls this on its slow path; for
    /// a mapped ring this is the first real try.
    pub(super) fn try_write_again(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let Some(ring) = &self.mapped else {
            return self.try_write(iov, amount, unit);
        };
        if self.lacks_reader() {
            return CopyOutcome::NOTHING;
        }
        let outcome = ring.push_from(iov, amount, unit);
        if outcome.copied != 0 {
            self.notify_readable();
        }
        outcome
    }

    /// Takes bytes out of the ring that this FIFO uses, into `iov`. A read calls this on its slow path.
    pub(super) fn try_read_again(
        &self,
        iov: &mut IovIterDest<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let Some(ring) = &self.mapped else {
            return self.try_read(iov, amount, unit);
        };
        let outcome = ring.pop_into(iov, amount, unit);
        self.notify_writable(outcome.copied);
        outcome
    }

    /// Notifies readers that there are bytes. Call this after a full barrier, which the ends
    /// of a ring execute.
    #[inline]
    pub(super) fn notify_readable(&self) {
        if self.readable.has_waiters() {
            self.wake_reader();
        }
        self.fasync.notify_readable();
    }

    // Out of line: most of the time no task waits.
    #[cold]
    #[inline(never)]
    fn wake_reader(&self) {
        match self.mapped {
            None => self.readable.wake_one(),
            // The tasks wait for different numbers of bytes.
            Some(_) => self.readable.wake_all(),
        }
    }

    /// Notifies writers that `bytes` bytes were taken out. Call this after a full barrier,
    /// which the ends of a ring execute.
    #[inline]
    pub(super) fn notify_writable(&self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        if self.writable.has_waiters() {
            self.wake_writer();
        }
        self.fasync.notify_writable();
    }

    #[cold]
    #[inline(never)]
    fn wake_writer(&self) {
        match self.mapped {
            None if self.has_room() => self.writable.wake_one(),
            None => {}
            // The tasks wait for different numbers of bytes.
            Some(_) => self.writable.wake_all(),
        }
    }

    /// Wakes the next reader if there are bytes. A reader that waited must do this after its next
    /// try, or when it leaves for a signal.
    #[inline(never)]
    pub(super) fn wake_next_reader(&self) {
        if !self.is_empty() {
            self.readable.wake_next();
        }
    }

    /// Wakes the next writer if there is room. A writer that waited must do this after its next
    /// try, or when it leaves for a signal.
    #[inline(never)]
    pub(super) fn wake_next_writer(&self) {
        if self.has_room() {
            self.writable.wake_next();
        }
    }
}
