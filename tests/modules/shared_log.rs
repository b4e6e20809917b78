// SPDX-License-Identifier: GPL-2.0

//! An example of a driver on miscdev/: `/dev/shared_log` is a log that many files read at once.
//!
//! Each open file reads all of it, from a position of its own.

use kernel::prelude::*;

#[path = "../../kernel_ext/mod.rs"]
mod kernel_ext;
#[path = "../../miscdev/mod.rs"]
mod miscdev;

use miscdev::prelude::*;

module! {
    type: Module,
    name: "shared_log",
    authors: ["The rust_sample authors"],
    description: "A log that many read at once",
    license: "GPL",
}

/// The longest log, in bytes.
const MAX_LEN: usize = 65536;

/// The module, from load to unload.
#[pin_data]
struct Module {
    #[pin]
    _registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let log = new_mutex!(KVVec::new(), "shared_log");
        try_pin_init!(Self {
            _registration <- Registration::register(c"shared_log", Arc::pin_init(log, GFP_KERNEL)?),
        })
    }
}

/// An open file, and the number of bytes that it has read. That changes under the lock of the log.
struct OpenFile {
    log: Arc<Mutex<KVVec<u8>>>,
    position: Atomic<usize>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Mutex<KVVec<u8>>>;

    fn open(log: &Self::Shared, _flags: u32) -> Result<Self> {
        Ok(Self {
            log: log.clone(),
            position: Atomic::new(0),
        })
    }

    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        let log = self.log.lock();
        let position = self.position.load(Relaxed);
        let bytes = copy_to(iov, log.get(position..).unwrap_or_default())?;
        self.position.store(position + bytes, Relaxed);
        Ok(bytes)
    }

    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        let mut log = self.log.lock();
        // A program chooses the length, so check it before memory is allocated.
        if iov.len() > MAX_LEN - log.len() {
            return Err(ENOSPC);
        }
        match iov.copy_from_iter_vec(&mut *log, GFP_KERNEL_ACCOUNT)? {
            0 if !iov.is_empty() => Err(EFAULT),
            bytes => Ok(bytes),
        }
    }

    fn show_fdinfo(&self, m: &SeqFile) {
        seq_print!(m, "position:\t{}\n", self.position.load(Relaxed));
    }
}
