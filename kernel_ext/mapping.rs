// SPDX-License-Identifier: GPL-2.0

//! Memory that the kernel shares with programs by mmap(2), see
//! [`mm/memory.c`](srctree/mm/memory.c).
//!
//! A program can change the bytes of [`SharedPages`] at any moment, also between two loads of the
//! kernel, and to any value. So no Rust reference to them exists. The kernel
//!
//! - loads and stores single words, each by one atomic access: [`SharedWord`];
//! - limits what it loads before it uses it as a length or an offset;
//! - copies bytes without looking at them.
//!
//! A driver can do all three without `unsafe`.
//!
//! # Examples
//!
//! A page whose first word counts events. Programs can map it and only read it:
//!
//! ```ignore
//! let pages = SharedPages::new(PAGE_SIZE)?;
//! let events = SharedWord::new(&pages, 0)?;
//!
//! // In an interrupt, for example:
//! events.store(count, Release);
//!
//! fn mmap(&self, vma: &VmaNew) -> Result {
//!     self.pages.map(vma, &[0..PAGE_SIZE], Access::Read)
//! }
//! ```

use super::{
    alloc::RETRY_MAYFAIL,
    compat::VM_MAYSHARE, //
};
use core::{
    ops::Range,
    ptr::NonNull, //
};
use kernel::{
    alloc::allocator::VmallocPageIter,
    bindings,
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    mm::virt::VmaNew,
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            atomic_load,
            atomic_store,
            ordering::{
                AcquireOrRelaxed,
                ReleaseOrRelaxed, //
            }, //
        },
        Arc, //
    }, //
};

/// What a program may do with a mapping.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read only, also after mprotect(2).
    Read,
    /// Read and write.
    ReadWrite,
}

/// Pages that programs can map. A page is freed once the kernel has dropped this value and the last
/// program has unmapped the page.
///
/// # Invariants
///
/// `memory` has room for `len` bytes, which is a multiple of [`PAGE_SIZE`]. Its length as a vector
/// is 0.
pub(crate) struct SharedPages {
    memory: VVec<u8>,
    len: usize,
}

impl SharedPages {
    /// Allocates `len` bytes, rounded up to whole pages, and sets them to 0. They are charged to the
    /// caller's memory cgroup. May sleep.
    ///
    /// # Errors
    ///
    /// `ENOMEM`, without a message in the log, as unprivileged users may choose the length.
    pub(crate) fn new(len: usize) -> Result<Arc<Self>> {
        let len = len.checked_next_multiple_of(PAGE_SIZE).ok_or(ENOMEM)?;
        let flags = GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN | RETRY_MAYFAIL;
        let memory = VVec::with_capacity(len, flags)?;
        // INVARIANT: `len` is a multiple of the size of a page, and `memory` has room for as many
        // bytes.
        Ok(Arc::new(Self { memory, len }, GFP_KERNEL_ACCOUNT)?)
    }

    /// Returns the address of the byte at `offset`, or of the first one if there is no such byte.
    #[inline]
    fn at(&self, offset: usize) -> *mut u8 {
        let offset = if offset < self.len { offset } else { 0 };
        self.memory.as_ptr().cast_mut().wrapping_add(offset)
    }

    /// Copies `len` bytes of `iov` to `offset`, fewer if the pages end before. Returns how many were
    /// copied: fewer, too, at a bad address.
    #[inline]
    pub(crate) fn copy_from(
        &self,
        offset: usize,
        len: usize,
        iov: &mut IovIterSource<'_>,
    ) -> usize {
        let len = len.min(self.len.saturating_sub(offset));
        // SAFETY: The bytes lie within the pages. No reference to them exists.
        unsafe { bindings::_copy_from_iter(self.at(offset).cast(), len, iov.as_raw()) }
    }

    /// Copies `len` bytes from `offset` to `iov`, fewer if the pages end before. Returns how many
    /// were copied: fewer, too, at a bad address.
    #[inline]
    pub(crate) fn copy_to(&self, offset: usize, len: usize, iov: &mut IovIterDest<'_>) -> usize {
        let len = len.min(self.len.saturating_sub(offset));
        // SAFETY: The bytes lie within the pages, which were initialized with zeroes.
        unsafe { bindings::_copy_to_iter(self.at(offset).cast(), len, iov.as_raw()) }
    }

    /// Maps the pages of each of `ranges`, in bytes, one after another. Each must be whole pages, and
    /// together they must be as long as the mapping, which has no pages yet. fork(2) does not copy
    /// the mapping, and mremap(2) does not enlarge it.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the mapping is private or has another length, `EACCES` if it is writable and
    /// `access` does not allow that, `ENOMEM`.
    pub(crate) fn map(&self, vma: &VmaNew, ranges: &[Range<usize>], access: Access) -> Result {
        let len = ranges.iter().map(Range::len).sum::<usize>();
        if vma.flags() & VM_MAYSHARE == 0 || vma.end().wrapping_sub(vma.start()) != len {
            return Err(EINVAL);
        }
        if access == Access::Read {
            vma.try_clear_maywrite().map_err(|_| EACCES)?;
        }
        vma.set_dontexpand();
        vma.set_dontcopy();
        let vma = vma.set_mixedmap();
        let mut address = vma.start();
        for range in ranges.iter().cloned() {
            if range.is_empty() || range.end > self.len || range.start % PAGE_SIZE != 0 {
                return Err(EINVAL);
            }
            let Some(start) = NonNull::new(self.at(range.start)) else {
                return Err(EINVAL);
            };
            // SAFETY: The range begins at a page of the allocation, whose end is at `self.len`.
            // `self` keeps the allocation while the iterator and its pages exist.
            let pages = unsafe { VmallocPageIter::new(start, self.len.wrapping_sub(range.start)) };
            for page in pages.take(range.len().div_ceil(PAGE_SIZE)) {
                // This takes a reference to the page.
                vma.vm_insert_page(address, &page)?;
                address = address.wrapping_add(PAGE_SIZE);
            }
        }
        Ok(())
    }
}

/// Returns the offset in bytes that the caller of mmap(2) passed.
pub(crate) fn offset(vma: &VmaNew) -> u64 {
    // SAFETY: The VMA is valid, and this task alone uses it while it is set up.
    let pages = unsafe { (*vma.as_ptr()).vm_pgoff };
    // The kernel checks that the offset fits.
    (pages as u64).wrapping_mul(PAGE_SIZE as u64)
}

/// A word of 64 bits in memory that is shared with programs. A load can return any value.
///
/// # Invariants
///
/// `word` is aligned, and lies within `pages`.
pub(crate) struct SharedWord {
    word: *mut u64,
    pages: Arc<SharedPages>,
}

// SAFETY: All accesses are atomic, and `pages` can be sent to any thread.
unsafe impl Send for SharedWord {}
// SAFETY: All accesses are atomic, and `pages` can be shared with any thread.
unsafe impl Sync for SharedWord {}

impl SharedWord {
    /// Returns the word at `offset`.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the offset is not aligned, or outside the pages.
    pub(crate) fn new(pages: &Arc<SharedPages>, offset: usize) -> Result<Self> {
        const SIZE: usize = size_of::<u64>();
        let fits = offset.checked_add(SIZE).is_some_and(|end| end <= pages.len);
        if !fits || offset % SIZE != 0 {
            return Err(EINVAL);
        }
        // INVARIANT: The pages themselves are aligned, and the offset was just checked.
        Ok(Self {
            word: pages.at(offset).cast(),
            pages: pages.clone(),
        })
    }

    /// Loads the word once.
    #[inline]
    pub(crate) fn load<O: AcquireOrRelaxed>(&self, order: O) -> u64 {
        // SAFETY: By the type invariants the word is valid and aligned. The kernel stores to it by
        // atomic accesses, or by C code in `copy_from()`. To a load the latter is as a store by a
        // program: the load can return any value.
        unsafe { atomic_load(self.word, order) }
    }

    /// Stores `value`.
    #[inline]
    pub(crate) fn store<O: ReleaseOrRelaxed>(&self, value: u64, order: O) {
        // SAFETY: By the type invariants the word is valid and aligned. The kernel accesses it by
        // atomic accesses, or by C code in `copy_from()` and `copy_to()`, as a program does.
        unsafe { atomic_store(self.word, value, order) };
    }
}
