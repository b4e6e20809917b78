// SPDX-License-Identifier: GPL-2.0

//! A ring whose bytes and positions lie in memory that programs can map.
//!
//! A program that maps an end moves bytes and the position of that end by itself, and makes no
//! call. The kernel does the same for read(2), write(2) and splice(2) on either end. Each reads the
//! positions from shared memory at each step, so any mix of both works.
//!
//! # Trust
//!
//! The kernel reads each value from shared memory once, and limits it before use. A program that
//! stores wrong values makes the FIFO return bytes twice, or lose them. It reaches no memory outside
//! the ring, and none that held bytes of others: new pages hold zeroes.
//!
//! # Waking
//!
//! A program that publishes bytes cannot see the wait queues. So each end has a word `need_wakeup`:
//!
//! 1. A task that waits in the kernel queues itself, sets the word of its end to the number of bytes
//!    it waits for, executes a full barrier, checks its condition, then sleeps.
//! 2. A program publishes its position, executes a full barrier, loads the word of the other end,
//!    and calls the ioctl `WAKE` if the word is not 0 and there are as many bytes, or as much room.
//! 3. `WAKE` clears the word, executes a full barrier, and wakes all tasks in the queues. Those that
//!    wait again set the word again.

use super::{
    buffer::Memory,
    outcome::{
        Amount,
        CopyOutcome, //
    },
    side::{
        Area,
        Side, //
    }, //
};
use crate::kernel_ext::{
    compat::smp_mb,
    mapping::{
        Access,
        SharedPages,
        SharedWord, //
    },
    page_fault::{
        CopyUnit,
        PagefaultDisabled, //
    }, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    new_mutex,
    new_spinlock,
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full,
            Relaxed,
            Release, //
        },
        Arc,
        Mutex,
        SpinLock, //
    }, //
};

/// The words at the start of a control page: `struct rust_sample_control` in `rust_sample.h`.
struct Control {
    /// How many bytes this end has ever put in, or taken out. Wraps.
    position: SharedWord,
    /// How many bytes, or how much room, the tasks of this end wait for. 0 if none waits.
    need_wakeup: SharedWord,
    /// Not 0 if no file of this end is open.
    closed: SharedWord,
}

impl Control {
    fn new(pages: &Arc<SharedPages>, side: Side) -> Result<Self> {
        // The position is stored often. The other words have a cache line of their own.
        let word = |offset| SharedWord::new(pages, control_page(side).wrapping_add(offset));
        Ok(Self {
            position: word(0)?,
            need_wakeup: word(64)?,
            closed: word(72)?,
        })
    }
}

/// The ring.
///
/// Lock order: `words` is innermost. No task holds both `producer` and `consumer`.
#[pin_data]
pub(super) struct MappedRing {
    /// The control pages of both ends, then the bytes.
    pages: Arc<SharedPages>,
    capacity: usize,
    head: Control,
    tail: Control,
    /// Bytes ever cleared.
    cleared: Atomic<u64>,
    /// Held by a task that puts bytes in by a call. Programs that map the end do not hold it.
    #[pin]
    producer: Mutex<()>,
    /// Held by a task that takes bytes out by a call.
    #[pin]
    consumer: Mutex<()>,
    /// Held to change the words that the kernel sets.
    #[pin]
    words: SpinLock<()>,
}

/// Returns how far `later` is ahead of `earlier`, but no more than `limit`: both are values that a
/// program can set.
fn distance(later: u64, earlier: u64, limit: usize) -> usize {
    usize::try_from(later.wrapping_sub(earlier)).map_or(limit, |bytes| bytes.min(limit))
}

/// Returns where the control page of an end begins in the shared memory.
fn control_page(side: Side) -> usize {
    match side {
        Side::Read => 0,
        Side::Write => PAGE_SIZE,
    }
}

/// Where the bytes begin in the shared memory.
const DATA: usize = 2 * PAGE_SIZE;

impl Memory for MappedRing {
    /// The offset in the shared memory.
    type Place = usize;

    fn capacity(&self) -> usize {
        self.capacity
    }

    fn at(&self, offset: usize) -> usize {
        DATA.wrapping_add(offset)
    }
}

impl MappedRing {
    /// Creates an empty ring of `capacity` bytes, a power of two and a multiple of [`PAGE_SIZE`].
    /// May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`.
    pub(super) fn new(capacity: usize) -> Result<Pin<KBox<Self>>> {
        let pages = SharedPages::new(DATA.checked_add(capacity).ok_or(ENOMEM)?)?;
        let head = Control::new(&pages, Side::Write)?;
        let tail = Control::new(&pages, Side::Read)?;
        KBox::pin_init(
            pin_init!(Self {
                pages,
                capacity,
                head,
                tail,
                cleared: Atomic::new(0),
                producer <- new_mutex!((), "MappedRing::producer"),
                consumer <- new_mutex!((), "MappedRing::consumer"),
                words <- new_spinlock!((), "MappedRing::words"),
            }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    fn control(&self, side: Side) -> &Control {
        match side {
            Side::Read => &self.tail,
            Side::Write => &self.head,
        }
    }

    /// Returns how many bytes can be read, at most the capacity.
    pub(super) fn len(&self) -> usize {
        // The tail first, as in `Ring::len`.
        let tail = self.tail.position.load(Acquire);
        distance(self.head.position.load(Acquire), tail, self.capacity)
    }

    /// Returns how many bytes can be read, or how many there is room for.
    pub(super) fn available(&self, side: Side) -> usize {
        match side {
            Side::Read => self.len(),
            Side::Write => self.capacity.wrapping_sub(self.len()),
        }
    }

    /// Returns how many bytes were ever put in.
    pub(super) fn total_in(&self) -> u64 {
        self.head.position.load(Relaxed)
    }

    /// Returns how many bytes were ever taken out, without those that were cleared.
    pub(super) fn total_out(&self) -> u64 {
        let cleared = self.cleared.load(Acquire);
        self.tail.position.load(Relaxed).wrapping_sub(cleared)
    }

    /// Returns how many bytes were ever cleared.
    pub(super) fn total_cleared(&self) -> u64 {
        self.cleared.load(Relaxed)
    }

    /// Puts bytes of `iov` in as far as there is room. A full barrier follows.
    #[inline(never)]
    pub(super) fn push_from(
        &self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let _producer = self.producer.lock();
        let _pagefault_disabled = PagefaultDisabled::new();
        let head = self.head.position.load(Relaxed);
        // Acquire: the reader no longer uses the bytes that it has taken out.
        let used = distance(head, self.tail.position.load(Acquire), self.capacity);
        let room = self.capacity.wrapping_sub(used);
        let mut wanted = iov.len();
        if room < wanted {
            if amount == Amount::Whole || room == 0 {
                return CopyOutcome::NOTHING;
            }
            wanted = room;
        }
        wanted = unit.limit_total(wanted);
        let copied = self.copy_runs(head, wanted, unit, |offset, run| {
            self.pages.copy_from(offset, run, iov)
        });
        // SAFETY: `iov` has advanced by these bytes.
        let revert = |bytes| unsafe { iov.revert(bytes) };
        let outcome = CopyOutcome::new(wanted, copied, amount, revert);
        self.publish(Side::Write, head, outcome.copied);
        outcome
    }

    /// Takes bytes out into `iov`. The bytes that do not reach `iov` stay. A full barrier follows.
    #[inline(never)]
    pub(super) fn pop_into(
        &self,
        iov: &mut IovIterDest<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let _consumer = self.consumer.lock();
        let _pagefault_disabled = PagefaultDisabled::new();
        let tail = self.tail.position.load(Relaxed);
        // Acquire: the bytes up to the head are visible.
        let used = distance(self.head.position.load(Acquire), tail, self.capacity);
        let wanted = unit.limit_total(used.min(iov.len()));
        if wanted == 0 {
            return CopyOutcome::NOTHING;
        }
        let copied = self.copy_runs(tail, wanted, unit, |offset, run| {
            self.pages.copy_to(offset, run, iov)
        });
        // SAFETY: `iov` has advanced by these bytes.
        let revert = |bytes| unsafe { iov.revert(bytes) };
        let outcome = CopyOutcome::new(wanted, copied, amount, revert);
        self.publish(Side::Read, tail, outcome.copied);
        outcome
    }

    /// Discards all bytes, and returns how many there were. A full barrier follows.
    pub(super) fn clear(&self) -> usize {
        let _consumer = self.consumer.lock();
        let tail = self.tail.position.load(Relaxed);
        let len = distance(self.head.position.load(Acquire), tail, self.capacity);
        self.publish(Side::Read, tail, len);
        // After the tail, see `Ring::total_out`.
        let cleared = self.cleared.load(Relaxed).wrapping_add(len as u64);
        self.cleared.store(cleared, Release);
        len
    }

    /// Moves the position of an end from `position` on by `bytes`, then executes a full barrier.
    fn publish(&self, side: Side, position: u64, bytes: usize) {
        if bytes != 0 {
            let position = position.wrapping_add(bytes as u64);
            self.control(side).position.store(position, Release);
        }
        smp_mb(Full);
    }

    /// Sets the word `need_wakeup` of the end `side`, unless a task waits for fewer bytes already, and
    /// executes a full barrier. The caller must be in a wait queue, and check its condition next.
    #[inline(never)]
    pub(super) fn set_need_wakeup(&self, side: Side, bytes: usize) {
        let word = &self.control(side).need_wakeup;
        {
            let _words = self.words.lock();
            let least = match word.load(Relaxed) {
                0 => bytes as u64,
                others => others.min(bytes as u64),
            };
            word.store(least, Relaxed);
        }
        smp_mb(Full);
    }

    /// Returns whether `bytes` bytes can be read, or there is room for as many. If not, a program
    /// that maps the other end calls the ioctl `WAKE` once there are. The caller must be in a wait
    /// queue.
    pub(super) fn await_bytes(&self, side: Side, bytes: usize) -> bool {
        self.set_need_wakeup(side, bytes);
        self.available(side) >= bytes
    }

    /// Clears `need_wakeup` of the end `side`. The caller must wake all its tasks afterwards.
    pub(super) fn clear_need_wakeup(&self, side: Side) {
        let _words = self.words.lock();
        self.control(side).need_wakeup.store(0, Relaxed);
    }

    /// Stores in shared memory whether the end `side`, with `files` open files, is closed.
    #[inline(never)]
    pub(super) fn set_closed(&self, side: Side, files: &Atomic<u32>) {
        // Each task loads the count under the lock, so the last store matches the last change.
        let _words = self.words.lock();
        let closed = u64::from(files.load(Relaxed) == 0);
        // Release: a program that sees `closed` also sees the last position.
        self.control(side).closed.store(closed, Release);
    }

    /// Sets up a mapping of an `area` by the end `side`.
    ///
    /// # Errors
    ///
    /// As [`SharedPages::map`].
    pub(super) fn map(&self, vma: &VmaNew, side: Side, area: Area) -> Result {
        let page = |side| control_page(side)..control_page(side).wrapping_add(PAGE_SIZE);
        let data = DATA..DATA.wrapping_add(self.capacity);
        match (area, side) {
            (Area::Own, _) => self.pages.map(vma, &[page(side)], Access::ReadWrite),
            (Area::Peer, _) => self.pages.map(vma, &[page(side.other())], Access::Read),
            (Area::Data, Side::Read) => self.pages.map(vma, &[data.clone(), data], Access::Read),
            (Area::Data, Side::Write) => {
                self.pages
                    .map(vma, &[data.clone(), data], Access::ReadWrite)
            }
        }
    }
}
