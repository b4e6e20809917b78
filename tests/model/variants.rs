// SPDX-License-Identifier: GPL-2.0

//! The ways to break fifo/ that the model must catch.

/// A broken variant.
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// The part that is broken.
    pub says: &'static str,
    /// The scenario that catches it.
    pub scenario: &'static str,
    /// The text of the failure.
    pub fails: &'static str,
    /// The changes of the text.
    pub changes: &'static [Change],
}

/// Lines that occur once in fifo/, in one file, and the lines that replace them. Indentation does
/// not count.
pub struct Change(pub &'static [&'static str], pub &'static [&'static str]);

/// How loom reports a lost wake-up.
const LOST: &str = "deadlock";

/// The variants.
pub const VARIANTS: &[Variant] = &[
    Variant {
        name: "push_barrier",
        says: "no barrier between bytes put in and the check for waiters",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &["ring.head.position.xchg(*self.head, Full);"],
            &["ring.head.position.store(*self.head, Release);"],
        )],
    },
    Variant {
        name: "pop_barrier",
        says: "no barrier between bytes taken out and the check for waiters",
        scenario: "read",
        fails: LOST,
        changes: &[Change(
            &["ring.tail.position.xchg(*self.tail, Full);"],
            &["ring.tail.position.store(*self.tail, Release);"],
        )],
    },
    Variant {
        name: "clear_barrier",
        says: "no barrier between a clear and the check for waiters",
        scenario: "clear",
        fails: LOST,
        changes: &[Change(
            &["ring.tail.position.xchg(head, Full);"],
            &["ring.tail.position.store(head, Release);"],
        )],
    },
    Variant {
        name: "wake_all_barrier",
        says: "no barrier between a new capacity and the check for waiters",
        scenario: "set_capacity",
        fails: LOST,
        changes: &[Change(
            &["pub(super) fn wake_all(&self) {", "smp_mb(Full);"],
            &["pub(super) fn wake_all(&self) {"],
        )],
    },
    Variant {
        name: "check_first",
        says: "a reader checks for bytes before it queues itself",
        scenario: "write",
        fails: LOST,
        changes: &[
            Change(
                &["let queued = entry.prepare_to_wait();"],
                &[
                    "let is_ready = condition.is_ready();",
                    "let queued = entry.prepare_to_wait();",
                ],
            ),
            Change(&["if condition.is_ready() {"], &["if is_ready {"]),
        ],
    },
    Variant {
        name: "no_check",
        says: "a reader does not check for bytes after it queues itself",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &[
                "if condition.is_ready() {",
                "return Ok(());",
                "}",
                "queued?;",
            ],
            &["let _ = condition;", "queued?;"],
        )],
    },
    Variant {
        name: "early_check",
        says: "a writer checks for waiters before it publishes",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &[
                "let outcome = self.ring.producer().push_from(iov, amount, unit);",
                "if outcome.copied != 0 {",
            ],
            &[
                "let has_waiters = self.readable.has_waiters();",
                "let outcome = self.ring.producer().push_from(iov, amount, unit);",
                "if outcome.copied != 0 && has_waiters {",
            ],
        )],
    },
    Variant {
        name: "wake_pollers_only",
        says: "a writer checks for pollers only",
        scenario: "read_again",
        fails: LOST,
        changes: &[Change(
            &["!self.sleepers.is_empty() || !self.pollers.is_empty()"],
            &["!self.pollers.is_empty()"],
        )],
    },
    Variant {
        name: "read_wakes_no_next",
        says: "a reader that was woken does not wake the next one",
        scenario: "one_write",
        fails: LOST,
        changes: &[Change(
            &["_wake_next = Some(self.wait()?);"],
            &["_wake_next = Some(core::mem::ManuallyDrop::new(self.wait()?));"],
        )],
    },
    Variant {
        name: "write_wakes_no_next",
        says: "a writer that was woken does not wake the next one",
        scenario: "one_read",
        fails: LOST,
        changes: &[Change(
            &["let _wake_next = self.wait()?;"],
            &["let _wake_next = core::mem::ManuallyDrop::new(self.wait()?);"],
        )],
    },
    Variant {
        name: "wait_readable_wakes_no_next",
        says: "a reader that waited for bytes and leaves them does not wake the next one",
        scenario: "wait_readable",
        fails: LOST,
        changes: &[Change(&["self.0.wake_next_reader();"], &[])],
    },
    Variant {
        name: "wait_writable_wakes_no_next",
        says: "a writer that waited for room and leaves it does not wake the next one",
        scenario: "wait_writable",
        fails: LOST,
        changes: &[Change(&["self.0.wake_next_writer();"], &[])],
    },
    Variant {
        name: "page_wakes_no_next",
        says: "a reader wakes the next one only after its page has been faulted in",
        scenario: "page",
        fails: LOST,
        changes: &[
            Change(
                &["let mut waited = false;", "loop {"],
                &[
                    "let mut waited = false;",
                    "let mut _wake_next = None;",
                    "loop {",
                ],
            ),
            Change(
                &["let mut _wake_next = None;", "if blocking {"],
                &["if blocking {"],
            ),
        ],
    },
    Variant {
        name: "signal",
        says: "a reader leaves for a signal without another try, and does not wake the next one",
        scenario: "reader_signal",
        fails: LOST,
        changes: &[
            Change(
                &["entry.schedule();", "Ok(())"],
                &[
                    "entry.schedule();",
                    "if kernel::current!().signal_pending() {",
                    "return Err(ERESTARTSYS);",
                    "}",
                    "Ok(())",
                ],
            ),
            Change(
                &[
                    "let wake_next = WakeNextReader(&self.fifo);",
                    "self.fifo.readable.sleep(self)?;",
                    "Ok(wake_next)",
                ],
                &[
                    "self.fifo.readable.sleep(self)?;",
                    "Ok(WakeNextReader(&self.fifo))",
                ],
            ),
        ],
    },
    Variant {
        name: "eof_order",
        says: "the check for the end of file looks at the writers before the number of opens",
        scenario: "come_and_go_unwaited",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "unseen.is_none_or(|ever| self.fifo.writers_ever.load(Acquire) != ever)",
                "&& self.has_no_writer()",
            ],
            &[
                "self.has_no_writer()",
                "&& unseen.is_none_or(|ever| self.fifo.writers_ever.load(Acquire) != ever)",
            ],
        )],
    },
    Variant {
        name: "read_order",
        says: "a read looks at the bytes before the writers",
        scenario: "come_and_go_unwaited",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "let eof = self.is_eof();",
                "if !self.fifo.ring.is_empty() {",
            ],
            &[
                "let is_empty = self.fifo.ring.is_empty();",
                "let eof = self.is_eof();",
                "if !is_empty {",
            ],
        )],
    },
    Variant {
        name: "poll_order",
        says: "a poll looks at the bytes before the writers",
        scenario: "come_and_go_polled",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "let hup = PollEvents::HUP.when(self.has_hung_up());",
                "hup | PollEvents::READABLE.when(!self.fifo.ring.is_empty())",
            ],
            &[
                "let readable = PollEvents::READABLE.when(!self.fifo.ring.is_empty());",
                "readable | PollEvents::HUP.when(self.has_hung_up())",
            ],
        )],
    },
    Variant {
        name: "writer_open_order",
        says: "a writer's open counts the opens before the writers",
        scenario: "come_and_go",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "fifo.writers.fetch_add(1, Full);",
                "fifo.writers_ever.fetch_add(1, Full);",
            ],
            &[
                "fifo.writers_ever.fetch_add(1, Full);",
                "fifo.writers.fetch_add(1, Full);",
            ],
        )],
    },
    Variant {
        name: "reader_open_order",
        says: "a reader's open looks at the writers before the number of opens",
        scenario: "open",
        fails: LOST,
        changes: &[Change(
            &[
                "let ever = fifo.writers_ever.load(Acquire);",
                "let has_writer = fifo.writers.load(Acquire) != 0;",
            ],
            &[
                "let has_writer = fifo.writers.load(Acquire) != 0;",
                "let ever = fifo.writers_ever.load(Acquire);",
            ],
        )],
    },
    Variant {
        name: "close_wakes_one",
        says: "the last close wakes one reader",
        scenario: "close",
        fails: LOST,
        changes: &[Change(
            &[
                "// Each reader must see the end of file.",
                "self.fifo.readable.wake_all();",
            ],
            &["self.fifo.readable.wake_one();"],
        )],
    },
    Variant {
        name: "close_wakes_none",
        says: "the last close wakes no reader",
        scenario: "poll_end",
        fails: "not told",
        changes: &[Change(
            &[
                "// Each reader must see the end of file.",
                "self.fifo.readable.wake_all();",
            ],
            &[],
        )],
    },
    Variant {
        name: "wake_sleepers_only",
        says: "a writer checks for sleepers only",
        scenario: "poll_readable",
        fails: "not told",
        changes: &[Change(
            &["!self.sleepers.is_empty() || !self.pollers.is_empty()"],
            &["!self.sleepers.is_empty()"],
        )],
    },
    Variant {
        name: "endless_read",
        says: "a read retries forever if a page is present and takes no byte",
        scenario: "refused_read",
        fails: "exceeded maximum number of branches",
        changes: &[Change(
            &["let present = fault_in_writeable(iov, outcome.to_fault_in, retry.unit());"],
            &["let present = fault_in_writeable(iov, outcome.to_fault_in, CopyUnit::Run);"],
        )],
    },
    Variant {
        name: "endless_write",
        says: "a write retries forever if a page is present and gives no byte",
        scenario: "refused_write",
        fails: "exceeded maximum number of branches",
        changes: &[Change(
            &["let present = fault_in_readable(iov, outcome.to_fault_in, retry.unit());"],
            &["let present = fault_in_readable(iov, outcome.to_fault_in, CopyUnit::Run);"],
        )],
    },
    Variant {
        name: "no_single_bytes",
        says: "no try copies byte by byte",
        scenario: "refused_read",
        fails: "exceeded maximum number of branches",
        changes: &[Change(
            &[
                "amount = Amount::Part;",
                "}",
                "outcome = self.try_again(iov, amount, retry.unit());",
            ],
            &[
                "amount = Amount::Part;",
                "}",
                "outcome = self.try_again(iov, amount, CopyUnit::Run);",
            ],
        )],
    },
    Variant {
        name: "atomic_bytes",
        says: "an atomic write keeps the bytes before a non-present page",
        scenario: "atomic_write",
        fails: "not atomic",
        changes: &[Change(
            &["if amount == Amount::Part {", "return Self {"],
            &[
                "if amount == Amount::Part || copied != 0 {",
                "return Self {",
            ],
        )],
    },
    Variant {
        name: "poll_late",
        says: "a poll checks for room before it enters the queue",
        scenario: "poll_writable",
        fails: "not told",
        changes: &[Change(
            &[
                "self.fifo.writable.register_wait(table);",
                "let error = PollEvents::ERR.when(self.fifo.lacks_reader());",
                "error | PollEvents::WRITABLE.when(self.fifo.has_room())",
            ],
            &[
                "let events = PollEvents::WRITABLE.when(self.fifo.has_room());",
                "self.fifo.writable.register_wait(table);",
                "let error = PollEvents::ERR.when(self.fifo.lacks_reader());",
                "error | events",
            ],
        )],
    },
    Variant {
        name: "last_reader_wakes_none",
        says: "the close of the last reader wakes no writer",
        scenario: "last_reader",
        fails: LOST,
        changes: &[Change(&["self.fifo.writable.wake_all();"], &[])],
    },
    Variant {
        name: "last_reader_unseen",
        says: "a blocked writer does not look for readers",
        scenario: "last_reader",
        fails: LOST,
        changes: &[Change(
            &["self.fifo.has_room() || self.fifo.lacks_reader()"],
            &["self.fifo.has_room()"],
        )],
    },
    Variant {
        name: "last_reader_late",
        says: "the last reader wakes writers before it leaves",
        scenario: "last_reader",
        fails: LOST,
        changes: &[Change(
            &[
                "self.fifo.readers.fetch_sub(1, Full);",
                "if self.fifo.lacks_reader() {",
            ],
            &[
                "self.fifo.writable.wake_all();",
                "self.fifo.readers.fetch_sub(1, Full);",
                "if false {",
            ],
        )],
    },
    Variant {
        name: "poll_error_late",
        says: "a poll looks for readers before it enters the queue",
        scenario: "poll_error",
        fails: "not told",
        changes: &[Change(
            &[
                "self.fifo.writable.register_wait(table);",
                "let error = PollEvents::ERR.when(self.fifo.lacks_reader());",
            ],
            &[
                "let error = PollEvents::ERR.when(self.fifo.lacks_reader());",
                "self.fifo.writable.register_wait(table);",
            ],
        )],
    },
    Variant {
        name: "set_capacity_wakes_none",
        says: "a new capacity wakes no writer",
        scenario: "set_capacity",
        fails: LOST,
        changes: &[Change(&["self.writable.wake_all();"], &[])],
    },
    Variant {
        name: "clear_wakes_none",
        says: "a clear wakes no writer",
        scenario: "clear",
        fails: LOST,
        changes: &[Change(
            &[
                "let bytes = self.ring.consumer().clear();",
                "self.notify_writable(bytes);",
            ],
            &["self.ring.consumer().clear();"],
        )],
    },
];
