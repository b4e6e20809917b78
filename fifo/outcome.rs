// SPDX-License-Identifier: GPL-2.0

//! The limits and the result of a copy between the ring and a caller's memory.

/// Which bytes a copy may move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All or none.
    Whole,
    /// As many as possible.
    Part,
}

/// The result of a copy.
pub(crate) struct CopyOutcome {
    /// Bytes that passed from one side to the other.
    pub(crate) copied: usize,
    /// Bytes that would also have passed if the page where the copy stopped had been present; 0 if
    /// no page stopped it.
    pub(crate) not_present: usize,
}

impl CopyOutcome {
    pub(super) const NOTHING: Self = Self {
        copied: 0,
        not_present: 0,
    };

    /// Returns the outcome of a copy of `copied` out of `wanted` bytes. Calls `revert` with the
    /// number of bytes that do not count.
    #[inline(always)]
    pub(super) fn new(
        wanted: usize,
        copied: usize,
        amount: Amount,
        revert: impl FnOnce(usize),
    ) -> Self {
        if copied == wanted {
            return Self {
                copied,
                not_present: 0,
            };
        }
        if amount == Amount::Part {
            return Self {
                copied,
                // No more bytes are copied than wanted.
                not_present: wanted.wrapping_sub(copied),
            };
        }
        revert(copied);
        Self {
            copied: 0,
            not_present: wanted,
        }
    }
}
