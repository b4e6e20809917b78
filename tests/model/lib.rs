// SPDX-License-Identifier: GPL-2.0

//! A model of the wake-up protocol. It compiles the module's fifo/ for the host over a kernel made
//! of loom's types, and runs it through the interleavings of a few tasks and the values that weakly
//! ordered loads may return. tests/host/model builds and runs it.
//!
//! - `kernel/` replaces the kernel crate: the same names, implemented by loom's atomics, locks and
//!   threads. A fully ordered operation has a barrier on each side. A wait queue wakes in order,
//!   and a signal wakes a task without removing it from the queue.
//! - `macros/` has the attributes of that crate.
//! - `quiet/` replaces the crates of loom's log, which is not used.
//! - kernel_ext.rs replaces the module's folder of this name.
//! - scenarios.rs has the steps of the tasks and what must hold afterwards. A lost wake-up leaves a
//!   task asleep, which loom reports as a deadlock.
//! - build.rs plants the faults of `tests/mutants/` that name a scenario, each in a copy of fifo/,
//!   and compiles each copy with the scenarios. That scenario must fail with the message that the
//!   patch states. If the patch does not apply, it fails with another message.
//!
//! Not modelled are: the bytes on their way between processors (they are copied in the order in
//! which the tasks run, but their positions are atomics like any others), failed allocations, more
//! than four tasks, and with three or more tasks more preemptions than the scenario states.
//!
//! Two parts of fifo/ are redundant in the model, so no scenario fails without them: the barrier of
//! `wake_next()` (a task that was woken has seen, through the lock, each sleeper that its waker
//! saw); and another try after each sleep, or the wake-up of the next reader by one that leaves for
//! a signal (either is enough; the fault `signal-without-retry` removes both).

mod kernel_ext;

include!(concat!(env!("OUT_DIR"), "/modules.rs"));

/// The steps of a few tasks.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// The claim that must hold in each interleaving.
    pub says: &'static str,
    /// The largest number of preemptions to explore; `None` for all.
    pub preemptions: Option<usize>,
    /// Runs one interleaving, inside loom.
    pub run: fn(),
}

/// The scenarios, with the module's fifo/.
pub const SCENARIOS: &[Scenario] = real::scenarios::SCENARIOS;

/// A fault of `tests/mutants/`.
pub struct Fault {
    /// The name of the patch.
    pub name: &'static str,
    /// The scenario that must find it.
    pub scenario: &'static str,
    /// The text of the failure.
    pub message: &'static str,
    /// Runs the scenario once with the fault in the module's fifo/, inside loom.
    pub run: fn(),
}
