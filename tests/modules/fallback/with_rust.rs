// SPDX-License-Identifier: GPL-2.0

//! A module that tells that it is in Rust.

use kernel::prelude::*;

module! {
    type: Fallback,
    name: "fallback",
    authors: ["The rust_sample authors"],
    description: "Tells that it is in Rust",
    license: "GPL",
}

struct Fallback;

impl kernel::Module for Fallback {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        pr_info!("in Rust\n");
        Ok(Self)
    }
}
