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
        Ring,
        Stride, //
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

/// The greatest capacity in bytes: `__kvmalloc_node()` in `mm/slub.c` allocates at most `INT_MAX`
/// bytes, and a capacity is a power of two.
pub(crate) const MAX_CAPACITY: usize = 1 << 30;

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

/// A task that may have to wait for a condition.
trait Waiter {
    /// Whether the condition holds.
    fn is_ready(&self) -> bool;
}

/// The tasks that wait for a condition, and the wake-ups they get.
///
/// The protocol, in which at least one side sees the other:
///
/// 1. A waiter queues itself, executes a full barrier, checks the condition, then sleeps.
///    `prepare_to_wait_event()` and `poll_wait()` have the barrier.
/// 2. A waker makes the condition true, executes a full barrier, then checks whether the queues are
///    empty, and wakes.
///
/// A wake-up of sleepers is exclusive: it takes one sleeper out of the queue and wakes it. If that
/// task leaves while the condition still holds, it must wake the next one.
#[pin_data]
struct Waiters {
    #[pin]
    sleepers: Sleepers,
    /// The callers of poll(2), select(2) and epoll(7). They have a queue of their own, so that an
    /// exclusive one of them does not take a sleeper's wake-up.
    #[pin]
    pollers: Pollers,
    /// The events that pollers get.
    events: u32,
}

impl Waiters {
    fn new(events: u32) -> impl PinInit<Self> {
        pin_init!(Self {
            sleepers <- Sleepers::new(c"rust_sample::Waiters::sleepers", static_lock_class!()),
            pollers <- Pollers::new(c"rust_sample::Waiters::pollers", static_lock_class!()),
            events,
        })
    }

    /// Sleeps until a wake-up or a signal comes, unless `waiter` is ready. The caller then tries
    /// again, and sleeps again if that fails.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and `waiter` is not ready. The call is restarted or
    /// ends with `EINTR`.
    // A trait object, so that readers and writers share the code.
    #[inline(never)]
    fn sleep(&self, waiter: &dyn Waiter) -> Result {
        self.sleepers.with_entry(|entry| {
            let entered = entry.enter();
            // The condition before the signal, so that a wake-up of this task is not lost.
            if waiter.is_ready() {
                return Ok(());
            }
            entered?;
            entry.sleep();
            Ok(())
        })
    }

    /// Adds the caller of poll(2) to the queue. The caller must check the condition afterwards.
    fn poll(&self, poll: &Poll<'_>) {
        poll.register(&self.pollers);
    }

    /// Wakes the next sleeper, which a task that was woken must do when it leaves.
    fn wake_next(&self) {
        smp_mb(Full);
        self.sleepers.wake_one();
    }

    /// Whether any task waits. Call it after a full barrier.
    #[inline]
    fn has_waiters(&self) -> bool {
        !self.sleepers.is_empty() || !self.pollers.is_empty()
    }

    /// Wakes one sleeper and the pollers. Call it after a full barrier.
    fn wake_one(&self) {
        self.sleepers.wake_one();
        self.pollers.tell(self.events);
    }

    /// Wakes all sleepers and pollers.
    #[inline(never)]
    fn wake_all(&self) {
        smp_mb(Full);
        self.sleepers.wake_all();
        self.pollers.tell_all();
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
        if self.waiting_readers.has_waiters() {
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
        if self.waiting_writers.has_waiters() {
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
    fn put(&self, iov: &mut IovIterSource<'_>, whole: bool, stride: Stride) -> Copied {
        let copied = self.ring.producer().push_from(iov, whole, stride);
        if copied.bytes != 0 {
            self.made_bytes();
        }
        copied
    }

    /// Takes bytes out into `iov`, if `whole` all or none. Does not wait.
    // Inlined as `Producer::push_from`.
    #[inline(always)]
    fn take(&self, iov: &mut IovIterDest<'_>, whole: bool, stride: Stride) -> Copied {
        let copied = self.ring.consumer().pop_into(iov, whole, stride);
        self.made_room(copied.bytes);
        copied
    }
}

/// Decides whether to retry a copy that a non-present page cut short.
///
/// A page that was faulted in may be gone again before the copy. Some pages are present and still
/// cannot be copied: those of a shadow stack, or with another memory tag than the address has. So
/// the number of tries without progress is limited.
struct Retry {
    /// How many tries in a row copied nothing.
    without_progress: u32,
}

impl Retry {
    /// After so many tries without progress the last one copies byte by byte.
    const LIMIT: u32 = 100;

    fn new() -> Self {
        Self {
            without_progress: 0,
        }
    }

    /// Checks whether to retry after a copy of `copied` bytes. `came` tells whether the missing
    /// page was faulted in.
    ///
    /// # Errors
    ///
    /// `EFAULT` if it was not, or if the last try copied nothing. `ERESTARTSYS` if a signal is
    /// pending and two tries in a row copied nothing.
    fn check(&mut self, copied: usize, came: bool) -> Result {
        if !came || (copied == 0 && self.is_last()) {
            return Err(EFAULT);
        }
        if copied != 0 {
            self.without_progress = 0;
            return Ok(());
        }
        if self.has_failed() && kernel::current!().signal_pending() {
            return Err(ERESTARTSYS);
        }
        // At most `LIMIT`.
        self.without_progress = self.without_progress.wrapping_add(1);
        Ok(())
    }

    /// Whether the last try copied nothing.
    fn has_failed(&self) -> bool {
        self.without_progress != 0
    }

    fn is_last(&self) -> bool {
        self.without_progress == Self::LIMIT
    }

    fn stride(&self) -> Stride {
        if self.is_last() {
            Stride::Byte
        } else {
            Stride::Run
        }
    }
}

/// Wakes the next waiting reader when it is dropped, if bytes are left.
pub(crate) struct WakeNextReader<'a>(&'a Fifo);

impl Drop for WakeNextReader<'_> {
    fn drop(&mut self) {
        self.0.hand_on_bytes();
    }
}

/// Wakes the next waiting writer when it is dropped, if room is left.
pub(crate) struct WakeNextWriter<'a>(&'a Fifo);

impl Drop for WakeNextWriter<'_> {
    fn drop(&mut self) {
        self.0.hand_on_room();
    }
}

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
        // In this order: a writer that opens and closes in between changes the count.
        let ever = fifo.writers_ever.load(Acquire);
        let has_writer = fifo.writers.load(Acquire) != 0;
        let seen = has_writer || (!opened_nonblock && !fifo.ring.is_empty());
        Self {
            fifo,
            unseen_since: if seen { None } else { Some(ever) },
            opened_nonblock,
        }
    }

    /// Whether this file has seen a writer and no writer has the FIFO open. Bytes may be left.
    fn has_hung_up(&self) -> bool {
        // In this order, see `Writer::open`: a first writer that comes in between is still there.
        let unseen = self.unseen_since;
        unseen.is_none_or(|ever| self.fifo.writers_ever.load(Acquire) != ever)
            && self.has_no_writer()
    }

    /// Whether this is the end of file once no bytes are left.
    fn at_end(&self) -> bool {
        (self.opened_nonblock && self.has_no_writer()) || self.has_hung_up()
    }

    fn has_no_writer(&self) -> bool {
        self.fifo.writers.load(Acquire) == 0
    }

    /// Reads the bytes that are there, up to the length of `iov`, as read(2) does from a pipe(7).
    /// Calls `waiting` whenever it would wait.
    ///
    /// Returns the number of bytes: 0 for an empty `iov` and at the end of file.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if it would wait and must not, `ERESTARTSYS` for a signal, `EFAULT` for a bad
    /// address. No bytes were taken out then.
    #[inline]
    pub(crate) fn read(
        &self,
        iov: &mut IovIterDest<'_>,
        waiting: &dyn Fn() -> Waiting,
    ) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        // All or none: nothing is missing if it takes any.
        let copied = self.fifo.take(iov, true, Stride::Run);
        if copied.bytes != 0 {
            return Ok(copied.bytes);
        }
        self.read_on(iov, copied, waiting)
    }

    /// Goes on after a first try that copied `copied`.
    ///
    /// Takes all bytes under one lock, as a read from a pipe does, even if pages are not present
    /// at first. So several readers of equal records get whole ones. Only if an address is bad, or
    /// pages vanish as soon as they are faulted in, it takes them part by part.
    #[cold]
    fn read_on(
        &self,
        iov: &mut IovIterDest<'_>,
        mut copied: Copied,
        waiting: &dyn Fn() -> Waiting,
    ) -> Result<usize> {
        let fifo = &*self.fifo;
        let mut retry = Retry::new();
        let mut whole = true;
        let mut total = 0;
        let mut slept = false;
        let result = loop {
            // At most the length of `iov`.
            total = copied.bytes.wrapping_add(total);
            if copied.missing != 0 {
                // Faulting the page in may block indefinitely, so wake the next reader first.
                fifo.hand_on_bytes();
                let came = ring::fault_in_dest(iov, copied.missing);
                whole = whole && came == copied.missing && !retry.has_failed();
                if let Err(error) = retry.check(copied.bytes, came != 0) {
                    break Err(error);
                }
            } else if total != 0 {
                break Ok(());
            } else {
                let may_wait = waiting().allowed();
                // A blocking reader checks for the end of file only after a sleep that brought no
                // bytes: `sleep()` returns at once at the end of file.
                if slept || !may_wait {
                    // The writers first, then the bytes: the bytes of a writer that wrote and
                    // closed in between come before the end of file.
                    let end = self.at_end();
                    if fifo.ring.is_empty() {
                        if end {
                            break Ok(());
                        }
                        if !may_wait {
                            break Err(EAGAIN);
                        }
                    }
                }
                if may_wait {
                    slept = true;
                    if let Err(error) = self.sleep() {
                        break Err(error);
                    }
                }
                (retry, whole) = (Retry::new(), true);
            }
            copied = fifo.take(iov, whole, retry.stride());
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

    /// Waits until there are bytes to read, or the end of file. Drop the result after the read.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    pub(crate) fn wait(&self) -> Result<WakeNextReader<'_>> {
        let wake_next = WakeNextReader(&self.fifo);
        self.sleep()?;
        Ok(wake_next)
    }

    /// Adds the caller of poll(2) to the wait queue. Returns whether there are bytes, and whether
    /// the last writer has closed.
    pub(crate) fn poll(&self, poll: &Poll<'_>) -> (bool, bool) {
        self.fifo.waiting_readers.poll(poll);
        // The writers first: the bytes of the last writer come before the end of file.
        let hung_up = self.has_hung_up();
        (!self.fifo.ring.is_empty(), hung_up)
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

    /// Waits until there is room for [`PIPE_BUF`] bytes. Drop the result after the write.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    pub(crate) fn wait(&self) -> Result<WakeNextWriter<'_>> {
        let wake_next = WakeNextWriter(&self.fifo);
        self.sleep()?;
        Ok(wake_next)
    }

    /// Adds the caller of poll(2) to the wait queue. Returns whether there is room for
    /// [`PIPE_BUF`] bytes.
    pub(crate) fn poll(&self, poll: &Poll<'_>) -> bool {
        self.fifo.waiting_writers.poll(poll);
        self.fifo.has_room()
    }

    /// Writes all of `iov`, waiting for room, as write(2) does to a pipe(7). Up to [`PIPE_BUF`]
    /// bytes go in whole or not at all; of more, each part goes in as soon as there is room. Calls
    /// `waiting` whenever it would wait.
    ///
    /// Returns the number of bytes, less than all if a signal, a bad address or the lack of room
    /// ended the write after some.
    ///
    /// # Errors
    ///
    /// `EAGAIN` if it would wait and must not, `ERESTARTSYS` for a signal, `EFAULT` for a bad
    /// address. No bytes were put in then.
    #[inline]
    pub(crate) fn write(
        &self,
        iov: &mut IovIterSource<'_>,
        waiting: &dyn Fn() -> Waiting,
    ) -> Result<usize> {
        let whole = iov.len() <= PIPE_BUF;
        let copied = self.fifo.put(iov, whole, Stride::Run);
        if iov.is_empty() {
            return Ok(copied.bytes);
        }
        self.write_on(iov, whole, copied, waiting)
    }

    /// Goes on after a first try that copied `copied`.
    #[cold]
    fn write_on(
        &self,
        iov: &mut IovIterSource<'_>,
        whole: bool,
        mut copied: Copied,
        waiting: &dyn Fn() -> Waiting,
    ) -> Result<usize> {
        let fifo = &*self.fifo;
        let mut retry = Retry::new();
        let mut total = 0;
        let mut slept = false;
        let result = loop {
            // At most the length of `iov`.
            total = copied.bytes.wrapping_add(total);
            if copied.missing != 0 {
                // Faulting the page in may block indefinitely, so wake the next writer first.
                fifo.hand_on_room();
                let wanted = if whole { copied.missing } else { 1 };
                let came = ring::fault_in_source(iov, copied.missing);
                if let Err(error) = retry.check(copied.bytes, came >= wanted) {
                    break Err(error);
                }
            } else if iov.is_empty() {
                break Ok(());
            } else if !waiting().allowed() {
                break Err(EAGAIN);
            } else {
                slept = true;
                if let Err(error) = self.sleep() {
                    break Err(error);
                }
                retry = Retry::new();
            }
            copied = fifo.put(iov, whole, retry.stride());
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
        with_dest(&mut data, |iov| reader.read(iov, &|| waiting))
    }

    fn write(writer: &Writer, data: &[u8]) -> Result<usize> {
        with_source(data, |iov| writer.write(iov, &|| NONBLOCK))
    }

    #[test]
    fn rounds_capacities() {
        assert!(matches!(round_capacity(0), Err(EINVAL)));
        assert!(matches!(round_capacity(1), Ok(MIN_CAPACITY)));
        assert!(matches!(round_capacity(4096), Ok(4096)));
        assert!(matches!(round_capacity(4097), Ok(8192)));
        assert!(matches!(round_capacity(1 << 30), Ok(MAX_CAPACITY)));
        assert!(matches!(round_capacity((1 << 30) + 1), Err(EINVAL)));
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
        // No writer has been seen yet: only a file that was opened with O_NONBLOCK does not wait.
        assert!(matches!(read(&reader, NOWAIT), Err(EAGAIN)));
        assert!(matches!(read(&reader, NONBLOCK), Err(EAGAIN)));
        let nonblock = Reader::open(fifo.clone(), true);
        assert!(matches!(read(&nonblock, NONBLOCK), Ok(0)));
        assert!(!nonblock.has_hung_up());
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
        assert!(!Reader::open(fifo.clone(), false).has_hung_up());
        let writer = Writer::open(fifo.clone());
        let reader = Reader::open(fifo.clone(), false);
        assert!(!reader.has_hung_up());
        write(&writer, b"hello")?;
        drop(writer);
        assert!(reader.has_hung_up());
        // Bytes are there.
        assert!(Reader::open(fifo.clone(), false).has_hung_up());
        assert!(!Reader::open(fifo.clone(), true).has_hung_up());
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
