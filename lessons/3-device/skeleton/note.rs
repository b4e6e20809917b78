// SPDX-License-Identifier: GPL-2.0

//! Lesson 3: a device with open, read and write.

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
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

module! {
    type: NoteModule,
    name: "note",
    authors: ["You"],
    description: "A device whose files each hold a note",
    license: "GPL",
}

/// The largest note, in bytes.
const MAX: usize = 4096;

/// The loaded module, which has one device, `/dev/note`.
#[pin_data]
struct NoteModule {
    #[pin]
    _device: MiscDeviceRegistration<Note>,
}

impl kernel::InPlaceModule for NoteModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"note" }),
        })
    }
}

/// An open file.
#[pin_data]
struct Note {
    #[pin]
    text: Mutex<KVec<u8>>,
}

#[vtable]
impl MiscDevice for Note {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        let text = KVec::with_capacity(MAX, GFP_KERNEL_ACCOUNT)?;
        KBox::pin_init(
            pin_init!(Self { text <- new_mutex!(text) }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, _iov: &mut IovIterDest<'_>) -> Result<usize> {
        let note = kiocb.file();
        let _text = note.text.lock();
        Ok(0)
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, _iov: &mut IovIterSource<'_>) -> Result<usize> {
        let note = kiocb.file();
        let _text = note.text.lock();
        Err(ENOSPC)
    }
}
