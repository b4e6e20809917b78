// SPDX-License-Identifier: GPL-2.0

//! Lesson 8: a safe function around one of the kernel's C functions.

// In kernel 7.2 the value of a parameter is a reference.
#![allow(clippy::clone_on_copy)]

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
    type: HexlineModule,
    name: "hexline",
    authors: ["You"],
    description: "A device that shows bytes as hexadecimal numbers",
    license: "GPL",
    params: {
        width: u32 {
            default: 64,
            description: "The size of the memory for a line, 0 to 64 bytes",
        },
    },
}

/// The most bytes in one line.
const MAX: usize = 16;

/// Writes `bytes` as hexadecimal numbers into `line`, and returns the text.
///
/// The text ends where the line is full.
fn hex_line<'a>(bytes: &[u8], line: &'a mut [u8]) -> &'a [u8] {
    // Call bindings::hex_dump_to_buffer() here.
    let _ = bytes;
    line
}

/// The memory for a line, and bytes behind it that must stay as they are.
struct Line {
    memory: [u8; 128],
    width: usize,
}

impl Line {
    fn new() -> Self {
        Self {
            memory: [0xee; 128],
            width: (module_parameters::width.value().clone() as usize).min(64),
        }
    }

    /// Fills the line with `bytes`, and returns the text.
    fn fill(&mut self, bytes: &[u8]) -> Result<&[u8]> {
        let (line, behind) = self.memory.split_at_mut(self.width);
        let text = hex_line(bytes, line);
        if behind.iter().any(|&byte| byte != 0xee) {
            pr_err!("memory behind the line was overwritten\n");
            return Err(EIO);
        }
        Ok(text)
    }
}

/// The loaded module.
#[pin_data]
struct HexlineModule {
    #[pin]
    _device: MiscDeviceRegistration<OpenFile>,
}

impl kernel::InPlaceModule for HexlineModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"hexline" }),
        })
    }
}

/// An open file, and the bytes of the last write.
#[pin_data]
struct OpenFile {
    #[pin]
    bytes: Mutex<KVec<u8>>,
}

#[vtable]
impl MiscDevice for OpenFile {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        let bytes = KVec::new();
        KBox::pin_init(
            pin_init!(Self { bytes <- new_mutex!(bytes) }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    /// Returns the line, whatever the position.
    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let file = kiocb.file();
        let bytes = file.bytes.lock();
        let mut line = Line::new();
        let text = line.fill(&bytes)?;
        match iov.copy_to_iter(text) {
            0 if !text.is_empty() && !iov.is_empty() => Err(EFAULT),
            copied => Ok(copied),
        }
    }

    /// Takes up to [`MAX`] bytes.
    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let len = iov.len().min(MAX);
        let mut bytes = KVec::from_elem(0, len, GFP_KERNEL_ACCOUNT)?;
        let copied = iov.copy_from_iter(&mut bytes);
        if copied == 0 && len > 0 {
            return Err(EFAULT);
        }
        bytes.truncate(copied);
        *kiocb.file().bytes.lock() = bytes;
        Ok(copied)
    }
}
