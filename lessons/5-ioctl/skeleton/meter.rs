// SPDX-License-Identifier: GPL-2.0

//! Lesson 5: ioctls, and an interface that lasts.

use kernel::{
    fs::File,
    ioctl::{
        _IO, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    prelude::*,
    sync::Mutex, //
};

module! {
    type: MeterModule,
    name: "meter",
    authors: ["You"],
    description: "A device whose files each add up samples",
    license: "GPL",
}

const RESET: u32 = _IO('m' as u32, 3);

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

#[vtable]
impl MiscDevice for Meter {
    type Ptr = Pin<KBox<Self>>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        KBox::pin_init(
            pin_init!(Self { info <- new_mutex!(Info::default()) }),
            GFP_KERNEL_ACCOUNT,
        )
    }

    fn ioctl(meter: Pin<&Self>, _file: &File, cmd: u32, _arg: usize) -> Result<isize> {
        match cmd {
            RESET => *meter.info.lock() = Info::default(),
            _ => return Err(EINVAL),
        }
        Ok(0)
    }
}
