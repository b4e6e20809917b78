// SPDX-License-Identifier: GPL-2.0

//! A character device, `/dev/rust_sample`, that keeps the text written last.
//!
//! Each open file reads a text once, to its end. It can wait for the next one with poll(2).

use kernel::prelude::*;

mod kernel_ext;
mod miscdev;

use miscdev::prelude::*;

module! {
    type: RustSample,
    name: "rust_sample",
    authors: ["The rust_sample authors"],
    description: "Keeps a text in /dev/rust_sample",
    license: "GPL",
}

/// The longest text, in bytes.
const MAX_LEN: usize = 4096;

#[pin_data]
struct RustSample {
    #[pin]
    _registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for RustSample {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let device = try_pin_init!(Device {
            text <- new_mutex!(Text::default()),
            pollers <- PollWaitQueue::new(c"rust_sample::pollers", static_lock_class!()),
        });
        // The last step that can fail: from here on the device may be in use.
        try_pin_init!(Self {
            _registration <- Registration::register(
                c"rust_sample",
                Arc::pin_init(device, GFP_KERNEL)?,
            ),
        })
    }
}

/// The device, shared by its open files.
#[pin_data]
struct Device {
    #[pin]
    text: Mutex<Text>,
    #[pin]
    pollers: PollWaitQueue,
}

/// The text. Its bytes are those from `start` on of all bytes ever written.
#[derive(Default)]
struct Text {
    start: u64,
    bytes: KVVec<u8>,
}

/// An open file of the device.
struct OpenFile {
    device: Arc<Device>,
    /// How many of all bytes ever written were read or missed. Changes under the lock of the text.
    position: Atomic<u64>,
}

impl OpenFile {
    /// Returns the bytes that this file has not read.
    fn unread<'a>(&self, text: &'a Text) -> &'a [u8] {
        let skip = self.position.load(Relaxed).saturating_sub(text.start);
        text.bytes.get(skip as usize..).unwrap_or_default()
    }
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Device>;

    fn open(device: &Arc<Device>, _flags: u32) -> Result<Self> {
        Ok(Self {
            device: device.clone(),
            position: Atomic::new(0),
        })
    }

    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        let text = self.device.text.lock();
        let unread = self.unread(&text);
        let copied = copy_to(iov, unread)?;
        let position = text.bytes.len() - unread.len() + copied;
        self.position.store(text.start + position as u64, Relaxed);
        Ok(copied)
    }

    /// Replaces the text by the bytes written, all or none of them.
    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        let bytes = copy_all_from(iov, MAX_LEN)?;
        let len = bytes.len();
        let mut text = self.device.text.lock();
        text.start += text.bytes.len() as u64;
        text.bytes = bytes;
        drop(text);
        self.device.pollers.notify(PollEvents::READABLE);
        Ok(len)
    }

    fn poll<'a>(&'a self, table: &PollTable<'a>) -> PollEvents {
        table.register_wait(&self.device.pollers);
        let has_more = !self.unread(&self.device.text.lock()).is_empty();
        PollEvents::WRITABLE | PollEvents::READABLE.when(has_more)
    }

    /// Gets the number of bytes that this file has not read.
    fn ioctl(&self, cmd: u32, arg: usize) -> Result<isize> {
        if cmd != FIONREAD {
            return Err(ENOTTY);
        }
        let bytes = self.unread(&self.device.text.lock()).len() as c_int;
        let user = UserSlice::new(UserPtr::from_addr(arg), size_of::<c_int>());
        user.writer().write(&bytes).map(|()| 0)
    }
}
