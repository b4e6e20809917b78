// SPDX-License-Identifier: GPL-2.0

//! The ways to break fifo.rs and ring.rs that the model has to catch.

/// A broken variant.
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// What is broken.
    pub says: &'static str,
    /// The scenario that catches it.
    pub scenario: &'static str,
    /// What is said then.
    pub fails: &'static str,
    /// What is changed.
    pub changes: &'static [Change],
}

/// Lines of fifo.rs or ring.rs, which are there once, and what stands in their place instead.
/// Indentation is left aside.
pub struct Change(pub &'static [&'static str], pub &'static [&'static str]);

/// What loom says of a lost wake-up.
const LOST: &str = "deadlock";

/// The variants.
pub const VARIANTS: &[Variant] = &[
    Variant {
        name: "push_barrier",
        says: "no barrier between bytes that come and the look at the sleepers",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &["ring.head.position.xchg(*self.head, Full);"],
            &["ring.head.position.store(*self.head, Release);"],
        )],
    },
    Variant {
        name: "pop_barrier",
        says: "no barrier between bytes that go and the look at the sleepers",
        scenario: "read",
        fails: LOST,
        changes: &[Change(
            &["ring.tail.position.xchg(*self.tail, Full);"],
            &["ring.tail.position.store(*self.tail, Release);"],
        )],
    },
    Variant {
        name: "clear_barrier",
        says: "no barrier between a clear and the look at the sleepers",
        scenario: "clear",
        fails: LOST,
        changes: &[Change(
            &["ring.tail.position.xchg(head, Full);"],
            &["ring.tail.position.store(head, Release);"],
        )],
    },
    Variant {
        name: "wake_all_barrier",
        says: "no barrier between a new capacity and the look at the sleepers",
        scenario: "set_capacity",
        fails: LOST,
        changes: &[Change(
            &["fn wake_all(&self) {", "smp_mb(Full);"],
            &["fn wake_all(&self) {"],
        )],
    },
    Variant {
        name: "check_first",
        says: "a reader checks for bytes before it queues itself",
        scenario: "write",
        fails: LOST,
        changes: &[
            Change(
                &["let entered = entry.enter();"],
                &[
                    "let is_ready = waiter.is_ready();",
                    "let entered = entry.enter();",
                ],
            ),
            Change(&["if waiter.is_ready() {"], &["if is_ready {"]),
        ],
    },
    Variant {
        name: "no_check",
        says: "a reader does not check for bytes after it queues itself",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &["if waiter.is_ready() {", "return Ok(());", "}", "entered?;"],
            &["let _ = waiter;", "entered?;"],
        )],
    },
    Variant {
        name: "early_look",
        says: "a writer looks for waiters before it publishes",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &[
                "let copied = self.ring.producer().push_from(iov, whole, stride);",
                "if copied.bytes != 0 {",
            ],
            &[
                "let has_waiters = self.waiting_readers.has_waiters();",
                "let copied = self.ring.producer().push_from(iov, whole, stride);",
                "if copied.bytes != 0 && has_waiters {",
            ],
        )],
    },
    Variant {
        name: "wake_pollers_only",
        says: "a writer looks for pollers alone",
        scenario: "read_again",
        fails: LOST,
        changes: &[Change(
            &["!self.sleepers.is_empty() || !self.pollers.is_empty()"],
            &["!self.pollers.is_empty()"],
        )],
    },
    Variant {
        name: "read_hand_on",
        says: "a reader who slept does not wake the next",
        scenario: "one_write",
        fails: LOST,
        changes: &[Change(
            &["if slept {", "fifo.hand_on_bytes();", "}"],
            &["let _ = slept;"],
        )],
    },
    Variant {
        name: "write_hand_on",
        says: "a writer who slept does not wake the next",
        scenario: "one_read",
        fails: LOST,
        changes: &[Change(
            &["if slept {", "fifo.hand_on_room();", "}"],
            &["let _ = slept;"],
        )],
    },
    Variant {
        name: "wait_readable_hand_on",
        says: "a reader that waited for bytes and leaves them does not wake the next one",
        scenario: "wait_readable",
        fails: LOST,
        changes: &[Change(&["self.0.hand_on_bytes();"], &[])],
    },
    Variant {
        name: "wait_writable_hand_on",
        says: "a writer that waited for room and leaves it does not wake the next one",
        scenario: "wait_writable",
        fails: LOST,
        changes: &[Change(&["self.0.hand_on_room();"], &[])],
    },
    Variant {
        name: "page_hand_on",
        says: "a reader whose page is missing does not wake the next",
        scenario: "page",
        fails: LOST,
        changes: &[Change(
            &[
                "fifo.hand_on_bytes();",
                "let came = ring::fault_in_dest(iov, copied.missing);",
            ],
            &["let came = ring::fault_in_dest(iov, copied.missing);"],
        )],
    },
    Variant {
        name: "signal",
        says: "a reader leaves for a signal without another try, and wakes no other",
        scenario: "reader_signal",
        fails: LOST,
        changes: &[
            Change(
                &["entry.sleep();", "Ok(())"],
                &[
                    "entry.sleep();",
                    "if kernel::current!().signal_pending() {",
                    "return Err(ERESTARTSYS);",
                    "}",
                    "Ok(())",
                ],
            ),
            Change(
                &["if slept {", "fifo.hand_on_bytes();", "}"],
                &["if slept && result.is_ok() {", "fifo.hand_on_bytes();", "}"],
            ),
        ],
    },
    Variant {
        name: "at_end_order",
        says:
            "the check for the end of file looks at the writers first, then at how many ever came",
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
            &["let end = self.at_end();", "if fifo.ring.is_empty() {"],
            &[
                "let is_empty = fifo.ring.is_empty();",
                "let end = self.at_end();",
                "if is_empty {",
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
                "let hung_up = self.has_hung_up();",
                "(!self.fifo.ring.is_empty(), hung_up)",
            ],
            &["(!self.fifo.ring.is_empty(), self.has_hung_up())"],
        )],
    },
    Variant {
        name: "writer_open_order",
        says: "a writer's open counts those who ever came first",
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
        says: "a reader's open looks at the writers before it looks how many ever came",
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
        name: "close_one",
        says: "the last close wakes one reader",
        scenario: "close",
        fails: LOST,
        changes: &[Change(
            &[
                "// The end of file is for each reader to see.",
                "self.fifo.waiting_readers.wake_all();",
            ],
            &["self.fifo.waiting_readers.wake_one();"],
        )],
    },
    Variant {
        name: "close_silent",
        says: "the last close wakes nobody",
        scenario: "poll_end",
        fails: "not told",
        changes: &[Change(
            &[
                "// The end of file is for each reader to see.",
                "self.fifo.waiting_readers.wake_all();",
            ],
            &[],
        )],
    },
    Variant {
        name: "wake_sleepers_only",
        says: "a writer looks for sleepers alone",
        scenario: "poll_readable",
        fails: "not told",
        changes: &[Change(
            &["!self.sleepers.is_empty() || !self.pollers.is_empty()"],
            &["!self.sleepers.is_empty()"],
        )],
    },
    Variant {
        name: "endless_read",
        says: "a read retries for ever where a page is present and takes no byte",
        scenario: "refused_read",
        fails: "exceeded maximum number of branches",
        changes: &[Change(
            &["if !came || (copied == 0 && self.is_last()) {"],
            &["if !came {"],
        )],
    },
    Variant {
        name: "endless_write",
        says: "a write retries for ever where a page is present and gives no byte",
        scenario: "refused_write",
        fails: "exceeded maximum number of branches",
        changes: &[Change(
            &["if !came || (copied == 0 && self.is_last()) {"],
            &["if !came {"],
        )],
    },
    Variant {
        name: "no_single_bytes",
        says: "the last try does not copy byte by byte",
        scenario: "refused_read",
        fails: "bytes lost or moved",
        changes: &[Change(
            &["if self.is_last() {", "Stride::Byte"],
            &["if self.is_last() {", "Stride::Run"],
        )],
    },
    Variant {
        name: "atomic_bytes",
        says: "an atomic write keeps the bytes before one that cannot be copied",
        scenario: "refused_write",
        fails: "bytes lost or moved",
        changes: &[Change(
            &[
                "if !whole {",
                "return Self { bytes, missing };",
                "}",
                "revert(bytes);",
            ],
            &[
                "if !whole || bytes != 0 {",
                "return Self { bytes, missing };",
                "}",
                "revert(bytes);",
            ],
        )],
    },
    Variant {
        name: "poll_late",
        says: "who polls looks before he enters the queue",
        scenario: "poll_writable",
        fails: "not told",
        changes: &[Change(
            &[
                "self.fifo.waiting_writers.poll(poll);",
                "self.fifo.has_room()",
            ],
            &[
                "let room = self.fifo.has_room();",
                "self.fifo.waiting_writers.poll(poll);",
                "room",
            ],
        )],
    },
    Variant {
        name: "set_capacity_silent",
        says: "a new capacity wakes no writer",
        scenario: "set_capacity",
        fails: LOST,
        changes: &[Change(&["self.waiting_writers.wake_all();"], &[])],
    },
    Variant {
        name: "clear_silent",
        says: "a clear wakes no writer",
        scenario: "clear",
        fails: LOST,
        changes: &[Change(
            &[
                "let bytes = self.ring.consumer().clear();",
                "self.made_room(bytes);",
            ],
            &["self.ring.consumer().clear();"],
        )],
    },
];
