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
    /// Opens a file of the device with this `shared` data.
    pub(super) fn new(shared: &T::Shared, file: &File) -> Result<KBox<Self>> {
        // Allocate first. After the driver's open nothing may fail: other tasks may have seen its
        // effect, such as a count of writers.
        let memory = KBox::new_uninit(GFP_KERNEL_ACCOUNT)?;
        let adapter = Self::with_stream(shared, T::open(shared, file)?);
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
        kiocb.file().stream.read(iov, call)
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        // SAFETY: As in `read_iter`, both arguments are valid until this call returns.
        let call = unsafe { IoCall::from_raw(kiocb.as_raw(), iov.as_raw()) };
        kiocb.file().stream.write(iov, call)
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
