// SPDX-License-Identifier: GPL-2.0

//! Files that are in no file system, see [`fs/anon_inodes.c`](srctree/fs/anon_inodes.c).

use kernel::{
    bindings,
    error::from_err_ptr,
    prelude::*, //
};

// Without lockdep, a struct within these types is empty, as GNU C allows.
#[allow(improper_ctypes)]
extern "C" {
    fn anon_inode_getfile(
        name: *const c_char,
        fops: *const bindings::file_operations,
        private_data: *mut c_void,
        flags: c_int,
    ) -> *mut bindings::file;
}

/// Creates a file with the operations `fops` and no private data. `flags` are its access mode and
/// `O_NONBLOCK`; others have no effect. `name` is what /proc/PID/fd shows after `anon_inode:`. The
/// file holds the owner of `fops`. May sleep.
///
/// # Errors
///
/// `ENFILE` if the system has too many files, `ENOENT` if the owner is being unloaded, `ENOMEM`.
///
/// # Safety
///
/// The caller must set the private data that `fops` expects before it releases the file or another
/// task can reach it.
pub(crate) unsafe fn new_anon_file(
    name: &'static CStr,
    fops: &'static bindings::file_operations,
    flags: u32,
) -> Result<*mut bindings::file> {
    // SAFETY: `name` and `fops` are static. The kernel itself does not use the private data, and the
    // caller guarantees that `fops` finds what it expects.
    from_err_ptr(unsafe {
        anon_inode_getfile(
            name.as_char_ptr(),
            fops,
            core::ptr::null_mut(),
            flags as c_int,
        )
    })
}
