// SPDX-License-Identifier: GPL-2.0

//! Safe Rust that crashes kernels before 7.3: a misc device, which can stay open after the unload.
//! See docs/soundness.md.

use kernel::{
    fs::File,
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    prelude::*, //
};

module! {
    type: Zoo,
    name: "zoo_misc",
    authors: ["The rust_sample authors"],
    description: "A misc device without an owner before 7.3",
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
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions { name: c"zoo_misc" }),
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
}
