//! Sidecars on a disk: the proofs that a log's imports rest on, in the order of their leaves. They are
//! not rebuildable, so they are durable before the imports are.

#[cfg(feature = "index")]
mod again;
mod anew;

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use proto::{
    certificate::EntryProof,
    codec::{Canonical, CodecError},
    hash::Hash,
    wire::Sidecar,
};
use serde::{Deserialize, Serialize};

pub use anew::{Anew, Step};

use crate::{
    disk::Disk,
    segments::{self, Segments, SegmentsError},
};

/// Damaged records in a row that are remembered, at least: a disk may misread a few once, and to read so many again
/// costs nothing. So a log of a million imports has 64,000 runs at most, of 16 bytes each.
const RUN_LEAST: u64 = 16;

#[derive(Serialize, Deserialize)]
struct Record {
    leaf: u64,
    proof: EntryProof,
}

impl Canonical for Record {
    const NAME: &'static str = "sidecar";
    const MAX: usize = EntryProof::MAX + 8;
}

/// The sidecars of one log. Those that the disk damaged are left out until they were fetched anew.
pub struct Sidecars {
    disk: Arc<dyn Disk>,
    dir: Box<str>,
    identity: Hash,
    /// Missing while they are closed: damaged ones found no room to be set aside, or putting others in their place failed.
    segments: Option<Segments>,
    /// Where long runs of damaged records begin and end: what is looked for behind one has nobody read it again.
    damaged: RefCell<BTreeMap<u64, u64>>,
    /// Proofs that were given again in the place of damaged ones, until all are put together anew.
    again: BTreeMap<u64, EntryProof>,
}

/// Says whether a log may have an import at a leaf.
pub type IsImport<'a> = &'a dyn Fn(u64) -> bool;

impl Sidecars {
    /// Opens the sidecars in `dir` of a log, making them where they are missing. Those of entries that never became
    /// durable are cut. Where some are damaged the good ones are kept, and all that was there is set aside.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        is_import: IsImport<'_>,
    ) -> Result<Self, SegmentsError> {
        let segments = open_or_salvage(&disk, dir, identity, is_import)?;
        Ok(Self::over(disk, dir, identity, Some(segments)))
    }

    /// Opens them, or leaves them closed where damaged ones find no room to be set aside: whoever has a sound log goes on
    /// without, but can neither keep nor read any until they were [opened again](Sidecars::open_again).
    ///
    /// # Errors
    /// [`SegmentsError`] for any other cause.
    #[cfg(feature = "index")]
    pub(crate) fn open_or_leave(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        is_import: IsImport<'_>,
    ) -> Result<Self, SegmentsError> {
        let segments = match open_or_salvage(&disk, dir, identity, is_import) {
            Err(error) if error.is_for_room() => None,
            opened => Some(opened?),
        };
        Ok(Self::over(disk, dir, identity, segments))
    }

    fn over(disk: Arc<dyn Disk>, dir: &str, identity: Hash, segments: Option<Segments>) -> Self {
        let (damaged, again) = (RefCell::default(), BTreeMap::new());
        Self { disk, dir: dir.into(), identity, segments, damaged, again }
    }

    fn segments(&self) -> Result<&Segments, SegmentsError> {
        self.segments.as_ref().ok_or(SegmentsError::NoLog)
    }

    /// Keeps sidecars, in rising order of their leaves, durably, and reads them back: a home is the only one to have the
    /// proof of an import that it has just taken in.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn keep(&mut self, sidecars: &[Sidecar]) -> Result<(), SegmentsError> {
        if sidecars.is_empty() {
            return Ok(());
        }
        let records: Vec<Vec<u8>> = sidecars
            .iter()
            .map(|Sidecar { leaf, proof }| Record { leaf: *leaf, proof: proof.clone() }.encode())
            .collect();
        let records: Vec<_> = records.iter().map(|bytes| segments::Record::of(bytes)).collect();
        let segments = self.segments.as_mut().ok_or(SegmentsError::NoLog)?;
        let from = segments.append(&records)?;
        segments.sync()?;
        segments.read_back(from).map(drop)
    }

    /// Returns the proof behind the import at `leaf`, if there is one.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn get(&self, leaf: u64) -> Result<Option<EntryProof>, SegmentsError> {
        let segments = self.segments()?;
        let (mut low, mut high) = (0, segments.len());
        while low < high {
            let middle = low.midpoint(high);
            // A damaged one says nothing: the next good one says where to look.
            let good = self.first_good(segments, middle, high)?;
            match good.as_ref().map_or(core::cmp::Ordering::Greater, |(_, it)| it.leaf.cmp(&leaf)) {
                core::cmp::Ordering::Equal => return Ok(good.map(|(_, record)| record.proof)),
                core::cmp::Ordering::Less => {
                    low = good.map_or(middle, |(at, _)| at).saturating_add(1);
                }
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(self.again.get(&leaf).cloned())
    }

    /// Returns the first record from `from` on and below `until` that is good, with its number.
    fn first_good(
        &self,
        segments: &Segments,
        from: u64,
        until: u64,
    ) -> Result<Option<(u64, Record)>, SegmentsError> {
        let mut at = from;
        let mut good = None;
        while at < until && good.is_none() {
            match self.end_of_run(at) {
                Some(end) => at = end,
                None => match read(segments, at) {
                    Ok(record) => good = Some((at, record)),
                    Err(SegmentsError::Damaged { .. }) => at = at.saturating_add(1),
                    Err(error) => return Err(error),
                },
            }
        }
        self.note_run(from, at);
        Ok(good)
    }

    /// Returns where the run of damaged records ends that a record is in, if it is in one.
    fn end_of_run(&self, record: u64) -> Option<u64> {
        let damaged = self.damaged.borrow();
        let (_, end) = damaged.range(..=record).next_back()?;
        Some(*end).filter(|end| record < *end)
    }

    /// Notes that all records from `from` on and below `until` are damaged, where those are many.
    fn note_run(&self, from: u64, until: u64) {
        if until.saturating_sub(from) < RUN_LEAST {
            return;
        }
        let mut damaged = self.damaged.borrow_mut();
        let before = damaged.range(..from).next_back().filter(|(_, end)| **end >= from);
        let from = before.map_or(from, |(begin, _)| *begin);
        let within: Vec<u64> = damaged.range(from..=until).map(|(begin, _)| *begin).collect();
        let ends = within.iter().filter_map(|begin| damaged.remove(begin));
        let until = ends.fold(until, u64::max);
        damaged.insert(from, until);
    }
}

/// Opens sidecars; where some are damaged keeps the good ones, and sets what was there aside.
fn open_or_salvage(
    disk: &Arc<dyn Disk>,
    dir: &str,
    identity: Hash,
    is_import: IsImport<'_>,
) -> Result<Segments, SegmentsError> {
    anew::settle(disk.as_ref(), dir)?;
    match open(disk, dir, identity, is_import) {
        Err(SegmentsError::Damaged { .. } | SegmentsError::Foreign { .. }) => {
            anew::salvage(disk, dir, identity, is_import)?;
            open(disk, dir, identity, is_import)
        }
        opened => opened,
    }
}

fn open(
    disk: &Arc<dyn Disk>,
    dir: &str,
    identity: Hash,
    is_import: IsImport<'_>,
) -> Result<Segments, SegmentsError> {
    disk.create_dir(dir)?;
    let mut segments = Segments::open_or_create(Arc::clone(disk), dir, identity)?;
    let mut kept = segments.len();
    while let Some(last) = kept.checked_sub(1) {
        if is_import(read(&segments, last)?.leaf) {
            break;
        }
        kept = last;
    }
    if kept < segments.len() {
        segments.truncate_to(kept)?;
    }
    Ok(segments)
}

fn read(segments: &Segments, record: u64) -> Result<Record, SegmentsError> {
    Record::decode(&segments.reader().read(record)?)
        .map_err(|_| SegmentsError::Damaged { index: record })
}

/// Returns the sidecar written in a record, for those who read without the lock.
pub(crate) fn decode(record: &[u8]) -> Result<Sidecar, CodecError> {
    Record::decode(record).map(|Record { leaf, proof }| Sidecar { leaf, proof })
}
