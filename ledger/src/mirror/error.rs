//! Why a copy of another cité's log cannot go on.

use std::error::Error;

use proto::{codec::CodecError, keys::KeyError};

use crate::{
    disk::{DiskError, Failure},
    segments::SegmentsError,
    store::StoreError,
};

/// Why a mirror cannot go on. It stops cosigning this log until it is opened anew.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The log on the disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The file of what is held does not hold what it must.
    #[error("the record of what was cosigned is damaged: {0}")]
    Held(CodecError),
    /// The file of what is held is gone, and entries are here.
    #[error("the record of what was cosigned is gone")]
    Gone,
    /// Something shows that this mirror cosigned more than the file of what is held says.
    #[error("the record of what was cosigned is older than what was cosigned")]
    SetBack,
    /// A key is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log is shorter than what was cosigned, or another one.
    #[error("the copy of the log does not hold what was cosigned")]
    Amnesia,
}

impl MirrorError {
    /// Returns whether the copy is damaged and the record of what was cosigned is not: the copy can be
    /// [fetched anew](super::Refill).
    pub const fn is_damage(&self) -> bool {
        use SegmentsError::{Damaged, Foreign, NoLog};
        matches!(
            self,
            Self::Amnesia
                | Self::Store(
                    StoreError::Segments(Damaged { .. } | Foreign { .. } | NoLog)
                        | StoreError::Fault(_)
                )
        )
    }

    /// Returns whether nobody knows any more what this mirror cosigned.
    pub const fn is_wordless(&self) -> bool {
        matches!(self, Self::Held(_) | Self::Gone | Self::SetBack | Self::Key(_))
    }

    /// Returns whether nothing but room on the disk was missing.
    pub fn is_for_room(&self) -> bool {
        std::iter::successors(self.source(), |error| (*error).source())
            .filter_map(|error| error.downcast_ref())
            .any(Failure::is_for_room)
    }
}
