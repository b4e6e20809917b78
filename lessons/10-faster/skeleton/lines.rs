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
            _device <- Registration::register(c"lines", Arc::pin_init(Totals::new(), GFP_KERNEL)?),
        })
    }
}

#[derive(Clone, Copy)]
struct Counts {
    writes: u64,
    lines: u64,
    bytes: u64,
}

/// What all open files share.
#[pin_data]
struct Totals {
    #[pin]
    counts: Mutex<Counts>,
}

impl Totals {
    fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            counts <- new_mutex!(Counts {
                writes: 0,
                lines: 0,
                bytes: 0,
            }),
        })
    }

    fn add(&self, counts: Counts) {
        let mut totals = self.counts.lock();
        totals.writes += counts.writes;
        totals.lines += counts.lines;
        totals.bytes += counts.bytes;
    }

    fn get(&self) -> Counts {
        *self.counts.lock()
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
        let mut byte = [0];
        let mut len = 0;
        while iov.copy_from_iter(&mut byte) == 1 {
            self.totals.add(Counts {
                writes: 0,
                lines: (byte[0] == b'\n').into(),
                bytes: 1,
            });
            len += 1;
        }
        if len == 0 {
            return Err(EFAULT);
        }
        self.totals.add(Counts {
            writes: 1,
            lines: 0,
            bytes: 0,
        });
        Ok(len)
    }
}
