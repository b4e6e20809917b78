// SPDX-License-Identifier: GPL-2.0

//! The ends of a ring, which copy.
//!
//! They copy with page faults disabled, so that a task which holds an end never waits for a page. A
//! copy that meets a non-present page stops there; the caller releases the end, faults the page in
//! and retries, see [`page_fault`](crate::kernel_ext::page_fault).

use super::{
    super::{
        buffer::Memory,
        outcome::{
            Amount,
            CopyOutcome, //
        }, //
    },
    Ring, //
};
use crate::kernel_ext::page_fault::{
    CopyUnit,
    PagefaultDisabled, //
};
use core::{
    mem::MaybeUninit,
    slice, //
};
use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    sync::{
        atomic::{
            Acquire,
            Full,
            Relaxed,
            Release, //
        },
        MutexGuard, //
    }, //
};

/// The end that puts bytes in.
///
/// # Invariants
///
/// `head` is the guard of the lock of the ring's head, so there is no other producer.
pub(crate) struct Producer<'a> {
    ring: &'a Ring,
    head: MutexGuard<'a, u64>,
}

/// The end that takes bytes out.
///
/// # Invariants
///
/// `tail` is the guard of the lock of the ring's tail, so there is no other consumer.
pub(crate) struct Consumer<'a> {
    ring: &'a Ring,
    tail: MutexGuard<'a, u64>,
}

impl Ring {
    /// Returns the end that puts bytes in. Sleeps while another task holds it.
    #[inline]
    pub(crate) fn producer(&self) -> Producer<'_> {
        // INVARIANT: This is the lock of this ring's head.
        Producer {
            ring: self,
            head: self.head.lock.lock(),
        }
    }

    /// Returns the end that takes bytes out. Sleeps while another task holds it.
    #[inline]
    pub(crate) fn consumer(&self) -> Consumer<'_> {
        // INVARIANT: This is the lock of this ring's tail.
        Consumer {
            ring: self,
            tail: self.tail.lock.lock(),
        }
    }
}

impl Producer<'_> {
    /// Puts bytes of `iov` in as far as there is room; all or none while the buffer holds less than
    /// the capacity. A full barrier follows if it puts any in.
    ///
    /// [`Amount::Whole`] is for at most [`PAGE_SIZE`](kernel::page::PAGE_SIZE) bytes, as
    /// [`CopyUnit::Byte`] copies no more.
    // Inlined into both callers: the fast path, and the slow path with its retries.
    #[inline(always)]
    pub(crate) fn push_from(
        &mut self,
        iov: &mut IovIterSource<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let _pagefault_disabled = PagefaultDisabled::new();
        let ring = self.ring;
        // SAFETY: This is one of the ends, and it is borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the consumer no longer reads the bytes that it has taken out.
        let used = self.head.wrapping_sub(ring.tail.position.load(Acquire)) as usize;
        // At least 0, by the type invariants of `Ring`.
        let room = buffer.capacity().wrapping_sub(used);
        let mut wanted = iov.len();
        if room < wanted {
            // A buffer that can still grow takes all or nothing, so that a reader gets as much at
            // once as from one of the full size.
            let grows = buffer.capacity() < ring.capacity();
            if amount == Amount::Whole || room == 0 || grows {
                return CopyOutcome::NOTHING;
            }
            wanted = room;
        }
        wanted = unit.limit_total(wanted);
        let copied = buffer.copy_runs(*self.head, wanted, unit, |start, run| {
            // SAFETY: By the type invariants of `Ring` the free bytes from `head` on belong to this
            // end, of which there is only one, borrowed exclusively. The run lies within the buffer.
            // The type allows memory that was never written.
            let run = unsafe { slice::from_raw_parts_mut(start.cast::<MaybeUninit<u8>>(), run) };
            iov.copy_from_iter_raw(run).len()
        });
        // SAFETY: `iov` has advanced by these bytes.
        let revert = |bytes| unsafe { iov.revert(bytes) };
        let outcome = CopyOutcome::new(wanted, copied, amount, revert);
        // INVARIANT: There was room for these bytes, and they are initialized. Release would be
        // enough to publish them. The full barrier is for the wake-up that follows, and cheaper
        // here than on its own.
        *self.head = self.head.wrapping_add(outcome.copied as u64);
        ring.head.position.xchg(*self.head, Full);
        outcome
    }
}

impl Consumer<'_> {
    /// Takes bytes out into `iov` as far as there are any. The bytes that do not reach `iov` stay.
    /// A full barrier follows if it takes any out.
    ///
    /// [`CopyUnit::Byte`] is for [`Amount::Part`].
    // As `Producer::push_from`.
    #[inline(always)]
    pub(crate) fn pop_into(
        &mut self,
        iov: &mut IovIterDest<'_>,
        amount: Amount,
        unit: CopyUnit,
    ) -> CopyOutcome {
        let _pagefault_disabled = PagefaultDisabled::new();
        let ring = self.ring;
        // SAFETY: This is one of the ends, and it is borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the bytes up to the head are visible.
        let used = ring.head.position.load(Acquire).wrapping_sub(*self.tail) as usize;
        let wanted = unit.limit_total(used.min(iov.len()));
        if wanted == 0 {
            return CopyOutcome::NOTHING;
        }
        let copied = buffer.copy_runs(*self.tail, wanted, unit, |start, run| {
            // SAFETY: By the type invariants of `Ring` the bytes up to `head` are initialized and
            // belong to this end, of which there is only one, borrowed exclusively. The run lies
            // within the buffer.
            let run = unsafe { slice::from_raw_parts(start, run) };
            iov.copy_to_iter(run)
        });
        // SAFETY: `iov` has advanced by these bytes.
        let revert = |bytes| unsafe { iov.revert(bytes) };
        let outcome = CopyOutcome::new(wanted, copied, amount, revert);
        // INVARIANT: These bytes were in the ring. The producer may overwrite them only after they
        // were read, for which release would be enough. The barrier is as in `push_from`.
        *self.tail = self.tail.wrapping_add(outcome.copied as u64);
        ring.tail.position.xchg(*self.tail, Full);
        outcome
    }

    /// Discards all bytes, and returns how many there were. A full barrier follows.
    pub(crate) fn clear(&mut self) -> usize {
        let ring = self.ring;
        let head = ring.head.position.load(Acquire);
        let len = head.wrapping_sub(*self.tail);
        // INVARIANT: The ring is empty.
        *self.tail = head;
        ring.tail.position.xchg(head, Full);
        // After the tail, see `Ring::total_out`. The lock protects this value.
        let cleared = ring.cleared.load(Relaxed).wrapping_add(len);
        ring.cleared.store(cleared, Release);
        len as usize
    }
}
