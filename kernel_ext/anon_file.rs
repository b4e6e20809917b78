// SPDX-License-Identifier: GPL-2.0

//! Files that no path leads to, and that look like a pipe's: see `get_pipe_inode()` in
//! [`fs/pipe.c`](srctree/fs/pipe.c).

use super::compat::OWNER;
use core::{
    marker::PhantomData,
    ptr::NonNull, //
};
use kernel::{
    bindings,
    error::{
        from_err_ptr,
        Error, //
    },
    prelude::*,
    sync::atomic::{
        Atomic,
        Full, //
    },
    time::{
        delay::fsleep,
        Delta, //
    },
    types::{
        ForeignOwnable,
        Opaque, //
    }, //
};

/// The first fields of `struct pseudo_fs_context`, as abi_check.c has them.
#[repr(C)]
struct PseudoFsContext {
    ops: *const bindings::super_operations,
    eops: *const c_void,
    xattr: *const c_void,
    dops: *const bindings::dentry_operations,
}

// Without lockdep, a struct within these types is empty, as GNU C allows.
#[allow(improper_ctypes)]
extern "C" {
    fn init_pseudo(fc: *mut bindings::fs_context, magic: c_ulong) -> *mut PseudoFsContext;
}

/// A type of file system. Its locks' classes are in it, so it must be static.
struct FsType(Opaque<bindings::file_system_type>);

// SAFETY: Only `AnonFs::mount` writes to it, once, before the kernel gets its address. The kernel
// has locks for its fields.
unsafe impl Sync for FsType {}

static FS_TYPE: FsType = FsType(Opaque::uninit());

/// Whether `FS_TYPE` has ever been used.
static TAKEN: Atomic<i32> = Atomic::new(0);

/// A file system in memory, for files that no path leads to. It is mounted for this module alone.
///
/// Its inodes have the type and the mode of a pipe, and belong to the user that creates them. So
/// fstat(2) reports `S_IFIFO`, and an open of /proc/PID/fd/N opens the inode again. `D` is what an
/// inode holds.
///
/// # The references to the module
///
/// 1. An inode holds the module, because a descriptor with `O_PATH` has no file operations that do.
/// 2. An open file holds it too, by its file operations.
/// 3. The superblock holds it, by the type of the file system. So that the module can be unloaded,
///    [`Self::mount`] gives this reference away, and the drop takes it back.
/// 4. A task that releases the last inode uses the mount for a moment longer. If the module is
///    unloaded meanwhile, the drop waits for it. (So this is for a module, not for a driver that is
///    built in, which has no owner.)
///
/// # Invariants
///
/// `mount` is a mount of `FS_TYPE`, whose operations are those of `D`.
pub(crate) struct AnonFs<D> {
    mount: NonNull<bindings::vfsmount>,
    _data: PhantomData<D>,
}

// SAFETY: Any thread may use and release a mount, and drop a `D`.
unsafe impl<D: Send + Sync> Send for AnonFs<D> {}
// SAFETY: As above. The kernel's locks protect the mount.
unsafe impl<D: Send + Sync> Sync for AnonFs<D> {}

impl<D: Send + Sync + 'static> AnonFs<D> {
    const SUPER_OPS: bindings::super_operations = bindings::super_operations {
        statfs: Some(bindings::simple_statfs),
        evict_inode: Some(Self::evict_inode),
        ..pin_init::zeroed()
    };

    const DENTRY_OPS: bindings::dentry_operations = bindings::dentry_operations {
        d_dname: Some(dname),
        ..pin_init::zeroed()
    };

    /// Mounts the file system. /proc/PID/fd shows its files as `name:[INODE]`. May sleep.
    ///
    /// # Errors
    ///
    /// `EBUSY` if the module has called this before, `ENOMEM`.
    pub(crate) fn mount(name: &'static CStr) -> Result<Self> {
        if TAKEN.xchg(1, Full) != 0 {
            return Err(EBUSY);
        }
        let fs_type = bindings::file_system_type {
            name: name.as_char_ptr(),
            init_fs_context: Some(Self::init_fs_context),
            kill_sb: Some(bindings::kill_anon_super),
            owner: OWNER,
            ..pin_init::zeroed()
        };
        // SAFETY: This is the only call that gets here, so nothing uses the type yet.
        unsafe { FS_TYPE.0.get().write(fs_type) };
        // SAFETY: The type is complete and static, and holds the module while it is mounted.
        let mount = from_err_ptr(unsafe { bindings::kern_mount(FS_TYPE.0.get()) })?;
        // SAFETY: The superblock holds the module. The drop takes the reference back.
        unsafe { bindings::module_put(OWNER) };
        Ok(Self {
            // INVARIANT: `init_fs_context` has set the operations of `D`.
            // SAFETY: kern_mount() returns an error or a mount.
            mount: unsafe { NonNull::new_unchecked(mount) },
            _data: PhantomData,
        })
    }

    /// # Safety
    ///
    /// `fc` must be a new context for a mount of `FS_TYPE`.
    unsafe extern "C" fn init_fs_context(fc: *mut bindings::fs_context) -> c_int {
        // SAFETY: The caller guarantees that `fc` is new.
        let context = unsafe { init_pseudo(fc, bindings::PIPEFS_MAGIC as c_ulong) };
        if context.is_null() {
            return ENOMEM.to_errno();
        }
        // SAFETY: The context is not null, so it is valid, and this task alone uses it.
        unsafe {
            (*context).ops = &Self::SUPER_OPS;
            (*context).dops = &Self::DENTRY_OPS;
        }
        0
    }

    /// # Safety
    ///
    /// `inode` must be an inode of this file system without users.
    unsafe extern "C" fn evict_inode(inode: *mut bindings::inode) {
        // SAFETY: The caller guarantees that nothing else uses the inode. A super operation must
        // make these two calls.
        let data = unsafe {
            bindings::truncate_inode_pages_final(&raw mut (*inode).i_data);
            bindings::clear_inode(inode);
            (*inode).i_private
        };
        // The root has none.
        if !data.is_null() {
            // SAFETY: `AnonInode::new` has stored this pointer, and nothing uses it any more.
            drop(unsafe { KBox::<D>::from_foreign(data) });
            // SAFETY: `AnonInode::new` has taken this reference.
            unsafe { bindings::module_put(OWNER) };
        }
    }
}

impl<D> Drop for AnonFs<D> {
    fn drop(&mut self) {
        // SAFETY: The module runs this code, so it is there.
        let before = unsafe { bindings::module_refcount(OWNER) };
        // SAFETY: The mount is valid by the type invariant, and this value owns it. The module runs
        // this code. The reference is the superblock's, which puts it.
        unsafe {
            bindings::__module_get(OWNER);
            bindings::kern_unmount(self.mount.as_ptr());
        }
        // A task that has just released the last inode may still hold the superblock, and uses code of
        // this module until it releases that, too. The superblock's reference then keeps a module that
        // is loaded. The code of one whose exit or failed init runs is freed when this returns, so wait
        // until that reference is put. The count cannot rise meanwhile: during an exit
        // `try_module_get()` fails, and after a failed init no path leads to the module.
        // SAFETY: The module is there, as above. The kernel may change its state meanwhile: the
        // volatile read is a `READ_ONCE()`.
        while unsafe {
            (&raw const (*OWNER).state).read_volatile() != bindings::module_state_MODULE_STATE_LIVE
                && bindings::module_refcount(OWNER) > before
        } {
            fsleep(Delta::from_millis(1));
        }
    }
}

/// Writes `NAME:[INODE]` to the end of `buffer`, as `dynamic_dname()` in
/// [`fs/d_path.c`](srctree/fs/d_path.c) does.
///
/// # Safety
///
/// `dentry` must be a valid dentry of an [`AnonFs`], and `buffer` an array of `len` bytes.
unsafe extern "C" fn dname(
    dentry: *mut bindings::dentry,
    buffer: *mut c_char,
    len: c_int,
) -> *mut c_char {
    let len = len as usize;
    // SAFETY: The dentry is valid, so it has an inode and a superblock with a type. snprintf() writes
    // at most `len` bytes.
    let used = 1 + unsafe {
        let name = (*(*(*dentry).d_sb).s_type).name;
        let format = c"%s:[%llu]".as_char_ptr();
        bindings::snprintf(buffer, len, format, name, (*(*dentry).d_inode).i_ino) as usize
    };
    if used > len {
        return Error::from_errno(-(bindings::ENAMETOOLONG as c_int)).to_ptr();
    }
    // SAFETY: The array has `len` bytes, of which the first `used` are written.
    unsafe {
        let end = buffer.add(len - used);
        end.copy_from(buffer, used);
        end
    }
}

/// An inode of an [`AnonFs`].
///
/// # Invariants
///
/// The pointer is to an inode of `fs`, of which this value owns a reference. Its file operations are
/// `fops`, and its private data is a `KBox<D>`.
pub(crate) struct AnonInode<'a, D: Send + Sync + 'static> {
    inode: NonNull<bindings::inode>,
    fops: &'static bindings::file_operations,
    fs: &'a AnonFs<D>,
}

impl<'a, D: Send + Sync + 'static> AnonInode<'a, D> {
    /// Creates an inode that holds `data`. May sleep.
    ///
    /// # Errors
    ///
    /// `ENODEV` if the module is being unloaded, `ENOMEM`.
    ///
    /// # Safety
    ///
    /// The function `open` of `fops` must be able to open an inode of an `AnonFs<D>`. The owner of
    /// `fops` must be this module.
    pub(crate) unsafe fn new(
        fs: &'a AnonFs<D>,
        fops: &'static bindings::file_operations,
        data: D,
    ) -> Result<Self> {
        let data = KBox::new(data, GFP_KERNEL_ACCOUNT)?;
        // SAFETY: The mount is valid by its type invariant.
        let inode = unsafe { bindings::alloc_anon_inode((*fs.mount.as_ptr()).mnt_sb) };
        let inode = from_err_ptr(inode)?;
        // A module that is being unloaded gives no reference that would keep it.
        // SAFETY: The module runs this code, so it is there.
        if !unsafe { bindings::try_module_get(OWNER) } {
            // SAFETY: This function owns the inode, which holds no data yet.
            unsafe { bindings::iput(inode) };
            return Err(ENODEV);
        }
        // SAFETY: The inode is valid, and this task alone uses it.
        unsafe {
            (*inode).i_mode = (bindings::S_IFIFO | 0o600) as u16;
            (*inode).__bindgen_anon_3.i_fop = fops;
            (*inode).i_private = data.into_foreign();
        }
        Ok(Self {
            // INVARIANT: This is what was just made.
            // SAFETY: alloc_anon_inode() returns an error or an inode.
            inode: unsafe { NonNull::new_unchecked(inode) },
            fops,
            fs,
        })
    }

    /// Returns what the inode holds.
    pub(crate) fn data(&self) -> &D {
        // SAFETY: By the type invariants the inode is one of an `AnonFs<D>`, and stays while this
        // value lives.
        unsafe { data_of(self.inode.as_ptr()) }
    }

    /// Creates a file of the inode, without private data. `flags` are its access mode and
    /// `O_NONBLOCK`; others have no effect. May sleep.
    ///
    /// # Errors
    ///
    /// `ENFILE` if the system has too many files, `ENOMEM`.
    ///
    /// # Safety
    ///
    /// The caller must set the private data that the file operations expect before it releases the
    /// file or another task can reach it.
    pub(crate) unsafe fn new_file(&self, flags: u32) -> Result<*mut bindings::file> {
        let inode = self.inode.as_ptr();
        // SAFETY: By the type invariants all pointers are valid. The inode holds a reference to the
        // module, as __module_get() requires. The file owns the two references, or this function if
        // there is no file. The caller sets the private data.
        unsafe {
            bindings::ihold(inode);
            bindings::__module_get(OWNER);
            from_err_ptr(bindings::alloc_file_pseudo(
                inode,
                self.fs.mount.as_ptr(),
                c"".as_char_ptr(),
                (flags & (bindings::O_ACCMODE | bindings::O_NONBLOCK)) as c_int,
                self.fops,
            ))
            .inspect_err(|_| {
                bindings::module_put(OWNER);
                bindings::iput(inode);
            })
        }
    }
}

impl<D: Send + Sync + 'static> Drop for AnonInode<'_, D> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this value owns a reference.
        unsafe { bindings::iput(self.inode.as_ptr()) };
    }
}

/// Returns what an inode holds.
///
/// # Safety
///
/// `inode` must be an inode of an [`AnonInode<D>`] for `'a`.
pub(crate) unsafe fn data_of<'a, D: Send + Sync + 'static>(inode: *mut bindings::inode) -> &'a D {
    // SAFETY: The caller guarantees that this is such an inode, whose private data `AnonInode::new`
    // has set, and that its eviction, which takes it away, comes later.
    unsafe { KBox::<D>::borrow((*inode).i_private) }
}
