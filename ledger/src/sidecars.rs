//! Sidecars on a disk: the proofs that a log's imports rest on, in the order of their leaves. They are
//! not rebuildable, so they are durable before the imports are.

mod anew;

use std::sync::Arc;

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
    /// Missing only where putting others in their place failed.
    segments: Option<Segments>,
}

impl Sidecars {
    /// Opens the sidecars in `dir` of a log with `leaves` leaves, making them where they are missing.
    /// Those of entries that never became durable are cut. Where some are damaged the good ones are kept, and all that
    /// was there is set aside.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        leaves: u64,
    ) -> Result<Self, SegmentsError> {
        anew::settle(disk.as_ref(), dir)?;
        let segments = match open(&disk, dir, identity, leaves) {
            Err(SegmentsError::Damaged { .. } | SegmentsError::Foreign { .. }) => {
                anew::salvage(&disk, dir, identity, leaves)?;
                open(&disk, dir, identity, leaves)
            }
            opened => opened,
        }?;
        Ok(Self { disk, dir: dir.into(), identity, segments: Some(segments) })
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
            let good = first_good(segments, middle, high)?;
            match good.as_ref().map_or(core::cmp::Ordering::Greater, |(_, it)| it.leaf.cmp(&leaf)) {
                core::cmp::Ordering::Equal => return Ok(good.map(|(_, record)| record.proof)),
                core::cmp::Ordering::Less => {
                    low = good.map_or(middle, |(at, _)| at).saturating_add(1);
                }
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }
}

fn open(
    disk: &Arc<dyn Disk>,
    dir: &str,
    identity: Hash,
    leaves: u64,
) -> Result<Segments, SegmentsError> {
    disk.create_dir(dir)?;
    let mut segments = Segments::open_or_create(Arc::clone(disk), dir, identity)?;
    let mut kept = segments.len();
    while let Some(last) = kept.checked_sub(1) {
        if read(&segments, last)?.leaf < leaves {
            break;
        }
        kept = last;
    }
    if kept < segments.len() {
        segments.truncate_to(kept)?;
    }
    Ok(segments)
}

/// Returns the first record from `from` on and below `until` that is good, with its number.
fn first_good(
    segments: &Segments,
    from: u64,
    until: u64,
) -> Result<Option<(u64, Record)>, SegmentsError> {
    for at in from..until {
        match read(segments, at) {
            Ok(record) => return Ok(Some((at, record))),
            Err(SegmentsError::Damaged { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn read(segments: &Segments, record: u64) -> Result<Record, SegmentsError> {
    Record::decode(&segments.reader().read(record)?)
        .map_err(|_| SegmentsError::Damaged { index: record })
}

/// Returns the sidecar written in a record, for those who read without the lock.
pub(crate) fn decode(record: &[u8]) -> Result<Sidecar, CodecError> {
    Record::decode(record).map(|Record { leaf, proof }| Sidecar { leaf, proof })
}
