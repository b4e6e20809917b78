// SPDX-License-Identifier: GPL-2.0

//! New files that a call on an open file creates and returns, as pipe(2) does.

use super::{
    adapter::Adapter,
    file_operations::FileOps,
    StreamDevice, //
};
use crate::kernel_ext::anon_file::{
    AnonFs,
    AnonInode, //
};
use core::ptr::NonNull;
use kernel::{
    bindings,
    fs::{
        file::FileDescriptorReservation,
        File, //
    },
    prelude::*,
    sync::aref::ARef, //
};

/// A new inode that no path leads to, with the type and the mode of a pipe's. Its files are created
/// as a [`NewFile`]. An open of /proc/PID/fd/N creates another file of the inode, by
/// [`StreamDevice::open`] with the data of the inode.
pub(crate) struct NewInode<'a, T: StreamDevice>(AnonInode<'a, T::Shared>);

impl<'a, T: StreamDevice> NewInode<'a, T> {
    /// Creates an inode that holds `shared` for its files, until the last is closed. The inode keeps
    /// the module loaded. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the module is being unloaded, `ENOMEM`.
    pub(crate) fn new(fs: &'a AnonFs<T::Shared>, shared: T::Shared) -> Result<Self> {
        // SAFETY: The open of this table takes an inode of an `AnonFs<T::Shared>`. Its owner is the
        // module.
        unsafe { AnonInode::new(fs, &FileOps::<T>::NEW_FOPS, shared) }.map(Self)
    }

    /// Returns what the files of the inode share.
    pub(crate) fn shared(&self) -> &T::Shared {
        self.0.data()
    }
}

/// A new file of a [`NewInode`], and a descriptor that is reserved for it.
///
/// An ioctl that returns descriptors must proceed in this order, so that a call that fails leaves
/// nothing behind:
///
/// 1. Create each `NewFile`.
/// 2. Write the numbers to the caller's memory, which may fail.
/// 3. Install each file. From then on other threads of the caller can use it.
///
/// Dropping the value gives up the descriptor and releases the file.
///
/// # Examples
///
/// ```ignore
/// fn ioctl(&self, _cmd: u32, arg: usize) -> Result<isize> {
///     let inode = NewInode::new(&self.shared.files, Shared::new_log()?)?;
///     let stream = OpenFile::new(inode.shared())?;
///     let file = NewFile::new(&inode, stream, flags::O_RDONLY | flags::O_CLOEXEC)?;
///     let user = UserSlice::new(UserPtr::from_addr(arg), size_of::<c_int>());
///     user.writer().write(&file.fd())?;
///     file.install();
///     Ok(0)
/// }
/// ```
pub(crate) struct NewFile {
    file: ARef<File>,
    fd: FileDescriptorReservation,
}

/// Returns whether the current task has a table of descriptors.
fn has_descriptors() -> bool {
    // SAFETY: The current task is valid, and it alone changes this pointer.
    unsafe { !(*bindings::get_current()).files.is_null() }
}

impl NewFile {
    /// Creates a file for `stream`, and reserves the lowest free descriptor. The kernel calls the
    /// functions of `stream` as for a file of the device, but not [`StreamDevice::open`].
    ///
    /// `flags` are the access mode, `O_NONBLOCK` and `O_CLOEXEC`. May sleep.
    ///
    /// # Errors
    ///
    /// `EMFILE` if the caller has too many descriptors, or is exiting and has no descriptor table,
    /// `ENFILE` if the system has too many files, `ENOMEM`.
    pub(crate) fn new<T: StreamDevice>(
        inode: &NewInode<'_, T>,
        stream: T,
        flags: u32,
    ) -> Result<Self> {
        let adapter = Adapter::with_stream(inode.shared(), stream);
        let adapter = KBox::new(adapter, GFP_KERNEL_ACCOUNT)?;
        // An exiting task releases its files after its descriptor table. The kernel crate does not
        // check for that.
        if !has_descriptors() {
            return Err(EMFILE);
        }
        let fd = FileDescriptorReservation::get_unused_fd_flags(flags)?;
        // SAFETY: `set_up` sets the private data right below.
        let file = unsafe { inode.0.new_file(flags) }?;
        // SAFETY: The file is new, and its operations are those of `T`. No other task can reach it.
        unsafe { FileOps::set_up(file, adapter) };
        // SAFETY: This function owns the only reference to the file, which no task uses.
        let file = unsafe { ARef::from_raw(NonNull::new_unchecked(file.cast::<File>())) };
        Ok(Self { file, fd })
    }

    /// Returns the number of the descriptor, for the caller.
    pub(crate) fn fd(&self) -> c_int {
        // The kernel makes no descriptor above `INT_MAX`.
        self.fd.reserved_fd() as c_int
    }

    /// Makes the descriptor refer to the file. Call this when nothing can fail any more.
    pub(crate) fn install(self) {
        self.fd.fd_install(self.file);
    }
}
