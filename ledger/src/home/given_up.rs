//! What a recovery gave up of a home's own log: a copy of it is set aside, with a note, and told of for as long as that lies
//! there. Decides nothing about what gives way.

use std::sync::Arc;

use proto::{
    codec::Canonical,
    desk::OwnBranch,
    hash::Hash,
    wire::{CHUNK_BYTES_MAX, CHUNK_ENTRIES_MAX},
};
use serde::{Deserialize, Serialize};

use crate::{
    aside::{ASIDE, empty, free_number, numbers, place},
    disk::{Disk, DiskError},
    notes::read_file,
    segments::{Record, Segments, SegmentsError, SegmentsReader},
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

/// Sets a copy of the log aside, durably, of which all behind `kept` gives way. Only a whole copy, with its note, takes a
/// number: what a crash or a full disk leaves of one is deleted.
///
/// # Errors
/// [`SegmentsError`], also when so much was set aside already that a person must make room.
pub(super) fn set_aside(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    log: &SegmentsReader,
    kept: u64,
) -> Result<OwnBranch, SegmentsError> {
    let of = log.len();
    // A crash before it was cut leaves the copy: the same loss is not told of twice.
    for own in given_up(disk.as_ref())? {
        if (own.kept, own.of) == (kept, of) && common(disk, identity, log, &own)? == Some(of) {
            return Ok(own);
        }
    }
    let number = free_number(disk.as_ref())?;
    let copying = format!("{ASIDE}/copying");
    clear(disk.as_ref(), &copying)?;
    let copied = copy(disk, identity, log, &format!("{copying}/log"))
        .and_then(|()| Ok(note(disk.as_ref(), &copying, Note { kept, of })?));
    if let Err(error) = copied {
        // What stays is deleted before the next one.
        drop(clear(disk.as_ref(), &copying));
        return Err(error);
    }
    disk.move_dir(&copying, &place(number))?;
    Ok(OwnBranch { kept, of, number })
}

fn clear(disk: &dyn Disk, copying: &str) -> Result<(), DiskError> {
    empty(disk, &format!("{copying}/log"))?;
    disk.remove(&format!("{copying}/{FILE}"))
}

fn copy(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    log: &SegmentsReader,
    to: &str,
) -> Result<(), SegmentsError> {
    disk.create_dir(to)?;
    let mut copy = Segments::create_new(Arc::clone(disk), to, identity)?;
    while copy.len() < log.len() {
        let entries = log.read_range(copy.len(), CHUNK_ENTRIES_MAX, CHUNK_BYTES_MAX)?;
        let records: Vec<Record<'_>> = entries.iter().map(|entry| Record::of(entry)).collect();
        if records.is_empty() {
            break;
        }
        copy.append(&records)?;
        copy.sync()?;
    }
    Ok(())
}

fn note(disk: &dyn Disk, dir: &str, note: Note) -> Result<(), DiskError> {
    disk.replace(&format!("{dir}/{FILE}"), &note.encode())
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
    for own in given_up(disk.as_ref())? {
        // Whoever looked at it may have moved it away.
        if let Some(kept) = common(disk, identity, log, &own)? {
            note(disk.as_ref(), &place(own.number), Note { kept, of: own.of })?;
        }
    }
    Ok(())
}

/// Returns up to where a log and one that was set aside have the same entries, from what was kept on; `None` where the
/// latter cannot be opened.
fn common(
    disk: &Arc<dyn Disk>,
    identity: Hash,
    log: &SegmentsReader,
    own: &OwnBranch,
) -> Result<Option<u64>, SegmentsError> {
    let dir = format!("{}/log", place(own.number));
    let Ok(before) = SegmentsReader::open(Arc::clone(disk), &dir, identity) else {
        return Ok(None);
    };
    let mut same = own.kept.min(log.len());
    let (mut here, mut there) = (log.records(same)?, before.records(same)?);
    while same < own.of
        && let (Some(here), Some(there)) = (here.next_record()?, there.next_record()?)
        && here.leaf == there.leaf
    {
        same = same.saturating_add(1);
    }
    Ok(Some(same))
}
