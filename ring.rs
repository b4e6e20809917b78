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
    mem::{
        self,
        MaybeUninit, //
    },
    ptr,
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
    task::Task, //
};

/// A count of bytes since the ring was made, which wraps; in a cache line of its own, since the
/// two ends write to one each.
#[repr(align(64))]
struct Position(Atomic<u64>);

/// What the two ends share.
///
/// # Invariants
///
/// - `capacity` is that of `buffer`.
/// - `head - tail`, which may wrap, is at most `capacity`.
/// - The byte at position `p` lies at `p % capacity`. Those at positions `tail..head` were written
///   and belong to the one consumer of this ring, which alone moves `tail`. The others belong to
///   the one producer of this ring, which alone moves `head`.
/// - `capacity` and `buffer` change only while someone holds both ends exclusively.
pub(crate) struct Ring {
    /// Bytes ever put in.
    head: Position,
    /// Bytes ever taken out or cleared.
    tail: Position,
    /// Bytes ever cleared.
    cleared: Atomic<u64>,
    capacity: Atomic<usize>,
    buffer: UnsafeCell<Buffer>,
}

// SAFETY: By the type invariants each byte of `buffer` belongs to one end at a time and passes
// from one to the other by a release store and an acquire load of a position. The rest is atomics.
unsafe impl Sync for Ring {}

/// The end that puts bytes in.
///
/// # Invariants
///
/// The ring has no other producer, and its head is `head`.
pub(crate) struct Producer {
    ring: Arc<Ring>,
    /// What nobody else changes needs no atomic access.
    head: u64,
}

/// The end that takes bytes out.
///
/// # Invariants
///
/// The ring has no other consumer, and its tail is `tail`.
pub(crate) struct Consumer {
    ring: Arc<Ring>,
    /// As the producer's `head`.
    tail: u64,
}

/// What a copy came to.
pub(crate) struct Copied {
    /// Bytes that were copied and have passed from one side to the other.
    pub(crate) bytes: usize,
    /// Bytes that could have been copied too, had the page where the copy ended been there; 0 if
    /// no page was missing.
    pub(crate) missing: usize,
}

impl Copied {
    const NOTHING: Self = Self {
        bytes: 0,
        missing: 0,
    };

    /// What a copy came to that ended before its last `missing` bytes; if `whole`, what was copied
    /// is for `revert` to take back.
    #[cold]
    fn cut_short(bytes: usize, missing: usize, whole: bool, revert: impl FnOnce(usize)) -> Self {
        if !whole {
            return Self { bytes, missing };
        }
        revert(bytes);
        Self {
            bytes: 0,
            missing: bytes + missing,
        }
    }
}

/// The memory of a ring.
///
/// # Invariants
///
/// `memory` has room for `capacity` bytes, a power of two; its length as a vector is zero.
pub(crate) struct Buffer {
    memory: KVVec<u8>,
    capacity: usize,
}

impl Buffer {
    /// Allocates memory for `capacity` bytes, which must be a power of two. It is charged to the
    /// caller's control group.
    ///
    /// # Errors
    ///
    /// `EINVAL` for another capacity. `ENOMEM`, without a word in the log, as an ordinary user may
    /// ask for a lot.
    pub(crate) fn new(capacity: usize) -> Result<Self> {
        if !capacity.is_power_of_two() {
            return Err(EINVAL);
        }
        // INVARIANT: Just checked, and this is what is allocated.
        Ok(Self {
            memory: KVVec::with_capacity(capacity, GFP_KERNEL_ACCOUNT | __GFP_NOWARN)?,
            capacity,
        })
    }

    /// The memory from `position` on, and how many of `len` bytes lie there in one run.
    fn run(&self, position: u64, len: usize) -> (*mut u8, usize) {
        // A power of two divides 2^64 and 2^32 alike: neither wrapping nor the cast to a smaller
        // `usize` changes where a position lies.
        let offset = position as usize & self.capacity.wrapping_sub(1);
        let start = self.memory.as_ptr().cast_mut().wrapping_add(offset);
        (start, len.min(self.capacity.wrapping_sub(offset)))
    }
}

/// Makes a ring with this memory.
///
/// # Errors
///
/// `ENOMEM`.
pub(crate) fn new(buffer: Buffer) -> Result<(Producer, Consumer)> {
    // INVARIANT: Nothing is in the ring, and all of the buffer belongs to the only producer.
    let ring = Arc::new(
        Ring {
            head: Position(Atomic::new(0)),
            tail: Position(Atomic::new(0)),
            cleared: Atomic::new(0),
            capacity: Atomic::new(buffer.capacity),
            buffer: UnsafeCell::new(buffer),
        },
        GFP_KERNEL,
    )?;
    // INVARIANT: These are the ring's first and only ends.
    Ok((
        Producer {
            ring: ring.clone(),
            head: 0,
        },
        Consumer { ring, tail: 0 },
    ))
}

/// Gives the ring of these two ends another buffer, with all that is in the ring at its place
/// there, and returns the old one.
///
/// # Errors
///
/// `EBUSY` if what is in the ring does not fit, `EINVAL` if the ends are not of one ring. `buffer`
/// is dropped then.
pub(crate) fn replace_buffer(
    producer: &mut Producer,
    consumer: &mut Consumer,
    buffer: Buffer,
) -> Result<Buffer> {
    if !Arc::ptr_eq(&producer.ring, &consumer.ring) {
        return Err(EINVAL);
    }
    let ring = &*producer.ring;
    let len = ring.len();
    if len > buffer.capacity {
        return Err(EBUSY);
    }
    // SAFETY: Both ends are borrowed exclusively, so nobody else touches the buffer.
    let old = unsafe { &mut *ring.buffer.get() };
    let tail = ring.total_taken();
    let mut bytes = 0;
    while bytes < len {
        let position = tail.wrapping_add(bytes as u64);
        let (from, run) = old.run(position, len - bytes);
        let (to, run) = buffer.run(position, run);
        // SAFETY: Both runs lie within their buffers, by the invariants of `Buffer`, and the
        // buffers don't overlap. The bytes were written, by those of `Ring`.
        unsafe { ptr::copy_nonoverlapping(from, to, run) };
        bytes += run;
    }
    // INVARIANT: What is in the ring fits, and lies at its place in the new buffer.
    ring.capacity.store(buffer.capacity, Relaxed);
    Ok(mem::replace(old, buffer))
}

impl Ring {
    /// Bytes that the ring can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    /// Bytes that are in the ring: exact for who holds both ends; for others a value that was
    /// true a moment ago, or one in between two that were, and never above the capacity.
    // Not where the bytes go their way, so once is enough.
    #[inline(never)]
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

    /// Bytes ever taken out, without those that were cleared.
    pub(crate) fn total_out(&self) -> u64 {
        // In this order, and acquire: the tail is never behind what was cleared.
        let cleared = self.cleared.load(Acquire);
        self.total_taken().wrapping_sub(cleared)
    }

    /// Bytes ever cleared.
    pub(crate) fn total_cleared(&self) -> u64 {
        self.cleared.load(Relaxed)
    }

    /// Bytes ever taken out or cleared.
    fn total_taken(&self) -> u64 {
        self.tail.0.load(Relaxed)
    }

    /// The buffer.
    ///
    /// # Safety
    ///
    /// The caller must hold one of the ends for as long as the reference is used.
    unsafe fn buffer(&self) -> &Buffer {
        // SAFETY: Only who holds both ends exclusively changes the buffer.
        unsafe { &*self.buffer.get() }
    }
}

impl Producer {
    /// The ring of this end.
    pub(crate) fn ring(&self) -> &Arc<Ring> {
        &self.ring
    }

    /// Puts bytes of `iov` in as far as there is room; if `whole`, all of them or none.
    // Into each caller: there are two, the first try and those after it, and the first is what
    // takes the time.
    #[inline(always)]
    pub(crate) fn push_from(&mut self, iov: &mut IovIterSource<'_>, whole: bool) -> Copied {
        let _no_page_faults = NoPageFaults::new();
        let ring = &*self.ring;
        // SAFETY: This is one of the ends, which stays borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the consumer is done with the bytes that it has taken.
        let used = self.head.wrapping_sub(ring.tail.0.load(Acquire)) as usize;
        // Not less than zero, by the type invariants of `Ring`.
        let room = buffer.capacity.wrapping_sub(used);
        let mut wanted = iov.len();
        if room < wanted {
            if whole || room == 0 {
                return Copied::NOTHING;
            }
            wanted = room;
        }
        let mut position = self.head;
        let mut missing = wanted;
        let copied = loop {
            let (run, len) = buffer.run(position, missing);
            // SAFETY: By the type invariants of `Ring` the bytes from `head` on that are free
            // belong to this end, of which there is but one and which is borrowed exclusively.
            // `run` never leaves the buffer, and memory that was never written is allowed here.
            let run = unsafe { slice::from_raw_parts_mut(run.cast::<MaybeUninit<u8>>(), len) };
            let copied = iov.copy_from_iter_raw(run).len();
            position = position.wrapping_add(copied as u64);
            // No copy is longer than its run.
            missing = missing.wrapping_sub(copied);
            if missing == 0 {
                break Copied {
                    bytes: wanted,
                    missing,
                };
            }
            if copied < len {
                // SAFETY: The iterator has advanced by just these bytes above.
                let revert = |bytes| unsafe { iov.revert(bytes) };
                break Copied::cut_short(wanted - missing, missing, whole, revert);
            }
        };
        // INVARIANT: These are not more than there was room for, and they were written. Release:
        // who sees the new head sees the bytes.
        self.head = self.head.wrapping_add(copied.bytes as u64);
        ring.head.0.store(self.head, Release);
        copied
    }
}

impl Consumer {
    /// Takes bytes out into `iov` as far as there are any; if `whole`, all of those or none. What
    /// did not reach `iov` stays.
    // As `Producer::push_from`.
    #[inline(always)]
    pub(crate) fn pop_into(&mut self, iov: &mut IovIterDest<'_>, whole: bool) -> Copied {
        let _no_page_faults = NoPageFaults::new();
        let ring = &*self.ring;
        // SAFETY: This is one of the ends, which stays borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the bytes up to the head can be seen.
        let used = ring.head.0.load(Acquire).wrapping_sub(self.tail) as usize;
        let wanted = used.min(iov.len());
        if wanted == 0 {
            return Copied::NOTHING;
        }
        let mut position = self.tail;
        let mut missing = wanted;
        let copied = loop {
            let (run, len) = buffer.run(position, missing);
            // SAFETY: By the type invariants of `Ring` the bytes up to `head` were written and
            // belong to this end, of which there is but one and which is borrowed exclusively.
            // `run` never leaves the buffer.
            let run = unsafe { slice::from_raw_parts(run, len) };
            let copied = iov.copy_to_iter(run);
            position = position.wrapping_add(copied as u64);
            // No copy is longer than its run.
            missing = missing.wrapping_sub(copied);
            if missing == 0 {
                break Copied {
                    bytes: wanted,
                    missing,
                };
            }
            if copied < len {
                // SAFETY: The iterator has advanced by just these bytes above.
                let revert = |bytes| unsafe { iov.revert(bytes) };
                break Copied::cut_short(wanted - missing, missing, whole, revert);
            }
        };
        // INVARIANT: These are not more than were there. Release: the producer may overwrite them
        // only after they were read.
        self.tail = self.tail.wrapping_add(copied.bytes as u64);
        ring.tail.0.store(self.tail, Release);
        copied
    }

    /// Drops all bytes, and returns how many there were.
    pub(crate) fn clear(&mut self) -> usize {
        let ring = &*self.ring;
        let head = ring.head.0.load(Acquire);
        let len = head.wrapping_sub(self.tail);
        // INVARIANT: Nothing is left.
        self.tail = head;
        ring.tail.0.store(head, Release);
        // After the tail, see `Ring::total_out`. Nobody else writes this.
        let cleared = ring.cleared.load(Relaxed).wrapping_add(len);
        ring.cleared.store(cleared, Release);
        len as usize
    }
}

/// While this lives, a copy by this task ends at a page that is not there instead of waiting for
/// it: `pagefault_disable()` of `include/linux/uaccess.h`, for which there is no binding.
///
/// # Invariants
///
/// It is the current task's; as a pointer it is not `Send`, and so stays there.
struct NoPageFaults(*mut bindings::task_struct);

impl NoPageFaults {
    fn new() -> Self {
        let task = Task::current_raw();
        // SAFETY: The current task outlives this call, and it alone changes this field. The copy
        // that follows is a call into C, which the compiler moves no store across.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_add(1) };
        // INVARIANT: This is the current task.
        Self(task)
    }
}

impl Drop for NoPageFaults {
    #[inline]
    fn drop(&mut self) {
        let task = self.0;
        // SAFETY: As in `new`, by the type invariants.
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

#[cfg(CONFIG_KUNIT = "y")]
pub(crate) mod testing {
    //! Iterators over the kernel's own memory, for the tests here and of those who use the ring.

    use super::*;
    use core::mem::MaybeUninit;

    fn with_iter<R>(
        data: *mut u8,
        len: usize,
        direction: u32,
        f: impl FnOnce(*mut bindings::iov_iter) -> R,
    ) -> R {
        let part = bindings::kvec {
            iov_base: data.cast(),
            iov_len: len,
        };
        let mut iter = MaybeUninit::uninit();
        // SAFETY: Both live until `f` has returned.
        unsafe { bindings::iov_iter_kvec(iter.as_mut_ptr(), direction, &part, 1, len) };
        f(iter.as_mut_ptr())
    }

    /// Calls `f` with an iterator that reads from `data`.
    pub(crate) fn with_source<R>(data: &[u8], f: impl FnOnce(&mut IovIterSource<'_>) -> R) -> R {
        with_iter(
            data.as_ptr().cast_mut(),
            data.len(),
            bindings::ITER_SOURCE,
            // SAFETY: It is a valid iterator that nothing is written through.
            |iter| f(unsafe { IovIterSource::from_raw(iter) }),
        )
    }

    /// Calls `f` with an iterator that writes into `data`.
    pub(crate) fn with_dest<R>(data: &mut [u8], f: impl FnOnce(&mut IovIterDest<'_>) -> R) -> R {
        with_iter(
            data.as_mut_ptr(),
            data.len(),
            bindings::ITER_DEST,
            // SAFETY: It is a valid iterator over memory that is borrowed exclusively.
            |iter| f(unsafe { IovIterDest::from_raw(iter) }),
        )
    }
}

#[kunit_tests(rust_sample_ring)]
mod tests {
    use super::{
        testing::{
            with_dest,
            with_source, //
        },
        *,
    };

    fn make(capacity: usize) -> Result<(Producer, Consumer)> {
        super::new(Buffer::new(capacity)?)
    }

    fn push(producer: &mut Producer, data: &[u8], whole: bool) -> usize {
        with_source(data, |iov| producer.push_from(iov, whole).bytes)
    }

    /// Takes up to `len` bytes, 16 at most, and says whether they are just `expected`.
    fn pops(consumer: &mut Consumer, len: usize, expected: &[u8]) -> bool {
        let mut data = [0; 16];
        let Some(data) = data.get_mut(..len) else {
            return false;
        };
        let bytes = with_dest(data, |iov| consumer.pop_into(iov, false).bytes);
        data.get(..bytes) == Some(expected)
    }

    #[test]
    fn capacities() -> Result {
        assert!(matches!(Buffer::new(0), Err(EINVAL)));
        assert!(matches!(Buffer::new(3), Err(EINVAL)));
        assert_eq!(make(1)?.0.ring().capacity(), 1);
        assert_eq!(make(8)?.0.ring().capacity(), 8);
        Ok(())
    }

    #[test]
    fn empty_and_full() -> Result {
        let (mut producer, mut consumer) = make(8)?;
        assert!(producer.ring().is_empty());
        assert!(pops(&mut consumer, 1, b""));
        assert_eq!(push(&mut producer, b"01234567", false), 8);
        assert_eq!(producer.ring().len(), 8);
        assert_eq!(push(&mut producer, b"8", false), 0);
        assert!(pops(&mut consumer, 16, b"01234567"));
        assert!(producer.ring().is_empty());
        Ok(())
    }

    #[test]
    fn part_or_whole() -> Result {
        let (mut producer, mut consumer) = make(8)?;
        assert_eq!(push(&mut producer, b"012345", true), 6);
        assert_eq!(push(&mut producer, b"678", true), 0);
        assert_eq!(push(&mut producer, b"678", false), 2);
        assert!(pops(&mut consumer, 3, b"012"));
        assert!(pops(&mut consumer, 16, b"34567"));
        Ok(())
    }

    #[test]
    fn wraps_everywhere() -> Result {
        let (mut producer, mut consumer) = make(8)?;
        for offset in 0..8 {
            for len in 0..=8 {
                let data = b"abcdefgh".get(..len).ok_or(EINVAL)?;
                assert_eq!(push(&mut producer, data, false), len);
                assert_eq!(producer.ring().len(), len);
                assert!(pops(&mut consumer, 16, data));
            }
            assert_eq!(producer.ring().total_in() % 8, (offset * 37 + 36) % 8);
            assert_eq!(push(&mut producer, b"x", false), 1);
            assert!(pops(&mut consumer, 1, b"x"));
        }
        Ok(())
    }

    #[test]
    fn positions_wrap() -> Result {
        let (mut producer, mut consumer) = make(8)?;
        // INVARIANT: Nothing is in the ring, as before.
        producer.head = u64::MAX - 2;
        consumer.tail = u64::MAX - 2;
        producer.ring.head.0.store(u64::MAX - 2, Relaxed);
        producer.ring.tail.0.store(u64::MAX - 2, Relaxed);
        assert_eq!(push(&mut producer, b"012345", false), 6);
        assert_eq!(producer.ring().len(), 6);
        assert_eq!(push(&mut producer, b"678", false), 2);
        assert!(pops(&mut consumer, 16, b"01234567"));
        assert_eq!(producer.ring().total_in(), 5);
        Ok(())
    }

    #[test]
    fn clears() -> Result {
        let (mut producer, mut consumer) = make(8)?;
        push(&mut producer, b"012345", false);
        assert!(pops(&mut consumer, 2, b"01"));
        assert_eq!(consumer.clear(), 4);
        assert_eq!(consumer.clear(), 0);
        assert!(producer.ring().is_empty());
        assert_eq!(producer.ring().total_in(), 6);
        assert_eq!(producer.ring().total_out(), 2);
        assert_eq!(producer.ring().total_cleared(), 4);
        Ok(())
    }

    #[test]
    fn keeps_bytes_in_another_buffer() -> Result {
        // From each offset, full and half full, into larger, equal and smaller buffers.
        for offset in 0..8 {
            for capacity in [4, 8, 16, 64] {
                for len in [0, 1, 4, 8] {
                    let (mut producer, mut consumer) = make(8)?;
                    for _ in 0..offset {
                        push(&mut producer, b"x", false);
                        assert!(pops(&mut consumer, 1, b"x"));
                    }
                    let data = b"abcdefgh".get(..len).ok_or(EINVAL)?;
                    push(&mut producer, data, false);
                    let new = Buffer::new(capacity)?;
                    let result = replace_buffer(&mut producer, &mut consumer, new);
                    if len > capacity {
                        assert!(matches!(result, Err(EBUSY)));
                        assert_eq!(producer.ring().capacity(), 8);
                    } else {
                        assert!(result.is_ok());
                        assert_eq!(producer.ring().capacity(), capacity);
                        let room = capacity - len;
                        assert_eq!(push(&mut producer, b"01234567", false), room.min(8));
                    }
                    assert_eq!(producer.ring().total_out(), offset);
                    assert!(pops(&mut consumer, len, data));
                }
            }
        }
        Ok(())
    }

    #[test]
    fn ends_of_two_rings() -> Result {
        let (mut producer, _) = make(8)?;
        let (_, mut consumer) = make(8)?;
        let result = replace_buffer(&mut producer, &mut consumer, Buffer::new(8)?);
        assert!(matches!(result, Err(EINVAL)));
        Ok(())
    }
}
