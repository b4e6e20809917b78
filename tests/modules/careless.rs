// SPDX-License-Identifier: GPL-2.0

//! A driver in safe code that does what it must not: `/dev/careless`. The layer keeps the kernel safe.

use kernel::prelude::*;

#[path = "../../kernel_ext/mod.rs"]
mod kernel_ext;
#[path = "../../miscdev/mod.rs"]
mod miscdev;

use miscdev::prelude::*;

module! {
    type: Module,
    name: "careless",
    authors: ["The rust_sample authors"],
    description: "A driver that breaks the rules",
    license: "GPL",
}

/// The module, from load to unload.
#[pin_data(PinnedDrop)]
struct Module {
    #[pin]
    registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for Module {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            registration <- Registration::register(
                c"careless",
                Device(Arc::new(AnonFs::mount(c"careless")?, GFP_KERNEL)?),
            ),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Module {
    fn drop(self: Pin<&mut Self>) {
        let errno = new_file(self.registration.shared());
        pr_info!("a file during unload: {errno}\n");
    }
}

/// The file system of the files that the driver creates.
#[derive(Clone)]
struct Device(Arc<AnonFs<Self>>);

/// Creates a file, and gives its descriptor to the current task. Returns 0 or an errno.
fn new_file(device: &Device) -> c_int {
    try_new_file(device).map_or_else(Error::to_errno, |()| 0)
}

fn try_new_file(device: &Device) -> Result {
    let inode = NewInode::new(&device.0, device.clone())?;
    let stream = OpenFile(device.clone(), false);
    NewFile::new(&inode, stream, flags::O_RDONLY)?.install();
    Ok(())
}

/// An open file, and whether its release creates another.
struct OpenFile(Device, bool);

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Device;

    fn open(device: &Device, flags: u32) -> Result<Self> {
        let again = flags & flags::O_NONBLOCK != 0;
        Ok(Self(device.clone(), again))
    }

    /// Claims more bytes than it copies. Returns an error that no driver may return to a read of one
    /// byte, and never has two.
    fn read(&self, iov: &mut IovIterDest<'_>, _call: IoCall<'_>) -> Result<usize> {
        match iov.len() {
            1 => return Err(EIOCBQUEUED),
            2 => return Err(EAGAIN),
            _ => {}
        }
        copy_to(iov, b"hello")?;
        Ok(1 << 20)
    }

    /// The same for a write.
    fn write(&self, iov: &mut IovIterSource<'_>, _call: IoCall<'_>) -> Result<usize> {
        match iov.len() {
            1 => Err(EIOCBQUEUED),
            len => Ok(len + 1),
        }
    }

    fn wait_readable(&self) -> Result {
        Ok(())
    }

    fn wait_writable(&self) -> Result {
        Ok(())
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        if self.1 {
            let errno = new_file(&self.0);
            pr_info!("a file during a release: {errno}\n");
        }
    }
}
