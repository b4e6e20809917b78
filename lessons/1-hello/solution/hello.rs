// SPDX-License-Identifier: GPL-2.0

//! Lesson 1: a module that loads, greets and unloads.

use kernel::prelude::*;

module! {
    type: Hello,
    name: "hello",
    authors: ["You"],
    description: "A module that greets",
    license: "GPL",
    params: {
        times: u32 {
            default: 1,
            description: "How often to greet, 1 to 10",
        },
    },
}

struct Hello {
    times: u32,
}

impl kernel::Module for Hello {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        // In kernel 7.2 value() returns a reference: clone() makes the module build there, too.
        #[allow(clippy::clone_on_copy)]
        let times = module_parameters::times.value().clone();
        if !(1..=10).contains(&times) {
            pr_err!("times is {times}, but must be 1 to 10\n");
            return Err(EINVAL);
        }
        for number in 1..=times {
            pr_info!("greeting {number} of {times}\n");
        }
        Ok(Hello { times })
    }
}

impl Drop for Hello {
    fn drop(&mut self) {
        pr_info!("goodbye after {} greetings\n", self.times);
    }
}
