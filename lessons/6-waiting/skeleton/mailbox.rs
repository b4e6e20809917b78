// SPDX-License-Identifier: GPL-2.0

//! Lesson 6: reads and writes that wait.

use kernel::{
    new_condvar,
    prelude::*,
    sync::CondVar, //
};

mod kernel_ext;
mod miscdev;

use miscdev::prelude::*;

module! {
    type: MailboxModule,
    name: "mailbox",
    authors: ["You"],
    description: "A device that passes one message at a time",
    license: "GPL",
}

/// The longest message, in bytes.
const MAX: usize = 256;

/// The loaded module.
#[pin_data]
struct MailboxModule {
    #[pin]
    _device: Registration<OpenFile>,
}

impl kernel::InPlaceModule for MailboxModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let mailbox = pin_init!(Mailbox {
            message <- new_mutex!(KVVec::new()),
            arrived <- new_condvar!(),
            taken <- new_condvar!(),
        });
        try_pin_init!(Self {
            _device <- Registration::register(c"mailbox", Arc::pin_init(mailbox, GFP_KERNEL)?),
        })
    }
}

/// What all open files share.
#[pin_data]
struct Mailbox {
    /// The message, or no bytes if there is none.
    #[pin]
    message: Mutex<KVVec<u8>>,
    /// Readers wait here for a message.
    #[pin]
    arrived: CondVar,
    /// Writers wait here until the message is taken.
    #[pin]
    taken: CondVar,
}

/// An open file.
struct OpenFile {
    mailbox: Arc<Mailbox>,
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Arc<Mailbox>;

    fn open(mailbox: &Arc<Mailbox>, _flags: u32) -> Result<Self> {
        Ok(Self {
            mailbox: mailbox.clone(),
        })
    }

    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        let mut message = self.mailbox.message.lock();
        if message.is_empty() {
            return Err(EAGAIN);
        }
        let copied = copy_to(iov, &message)?;
        message.clear();
        Ok(copied)
    }

    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        let bytes = copy_all_from(iov, MAX)?;
        let len = bytes.len();
        let mut message = self.mailbox.message.lock();
        if !message.is_empty() {
            return Err(EAGAIN);
        }
        *message = bytes;
        Ok(len)
    }
}
