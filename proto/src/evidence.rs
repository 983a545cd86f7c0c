//! Evidence: two statements that one key should never both have signed. Self-contained and small, so
//! that anybody can check it offline. Whether it convicts is decided in the ledger, by the same bytes.

use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical, CodecError, at_most},
    founding::SignedFounding,
    hash::Hash,
};

/// Numbers of all kinds of evidence of version 1, built or not. A number is never reused.
pub mod number {
    /// Two heads of one size.
    pub const SAME_SIZE: u16 = 1;
    /// Two heads of different sizes that no log has.
    pub const INCONSISTENT: u16 = 2;
    /// An entry that the rules refuse.
    pub const BAD_ENTRY: u16 = 3;
    /// A mirror signed two inconsistent heads.
    pub const MIRROR: u16 = 4;
    /// A mirror cosigned after its fence.
    pub const AFTER_FENCE: u16 = 5;
    /// One lane, one number, two orders presented away from home.
    pub const TWO_ORDERS: u16 = 6;
    /// Two resumes of one incarnation.
    pub const TWO_RESUMES: u16 = 7;
}

/// Proof that a log key signed two histories.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Evidence {
    /// E1: two checkpoints of one log with one size and different roots, in rising order of root.
    SameSize {
        /// Signed founding record of the cité: binds the log key.
        founding: Bytes,
        /// One head.
        first: Checkpoint,
        /// The other.
        second: Checkpoint,
    },
    /// E2: two checkpoints of different sizes; the opening shows which root the larger tree has at
    /// the smaller size, and it is not the one that was signed.
    Inconsistent {
        /// Signed founding record of the cité: binds the log key.
        founding: Bytes,
        /// The head of the smaller tree.
        smaller: Checkpoint,
        /// The head of the larger tree.
        larger: Checkpoint,
        /// Hashes of the maximal complete subtrees below the smaller size, then of those between it
        /// and the larger size.
        opening: Vec<Hash>,
    },
}

impl Evidence {
    /// Most hashes in an opening: two paths through a tree of 2^32 leaves, which no log of a lifetime reaches.
    pub const OPENING_MAX: usize = 64;

    /// Returns the number of the kind.
    pub const fn number(&self) -> u16 {
        match self {
            Self::SameSize { .. } => number::SAME_SIZE,
            Self::Inconsistent { .. } => number::INCONSISTENT,
        }
    }

    /// Returns the two checkpoints.
    pub const fn heads(&self) -> (&Checkpoint, &Checkpoint) {
        match self {
            Self::SameSize { first, second, .. } => (first, second),
            Self::Inconsistent { smaller, larger, .. } => (smaller, larger),
        }
    }

    /// Returns the signed founding record's bytes.
    pub const fn founding(&self) -> &Bytes {
        match self {
            Self::SameSize { founding, .. } | Self::Inconsistent { founding, .. } => founding,
        }
    }
}

impl Canonical for Evidence {
    const NAME: &'static str = "evidence";
    // The longest record, two checkpoints and the longest opening: 4,687 bytes; about 1 KiB in practice.
    const MAX: usize = 4_736;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.founding().len(), SignedFounding::MAX)?;
        match self {
            Self::SameSize { first, second, .. } => in_order(first.head.root < second.head.root),
            Self::Inconsistent { smaller, larger, opening, .. } => {
                at_most(Self::NAME, opening.len(), Self::OPENING_MAX)?;
                in_order(smaller.head.size < larger.head.size)
            }
        }
    }
}

/// Returns `Err(OutOfBounds)` unless the two heads stand in the one order that they may have, so that
/// one piece of evidence has one byte form.
fn in_order(fits: bool) -> Result<(), CodecError> {
    if fits { Ok(()) } else { Err(CodecError::OutOfBounds(Evidence::NAME)) }
}
