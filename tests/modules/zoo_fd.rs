// SPDX-License-Identifier: GPL-2.0

//! Safe Rust that crashes the kernel: a device that reserves a file descriptor in `release()`, which
//! may run in a task without a table of descriptors. See docs/soundness.md.

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
    prelude::*, //
};

module! {
    type: Zoo,
    name: "zoo_fd",
    authors: ["The rust_sample authors"],
    description: "A file descriptor in release()",
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
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"zoo_fd" }),
        })
    }
}

struct Device;

#[vtable]
impl MiscDevice for Device {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        Ok(KBox::new(Self, GFP_KERNEL)?)
    }

    fn release(_device: Self::Ptr, _file: &File) {
        drop(FileDescriptorReservation::get_unused_fd_flags(0));
    }
}
