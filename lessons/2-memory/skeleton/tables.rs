// SPDX-License-Identifier: GPL-2.0

//! Lesson 2: memory that the kernel may refuse, and the order in which it is freed.

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
        // Allocate `len` entries here, and fill them.
        let entries = KVVec::new();
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

struct Tables {}

impl kernel::Module for Tables {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Ok(Tables {})
    }
}
