// SPDX-License-Identifier: GPL-2.0

//! Lesson 10: make it faster, and prove it.

use kernel::{
    prelude::*,
    str::CString, //
};

mod kernel_ext;
mod miscdev;

use miscdev::prelude::*;

module! {
    type: LinesModule,
    name: "lines",
    authors: ["You"],
    description: "A device that counts lines",
    license: "GPL",
}

/// The loaded module.
#[pin_data]
struct LinesModule {
    #[pin]
    _device: Registration<OpenFile>,
}

impl kernel::InPlaceModule for LinesModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- Registration::register(c"lines", Arc::new(Totals::new(), GFP_KERNEL)?),
        })
    }
}

struct Counts {
    writes: u64,
    lines: u64,
    bytes: u64,
}

/// What all open files share. Each number stands alone, so no lock protects them.
struct Totals {
    writes: Atomic<u64>,
    lines: Atomic<u64>,
    bytes: Atomic<u64>,
}

impl Totals {
    fn new() -> Self {
        Self {
            writes: Atomic::new(0),
            lines: Atomic::new(0),
            bytes: Atomic::new(0),
        }
    }

    fn add(&self, counts: Counts) {
        self.writes.add(counts.writes, Relaxed);
        self.lines.add(counts.lines, Relaxed);
        self.bytes.add(counts.bytes, Relaxed);
    }

    fn get(&self) -> Counts {
        Counts {
            writes: self.writes.load(Relaxed),
            lines: self.lines.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }
}

/// An open file.
struct OpenFile {
    totals: Arc<Totals>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Totals>;

    fn open(totals: &Arc<Totals>, _flags: u32) -> Result<Self> {
        Ok(Self {
            totals: totals.clone(),
        })
    }

    /// Returns the totals, each time again.
    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        let Counts {
            writes,
            lines,
            bytes,
        } = self.totals.get();
        let text = CString::try_from_fmt(fmt!("writes {writes}, lines {lines}, bytes {bytes}\n"))?;
        copy_to(iov, text.to_bytes())
    }

    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        if iov.is_empty() {
            return Ok(0);
        }
        let mut chunk = [0; 256];
        let mut lines = 0;
        let mut len = 0;
        loop {
            // May sleep until a page of the program is there, so no lock is held.
            let copied = iov.copy_from_iter(&mut chunk);
            if copied == 0 {
                break;
            }
            lines += chunk[..copied]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            len += copied;
        }
        if len == 0 {
            return Err(EFAULT);
        }
        self.totals.add(Counts {
            writes: 1,
            lines: lines as u64,
            bytes: len as u64,
        });
        Ok(len)
    }
}
