//! Why the own log as it stands on this disk must not be signed any more: it is not what this machine signed last, or somebody
//! showed what its key signed elsewhere. Says nothing about the entries themselves.

use std::sync::Arc;

use ledger::{
    disk::DiskError,
    guard::{Distrust, Guard, Opened, Seat},
    segments::{SegmentsError, SegmentsReader},
    tree::Frontier,
};
use node::core::{has_checkpoint, shown};
use proto::{checkpoint::Checkpoint, hash::Hash};

use super::LocalLog;
use crate::error::Failure;

/// How far this machine has signed, and the file whose birth tells a copy (`ledger::home`).
const GUARD: &str = "guard";
const FIRST_SEGMENT: &str = "log/00000000.seg";

/// Why an image of the own log signs nothing.
#[derive(Clone, Copy, Debug)]
pub enum Silent {
    /// It is not what this machine signed last.
    Distrusted(Distrust),
    /// Somebody showed the node a checkpoint of its own log key that is not in it.
    Shown(Checkpoint),
}

/// Why a guard could not be compared with its log.
#[derive(Debug, thiserror::Error)]
enum GuardError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Segments(#[from] SegmentsError),
}

impl LocalLog {
    /// Returns why this image of the own log signs nothing, if it does not.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn silent(&self, entries: &SegmentsReader) -> Result<Option<Silent>, Failure> {
        match self.distrust(entries)? {
            Some(distrust) => Ok(Some(Silent::Distrusted(distrust))),
            None => Ok(self.shown(entries)?.map(Silent::Shown)),
        }
    }

    /// Returns why this image of the own log must not sign, if it must not: it is shorter than what was
    /// signed here, or was restored or copied.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn distrust(&self, entries: &SegmentsReader) -> Result<Option<Distrust>, Failure> {
        let incarnation = self.record(entries)?.0.incarnation();
        let guarded = || -> Result<Opened, GuardError> {
            let seat = Seat::of(self.disk.as_ref(), FIRST_SEGMENT, self.cite.0, incarnation)?;
            let root = |size| root_at(entries, size).map_err(GuardError::from);
            Guard::open(Arc::clone(&self.disk), GUARD, seat, root)
        };
        match guarded() {
            Ok(Opened::Trusted(_)) => Ok(None),
            Ok(Opened::Distrusted(distrust)) => Ok(Some(distrust)),
            Err(GuardError::Segments(error)) => Err(self.segments_failure(&error)),
            Err(GuardError::Disk(error)) => Err(self.unreadable(&error)),
        }
    }

    /// Returns what the node was shown of its own log that is not in it, if it still is not.
    fn shown(&self, entries: &SegmentsReader) -> Result<Option<Checkpoint>, Failure> {
        let noted = shown(self.disk.as_ref()).map_err(|error| self.unreadable(&error))?;
        let Some(checkpoint) = noted else { return Ok(None) };
        let (record, _) = self.record(entries)?;
        let here = (record.incarnation(), self.sealed(entries)?);
        let genuine = ledger::proof::check_checkpoint(&record, &checkpoint).is_ok();
        let root = |size| root_at(entries, size).ok().flatten();
        Ok(Some(checkpoint).filter(|it| genuine && !has_checkpoint(&record, it, here, root)))
    }
}

/// Returns the root over the first entries, where there are so many.
fn root_at(entries: &SegmentsReader, size: u64) -> Result<Option<Hash>, SegmentsError> {
    if size > entries.len() {
        return Ok(None);
    }
    let mut frontier = Frontier::default();
    let mut records = entries.records(0)?;
    while frontier.size() < size {
        let Some(record) = records.next_record()? else { return Ok(None) };
        frontier.push(record.leaf);
    }
    Ok(Some(frontier.root()))
}
