// SPDX-License-Identifier: GPL-2.0

//! An example of a driver on miscdev/ that shares memory with programs: `/dev/shared_note` holds a
//! note, which programs read and change by calls, or in memory that they map.
//!
//! The page begins with the length of the note, a word of 64 bits. The bytes follow at [`TEXT`].
//! Programs can store any length, and change the bytes at any moment.

use kernel::{
    page::PAGE_SIZE,
    prelude::*, //
};

#[path = "../../kernel_ext/mod.rs"]
mod kernel_ext;
#[path = "../../miscdev/mod.rs"]
mod miscdev;

use miscdev::prelude::*;

module! {
    type: Module,
    name: "shared_note",
    authors: ["The rust_sample authors"],
    description: "A note in memory that programs map",
    license: "GPL",
}

/// Where the bytes of the note begin.
const TEXT: usize = 64;

/// The longest note, in bytes.
const MAX_LEN: usize = PAGE_SIZE - TEXT;

/// The module, from load to unload.
#[pin_data]
struct Module {
    #[pin]
    _registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _registration <- Registration::register(c"shared_note", SharedPages::new(PAGE_SIZE)?),
        })
    }
}

/// An open file, and the number of bytes that it has read.
struct OpenFile {
    page: Arc<SharedPages>,
    len: SharedWord,
    position: Atomic<usize>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<SharedPages>;

    fn open(page: &Arc<SharedPages>, _flags: u32) -> Result<Self> {
        Ok(Self {
            page: page.clone(),
            len: SharedWord::new(page, 0)?,
            position: Atomic::new(0),
        })
    }

    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        // Load the word once, and limit it before any use.
        let len = self.len.load(Acquire).min(MAX_LEN as u64) as usize;
        let position = self.position.load(Relaxed);
        let wanted = len.saturating_sub(position).min(iov.len());
        match self.page.copy_to(TEXT + position, wanted, iov) {
            0 if wanted != 0 => Err(EFAULT),
            copied => {
                self.position.store(position + copied, Relaxed);
                Ok(copied)
            }
        }
    }

    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        let wanted = iov.len();
        if wanted > MAX_LEN {
            return Err(EFBIG);
        }
        if self.page.copy_from(TEXT, wanted, iov) < wanted {
            return Err(EFAULT);
        }
        self.len.store(wanted as u64, Release);
        Ok(wanted)
    }

    fn mmap(&self, vma: &VmaNew) -> Result {
        if mapping::offset(vma) != 0 {
            return Err(EINVAL);
        }
        // The kernel itself refuses a writable mapping of a file that is open for reading only.
        self.page.map(vma, &[0..PAGE_SIZE], Access::ReadWrite)
    }
}
