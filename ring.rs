// SPDX-License-Identifier: GPL-2.0

//! The bytes: a ring with one [`Producer`], one [`Consumer`], and no lock between them.
//!
//! Each end copies straight between the ring and the memory of a caller. What the one end may
//! touch the other may not, so both may copy at the same time. [`Ring`] is what they share, and
//! what anyone may look at.
//!
//! The copies run with page faults disabled: whoever holds an end, and a lock around it, is never
//! held up by a page that takes long to come, or that never comes. A copy that met such a page
//! says so; the caller lets the end go, brings the page in with [`fault_in_source`] or
//! [`fault_in_dest`], and tries again.

use core::{
    cell::UnsafeCell,
    mem::MaybeUninit,
    slice, //
};
use kernel::{
    bindings,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed,
            Release, //
        },
        Arc, //
    },
    task::Task,
    types::NotThreadSafe, //
};

/// A count of bytes since the ring was made, which wraps; in a cache line of its own, since the
/// two ends write to one each.
#[repr(align(64))]
struct Position(Atomic<u64>);

/// What the two ends share.
///
/// # Invariants
///
/// - `capacity` is a power of two, and `buffer` has room for that many bytes.
/// - `head - tail`, which may wrap, is at most `capacity`.
/// - The byte at position `p` lies at `p % capacity`. Those at positions `tail..head` were written
///   and belong to the one consumer of this ring, which alone moves `tail`. The others belong to
///   the one producer of this ring, which alone moves `head`.
/// - `capacity` and `buffer` change only while someone holds both ends exclusively.
pub(crate) struct Ring {
    /// Bytes ever put in.
    head: Position,
    /// Bytes ever taken out.
    tail: Position,
    capacity: Atomic<usize>,
    /// The memory; its length as a vector stays zero.
    buffer: UnsafeCell<KVVec<u8>>,
}

// SAFETY: By the type invariants each byte of `buffer` belongs to one end at a time and passes
// from one to the other by a release store and an acquire load of a position. The rest is atomics.
unsafe impl Sync for Ring {}

/// The end that puts bytes in.
///
/// # Invariants
///
/// The ring has no other producer.
pub(crate) struct Producer(Arc<Ring>);

/// The end that takes bytes out.
///
/// # Invariants
///
/// The ring has no other consumer.
pub(crate) struct Consumer(Arc<Ring>);

/// What a copy came to.
pub(crate) struct Copied {
    /// Bytes that were copied and have passed from one side to the other.
    pub(crate) bytes: usize,
    /// Bytes that could have been copied too, had the page where the copy ended been there; 0 if
    /// no page was missing.
    pub(crate) missing: usize,
}

/// Makes a ring of `capacity` bytes, which must be a power of two.
///
/// # Errors
///
/// `EINVAL` for another capacity, `ENOMEM` without a word in the log, as an ordinary user may ask
/// for a large one. The memory is charged to the caller's control group.
pub(crate) fn new(capacity: usize) -> Result<(Producer, Consumer)> {
    if !capacity.is_power_of_two() {
        return Err(EINVAL);
    }
    // INVARIANT: Nothing is in the ring, and all of the buffer belongs to the only producer.
    let ring = Arc::new(
        Ring {
            head: Position(Atomic::new(0)),
            tail: Position(Atomic::new(0)),
            capacity: Atomic::new(capacity),
            buffer: UnsafeCell::new(KVVec::with_capacity(
                capacity,
                GFP_KERNEL_ACCOUNT | __GFP_NOWARN,
            )?),
        },
        GFP_KERNEL,
    )?;
    // INVARIANT: These are the ring's first and only ends.
    Ok((Producer(ring.clone()), Consumer(ring)))
}

impl Ring {
    /// Bytes that the ring can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    /// Bytes that are in the ring: exact for who holds both ends; for others a value that was
    /// true a moment ago, or one in between two that were, and never above the capacity.
    pub(crate) fn len(&self) -> usize {
        // The tail first: it is then never ahead of the head, which may meanwhile have gone on.
        let tail = self.tail.0.load(Acquire);
        let head = self.head.0.load(Acquire);
        let len = usize::try_from(head.wrapping_sub(tail)).unwrap_or(usize::MAX);
        len.min(self.capacity())
    }

    /// Whether there is nothing to read.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes ever put in.
    pub(crate) fn total_in(&self) -> u64 {
        self.head.0.load(Relaxed)
    }

    /// Bytes ever taken out.
    pub(crate) fn total_out(&self) -> u64 {
        self.tail.0.load(Relaxed)
    }

    /// The memory from `position` on, and how many of `len` bytes lie there in one run.
    fn run(&self, position: u64, len: usize) -> (*mut u8, usize) {
        let capacity = self.capacity();
        // A power of two divides 2^64 and 2^32 alike, so neither wrapping nor the cast to a
        // smaller `usize` changes where a position lies.
        let offset = position as usize & (capacity - 1);
        // SAFETY: Only who holds both ends exclusively changes the vector, and the caller has one.
        let buffer = unsafe { &*self.buffer.get() }.as_ptr().cast_mut();
        (buffer.wrapping_add(offset), len.min(capacity - offset))
    }
}

impl Producer {
    /// The ring of this end.
    pub(crate) fn ring(&self) -> &Arc<Ring> {
        &self.0
    }

    /// Puts bytes of `iov` in as far as there is room; if `whole`, all of them or none.
    pub(crate) fn push_from(&mut self, iov: &mut IovIterSource<'_>, whole: bool) -> Copied {
        let ring = &*self.0;
        let head = ring.head.0.load(Relaxed);
        // Acquire: the consumer is done with the bytes that it has taken.
        let used = head.wrapping_sub(ring.tail.0.load(Acquire)) as usize;
        let len = iov.len();
        let room = ring.capacity().saturating_sub(used).min(len);
        let mut bytes = 0;
        if room == 0 || (whole && room < len) {
            return Copied { bytes, missing: 0 };
        }
        let no_page_faults = NoPageFaults::new();
        while bytes < room {
            let (run, len) = ring.run(head.wrapping_add(bytes as u64), room - bytes);
            // SAFETY: By the type invariants of `Ring` the bytes from `head` on that are free
            // belong to this end, of which there is but one and which is borrowed exclusively.
            // `run` never leaves the buffer, and memory that was never written is allowed here.
            let run = unsafe { slice::from_raw_parts_mut(run.cast::<MaybeUninit<u8>>(), len) };
            let copied = iov.copy_from_iter_raw(run).len();
            bytes += copied;
            if copied < len {
                break;
            }
        }
        drop(no_page_faults);
        let mut missing = room - bytes;
        if whole && missing > 0 {
            // SAFETY: The iterator has advanced by just these bytes above.
            unsafe { iov.revert(bytes) };
            missing = room;
            bytes = 0;
        }
        // INVARIANT: `bytes` is at most the room, and these bytes were written. Release: who sees
        // the new head sees the bytes.
        ring.head.0.store(head.wrapping_add(bytes as u64), Release);
        Copied { bytes, missing }
    }
}

impl Consumer {
    /// Takes bytes out into `iov` as far as there are any. Those that did not reach `iov` stay.
    pub(crate) fn pop_into(&mut self, iov: &mut IovIterDest<'_>) -> Copied {
        let ring = &*self.0;
        let tail = ring.tail.0.load(Relaxed);
        // Acquire: the bytes up to the head can be seen.
        let used = ring.head.0.load(Acquire).wrapping_sub(tail) as usize;
        let there = used.min(iov.len());
        let mut bytes = 0;
        let no_page_faults = NoPageFaults::new();
        while bytes < there {
            let (run, len) = ring.run(tail.wrapping_add(bytes as u64), there - bytes);
            // SAFETY: By the type invariants of `Ring` the bytes up to `head` were written and
            // belong to this end, of which there is but one and which is borrowed exclusively.
            // `run` never leaves the buffer.
            let run = unsafe { slice::from_raw_parts(run, len) };
            let copied = iov.copy_to_iter(run);
            bytes += copied;
            if copied < len {
                break;
            }
        }
        drop(no_page_faults);
        // INVARIANT: `bytes` is at most what was there. Release: the producer may overwrite them
        // only after they were read.
        ring.tail.0.store(tail.wrapping_add(bytes as u64), Release);
        Copied {
            bytes,
            missing: there - bytes,
        }
    }
}

/// While this lives, a copy by this task ends at a page that is not there instead of waiting for
/// it: `pagefault_disable()` of `include/linux/uaccess.h`, for which there is no binding.
struct NoPageFaults(NotThreadSafe);

impl NoPageFaults {
    fn new() -> Self {
        let task = Task::current_raw();
        // SAFETY: The current task outlives this call, and it alone changes this field. The copy
        // that follows is a call into C, which the compiler moves no store across.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_add(1) };
        Self(NotThreadSafe)
    }
}

impl Drop for NoPageFaults {
    fn drop(&mut self) {
        let task = Task::current_raw();
        // SAFETY: As in `new`, and the type is not `Send`, so that this is the same task.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_sub(1) };
    }
}

/// Brings the next `len` bytes of `iov` in, to be read. Returns how many of them can be. Sleeps as
/// long as their pages take, so the caller should hold nothing that others need.
pub(crate) fn fault_in_source(iov: &mut IovIterSource<'_>, len: usize) -> usize {
    // SAFETY: The pointer is that of a valid iterator.
    len.saturating_sub(unsafe { bindings::fault_in_iov_iter_readable(iov.as_raw(), len) })
}

/// Brings the next `len` bytes of `iov` in, to be written. Returns how many of them can be. Sleeps
/// as long as their pages take, so the caller should hold nothing that others need.
pub(crate) fn fault_in_dest(iov: &mut IovIterDest<'_>, len: usize) -> usize {
    // SAFETY: The pointer is that of a valid iterator.
    len.saturating_sub(unsafe { bindings::fault_in_iov_iter_writeable(iov.as_raw(), len) })
}
