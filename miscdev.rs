// SPDX-License-Identifier: GPL-2.0

//! What [`kernel::miscdevice`] lacks: data that all open files of a device share, files that are
//! streams, poll, splice and SIGIO.
//!
//! A driver implements [`StreamDevice`], in safe code. [`Registration`] registers it with the
//! table of file operations that the kernel crate makes, extended by what is missing there.

use super::compat::{
    smp_mb,
    synchronize_rcu,
    OWNER, //
};
use core::{
    cell::UnsafeCell,
    marker::PhantomData, //
};
use kernel::{
    bindings,
    error::to_result,
    fs::{
        file::flags,
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    prelude::*,
    seq_file::SeqFile,
    sync::{
        atomic::Full,
        Arc,
        LockClassKey,
        Mutex, //
    },
    task::Task,
    types::{
        ForeignOwnable,
        Opaque, //
    }, //
};

// These are macros with casts in C, for which bindgen makes no constants. miscdev_check.c compares
// them with each kernel's.

/// The file is open for reading, see `include/linux/fs.h`.
const FMODE_READ: bindings::fmode_t = 1 << 0;
/// The file is open for writing, see `include/linux/fs.h`.
const FMODE_WRITE: bindings::fmode_t = 1 << 1;
/// The file knows `IOCB_NOWAIT`, see `include/linux/fs.h`.
const FMODE_NOWAIT: bindings::fmode_t = 1 << 27;
/// The call must not wait, see `include/linux/fs.h`.
const IOCB_NOWAIT: c_int = 0x8;

/// splice(2) must not wait, see `include/linux/splice.h`.
const SPLICE_F_NONBLOCK: c_uint = 0x2;

/// What poll(2) reports, see `include/uapi/linux/eventpoll.h`. As a pipe does, [`events::READ`] and
/// [`events::WRITE`] say the same in the two ways there are.
pub(crate) mod events {
    /// There are bytes to read: `EPOLLIN | EPOLLRDNORM`.
    pub(crate) const READ: u32 = 0x1 | 0x40;
    /// There is room to write: `EPOLLOUT | EPOLLWRNORM`.
    pub(crate) const WRITE: u32 = 0x4 | 0x100;
    /// The other side has gone: `EPOLLHUP`.
    pub(crate) const HANG_UP: u32 = 0x10;
}

/// A read or a write, to be asked how it wants to be treated. Most never are: there is something
/// to read, or room.
///
/// # Invariants
///
/// Both are valid for `'a`.
pub(crate) struct Call<'a> {
    kiocb: *mut bindings::kiocb,
    iov: *mut bindings::iov_iter,
    _during: PhantomData<&'a ()>,
}

impl Call<'_> {
    /// Whether the file has O_NONBLOCK, at this moment.
    pub(crate) fn nonblock(&self) -> bool {
        // SAFETY: By the type invariants the call is valid, and so is its file.
        unsafe { is_nonblock((*self.kiocb).ki_filp) }
    }

    /// Whether the call itself must not wait: `RWF_NOWAIT`, the first try of io_uring, and splice.
    pub(crate) fn nowait(&self) -> bool {
        // SAFETY: Both are valid by the type invariants.
        let (call_flags, synchronous, kind) = unsafe {
            (
                (*self.kiocb).ki_flags,
                (*self.kiocb).ki_complete.is_none(),
                u32::from((*self.iov).iter_type),
            )
        };
        // A synchronous call with pages is a splice, which holds the lock of a pipe: it must not
        // wait here, but in `Table::splice_read` and `Table::splice_write`.
        let splice = synchronous && kind == bindings::iter_type_ITER_BVEC;
        call_flags & IOCB_NOWAIT != 0 || splice
    }
}

/// Whether the file has `O_NONBLOCK` now.
///
/// # Safety
///
/// `file` must be valid.
unsafe fn is_nonblock(file: *mut bindings::file) -> bool {
    // SAFETY: The caller guarantees that `file` is valid. fcntl(2) may change the flags meanwhile:
    // as in `File::flags()`, the volatile read is a READ_ONCE().
    unsafe { (&raw const (*file).f_flags).read_volatile() & flags::O_NONBLOCK != 0 }
}

/// An open file of a device whose files are streams: they have no position, so that lseek(2),
/// pread(2) and pwrite(2) give `ESPIPE`. The value lives as long as the file is open.
pub(crate) trait StreamDevice: Sized + Send + Sync + 'static {
    /// What all open files of the device share.
    type Shared: Send + Sync + 'static;

    /// Those who get SIGIO from the device: what its files add themselves to when they get
    /// O_ASYNC.
    fn async_queues(shared: &Self::Shared) -> &AsyncQueues;

    /// Opens a file. Nothing that can fail comes after it.
    fn open(shared: &Arc<Self::Shared>, file: &File) -> Result<Self>;

    /// Reads into `iov`, and returns the number of bytes.
    fn read(&self, iov: &mut IovIterDest<'_>, call: Call<'_>) -> Result<usize>;

    /// Writes what is in `iov`, and returns the number of bytes.
    fn write(&self, iov: &mut IovIterSource<'_>, call: Call<'_>) -> Result<usize>;

    /// Waits until a read would not wait. The caller tries to read, then drops the result.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    fn wait_readable(&self) -> Result<impl Sized + '_>;

    /// Waits until a write would not wait. The caller tries to write, then drops the result.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` for a signal.
    fn wait_writable(&self) -> Result<impl Sized + '_>;

    /// Registers all [`Pollers`] that may be told something, and only then looks what there is
    /// to report: some of [`events`].
    fn poll(&self, poll: &Poll<'_>) -> u32;

    /// Does what ioctl(2) asks for. `arg` is a number or an address of the caller's, also of a
    /// 32-bit one's.
    fn ioctl(&self, cmd: u32, arg: usize) -> Result<isize>;

    /// Adds lines to /proc/PID/fdinfo/FD.
    fn show_fdinfo(&self, m: &SeqFile);
}

/// Implements the kernel crate's trait for a misc device by a [`StreamDevice`].
///
/// Private to this file: only [`Table::open`] makes one, for a device that [`Registration`]
/// registered.
struct Adapter<T: StreamDevice> {
    file: T,
    /// The queues of the file's open: it leaves the queues that it entered, whatever `T` would
    /// return by then. They are a part of `_shared` or static.
    async_queues: &'static AsyncQueues,
    _shared: Arc<T::Shared>,
}

impl<T: StreamDevice> Adapter<T> {
    fn new(shared: &Arc<T::Shared>, file: &File) -> Result<KBox<Self>> {
        // Allocate first: a file that was opened must not be dropped again for lack of memory, as
        // others may have seen it.
        let memory = KBox::new_uninit(GFP_KERNEL_ACCOUNT)?;
        // SAFETY: `T` can only borrow them from `shared`, or return static ones. `shared` stays at
        // its place while the adapter has a reference to it, and only the adapter uses this one.
        let async_queues = unsafe { &*core::ptr::from_ref(T::async_queues(shared)) };
        Ok(KBox::write(
            memory,
            Self {
                file: T::open(shared, file)?,
                async_queues,
                _shared: shared.clone(),
            },
        ))
    }
}

#[vtable]
impl<T: StreamDevice> MiscDevice for Adapter<T> {
    type Ptr = KBox<Self>;

    /// Never called: [`Table::open`] takes its place.
    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        Err(ENXIO)
    }

    fn read_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterDest<'_>) -> Result<usize> {
        // INVARIANT: Both are valid during this call.
        let call = Call {
            kiocb: kiocb.as_raw(),
            iov: iov.as_raw(),
            _during: PhantomData,
        };
        kiocb.file().file.read(iov, call)
    }

    fn write_iter(kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        // INVARIANT: Both are valid during this call.
        let call = Call {
            kiocb: kiocb.as_raw(),
            iov: iov.as_raw(),
            _during: PhantomData,
        };
        kiocb.file().file.write(iov, call)
    }

    // The kernel crate calls this for 32-bit programs too, with the address extended.
    fn ioctl(me: &Self, _file: &File, cmd: u32, arg: usize) -> Result<isize> {
        me.file.ioctl(cmd, arg)
    }

    fn show_fdinfo(me: &Self, m: &SeqFile, _file: &File) {
        me.file.show_fdinfo(m);
    }
}

/// The file operations of a [`StreamDevice`].
struct Table<T>(PhantomData<T>);

impl<T: StreamDevice> Table<T> {
    /// The table that the kernel crate makes.
    const BASE: bindings::file_operations = {
        let misc = MiscDeviceOptions { name: c"" }.into_raw::<Adapter<T>>();
        // SAFETY: It points to a constant of the kernel crate.
        unsafe { *misc.fops }
    };

    const EXTENDED: bindings::file_operations = bindings::file_operations {
        open: Some(Self::open),
        fadvise: Some(Self::fadvise),
        poll: Some(Self::poll),
        fasync: Some(Self::fasync),
        splice_read: Some(Self::splice_read),
        splice_write: Some(Self::splice_write),
        // Without an owner the module could be unloaded under an open file. Not every kernel crate
        // sets it.
        owner: OWNER,
        ..Self::BASE
    };

    /// # Safety
    ///
    /// misc_open() must call this, with the `inode` and the `file` of a file of this device.
    unsafe extern "C" fn open(inode: *mut bindings::inode, file: *mut bindings::file) -> c_int {
        // SAFETY: The caller guarantees that `file` is being opened.
        let result = unsafe { Self::try_open(file) };
        match result {
            // SAFETY: The caller guarantees that `inode` and `file` are valid.
            Ok(()) => unsafe { bindings::stream_open(inode, file) },
            Err(error) => error.to_errno(),
        }
    }

    /// # Safety
    ///
    /// misc_open() must be opening `file`, a file of this device.
    unsafe fn try_open(file: *mut bindings::file) -> Result {
        // SAFETY: The caller guarantees that `file` is being opened; no position is in use yet.
        let opened = unsafe { File::from_raw_file(file) };
        // The kernel would refuse this too, but only after this call: the file would have been
        // open for a moment.
        if opened.flags() & flags::O_DIRECT != 0 {
            return Err(EINVAL);
        }
        // SAFETY: misc_open() has stored a pointer to the miscdevice here. `Registration::register`
        // alone registers devices with this table, each as the field `misc` of a `Registration<T>`.
        // That is complete by then, and misc_open() keeps it from being deregistered meanwhile.
        let registration = unsafe {
            &*kernel::container_of!(
                (*file).private_data.cast::<Opaque<bindings::miscdevice>>(),
                Registration<T>,
                misc
            )
        };
        let adapter = Adapter::<T>::new(&registration.shared, opened)?;
        // SAFETY: No other task can reach a file that is being opened.
        unsafe {
            (*file).private_data = adapter.into_foreign();
            (*file).f_mode |= FMODE_NOWAIT;
        }
        Ok(())
    }

    /// Returns `ESPIPE`, as for a pipe or a FIFO: a stream has no page cache.
    extern "C" fn fadvise(
        _file: *mut bindings::file,
        _offset: bindings::loff_t,
        _len: bindings::loff_t,
        _advice: c_int,
    ) -> c_int {
        ESPIPE.to_errno()
    }

    /// # Safety
    ///
    /// `file` must be an open file of this device, for the duration of `'a`.
    unsafe fn adapter<'a>(file: *mut bindings::file) -> &'a Adapter<T> {
        // SAFETY: The open that succeeded has put such a pointer there, and the release of the
        // file alone takes it away.
        unsafe { <KBox<Adapter<T>> as ForeignOwnable>::borrow((*file).private_data) }
    }

    /// # Safety
    ///
    /// `file` must be an open file of this device, `table` null or valid.
    unsafe extern "C" fn poll(
        file: *mut bindings::file,
        table: *mut bindings::poll_table_struct,
    ) -> bindings::__poll_t {
        // SAFETY: As this function's own.
        let adapter = unsafe { Self::adapter(file) };
        // INVARIANT: Both are valid during this call.
        adapter.file.poll(&Poll {
            file,
            table,
            _during: PhantomData,
        })
    }

    /// Splices into a pipe. Unlocks the pipe while it waits, as splice(2) between two pipes does.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this device, and the other pointers valid. The caller must
    /// hold the lock of `pipe`, as splice(2) does for a file without a position.
    unsafe extern "C" fn splice_read(
        file: *mut bindings::file,
        position: *mut bindings::loff_t,
        pipe: *mut bindings::pipe_inode_info,
        len: usize,
        how: c_uint,
    ) -> isize {
        // SAFETY: The caller guarantees that `file` is an open file of this device.
        let adapter = unsafe { Self::adapter(file) };
        // SAFETY: The caller guarantees that the pointers are valid, and the pipe is locked.
        let splice = || unsafe { bindings::copy_splice_read(file, position, pipe, len, how) };
        let mut ret = splice();
        // SAFETY: The caller guarantees that `file` is valid.
        while unsafe { Self::must_wait(ret, file, how) } {
            // SAFETY: The pipe is valid and locked.
            unsafe { pipe_unlock(pipe) };
            let result = adapter.file.wait_readable();
            // SAFETY: The pipe is valid, and this task does not hold its lock.
            unsafe { pipe_lock(pipe) };
            let _wake_next = match result {
                Ok(wake_next) => wake_next,
                Err(error) => return error.to_errno() as isize,
            };
            // Without a reader or a free slot, copy_splice_read() would take bytes out and lose
            // them. splice(2) checks for both only before it calls this function.
            // SAFETY: The pipe is valid and locked.
            if let Err(error) = unsafe { check_pipe(pipe) } {
                return error.to_errno() as isize;
            }
            ret = splice();
        }
        ret
    }

    /// Splices out of a pipe.
    ///
    /// # Safety
    ///
    /// `file` must be an open file of this device, and the other pointers valid.
    unsafe extern "C" fn splice_write(
        pipe: *mut bindings::pipe_inode_info,
        file: *mut bindings::file,
        position: *mut bindings::loff_t,
        len: usize,
        how: c_uint,
    ) -> isize {
        // SAFETY: The caller guarantees that `file` is an open file of this device.
        let adapter = unsafe { Self::adapter(file) };
        // SAFETY: The caller guarantees that the pointers are valid.
        let splice = || unsafe { bindings::iter_file_splice_write(pipe, file, position, len, how) };
        let mut ret = splice();
        // SAFETY: The caller guarantees that `file` is valid.
        while unsafe { Self::must_wait(ret, file, how) } {
            let _wake_next = match adapter.file.wait_writable() {
                Ok(wake_next) => wake_next,
                Err(error) => return error.to_errno() as isize,
            };
            ret = splice();
        }
        ret
    }

    /// Whether a splice that returned `ret` must wait and retry.
    ///
    /// # Safety
    ///
    /// `file` must be valid.
    unsafe fn must_wait(ret: isize, file: *mut bindings::file, how: c_uint) -> bool {
        ret == EAGAIN.to_errno() as isize
            && how & SPLICE_F_NONBLOCK == 0
            // SAFETY: The caller guarantees that `file` is valid.
            && unsafe { !is_nonblock(file) }
    }

    /// # Safety
    ///
    /// `file` must be an open file of this device.
    unsafe extern "C" fn fasync(fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: As this function's own.
        let adapter = unsafe { Self::adapter(file) };
        // SAFETY: As this function's own. The kernel calls this with `on` as 0 before it releases
        // a file that is in a queue, and the adapter keeps the queues till then.
        unsafe { adapter.async_queues.set(fd, file, on) }
    }
}

/// A call of poll(2) or its like that looks at a file.
///
/// # Invariants
///
/// `file` is valid, and `table` null or valid, for `'a`.
pub(crate) struct Poll<'a> {
    file: *mut bindings::file,
    table: *mut bindings::poll_table_struct,
    _during: PhantomData<&'a ()>,
}

impl Poll<'_> {
    /// Adds the caller of poll(2) to `pollers`, unless it does not wait. The driver must check for
    /// events afterwards.
    #[inline]
    pub(crate) fn register(&self, pollers: &Pollers) {
        // poll_wait() does nothing then.
        // SAFETY: By the type invariants the table is null or valid.
        if unsafe { self.table.as_ref() }.is_none_or(|table| table._qproc.is_none()) {
            return;
        }
        // SAFETY: The pointers are valid by the type invariants, and the queue stays valid until
        // an RCU grace period after all have left it, see the drop of `Pollers`.
        unsafe { bindings::poll_wait(self.file, pollers.queue.as_raw(), self.table) };
    }
}

/// A wait queue of the kernel's, see `include/linux/wait.h`.
#[pin_data]
struct WaitQueue {
    #[pin]
    head: Opaque<bindings::wait_queue_head>,
}

// SAFETY: A wait queue may be used from any thread; it has a lock of its own.
unsafe impl Send for WaitQueue {}
// SAFETY: As above.
unsafe impl Sync for WaitQueue {}

impl WaitQueue {
    /// Makes an empty one.
    fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            // SAFETY: The slot is pinned, and the name and the key live for ever.
            head <- Opaque::ffi_init(move |slot| unsafe {
                bindings::__init_waitqueue_head(slot, name.as_char_ptr(), key.as_ptr())
            }),
        })
    }

    fn as_raw(&self) -> *mut bindings::wait_queue_head {
        self.head.get()
    }

    /// Whether nobody is in it. As waitqueue_active() of `include/linux/wait.h`: after a full
    /// barrier, and who enters it after this look has a barrier of his own before he looks.
    fn is_empty(&self) -> bool {
        let queue = self.as_raw();
        // SAFETY: The queue is valid.
        unsafe {
            let head = &raw mut (*queue).head;
            (&raw const (*head).next).read_volatile() == head
        }
    }

    /// Wakes all in it who sleep in one of the states of `mode`, but of those who are exclusive
    /// only so many, or all for 0. Their callbacks get `events`, a number.
    fn wake(&self, mode: u32, exclusive: c_int, events: u32) {
        let key = core::ptr::without_provenance_mut(events as usize);
        // SAFETY: The queue is valid. The callbacks of those who sleep ignore the key, those of
        // them who poll take it for a number.
        unsafe { bindings::__wake_up(self.as_raw(), mode, exclusive, key) };
    }
}

/// Those who sleep until they are woken, in the order in which they came.
///
/// The kernel crate's [`CondVar`] belongs to a lock, which everybody would have to take whose doing
/// somebody else may wait for. This is what wait_event_interruptible_exclusive() of
/// `include/linux/wait.h` is made of.
///
/// [`CondVar`]: kernel::sync::CondVar
#[pin_data]
pub(crate) struct Sleepers {
    #[pin]
    queue: WaitQueue,
}

impl Sleepers {
    /// Makes an empty queue.
    pub(crate) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            queue <- WaitQueue::new(name, key),
        })
    }

    /// Calls `f` with an entry for the current task. Whatever it did with that, the task is not in
    /// the queue any more afterwards.
    #[inline]
    pub(crate) fn with_entry<R>(&self, f: impl FnOnce(&Entry<'_>) -> R) -> R {
        let entry = Entry {
            queue: &self.queue,
            raw: Opaque::uninit(),
        };
        // INVARIANT: It is not moved from here on.
        // SAFETY: There is room for it.
        unsafe {
            bindings::init_wait_entry(entry.raw.get(), bindings::WQ_FLAG_EXCLUSIVE as c_int);
        }
        let result = f(&entry);
        // SAFETY: Both are valid; the entry is in this queue or in none.
        unsafe { bindings::finish_wait(self.queue.as_raw(), entry.raw.get()) };
        result
    }

    /// Whether nobody is in the queue. Who is woken leaves it at that moment.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Wakes the first of them, if there is any. To be called after a full barrier.
    pub(crate) fn wake_one(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_INTERRUPTIBLE, 1, 0);
        }
    }

    /// Wakes all of them. To be called after a full barrier.
    pub(crate) fn wake_all(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_INTERRUPTIBLE, 0, 0);
        }
    }
}

/// The current task's place in the queue of [`Sleepers`].
///
/// # Invariants
///
/// `raw` is initialised, belongs to the current task, and stays where it is. It is in `queue` or in
/// none.
pub(crate) struct Entry<'a> {
    queue: &'a WaitQueue,
    // Its pointers keep this type on its thread.
    raw: Opaque<bindings::wait_queue_entry>,
}

impl Entry<'_> {
    /// Enters the queue at its end, unless it is in there. From here on a wake-up keeps the task
    /// from sleeping.
    ///
    /// # Errors
    ///
    /// `ERESTARTSYS` if there is a signal to be handled. It has left the queue then.
    pub(crate) fn enter(&self) -> Result {
        // SAFETY: Both are valid by the type invariants.
        let interrupted = unsafe {
            bindings::prepare_to_wait_event(
                self.queue.as_raw(),
                self.raw.get(),
                bindings::TASK_INTERRUPTIBLE as c_int,
            )
        };
        if interrupted == 0 {
            Ok(())
        } else {
            Err(ERESTARTSYS)
        }
    }

    /// Sleeps until there is a wake-up or a signal, unless one came since the last
    /// [`Self::enter`].
    pub(crate) fn sleep(&self) {
        // SAFETY: This is the task's own context, and whoever calls what may sleep holds nothing
        // that forbids it.
        unsafe { bindings::schedule() };
    }
}

/// Those who poll, waiting to be told.
///
/// The kernel crate's [`PollCondVar`] can't say what there is to report, so that who watches one
/// side of a file with EPOLLET hears of the other too, and one with EPOLLEXCLUSIVE takes what is
/// not for him.
///
/// [`PollCondVar`]: kernel::sync::poll::PollCondVar
#[pin_data(PinnedDrop)]
pub(crate) struct Pollers {
    #[pin]
    queue: WaitQueue,
}

impl Pollers {
    /// Makes an empty queue.
    pub(crate) fn new(name: &'static CStr, key: Pin<&'static LockClassKey>) -> impl PinInit<Self> {
        pin_init!(Self {
            queue <- WaitQueue::new(name, key),
        })
    }

    /// Tells of these [`events`] all who watch for any of them, and one of those with
    /// EPOLLEXCLUSIVE. To be called after a full barrier.
    pub(crate) fn tell(&self, events: u32) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_NORMAL, 1, events);
        }
    }

    /// Wakes all of them, whatever events they watch for. Call it after a full barrier.
    pub(crate) fn tell_all(&self) {
        if !self.queue.is_empty() {
            self.queue.wake(bindings::TASK_NORMAL, 0, 0);
        }
    }

    /// Whether no task polls. Call it after a full barrier.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[pinned_drop]
impl PinnedDrop for Pollers {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: The queue is valid; all entries leave it here.
        unsafe { bindings::__wake_up_pollfree(self.queue.as_raw()) };
        // epoll may look at the queue for a grace period.
        synchronize_rcu();
    }
}

/// The files with O_ASYNC of a device, whose owners get SIGIO when something can be done.
#[pin_data]
pub(crate) struct AsyncQueues {
    /// Held while a file enters or leaves: both queues that it belongs to, or none.
    #[pin]
    change: Mutex<()>,
    readers: AsyncQueue,
    writers: AsyncQueue,
}

impl AsyncQueues {
    /// Makes empty queues.
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            change <- new_mutex!((), "rust_sample::AsyncQueues::change"),
            readers: AsyncQueue::new(),
            writers: AsyncQueue::new(),
        })
    }

    /// Tells the owners of files open for reading that it can be read.
    pub(crate) fn tell_readers(&self) {
        self.readers.tell(bindings::POLL_IN);
    }

    /// Tells the owners of files open for writing that it can be written.
    pub(crate) fn tell_writers(&self) {
        self.writers.tell(bindings::POLL_OUT);
    }

    /// Adds a file, or takes it out again: to the queue of each side that it is open for, or to
    /// none. Modelled on pipe_fasync() of `fs/pipe.c`.
    ///
    /// # Safety
    ///
    /// `file` must be open, and be taken out before it is released, and before this is dropped.
    unsafe fn set(&self, fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: The file is open, and its access mode does not change.
        let mode = unsafe { (*file).f_mode };
        let _guard = self.change.lock();
        let mut entered = 0;
        if mode & FMODE_READ != 0 {
            // SAFETY: As this function's own.
            entered = unsafe { self.readers.set(fd, file, on) };
            if entered < 0 {
                return entered;
            }
        }
        if mode & FMODE_WRITE == 0 {
            return entered;
        }
        // SAFETY: As this function's own.
        let ret = unsafe { self.writers.set(fd, file, on) };
        if ret < 0 && entered > 0 {
            // SAFETY: As this function's own.
            unsafe { self.readers.set(-1, file, 0) };
        }
        ret
    }
}

/// One side's files.
struct AsyncQueue(UnsafeCell<*mut bindings::fasync_struct>);

// SAFETY: What is in the cell is changed by fasync_helper() alone, which takes a lock of its own,
// and read by kill_fasync() under RCU.
unsafe impl Send for AsyncQueue {}
// SAFETY: As above.
unsafe impl Sync for AsyncQueue {}

impl AsyncQueue {
    fn new() -> Self {
        Self(UnsafeCell::new(core::ptr::null_mut()))
    }

    #[inline]
    fn tell(&self, band: u32) {
        // SAFETY: The pointer is valid. As kill_fasync() itself looks first; most often there is
        // nobody to tell, and no need for the call.
        if unsafe { self.0.get().read_volatile() }.is_null() {
            return;
        }
        // SAFETY: The pointer is valid, and what it points to is freed after an RCU grace period.
        unsafe { bindings::kill_fasync(self.0.get(), bindings::SIGIO as c_int, band as c_int) };
    }

    /// # Safety
    ///
    /// As [`AsyncQueues::set`].
    unsafe fn set(&self, fd: c_int, file: *mut bindings::file, on: c_int) -> c_int {
        // SAFETY: The pointers are valid. The caller guarantees that the file is taken out in time.
        let ret = unsafe { bindings::fasync_helper(fd, file, on, self.0.get()) };
        // The caller enters the queue, then checks the device; `tell` is called after the device
        // has changed and a full barrier. So one of the two sees the other.
        smp_mb(Full);
        ret
    }
}

// What the bindings lack of `include/linux/pipe_fs_i.h`. miscdev_check.c compares it with each
// kernel's.

extern "C" {
    fn pipe_lock(pipe: *mut bindings::pipe_inode_info);
    fn pipe_unlock(pipe: *mut bindings::pipe_inode_info);
}

/// The first fields of `struct pipe_inode_info`.
#[repr(C)]
struct PipeInodeInfo {
    mutex: bindings::mutex,
    rd_wait: bindings::wait_queue_head,
    wr_wait: bindings::wait_queue_head,
    head: c_uint,
    tail: c_uint,
    max_usage: c_uint,
    ring_size: c_uint,
    nr_accounted: c_uint,
    readers: c_uint,
}

/// Checks whether bytes can be put into a pipe.
///
/// # Errors
///
/// `EPIPE`, with SIGPIPE, if it has no reader; `EAGAIN` if it is full.
///
/// # Safety
///
/// `pipe` must be valid, and locked by this task.
unsafe fn check_pipe(pipe: *mut bindings::pipe_inode_info) -> Result {
    // SAFETY: The caller guarantees that `pipe` is valid; its lock protects these fields.
    let pipe = unsafe { &*pipe.cast::<PipeInodeInfo>() };
    if pipe.readers == 0 {
        // SAFETY: The current task is valid.
        unsafe { bindings::send_sig(bindings::SIGPIPE as c_int, Task::current_raw(), 0) };
        return Err(EPIPE);
    }
    // As pipe_occupancy(), which wraps.
    if pipe.head.wrapping_sub(pipe.tail) >= pipe.max_usage {
        return Err(EAGAIN);
    }
    Ok(())
}

/// Whether the current task has CAP_SYS_RESOURCE; it counts as used then. See capabilities(7).
pub(crate) fn may_exceed_limits() -> bool {
    // SAFETY: May be called by any task.
    unsafe { bindings::capable(bindings::CAP_SYS_RESOURCE as c_int) }
}

/// A registered misc device with the data that its open files share. Dropping it deregisters the
/// device.
///
/// # Invariants
///
/// `misc` is registered with [`Table::EXTENDED`] for as long as this lives.
#[pin_data(PinnedDrop)]
pub(crate) struct Registration<T: StreamDevice> {
    #[pin]
    misc: Opaque<bindings::miscdevice>,
    shared: Arc<T::Shared>,
}

// SAFETY: misc_deregister() may be called from another thread than misc_register(), and `shared`
// may move to another thread, as `T::Shared` is `Send` and `Sync`.
unsafe impl<T: StreamDevice> Send for Registration<T> {}
// SAFETY: Nothing but `shared` can be reached through a shared reference, and `T::Shared` is
// `Send` and `Sync`.
unsafe impl<T: StreamDevice> Sync for Registration<T> {}

impl<T: StreamDevice> Registration<T> {
    /// Registers a misc device of this `name`, which is then the name of its node in /dev.
    ///
    /// Its files may be opened before this returns, so whatever they need is to be ready, and this
    /// is to be the last step of a module's load that can fail.
    ///
    /// # Errors
    ///
    /// Those of misc_register() in `drivers/char/misc.c`: `EBUSY` if no minor number is free,
    /// `EEXIST` if there is a device of this name, `ENOMEM`.
    pub(crate) fn register(
        name: &'static CStr,
        shared: Arc<T::Shared>,
    ) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            shared,
            misc <- Opaque::try_ffi_init(move |slot: *mut bindings::miscdevice| {
                let mut misc = MiscDeviceOptions { name }.into_raw::<Adapter<T>>();
                misc.fops = &Table::<T>::EXTENDED;
                // SAFETY: The slot can be written to.
                unsafe { slot.write(misc) };
                // SAFETY: The slot holds a miscdevice that was made for this. It is pinned, and
                // deregistered before it is dropped.
                // INVARIANT: It is registered if this succeeds.
                to_result(unsafe { bindings::misc_register(slot) })
            }),
        })
    }
}

#[pinned_drop]
impl<T: StreamDevice> PinnedDrop for Registration<T> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: By the type invariants it is registered.
        unsafe { bindings::misc_deregister(self.misc.get()) };
    }
}
