// SPDX-License-Identifier: GPL-2.0

//! Safe Rust that crashes the kernel: a device whose `open()` gives the file that is being opened to
//! the program, and fails. See docs/soundness.md.

use kernel::{
    fs::{
        file::FileDescriptorReservation,
        File, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    prelude::*,
    sync::aref::ARef, //
};

module! {
    type: Zoo,
    name: "zoo_open",
    authors: ["The rust_sample authors"],
    description: "A file that is not open",
    license: "GPL",
}

#[pin_data]
struct Zoo {
    #[pin]
    _device: MiscDeviceRegistration<Device>,
}

impl kernel::InPlaceModule for Zoo {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"zoo_open" }),
        })
    }
}

struct Device;

#[vtable]
impl MiscDevice for Device {
    type Ptr = KBox<Self>;

    fn open(file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        FileDescriptorReservation::get_unused_fd_flags(0)?.fd_install(ARef::from(file));
        Err(ENXIO)
    }
}
