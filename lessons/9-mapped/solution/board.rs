// SPDX-License-Identifier: GPL-2.0

//! Lesson 9: memory that programs map.

use kernel::{
    page::{
        Page,
        PAGE_SIZE, //
    },
    prelude::*, //
};

mod kernel_ext;
mod miscdev;

use kernel_ext::compat::VM_MAYSHARE;
use miscdev::prelude::*;

module! {
    type: BoardModule,
    name: "board",
    authors: ["You"],
    description: "A device whose memory programs share",
    license: "GPL",
}

/// The size of the board, in pages.
const PAGES: usize = 4;

/// The loaded module.
#[pin_data]
struct BoardModule {
    #[pin]
    _device: Registration<OpenFile>,
}

impl kernel::InPlaceModule for BoardModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- Registration::register(c"board", Arc::new(Board::new()?, GFP_KERNEL)?),
        })
    }
}

/// The pages of the board.
struct Board {
    pages: KVec<Page>,
}

impl Board {
    fn new() -> Result<Self> {
        let mut pages = KVec::with_capacity(PAGES, GFP_KERNEL)?;
        for _ in 0..PAGES {
            pages.push(Page::alloc_page(GFP_KERNEL | __GFP_ZERO)?, GFP_KERNEL)?;
        }
        Ok(Self { pages })
    }
}

/// An open file.
struct OpenFile {
    board: Arc<Board>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Board>;

    fn open(board: &Arc<Board>, _flags: u32) -> Result<Self> {
        Ok(Self {
            board: board.clone(),
        })
    }

    fn read(&self, _iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        Err(EINVAL)
    }

    fn write(&self, _iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        Err(EINVAL)
    }

    fn mmap(&self, vma: &VmaNew) -> Result {
        // SAFETY: A `VmaNew` refers to a valid area that only this task can reach as yet.
        let first = unsafe { (*vma.as_ptr()).vm_pgoff };
        let count = (vma.end() - vma.start()) / PAGE_SIZE;
        let end = first.checked_add(count).ok_or(EINVAL)?;
        let pages = self.board.pages.get(first..end).ok_or(EINVAL)?;
        // A private mapping would copy a page at the first write.
        if vma.flags() & VM_MAYSHARE == 0 {
            return Err(EINVAL);
        }
        vma.try_clear_mayexec()?;
        vma.set_dontexpand();
        let memory = vma.set_mixedmap();
        for (number, page) in pages.iter().enumerate() {
            memory.vm_insert_page(vma.start() + number * PAGE_SIZE, page)?;
        }
        Ok(())
    }
}
