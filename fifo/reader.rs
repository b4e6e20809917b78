// SPDX-License-Identifier: GPL-2.0

//! The read side of the FIFO: read(2), poll(2) and end of file.

use super::{
    outcome::{
        Amount,
        CopyOutcome, //
    },
    side::Side,
    wait::{
        Caller,
        Condition, //
    },
    Fifo,
    Kind, //
};
use crate::kernel_ext::{
    page_fault::{
        fault_in_writeable,
        CopyUnit,
        Retry, //
    },
    poll::{
        PollEvents,
        PollTable, //
    }, //
};
use kernel::{
    iov::IovIterDest,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Full,
            Relaxed, //
        },
        Arc, //
    }, //
};

/// A file that is open for reading.
pub(crate) struct Reader {
    fifo: Arc<Fifo>,
    /// The value of `writers_ever` when this file was opened; `None` if it had seen a writer.
    unseen_since: Option<u64>,
    /// Whether this file was opened with `O_NONBLOCK`. Its reads do not wait for the first writer,
    /// just as a FIFO's open does not.
    opened_nonblock: bool,
}

impl Reader {
    /// Opens `fifo` for reading, with `O_NONBLOCK` or without.
    pub(crate) fn open(fifo: Arc<Fifo>, opened_nonblock: bool) -> Self {
        fifo.readers.fetch_add(1, Relaxed);
        fifo.set_closed(Side::Read);
        // In this order: a writer that opens and closes in between changes the count.
        let ever = fifo.writers_ever.load(Acquire);
        let has_writer = fifo.writers.load(Acquire) != 0;
        let seen = match fifo.kind {
            Kind::Device => has_writer || (!opened_nonblock && !fifo.is_empty()),
            Kind::Private | Kind::Mappable => true,
        };
        Self {
            fifo,
            unseen_since: if seen { None } else { Some(ever) },
            opened_nonblock,
        }
    }

    /// Returns whether this file has seen a writer and no writer has the FIFO open now. Bytes may
    /// be left.
    pub(super) fn has_hung_up(&self) -> bool {
        // `writers_ever` first, see `Writer::open`: a first writer that opens in between still
        // counts in `writers`.
        let unseen = self.unseen_since;
        unseen.is_none_or(|ever| self.fifo.writers_ever.load(Acquire) != ever)
            && self.has_no_writer()
    }

    /// Returns whether this is the end of file once no bytes are left.
    fn is_eof(&self) -> bool {
        (self.opened_nonblock && self.has_no_writer()) || self.has_hung_up()
    }

    fn has_no_writer(&self) -> bool {
        self.fifo.writers.load(Acquire) == 0
    }

    /// Reads the bytes that are there, up to the length of `iov`, as read(2) does from a pipe(7).
    /// Sleeps until there are some, if the `caller` may block.
    ///
    /// Returns the number of bytes: 0 for an empty `iov` and at the end of file.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if it would sleep and must not, `ERESTARTSYS` for a signal, `EFAULT` for a bad
    /// address. No bytes were taken out then.
    #[inline]
    pub(crate) fn read(&self, iov: &mut IovIterDest<'_>, caller: &dyn Caller) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        let outcome = self.fifo.try_read(iov, Amount::Whole, CopyUnit::Run);
        if outcome.copied != 0 {
            return Ok(outcome.copied);
        }
        self.read_slow(iov, outcome, caller)
    }

    /// Continues a read whose first try had this `outcome`, and copied nothing.
    #[cold]
    fn read_slow(
        &self,
        iov: &mut IovIterDest<'_>,
        outcome: CopyOutcome,
        caller: &dyn Caller,
    ) -> Result<usize> {
        let len = iov.len();
        let outcome = match self.fifo.mapped {
            None => outcome,
            Some(_) => self.try_again(iov, Amount::Whole, CopyUnit::Run),
        };
        let result = self.read_some(iov, len, outcome, caller);
        match len.wrapping_sub(iov.len()) {
            0 => result.map(|()| 0),
            total => Ok(total),
        }
    }

    /// Reads until `iov` has fewer than `len` bytes left, or the end of file.
    fn read_some(
        &self,
        iov: &mut IovIterDest<'_>,
        len: usize,
        mut outcome: CopyOutcome,
        caller: &dyn Caller,
    ) -> Result {
        let mut waited = false;
        loop {
            self.fault_in_and_retry(iov, outcome)?;
            if iov.len() != len {
                return Ok(());
            }
            let blocking = caller.may_block();
            // A blocking reader checks for the end of file only after a wait that brought no bytes:
            // `wait()` returns at once at the end of file.
            if (waited || !blocking) && self.end_or_would_block(blocking)? {
                return Ok(());
            }
            // Must be dropped after this try and before `fault_in_and_retry`, which may block
            // indefinitely.
            let mut _wake_next = None;
            if blocking {
                _wake_next = Some(self.wait()?);
                waited = true;
            }
            outcome = self.try_again(iov, Amount::Whole, CopyUnit::Run);
        }
    }

    /// Faults in pages and retries until no non-present page cuts the copy short.
    ///
    /// Takes all bytes under one lock, as a read from a pipe does, so that several readers of
    /// equal-sized records each get whole ones. Only if an address is bad, or pages vanish again and
    /// again as soon as they are faulted in, it takes them part by part.
    fn fault_in_and_retry(&self, iov: &mut IovIterDest<'_>, mut outcome: CopyOutcome) -> Result {
        let mut retry = Retry::new();
        let mut amount = Amount::Whole;
        while outcome.to_fault_in != 0 {
            retry.count(outcome.copied)?;
            let present = fault_in_writeable(iov, outcome.to_fault_in, retry.unit());
            if present == 0 {
                return Err(EFAULT);
            }
            if present != outcome.to_fault_in || retry.must_split() {
                amount = Amount::Part;
            }
            outcome = self.try_again(iov, amount, retry.unit());
        }
        Ok(())
    }

    /// Returns whether a read that found no bytes ends because this is the end of file.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if this is not the end of file, no bytes have arrived meanwhile, and the read must not
    /// block.
    fn end_or_would_block(&self, blocking: bool) -> Result<bool> {
        // The writers first, then the bytes: the bytes of a writer that wrote and closed in between
        // come before the end of file.
        let eof = self.is_eof();
        if !self.fifo.is_empty() {
            return Ok(false);
        }
        if !eof && !blocking {
            return Err(EAGAIN);
        }
        Ok(eof)
    }

    // Out of line: the slow path calls it in two places.
    #[inline(never)]
    fn try_again(&self, iov: &mut IovIterDest<'_>, amount: Amount, unit: CopyUnit) -> CopyOutcome {
        self.fifo.try_read_again(iov, amount, unit)
    }

    /// Sleeps until a wake-up or a signal, unless there are bytes to read or this is the end of file.
    /// Retry the read, then drop the result.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and neither holds.
    pub(crate) fn wait(&self) -> Result<WakeNextReader<'_>> {
        let wake_next = WakeNextReader(&self.fifo);
        self.fifo.readable.sleep(self)?;
        Ok(wake_next)
    }

    /// Adds the caller of poll(2) to the wait queue, and returns the events.
    pub(crate) fn poll<'a>(&'a self, table: &PollTable<'a>) -> PollEvents {
        self.fifo.register_poll(Side::Read, table);
        // The writers first: the bytes of the last writer come before the end of file.
        let hup = PollEvents::HUP.when(self.has_hung_up());
        hup | PollEvents::READABLE.when(!self.fifo.is_empty())
    }
}

impl Condition for Reader {
    fn is_ready(&self) -> bool {
        self.fifo.await_bytes() || self.is_eof()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fifo.readers.fetch_sub(1, Full);
        self.fifo.set_closed(Side::Read);
        if self.fifo.lacks_reader() {
            // Each writer must fail with `EPIPE`.
            self.fifo.writable.wake_all();
            self.fifo.fasync.notify_writable();
        }
    }
}

/// Wakes the next waiting reader when it is dropped, if bytes are left.
pub(crate) struct WakeNextReader<'a>(&'a Fifo);

impl Drop for WakeNextReader<'_> {
    fn drop(&mut self) {
        self.0.wake_next_reader();
    }
}
