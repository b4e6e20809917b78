// SPDX-License-Identifier: GPL-2.0

//! Copies of whole buffers from and to user space, see
//! [`include/linux/uio.h`](srctree/include/linux/uio.h).

use kernel::{
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*, //
};

/// Copies as many of `bytes` as there is room for in `iov`. Returns their number. May sleep.
///
/// # Errors
///
/// `EFAULT` if a bad address stops the copy before the first byte.
pub(crate) fn copy_to(iov: &mut IovIterDest<'_>, bytes: &[u8]) -> Result<usize> {
    let wanted = bytes.len().min(iov.len());
    match iov.copy_to_iter(bytes) {
        0 if wanted != 0 => Err(EFAULT),
        copied => Ok(copied),
    }
}

/// Copies all bytes of `iov` into new memory, charged to the caller's memory cgroup. May sleep.
///
/// # Errors
///
/// `EFBIG` if there are more than `limit`: a program chooses how many. `EFAULT` if a bad address
/// stops the copy before the last byte. `ENOMEM`.
pub(crate) fn copy_all_from(iov: &mut IovIterSource<'_>, limit: usize) -> Result<KVVec<u8>> {
    let len = iov.len();
    if len > limit {
        return Err(EFBIG);
    }
    let mut bytes = KVVec::new();
    if iov.copy_from_iter_vec(&mut bytes, GFP_KERNEL_ACCOUNT)? < len {
        return Err(EFAULT);
    }
    Ok(bytes)
}
