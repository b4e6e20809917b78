// SPDX-License-Identifier: GPL-2.0

//! Lesson 4: state that all open files share.

use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    prelude::*,
    str::CString,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Arc,
        Mutex, //
    },
};

module! {
    type: TallyModule,
    name: "tally",
    authors: ["You"],
    description: "A device that counts writes",
    license: "GPL",
}

kernel::sync::global_lock! {
    // SAFETY: Current::start() initializes the lock before the device exists, and no other code
    // uses it.
    /// The tally for files that are opened from now on.
    unsafe(uninit) static CURRENT: Mutex<Option<Arc<Tally>>> = None;
}

/// Keeps a tally in `CURRENT` as long as this value lives.
struct Current;

impl Current {
    fn start() -> Result<Self> {
        // SAFETY: The module makes one value of this type at its load, and no other.
        unsafe { CURRENT.init() };
        let tally = Tally::new(1)?;
        *CURRENT.lock() = Some(tally);
        Ok(Current)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        // No code of the module runs after its unload, so this drops the last reference.
        let tally = CURRENT.lock().take();
        drop(tally);
    }
}

/// The loaded module. Fields are dropped from the top down: first the device, so that no program
/// can open it, then the tally.
#[pin_data]
struct TallyModule {
    #[pin]
    _device: MiscDeviceRegistration<Tally>,
    _current: Current,
}

impl kernel::InPlaceModule for TallyModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _current: Current::start()?,
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"tally" }),
        })
    }
}

struct Counts {
    writes: u64,
    bytes: u64,
}

/// What the files share that were opened between two writes of "new".
#[pin_data(PinnedDrop)]
struct Tally {
    number: u32,
    /// The number of open files.
    files: Atomic<i32>,
    #[pin]
    counts: Mutex<Counts>,
}

impl Tally {
    fn new(number: u32) -> Result<Arc<Self>> {
        let tally = pin_init!(Self {
            number,
            files: Atomic::new(0),
            counts <- new_mutex!(Counts { writes: 0, bytes: 0 }),
        });
        Arc::pin_init(tally, GFP_KERNEL)
    }
}

#[pinned_drop]
impl PinnedDrop for Tally {
    fn drop(self: Pin<&mut Self>) {
        let Counts { writes, bytes } = *self.counts.lock();
        pr_info!(
            "tally {} freed, writes {writes}, bytes {bytes}\n",
            self.number
        );
    }
}

/// Copies the bytes of a write. Returns how many there are, and whether they begin with "new".
fn receive(iov: &mut IovIterSource<'_>) -> Result<(usize, bool)> {
    let wanted = iov.len();
    let mut chunk = [0; 64];
    let mut len = iov.copy_from_iter(&mut chunk);
    if len == 0 && wanted > 0 {
        return Err(EFAULT);
    }
    let new = chunk[..len].starts_with(b"new");
    loop {
        match iov.copy_from_iter(&mut chunk) {
            0 => return Ok((len, new)),
            more => len += more,
        }
    }
}

/// Answers a read of a file that contains `text`.
fn send(mut kiocb: Kiocb<'_, Arc<Tally>>, iov: &mut IovIterDest<'_>, text: &[u8]) -> Result<usize> {
    let position = usize::try_from(kiocb.ki_pos()).or(Err(EINVAL))?;
    let rest = text.get(position..).unwrap_or(&[]);
    if rest.is_empty() || iov.is_empty() {
        return Ok(0);
    }
    let copied = iov.copy_to_iter(rest);
    if copied == 0 {
        return Err(EFAULT);
    }
    *kiocb.ki_pos_mut() += copied as i64;
    Ok(copied)
}

#[vtable]
impl MiscDevice for Tally {
    type Ptr = Arc<Self>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        let tally = CURRENT.lock().clone().ok_or(ENODEV)?;
        tally.files.add(1, Relaxed);
        Ok(tally)
    }

    fn release(tally: Self::Ptr, _file: &File) {
        tally.files.add(-1, Relaxed);
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        let tally = kiocb.file();
        let files = tally.files.load(Relaxed);
        let Counts { writes, bytes } = *tally.counts.lock();
        let text = CString::try_from_fmt(fmt!("files {files}, writes {writes}, bytes {bytes}\n"))?;
        send(kiocb, iov, text.to_bytes())
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        // The copy may sleep for long, so no lock is held yet.
        let (len, new) = receive(iov)?;
        let tally = kiocb.file();
        if new {
            // One guard, so that no other task gives the same number.
            let mut current = CURRENT.lock();
            let number = current
                .as_ref()
                .map_or(1, |tally| tally.number.wrapping_add(1));
            let old = current.replace(Tally::new(number)?);
            // The guard is dropped first, then the old tally.
            drop(current);
            drop(old);
        }
        let mut counts = tally.counts.lock();
        counts.writes += 1;
        counts.bytes += len as u64;
        Ok(len)
    }
}
