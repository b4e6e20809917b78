// SPDX-License-Identifier: GPL-2.0

//! The bytes of the FIFO: a ring with one [`Producer`](ends::Producer), one
//! [`Consumer`](ends::Consumer), and no lock between them.
//!
//! Each end has a mutex of its own, and copies straight between the ring and the caller's memory.
//! The two ends never touch the same bytes, so they copy at the same time. Any task can look at
//! the [`Ring`] itself.

mod ends;

use super::buffer::{
    Buffer,
    Memory, //
};
use core::{
    cell::UnsafeCell,
    mem,
    ptr, //
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Relaxed, //
        },
        Mutex, //
    }, //
};

/// One end of a ring. It has a cache line of its own, as each end writes to its own.
#[pin_data]
#[repr(align(64))]
struct End {
    /// How many bytes have passed since the ring was created. Wraps.
    position: Atomic<u64>,
    /// Held to advance `position`. It mirrors the value, so that the holder needs no atomic load.
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

/// The state that both ends share.
///
/// Lock order: the lock of `head`, then that of `tail`.
///
/// # Invariants
///
/// - `allocated` is the capacity of `buffer`, and, while a lock is free, at most `capacity`.
/// - `head - tail`, which may wrap, is at most `allocated`.
/// - The byte at position `p` lies at offset `p % allocated`. The bytes at positions `tail..head` are
///   initialized and belong to the holder of the lock of `tail`, which alone advances it. The other
///   bytes belong to the holder of the lock of `head`, which alone advances that.
/// - The value in each lock is the position of its end while the lock is free.
/// - `capacity`, `allocated` and `buffer` change only while one task holds both locks.
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
    /// How many bytes `buffer` holds: fewer than the capacity until a write needs more.
    allocated: Atomic<usize>,
    buffer: UnsafeCell<Buffer>,
}

// SAFETY: By the type invariants `buffer` changes only while one task holds both locks, and each end
// uses it under its lock. Each byte belongs to one end at a time, and passes from one to the other by
// a release store and an acquire load of a position. The other fields are atomics and locks.
unsafe impl Sync for Ring {}

impl Ring {
    /// Creates an empty ring that can hold `capacity` bytes. `buffer` holds as many or fewer.
    pub(crate) fn new(capacity: usize, buffer: Buffer) -> impl PinInit<Self> {
        // INVARIANT: The ring is empty, and all of the buffer belongs to the producer.
        pin_init!(Self {
            // Each lock has a class of its own, as one is taken while the other is held.
            head <- End::new(new_mutex!(0, "Ring::head")),
            tail <- End::new(new_mutex!(0, "Ring::tail")),
            cleared: Atomic::new(0),
            capacity: Atomic::new(capacity),
            allocated: Atomic::new(buffer.capacity()),
            buffer: UnsafeCell::new(buffer),
        })
    }

    /// Moves all bytes into `buffer`, whose capacity becomes that of the ring, and leaves the old
    /// buffer in its place.
    ///
    /// # Errors
    ///
    /// `EPERM` if the new capacity is above both `limit` and the present one, `EBUSY` if the bytes
    /// do not fit. Nothing has changed then.
    pub(crate) fn replace_buffer(&self, buffer: &mut Buffer, limit: usize) -> Result {
        let (_producer, _consumer) = (self.producer(), self.consumer());
        let capacity = buffer.capacity();
        if capacity > limit.max(self.capacity()) {
            return Err(EPERM);
        }
        // SAFETY: This task holds both ends.
        unsafe { self.move_bytes(buffer) }?;
        self.capacity.store(capacity, Relaxed);
        Ok(())
    }

    /// Moves all bytes into a larger buffer, and leaves the old one in `buffer`. Does nothing if
    /// another task has allocated as much meanwhile, or has reduced the capacity.
    pub(crate) fn grow_buffer(&self, buffer: &mut Buffer) -> Result {
        let (_producer, _consumer) = (self.producer(), self.consumer());
        if buffer.capacity() <= self.allocated() || buffer.capacity() > self.capacity() {
            return Ok(());
        }
        // SAFETY: This task holds both ends.
        unsafe { self.move_bytes(buffer) }
    }

    /// Moves all bytes into another buffer.
    ///
    /// # Errors
    ///
    /// `EBUSY` if they do not fit. Nothing has changed then.
    ///
    /// # Safety
    ///
    /// The caller must hold both ends of this ring.
    unsafe fn move_bytes(&self, buffer: &mut Buffer) -> Result {
        let len = self.len();
        if len > buffer.capacity() {
            return Err(EBUSY);
        }
        // SAFETY: The caller holds both ends, so no other task touches the buffer.
        let old = unsafe { &mut *self.buffer.get() };
        let mut position = self.tail_position();
        let mut left = len;
        while left != 0 {
            let (from, run) = old.contiguous(position, left);
            let (to, run) = buffer.contiguous(position, run);
            // SAFETY: Both runs lie within their buffers, by the invariants of `Buffer`, and the
            // buffers do not overlap. The bytes are initialized, by the invariants of `Ring`.
            unsafe { ptr::copy_nonoverlapping(from, to, run) };
            position = position.wrapping_add(run as u64);
            // No run is longer than `left`.
            left = left.wrapping_sub(run);
        }
        // INVARIANT: The bytes fit, and each lies at its offset in the new buffer.
        self.allocated.store(buffer.capacity(), Relaxed);
        mem::swap(old, buffer);
        Ok(())
    }

    /// Returns how many bytes the ring can hold.
    pub(crate) fn capacity(&self) -> usize {
        self.capacity.load(Relaxed)
    }

    /// Returns how many bytes the buffer holds now.
    pub(crate) fn allocated(&self) -> usize {
        self.allocated.load(Relaxed)
    }

    /// Returns how many bytes are in the ring, at most the capacity.
    ///
    /// The value is exact for a holder of both ends. For others it also counts the bytes that are
    /// taken out between the two loads, so it may be more than the ring held at any moment. A task
    /// that alone takes bytes out can take at least as many.
    // Out of line: no byte passes through here.
    #[inline(never)]
    pub(crate) fn len(&self) -> usize {
        // The tail first, so that it is not ahead of the head. Both may advance in between.
        let tail = self.tail.position.load(Acquire);
        let head = self.head.position.load(Acquire);
        let len = usize::try_from(head.wrapping_sub(tail)).unwrap_or(usize::MAX);
        len.min(self.capacity())
    }

    /// Returns whether no bytes are in the ring.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // The tail first, as in `len()`.
        let tail = self.tail.position.load(Acquire);
        self.head.position.load(Acquire) == tail
    }

    /// Returns how many bytes were ever put in.
    pub(crate) fn total_in(&self) -> u64 {
        self.head.position.load(Relaxed)
    }

    /// Returns how many bytes were ever taken out, without those that were cleared.
    pub(crate) fn total_out(&self) -> u64 {
        // In this order, so that the tail is not behind `cleared`.
        let cleared = self.cleared.load(Acquire);
        self.tail_position().wrapping_sub(cleared)
    }

    /// Returns how many bytes were ever cleared.
    pub(crate) fn total_cleared(&self) -> u64 {
        self.cleared.load(Relaxed)
    }

    /// Returns the position of the tail: how many bytes were ever taken out or cleared.
    fn tail_position(&self) -> u64 {
        self.tail.position.load(Relaxed)
    }

    /// Returns the buffer.
    ///
    /// # Safety
    ///
    /// The caller must hold one of the ends while it uses the result.
    unsafe fn buffer(&self) -> &Buffer {
        // SAFETY: The buffer changes only while one task holds both ends, and the caller holds one.
        unsafe { &*self.buffer.get() }
    }
}

#[cfg(CONFIG_KUNIT = "y")]
pub(crate) mod testing {
    //! Iterators over kernel memory, for the tests of the ring and of its users.

    use core::mem::MaybeUninit;
    use kernel::{
        bindings,
        iov::{
            IovIterDest,
            IovIterSource, //
        }, //
    };

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
        // SAFETY: The iterator and the memory live until `f` returns.
        unsafe { bindings::iov_iter_kvec(iter.as_mut_ptr(), direction, &part, 1, len) };
        f(iter.as_mut_ptr())
    }

    /// Calls `f` with an iterator that reads from `data`.
    pub(crate) fn with_source<R>(data: &[u8], f: impl FnOnce(&mut IovIterSource<'_>) -> R) -> R {
        with_iter(
            data.as_ptr().cast_mut(),
            data.len(),
            bindings::ITER_SOURCE,
            // SAFETY: The iterator is valid, and only read through.
            |iter| f(unsafe { IovIterSource::from_raw(iter) }),
        )
    }

    /// Calls `f` with an iterator that writes into `data`.
    pub(crate) fn with_dest<R>(data: &mut [u8], f: impl FnOnce(&mut IovIterDest<'_>) -> R) -> R {
        with_iter(
            data.as_mut_ptr(),
            data.len(),
            bindings::ITER_DEST,
            // SAFETY: The iterator is valid, over memory that is borrowed exclusively.
            |iter| f(unsafe { IovIterDest::from_raw(iter) }),
        )
    }
}

#[kunit_tests(rust_sample_ring)]
mod tests {
    use super::{
        super::outcome::Amount::{
            self,
            Part,
            Whole, //
        },
        testing::{
            with_dest,
            with_source, //
        },
        *,
    };
    use crate::kernel_ext::page_fault::CopyUnit;

    fn make(capacity: usize) -> Result<Pin<KBox<Ring>>> {
        KBox::pin_init(Ring::new(capacity, Buffer::new(capacity)?), GFP_KERNEL)
    }

    fn push(ring: &Ring, data: &[u8], amount: Amount) -> usize {
        with_source(data, |iov| {
            ring.producer().push_from(iov, amount, CopyUnit::Run).copied
        })
    }

    /// Takes up to `len` bytes out, at most 16. Returns whether they are just `expected`.
    fn pops(ring: &Ring, len: usize, expected: &[u8]) -> bool {
        let mut data = [0; 16];
        let Some(data) = data.get_mut(..len) else {
            return false;
        };
        let bytes = with_dest(data, |iov| {
            ring.consumer().pop_into(iov, Part, CopyUnit::Run).copied
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
        assert_eq!(push(&ring, b"01234567", Part), 8);
        assert_eq!(ring.len(), 8);
        assert_eq!(push(&ring, b"8", Part), 0);
        assert!(pops(&ring, 16, b"01234567"));
        assert!(ring.is_empty());
        Ok(())
    }

    #[test]
    fn part_or_whole() -> Result {
        let ring = make(8)?;
        assert_eq!(push(&ring, b"012345", Whole), 6);
        assert_eq!(push(&ring, b"678", Whole), 0);
        assert_eq!(push(&ring, b"678", Part), 2);
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
                assert_eq!(push(&ring, data, Part), len);
                assert_eq!(ring.len(), len);
                assert!(pops(&ring, 16, data));
            }
            assert_eq!(ring.total_in() % 8, (offset * 37 + 36) % 8);
            assert_eq!(push(&ring, b"x", Part), 1);
            assert!(pops(&ring, 1, b"x"));
        }
        Ok(())
    }

    #[test]
    fn positions_wrap() -> Result {
        let ring = make(8)?;
        // INVARIANT: The ring stays empty.
        for end in [&ring.head, &ring.tail] {
            *end.lock.lock() = u64::MAX - 2;
            end.position.store(u64::MAX - 2, Relaxed);
        }
        assert_eq!(push(&ring, b"012345", Part), 6);
        assert_eq!(ring.len(), 6);
        assert_eq!(push(&ring, b"678", Part), 2);
        assert!(pops(&ring, 16, b"01234567"));
        assert_eq!(ring.total_in(), 5);
        Ok(())
    }

    #[test]
    fn clears() -> Result {
        let ring = make(8)?;
        push(&ring, b"012345", Part);
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
                        push(&ring, b"x", Part);
                        assert!(pops(&ring, 1, b"x"));
                    }
                    let data = b"abcdefgh".get(..len).ok_or(EINVAL)?;
                    push(&ring, data, Part);
                    let mut buffer = Buffer::new(capacity)?;
                    if capacity > 8 {
                        assert!(matches!(ring.replace_buffer(&mut buffer, 8), Err(EPERM)));
                    }
                    let result = ring.replace_buffer(&mut buffer, capacity);
                    if len > capacity {
                        assert!(matches!(result, Err(EBUSY)));
                        assert_eq!(ring.capacity(), 8);
                    } else {
                        assert!(result.is_ok());
                        assert_eq!(ring.capacity(), capacity);
                        let room = capacity - len;
                        assert_eq!(push(&ring, b"01234567", Part), room.min(8));
                    }
                    assert_eq!(ring.total_out(), offset);
                    assert!(pops(&ring, len, data));
                }
            }
        }
        Ok(())
    }
}
