//! Putting sidecars together anew where the disk damaged them: the good ones, and in the place of the others what
//! somebody gave and the entry itself confirms. They are written beside the old ones and put in their place when they
//! are whole; the old ones are set aside. Wherever a crash comes, the old ones are there, or all of the new ones.

use std::{collections::BTreeMap, sync::Arc};

use proto::{
    certificate::EntryProof,
    codec::{Bytes, Canonical as _},
    entry::{Entry, number},
    founding::VerifiedFounding,
    hash::Hash,
    wire::Sidecar,
};

use super::{Record, Sidecars};
use crate::{
    aside::{free_place, set_aside},
    disk::{Disk, DiskError},
    mirror::check_imports,
    segments::{self, Scan, Segments, SegmentsError, SegmentsReader, WINDOW_BYTES_MIN},
};

/// Entries looked at in a step at most, of which there are four in a second: some 10 ms of reading.
const ENTRIES_MAX: usize = 4_096;

/// Returns where new sidecars are written that go to `dir`.
fn beside(dir: &str) -> String {
    format!("{dir}.anew")
}

fn is_there(disk: &dyn Disk, dir: &str) -> Result<bool, DiskError> {
    Ok(disk.list(dir)?.iter().any(|name| segments::is_segment(name)))
}

/// Ends what a crash left undone: the old ones were set aside, and the new ones, which are whole then, not yet put in
/// their place.
pub(super) fn settle(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    let anew = beside(dir);
    match !is_there(disk, dir)? && is_there(disk, &anew)? {
        true => disk.move_dir(&anew, dir),
        false => Ok(()),
    }
}

/// Begins new ones beside the old, from nothing.
fn begin(disk: &Arc<dyn Disk>, dir: &str, identity: Hash) -> Result<Segments, SegmentsError> {
    let anew = beside(dir);
    for name in disk.list(&anew)? {
        disk.remove(&format!("{anew}/{name}"))?;
    }
    Segments::create_new(Arc::clone(disk), &anew, identity)
}

/// Puts new ones, which are durable, in the place of the old; nobody has either of them open.
fn put(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    set_aside(disk, &[dir])?;
    disk.move_dir(&beside(dir), dir)
}

fn append(segments: &mut Segments, records: &[Vec<u8>]) -> Result<(), SegmentsError> {
    if records.is_empty() {
        return Ok(());
    }
    let records: Vec<_> = records.iter().map(|bytes| segments::Record::of(bytes)).collect();
    segments.append(&records).map(drop)
}

/// Keeps the good ones of damaged sidecars that cannot be opened, and sets what was there aside.
pub(super) fn salvage(
    disk: &Arc<dyn Disk>,
    dir: &str,
    identity: Hash,
    leaves: u64,
) -> Result<(), SegmentsError> {
    free_place(disk.as_ref())?;
    let mut anew = begin(disk, dir, identity)?;
    let mut scan = Scan::begin(Arc::clone(disk), dir, identity, None)?;
    let mut next = 0;
    loop {
        let mut good = Vec::new();
        let more = scan.step(WINDOW_BYTES_MIN, &mut |_, record| {
            let leaf = Record::decode(record.payload).ok().map(|record| record.leaf);
            if let Some(leaf) = leaf.filter(|leaf| (next..leaves).contains(leaf)) {
                next = leaf.saturating_add(1);
                good.push(record.payload.to_vec());
            }
        })?;
        append(&mut anew, &good)?;
        if !more {
            anew.sync()?;
            drop(anew);
            return Ok(put(disk.as_ref(), dir)?);
        }
    }
}

/// Sidecars that are being put together.
pub struct Anew {
    segments: Segments,
    /// The leaf of the log that is looked at next.
    next: u64,
}

/// How putting sidecars together goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// There is more to look at.
    More,
    /// The proof behind the import at this leaf is neither here nor among what was given.
    Missing(u64),
    /// All are there.
    Whole,
}

impl Sidecars {
    /// Begins to put them together anew, if there is a place to set these aside.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub(crate) fn begin_anew(&self) -> Result<Anew, SegmentsError> {
        free_place(self.disk.as_ref())?;
        Ok(Anew { segments: begin(&self.disk, &self.dir, self.identity)?, next: 0 })
    }

    /// Goes on with the imports among the next entries of the log. What was given counts only where the entry confirms
    /// it, and is forgotten otherwise.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub(crate) fn go_on(
        &self,
        anew: &mut Anew,
        log: &SegmentsReader,
        founding: &VerifiedFounding,
        given: &mut BTreeMap<u64, EntryProof>,
    ) -> Result<Step, SegmentsError> {
        let mut records = log.records(anew.next)?;
        let mut good = Vec::new();
        let mut step = Step::More;
        for _ in 0..ENTRIES_MAX {
            let Some(entry) = records.next_record()? else {
                step = Step::Whole;
                break;
            };
            let leaf = anew.next;
            if Entry::kind_of(entry.payload) == Some(number::IMPORT) {
                let kept = self.get(leaf)?;
                let proof = kept.or_else(|| confirmed(leaf, entry.payload, founding, given));
                let Some(proof) = proof else {
                    step = Step::Missing(leaf);
                    break;
                };
                good.push(Record { leaf, proof }.encode());
            }
            anew.next = leaf.saturating_add(1);
        }
        append(&mut anew.segments, &good)?;
        Ok(step)
    }

    /// Puts what was put together in the place of what is here. Only when it is [whole](Step::Whole), and nothing was
    /// kept since.
    ///
    /// # Errors
    /// [`SegmentsError`]; whether what is here is still in use then, [`Sidecars::is_open`] says.
    pub(crate) fn put(&mut self, mut anew: Anew, leaves: u64) -> Result<(), SegmentsError> {
        anew.segments.sync()?;
        free_place(self.disk.as_ref())?;
        // From here on these are closed: whoever holds the lock would hold that of what is set aside.
        drop(anew);
        self.segments = None;
        put(self.disk.as_ref(), &self.dir)?;
        self.segments = Some(super::open(&self.disk, &self.dir, self.identity, leaves)?);
        Ok(())
    }

    /// Returns whether they can be used: not where putting others in their place failed halfway.
    pub(crate) const fn is_open(&self) -> bool {
        self.segments.is_some()
    }
}

/// Returns the proof that was given for an import, if it is one.
fn confirmed(
    leaf: u64,
    entry: &[u8],
    founding: &VerifiedFounding,
    given: &mut BTreeMap<u64, EntryProof>,
) -> Option<EntryProof> {
    let sidecar = Sidecar { leaf, proof: given.remove(&leaf)? };
    let entry = Bytes::from(entry.to_vec());
    let sidecar = core::slice::from_ref(&sidecar);
    check_imports(leaf, core::slice::from_ref(&entry), sidecar, founding).ok()?;
    sidecar.first().map(|sidecar| sidecar.proof.clone())
}
