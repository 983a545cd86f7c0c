//! Putting sidecars together anew where the disk damaged them: the good ones, and in the place of the others what
//! somebody gave and the entry itself confirms. They are written beside the old ones and put in their place when they
//! are whole; the old ones are set aside. Wherever a crash comes, the old ones are there, or all of the new ones.

use std::{collections::BTreeMap, io::ErrorKind::StorageFull, sync::Arc};

use proto::{
    certificate::EntryProof,
    codec::{Bytes, Canonical as _},
    entry::{Entry, number},
    founding::VerifiedFounding,
    hash::Hash,
    wire::Sidecar,
};

use super::{IsImport, Record, Sidecars};
use crate::{
    aside::{LOCK, empty, free_place, set_aside},
    disk::{Disk, DiskError, Failure, Operation},
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

/// Ends what a crash or a stop left undone. New ones beside the old were not whole, or not yet needed: they go. Where
/// the old ones were set aside already, the new ones are whole, and are put in their place.
pub(super) fn settle(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    let anew = beside(dir);
    if !is_there(disk, &anew)? {
        return Ok(());
    }
    match is_there(disk, dir)? {
        true => discard(disk, dir),
        false => move_in(disk, dir),
    }
}

/// Deletes new ones that are not put in the place of the old.
fn discard(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    empty(disk, &beside(dir))
}

/// Puts new ones, which are durable, in the place of the old; nobody has either of them open.
fn put(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    set_aside(disk, &[dir])?;
    move_in(disk, dir)
}

/// Moves new ones to where no others are. A lock without any is nobody's: whoever made it ended right behind that, or
/// somebody emptied the folder.
fn move_in(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    disk.remove(&format!("{dir}/{LOCK}"))?;
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
    is_import: IsImport<'_>,
) -> Result<(), SegmentsError> {
    free_place(disk.as_ref())?;
    let mut anew = Anew::begin(disk, dir, identity)?;
    match copy_good(disk, dir, identity, is_import, &mut anew.segments) {
        Ok(()) => {
            drop(anew);
            Ok(put(disk.as_ref(), dir)?)
        }
        Err(error) => {
            anew.give_up()?;
            Err(error)
        }
    }
}

/// Writes down the good ones of those that are damaged, durably.
fn copy_good(
    disk: &Arc<dyn Disk>,
    dir: &str,
    identity: Hash,
    is_import: IsImport<'_>,
    anew: &mut Segments,
) -> Result<(), SegmentsError> {
    let mut scan = Scan::begin(Arc::clone(disk), dir, identity, None)?;
    let mut next = 0;
    loop {
        let mut good = Vec::new();
        let more = scan.step(WINDOW_BYTES_MIN, &mut |_, record| {
            let leaf = Record::decode(record.payload).ok().map(|record| record.leaf);
            if let Some(leaf) = leaf.filter(|leaf| next <= *leaf && is_import(*leaf)) {
                next = leaf.saturating_add(1);
                good.push(record.payload.to_vec());
            }
        })?;
        append(anew, &good)?;
        if !more {
            return anew.sync();
        }
    }
}

/// Sidecars that are being put together, beside those that are in use. Whoever does not [put](Sidecars::put) them in
/// their place [gives them up](Anew::give_up).
pub struct Anew {
    disk: Arc<dyn Disk>,
    /// Where they go when they are whole.
    dir: Box<str>,
    segments: Segments,
    /// The leaf of the log that is looked at next.
    next: u64,
}

impl Anew {
    /// Begins from nothing.
    fn begin(disk: &Arc<dyn Disk>, dir: &str, identity: Hash) -> Result<Self, SegmentsError> {
        discard(disk.as_ref(), dir)?;
        let segments = Segments::create_new(Arc::clone(disk), &beside(dir), identity)?;
        Ok(Self { disk: Arc::clone(disk), dir: dir.into(), segments, next: 0 })
    }

    /// Deletes what was put together.
    ///
    /// # Errors
    /// [`DiskError`]; the next start deletes it then.
    pub fn give_up(self) -> Result<(), DiskError> {
        let Self { disk, dir, segments, .. } = self;
        // Its lock lies there, too.
        drop(segments);
        discard(disk.as_ref(), &dir)
    }
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
    /// Opens them where they are closed, if by now there is a place to set these aside, and `room` for as many bytes again.
    ///
    /// # Errors
    /// [`SegmentsError`]; they are closed still.
    #[cfg(feature = "index")]
    pub(crate) fn open_again(
        &mut self,
        room: u64,
        is_import: IsImport<'_>,
    ) -> Result<(), SegmentsError> {
        if !self.is_open() {
            self.check_room(room)?;
            let opened = super::open_or_salvage(&self.disk, &self.dir, self.identity, is_import)?;
            self.segments = Some(opened);
        }
        Ok(())
    }

    /// Begins to put them together anew, if there is a place to set these aside, and `room` for as many bytes again.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub(crate) fn begin_anew(&self, room: u64) -> Result<Anew, SegmentsError> {
        self.check_room(room)?;
        Anew::begin(&self.disk, &self.dir, self.identity)
    }

    fn check_room(&self, room: u64) -> Result<(), DiskError> {
        free_place(self.disk.as_ref())?;
        if self.bytes()? <= room {
            return Ok(());
        }
        let failure = Failure::Io { kind: StorageFull, errno: None };
        Err(DiskError { operation: Operation::Allocate, file: beside(&self.dir).into(), failure })
    }

    /// Returns how many bytes they take on the disk.
    fn bytes(&self) -> Result<u64, DiskError> {
        let names = self.disk.list(&self.dir)?;
        names.iter().try_fold(0_u64, |sum, name| {
            let length = self.disk.length(&format!("{}/{name}", self.dir))?;
            Ok(sum.saturating_add(length.unwrap_or(0)))
        })
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
    pub(crate) fn put(
        &mut self,
        mut anew: Anew,
        is_import: IsImport<'_>,
    ) -> Result<(), SegmentsError> {
        let synced = anew.segments.sync();
        if let Err(error) = synced.and_then(|()| Ok(free_place(self.disk.as_ref())?)) {
            anew.give_up()?;
            return Err(error);
        }
        // From here on these are closed: whoever holds the lock would hold that of what is set aside.
        drop(anew);
        self.segments = None;
        self.damaged.take();
        put(self.disk.as_ref(), &self.dir)?;
        self.segments = Some(super::open(&self.disk, &self.dir, self.identity, is_import)?);
        #[cfg(feature = "index")]
        self.forget_again();
        Ok(())
    }

    /// Returns whether they can be used: not while damaged ones find no room to be set aside, nor where putting others in
    /// their place failed halfway.
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
