// SPDX-License-Identifier: GPL-2.0

//! Misc devices whose files are streams, for any driver: what [`kernel::miscdevice`] lacks.
//!
//! A driver implements [`StreamDevice`] for its open files and registers the device with a
//! [`Registration`], in safe code. The layer extends the table of file operations that the kernel
//! crate generates:
//!
//! - `prelude`: the names that a driver uses.
//! - `adapter`: what an open file holds, and the part that the kernel crate generates.
//! - `file_operations`: open, poll and fasync.
//! - `new_file`: files that an ioctl creates and returns.
//! - `splice`: splice(2).
//!
//! # Take it to another driver
//!
//! 1. Copy `miscdev/` and `kernel_ext/` as they are. They depend on the kernel crate alone.
//! 2. Declare both as modules of the crate root, next to `module!`.
//! 3. Copy the lines of Kbuild about `kernel_ext/abi_check.o` and the version of the kernel.
//! 4. Write `use miscdev::prelude::*;`, implement [`StreamDevice`], and hold a [`Registration`] in
//!    the module's type.
//!
//! # What it promises
//!
//! - The driver needs no `unsafe`.
//! - An ioctl can create files and return their descriptors, see [`NewFile`].
//! - Programs can map memory of the driver, see [`mapping`](crate::kernel_ext::mapping).
//! - The table has the file operations that the driver implements. A call without one fails as the
//!   kernel defines it.
//! - A file has no position: lseek(2), pread(2), pwrite(2) and posix_fadvise(2) give `ESPIPE`. An
//!   open with `O_DIRECT` gives `EINVAL`.
//! - An open file keeps the module loaded. If the driver drops the [`Registration`] earlier, open
//!   files live on.
//! - A file leaves its fasync queues before its release.
//! - A splice waits without the lock of the pipe, puts no bytes into a pipe without readers, and a
//!   signal ends it.
//!
//! # What a driver must do
//!
//! - Reads and writes wait for the device only while [`IoCall::may_block`] returns true. They may
//!   always sleep on a mutex or during a page fault.
//! - The open of a file must not wait for the device: it runs under a mutex of the kernel, so it
//!   would stop the opens of all misc devices.
//! - After a change that brings an event, call
//!   [`PollWaitQueue::notify`](crate::kernel_ext::poll::PollWaitQueue::notify), and then those
//!   functions of [`FasyncQueues`] that apply.
//! - A [`Registration`] must be the last step of the module's initialization that can fail. Neither
//!   it nor an [`AnonFs`](crate::kernel_ext::anon_file::AnonFs) may be leaked.
//! - A read must advance `iov` only by copying to it.
//!
//! # Items for the kernel crate
//!
//! The optional functions of [`StreamDevice`] belong in the kernel crate's trait `MiscDevice`, and
//! the data of a [`Registration`] in its `MiscDeviceRegistration`. Then the kernel crate would
//! generate the whole table, and this folder could be removed.

// A driver need not use every item.
#![allow(dead_code)]

mod adapter;
mod file_operations;
mod new_file;
pub(crate) mod prelude;
mod splice;

pub(crate) use new_file::{
    NewFile,
    NewInode, //
};

use crate::kernel_ext::{
    fasync::FasyncQueues,
    kiocb::IoCall,
    poll::{
        PollEvents,
        PollTable, //
    }, //
};
use adapter::Adapter;
use file_operations::FileOps;
use kernel::{
    bindings,
    error::{
        to_result,
        VTABLE_DEFAULT_ERROR, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::MiscDeviceOptions,
    mm::virt::VmaNew,
    prelude::*,
    seq_file::SeqFile,
    sync::Arc,
    types::Opaque, //
};

/// An open file of a device whose files are streams: they have no position, so lseek(2), pread(2)
/// and pwrite(2) give `ESPIPE`. The value lives as long as the file is open.
///
/// All functions are called in process context and may sleep, [`Self::open`] only briefly, see
/// above. For each optional function [`#[vtable]`](macro@vtable) adds a constant, such as
/// `HAS_POLL`: whether the driver implements it.
#[vtable]
pub(crate) trait StreamDevice: Sized + Send + Sync + 'static {
    /// The data of the device, from which an open file takes what it needs.
    type Shared: Send + Sync + 'static;

    /// Opens a file of the device, or one of a [`NewInode`] again, with the `flags` of open(2), see
    /// [`flags`](kernel::fs::file::flags). The open does not fail after this has succeeded.
    fn open(shared: &Self::Shared, flags: u32) -> Result<Self>;

    /// Reads into `iov`. Returns the number of bytes. The kernel gets no more than `iov` has
    /// advanced by.
    fn read(&self, iov: &mut IovIterDest<'_>, call: IoCall<'_>) -> Result<usize>;

    /// Writes the bytes in `iov`. Returns the number of bytes. The kernel gets no more than there
    /// were.
    fn write(&self, iov: &mut IovIterSource<'_>, call: IoCall<'_>) -> Result<usize>;

    /// Registers the caller of poll(2) in each wait queue that may bring an event, then returns the
    /// events that hold. Each queue must live as long as the file, `'a`: keep it in `self`, or in an
    /// [`Arc`] there. Without this function a file is always readable and writable.
    fn poll<'a>(&'a self, _table: &PollTable<'a>) -> PollEvents {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the queues of the device's files with `O_ASYNC`, which the driver notifies. Without
    /// it there is no SIGIO.
    ///
    /// Called once for each open. The layer owns the reference as long as the file is open. It adds
    /// the file to the queues, and removes it before its release.
    fn fasync_queues(_shared: &Self::Shared) -> Arc<FasyncQueues> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Returns the events for which the file gets SIGIO. Without it, those of its access mode.
    fn fasync_events(&self) -> PollEvents {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Waits until a read would not block, or until a wake-up or a signal. The layer then tries the
    /// read, and calls this again if the read would block: another task may have taken the bytes. If
    /// tasks wait exclusively, this must wake the next one before it returns, because the caller may
    /// block on its pipe before it reads. Without this function splice(2) from the device gives
    /// `EINVAL`.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and the call would still block. For a read that fails with
    /// `EFAULT` the kernel reports `EAGAIN` here, so return another error if a buffer is too short.
    fn wait_readable(&self) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Waits until a write would not block, as [`Self::wait_readable`] does for a read. Without this
    /// function splice(2) to the device gives `EINVAL`.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if a signal is pending and the call would still block.
    fn wait_writable(&self) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Handles ioctl(2). `arg` is a number or an address of the caller, also of a 32-bit one.
    /// Without it ioctl(2) gives `ENOTTY`.
    fn ioctl(&self, _cmd: u32, _arg: usize) -> Result<isize> {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Sets up a mapping by mmap(2), which keeps the file open. Without it mmap(2) gives `ENODEV`.
    fn mmap(&self, _vma: &VmaNew) -> Result {
        build_error!(VTABLE_DEFAULT_ERROR)
    }

    /// Adds lines to /proc/PID/fdinfo/FD.
    fn show_fdinfo(&self, _m: &SeqFile) {
        build_error!(VTABLE_DEFAULT_ERROR)
    }
}

/// A registered misc device and its data. Dropping it deregisters the device; open files live on.
///
/// # Invariants
///
/// `misc` is registered, with the table [`FileOps::FOPS`], as long as this lives.
#[pin_data(PinnedDrop)]
pub(crate) struct Registration<T: StreamDevice> {
    #[pin]
    misc: Opaque<bindings::miscdevice>,
    shared: T::Shared,
}

// SAFETY: Any thread may call misc_deregister(). `shared` may move to another thread, as
// `T::Shared` is `Send` and `Sync`.
unsafe impl<T: StreamDevice> Send for Registration<T> {}
// SAFETY: A shared reference gives access to `shared` alone, and `T::Shared` is `Send` and `Sync`.
unsafe impl<T: StreamDevice> Sync for Registration<T> {}

impl<T: StreamDevice> Registration<T> {
    /// Registers a misc device. Its node in /dev has the name `name`.
    ///
    /// Files may be opened before this returns. Therefore it must be the last step of a module's
    /// initialization that can fail: the kernel removes a module whose initialization fails, even if
    /// one of its files is open.
    ///
    /// # Errors
    ///
    /// As misc_register() in `drivers/char/misc.c`: `EBUSY` if no minor number is free, `EEXIST` if
    /// a device has this name, `ENOMEM`.
    pub(crate) fn register(name: &'static CStr, shared: T::Shared) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            shared,
            misc <- Opaque::try_ffi_init(move |slot: *mut bindings::miscdevice| {
                let mut misc = MiscDeviceOptions { name }.into_raw::<Adapter<T>>();
                misc.fops = &FileOps::<T>::FOPS;
                // SAFETY: `try_ffi_init` passes a pointer to the field, which may be written to.
                unsafe { slot.write(misc) };
                // SAFETY: The slot holds a complete miscdevice, whose name and table are static.
                // It is pinned, and deregistered before it is dropped.
                // INVARIANT: The device is registered if this succeeds.
                to_result(unsafe { bindings::misc_register(slot) })
            }),
        })
    }

    /// Returns the data of the device.
    pub(crate) fn shared(&self) -> &T::Shared {
        &self.shared
    }
}

#[pinned_drop]
impl<T: StreamDevice> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants the device is registered.
        unsafe { bindings::misc_deregister(self.misc.get()) };
    }
}
