// SPDX-License-Identifier: GPL-2.0

//! A FIFO of bytes that any number of readers and writers share.
//!
//! It does what [`fs/pipe.c`](srctree/fs/pipe.c) does, see pipe(7) and fifo(7). Where a pipe has
//! one lock, each end of this FIFO has its own, so that a reader and a writer copy at the same time.
//! No task holds an end while it waits for bytes, room or a page. Only a change of the buffer waits
//! for one end while it holds the other.
//!
//! An *end* belongs to the ring: the producer at its head, the consumer at its tail. A *side*
//! belongs to the FIFO: writers, which use the producer, or readers, which use the consumer. A file
//! of a private FIFO is on one side, which pipe(2) calls an end, too.
//!
//! Positions and lengths use `wrapping_add()` and `wrapping_sub()` also where nothing can wrap.
//! This omits overflow checks that cannot fail; each inlined copy of the code would contain them.
//!
//! - `ring`: the bytes, and the two ends that move them.
//! - `buffer`: their memory.
//! - `mapped`: a ring in memory that programs can map, in place of `ring`.
//! - `outcome`: the result of a copy.
//! - `transfer`: moving bytes, and notifying the other side.
//! - `side`: the code that both sides share, and the calls on mappable FIFOs.
//! - `reader`, `writer`: the two sides: blocking, end of file, events for poll(2).
//! - `wait`: waiting for a condition, and waking the tasks that wait.

#![deny(unsafe_code)]

mod buffer;
#[expect(unsafe_code)]
mod mapped;
mod outcome;
mod reader;
#[expect(unsafe_code)]
mod ring;
mod side;
mod transfer;
mod wait;
mod writer;

pub(crate) use reader::Reader;
pub(crate) use side::{
    Area,
    Side, //
};
pub(crate) use wait::Caller;
pub(crate) use writer::Writer;

use crate::kernel_ext::{
    fasync::FasyncQueues,
    poll::PollEvents, //
};
use buffer::{
    Buffer,
    Memory, //
};
use kernel::{
    page::PAGE_SIZE,
    prelude::*,
    static_lock_class,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed, //
        },
        Arc, //
    }, //
};
use mapped::MappedRing;
use ring::Ring;
use wait::WaitPoint;

/// A write of up to this many bytes is atomic: it goes in whole or not at all, and no other write
/// comes between its bytes.
pub(crate) const PIPE_BUF: usize = kernel::bindings::PIPE_BUF as usize;

/// The smallest capacity in bytes. A write of [`PIPE_BUF`] bytes must fit.
pub(crate) const MIN_CAPACITY: usize = PIPE_BUF;

/// The largest capacity in bytes: `__kvmalloc_node()` in `mm/slub.c` allocates at most `INT_MAX`
/// bytes, and a capacity is a power of two.
pub(crate) const MAX_CAPACITY: usize = 1 << 30;

/// Returns the capacity in bytes of a FIFO for which `bytes` are requested: the next power of two,
/// and at least [`MIN_CAPACITY`].
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

/// The state of a FIFO, in bytes and files. The fields are sampled without locking and may be
/// mutually inconsistent while the FIFO is in use.
pub(crate) struct Stats {
    /// Bytes that the FIFO can hold.
    pub(crate) capacity: usize,
    /// Bytes that can be read.
    pub(crate) used: usize,
    /// Files open for reading.
    pub(crate) readers: u32,
    /// Files open for writing.
    pub(crate) writers: u32,
    /// Bytes ever written.
    pub(crate) total_in: u64,
    /// Bytes ever read.
    pub(crate) total_out: u64,
    /// Bytes ever cleared.
    pub(crate) total_cleared: u64,
}

/// What a FIFO is for. It decides what the lack of a reader or of a writer means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A device's FIFO, which files can open at any time. Its bytes outlive its open files.
    Device,
    /// A FIFO whose two ends are created together, as pipe(2) does. A read does not wait for the
    /// first writer. /proc/PID/fd/N opens either end again.
    Private,
    /// A private FIFO whose ends programs can map.
    Mappable,
}

/// The FIFO.
///
/// Lock order: see [`Ring`] for its two locks. Those of the queues in [`WaitPoint`] and
/// [`FasyncQueues`] are taken only while neither of the two is held.
#[pin_data]
pub(crate) struct Fifo {
    /// The bytes. Without memory if `mapped` has them, so that a try on the fast path finds neither
    /// bytes nor room.
    #[pin]
    ring: Ring,
    /// The bytes of a FIFO that can be mapped. The first try of a read or a write does not look at it.
    mapped: Option<Pin<KBox<MappedRing>>>,
    /// Where readers wait for bytes or the end of file.
    #[pin]
    readable: WaitPoint,
    /// Where writers wait for room. All wait for room for [`PIPE_BUF`] bytes, so that a wake-up
    /// never reaches a writer that cannot use it.
    #[pin]
    writable: WaitPoint,
    /// The queues of the files that get SIGIO.
    fasync: Arc<FasyncQueues>,
    kind: Kind,
    /// Files open for reading.
    readers: Atomic<u32>,
    /// Files open for writing.
    writers: Atomic<u32>,
    /// How many files were ever opened for writing. Wraps.
    writers_ever: Atomic<u64>,
}

impl Fifo {
    /// Creates an empty FIFO of `capacity` bytes, a result of [`round_capacity`]. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(crate) fn new(capacity: usize, kind: Kind) -> Result<Arc<Self>> {
        let (capacity, buffer, mapped) = match kind {
            Kind::Device => (capacity, Buffer::new(capacity)?, None),
            // Most private FIFOs live briefly or hold little, so their memory grows with their use.
            Kind::Private => (capacity, Buffer::empty(), None),
            Kind::Mappable => {
                let ring = MappedRing::new(capacity.max(PAGE_SIZE))?;
                (0, Buffer::empty(), Some(ring))
            }
        };
        let fasync = Arc::pin_init(
            FasyncQueues::new(c"Fifo::fasync", static_lock_class!()),
            GFP_KERNEL_ACCOUNT,
        )?;
        let fifo: Arc<Self> = Arc::pin_init(
            pin_init!(Self {
                ring <- Ring::new(capacity, buffer),
                mapped,
                readable <- WaitPoint::new(PollEvents::READABLE),
                writable <- WaitPoint::new(PollEvents::WRITABLE),
                fasync,
                kind,
                readers: Atomic::new(0),
                writers: Atomic::new(0),
                writers_ever: Atomic::new(0),
            }),
            GFP_KERNEL_ACCOUNT,
        )?;
        // Teaches lockdep the order of the locks, even if no task ever takes both.
        if cfg!(CONFIG_PROVE_LOCKING) {
            let _producer = fifo.ring.producer();
            let _consumer = fifo.ring.consumer();
        }
        Ok(fifo)
    }

    /// Returns the state. Takes no lock.
    pub(crate) fn stats(&self) -> Stats {
        let (total_in, total_out, total_cleared) = match &self.mapped {
            None => (
                self.ring.total_in(),
                self.ring.total_out(),
                self.ring.total_cleared(),
            ),
            Some(ring) => (ring.total_in(), ring.total_out(), ring.total_cleared()),
        };
        Stats {
            capacity: self.capacity(),
            used: self.len(),
            readers: self.readers.load(Relaxed),
            writers: self.writers.load(Relaxed),
            total_in,
            total_out,
            total_cleared,
        }
    }

    /// Returns how many bytes the FIFO can hold.
    pub(crate) fn capacity(&self) -> usize {
        match &self.mapped {
            None => self.ring.capacity(),
            Some(ring) => ring.capacity(),
        }
    }

    /// Returns how many bytes can be read, see [`Ring::len`]. Takes no lock.
    pub(crate) fn len(&self) -> usize {
        match &self.mapped {
            None => self.ring.len(),
            Some(ring) => ring.len(),
        }
    }

    /// Returns whether no bytes can be read. Takes no lock.
    fn is_empty(&self) -> bool {
        match &self.mapped {
            None => self.ring.is_empty(),
            Some(ring) => ring.len() == 0,
        }
    }

    /// Returns the queues of the files that get SIGIO.
    pub(crate) fn fasync_queues(&self) -> Arc<FasyncQueues> {
        self.fasync.clone()
    }

    /// Discards all bytes. Sleeps while a reader copies.
    pub(crate) fn clear(&self) {
        let bytes = match &self.mapped {
            None => self.ring.consumer().clear(),
            Some(ring) => ring.clear(),
        };
        self.notify_writable(bytes);
    }

    /// Changes the capacity to `capacity` bytes, a result of [`round_capacity`]. The bytes in the
    /// FIFO stay there. Sleeps while a reader or a writer copies.
    ///
    /// # Errors
    ///
    /// `EPERM` if `capacity` is above both `limit` and the present capacity, `EBUSY` if the bytes
    /// would not fit or programs can map the FIFO, `ENOMEM`.
    pub(crate) fn set_capacity(&self, capacity: usize, limit: usize) -> Result {
        if self.mapped.is_some() {
            return Err(EBUSY);
        }
        // Before the allocation. `replace_buffer` checks again, under the locks.
        if capacity > limit.max(self.capacity()) {
            return Err(EPERM);
        }
        // The buffers are allocated and freed while no lock is held. The old one is freed at the
        // end of this function.
        let mut buffer = Buffer::new(capacity)?;
        self.ring.replace_buffer(&mut buffer, limit)?;
        self.readable.wake_all();
        self.writable.wake_all();
        Ok(())
    }

    /// Allocates more memory for a write of `len` bytes if the FIFO has less than its capacity. A
    /// write must call this before it waits for room. Returns whether there may be more room now.
    /// Sleeps while a reader or a writer copies.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    fn grow(&self, len: usize) -> Result<bool> {
        let (allocated, capacity) = (self.ring.allocated(), self.ring.capacity());
        if allocated >= capacity {
            return Ok(false);
        }
        let wanted = len.min(capacity).next_power_of_two();
        let mut buffer = Buffer::new(wanted.max(allocated * 4).clamp(MIN_CAPACITY, capacity))?;
        self.ring.grow_buffer(&mut buffer)?;
        Ok(true)
    }

    /// Returns whether a write of [`PIPE_BUF`] bytes would not block.
    #[inline(never)]
    fn has_room(&self) -> bool {
        self.capacity().saturating_sub(self.len()) >= PIPE_BUF
    }

    /// Returns whether a write fails for the lack of a reader.
    #[inline]
    fn lacks_reader(&self) -> bool {
        self.kind != Kind::Device && self.readers.load(Acquire) == 0
    }
}

#[kunit_tests(rust_sample_fifo)]
mod tests {
    use super::ring::testing::{
        with_dest,
        with_source, //
    };
    use super::*;

    /// A call that must not block.
    struct Nonblocking;

    impl Caller for Nonblocking {
        fn may_block(&self) -> bool {
            false
        }

        fn send_sigpipe(&self) {}
    }

    /// Reads up to 8 bytes without blocking.
    fn read(reader: &Reader) -> Result<usize> {
        let mut data = [0; 8];
        with_dest(&mut data, |iov| reader.read(iov, &Nonblocking))
    }

    fn write(writer: &Writer, data: &[u8]) -> Result<usize> {
        with_source(data, |iov| writer.write(iov, &Nonblocking))
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
        let fifo = Fifo::new(MIN_CAPACITY, Kind::Device)?;
        let reader = Reader::open(fifo.clone(), false);
        let writers = [Writer::open(fifo.clone()), Writer::open(fifo.clone())];
        let stats = fifo.stats();
        assert_eq!((stats.readers, stats.writers), (1, 2));
        drop(writers);
        drop(reader);
        let stats = fifo.stats();
        assert_eq!((stats.readers, stats.writers), (0, 0));
        Ok(())
    }

    #[test]
    fn end_of_file() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY, Kind::Device)?;
        let reader = Reader::open(fifo.clone(), false);
        // No writer has been seen yet: only a file that was opened with O_NONBLOCK does not wait.
        assert!(matches!(read(&reader), Err(EAGAIN)));
        let nonblock = Reader::open(fifo.clone(), true);
        assert!(matches!(read(&nonblock), Ok(0)));
        assert!(!nonblock.has_hung_up());
        let writer = Writer::open(fifo.clone());
        assert!(matches!(read(&reader), Err(EAGAIN)));
        assert!(matches!(write(&writer, b"hello"), Ok(5)));
        drop(writer);
        // The bytes come before the end of file.
        assert!(matches!(read(&reader), Ok(5)));
        assert!(matches!(read(&reader), Ok(0)));
        Ok(())
    }

    #[test]
    fn seen_writers() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY, Kind::Device)?;
        drop(Writer::open(fifo.clone()));
        // A writer that closed before the open does not count.
        assert!(!Reader::open(fifo.clone(), false).has_hung_up());
        let writer = Writer::open(fifo.clone());
        let reader = Reader::open(fifo.clone(), false);
        assert!(!reader.has_hung_up());
        write(&writer, b"hello")?;
        drop(writer);
        assert!(reader.has_hung_up());
        // A file opened without O_NONBLOCK has seen the writer of bytes that are there.
        assert!(Reader::open(fifo.clone(), false).has_hung_up());
        assert!(!Reader::open(fifo.clone(), true).has_hung_up());
        Ok(())
    }

    #[test]
    fn room() -> Result {
        let fifo = Fifo::new(2 * MIN_CAPACITY, Kind::Device)?;
        let writer = Writer::open(fifo.clone());
        let data = [0; 64];
        assert!(fifo.has_room());
        for _ in 0..PIPE_BUF / 64 {
            assert!(fifo.has_room());
            write(&writer, &data)?;
        }
        // There is just room for PIPE_BUF.
        assert!(fifo.has_room());
        write(&writer, b"x")?;
        assert!(!fifo.has_room());
        fifo.set_capacity(4 * MIN_CAPACITY, MAX_CAPACITY)?;
        assert!(fifo.has_room());
        assert!(matches!(fifo.set_capacity(MIN_CAPACITY, 0), Err(EBUSY)));
        fifo.clear();
        fifo.set_capacity(MIN_CAPACITY, 0)?;
        assert!(fifo.has_room());
        Ok(())
    }

    #[test]
    fn private_needs_reader() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY, Kind::Private)?;
        let writer = Writer::open(fifo.clone());
        let reader = Reader::open(fifo.clone(), false);
        assert!(matches!(write(&writer, b"hello"), Ok(5)));
        drop(reader);
        assert!(fifo.lacks_reader());
        assert!(matches!(write(&writer, b"x"), Err(EPIPE)));
        assert!(matches!(write(&writer, b""), Ok(0)));
        assert_eq!(fifo.len(), 5);
        Ok(())
    }

    #[test]
    fn private_ends_without_writer() -> Result {
        let fifo = Fifo::new(MIN_CAPACITY, Kind::Private)?;
        let writer = Writer::open(fifo.clone());
        let reader = Reader::open(fifo, true);
        assert!(matches!(read(&reader), Err(EAGAIN)));
        write(&writer, b"hello")?;
        drop(writer);
        assert!(reader.has_hung_up());
        assert!(matches!(read(&reader), Ok(5)));
        assert!(matches!(read(&reader), Ok(0)));
        Ok(())
    }
}
