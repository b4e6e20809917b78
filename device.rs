// SPDX-License-Identifier: GPL-2.0

//! The data that all open files of the device share, or the two ends of one private FIFO.

#![deny(unsafe_code)]

use crate::{
    fifo::{
        self,
        Fifo,
        Kind,
        MAX_CAPACITY, //
    },
    kernel_ext::{
        anon_file::AnonFs,
        capability::has_cap_sys_resource,
        compat::param_value, //
    },
    uapi::Info, //
};
use kernel::{
    prelude::*,
    sync::Arc, //
};

/// A FIFO, and what it shares with all others. Each open file holds a clone, so it is small.
#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) fifo: Arc<Fifo>,
    pub(crate) common: Arc<Common>,
}

/// What all FIFOs of the module share.
pub(crate) struct Common {
    /// The inodes of private FIFOs.
    pub(crate) inodes: AnonFs<Device>,
    /// The largest capacity in bytes without `CAP_SYS_RESOURCE`.
    pub(crate) max_capacity: usize,
    /// The capacity in bytes of a new FIFO, unless the caller names another.
    default_capacity: usize,
}

impl Device {
    /// Creates the device from the module's parameters.
    ///
    /// # Errors
    ///
    /// `EINVAL` if a parameter is out of range, `ENOMEM`. Logs a parameter that is
    /// the cause.
    pub(crate) fn new() -> Result<Self> {
        let param = |name, value| {
            fifo::round_capacity(value)
                .inspect_err(|_| pr_err!("{name}={value} is not from 1 to {MAX_CAPACITY} bytes\n"))
        };
        let bytes = param_value(&crate::module_parameters::capacity);
        let max_bytes = param_value(&crate::module_parameters::max_capacity);
        let capacity = param("capacity", bytes)?;
        let max_capacity = param("max_capacity", max_bytes)?;
        if capacity > max_capacity {
            pr_err!("capacity={} is above max_capacity={}\n", bytes, max_bytes);
            return Err(EINVAL);
        }
        let fifo = Fifo::new(capacity, Kind::Device)
            .inspect_err(|_| pr_err!("no memory for a capacity of {capacity} bytes\n"))?;
        let common = Common {
            inodes: AnonFs::mount(c"rust_sample")?,
            max_capacity,
            default_capacity: capacity,
        };
        Ok(Self {
            fifo,
            common: Arc::new(common, GFP_KERNEL)?,
        })
    }

    /// Sets the capacity. Raising it above `max_capacity` requires `CAP_SYS_RESOURCE`.
    ///
    /// # Errors
    ///
    /// `EPERM` without that capability, and as [`Fifo::set_capacity`].
    pub(crate) fn set_capacity(&self, capacity: usize) -> Result {
        self.fifo.set_capacity(capacity, self.limit(capacity))
    }

    /// Creates a private FIFO. Its capacity is `bytes` rounded up, or the module's default if `bytes`
    /// is 0. `kind` is not [`Kind::Device`]. Returns what its two ends share.
    ///
    /// # Errors
    ///
    /// `EINVAL` for more than [`MAX_CAPACITY`], `EPERM` for more than `max_capacity` without
    /// `CAP_SYS_RESOURCE`, `ENOMEM`.
    pub(crate) fn new_private(&self, bytes: u64, kind: Kind) -> Result<Self> {
        let capacity = match bytes {
            0 => self.common.default_capacity,
            _ => fifo::round_capacity(bytes)?,
        };
        if capacity > self.limit(capacity) {
            return Err(EPERM);
        }
        Ok(Self {
            fifo: Fifo::new(capacity, kind)?,
            common: self.common.clone(),
        })
    }

    /// Returns the largest capacity in bytes for a caller that wants `wanted`.
    fn limit(&self, wanted: usize) -> usize {
        let max_capacity = self.common.max_capacity;
        // Check the capability only if the result depends on it: each check is audited.
        if wanted > max_capacity && has_cap_sys_resource() {
            wanted
        } else {
            max_capacity
        }
    }

    pub(crate) fn info(&self) -> Info {
        Info::from(self.fifo.stats())
    }
}
