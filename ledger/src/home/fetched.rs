//! What a home that recovers notes beside its log: how much of it may be gone on with. What others gave lies in the
//! same files as what the home entered itself, so that after a crash nothing else could tell them apart.

use proto::{
    codec::{Canonical, CodecError},
    order::Head,
};
use serde::{Deserialize, Serialize};

use crate::{
    disk::{Disk, DiskError},
    notes::{NotesError, read_file},
};

const FETCHED: &str = "notes/fetched";
const TOLD: &str = "notes/told";

/// The note of a log that is being fetched.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Fetched {
    /// Entries that were here before anything was fetched.
    pub(super) own: u64,
    /// Entries that were here before, or that a checkpoint of the log key covers which mirrors answer for. What lies
    /// above is anybody's word.
    pub(super) good: u64,
    /// Entries that were certified where the home's own branch gave way; 0 where it did not.
    pub(super) floor: u64,
}

impl Canonical for Fetched {
    const NAME: &'static str = "note of a fetched log";
    const MAX: usize = 32;
}

impl Fetched {
    /// Returns what was noted, if a log is being fetched.
    ///
    /// # Errors
    /// [`NotesError`].
    pub(super) fn look(disk: &dyn Disk) -> Result<Option<Self>, NotesError> {
        let Some(bytes) = read_file(disk, FETCHED)? else { return Ok(None) };
        let damaged = |error: CodecError| NotesError::Damaged { file: FETCHED, error };
        Self::decode(&bytes).map(Some).map_err(damaged)
    }

    /// Notes it, durably.
    ///
    /// # Errors
    /// [`DiskError`].
    pub(super) fn keep(self, disk: &dyn Disk) -> Result<(), DiskError> {
        disk.create_dir("notes")?;
        disk.replace(FETCHED, &self.encode())
    }

    /// Forgets it, durably: all that is here is the home's own.
    ///
    /// # Errors
    /// [`DiskError`].
    pub(super) fn forget(disk: &dyn Disk) -> Result<(), DiskError> {
        disk.remove(FETCHED)?;
        disk.sync_dir("notes")
    }
}

/// A head that somebody says is certified, whom whoever runs the node trusts: the log goes on with nothing less.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) head: Head,
}

impl Canonical for Told {
    const NAME: &'static str = "note of what was told";
    const MAX: usize = 64;
}

impl Told {
    /// Returns what was told.
    ///
    /// # Errors
    /// [`NotesError`].
    pub(super) fn look(disk: &dyn Disk) -> Result<Option<Head>, NotesError> {
        let Some(bytes) = read_file(disk, TOLD)? else { return Ok(None) };
        let damaged = |error: CodecError| NotesError::Damaged { file: TOLD, error };
        Self::decode(&bytes).map(|told| Some(told.head)).map_err(damaged)
    }
}

/// Notes, durably, what a log must hold before it goes on, as somebody told; nothing takes back what was told before.
///
/// # Errors
/// [`DiskError`].
pub fn tell(disk: &dyn Disk, certified: Option<Head>) -> Result<(), DiskError> {
    disk.create_dir("notes")?;
    match certified {
        Some(head) => disk.replace(TOLD, &Told { head }.encode()),
        None if disk.length(TOLD)?.is_none() => Ok(()),
        None => {
            disk.remove(TOLD)?;
            disk.sync_dir("notes")
        }
    }
}
