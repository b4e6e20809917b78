// SPDX-License-Identifier: GPL-2.0

//! The bytes: a ring with one [`Producer`], one [`Consumer`], and no lock between them.
//!
//! Each end copies straight between the ring and the memory of a caller. What the one end may
//! touch the other may not, so both may copy at the same time. Each has a lock of its own, which
//! whoever wants the end waits for. The [`Ring`] itself is what anyone may look at.
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
    slice,
    sync::atomic::{
        compiler_fence,
        Ordering, //
    }, //
};
use kernel::{
    alloc::Flags,
    bindings,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    new_mutex,
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
        Mutex,
        MutexGuard, //
    },
    task::Task, //
};

/// One end of a ring, in a cache line of its own, since each end writes to its.
#[pin_data]
#[repr(align(64))]
struct End {
    /// A count of bytes since the ring was made, which wraps.
    position: Atomic<u64>,
    /// Whoever moves the position holds this, and has the same count here: what nobody else
    /// changes needs no atomic access.
    #[pin]
    lock: Mutex<u64>,
}

impl End {
    fn new(lock: impl PinInit<Mutex<u64>>) -> impl PinInit<Self> {
        pin_init!(Self {
            position: Atomic::new(0),
            lock <- lock,
        })
    }
}

/// What the two ends share.
///
/// Lock order: that of `head`, then that of `tail`.
///
/// # Invariants
///
/// - `capacity` is that of `buffer`.
/// - `head - tail`, which may wrap, is at most `capacity`.
/// - The byte at position `p` lies at `p % capacity`. Those at positions `tail..head` were written
///   and belong to whoever holds the lock of `tail`, who alone moves it. The others belong to
///   whoever holds the lock of `head`, who alone moves that.
/// - What is in the lock of `head` and that of `tail` is their position, when the lock is free.
/// - `capacity` and `buffer` change only while someone holds both locks.
#[pin_data]
pub(crate) struct Ring {
    /// Bytes ever put in.
    #[pin]
    head: End,
    /// Bytes ever taken out or cleared.
    #[pin]
    tail: End,
    /// Bytes ever cleared.
    cleared: Atomic<u64>,
    capacity: Atomic<usize>,
    buffer: UnsafeCell<Buffer>,
}

// SAFETY: By the type invariants each byte of `buffer` belongs to one end at a time and passes
// from one to the other by a release store and an acquire load of a position. The rest is atomics
// and locks.
unsafe impl Sync for Ring {}

/// The end that puts bytes in.
///
/// # Invariants
///
/// `head` is that of the ring, with its lock held, so that there is no other producer.
pub(crate) struct Producer<'a> {
    ring: &'a Ring,
    head: MutexGuard<'a, u64>,
}

/// The end that takes bytes out.
///
/// # Invariants
///
/// `tail` is that of the ring, with its lock held, so that there is no other consumer.
pub(crate) struct Consumer<'a> {
    ring: &'a Ring,
    tail: MutexGuard<'a, u64>,
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

    /// What a copy of `wanted` bytes came to that ended before its last `missing` bytes; if
    /// `whole`, what was copied is for `revert` to take back.
    #[cold]
    fn cut_short(wanted: usize, missing: usize, whole: bool, revert: impl FnOnce(usize)) -> Self {
        // They are a part of those.
        let bytes = wanted.wrapping_sub(missing);
        if !whole {
            return Self { bytes, missing };
        }
        revert(bytes);
        Self {
            bytes: 0,
            missing: wanted,
        }
    }
}

/// How many bytes a copy asks for at a time.
#[derive(Clone, Copy)]
pub(crate) enum Stride {
    /// All that lie in one run.
    Run,
    /// One, and [`PAGE_SIZE`] in all. A copy of many bytes may stop short of the first byte that
    /// cannot be copied: the processor may load or store several bytes at once. A copy of single
    /// bytes stops right there.
    Byte,
}

impl Stride {
    /// How many of `wanted` bytes to copy under one lock.
    fn limit(self, wanted: usize) -> usize {
        match self {
            Stride::Run => wanted,
            Stride::Byte => wanted.min(PAGE_SIZE),
        }
    }

    /// How many bytes of a run of `len` to ask for at once.
    fn of(self, len: usize) -> usize {
        match self {
            Stride::Run => len,
            Stride::Byte => len.min(1),
        }
    }
}

/// `__GFP_RETRY_MAYFAIL`, which the kernel crate lacks: an allocation beyond the limit of a memory
/// cgroup fails instead of killing one of its processes.
const RETRY_MAYFAIL: Flags =
    // SAFETY: `Flags` is a `u32` and nothing else, in which every combination of bits is valid.
    unsafe { mem::transmute::<u32, Flags>(1 << bindings::___GFP_RETRY_MAYFAIL_BIT) };

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
        let flags = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | RETRY_MAYFAIL;
        // INVARIANT: Just checked, and this is what is allocated.
        Ok(Self {
            memory: KVVec::with_capacity(capacity, flags)?,
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

impl Ring {
    /// Makes a ring with this memory.
    pub(crate) fn new(buffer: Buffer) -> impl PinInit<Self> {
        // INVARIANT: Nothing is in the ring, and all of the buffer belongs to the producer.
        pin_init!(Self {
            // Each end's lock is of a class of its own, as one may be held while the other is
            // taken.
            head <- End::new(new_mutex!(0, "rust_sample::Ring::head")),
            tail <- End::new(new_mutex!(0, "rust_sample::Ring::tail")),
            cleared: Atomic::new(0),
            capacity: Atomic::new(buffer.capacity),
            buffer: UnsafeCell::new(buffer),
        })
    }

    /// The end that puts bytes in. Waits until nobody else has it.
    #[inline]
    pub(crate) fn producer(&self) -> Producer<'_> {
        // INVARIANT: This is the lock of this ring's head.
        Producer {
            ring: self,
            head: self.head.lock.lock(),
        }
    }

    /// The end that takes bytes out. Waits until nobody else has it.
    #[inline]
    pub(crate) fn consumer(&self) -> Consumer<'_> {
        // INVARIANT: This is the lock of this ring's tail.
        Consumer {
            ring: self,
            tail: self.tail.lock.lock(),
        }
    }

    /// Gives the ring another buffer, with all that is in the ring at its place there, and leaves
    /// the old one in `buffer`.
    ///
    /// # Errors
    ///
    /// `EBUSY` if what is in the ring does not fit. Nothing has changed then.
    pub(crate) fn replace_buffer(&self, buffer: &mut Buffer) -> Result {
        let _producer = self.producer();
        let _consumer = self.consumer();
        let len = self.len();
        if len > buffer.capacity {
            return Err(EBUSY);
        }
        // SAFETY: Both ends are held, so nobody else touches the buffer.
        let old = unsafe { &mut *self.buffer.get() };
        let mut position = self.total_taken();
        let mut left = len;
        while left != 0 {
            let (from, run) = old.run(position, left);
            let (to, run) = buffer.run(position, run);
            // SAFETY: Both runs lie within their buffers, by the invariants of `Buffer`, and the
            // buffers don't overlap. The bytes were written, by those of `Ring`.
            unsafe { ptr::copy_nonoverlapping(from, to, run) };
            position = position.wrapping_add(run as u64);
            // No run is longer than what is left.
            left = left.wrapping_sub(run);
        }
        // INVARIANT: What is in the ring fits, and lies at its place in the new buffer.
        self.capacity.store(buffer.capacity, Relaxed);
        mem::swap(old, buffer);
        Ok(())
    }

    /// Bytes that the ring can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    /// Bytes that are in the ring: exact for who holds both ends; for others a value that was
    /// true a moment ago, or one in between two that were, and never above the capacity.
    // Out of line: no byte passes through here.
    #[inline(never)]
    pub(crate) fn len(&self) -> usize {
        // The tail first: it is then never ahead of the head, which may meanwhile have gone on.
        let tail = self.tail.position.load(Acquire);
        let head = self.head.position.load(Acquire);
        let len = usize::try_from(head.wrapping_sub(tail)).unwrap_or(usize::MAX);
        len.min(self.capacity())
    }

    /// Whether there is nothing to read.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // The tail first, as in `len()`.
        let tail = self.tail.position.load(Acquire);
        self.head.position.load(Acquire) == tail
    }

    /// Bytes ever put in.
    pub(crate) fn total_in(&self) -> u64 {
        self.head.position.load(Relaxed)
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
        self.tail.position.load(Relaxed)
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

impl Producer<'_> {
    /// Puts bytes of `iov` in as far as there is room; if `whole`, all of them or none, of which
    /// there must be no more than [`PAGE_SIZE`] then. A full barrier follows if it puts any in.
    // Inlined into both callers: the first try, which must be fast, and the later ones.
    #[inline(always)]
    pub(crate) fn push_from(
        &mut self,
        iov: &mut IovIterSource<'_>,
        whole: bool,
        stride: Stride,
    ) -> Copied {
        let _no_page_faults = NoPageFaults::new();
        let ring = self.ring;
        // SAFETY: This is one of the ends, which stays borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the consumer is done with the bytes that it has taken.
        let used = self.head.wrapping_sub(ring.tail.position.load(Acquire)) as usize;
        // Not less than zero, by the type invariants of `Ring`.
        let room = buffer.capacity.wrapping_sub(used);
        let mut wanted = iov.len();
        if room < wanted {
            if whole || room == 0 {
                return Copied::NOTHING;
            }
            wanted = room;
        }
        wanted = stride.limit(wanted);
        let mut position = *self.head;
        let mut missing = wanted;
        let copied = loop {
            let (run, len) = buffer.run(position, stride.of(missing));
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
                break Copied::cut_short(wanted, missing, whole, revert);
            }
        };
        // INVARIANT: These are not more than there was room for, and they were written. Who sees
        // the new head sees the bytes. Release would do for that; the barrier after it is for those
        // who wait, and cheaper here than by itself.
        *self.head = self.head.wrapping_add(copied.bytes as u64);
        ring.head.position.xchg(*self.head, Full);
        copied
    }
}

impl Consumer<'_> {
    /// Takes bytes out into `iov` as far as there are any; if `whole`, all of those or none. The
    /// bytes that do not reach `iov` stay. A full barrier follows if it takes any out.
    // As `Producer::push_from`.
    #[inline(always)]
    pub(crate) fn pop_into(
        &mut self,
        iov: &mut IovIterDest<'_>,
        whole: bool,
        stride: Stride,
    ) -> Copied {
        let _no_page_faults = NoPageFaults::new();
        let ring = self.ring;
        // SAFETY: This is one of the ends, which stays borrowed until this returns.
        let buffer = unsafe { ring.buffer() };
        // Acquire: the bytes up to the head can be seen.
        let used = ring.head.position.load(Acquire).wrapping_sub(*self.tail) as usize;
        let wanted = stride.limit(used.min(iov.len()));
        if wanted == 0 {
            return Copied::NOTHING;
        }
        let mut position = *self.tail;
        let mut missing = wanted;
        let copied = loop {
            let (run, len) = buffer.run(position, stride.of(missing));
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
                break Copied::cut_short(wanted, missing, whole, revert);
            }
        };
        // INVARIANT: These are not more than were there. The producer may overwrite them only
        // after they were read: release would do. The barrier is as in `Producer::push_from`.
        *self.tail = self.tail.wrapping_add(copied.bytes as u64);
        ring.tail.position.xchg(*self.tail, Full);
        copied
    }

    /// Drops all bytes, and returns how many there were. There is a full barrier after it.
    pub(crate) fn clear(&mut self) -> usize {
        let ring = self.ring;
        let head = ring.head.position.load(Acquire);
        let len = head.wrapping_sub(*self.tail);
        // INVARIANT: Nothing is left.
        *self.tail = head;
        ring.tail.position.xchg(head, Full);
        // After the tail, see `Ring::total_out`. Nobody else writes this.
        let cleared = ring.cleared.load(Relaxed).wrapping_add(len);
        ring.cleared.store(cleared, Release);
        len as usize
    }
}

/// Disables page faults of the current task while it lives: a copy ends at a non-present page
/// instead of waiting for it. This is `pagefault_disable()` of `include/linux/uaccess.h`, for
/// which there is no binding.
///
/// # Invariants
///
/// It is the current task's; as a pointer it is not `Send`, and so stays there.
struct NoPageFaults(*mut bindings::task_struct);

impl NoPageFaults {
    fn new() -> Self {
        let task = Task::current_raw();
        // SAFETY: The current task outlives this call, and it alone changes this field.
        unsafe { (*task).pagefault_disabled = (*task).pagefault_disabled.wrapping_add(1) };
        // The copy must come after it.
        compiler_fence(Ordering::SeqCst);
        // INVARIANT: This is the current task.
        Self(task)
    }
}

impl Drop for NoPageFaults {
    #[inline]
    fn drop(&mut self) {
        let task = self.0;
        // The copy must come before it.
        compiler_fence(Ordering::SeqCst);
        // SAFETY: By the type invariants this is the current task, which alone changes this field.
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

    fn make(capacity: usize) -> Result<Pin<KBox<Ring>>> {
        KBox::pin_init(Ring::new(Buffer::new(capacity)?), GFP_KERNEL)
    }

    fn push(ring: &Ring, data: &[u8], whole: bool) -> usize {
        with_source(data, |iov| {
            ring.producer().push_from(iov, whole, Stride::Run).bytes
        })
    }

    /// Takes up to `len` bytes, 16 at most, and says whether they are just `expected`.
    fn pops(ring: &Ring, len: usize, expected: &[u8]) -> bool {
        let mut data = [0; 16];
        let Some(data) = data.get_mut(..len) else {
            return false;
        };
        let bytes = with_dest(data, |iov| {
            ring.consumer().pop_into(iov, false, Stride::Run).bytes
        });
        data.get(..bytes) == Some(expected)
    }

    #[test]
    fn capacities() -> Result {
        assert!(matches!(Buffer::new(0), Err(EINVAL)));
        assert!(matches!(Buffer::new(3), Err(EINVAL)));
        assert_eq!(make(1)?.capacity(), 1);
        assert_eq!(make(8)?.capacity(), 8);
        Ok(())
    }

    #[test]
    fn empty_and_full() -> Result {
        let ring = make(8)?;
        assert!(ring.is_empty());
        assert!(pops(&ring, 1, b""));
        assert_eq!(push(&ring, b"01234567", false), 8);
        assert_eq!(ring.len(), 8);
        assert_eq!(push(&ring, b"8", false), 0);
        assert!(pops(&ring, 16, b"01234567"));
        assert!(ring.is_empty());
        Ok(())
    }

    #[test]
    fn part_or_whole() -> Result {
        let ring = make(8)?;
        assert_eq!(push(&ring, b"012345", true), 6);
        assert_eq!(push(&ring, b"678", true), 0);
        assert_eq!(push(&ring, b"678", false), 2);
        assert!(pops(&ring, 3, b"012"));
        assert!(pops(&ring, 16, b"34567"));
        Ok(())
    }

    #[test]
    fn wraps_everywhere() -> Result {
        let ring = make(8)?;
        for offset in 0..8 {
            for len in 0..=8 {
                let data = b"abcdefgh".get(..len).ok_or(EINVAL)?;
                assert_eq!(push(&ring, data, false), len);
                assert_eq!(ring.len(), len);
                assert!(pops(&ring, 16, data));
            }
            assert_eq!(ring.total_in() % 8, (offset * 37 + 36) % 8);
            assert_eq!(push(&ring, b"x", false), 1);
            assert!(pops(&ring, 1, b"x"));
        }
        Ok(())
    }

    #[test]
    fn positions_wrap() -> Result {
        let ring = make(8)?;
        // INVARIANT: Nothing is in the ring, as before.
        for end in [&ring.head, &ring.tail] {
            *end.lock.lock() = u64::MAX - 2;
            end.position.store(u64::MAX - 2, Relaxed);
        }
        assert_eq!(push(&ring, b"012345", false), 6);
        assert_eq!(ring.len(), 6);
        assert_eq!(push(&ring, b"678", false), 2);
        assert!(pops(&ring, 16, b"01234567"));
        assert_eq!(ring.total_in(), 5);
        Ok(())
    }

    #[test]
    fn clears() -> Result {
        let ring = make(8)?;
        push(&ring, b"012345", false);
        assert!(pops(&ring, 2, b"01"));
        assert_eq!(ring.consumer().clear(), 4);
        assert_eq!(ring.consumer().clear(), 0);
        assert!(ring.is_empty());
        assert_eq!(ring.total_in(), 6);
        assert_eq!(ring.total_out(), 2);
        assert_eq!(ring.total_cleared(), 4);
        Ok(())
    }

    #[test]
    fn keeps_bytes_in_another_buffer() -> Result {
        // From each offset, full and half full, into larger, equal and smaller buffers.
        for offset in 0..8 {
            for capacity in [4, 8, 16, 64] {
                for len in [0, 1, 4, 8] {
                    let ring = make(8)?;
                    for _ in 0..offset {
                        push(&ring, b"x", false);
                        assert!(pops(&ring, 1, b"x"));
                    }
                    let data = b"abcdefgh".get(..len).ok_or(EINVAL)?;
                    push(&ring, data, false);
                    let result = ring.replace_buffer(&mut Buffer::new(capacity)?);
                    if len > capacity {
                        assert!(matches!(result, Err(EBUSY)));
                        assert_eq!(ring.capacity(), 8);
                    } else {
                        assert!(result.is_ok());
                        assert_eq!(ring.capacity(), capacity);
                        let room = capacity - len;
                        assert_eq!(push(&ring, b"01234567", false), room.min(8));
                    }
                    assert_eq!(ring.total_out(), offset);
                    assert!(pops(&ring, len, data));
                }
            }
        }
        Ok(())
    }
}
