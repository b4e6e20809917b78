// SPDX-License-Identifier: GPL-2.0

//! Capabilities of the current task, see capabilities(7).

use kernel::{
    bindings,
    prelude::*, //
};

/// Returns whether the current task has `CAP_SYS_RESOURCE`, and marks the task as having used it.
pub(crate) fn has_cap_sys_resource() -> bool {
    // SAFETY: capable() has no precondition: it checks the current task, which exists.
    unsafe { bindings::capable(bindings::CAP_SYS_RESOURCE as c_int) }
}
