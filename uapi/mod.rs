// SPDX-License-Identifier: GPL-2.0

//! The Rust side of `rust_sample.h`, which documents each item for programs.
//!
//! A test compiles the header and compares its numbers and layouts with those of the loaded module.

#![deny(unsafe_code)]

use crate::{
    fifo::{
        Area,
        Stats, //
    },
    kernel_ext::compat::FIONREAD, //
};
use kernel::{
    fs::file::flags,
    ioctl::{
        _IO,
        _IOC_DIR,
        _IOC_NR,
        _IOC_SIZE,
        _IOC_TYPE,
        _IOR,
        _IOW,
        _IOWR, //
    },
    prelude::*,
    seq_file::{
        seq_print,
        SeqFile, //
    },
    transmute::AsBytes,
    uaccess::{
        UserSliceReader,
        UserSliceWriter, //
    }, //
};

const MAGIC: u32 = 0xF7;

/// `struct rust_sample_info`: 64-bit fields in native byte order, without padding.
#[repr(C)]
pub(crate) struct Info {
    pub(crate) capacity: u64,
    pub(crate) used: u64,
    pub(crate) readers: u64,
    pub(crate) writers: u64,
    pub(crate) total_in: u64,
    pub(crate) total_out: u64,
    pub(crate) total_cleared: u64,
}

impl From<Stats> for Info {
    fn from(stats: Stats) -> Self {
        Self {
            capacity: stats.capacity as u64,
            used: stats.used as u64,
            readers: u64::from(stats.readers),
            writers: u64::from(stats.writers),
            total_in: stats.total_in,
            total_out: stats.total_out,
            total_cleared: stats.total_cleared,
        }
    }
}

impl Info {
    /// The names of the fields, in the order of the struct.
    const NAMES: [&'static str; 7] = [
        "capacity",
        "used",
        "readers",
        "writers",
        "total_in",
        "total_out",
        "total_cleared",
    ];

    /// The values of the fields, in the order of the struct.
    fn values(&self) -> [u64; 7] {
        [
            self.capacity,
            self.used,
            self.readers,
            self.writers,
            self.total_in,
            self.total_out,
            self.total_cleared,
        ]
    }

    /// Shows each field in a line of its own, in the order of the struct.
    pub(crate) fn show(&self, m: &SeqFile) {
        for (name, value) in Self::NAMES.iter().copied().zip(self.values()) {
            seq_print!(m, "{}:\t{}\n", name, value);
        }
    }

    /// Writes the fields into a struct as long as `writer`: those that fit whole, then zeroes.
    ///
    /// # Errors
    ///
    /// `EFAULT` for a bad address.
    pub(crate) fn write_to(&self, mut writer: UserSliceWriter) -> Result {
        let values = self.values();
        let bytes = AsBytes::as_bytes(&values);
        let fits = writer.len() & !(size_of::<u64>() - 1);
        writer.write_slice(bytes.get(..fits).unwrap_or(bytes))?;
        while !writer.is_empty() {
            writer.write_slice_partial(&[0; 64], 0)?;
        }
        Ok(())
    }
}

/// A flag of [`NewFifo`]: programs can map the FIFO.
const FIFO_MAPPABLE: u32 = 1 << 31;

/// `struct rust_sample_new_fifo`, without padding.
#[repr(C)]
pub(crate) struct NewFifo {
    pub(crate) capacity: u64,
    pub(crate) flags: u32,
    pub(crate) read_fd: c_int,
    pub(crate) write_fd: c_int,
    pub(crate) reserved: u32,
}

impl NewFifo {
    /// Reads the request. The descriptors in it have no meaning.
    ///
    /// # Errors
    ///
    /// `EINVAL` if a flag is unknown or `reserved` is not 0, `EFAULT` for a bad address.
    pub(crate) fn read_from(mut reader: UserSliceReader) -> Result<Self> {
        let request = Self {
            capacity: reader.read()?,
            flags: reader.read()?,
            read_fd: reader.read()?,
            write_fd: reader.read()?,
            reserved: reader.read()?,
        };
        let known = flags::O_CLOEXEC | flags::O_NONBLOCK | FIFO_MAPPABLE;
        if request.flags & !known != 0 || request.reserved != 0 {
            return Err(EINVAL);
        }
        Ok(request)
    }

    /// Returns whether programs can map the FIFO.
    pub(crate) fn is_mappable(&self) -> bool {
        self.flags & FIFO_MAPPABLE != 0
    }

    /// Returns the flags of the files with the access mode `mode`.
    pub(crate) fn file_flags(&self, mode: u32) -> u32 {
        mode | (self.flags & !FIFO_MAPPABLE)
    }

    /// Writes the answer.
    ///
    /// # Errors
    ///
    /// `EFAULT` for a bad address.
    pub(crate) fn write_to(&self, mut writer: UserSliceWriter) -> Result {
        writer.write(&self.capacity)?;
        writer.write(&self.flags)?;
        writer.write(&self.read_fd)?;
        writer.write(&self.write_fd)?;
        writer.write(&self.reserved)
    }
}

const GET_INFO: u32 = _IOR::<Info>(MAGIC, 1);
const SET_CAPACITY: u32 = _IOW::<u64>(MAGIC, 2);
const CLEAR: u32 = _IO(MAGIC, 3);
const NEW_FIFO: u32 = _IOWR::<NewFifo>(MAGIC, 4);
const WAIT: u32 = _IOW::<u64>(MAGIC, 5);
const WAKE: u32 = _IO(MAGIC, 6);

impl Area {
    /// Returns the area that mmap(2) maps at `offset`, [`None`] if there is none.
    pub(crate) fn parse(offset: u64) -> Option<Self> {
        match offset {
            0 => Some(Self::Own),
            0x1000_0000 => Some(Self::Peer),
            0x2000_0000 => Some(Self::Data),
            _ => None,
        }
    }
}

/// A request of ioctl(2).
pub(crate) enum Ioctl {
    /// Gets the number of bytes that can be read, as an `int`.
    Fionread,
    /// Gets [`Info`], in a struct of this many bytes.
    GetInfo(usize),
    /// Sets the capacity in bytes, a 64-bit number.
    SetCapacity,
    /// Discards all bytes. Has no argument.
    Clear,
    /// Creates a FIFO of the caller's own, see [`NewFifo`].
    NewFifo,
    /// Waits for a number of bytes, or for as much room.
    Wait,
    /// Wakes the tasks that wait at the other end. Has no argument.
    Wake,
}

impl Ioctl {
    /// Returns the request with the number `cmd`, [`None`] if it is unknown.
    pub(crate) fn parse(cmd: u32) -> Option<Self> {
        match cmd {
            FIONREAD => Some(Self::Fionread),
            SET_CAPACITY => Some(Self::SetCapacity),
            CLEAR => Some(Self::Clear),
            NEW_FIFO => Some(Self::NewFifo),
            WAIT => Some(Self::Wait),
            WAKE => Some(Self::Wake),
            // The struct may grow, so any size is accepted.
            _ if _IOC_TYPE(cmd) == _IOC_TYPE(GET_INFO)
                && _IOC_NR(cmd) == _IOC_NR(GET_INFO)
                && _IOC_DIR(cmd) == _IOC_DIR(GET_INFO) =>
            {
                Some(Self::GetInfo(_IOC_SIZE(cmd)))
            }
            _ => None,
        }
    }
}
