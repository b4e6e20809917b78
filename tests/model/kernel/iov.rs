// SPDX-License-Identifier: GPL-2.0

//! The memory of callers.

use crate::bindings;
use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ptr,
    slice, //
};

macro_rules! iterator {
    ($name:ident) => {
        impl $name<'_> {
            /// Returns the number of bytes that are left.
            pub fn len(&self) -> usize {
                self.0.len - self.0.done
            }

            /// Returns whether no bytes are left.
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Goes back by this many bytes.
            ///
            /// # Safety
            ///
            /// It must have advanced by as many bytes.
            pub unsafe fn revert(&mut self, bytes: usize) {
                self.0.done -= bytes;
            }

            #[allow(missing_docs)]
            pub fn as_raw(&mut self) -> *mut bindings::iov_iter {
                &mut self.0
            }

            /// Makes the page after `present` bytes non-present. A copy that needs it calls `bring`
            /// to fault it in.
            pub fn miss(&mut self, present: usize, bring: impl FnOnce() + 'static) {
                self.0.missing = Some((present, Box::new(bring)));
            }

            /// Makes each copy beyond `good` bytes copy nothing, although the page is present. A
            /// copy from a shadow stack by a routine that loads ahead does so.
            pub fn refuse(&mut self, good: usize) {
                self.0.good = good;
            }

            /// Returns how many of `bytes` can be copied, and where they lie.
            fn run(&mut self, bytes: usize) -> (*mut u8, usize) {
                let start = self.0.memory.wrapping_add(self.0.done);
                let mut bytes = bytes.min(self.len());
                if let Some((present, _)) = self.0.missing {
                    bytes = bytes.min(present - self.0.done);
                }
                if self.0.done + bytes > self.0.good {
                    return (start, 0);
                }
                self.0.done += bytes;
                (start, bytes)
            }
        }
    };
}

/// Memory to copy from.
pub struct IovIterSource<'a>(bindings::iov_iter, PhantomData<&'a [u8]>);

iterator!(IovIterSource);

impl<'a> IovIterSource<'a> {
    #[allow(missing_docs)]
    pub fn new(data: &'a [u8]) -> Self {
        let iter = bindings::iov_iter {
            memory: data.as_ptr().cast_mut(),
            len: data.len(),
            done: 0,
            missing: None,
            good: usize::MAX,
        };
        Self(iter, PhantomData)
    }

    #[allow(missing_docs)]
    pub fn copy_from_iter(&mut self, out: &mut [u8]) -> usize {
        let (from, bytes) = self.run(out.len());
        // SAFETY: Both have room for that, and a caller's memory is not `out`.
        unsafe { ptr::copy_nonoverlapping(from, out.as_mut_ptr(), bytes) };
        bytes
    }

    #[allow(missing_docs)]
    pub fn copy_from_iter_raw<'b>(&mut self, out: &'b mut [MaybeUninit<u8>]) -> &'b mut [u8] {
        let (from, bytes) = self.run(out.len());
        let to = out.as_mut_ptr().cast::<u8>();
        // SAFETY: Both have room for this many bytes, and the ring's memory is not a caller's, so
        // they do not overlap.
        unsafe {
            ptr::copy_nonoverlapping(from, to, bytes);
            slice::from_raw_parts_mut(to, bytes)
        }
    }
}

/// Memory to copy to.
pub struct IovIterDest<'a>(bindings::iov_iter, PhantomData<&'a mut [u8]>);

iterator!(IovIterDest);

impl<'a> IovIterDest<'a> {
    #[allow(missing_docs)]
    pub fn new(data: &'a mut [u8]) -> Self {
        let iter = bindings::iov_iter {
            memory: data.as_mut_ptr(),
            len: data.len(),
            done: 0,
            missing: None,
            good: usize::MAX,
        };
        Self(iter, PhantomData)
    }

    #[allow(missing_docs)]
    pub fn copy_to_iter(&mut self, from: &[u8]) -> usize {
        let (to, bytes) = self.run(from.len());
        // SAFETY: Both have room for this many bytes, and the ring's memory is not a caller's, so
        // they do not overlap.
        unsafe { ptr::copy_nonoverlapping(from.as_ptr(), to, bytes) };
        bytes
    }
}
