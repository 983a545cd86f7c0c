//! Sidecars on a disk: the proofs that a log's imports rest on, in the order of their leaves. They are
//! not rebuildable, so they are durable before the imports are.

use std::sync::Arc;

use proto::{
    certificate::EntryProof,
    codec::{Canonical, CodecError},
    hash::Hash,
    wire::Sidecar,
};
use serde::{Deserialize, Serialize};

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

/// The sidecars of one log.
pub struct Sidecars {
    segments: Segments,
}

impl Sidecars {
    /// Opens the sidecars in `dir` of a log with `leaves` leaves, making them where they are missing.
    /// Those of entries that never became durable are cut.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        leaves: u64,
    ) -> Result<Self, SegmentsError> {
        disk.create_dir(dir)?;
        let opened = Segments::open(Arc::clone(&disk), dir, identity);
        let mut segments = match opened {
            Ok((segments, _)) => segments,
            Err(SegmentsError::NoLog) => Segments::create_new(disk, dir, identity)?,
            Err(error) => return Err(error),
        };
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
        Ok(Self { segments })
    }

    /// Keeps sidecars, in rising order of their leaves, durably.
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
        self.segments.append(&records)?;
        self.segments.sync()
    }

    /// Returns the proof behind the import at `leaf`, if there is one.
    ///
    /// # Errors
    /// [`SegmentsError`].
    pub fn get(&self, leaf: u64) -> Result<Option<EntryProof>, SegmentsError> {
        let (mut low, mut high) = (0, self.segments.len());
        while low < high {
            let middle = low.midpoint(high);
            let record = read(&self.segments, middle)?;
            match record.leaf.cmp(&leaf) {
                core::cmp::Ordering::Equal => return Ok(Some(record.proof)),
                core::cmp::Ordering::Less => low = middle.saturating_add(1),
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }
}

fn read(segments: &Segments, record: u64) -> Result<Record, SegmentsError> {
    Record::decode(&segments.reader().read(record)?)
        .map_err(|_| SegmentsError::Damaged { index: record })
}

/// Returns the sidecar written in a record, for those who read without the lock.
pub(crate) fn decode(record: &[u8]) -> Result<Sidecar, CodecError> {
    Record::decode(record).map(|Record { leaf, proof }| Sidecar { leaf, proof })
}
