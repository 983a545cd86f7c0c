//! What a recovery gave up of a home's own log: noted beside the copy of it that was set aside, and told of for as long as
//! that lies there. Decides nothing about what gives way.

use std::sync::Arc;

use proto::{codec::Canonical, desk::OwnBranch, hash::Hash};
use serde::{Deserialize, Serialize};

use crate::{
    aside::{numbers, place},
    disk::{Disk, DiskError},
    notes::read_file,
    segments::{SegmentsError, SegmentsReader},
};

/// The note within the directory that was set aside.
const FILE: &str = "given-up";

#[derive(Clone, Copy, Serialize, Deserialize)]
struct Note {
    kept: u64,
    of: u64,
}

impl Canonical for Note {
    const NAME: &'static str = "note of a branch that was given up";
    const MAX: usize = 16;
}

/// Notes, durably, what gives way.
///
/// # Errors
/// [`DiskError`].
pub(super) fn note(disk: &dyn Disk, own: &OwnBranch) -> Result<(), DiskError> {
    let OwnBranch { kept, of, number } = *own;
    disk.replace(&format!("{}/{FILE}", place(number)), &Note { kept, of }.encode())
}

/// Returns what recoveries gave up of the home's own log and did not get back from others, as far as it still lies among
/// what was set aside.
///
/// # Errors
/// [`DiskError`].
pub fn given_up(disk: &dyn Disk) -> Result<Vec<OwnBranch>, DiskError> {
    let mut all = Vec::new();
    for number in numbers() {
        // What lies there is looked after by people: a note that says nothing is none.
        if let Some(bytes) = read_file(disk, &format!("{}/{FILE}", place(number)))?
            && let Ok(Note { kept, of }) = Note::decode(&bytes)
            && kept < of
        {
            all.push(OwnBranch { kept, of, number });
        }
    }
    Ok(all)
}

/// Notes how much of what was given up came back with what others hold: up to where both logs have the same entries.
///
/// # Errors
/// [`SegmentsError`]: the notes say less then, never more.
pub(super) fn settle(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    log: &SegmentsReader,
) -> Result<(), SegmentsError> {
    for OwnBranch { kept, of, number } in given_up(disk.as_ref())? {
        let copy = format!("{}/log", place(number));
        // Whoever looked at it may have moved it away.
        let Ok(before) = SegmentsReader::open(Arc::clone(disk), &copy, identity) else { continue };
        let kept = kept.min(log.len());
        let (mut here, mut there) = (log.records(kept)?, before.records(kept)?);
        let mut same = kept;
        while same < of
            && let (Some(here), Some(there)) = (here.next_record()?, there.next_record()?)
            && here.leaf == there.leaf
        {
            same = same.saturating_add(1);
        }
        note(disk.as_ref(), &OwnBranch { kept: same, of, number })?;
    }
    Ok(())
}
