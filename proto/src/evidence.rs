//! Evidence: what one key should never have signed. Self-contained and small, so that anybody can check it
//! offline. Whether it convicts is decided in the ledger, by the same bytes.

use serde::{Deserialize, Serialize};

use crate::{
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical, CodecError, at_most},
    founding::SignedFounding,
    hash::Hash,
    ids::CiteId,
    keys::{KeyError, PublicKey, Signature, VerifyingKey},
    order::{Head, MemberRecord},
    resume::SignedFence,
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

/// Whom evidence convicts: a key in one role. Never a cité for ever: its root may name other keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Party {
    /// The key that signs a cité's checkpoints.
    Log {
        /// The cité.
        cite: CiteId,
        /// Its key.
        key: PublicKey,
    },
    /// The key with which a cité cosigns other logs.
    Mirror {
        /// The cité.
        cite: CiteId,
        /// Its key.
        key: PublicKey,
    },
}

impl Party {
    /// Returns the cité whose key it is.
    pub const fn cite(&self) -> CiteId {
        match self {
            Self::Log { cite, .. } | Self::Mirror { cite, .. } => *cite,
        }
    }

    /// Returns whether both are keys of one cité in one role.
    pub fn is_same_role(&self, other: &Self) -> bool {
        self.cite() == other.cite()
            && core::mem::discriminant(self) == core::mem::discriminant(other)
    }
}

impl core::fmt::Display for Party {
    /// Role and cité, in letters, digits and a hyphen: a file may be called so.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Log { cite, .. } => write!(f, "log-{}", cite.0),
            Self::Mirror { cite, .. } => write!(f, "mirror-{}", cite.0),
        }
    }
}

/// A head that a mirror cosigned: a cosignature without the mirror and the log, which whoever carries it names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CosignedHead {
    /// Size and root.
    pub head: Head,
    /// When the mirror cosigned, in seconds.
    pub time_s: u64,
    /// The mirror key's signature.
    pub signature: Signature,
}

impl CosignedHead {
    /// Returns what is carried of a cosignature of a head.
    pub const fn of(head: Head, cosignature: &Cosignature) -> Self {
        let Cosignature { time_s, signature, .. } = *cosignature;
        Self { head, time_s, signature }
    }

    /// Checks the signature of a mirror's key over this head of a log.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(&self, log: &Origin, key: &VerifyingKey) -> Result<(), KeyError> {
        let Self { head, time_s, signature } = *self;
        // Neither the mirror's name nor the log key's signature is under what a mirror signs.
        let checkpoint = Checkpoint { origin: *log, head, signature };
        Cosignature { mirror: log.cite, time_s, signature }.verify(&checkpoint, key)
    }
}

/// Two statements that one key should never both have signed, or one that it should never have signed at all.
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
    /// E3: under a checkpoint stands an entry that can stand in no log.
    BadEntry {
        /// Signed founding record of the cité: binds the log key.
        founding: Bytes,
        /// The head.
        head: Checkpoint,
        /// The entry's leaf.
        leaf: u64,
        /// Its bytes.
        entry: Bytes,
        /// Its path.
        path: Vec<Hash>,
        /// The first record of the order's author, where the author did not sign it.
        record: Option<MemberRecord>,
    },
    /// E4: a mirror cosigned two heads of one incarnation that no log has both; of one size in rising order of
    /// root, with an empty opening, or of two sizes with the opening of E2.
    TwoCosigned {
        /// Signed founding record of the mirror: binds its mirror key.
        founding: Bytes,
        /// Incarnation of the mirror's keys.
        incarnation: u32,
        /// The log.
        log: Origin,
        /// One head, or the one of the smaller tree.
        first: CosignedHead,
        /// The other.
        second: CosignedHead,
        /// The opening of the larger tree.
        opening: Vec<Hash>,
    },
    /// E5: a mirror promised to cosign an incarnation no more, and cosigned more of it than the promise says that it
    /// held.
    AfterFence {
        /// Signed founding record of the mirror: binds its mirror key.
        founding: Bytes,
        /// Incarnation of the mirror's keys.
        incarnation: u32,
        /// The promise.
        fence: SignedFence,
        /// What it cosigned of the incarnation before the one from which it may cosign again.
        cosigned: CosignedHead,
    },
}

impl Evidence {
    /// Longest entry in E3: one that moves hours has at most 830 bytes, with the longest request and its place on a
    /// stream. With a longer one, a steward's act, no E3 is made.
    pub const ENTRY_MAX: usize = 924;

    /// Longest path in E3: a tree of 2^31 leaves.
    pub const PATH_MAX: usize = 31;

    /// Most hashes in an opening: two paths through a tree of 2^31 leaves, so that evidence about any
    /// log of a lifetime stays within 4 KiB, with the longest record that its root named keys in.
    pub const OPENING_MAX: usize = 62;

    /// Returns the number of the kind.
    pub const fn number(&self) -> u16 {
        match self {
            Self::SameSize { .. } => number::SAME_SIZE,
            Self::Inconsistent { .. } => number::INCONSISTENT,
            Self::BadEntry { .. } => number::BAD_ENTRY,
            Self::TwoCosigned { .. } => number::MIRROR,
            Self::AfterFence { .. } => number::AFTER_FENCE,
        }
    }

    /// Returns the incarnation whose keys it is about.
    pub const fn incarnation(&self) -> u32 {
        match self {
            Self::SameSize { first: head, .. }
            | Self::Inconsistent { smaller: head, .. }
            | Self::BadEntry { head, .. } => head.origin.incarnation,
            Self::TwoCosigned { incarnation, .. } | Self::AfterFence { incarnation, .. } => {
                *incarnation
            }
        }
    }

    /// Returns whom it is against; nothing of it was verified. `None` where the record says nothing of the keys.
    pub fn party(&self) -> Option<Party> {
        let record = SignedFounding::decode(self.founding()).ok()?;
        let cite = record.founding.id();
        let keys = record.keys_at(self.incarnation())?;
        match self {
            Self::SameSize { .. } | Self::Inconsistent { .. } | Self::BadEntry { .. } => {
                Some(Party::Log { cite, key: keys.log })
            }
            Self::TwoCosigned { .. } | Self::AfterFence { .. } => {
                Some(Party::Mirror { cite, key: keys.mirror })
            }
        }
    }

    /// Returns the signed founding record's bytes.
    pub const fn founding(&self) -> &Bytes {
        match self {
            Self::SameSize { founding, .. }
            | Self::Inconsistent { founding, .. }
            | Self::BadEntry { founding, .. }
            | Self::TwoCosigned { founding, .. }
            | Self::AfterFence { founding, .. } => founding,
        }
    }
}

impl Canonical for Evidence {
    const NAME: &'static str = "evidence";
    // About 1 KiB in practice. With the longest record of all, of seven root keys and five heirs, the longest opening
    // does not fit, but that of a tree of 2^22 leaves.
    const MAX: usize = 4_096;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.founding().len(), SignedFounding::MAX)?;
        match self {
            Self::SameSize { first, second, .. } => in_order(first.head.root < second.head.root),
            Self::Inconsistent { smaller, larger, opening, .. } => {
                at_most(Self::NAME, opening.len(), Self::OPENING_MAX)?;
                in_order(smaller.head.size < larger.head.size)
            }
            Self::BadEntry { entry, path, record, .. } => {
                at_most(Self::NAME, entry.len(), Self::ENTRY_MAX)?;
                at_most(Self::NAME, path.len(), Self::PATH_MAX)?;
                record.iter().try_for_each(Canonical::bounds)
            }
            Self::TwoCosigned { first, second, opening, .. } => {
                at_most(Self::NAME, opening.len(), Self::OPENING_MAX)?;
                let (a, b) = (first.head, second.head);
                let same_size = a.size == b.size && a.root < b.root && opening.is_empty();
                in_order(same_size || a.size < b.size)
            }
            Self::AfterFence { .. } => Ok(()),
        }
    }
}

/// Returns `Err(OutOfBounds)` unless two heads stand in the one order that they may have, so that
/// one piece of evidence has one byte form.
fn in_order(fits: bool) -> Result<(), CodecError> {
    if fits { Ok(()) } else { Err(CodecError::OutOfBounds(Evidence::NAME)) }
}
