// SPDX-License-Identifier: GPL-2.0

//! Commits the data race whose name is written to `/dev/races`, if two tasks write it at once.
//!
//! A task finds its own side of the race by counting the writes: the first, third, ... write and
//! the second, fourth, ... one are on different sides.

use core::{
    cell::UnsafeCell,
    hint::black_box, //
};
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
    prelude::*,
    sync::atomic::{
        Acquire,
        Atomic,
        Relaxed,
        Release, //
    }, //
};

module! {
    type: Races,
    name: "races",
    authors: ["The rust_sample authors"],
    description: "Data races for KCSAN to find",
    license: "GPL",
}

#[pin_data]
struct Races {
    #[pin]
    _device: MiscDeviceRegistration<Device>,
}

impl kernel::InPlaceModule for Races {
    fn init(_module: &'static ThisModule) -> impl PinInit<Self, Error> {
        try_pin_init!(Self {
            _device <- MiscDeviceRegistration::register(MiscDeviceOptions {
                name: c"races",
            }),
        })
    }
}

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
        let side = WRITES.fetch_add(1, Relaxed) % 2;
        match name.trim_ascii_end() {
            b"unordered" => unordered(),
            b"relaxed" => relaxed(side),
            b"released" => released(side),
            _ => return Err(EINVAL),
        }
        Ok(len)
    }
}

/// How often one write tries to access the count.
const ROUNDS: usize = 20_000;
/// The accesses of one round. KCSAN watches one of some thousand.
const INCREMENTS: usize = 20;

static WRITES: Atomic<i32> = Atomic::new(0);
/// The side that may access [`COUNT`].
static TURN: Atomic<i32> = Atomic::new(0);
static COUNT: Count = Count(UnsafeCell::new(0));

struct Count(UnsafeCell<u64>);

// SAFETY: None: sharing it without a lock is the fault.
unsafe impl Sync for Count {}

impl Count {
    #[inline(always)]
    fn increment(&self) {
        for _ in 0..INCREMENTS {
            // SAFETY: `released` excludes other accesses, the other callers do not, which is the
            // fault. The kernel survives it.
            unsafe { *black_box(self.0.get()) += 1 };
        }
    }
}

/// Both sides write the count at any time.
#[inline(never)]
fn unordered() {
    for _ in 0..ROUNDS {
        COUNT.increment();
    }
}

/// The sides take turns, but pass the turn on without ordering.
#[inline(never)]
fn relaxed(side: i32) {
    take_turns(side, || TURN.store(1 - side, Relaxed));
}

/// The sides take turns: no race.
#[inline(never)]
fn released(side: i32) {
    take_turns(side, || TURN.store(1 - side, Release));
}

#[inline(always)]
fn take_turns(side: i32, pass_on: impl Fn()) {
    for _ in 0..ROUNDS {
        if TURN.load(Acquire) == side {
            COUNT.increment();
            pass_on();
        }
    }
}
