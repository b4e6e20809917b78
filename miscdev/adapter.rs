// SPDX-License-Identifier: GPL-2.0

//! The private data of an open file, and the file operations that the kernel crate generates.

use super::StreamDevice;
use crate::kernel_ext::{
    fasync::FasyncQueues,
    kiocb::IoCall, //
};
use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceRegistration, //
    },
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::Arc, //
};

/// Implements the kernel crate's trait for a misc device by a [`StreamDevice`].
///
/// Only the file operations `open` of this layer and [`NewFile`](super::NewFile) create one, so the
/// type is private to the layer. The file operation `release` is the kernel crate's, and drops it.
pub(super) struct Adapter<T: StreamDevice> {
    pub(super) stream: T,
    /// The queues that the file enters and leaves; `None` if [`StreamDevice::fasync_queues`] is
    /// missing. The reference keeps them alive for as long as the file may be in them.
    pub(super) fasync: Option<Arc<FasyncQueues>>,
}

impl<T: StreamDevice> Adapter<T> {
    /// Opens a file of the device with this `shared` data and the `flags` of open(2).
    pub(super) fn new(shared: &T::Shared, flags: u32) -> Result<KBox<Self>> {
        // Allocate first. After the driver's open nothing may fail: other tasks may have seen its
        // effect, such as a count of writers.
        let memory = KBox::new_uninit(GFP_KERNEL_ACCOUNT)?;
        let adapter = Self::with_stream(shared, T::open(shared, flags)?);
        Ok(KBox::write(memory, adapter))
    }

    /// Returns the adapter of `stream`, an open file of that device.
    pub(super) fn with_stream(shared: &T::Shared, stream: T) -> Self {
        Self {
            stream,
            // Not `bool::then`: the debug kernel's compiler keeps that closure, even if it is never
            // called.
            fasync: if T::HAS_FASYNC_QUEUES {
                Some(T::fasync_queues(shared))
            } else {
                None
            },
        }
    }
}

/// Returns what the kernel can take as the result of a read or a write that moved up to `limit`
/// bytes. The kernel trusts its own drivers to return no more, and panics at `EIOCBQUEUED`.
#[inline]
fn moved(result: Result<usize>, limit: usize) -> Result<usize> {
    match result {
        Ok(bytes) => Ok(bytes.min(limit)),
        Err(error) if error == EIOCBQUEUED => Err(EIO),
        Err(error) => Err(error),
    }
}

#[vtable]
impl<T: StreamDevice> MiscDevice for Adapter<T> {
    type Ptr = KBox<Self>;

    // The table has what the driver implements.
    const HAS_IOCTL: bool = T::HAS_IOCTL;
    const HAS_MMAP: bool = T::HAS_MMAP;
    const HAS_SHOW_FDINFO: bool = T::HAS_SHOW_FDINFO;

    /// Never called: [`FileOps::open`](super::file_operations::FileOps::open) replaces it.
    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        Err(ENXIO)
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        // SAFETY: `kiocb` and `iov` wrap the arguments of this call, which are valid until it
        // returns.
        let call = unsafe { IoCall::from_raw(kiocb.as_raw(), iov.as_raw()) };
        let len = iov.len();
        let result = kiocb.file().stream.read(iov, call);
        // A splice takes the result as the number of bytes in its pages.
        moved(result, len.wrapping_sub(iov.len()))
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        // SAFETY: As in `read_iter`, both arguments are valid until this call returns.
        let call = unsafe { IoCall::from_raw(kiocb.as_raw(), iov.as_raw()) };
        let len = iov.len();
        // A driver may take bytes without a look at them. A splice drops as many of its pages.
        moved(kiocb.file().stream.write(iov, call), len)
    }

    // The kernel crate calls this for 32-bit programs too, with the address extended.
    fn ioctl(me: &Self, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        me.stream.ioctl(cmd, arg)
    }

    fn mmap(me: &Self, _file: &File, vma: &VmaNew) -> Result {
        me.stream.mmap(vma)
    }

    fn show_fdinfo(me: &Self, m: &SeqFile, _file: &File) {
        me.stream.show_fdinfo(m);
    }
}
