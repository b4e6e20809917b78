// SPDX-License-Identifier: GPL-2.0

//! A character device, `/dev/rust_sample`: a FIFO that the kernel keeps.
//!
//! This is a whole driver on a few screens, in safe Rust: its parameters, what happens when it is
//! loaded and unloaded, and what the calls on its files mean. One idea deeper each are
//!
//! - `fifo.rs`: the FIFO that all open files share, with its waiting and waking;
//! - `ring.rs`: the bytes, between one producer and one consumer;
//! - `miscdev.rs`: what the kernel crate's misc device lacks;
//! - `compat.rs`: what differs between the series of the kernel;
//! - `uapi.rs`: the Rust side of `rust_sample.h`, the interface to programs.

use kernel::{
    fs::{
        file::flags,
        File, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    prelude::*,
    seq_file::{
        seq_print,
        SeqFile, //
    },
    sync::Arc,
    uaccess::{
        UserPtr,
        UserSlice, //
    }, //
};

mod compat;
#[deny(unsafe_code)]
mod fifo;
mod miscdev;
mod ring;
#[deny(unsafe_code)]
mod uapi;

use fifo::{
    Fifo,
    Reader,
    Waiting,
    Writer, //
};
use miscdev::{
    events,
    AsyncQueues,
    Call,
    Poll,
    Registration,
    StreamDevice, //
};
use uapi::{
    Info,
    Request, //
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
            description: "Bytes that the FIFO holds, rounded up to a power of two, at least 4096",
        },
        max_capacity: u64 {
            default: 1_048_576,
            description: "Greatest capacity in bytes without CAP_SYS_RESOURCE, rounded likewise",
        },
    },
}

/// The module, from load to unload.
#[pin_data(PinnedDrop)]
struct RustSample {
    // Dropped first: nobody can open the device any more when the rest goes.
    #[pin]
    _device: Registration<OpenFile>,
    fifo: Arc<Fifo>,
}

impl kernel::InPlaceModule for RustSample {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        pin_init::pin_init_scope(|| {
            let (capacity, max_capacity) = parameters()?;
            let fifo = Fifo::new(capacity).inspect_err(|_| {
                pr_err!("no memory for a capacity of {} bytes\n", capacity);
            })?;
            Ok(try_pin_init!(Self {
                fifo,
                // The last step that can fail: from here on the device may be in use.
                _device <- Registration::register(c"rust_sample", fifo.clone()),
                _: {
                    pr_info!(
                        "loaded: capacity {} bytes, at most {}\n",
                        capacity,
                        max_capacity
                    );
                },
            }))
        })
    }
}

#[pinned_drop]
impl PinnedDrop for RustSample {
    fn drop(self: Pin<&mut Self>) {
        let ring = self.fifo.ring();
        pr_info!(
            "unloaded: {} bytes in, {} out, {} cleared, {} left\n",
            ring.total_in(),
            ring.total_out(),
            ring.total_cleared(),
            ring.len()
        );
    }
}

/// The parameters `capacity` and `max_capacity` in bytes, rounded.
///
/// # Errors
///
/// `EINVAL` for nonsense, and a line in the log says which.
fn parameters() -> Result<(usize, usize)> {
    let wanted = compat::value(&module_parameters::capacity);
    let most = compat::value(&module_parameters::max_capacity);
    let round = |name, bytes| {
        fifo::round_capacity(bytes).inspect_err(|_| {
            pr_err!(
                "{}={} is not from 1 to {} bytes\n",
                name,
                bytes,
                fifo::MAX_CAPACITY
            );
        })
    };
    let capacity = round("capacity", wanted)?;
    let max_capacity = round("max_capacity", most)?;
    if capacity > max_capacity {
        pr_err!("capacity={} is above max_capacity={}\n", wanted, most);
        return Err(EINVAL);
    }
    Ok((capacity, max_capacity))
}

/// An open file of the device: up to two ends of the FIFO, as its access mode has it.
struct OpenFile {
    fifo: Arc<Fifo>,
    reader: Option<Reader>,
    writer: Option<Writer>,
}

impl StreamDevice for OpenFile {
    type Shared = Fifo;

    /// Never blocks. A FIFO's open waits for the first writer; here the first read does.
    ///
    /// # Errors
    ///
    /// `EINVAL` for an access mode that is none of the three, as for a FIFO.
    fn open(fifo: &Arc<Fifo>, file: &File) -> Result<Self> {
        let nonblock = file.flags() & flags::O_NONBLOCK != 0;
        let (reads, writes) = match file.flags() & flags::O_ACCMODE {
            flags::O_RDONLY => (true, false),
            flags::O_WRONLY => (false, true),
            flags::O_RDWR => (true, true),
            _ => return Err(EINVAL),
        };
        // The writer first: a file that is both has seen one.
        let writer = writes.then(|| Writer::open(fifo.clone()));
        let reader = reads.then(|| Reader::open(fifo.clone(), nonblock));
        Ok(Self {
            fifo: fifo.clone(),
            reader,
            writer,
        })
    }

    #[inline]
    fn read(&self, iov: &mut IovIterDest<'_>, call: Call<'_>) -> Result<usize> {
        let reader = self.reader.as_ref().ok_or(EBADF)?;
        reader.read(iov, &|| waiting(&call))
    }

    #[inline]
    fn write(&self, iov: &mut IovIterSource<'_>, call: Call<'_>) -> Result<usize> {
        let writer = self.writer.as_ref().ok_or(EBADF)?;
        writer.write(iov, &|| waiting(&call))
    }

    fn wait_readable(&self) -> Result<impl Sized + '_> {
        self.reader.as_ref().ok_or(EBADF)?.wait()
    }

    fn wait_writable(&self) -> Result<impl Sized + '_> {
        self.writer.as_ref().ok_or(EBADF)?.wait()
    }

    fn poll(&self, poll: &Poll<'_>) -> u32 {
        let mut mask = 0;
        if let Some(reader) = &self.reader {
            let (bytes, hung_up) = reader.poll(poll);
            mask |= if bytes { events::READ } else { 0 };
            mask |= if hung_up { events::HANG_UP } else { 0 };
        }
        if let Some(writer) = &self.writer {
            let room = writer.poll(poll);
            mask |= if room { events::WRITE } else { 0 };
        }
        mask
    }

    fn ioctl(&self, cmd: u32, arg: usize) -> Result<isize> {
        let user = |size| UserSlice::new(UserPtr::from_addr(arg), size);
        match Request::parse(cmd).ok_or(ENOTTY)? {
            Request::Fionread => {
                let bytes = c_int::try_from(self.fifo.ring().len()).unwrap_or(c_int::MAX);
                user(size_of_val(&bytes)).writer().write(&bytes)?;
            }
            Request::GetInfo(size) => self.info().write_to(user(size).writer())?,
            Request::SetCapacity => {
                self.writer.as_ref().ok_or(EBADF)?;
                let bytes = user(size_of::<u64>()).reader().read::<u64>()?;
                let capacity = fifo::round_capacity(bytes)?;
                let max = fifo::round_capacity(compat::value(&module_parameters::max_capacity))?;
                let grows = capacity > self.fifo.ring().capacity();
                if grows && capacity > max && !miscdev::may_exceed_limits() {
                    return Err(EPERM);
                }
                self.fifo.set_capacity(capacity)?;
            }
            Request::Clear => {
                self.writer.as_ref().ok_or(EBADF)?;
                self.fifo.clear();
            }
        }
        Ok(0)
    }

    fn show_fdinfo(&self, m: &SeqFile) {
        for (name, value) in self.info().fields() {
            seq_print!(m, "{}:\t{}\n", name, value);
        }
    }

    fn async_queues(fifo: &Fifo) -> &AsyncQueues {
        fifo.signals()
    }
}

impl OpenFile {
    /// What there is to know of the FIFO.
    fn info(&self) -> Info {
        let ring = self.fifo.ring();
        Info {
            capacity: ring.capacity() as u64,
            used: ring.len() as u64,
            readers: u64::from(self.fifo.readers()),
            writers: u64::from(self.fifo.writers()),
            total_in: ring.total_in(),
            total_out: ring.total_out(),
            total_cleared: ring.total_cleared(),
        }
    }
}

/// How a call wants to be treated at this moment.
fn waiting(call: &Call<'_>) -> Waiting {
    Waiting {
        nonblock: call.nonblock(),
        nowait: call.nowait(),
    }
}
