// SPDX-License-Identifier: GPL-2.0

//! Private FIFOs: their creation, and the calls that only mappable ones have.

#![deny(unsafe_code)]

use crate::{
    fifo::{
        Area,
        Kind,
        Side, //
    },
    miscdev::prelude::*,
    uapi::NewFifo,
    OpenFile, //
};
use kernel::prelude::*;

impl OpenFile {
    /// Creates a FIFO, by the request in the caller's memory.
    ///
    /// # Errors
    ///
    /// As [`Device::new_private`](crate::device::Device::new_private), [`NewInode::new`],
    /// [`NewFile::new`] and [`NewFifo::read_from`].
    pub(crate) fn new_fifo(&self, user: UserSlice) -> Result {
        let (from, to) = user.reader_writer();
        let request = NewFifo::read_from(from)?;
        // mmap(2) needs both access modes, whatever the end.
        let (kind, modes) = if request.is_mappable() {
            (Kind::Mappable, [flags::O_RDWR; 2])
        } else {
            (Kind::Private, [flags::O_RDONLY, flags::O_WRONLY])
        };
        let private = self.device.new_private(request.capacity, kind)?;
        let inode = NewInode::new(&self.device.common.inodes, private)?;
        let shared = inode.shared();
        let writer = Self::new(shared, request.file_flags(flags::O_WRONLY))?;
        let reader = Self::new(shared, request.file_flags(flags::O_RDONLY))?;
        let [read_flags, write_flags] = modes.map(|mode| request.file_flags(mode));
        let read_end = NewFile::new(&inode, reader, read_flags)?;
        let write_end = NewFile::new(&inode, writer, write_flags)?;
        let answer = NewFifo {
            capacity: shared.fifo.capacity() as u64,
            read_fd: read_end.fd(),
            write_fd: write_end.fd(),
            ..request
        };
        answer.write_to(to)?;
        read_end.install();
        write_end.install();
        Ok(())
    }

    /// Discards all bytes of the FIFO.
    ///
    /// # Errors
    ///
    /// `EBADF` if the file is not open for writing. If programs can map the FIFO, `EBADF` if it is
    /// not the read end: only the task that uses that end may move its position.
    pub(crate) fn clear(&self) -> Result {
        if self.device.fifo.is_mappable() {
            self.reader()?;
        } else {
            self.writer()?;
        }
        self.device.fifo.clear();
        Ok(())
    }

    /// Returns which end of a FIFO this file is.
    ///
    /// # Errors
    ///
    /// `EACCES` if the file is open for both ends.
    pub(crate) fn side(&self) -> Result<Side> {
        match (&self.reader, &self.writer) {
            (Some(_), None) => Ok(Side::Read),
            (None, Some(_)) => Ok(Side::Write),
            _ => Err(EACCES),
        }
    }

    /// Waits for the number of bytes in the caller's memory, or for as much room.
    ///
    /// # Errors
    ///
    /// `EFAULT`, and as [`Self::side`] and [`Fifo::wait_for`](crate::fifo::Fifo::wait_for).
    pub(crate) fn wait_mapped(&self, user: UserSlice) -> Result {
        let side = self.side()?;
        self.device.fifo.wait_for(side, user.reader().read()?)
    }

    /// Maps the area that the offset of `vma` names.
    ///
    /// # Errors
    ///
    /// `ENODEV` if programs cannot map the FIFO, `EINVAL` if there is no such area, and as
    /// [`Self::side`] and [`SharedPages::map`](mapping::SharedPages::map).
    pub(crate) fn map(&self, vma: &VmaNew) -> Result {
        if !self.device.fifo.is_mappable() {
            return Err(ENODEV);
        }
        let side = self.side()?;
        let area = Area::parse(mapping::offset(vma)).ok_or(EINVAL)?;
        self.device.fifo.map(vma, side, area)
    }
}
