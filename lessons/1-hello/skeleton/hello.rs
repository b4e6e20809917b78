// SPDX-License-Identifier: GPL-2.0

//! Lesson 1: a module that loads, greets and unloads.

use kernel::prelude::*;

module! {
    type: Hello,
    name: "hello",
    authors: ["You"],
    description: "A module that greets",
    license: "GPL",
}

struct Hello {}

impl kernel::Module for Hello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Hello {})
    }
}
