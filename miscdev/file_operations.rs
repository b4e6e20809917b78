// SPDX-License-Identifier: GPL-2.0

//! The table of file operations, and those that the kernel crate does not generate.

use super::{
    adapter::Adapter,
    Registration,
    StreamDevice, //
};
use crate::kernel_ext::{
    anon_file::data_of,
    compat::OWNER,
    fasync::events_of_mode,
    poll::PollTable, //
};
use core::marker::PhantomData;
use kernel::{
    bindings,
    error::from_result,
    fs::file::flags,
    miscdevice::MiscDeviceOptions,
    prelude::*,
    types::{
        ForeignOwnable,
        Opaque, //
    }, //
};

/// The file supports `IOCB_NOWAIT`, see `include/linux/fs.h`: a macro with a cast, for which
/// bindgen makes no constant.
const FMODE_NOWAIT: bindings::fmode_t = 1 << 27;

/// The file operations of a [`StreamDevice`].
pub(super) struct FileOps<T>(PhantomData<T>);

impl<T: StreamDevice> FileOps<T> {
    /// The table that the kernel crate generates: `read_iter`, `write_iter`, `release` and others.
    /// Only a miscdevice leads to it, so this makes one without a name, and never registers it.
    const KERNEL: bindings::file_operations = {
        let misc = MiscDeviceOptions { name: c"" }.into_raw::<Adapter<T>>();
        // SAFETY: `into_raw` sets `fops` to a constant of the kernel crate, which is static.
        unsafe { *misc.fops }
    };

    /// The complete table.
    pub(super) const FOPS: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        fadvise: Some(Self::fadvise),
        check_flags: Some(Self::check_flags),
        poll: if T::HAS_POLL { Some(Self::poll) } else { None },
        fasync: if T::HAS_FASYNC_QUEUES {
            Some(Self::fasync)
        } else {
            None
        },
        splice_read: if T::HAS_WAIT_READABLE {
            Some(Self::splice_read)
        } else {
            None
        },
        splice_write: if T::HAS_WAIT_WRITABLE {
            Some(Self::splice_write)
        } else {
            None
        },
        // Without an owner, the module could be unloaded while a file is open. The kernel crate of
        // an older series does not set it.
        owner: OWNER,
        ..Self::KERNEL
    };

    /// The table of the files that [`NewFile`](super::NewFile) creates.
    pub(super) const NEW_FOPS: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open_again),
        ..Self::FOPS
    };

    /// # Safety
    ///
    /// misc_open() must call this, with a `file` of this device.
    pub(super) unsafe extern "C" fn open(
        _inode: *mut bindings::inode,
        file: *mut bindings::file,
    ) -> c_int {
        // SAFETY: misc_open() has stored a pointer to the miscdevice here. Only
        // `Registration::register` registers devices with this table, each as the field `misc` of a
        // `Registration<T>`. The registration is complete by then, and misc_open() keeps it from
        // being deregistered during this call.
        let registration = unsafe {
            &*kernel::container_of!(
                (*file).private_data.cast::<Opaque<bindings::miscdevice>>(),
                Registration<T>,
                misc
            )
        };
        // SAFETY: misc_open() is opening `file`, and has set this table.
        from_result(|| unsafe { Self::try_open(registration.shared(), file) })
    }

    /// Opens the inode of a file that [`NewFile`](super::NewFile) created, by /proc/PID/fd/N.
    ///
    /// # Safety
    ///
    /// `file` must be a file that is being opened, and `inode` such an inode.
    unsafe extern "C" fn open_again(
        inode: *mut bindings::inode,
        file: *mut bindings::file,
    ) -> c_int {
        // SAFETY: The caller guarantees that this is such an inode. `NewInode::new` has stored the
        // data of the device, and the file that is being opened keeps the inode.
        let shared = unsafe { data_of::<T::Shared>(inode) };
        // SAFETY: The caller guarantees that `file` is being opened.
        from_result(|| unsafe { Self::try_open(shared, file) })
    }

    /// # Safety
    ///
    /// The kernel must be opening `file`, which has a table of this type.
    unsafe fn try_open(shared: &T::Shared, file: *mut bindings::file) -> Result<c_int> {
        // This creates no Rust reference to the file: safe code could pass it to other tasks before
        // it is open.
        // SAFETY: The caller guarantees that `file` is being opened, so this task alone uses it.
        let open_flags = unsafe { (*file).f_flags };
        // The kernel would refuse this too, but only after this call, when other tasks may have
        // seen the effect of the driver's open, such as a count of writers.
        if open_flags & flags::O_DIRECT != 0 {
            return Err(EINVAL);
        }
        let adapter = Adapter::new(shared, open_flags)?;
        // SAFETY: No other task can reach a file that is being opened. The caller guarantees that it
        // has a table of this type. Its private data is none, or the miscdevice, which misc_open()
        // only lends.
        unsafe { Self::set_up(file, adapter) };
        Ok(0)
    }

    /// Makes `file` a stream, which `adapter` serves.
    ///
    /// # Safety
    ///
    /// `file` must be a new file with this table, which no other task can reach. Its private data, if
    /// any, must need no release.
    pub(super) unsafe fn set_up(file: *mut bindings::file, adapter: KBox<Adapter<T>>) {
        // SAFETY: The caller guarantees that this task alone uses `file`. stream_open() takes its
        // inode, changes the mode only, and returns 0.
        unsafe {
            (*file).private_data = adapter.into_foreign();
            (*file).f_mode |= FMODE_NOWAIT;
            bindings::stream_open((*file).f_inode, file);
        }
    }

    /// Returns the adapter of an open file.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this device for `'a`.
    pub(super) unsafe fn adapter<'a>(file: *mut bindings::file) -> &'a Adapter<T> {
        // SAFETY: `set_up` has stored this pointer, and only the release of the file takes it
        // away. The caller guarantees that the file stays open for `'a`.
        unsafe { <KBox<Adapter<T>> as ForeignOwnable>::borrow((*file).private_data) }
    }

    /// Returns `ESPIPE`, as for a pipe: a stream has no page cache.
    extern "C" fn fadvise(
        _file: *mut bindings::file,
        _offset: bindings::loff_t,
        _len: bindings::loff_t,
        _advice: c_int,
    ) -> c_int {
        ESPIPE.to_errno()
    }

    /// Returns `EINVAL` for `F_SETFL` with `O_DIRECT`. The kernel itself does not refuse that flag
    /// for a file with the type of a pipe.
    extern "C" fn check_flags(new_flags: c_int) -> c_int {
        match new_flags as u32 & flags::O_DIRECT {
            0 => 0,
            _ => EINVAL.to_errno(),
        }
    }

    /// # Safety
    ///
    /// `file` must be an open file of this device, and `table` null or valid.
    unsafe extern "C" fn poll(
        file: *mut bindings::file,
        table: *mut bindings::poll_table_struct,
    ) -> bindings::__poll_t {
        // SAFETY: The caller guarantees that `file` is an open file of this device.
        let adapter = unsafe { Self::adapter(file) };
        // The lifetime of the adapter ends when the file is released: by then poll(2), which holds
        // the file, has returned, and the kernel has removed it from epoll(7).
        // SAFETY: The caller guarantees that `file` is valid during this call, and `table` null or
        // valid. Entries leave their queues before the file is released, as stated above.
        let table = unsafe { PollTable::from_raw(file, table) };
        adapter.stream.poll(&table).bits()
    }

    /// # Safety
    ///
    /// `file` must be an open file of this device, or one that is being released if `on` is 0.
    unsafe extern "C" fn fasync(fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: The file is open, or its release, which drops the adapter, follows this call.
        let adapter = unsafe { Self::adapter(file) };
        let Some(queues) = &adapter.fasync else {
            return ENXIO.to_errno();
        };
        let events = if T::HAS_FASYNC_EVENTS {
            adapter.stream.fasync_events()
        } else {
            // SAFETY: The caller guarantees that `file` is valid.
            unsafe { events_of_mode(file) }
        };
        // SAFETY: The caller guarantees that `file` is valid. Before the kernel releases a file that
        // is in a queue, it calls this with `on` as 0. The adapter of a file always has the
        // same queues, and keeps them alive until the file is released.
        unsafe { queues.set(fd, file, on, events) }
    }
}
