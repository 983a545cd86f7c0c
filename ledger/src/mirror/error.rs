//! Why a copy of another cité's log cannot go on.

use std::{
    error::Error,
    io::ErrorKind::{QuotaExceeded, StorageFull},
};

use proto::{codec::CodecError, keys::KeyError};

use crate::{
    disk::{DiskError, Failure},
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
    /// A key is not acceptable.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log is shorter than what was cosigned.
    #[error("the copy of the log is shorter than what was cosigned")]
    Amnesia,
}

impl MirrorError {
    /// Returns whether nothing but room on the disk was missing.
    pub fn is_for_room(&self) -> bool {
        let full = |failure: &Failure| {
            matches!(failure, Failure::Io { kind: StorageFull | QuotaExceeded, .. })
        };
        std::iter::successors(self.source(), |error| (*error).source())
            .filter_map(|error| error.downcast_ref())
            .any(full)
    }
}
