// SPDX-License-Identifier: GPL-2.0

//! Safe Rust that crashes the kernel: a debugfs file, which can stay open after the unload. See
//! docs/soundness.md.

use kernel::{
    debugfs::{
        Dir,
        File, //
    },
    prelude::*, //
};

module! {
    type: Zoo,
    name: "zoo_debugfs",
    authors: ["The rust_sample authors"],
    description: "A debugfs file without an owner",
    license: "GPL",
}

#[pin_data]
struct Zoo {
    #[pin]
    _file: File<u32>,
    _dir: Dir,
}

impl kernel::InPlaceModule for Zoo {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        let dir = Dir::new(c"zoo_debugfs");
        try_pin_init!(Self {
            _file <- dir.read_only_file(c"number", 1u32),
            _dir: dir,
        })
    }
}
