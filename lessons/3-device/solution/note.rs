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

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let note = kiocb.file();
        let text = note.text.lock();
        let position = usize::try_from(kiocb.ki_pos()).or(Err(EINVAL))?;
        let rest = text.get(position..).unwrap_or(&[]);
        if rest.is_empty() || iov.is_empty() {
            return Ok(0);
        }
        let copied = iov.copy_to_iter(rest);
        if copied == 0 {
            return Err(EFAULT);
        }
        *kiocb.ki_pos_mut() += copied as i64;
        Ok(copied)
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        let note = kiocb.file();
        let mut text = note.text.lock();
        let old = text.len();
        let len = iov.len().min(MAX - old);
        if len == 0 {
            return Err(ENOSPC);
        }
        text.resize(old + len, 0, GFP_KERNEL_ACCOUNT)?;
        let copied = iov.copy_from_iter(&mut text[old..]);
        text.truncate(old + copied);
        if copied == 0 {
            return Err(EFAULT);
        }
        Ok(copied)
    }
}
