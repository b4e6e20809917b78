// SPDX-License-Identifier: GPL-2.0

//! The wake-up protocol, checked as a model: fifo/ as the module has it, compiled
//! for the host over a kernel made of loom's types, and run through the interleavings of a few
//! tasks and the values that weakly ordered loads may give. tests/host/model builds and runs it.
//!
//! - `kernel/` stands for the kernel crate: its names, and behind them loom's atomics, locks and
//!   threads. A fully ordered operation has a barrier on each side; a wait queue wakes in order,
//!   and a signal takes a task out of its sleep without taking it out of the queue.
//! - `macros/` has that crate's attributes.
//! - `quiet/` stands for the crates of loom's log, which is not read.
//! - kernel_ext.rs stands for the module's folder of this name.
//! - scenarios.rs has what the tasks do, and what has to be true then. A lost wake-up leaves a
//!   task asleep for ever, which loom calls a deadlock.
//! - variants.rs has the ways to break the two. build.rs makes them from the files as they are, by
//!   changes of their text. Each is compiled with the scenarios too, and one of them has to fail;
//!   a variant that no longer fits the text fails with another message.
//!
//! What is not modelled: the bytes' way between processors (they are copied in the order in which
//! the tasks run; their positions are atomics like any others), memory that runs out, more than
//! four tasks, and of three and more what takes more preemptions than a scenario says.
//!
//! Two things in fifo/ are redundant in the model, so that no scenario fails without them: the
//! barrier of `wake_next()` (a task that was woken has seen, through the lock, each sleeper that
//! its waker saw); and another try after each sleep, or the handing on by a reader that leaves for
//! a signal (either one suffices; the variant `signal` has neither).

pub mod variants;

mod kernel_ext;

use variants::Variant;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// What a few tasks do.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What holds in each interleaving.
    pub says: &'static str,
    /// How many preemptions are looked at; `None` for all.
    pub preemptions: Option<usize>,
    /// One interleaving, in a model of loom's.
    pub run: fn(),
}

/// The scenarios, with fifo/ as it is.
pub const SCENARIOS: &[Scenario] = real::scenarios::SCENARIOS;

/// The scenario that has to catch this variant, with the variant in their place.
pub fn broken(variant: &Variant) -> Option<Scenario> {
    let scenario = SCENARIOS
        .iter()
        .find(|scenario| scenario.name == variant.scenario)?;
    let (_, run) = BROKEN.iter().find(|(name, _)| *name == variant.name)?;
    Some(Scenario {
        run: *run,
        ..*scenario
    })
}
