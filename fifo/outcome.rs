// SPDX-License-Identifier: GPL-2.0

//! The limits and the result of a copy between the ring and a caller's memory.

/// Which bytes a copy may move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All wanted bytes or none. A read wants no more than the ring holds.
    Whole,
    /// As many as possible.
    Part,
}

/// The result of a copy.
pub(crate) struct CopyOutcome {
    /// Bytes that passed from one side to the other.
    pub(crate) copied: usize,
    /// How many bytes to fault in before the next try: the rest of the wanted ones, or all for
    /// [`Amount::Whole`]. A non-present page or a bad address stopped the copy. 0 if neither did.
    pub(crate) to_fault_in: usize,
}

impl CopyOutcome {
    pub(super) const NOTHING: Self = Self {
        copied: 0,
        to_fault_in: 0,
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
                to_fault_in: 0,
            };
        }
        if amount == Amount::Part {
            return Self {
                copied,
                // No more bytes are copied than wanted.
                to_fault_in: wanted.wrapping_sub(copied),
            };
        }
        revert(copied);
        Self {
            copied: 0,
            to_fault_in: wanted,
        }
    }
}
