// SPDX-License-Identifier: GPL-2.0

//! Commits the fault whose name is written to `/dev/detectors_rust`, as detectors.c does, in Rust.

use core::hint::black_box;
use kernel::{
    fs::{
        File,
        Kiocb, //
    },
    iov::IovIterSource,
    miscdevice::{
        MiscDevice,
        MiscDeviceOptions,
        MiscDeviceRegistration, //
    },
    new_mutex,
    new_spinlock,
    page::Page,
    prelude::*,
    sync::{
        atomic::{
            Atomic,
            Relaxed, //
        },
        Refcount, //
    }, //
};
use pin_init::stack_pin_init;

module! {
    type: Detectors,
    name: "detectors_rust",
    authors: ["The rust_sample authors"],
    description: "Faults for the debug kernel to find",
    license: "GPL",
}

#[pin_data(PinnedDrop)]
struct Detectors {
    #[pin]
    _device: MiscDeviceRegistration<Device>,
}

impl kernel::InPlaceModule for Detectors {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions {
                name: c"detectors_rust",
            }),
        })
    }
}

#[pinned_drop]
impl PinnedDrop for Detectors {
    fn drop(self: Pin<&mut Self>) {
        for leaked in LEAKED.iter().map(|leaked| leaked.load(Relaxed)) {
            if leaked != 0 {
                // SAFETY: `leak` got the pointer from `into_raw`, and only this line frees it,
                // once.
                drop(unsafe { KBox::from_raw((!leaked) as *mut Block) });
            }
        }
    }
}

type Block = [u8; 64];

/// The complements of the addresses that `leak` leaked: kmemleak does not recognize these as
/// pointers. There are several, as a cached stack may still hold the last address.
static LEAKED: [Atomic<usize>; 16] = [const { Atomic::new(0) }; 16];

struct Device;

#[vtable]
impl MiscDevice for Device {
    type Ptr = KBox<Self>;

    fn open(_file: &File, _misc: &MiscDeviceRegistration<Self>) -> Result<Self::Ptr> {
        Ok(KBox::new(Self, GFP_KERNEL)?)
    }

    fn write_iter(_kiocb: Kiocb<'_, Self::Ptr>, iov: &mut IovIterSource<'_>) -> Result<usize> {
        let mut buffer = [0; 32];
        let len = iov.len();
        let name = buffer.get_mut(..len).ok_or(EINVAL)?;
        if iov.copy_from_iter(name) < len {
            return Err(EFAULT);
        }
        match name.trim_ascii_end() {
            b"none" => (),
            b"heap_out_of_bounds" => heap_out_of_bounds()?,
            b"use_after_free" => use_after_free()?,
            b"stack_out_of_bounds" => stack_out_of_bounds(),
            b"vmalloc_out_of_bounds" => vmalloc_out_of_bounds()?,
            b"swapped_locks" => swapped_locks(),
            b"sleep_in_atomic" => sleep_in_atomic()?,
            b"leak" => leak()?,
            b"saturate" => saturate(),
            b"overflow" => overflow(),
            b"assertion" => assertion(),
            b"allocate" => drop(KBox::new([0u8; 64], GFP_KERNEL)?),
            b"allocate_page" => drop(Page::alloc_page(GFP_KERNEL)?),
            _ => return Err(EINVAL),
        }
        Ok(len)
    }
}

/// Reads a byte outside of the objects of this module.
///
/// # Safety
///
/// Nothing makes this sound. The kernel survives it if `from` is mapped.
#[inline(always)]
unsafe fn read(from: *const u8) {
    // SAFETY: None: the read is the fault. The caller guarantees that `from` is mapped.
    black_box(unsafe { black_box(from).read_volatile() });
}

#[inline(never)]
fn heap_out_of_bounds() -> Result {
    let block = KBox::new([0u8; 64], GFP_KERNEL)?;
    // SAFETY: None: this is the fault. The slab continues behind the object.
    unsafe { read(block.as_ptr().wrapping_add(block.len())) };
    Ok(())
}

#[inline(never)]
fn use_after_free() -> Result {
    let block = KBox::new([0u8; 64], GFP_KERNEL)?;
    let address = block.as_ptr();
    drop(block);
    // SAFETY: None: this is the fault. The slab stays mapped.
    unsafe { read(address) };
    Ok(())
}

#[inline(never)]
fn stack_out_of_bounds() {
    let array = black_box([0u8; 64]);
    // SAFETY: None: this is the fault. The stack continues behind the array.
    unsafe { read(array.as_ptr().wrapping_add(array.len())) };
}

#[inline(never)]
fn vmalloc_out_of_bounds() -> Result {
    let vec = VVec::<u8>::with_capacity(5000, GFP_KERNEL)?;
    // SAFETY: None: this is the fault. The second page continues behind the array.
    unsafe { read(vec.as_ptr().wrapping_add(vec.capacity())) };
    Ok(())
}

#[inline(never)]
fn swapped_locks() {
    stack_pin_init!(let first = new_mutex!((), "first"));
    stack_pin_init!(let second = new_mutex!((), "second"));
    {
        let _first = first.lock();
        let _second = second.lock();
    }
    let _second = second.lock();
    let _first = first.lock();
}

#[inline(never)]
fn sleep_in_atomic() -> Result {
    stack_pin_init!(let lock = new_spinlock!(()));
    let _guard = lock.lock();
    // GFP_KERNEL may sleep.
    drop(KBox::new([0u8; 64], GFP_KERNEL)?);
    Ok(())
}

#[inline(never)]
fn leak() -> Result {
    for leaked in &LEAKED {
        if leaked.load(Relaxed) == 0 {
            let block: KBox<Block> = KBox::new([0; 64], GFP_KERNEL)?;
            leaked.store(!(KBox::into_raw(block) as usize), Relaxed);
        }
    }
    Ok(())
}

#[inline(never)]
fn saturate() {
    let count = Refcount::new(1);
    count.set(i32::MAX);
    count.inc();
}

#[inline(never)]
fn overflow() {
    black_box(black_box(u8::MAX) + 1);
}

#[inline(never)]
fn assertion() {
    debug_assert!(black_box(false));
}
