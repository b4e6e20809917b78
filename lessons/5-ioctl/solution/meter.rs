// SPDX-License-Identifier: GPL-2.0

//! Lesson 5: ioctls, and an interface that lasts.

use kernel::{
    fs::File,
    ioctl::{
        _IO,
        _IOC_SIZE,
        _IOR,
        _IOW, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    prelude::*,
    sync::Mutex,
    uaccess::{
        UserPtr,
        UserSlice,
        UserSliceReader,
        UserSliceWriter, //
    },
};

module! {
    type: MeterModule,
    name: "meter",
    authors: ["You"],
    description: "A device whose files each add up samples",
    license: "GPL",
}

const ADD: u32 = _IOW::<[u64; 2]>('m' as u32, 1);
/// METER_GET for a struct of no bytes: the caller's size is added to it.
const GET: u32 = _IOR::<[u8; 0]>('m' as u32, 2);
const RESET: u32 = _IO('m' as u32, 3);

/// The number of an ioctl without the size that it contains.
fn without_size(cmd: u32) -> u32 {
    cmd - ((_IOC_SIZE(cmd) as u32) << 16)
}

/// The loaded module.
#[pin_data]
struct MeterModule {
    #[pin]
    _device: MiscDeviceRegistration<Meter>,
}

impl kernel::InPlaceModule for MeterModule {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"meter" }),
        })
    }
}

/// `struct meter_info`.
#[derive(Clone, Copy, Default)]
struct Info {
    total: u64,
    largest: u64,
    count: u64,
}

/// An open file.
#[pin_data]
struct Meter {
    #[pin]
    info: Mutex<Info>,
}

impl Meter {
    /// Adds a `struct meter_sample`.
    fn add(&self, mut sample: UserSliceReader) -> Result {
        let flags: u32 = sample.read()?;
        let reserved: u32 = sample.read()?;
        let value: u64 = sample.read()?;
        if flags != 0 || reserved != 0 {
            return Err(EINVAL);
        }
        let mut info = self.info.lock();
        info.total = info.total.checked_add(value).ok_or(EOVERFLOW)?;
        info.largest = info.largest.max(value);
        info.count += 1;
        Ok(())
    }

    /// Writes a `struct meter_info` of the caller's size.
    fn get(&self, mut user: UserSliceWriter) -> Result {
        if user.len() < size_of::<u64>() || user.len() % size_of::<u64>() != 0 {
            return Err(EINVAL);
        }
        // The copy may sleep for long, so the lock is released before it.
        let Info {
            total,
            largest,
            count,
        } = *self.info.lock();
        let mut fields = [total, largest, count].into_iter();
        while !user.is_empty() {
            user.write(&fields.next().unwrap_or(0))?;
        }
        Ok(())
    }
}

#[vtable]
impl MiscDevice for Meter {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        KBox::pin_init(
            pin_init!(Self { info <- new_mutex!(Info::default()) }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    fn ioctl(meter: Pin<&Self>, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        let user = UserSlice::new(UserPtr::from_addr(arg), _IOC_SIZE(cmd));
        match cmd {
            ADD => meter.add(user.reader())?,
            RESET => *meter.info.lock() = Info::default(),
            _ if without_size(cmd) == GET => meter.get(user.writer())?,
            _ => return Err(ENOTTY),
        }
        Ok(0)
    }
}
