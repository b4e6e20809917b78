// SPDX-License-Identifier: GPL-2.0

//! The write side of the FIFO: write(2), poll(2), and the end of file for readers.

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
    PIPE_BUF, //
};
use crate::kernel_ext::{
    page_fault::{
        fault_in_readable,
        CopyUnit,
        Retry, //
    },
    poll::{
        PollEvents,
        PollTable, //
    }, //
};
use kernel::{
    iov::IovIterSource,
    prelude::*,
    sync::{
        atomic::Full,
        Arc, //
    }, //
};

/// A file that is open for writing.
pub(crate) struct Writer {
    fifo: Arc<Fifo>,
}

impl Writer {
    /// Opens `fifo` for writing.
    pub(crate) fn open(fifo: Arc<Fifo>) -> Self {
        // In this order, see `Reader::open` and `Reader::has_hung_up`.
        fifo.writers.fetch_add(1, Full);
        fifo.writers_ever.fetch_add(1, Full);
        fifo.set_closed(Side::Write);
        Self { fifo }
    }

    /// Writes all of `iov`, as write(2) does to a pipe(7). Up to [`PIPE_BUF`] bytes go in whole or
    /// not at all. A larger write goes in part by part, as room becomes available. Sleeps until there
    /// is room if the `caller` may block.
    ///
    /// Returns the number of bytes: fewer than all if a signal, a bad address, the lack of room or
    /// the lack of a needed reader ended the write early. Without a reader it also sends SIGPIPE.
    ///
    /// # Errors
    ///
    /// `EPIPE`, with SIGPIPE, if the FIFO needs a reader and has none, `EAGAIN` if it would sleep
    /// and must not, `ERESTARTSYS` for a signal, `EFAULT` for a bad address, `ENOMEM` if the FIFO
    /// cannot grow to its capacity. No bytes were put in then.
    #[inline]
    pub(crate) fn write(&self, iov: &mut IovIterSource<'_>, caller: &dyn Caller) -> Result<usize> {
        let amount = if iov.len() <= PIPE_BUF {
            Amount::Whole
        } else {
            Amount::Part
        };
        let outcome = self.fifo.try_write(iov, amount, CopyUnit::Run);
        if iov.is_empty() {
            return Ok(outcome.copied);
        }
        self.write_slow(iov, amount, outcome, caller)
    }

    /// Continues a write whose first try had this `outcome`.
    #[cold]
    fn write_slow(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        outcome: CopyOutcome,
        caller: &dyn Caller,
    ) -> Result<usize> {
        let len = iov.len().wrapping_add(outcome.copied);
        let outcome = match self.fifo.mapped {
            None => outcome,
            Some(_) => self.try_again(iov, amount, CopyUnit::Run),
        };
        let result = self.write_all(iov, amount, outcome, caller);
        match len.wrapping_sub(iov.len()) {
            0 => result.map(|()| 0),
            total => Ok(total),
        }
    }

    fn write_all(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        mut outcome: CopyOutcome,
        caller: &dyn Caller,
    ) -> Result {
        loop {
            self.fault_in_and_retry(iov, amount, outcome)?;
            if iov.is_empty() {
                return Ok(());
            }
            if self.fifo.lacks_reader() {
                caller.send_sigpipe();
                return Err(EPIPE);
            }
            if self.fifo.grow(iov.len())? {
                outcome = self.try_again(iov, amount, CopyUnit::Run);
                continue;
            }
            if !caller.may_block() {
                return Err(EAGAIN);
            }
            // Must be dropped after this try and before `fault_in_and_retry`, which may block
            // indefinitely.
            let _wake_next = self.wait()?;
            outcome = self.try_again(iov, amount, CopyUnit::Run);
        }
    }

    /// Faults in pages and retries until no non-present page cuts the copy short.
    fn fault_in_and_retry(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        mut outcome: CopyOutcome,
    ) -> Result {
        let mut retry = Retry::new();
        while outcome.to_fault_in != 0 {
            retry.count(outcome.copied)?;
            let present = fault_in_readable(iov, outcome.to_fault_in, retry.unit());
            let enough = match amount {
                Amount::Whole => present == outcome.to_fault_in,
                Amount::Part => present != 0,
            };
            if !enough {
                return Err(EFAULT);
            }
            outcome = self.try_again(iov, amount, retry.unit());
        }
        Ok(())
    }

    // Out of line: the slow path calls it in several places.
    #[inline(never)]
    fn try_again(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        self.fifo.try_write_again(iov, amount, unit)
    }

    /// Sleeps until a wake-up or a signal, unless there is room for [`PIPE_BUF`] bytes or a needed
    /// reader is missing. Retry the write, then drop the result.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and neither holds.
    pub(crate) fn wait(&self) -> Result<WakeNextWriter<'_>> {
        let wake_next = WakeNextWriter(&self.fifo);
        self.fifo.writable.sleep(self)?;
        Ok(wake_next)
    }

    /// Adds the caller of poll(2) to the wait queue, and returns the events.
    pub(crate) fn poll<'a>(&'a self, table: &PollTable<'a>) -> PollEvents {
        self.fifo.register_poll(Side::Write, table);
        let error = PollEvents::ERR.when(self.fifo.lacks_reader());
        error | PollEvents::WRITABLE.when(self.fifo.has_room())
    }
}

impl Condition for Writer {
    fn is_ready(&self) -> bool {
        self.fifo.await_room() || self.fifo.lacks_reader()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let last = self.fifo.writers.fetch_sub(1, Full) == 1;
        self.fifo.set_closed(Side::Write);
        if last {
            // Each reader must see the end of file.
            self.fifo.readable.wake_all();
            self.fifo.fasync.notify_readable();
        }
    }
}

/// Wakes the next waiting writer when it is dropped, if room is left.
pub(crate) struct WakeNextWriter<'a>(&'a Fifo);

impl Drop for WakeNextWriter<'_> {
    fn drop(&mut self) {
        self.0.wake_next_writer();
    }
}
