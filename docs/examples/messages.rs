// SPDX-License-Identifier: GPL-2.0

//! Sends 1,000 lines from one thread to another through a mapped FIFO of /dev/rust_sample. Each
//! makes a system call only to wait for the other, or to wake it.
//!
//! ```text
//! rustc -O -o messages docs/examples/messages.rs
//! ```

use std::{
    ffi::{
        c_int,
        c_long,
        c_ulong,
        c_void, //
    },
    fs::File,
    io::{
        Error,
        Result, //
    },
    os::fd::{
        AsRawFd,
        FromRawFd, //
    },
    ptr,
    slice,
    sync::atomic::{
        fence,
        AtomicU64,
        Ordering::{
            Acquire,
            Relaxed,
            Release,
            SeqCst, //
        }, //
    },
    thread, //
};

extern "C" {
    fn ioctl(fd: c_int, request: c_ulong, ...) -> c_int;
    fn mmap(
        addr: *mut c_void,
        len: usize,
        prot: c_int,
        flags: c_int,
        fd: c_int,
        offset: c_long,
    ) -> *mut c_void;
    fn munmap(addr: *mut c_void, len: usize) -> c_int;
    fn sysconf(name: c_int) -> c_long;
}

const PROT_READ: c_int = 1;
const PROT_WRITE: c_int = 2;
const MAP_SHARED: c_int = 1;
const SC_PAGESIZE: c_int = 30;

// As in rust_sample.h.
const MAGIC: c_ulong = 0xf7 << 8;
const NEW_FIFO: c_ulong = 3 << 30 | (size_of::<NewFifo>() as c_ulong) << 16 | MAGIC | 4;
const WAIT: c_ulong = 1 << 30 | 8 << 16 | MAGIC | 5;
const WAKE: c_ulong = MAGIC | 6;
const FIFO_MAPPABLE: u32 = 1 << 31;

/// `struct rust_sample_new_fifo`.
#[repr(C)]
struct NewFifo {
    capacity: u64,
    flags: u32,
    read_fd: c_int,
    write_fd: c_int,
    reserved: u32,
}

/// `struct rust_sample_control`.
#[repr(C)]
struct Control {
    position: AtomicU64,
    reserved: [u64; 7],
    need_wakeup: AtomicU64,
    closed: AtomicU64,
}

/// A mapping, which unmaps itself.
struct Mapping {
    start: *mut u8,
    len: usize,
}

impl Mapping {
    fn new(file: &File, len: usize, prot: c_int, offset: c_long) -> Result<Self> {
        // SAFETY: The kernel chooses an address where nothing is mapped.
        let start = unsafe {
            mmap(
                ptr::null_mut(),
                len,
                prot,
                MAP_SHARED,
                file.as_raw_fd(),
                offset,
            )
        };
        if start as isize == -1 {
            return Err(Error::last_os_error());
        }
        let start = start.cast();
        Ok(Self { start, len })
    }

    /// Returns the words of a control page.
    fn control(&self) -> &Control {
        // SAFETY: A control page begins with these words, which all processes access atomically.
        unsafe { &*self.start.cast() }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: No reference into the mapping outlives it.
        unsafe { munmap(self.start.cast(), self.len) };
    }
}

/// One end of a mapped FIFO.
struct End {
    file: File,
    capacity: usize,
    own: Mapping,
    peer: Mapping,
    data: Mapping,
}

// SAFETY: The memory belongs to the process, whatever thread uses it.
unsafe impl Send for End {}

impl End {
    fn new(file: File, capacity: usize, prot: c_int) -> Result<Self> {
        // SAFETY: sysconf() has no requirements.
        let page = unsafe { sysconf(SC_PAGESIZE) } as usize;
        Ok(Self {
            own: Mapping::new(&file, page, PROT_READ | PROT_WRITE, 0)?,
            peer: Mapping::new(&file, page, PROT_READ, 0x1000_0000)?,
            data: Mapping::new(&file, 2 * capacity, prot, 0x2000_0000)?,
            file,
            capacity,
        })
    }

    /// Returns the memory at `position`. As many bytes as the capacity are contiguous there.
    fn at(&self, position: u64) -> *mut u8 {
        self.data
            .start
            .wrapping_add(position as usize % self.capacity)
    }

    /// Returns how many bytes are in the FIFO, whatever the other process has stored.
    fn used(&self, head: u64, tail: u64) -> usize {
        head.wrapping_sub(tail).min(self.capacity as u64) as usize
    }

    fn publish(&self, position: u64) {
        self.own.control().position.store(position, Release);
        // The position before the word: a task that waits does the opposite.
        fence(SeqCst);
        if self.peer.control().need_wakeup.load(Relaxed) != 0 {
            // SAFETY: This request has no argument.
            unsafe { ioctl(self.file.as_raw_fd(), WAKE) };
        }
    }

    fn wait(&self, bytes: usize) -> Result<()> {
        let bytes = bytes as u64;
        // SAFETY: The argument of this request is a number of 64 bits.
        if unsafe { ioctl(self.file.as_raw_fd(), WAIT, &bytes) } != 0 {
            return Err(Error::last_os_error());
        }
        Ok(())
    }

    fn send(&self, bytes: &[u8]) -> Result<()> {
        let head = self.own.control().position.load(Relaxed);
        // Acquire: the reader no longer uses the bytes that it has taken out.
        let used = self.used(head, self.peer.control().position.load(Acquire));
        if self.capacity - used < bytes.len() {
            self.wait(bytes.len())?;
            self.peer.control().position.load(Acquire);
        }
        // SAFETY: There is room for these bytes, and the mapping is writable.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.at(head), bytes.len()) };
        self.publish(head.wrapping_add(bytes.len() as u64));
        Ok(())
    }

    /// Calls `f` with the bytes that are there. Returns false at the end. The other end must not
    /// change them meanwhile: this program trusts it.
    fn receive(&self, f: &mut dyn FnMut(&[u8])) -> Result<bool> {
        // In this order: the last bytes come before the end.
        let closed = self.peer.control().closed.load(Acquire) != 0;
        let tail = self.own.control().position.load(Relaxed);
        let used = self.used(self.peer.control().position.load(Acquire), tail);
        if used == 0 && closed {
            return Ok(false);
        }
        if used == 0 {
            self.wait(1)?;
        }
        // SAFETY: As many bytes are there.
        f(unsafe { slice::from_raw_parts(self.at(tail), used) });
        self.publish(tail.wrapping_add(used as u64));
        Ok(true)
    }
}

fn main() -> Result<()> {
    let device = File::open("/dev/rust_sample")?;
    let mut fifo = NewFifo {
        capacity: 0,
        flags: FIFO_MAPPABLE,
        read_fd: -1,
        write_fd: -1,
        reserved: 0,
    };
    // SAFETY: The argument of this request is such a struct.
    if unsafe { ioctl(device.as_raw_fd(), NEW_FIFO, &mut fifo) } != 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: Both descriptors are new.
    let [reader, writer] = [fifo.read_fd, fifo.write_fd].map(|fd| unsafe { File::from_raw_fd(fd) });
    let capacity = fifo.capacity as usize;
    let reader = End::new(reader, capacity, PROT_READ)?;
    let writer = End::new(writer, capacity, PROT_READ | PROT_WRITE)?;

    let counting = thread::spawn(move || -> Result<(usize, usize)> {
        let (mut lines, mut bytes) = (0, 0);
        while reader.receive(&mut |part| {
            lines += part.iter().filter(|byte| **byte == b'\n').count();
            bytes += part.len();
        })? {}
        Ok((lines, bytes))
    });
    for number in 0..1000 {
        writer.send(format!("message {number}\n").as_bytes())?;
    }
    // The end is closed when neither a mapping nor a descriptor is left.
    drop(writer);
    let (lines, bytes) = counting
        .join()
        .map_err(|_| Error::other("a thread panicked"))??;
    println!("{lines} lines, {bytes} bytes");
    Ok(())
}
