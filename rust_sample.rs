// SPDX-License-Identifier: GPL-2.0

//! A character device, `/dev/rust_sample`: a FIFO kept by the kernel.
//!
//! This file has the module's parameters, load and unload, and the calls on open files. It uses
//!
//! - `device`: what open files share, and the limits of capacities;
//! - `fifo`: the FIFO that all open files share, with its waiting and waking;
//! - `private`: FIFOs that programs create, and map;
//! - `miscdev`: a misc device whose files are streams, for any driver;
//! - `kernel_ext`: what the kernel crate lacks;
//! - `uapi`: the Rust side of `rust_sample.h`, the interface to programs.

use kernel::prelude::*;

mod device;
mod fifo;
mod kernel_ext;
mod miscdev;
mod private;
mod uapi;

use device::Device;
use fifo::{
    Caller,
    Reader,
    Writer, //
};
use miscdev::prelude::*;
use uapi::{
    Ioctl,
    NewFifo, //
};

module! {
    type: RustSample,
    name: "rust_sample",
    authors: ["The rust_sample authors"],
    description: "A FIFO in /dev/rust_sample, written in Rust",
    license: "GPL",
    params: {
        capacity: u64 {
            default: 65_536,
            description: "Capacity of the FIFO in bytes, rounded up to a power of two, at least 4096",
        },
        max_capacity: u64 {
            default: 1_048_576,
            description: "Largest capacity in bytes without CAP_SYS_RESOURCE, rounded likewise",
        },
    },
}

/// The module, from load to unload.
#[pin_data(PinnedDrop)]
struct RustSample {
    #[pin]
    registration: Registration<OpenFile>,
}

impl kernel::InPlaceModule for RustSample {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            // The last step that can fail: from here on the device may be in use.
            registration <- Registration::register(c"rust_sample", Device::new()?),
            _: {
                let device = registration.shared();
                let (capacity, max_capacity) = (device.fifo.capacity(), device.common.max_capacity);
                pr_info!("loaded: capacity {capacity} bytes, at most {max_capacity}\n");
            },
        })
    }
}

#[pinned_drop]
impl PinnedDrop for RustSample {
    fn drop(self: Pin<&mut Self>) {
        let stats = self.registration.shared().fifo.stats();
        pr_info!(
            "unloaded: {} bytes in, {} out, {} cleared, {} left\n",
            stats.total_in,
            stats.total_out,
            stats.total_cleared,
            stats.used
        );
    }
}

/// An open file of the device: one side of the FIFO or both, by its access mode.
struct OpenFile {
    device: Device,
    reader: Option<Reader>,
    writer: Option<Writer>,
}

impl OpenFile {
    /// Opens the sides of the FIFO that the access mode in `flags` names.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the access mode is none of the three, as for a FIFO.
    fn new(device: &Device, flags: u32) -> Result<Self> {
        let nonblock = flags & flags::O_NONBLOCK != 0;
        let (reads, writes) = match flags & flags::O_ACCMODE {
            flags::O_RDONLY => (true, false),
            flags::O_WRONLY => (false, true),
            flags::O_RDWR => (true, true),
            _ => return Err(EINVAL),
        };
        // The writer first: a file that is open for both has seen a writer.
        let writer = writes.then(|| Writer::open(device.fifo.clone()));
        let reader = reads.then(|| Reader::open(device.fifo.clone(), nonblock));
        Ok(Self {
            device: device.clone(),
            reader,
            writer,
        })
    }

    /// Returns the read side, `EBADF` if the file is not open for reading.
    fn reader(&self) -> Result<&Reader> {
        self.reader.as_ref().ok_or(EBADF)
    }

    /// Returns the write side, `EBADF` if the file is not open for writing.
    fn writer(&self) -> Result<&Writer> {
        self.writer.as_ref().ok_or(EBADF)
    }
}

impl Caller for IoCall<'_> {
    fn may_block(&self) -> bool {
        self.may_block()
    }

    fn send_sigpipe(&self) {
        self.send_sigpipe();
    }
}

#[vtable]
impl StreamDevice for OpenFile {
    type Shared = Device;

    /// Never blocks. A FIFO's open waits for the first writer; here the first read does.
    fn open(device: &Device, flags: u32) -> Result<Self> {
        Self::new(device, flags)
    }

    #[inline]
    fn read(&self, iov: &mut IovIterDest<'_>, call: IoCall<'_>) -> Result<usize> {
        self.reader()?.read(iov, &call)
    }

    #[inline]
    fn write(&self, iov: &mut IovIterSource<'_>, call: IoCall<'_>) -> Result<usize> {
        self.writer()?.write(iov, &call)
    }

    fn fasync_queues(device: &Device) -> Arc<FasyncQueues> {
        device.fifo.fasync_queues()
    }

    // Not by the access mode: the ends of a mappable FIFO have both.
    fn fasync_events(&self) -> PollEvents {
        PollEvents::READABLE.when(self.reader.is_some())
            | PollEvents::WRITABLE.when(self.writer.is_some())
    }

    fn wait_readable(&self) -> Result {
        self.reader()?.wait().map(drop)
    }

    fn wait_writable(&self) -> Result {
        self.writer()?.wait().map(drop)
    }

    fn poll<'a>(&'a self, table: &PollTable<'a>) -> PollEvents {
        let reader = self.reader.as_ref().map(|reader| reader.poll(table));
        let writer = self.writer.as_ref().map(|writer| writer.poll(table));
        reader.unwrap_or(PollEvents::NONE) | writer.unwrap_or(PollEvents::NONE)
    }

    fn ioctl(&self, cmd: u32, arg: usize) -> Result<isize> {
        let user = |size| UserSlice::new(UserPtr::from_addr(arg), size);
        match Ioctl::parse(cmd).ok_or(ENOTTY)? {
            Ioctl::Fionread => {
                let bytes = c_int::try_from(self.device.fifo.len()).unwrap_or(c_int::MAX);
                user(size_of_val(&bytes)).writer().write(&bytes)?;
            }
            Ioctl::GetInfo(size) => self.device.info().write_to(user(size).writer())?,
            Ioctl::SetCapacity => {
                self.writer()?;
                let bytes = user(size_of::<u64>()).reader().read::<u64>()?;
                self.device.set_capacity(fifo::round_capacity(bytes)?)?;
            }
            Ioctl::Clear => self.clear()?,
            Ioctl::NewFifo => self.new_fifo(user(size_of::<NewFifo>()))?,
            Ioctl::Wait | Ioctl::Wake if !self.device.fifo.is_mappable() => return Err(ENOTTY),
            Ioctl::Wait => self.wait_mapped(user(size_of::<u64>()))?,
            Ioctl::Wake => self.device.fifo.wake(self.side()?.other()),
        }
        Ok(0)
    }

    fn mmap(&self, vma: &VmaNew) -> Result {
        self.map(vma)
    }

    fn show_fdinfo(&self, m: &SeqFile) {
        self.device.info().show(m);
    }
}
