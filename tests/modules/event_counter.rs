// SPDX-License-Identifier: GPL-2.0

//! An example of a driver on miscdev/: `/dev/event_counter` counts its writes, and wakes pollers.
//!
//! A file reads the count once, as a line. After that it is at its end until the count changes.

use kernel::prelude::*;

#[path = "../../kernel_ext/mod.rs"]
mod kernel_ext;
#[path = "../../miscdev/mod.rs"]
mod miscdev;

use miscdev::prelude::*;

module! {
    type: Module,
    name: "event_counter",
    authors: ["The rust_sample authors"],
    description: "Counts events, and wakes pollers",
    license: "GPL",
}

/// The module, from load to unload.
#[pin_data]
struct Module {
    #[pin]
    _registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let counter = try_pin_init!(Counter {
            count: Atomic::new(0),
            pollers <- PollWaitQueue::new(c"event_counter::pollers", static_lock_class!()),
        });
        try_pin_init!(Self {
            _registration <- Registration::register(
                c"event_counter",
                Arc::pin_init(counter, GFP_KERNEL)?,
            ),
        })
    }
}

/// The device, shared by its open files.
#[pin_data]
struct Counter {
    count: Atomic<u64>,
    #[pin]
    pollers: PollWaitQueue,
}

/// An open file, and the count that it has read.
struct OpenFile {
    counter: Arc<Counter>,
    seen: Atomic<u64>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Counter>;

    fn open(counter: &Arc<Counter>, _flags: u32) -> Result<Self> {
        Ok(Self {
            counter: counter.clone(),
            seen: Atomic::new(0),
        })
    }

    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        let count = self.counter.count.load(Relaxed);
        if count == self.seen.load(Relaxed) {
            return Ok(0);
        }
        let line = kernel::str::CString::try_from_fmt(fmt!("{count}\n"))?;
        let line = line.to_bytes();
        // A read too short for the line gives this too.
        if iov.copy_to_iter(line) < line.len() {
            return Err(EFAULT);
        }
        self.seen.store(count, Relaxed);
        Ok(line.len())
    }

    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        self.counter.count.fetch_add(1, Relaxed);
        self.counter.pollers.notify(PollEvents::READABLE);
        Ok(iov.len())
    }

    fn poll<'a>(&'a self, table: &PollTable<'a>) -> PollEvents {
        table.register_wait(&self.counter.pollers);
        let changed = self.counter.count.load(Relaxed) != self.seen.load(Relaxed);
        PollEvents::WRITABLE | PollEvents::READABLE.when(changed)
    }
}
