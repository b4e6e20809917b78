// SPDX-License-Identifier: GPL-2.0

//! Items that differ between series of the kernel, by the names of the newest one.
//!
//! Rust has no constant for the kernel's version, so Kbuild sets `kernel_before_7_3` for an older
//! series. When support for the last such series ends, its half of this file can go.

#[cfg(not(kernel_before_7_3))]
mod series {
    use kernel::{
        bindings,
        module_param::ModuleParamAccess,
        ModuleMetadata, //
    };

    pub(crate) use bindings::{
        FIONREAD,
        VM_MAYSHARE, //
    };
    // Its page belongs to the kernel crate, and names private items of that crate.
    #[doc(no_inline)]
    pub(crate) use kernel::sync::barrier::smp_mb;

    /// Returns the value of a module parameter.
    pub(crate) fn param_value(parameter: &ModuleParamAccess<u64>) -> u64 {
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

    /// Not in the bindings. abi_check.c compares it with the kernel's.
    pub(crate) const FIONREAD: u32 = 0x541b;

    /// The bindings give it the value of `VM_MAYEXEC`. abi_check.c compares it with the kernel's.
    pub(crate) const VM_MAYSHARE: bindings::vm_flags_t = 0x80;

    /// Executes a full barrier.
    #[inline(always)]
    pub(crate) fn smp_mb(_: Full) {
        kernel::sync::barrier::smp_mb();
    }

    /// Returns the value of a module parameter.
    pub(crate) fn param_value(parameter: &ModuleParamAccess<u64>) -> u64 {
        *parameter.value()
    }

    /// This module, as the owner of its open files.
    pub(crate) const OWNER: *mut bindings::module = crate::THIS_MODULE.as_ptr();
}

pub(crate) use series::*;
