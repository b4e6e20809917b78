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
        name: "announce_barrier",
        says: "no barrier between a sleeper's announcement and his second look",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &["match self.audience.cmpxchg(seen, next, Full) {"],
            &["match self.audience.cmpxchg(seen, next, Relaxed) {"],
        )],
    },
    Variant {
        name: "second_look",
        says: "no second look after the announcement",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &["if waiter.is_ready() {", "return Ok(());", "}", "entered?;"],
            &["let _ = waiter;", "entered?;"],
        )],
    },
    Variant {
        name: "announcement",
        says: "no announcement before the second look, but after it",
        scenario: "write",
        fails: LOST,
        changes: &[
            Change(&["self.announce(0);"], &[]),
            Change(&["entered?;"], &["self.announce(0);", "entered?;"]),
        ],
    },
    Variant {
        name: "announce_first",
        says: "a sleeper announces himself before he enters the queue",
        scenario: "two_writes",
        fails: LOST,
        changes: &[Change(
            &["let entered = entry.enter();", "self.announce(0);"],
            &["self.announce(0);", "let entered = entry.enter();"],
        )],
    },
    Variant {
        name: "announce_once",
        says: "an announcement after another changes nothing, also if the flag went between them",
        scenario: "read_again",
        fails: LOST,
        changes: &[Change(
            &["let next = seen.wrapping_add(Self::ANNOUNCEMENT) | flag | Self::SOMEBODY;"],
            &["let next = seen | flag | Self::SOMEBODY;"],
        )],
    },
    Variant {
        name: "reset_order",
        says: "who takes the flag away looks at the queue before he looks who announced himself",
        scenario: "read_again",
        fails: LOST,
        changes: &[
            Change(
                &[
                    "let seen = self.audience.load(Acquire);",
                    "self.sleepers.wake_one();",
                ],
                &[
                    "self.sleepers.wake_one();",
                    "let is_empty = self.sleepers.is_empty();",
                    "let seen = self.audience.load(Acquire);",
                ],
            ),
            Change(
                &["} else if self.sleepers.is_empty() {"],
                &["} else if is_empty {"],
            ),
        ],
    },
    Variant {
        name: "reset_blind",
        says: "who takes the flag away does not see that somebody has announced himself since",
        scenario: "read_again",
        fails: LOST,
        changes: &[Change(
            &["let _ = self.audience.cmpxchg(seen, seen & !Self::SOMEBODY, Relaxed);"],
            &["self.audience.store(seen & !Self::SOMEBODY, Relaxed);"],
        )],
    },
    Variant {
        name: "reset_early",
        says: "the flag is taken away while others sleep",
        scenario: "two_writes",
        fails: LOST,
        changes: &[Change(
            &["} else if self.sleepers.is_empty() {"],
            &["} else {"],
        )],
    },
    Variant {
        name: "early_look",
        says: "the look at the sleepers before publishing",
        scenario: "write",
        fails: LOST,
        changes: &[Change(
            &[
                "let copied = self.ring.producer().push_from(iov, whole);",
                "if copied.bytes != 0 {",
            ],
            &[
                "let anybody = self.waiting_readers.anybody();",
                "let copied = self.ring.producer().push_from(iov, whole);",
                "if copied.bytes != 0 && anybody {",
            ],
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
        says: "one who waited for bytes does not wake the next",
        scenario: "wait_readable",
        fails: LOST,
        changes: &[Change(
            &[
                "let result = self.sleep();",
                "// The caller has not taken anything yet, and may not come to it.",
                "self.fifo.hand_on_bytes();",
            ],
            &["let result = self.sleep();"],
        )],
    },
    Variant {
        name: "wait_writable_hand_on",
        says: "one who waited for room does not wake the next",
        scenario: "wait_writable",
        fails: LOST,
        changes: &[Change(
            &[
                "// The caller has not put anything yet, and may not come to it.",
                "self.fifo.hand_on_room();",
            ],
            &[],
        )],
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
        says: "at the end of file the writers are looked at before how many there ever were",
        scenario: "come_and_go_unwaited",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "self.unseen_since != Some(fifo.writers_ever.load(Acquire))",
                "&& fifo.writers.load(Acquire) == 0",
            ],
            &[
                "fifo.writers.load(Acquire) == 0",
                "&& self.unseen_since != Some(fifo.writers_ever.load(Acquire))",
            ],
        )],
    },
    Variant {
        name: "read_order",
        says: "a read looks at the bytes before the writers",
        scenario: "come_and_go_unwaited",
        fails: "a false end of file",
        changes: &[
            Change(
                &[
                    "let end = self.at_end();",
                    "let no_writer = fifo.writers.load(Acquire) == 0;",
                ],
                &[
                    "let is_empty = fifo.ring.is_empty();",
                    "let end = self.at_end();",
                    "let no_writer = fifo.writers.load(Acquire) == 0;",
                ],
            ),
            Change(
                &[
                    "if fifo.ring.is_empty() {",
                    "if end || (waiting.nonblock && no_writer) {",
                ],
                &[
                    "if is_empty {",
                    "if end || (waiting.nonblock && no_writer) {",
                ],
            ),
        ],
    },
    Variant {
        name: "poll_order",
        says: "a poll looks at the bytes before the writers",
        scenario: "come_and_go_polled",
        fails: "a false end of file",
        changes: &[Change(
            &[
                "let end = self.at_end();",
                "(!self.fifo.ring.is_empty(), end)",
            ],
            &["(!self.fifo.ring.is_empty(), self.at_end())"],
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
        says: "a reader's open looks at the writers before how many there ever were",
        scenario: "open",
        fails: LOST,
        changes: &[
            Change(&["let ever = fifo.writers_ever.load(Acquire);"], &[]),
            Change(
                &["Self {", "fifo,"],
                &[
                    "let ever = fifo.writers_ever.load(Acquire);",
                    "Self {",
                    "fifo,",
                ],
            ),
        ],
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
        name: "poll_barrier",
        says: "no barrier between who polls entering the queue and his look",
        scenario: "poll_readable",
        fails: "not told",
        changes: &[Change(
            &["poll.register(&self.pollers);", "smp_mb(Full);"],
            &["poll.register(&self.pollers);"],
        )],
    },
    Variant {
        name: "poll_unannounced",
        says: "who polls does not say so where the other side looks",
        scenario: "poll_readable",
        fails: "not told",
        changes: &[Change(&["self.announce(Self::POLLED);"], &[])],
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
