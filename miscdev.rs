// SPDX-License-Identifier: GPL-2.0

//! What [`kernel::miscdevice`] lacks: data that all open files of a device share, and files that
//! are streams.
//!
//! A driver implements [`StreamDevice`], in safe code. [`Registration`] registers it with the
//! table of file operations that the kernel crate makes, extended by what is missing there.

use core::marker::PhantomData;
use kernel::{
    bindings,
    error::to_result,
    fs::{
        file::flags,
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    prelude::*,
    sync::Arc,
    types::{
        ForeignOwnable,
        Opaque, //
    },
    ModuleMetadata, //
};

// These are macros with casts in C, for which bindgen makes no constants. miscdev_check.c compares
// them with each kernel's.

/// The file knows `IOCB_NOWAIT`, see `include/linux/fs.h`.
const FMODE_NOWAIT: bindings::fmode_t = 1 << 27;
/// The call must not wait, see `include/linux/fs.h`.
const IOCB_NOWAIT: c_int = 0x8;

/// How one read or write wants to be treated.
#[derive(Clone, Copy)]
pub(crate) struct Call {
    /// The file has O_NONBLOCK, at this moment.
    pub(crate) nonblock: bool,
    /// The call itself must not wait: `RWF_NOWAIT`, and the first try of io_uring.
    pub(crate) nowait: bool,
}

impl Call {
    fn new<T: ForeignOwnable>(kiocb: &Kiocb<'_, T>) -> Self {
        // SAFETY: By the invariants of `Kiocb` it and its file are valid.
        let (file_flags, call_flags) = unsafe {
            let kiocb = &*kiocb.as_raw();
            ((*kiocb.ki_filp).f_flags, kiocb.ki_flags)
        };
        Self {
            nonblock: file_flags & flags::O_NONBLOCK != 0,
            nowait: call_flags & IOCB_NOWAIT != 0,
        }
    }
}

/// An open file of a device whose files are streams: they have no position, so that lseek(2),
/// pread(2) and pwrite(2) give `ESPIPE`. The value lives as long as the file is open.
pub(crate) trait StreamDevice: Sized + Send + Sync + 'static {
    /// What all open files of the device share.
    type Shared: Send + Sync + 'static;

    /// Opens a file.
    fn open(shared: &Arc<Self::Shared>, file: &File) -> Result<Self>;

    /// Reads into `iov`, and returns the number of bytes.
    fn read(&self, iov: &mut IovIterDest<'_>, call: Call) -> Result<usize>;

    /// Writes what is in `iov`, and returns the number of bytes.
    fn write(&self, iov: &mut IovIterSource<'_>, call: Call) -> Result<usize>;
}

/// Makes a [`StreamDevice`] what the kernel crate takes for a misc device.
///
/// Private to this file: its `open` is sound only for a device that [`Registration`] registered,
/// and safe code elsewhere could hand the type to the kernel crate's own registration.
struct Adapter<T: StreamDevice>(T);

#[vtable]
impl<T: StreamDevice> MiscDevice for Adapter<T> {
    type Ptr = KBox<Self>;

    fn open(file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        // SAFETY: Only `Registration::register` registers a device of this type, as the field
        // `misc` of a `Registration<T>`, which is complete by then, and which misc_open() keeps
        // from being deregistered and dropped while this runs.
        let registration = unsafe {
            &*kernel::container_of!(
                misc.as_raw().cast::<Opaque<bindings::miscdevice>>(),
                Registration<T>,
                misc
            )
        };
        Ok(KBox::new(
            Self(T::open(&registration.shared, file)?),
            GFP_KERNEL_ACCOUNT,
        )?)
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        kiocb.file().0.read(iov, Call::new(&kiocb))
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        kiocb.file().0.write(iov, Call::new(&kiocb))
    }
}

/// The file operations of a [`StreamDevice`].
struct Table<T>(PhantomData<T>);

impl<T: StreamDevice> Table<T> {
    /// The table that the kernel crate makes.
    const BASE: bindings::file_operations = {
        let misc = MiscDeviceOptions { name: c"" }.into_raw::<Adapter<T>>();
        // SAFETY: It points to a constant of the kernel crate.
        unsafe { *misc.fops }
    };

    const EXTENDED: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        // Without an owner the module could be unloaded under an open file. Not every kernel crate
        // sets it.
        owner: <crate::LocalModule as ModuleMetadata>::THIS_MODULE.as_ptr(),
        ..Self::BASE
    };

    /// # Safety
    ///
    /// `inode` and `file` must be those of a file of this device that is being opened.
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        let Some(open) = Self::BASE.open else {
            return ENXIO.to_errno();
        };
        // SAFETY: As this function's own.
        let ret = unsafe { open(inode, file) };
        if ret != 0 {
            return ret;
        }
        // SAFETY: The file is still being opened, so nobody else looks at its mode.
        unsafe {
            (*file).f_mode |= FMODE_NOWAIT;
            bindings::stream_open(inode, file)
        }
    }
}

/// A registered misc device with the data that its open files share. Dropping it deregisters the
/// device.
///
/// # Invariants
///
/// `misc` is registered with [`Table::EXTENDED`] for as long as this lives.
#[pin_data(PinnedDrop)]
pub(crate) struct Registration<T: StreamDevice> {
    #[pin]
    misc: Opaque<bindings::miscdevice>,
    shared: Arc<T::Shared>,
}

// SAFETY: misc_deregister() may be called from another thread than misc_register(), and `shared`
// may move to another thread, as `T::Shared` is `Send` and `Sync`.
unsafe impl<T: StreamDevice> Send for Registration<T> {}
// SAFETY: Nothing but `shared` can be reached through a shared reference, and `T::Shared` is
// `Send` and `Sync`.
unsafe impl<T: StreamDevice> Sync for Registration<T> {}

impl<T: StreamDevice> Registration<T> {
    /// Registers a misc device of this `name`, which is then the name of its node in /dev.
    ///
    /// Its files may be opened before this returns, so whatever they need is to be ready, and this
    /// is to be the last step of a module's load that can fail.
    ///
    /// # Errors
    ///
    /// Those of misc_register() in `drivers/char/misc.c`: `EBUSY` if no minor number is free,
    /// `EEXIST` if there is a device of this name, `ENOMEM`.
    pub(crate) fn register(
        name: &'static CStr,
        shared: Arc<T::Shared>,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            shared,
            misc <- Opaque::try_ffi_init(move |slot: *mut bindings::miscdevice| {
                let mut misc = MiscDeviceOptions { name }.into_raw::<Adapter<T>>();
                misc.fops = &Table::<T>::EXTENDED;
                // SAFETY: The slot can be written to.
                unsafe { slot.write(misc) };
                // SAFETY: The slot holds a miscdevice that was made for this. It is pinned, and
                // deregistered before it is dropped.
                // INVARIANT: It is registered if this succeeds.
                to_result(unsafe { bindings::misc_register(slot) })
            }),
        })
    }
}

#[pinned_drop]
impl<T: StreamDevice> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants it is registered.
        unsafe { bindings::misc_deregister(self.misc.get()) };
    }
}
