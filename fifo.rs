// SPDX-License-Identifier: GPL-2.0

//! The FIFO that all open files share: blocking, wake-ups, end of file, readiness.
//!
//! Modelled on what [`fs/pipe.c`](srctree/fs/pipe.c) does, see pipe(7) and fifo(7). Where a pipe
//! has one lock around all, here each end has its own, so that a reader and a writer copy at the
//! same time, and neither is held during a page fault or while its holder sleeps.

use super::{
    compat::smp_mb,
    miscdev::{
        events,
        AsyncQueues,
        Poll,
        Pollers,
        Sleepers, //
    },
    ring::{
        self,
        Buffer,
        Copied,
        Ring, //
    },
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*,
    static_lock_class,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Relaxed, //
        },
        Arc, //
    }, //
};

/// A write of so many bytes is atomic: whole or not at all, and never mixed with another.
pub(crate) const PIPE_BUF: usize = kernel::bindings::PIPE_BUF as usize;

/// The least capacity in bytes. A write of [`PIPE_BUF`] has to fit.
pub(crate) const MIN_CAPACITY: usize = PIPE_BUF;

/// The greatest capacity in bytes, for anyone.
pub(crate) const MAX_CAPACITY: usize = 1 << 31;

/// The capacity in bytes that a FIFO gets when `bytes` are asked for: the next power of two, and
/// at least [`MIN_CAPACITY`].
///
/// # Errors
///
/// `EINVAL` for 0 and for more than [`MAX_CAPACITY`].
pub(crate) fn round_capacity(bytes: u64) -> Result<usize> {
    match usize::try_from(bytes) {
        Ok(bytes @ 1..=MAX_CAPACITY) => Ok(bytes.next_power_of_two().max(MIN_CAPACITY)),
        _ => Err(EINVAL),
    }
}

/// How a call wants to be treated where it would wait.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    /// `O_NONBLOCK`, the file's own flag, at this moment.
    pub(crate) nonblock: bool,
    /// This call must not wait: `RWF_NOWAIT`, the first try of io_uring, and splice.
    pub(crate) nowait: bool,
}

impl Waiting {
    fn allowed(self) -> bool {
        !self.nonblock && !self.nowait
    }
}

/// One who may have to wait.
trait Waiter {
    /// Whether what he waits for is there.
    fn is_ready(&self) -> bool;
}

/// Those who wait until something becomes true, and who tells them.
///
/// Whoever made the condition true says so here after that; a sleeper looks at it again after he
/// announced himself. A full barrier in between, on both sides, makes at least one of the two see
/// the other. With those who poll it is the same.
///
/// A wake-up goes to one sleeper, who is no longer in the queue then: what happens until he runs
/// need not wake him again. If he leaves and the condition still holds, it is for him to wake the
/// next.
#[pin_data]
struct Waiters {
    /// [`Self::SOMEBODY`] and [`Self::POLLED`], and between them how many announcements there were.
    /// There most often is nobody, and one look at the sign says so.
    audience: Atomic<i64>,
    #[pin]
    sleepers: Sleepers,
    /// Those who poll(2), select(2) or epoll(7); not together with the sleepers, lest an exclusive
    /// one of them takes a sleeper's wake-up.
    #[pin]
    pollers: Pollers,
    /// What the pollers are told.
    events: u32,
}

impl Waiters {
    /// Somebody may be among the sleepers, or those who poll.
    const SOMEBODY: i64 = i64::MIN;
    /// Somebody has polled.
    const POLLED: i64 = 1;
    /// One announcement more; there will never be so many that they reach the sign.
    const ANNOUNCEMENT: i64 = 2;

    fn new(events: u32) -> impl PinInit<Self> {
        pin_init!(Self {
            audience: Atomic::new(0),
            sleepers <- Sleepers::new(c"rust_sample::Waiters::sleepers", static_lock_class!()),
            pollers <- Pollers::new(c"rust_sample::Waiters::pollers", static_lock_class!()),
            events,
        })
    }

    /// Says to those who wake that there is somebody, who has polled if `flag` is
    /// [`Self::POLLED`]. A full barrier comes before it and another after it.
    fn announce(&self, flag: i64) {
        let mut seen = self.audience.load(Relaxed);
        loop {
            let next = seen.wrapping_add(Self::ANNOUNCEMENT) | flag | Self::SOMEBODY;
            match self.audience.cmpxchg(seen, next, Full) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
    }

    /// Sleeps until there is a wake-up or a signal, unless `waiter` is ready. The caller tries
    /// again then, and comes back if that was in vain.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if there is a signal and he is not ready: the call is restarted or ends with
    /// `EINTR`.
    // Asked through a pointer, so that readers and writers share the code.
    #[inline(never)]
    fn sleep(&self, waiter: &dyn Waiter) -> Result {
        self.sleepers.with_entry(|entry| {
            // In this order, see `wake_one`.
            let entered = entry.enter();
            self.announce(0);
            // The condition before the signal: a wake-up that this task was given is not lost.
            if waiter.is_ready() {
                return Ok(());
            }
            entered?;
            entry.sleep();
            Ok(())
        })
    }

    /// Registers who polls. The state is to be looked at after that.
    #[inline(never)]
    fn poll(&self, poll: &Poll<'_>) {
        if self.audience.load(Relaxed) & Self::POLLED == 0 {
            self.announce(Self::POLLED);
        }
        poll.register(&self.pollers);
        smp_mb(Full);
    }

    /// Wakes the next sleeper, on leaving as one who was woken, see above.
    fn wake_next(&self) {
        smp_mb(Full);
        self.sleepers.wake_one();
    }

    /// Whether there may be anybody to wake or to tell. To be called after a full barrier.
    #[inline]
    fn anybody(&self) -> bool {
        self.audience.load(Relaxed) < 0
    }

    /// Wakes one sleeper and tells those who poll. To be called after a full barrier.
    fn wake_one(&self) {
        let seen = self.audience.load(Acquire);
        self.sleepers.wake_one();
        if seen & Self::POLLED != 0 {
            self.pollers.tell(self.events);
        } else if self.sleepers.is_empty() {
            // All entered before they announced themselves: so who had done that by the first look
            // is gone. Whoever did since has changed the number, and the flag stays.
            let _ = self.audience.cmpxchg(seen, seen & !Self::SOMEBODY, Relaxed);
        }
    }

    /// Wakes all who sleep, and tells all who poll.
    #[inline(never)]
    fn wake_all(&self) {
        smp_mb(Full);
        self.sleepers.wake_all();
        if self.audience.load(Relaxed) & Self::POLLED != 0 {
            self.pollers.tell_all();
        }
    }
}

/// The FIFO.
///
/// Lock order: the two of [`Ring`], then those of the queues in [`Waiters`], which are innermost.
#[pin_data]
pub(crate) struct Fifo {
    #[pin]
    ring: Ring,
    /// Those who wait for bytes or for the end of file.
    #[pin]
    waiting_readers: Waiters,
    /// Those who wait for room. They all wait for room for [`PIPE_BUF`], so that a wake-up never
    /// ends at one who can't use it.
    #[pin]
    waiting_writers: Waiters,
    /// Those who get SIGIO.
    #[pin]
    signals: AsyncQueues,
    /// How many files are open for reading.
    readers: Atomic<u32>,
    /// How many files are open for writing.
    writers: Atomic<u32>,
    /// How many files were ever opened for writing; wraps.
    writers_ever: Atomic<u64>,
}

impl Fifo {
    /// Makes an empty FIFO of `capacity` bytes, which comes from [`round_capacity`].
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn new(capacity: usize) -> Result<Arc<Self>> {
        let buffer = Buffer::new(capacity)?;
        let fifo: Arc<Self> = Arc::pin_init(
            pin_init!(Self {
                ring <- Ring::new(buffer),
                waiting_readers <- Waiters::new(events::READ),
                waiting_writers <- Waiters::new(events::WRITE),
                signals <- AsyncQueues::new(),
                readers: Atomic::new(0),
                writers: Atomic::new(0),
                writers_ever: Atomic::new(0),
            }),
            GFP_KERNEL,
        )?;
        // So that lockdep knows the order, and tells of whoever has another, also where the two
        // never meet.
        if cfg!(CONFIG_PROVE_LOCKING) {
            let _producer = fifo.ring.producer();
            let _consumer = fifo.ring.consumer();
        }
        Ok(fifo)
    }

    /// What there is to look at: capacity, length and totals, all in bytes.
    pub(crate) fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Those who get SIGIO.
    pub(crate) fn signals(&self) -> &AsyncQueues {
        &self.signals
    }

    /// How many files are open for reading.
    pub(crate) fn readers(&self) -> u32 {
        self.readers.load(Relaxed)
    }

    /// How many files are open for writing.
    pub(crate) fn writers(&self) -> u32 {
        self.writers.load(Relaxed)
    }

    /// Drops what is there to read.
    pub(crate) fn clear(&self) {
        let bytes = self.ring.consumer().clear();
        self.made_room(bytes);
    }

    /// Changes the capacity to `capacity` bytes, which comes from [`round_capacity`]. What is in
    /// the FIFO stays there.
    ///
    /// # Errors
    ///
    /// `EBUSY` if that would not fit, `ENOMEM`.
    pub(crate) fn set_capacity(&self, capacity: usize) -> Result {
        // No lock is held while memory is allocated, nor while the old buffer is freed: here at
        // the end.
        let mut buffer = Buffer::new(capacity)?;
        self.ring.replace_buffer(&mut buffer)?;
        self.waiting_readers.wake_all();
        self.waiting_writers.wake_all();
        Ok(())
    }

    /// Whether a write of [`PIPE_BUF`] bytes would not block.
    #[inline(never)]
    fn has_room(&self) -> bool {
        self.ring.capacity().saturating_sub(self.ring.len()) >= PIPE_BUF
    }

    /// Tells the readers that bytes came. To be called after a full barrier, as the ring's ends
    /// leave it.
    #[inline]
    fn made_bytes(&self) {
        if self.waiting_readers.anybody() {
            self.wake_reader();
        }
        self.signals.tell_readers();
    }

    // Out of line, as is its like below, and given what its callers have at hand.
    #[cold]
    #[inline(never)]
    fn wake_reader(&self) {
        self.waiting_readers.wake_one();
    }

    /// Tells the writers that so many bytes went. As [`Self::made_bytes`].
    #[inline]
    fn made_room(&self, bytes: usize) {
        if bytes == 0 {
            return;
        }
        if self.waiting_writers.anybody() {
            self.wake_writer();
        }
        self.signals.tell_writers();
    }

    #[cold]
    #[inline(never)]
    fn wake_writer(&self) {
        if self.has_room() {
            self.waiting_writers.wake_one();
        }
    }

    /// Wakes the next reader if there still are bytes, as one who was woken has to.
    fn hand_on_bytes(&self) {
        if !self.ring.is_empty() {
            self.waiting_readers.wake_next();
        }
    }

    /// Wakes the next writer if there still is room, as one who was woken has to.
    fn hand_on_room(&self) {
        if self.has_room() {
            self.waiting_writers.wake_next();
        }
    }

    /// Puts bytes of `iov` in as far as there is room, if `whole` all or none. Does not wait.
    // Inlined as `Producer::push_from`.
    #[inline(always)]
    fn put(&self, iov: &mut IovIterSource<'_>, whole: bool) -> Copied {
        let copied = self.ring.producer().push_from(iov, whole);
        if copied.bytes != 0 {
            self.made_bytes();
        }
        copied
    }

    /// Takes what is there into `iov`, if `whole` all or none. Does not wait.
    // Inlined as `Producer::push_from`.
    #[inline(always)]
    fn take(&self, iov: &mut IovIterDest<'_>, whole: bool) -> Copied {
        let copied = self.ring.consumer().pop_into(iov, whole);
        self.made_room(copied.bytes);
        copied
    }
}

/// Whether to try a copy again that a missing page cut short.
struct Retry {
    in_vain: bool,
}

impl Retry {
    fn new() -> Self {
        Self { in_vain: false }
    }

    /// To be asked after each such copy, with the bytes that it copied and whether the page then
    /// came.
    ///
    /// # Errors
    ///
    /// `EFAULT` if it didn't come. `ERESTARTSYS` for a signal, if one try after another copied
    /// nothing although the page came, and went again: that shall not go on for ever.
    fn check(&mut self, copied: usize, came: bool) -> Result {
        if !came {
            return Err(EFAULT);
        }
        if copied == 0 && self.in_vain && kernel::current!().signal_pending() {
            return Err(ERESTARTSYS);
        }
        self.in_vain = copied == 0;
        Ok(())
    }
}

/// A file that is open for reading.
pub(crate) struct Reader {
    fifo: Arc<Fifo>,
    /// The value of `writers_ever` at this file's open; `None` if it had seen a writer by then.
    unseen_since: Option<u64>,
}

impl Reader {
    /// Opens `fifo` for reading, with O_NONBLOCK or without.
    pub(crate) fn open(fifo: Arc<Fifo>, nonblock: bool) -> Self {
        fifo.readers.fetch_add(1, Relaxed);
        // In this order: a writer that opens and closes meanwhile changes the count.
        let ever = fifo.writers_ever.load(Acquire);
        let seen = fifo.writers.load(Acquire) != 0 || (!nonblock && !fifo.ring.is_empty());
        Self {
            fifo,
            unseen_since: if seen { None } else { Some(ever) },
        }
    }

    /// Whether no writer has the FIFO open, and one had at this file's open or since. Bytes that
    /// may still be there come first.
    fn at_end(&self) -> bool {
        let fifo = &*self.fifo;
        // In this order, see `Writer::open`: a first writer that comes in between is still there.
        self.unseen_since != Some(fifo.writers_ever.load(Acquire))
            && fifo.writers.load(Acquire) == 0
    }

    /// Reads what is there, up to the length of `iov`: read(2) of pipe(7). Where something stands
    /// in the way of that, `waiting` is asked how to go on.
    ///
    /// Returns the number of bytes, 0 for an empty `iov` and at the end of file.
    ///
    /// # Errors
    ///
    /// `EAGAIN` where it would have to wait and may not, `ERESTARTSYS` for a signal, `EFAULT` for
    /// a bad address. Nothing was taken then.
    #[inline]
    pub(crate) fn read(
        &self,
        iov: &mut IovIterDest<'_>,
        waiting: impl FnOnce() -> Waiting,
    ) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        // All or none: if some came nothing is missing.
        let copied = self.fifo.take(iov, true);
        if copied.bytes != 0 {
            return Ok(copied.bytes);
        }
        self.read_on(iov, copied, waiting())
    }

    /// Goes on after a first try that came to `copied`.
    ///
    /// Bytes are taken in one piece, as from a pipe, also if pages are missing at first: several
    /// readers of equal records get whole ones. Only where an address is bad, or pages go again
    /// as soon as they came, it is part by part.
    #[cold]
    fn read_on(
        &self,
        iov: &mut IovIterDest<'_>,
        mut copied: Copied,
        waiting: Waiting,
    ) -> Result<usize> {
        let fifo = &*self.fifo;
        let mut retry = Retry::new();
        let mut whole = true;
        let mut total = 0;
        let mut slept = false;
        let result = loop {
            // No more than `iov` is long, all in all.
            total = copied.bytes.wrapping_add(total);
            if copied.missing != 0 {
                // The page may never come: whoever else can use the bytes shall not wait for it.
                fifo.hand_on_bytes();
                let came = ring::fault_in_dest(iov, copied.missing);
                whole = whole && came == copied.missing && !retry.in_vain;
                if let Err(error) = retry.check(copied.bytes, came != 0) {
                    break Err(error);
                }
            } else if total != 0 {
                break Ok(());
            } else {
                // Who may wait asks for the end of file after he slept in vain, as nobody sleeps
                // there.
                if slept || !waiting.allowed() {
                    // The writers first and the bytes again after that: those of a write and a
                    // close in between come before the end of file.
                    let end = self.at_end();
                    let no_writer = fifo.writers.load(Acquire) == 0;
                    if fifo.ring.is_empty() {
                        if end || (waiting.nonblock && no_writer) {
                            break Ok(());
                        }
                        if !waiting.allowed() {
                            break Err(EAGAIN);
                        }
                    }
                }
                if waiting.allowed() {
                    slept = true;
                    if let Err(error) = self.sleep() {
                        break Err(error);
                    }
                }
                (retry, whole) = (Retry::new(), true);
            }
            copied = fifo.take(iov, whole);
        };
        if slept {
            fifo.hand_on_bytes();
        }
        if total == 0 {
            return result.map(|()| 0);
        }
        Ok(total)
    }
}

impl Reader {
    fn sleep(&self) -> Result {
        self.fifo.waiting_readers.sleep(self)
    }

    /// Waits until there is something to read, or the end of file.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    pub(crate) fn wait(&self) -> Result {
        let result = self.sleep();
        // The caller has not taken anything yet, and may not come to it.
        self.fifo.hand_on_bytes();
        result
    }

    /// Registers who polls, and returns what can be done then: whether there are bytes, and
    /// whether this is the end of file.
    pub(crate) fn poll(&self, poll: &Poll<'_>) -> (bool, bool) {
        self.fifo.waiting_readers.poll(poll);
        // The end first: the bytes that a last writer left come before it.
        let end = self.at_end();
        (!self.fifo.ring.is_empty(), end)
    }
}

impl Waiter for Reader {
    fn is_ready(&self) -> bool {
        !self.fifo.ring.is_empty() || self.at_end()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.fifo.readers.fetch_sub(1, Relaxed);
    }
}

/// A file that is open for writing.
pub(crate) struct Writer {
    fifo: Arc<Fifo>,
}

impl Writer {
    /// Opens `fifo` for writing.
    pub(crate) fn open(fifo: Arc<Fifo>) -> Self {
        // In this order, see `Reader::open`.
        fifo.writers.fetch_add(1, Full);
        fifo.writers_ever.fetch_add(1, Full);
        Self { fifo }
    }

    fn sleep(&self) -> Result {
        self.fifo.waiting_writers.sleep(self)
    }

    /// Waits until there is room for [`PIPE_BUF`] bytes.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    pub(crate) fn wait(&self) -> Result {
        let result = self.sleep();
        // The caller has not put anything yet, and may not come to it.
        self.fifo.hand_on_room();
        result
    }

    /// Registers who polls, and returns whether there is room for [`PIPE_BUF`] bytes then.
    pub(crate) fn poll(&self, poll: &Poll<'_>) -> bool {
        self.fifo.waiting_writers.poll(poll);
        self.fifo.has_room()
    }

    /// Writes all of `iov`, waiting for room: write(2) of pipe(7). Up to [`PIPE_BUF`] bytes go in
    /// whole or not at all; of more, each part goes in as soon as there is room. Where something
    /// stands in the way of that, `waiting` is asked how to go on.
    ///
    /// Returns the number of bytes, less than all if a signal, a bad address or the lack of room
    /// came after some.
    ///
    /// # Errors
    ///
    /// `EAGAIN` where it would have to wait and may not, `ERESTARTSYS` for a signal, `EFAULT` for
    /// a bad address. Nothing went in then.
    #[inline]
    pub(crate) fn write(
        &self,
        iov: &mut IovIterSource<'_>,
        waiting: impl FnOnce() -> Waiting,
    ) -> Result<usize> {
        let whole = iov.len() <= PIPE_BUF;
        let copied = self.fifo.put(iov, whole);
        if iov.is_empty() {
            return Ok(copied.bytes);
        }
        self.write_on(iov, whole, copied, waiting())
    }

    /// Goes on after a first try that came to `copied`.
    #[cold]
    fn write_on(
        &self,
        iov: &mut IovIterSource<'_>,
        whole: bool,
        mut copied: Copied,
        waiting: Waiting,
    ) -> Result<usize> {
        let fifo = &*self.fifo;
        let mut retry = Retry::new();
        let mut total = 0;
        let mut slept = false;
        let result = loop {
            // No more than `iov` is long, all in all.
            total = copied.bytes.wrapping_add(total);
            if copied.missing != 0 {
                // The page may never come: whoever else can use the room shall not wait for it.
                fifo.hand_on_room();
                let wanted = if whole { copied.missing } else { 1 };
                let came = ring::fault_in_source(iov, copied.missing);
                if let Err(error) = retry.check(copied.bytes, came >= wanted) {
                    break Err(error);
                }
            } else if iov.is_empty() {
                break Ok(());
            } else if !waiting.allowed() {
                break Err(EAGAIN);
            } else {
                slept = true;
                if let Err(error) = self.sleep() {
                    break Err(error);
                }
                retry = Retry::new();
            }
            copied = fifo.put(iov, whole);
        };
        if slept {
            fifo.hand_on_room();
        }
        if total == 0 {
            return result.map(|()| 0);
        }
        Ok(total)
    }
}

impl Waiter for Writer {
    fn is_ready(&self) -> bool {
        self.fifo.has_room()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.fifo.writers.fetch_sub(1, Full) == 1 {
            // The end of file is for each reader to see.
            self.fifo.waiting_readers.wake_all();
            self.fifo.signals.tell_readers();
        }
    }
}

#[kunit_tests(rust_sample_fifo)]
mod tests {
    use super::*;
    use crate::ring::testing::{
        with_dest,
        with_source, //
    };

    const NONBLOCK: Waiting = Waiting {
        nonblock: true,
        nowait: false,
    };
    const NOWAIT: Waiting = Waiting {
        nonblock: false,
        nowait: true,
    };

    fn read(reader: &Reader, waiting: Waiting) -> Result<usize> {
        let mut data = [0; 8];
        with_dest(&mut data, |iov| reader.read(iov, || waiting))
    }

    fn write(writer: &Writer, data: &[u8]) -> Result<usize> {
        with_source(data, |iov| writer.write(iov, || NONBLOCK))
    }

    #[test]
    fn rounds_capacities() {
        assert!(matches!(round_capacity(0), Err(EINVAL)));
        assert!(matches!(round_capacity(1), Ok(MIN_CAPACITY)));
        assert!(matches!(round_capacity(4096), Ok(4096)));
        assert!(matches!(round_capacity(4097), Ok(8192)));
        assert!(matches!(round_capacity(1 << 31), Ok(MAX_CAPACITY)));
        assert!(matches!(round_capacity((1 << 31) + 1), Err(EINVAL)));
        assert!(matches!(round_capacity(u64::MAX), Err(EINVAL)));
    }

    #[test]
    fn counts_files() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY)?;
        let reader = Reader::open(fifo.clone(), false);
        let writers = [Writer::open(fifo.clone()), Writer::open(fifo.clone())];
        assert_eq!((fifo.readers(), fifo.writers()), (1, 2));
        drop(writers);
        drop(reader);
        assert_eq!((fifo.readers(), fifo.writers()), (0, 0));
        Ok(())
    }

    #[test]
    fn end_of_file() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY)?;
        let reader = Reader::open(fifo.clone(), false);
        // Nobody has written yet.
        assert!(matches!(read(&reader, NOWAIT), Err(EAGAIN)));
        assert!(matches!(read(&reader, NONBLOCK), Ok(0)));
        let writer = Writer::open(fifo.clone());
        assert!(matches!(read(&reader, NOWAIT), Err(EAGAIN)));
        assert!(matches!(read(&reader, NONBLOCK), Err(EAGAIN)));
        assert!(matches!(write(&writer, b"hello"), Ok(5)));
        drop(writer);
        // What was written comes before the end.
        assert!(matches!(read(&reader, NOWAIT), Ok(5)));
        assert!(matches!(read(&reader, NOWAIT), Ok(0)));
        Ok(())
    }

    #[test]
    fn seen_writers() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY)?;
        drop(Writer::open(fifo.clone()));
        // It came and went before.
        assert!(!Reader::open(fifo.clone(), false).at_end());
        let writer = Writer::open(fifo.clone());
        let reader = Reader::open(fifo.clone(), false);
        assert!(!reader.at_end());
        write(&writer, b"hello")?;
        drop(writer);
        assert!(reader.at_end());
        // Bytes are there.
        assert!(Reader::open(fifo.clone(), false).at_end());
        assert!(!Reader::open(fifo.clone(), true).at_end());
        Ok(())
    }

    #[test]
    fn room() -> Result {
        let fifo = Fifo::new(2 * MIN_CAPACITY)?;
        let writer = Writer::open(fifo.clone());
        let data = [0; 64];
        assert!(fifo.has_room());
        for _ in 0..PIPE_BUF / 64 {
            assert!(fifo.has_room());
            write(&writer, &data)?;
        }
        // Just room for PIPE_BUF.
        assert!(fifo.has_room());
        write(&writer, b"x")?;
        assert!(!fifo.has_room());
        fifo.set_capacity(4 * MIN_CAPACITY)?;
        assert!(fifo.has_room());
        assert!(matches!(fifo.set_capacity(MIN_CAPACITY), Err(EBUSY)));
        fifo.clear();
        fifo.set_capacity(MIN_CAPACITY)?;
        assert!(fifo.has_room());
        Ok(())
    }
}
