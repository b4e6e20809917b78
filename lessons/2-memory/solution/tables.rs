// SPDX-License-Identifier: GPL-2.0

//! Lesson 2: memory that the kernel may refuse, and the order in which it is freed.

// In kernel 7.2 the value of a parameter is a reference.
#![allow(clippy::clone_on_copy)]

use kernel::prelude::*;

module! {
    type: Tables,
    name: "tables",
    authors: ["You"],
    description: "A module that allocates two tables",
    license: "GPL",
    params: {
        first: u64 {
            default: 4,
            description: "Number of entries of the first table",
        },
        second: u64 {
            default: 4,
            description: "Number of entries of the second table",
        },
    },
}

/// A table that holds the numbers 0, 1, 2 and so on.
struct Table {
    name: &'static str,
    entries: KVVec<u64>,
}

impl Table {
    fn new(name: &'static str, len: u64) -> Result<Self> {
        // The user chooses the size, so a refusal is no fault of the kernel: no warning.
        let flags = GFP_KERNEL | __GFP_NOWARN;
        let capacity = usize::try_from(len).or(Err(ENOMEM))?;
        let mut entries = KVVec::with_capacity(capacity, flags)?;
        for number in 0..len {
            entries.push(number, flags)?;
        }
        let sum: u64 = entries.iter().sum();
        pr_info!("{name}: {len} entries, sum {sum}\n");
        Ok(Table { name, entries })
    }
}

impl Drop for Table {
    fn drop(&mut self) {
        pr_info!("{} freed, {} entries\n", self.name, self.entries.len());
    }
}

/// Fields are dropped from the top down.
struct Tables {
    _second: Table,
    _first: Table,
}

impl kernel::Module for Tables {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let first = Table::new("first", module_parameters::first.value().clone())?;
        let second = Table::new("second", module_parameters::second.value().clone())?;
        Ok(Tables {
            _second: second,
            _first: first,
        })
    }
}
