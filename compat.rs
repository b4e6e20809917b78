// SPDX-License-Identifier: GPL-2.0

//! What the kernel crate has another way in an older series, by the names of the newest one.
//!
//! Nothing in Rust tells the kernel's version, so Kbuild does: for a kernel of an older series it
//! sets `kernel_before_7_3`. When the last such series has gone, so can its half of this file.

#[cfg(not(kernel_before_7_3))]
mod series {
    use kernel::{
        bindings,
        module_param::ModuleParamAccess,
        ModuleMetadata, //
    };

    pub(crate) use bindings::FIONREAD;
    // Its page belongs to the kernel crate, and names what is private there.
    #[doc(no_inline)]
    pub(crate) use kernel::sync::{
        barrier::smp_mb,
        rcu::synchronize_rcu, //
    };

    /// The value of a parameter.
    pub(crate) fn value(parameter: &ModuleParamAccess<u64>) -> u64 {
        parameter.value()
    }

    /// This module, as the owner of its open files.
    pub(crate) const OWNER: *mut bindings::module =
        <crate::LocalModule as ModuleMetadata>::THIS_MODULE.as_ptr();
}

#[cfg(kernel_before_7_3)]
mod series {
    use kernel::{
        bindings,
        module_param::ModuleParamAccess,
        sync::atomic::Full, //
    };

    /// Not in the bindings. miscdev_check.c compares it with the kernel's.
    pub(crate) const FIONREAD: u32 = 0x541b;

    /// A full barrier, which was the only one.
    #[inline(always)]
    pub(crate) fn smp_mb(_: Full) {
        kernel::sync::barrier::smp_mb();
    }

    /// Waits for an RCU grace period. May sleep.
    pub(crate) fn synchronize_rcu() {
        // SAFETY: May be called in process context, see `kernel::sync::rcu` of the newest series.
        unsafe { bindings::synchronize_rcu() };
    }

    /// The value of a parameter.
    pub(crate) fn value(parameter: &ModuleParamAccess<u64>) -> u64 {
        *parameter.value()
    }

    /// This module, as the owner of its open files.
    pub(crate) const OWNER: *mut bindings::module = crate::THIS_MODULE.as_ptr();
}

pub(crate) use series::*;
