// SPDX-License-Identifier: GPL-2.0

//! A character device, `/dev/rust_sample`, that keeps the text which was written to it last.

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
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    prelude::*, //
};

module! {
    type: RustSample,
    name: "rust_sample",
    authors: ["The rust_sample authors"],
    description: "Keeps a text in /dev/rust_sample",
    license: "GPL",
}

/// The longest text, in bytes.
const MAX_LEN: usize = 4096;

kernel::sync::global_lock! {
    // SAFETY: `Text::new` initializes it, and the device is registered after that.
    unsafe(uninit) static TEXT: Mutex<KVec<u8>> = KVec::new();
}

/// The text's memory, for as long as the module is loaded: nothing drops a static.
struct Text;

impl Text {
    fn new() -> Self {
        // SAFETY: Called once, when the module is loaded.
        unsafe { TEXT.init() };
        Self
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        *TEXT.lock() = KVec::new();
    }
}

/// The module, from load to unload.
#[pin_data]
struct RustSample {
    // Dropped first: nobody can open the device any more when the text goes.
    #[pin]
    _device: MiscDeviceRegistration<OpenFile>,
    _text: Text,
}

impl kernel::InPlaceModule for RustSample {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _text: Text::new(),
            // The last step: from here on the device may be in use.
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions {
                name: c"rust_sample",
            }),
        })
    }
}

/// An open file of the device. What belongs to one file alone would be in here.
struct OpenFile;

#[vtable]
impl MiscDevice for OpenFile {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _device: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        Ok(KBox::new(Self, GFP_KERNEL)?)
    }

    /// Reads the text from the file's position on.
    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        iov.simple_read_from_buffer(kiocb.ki_pos_mut(), &TEXT.lock())
    }

    /// Replaces the text by what is written, all or nothing.
    fn write_iter(_kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let len = iov.len();
        // A program chooses `len`, so it needs a limit before memory is allocated.
        if len > MAX_LEN {
            return Err(EFBIG);
        }
        let mut text = KVec::new();
        if iov.copy_from_iter_vec(&mut text, GFP_KERNEL_ACCOUNT)? < len {
            return Err(EFAULT);
        }
        *TEXT.lock() = text;
        Ok(len)
    }
}
