//! The truth on disk: append-only segment files of checked records, and the one writer that extends
//! them. It never interprets a payload, never keeps more than one segment's offsets in memory, and
//! never cuts what was synced.
//!
//! What each kind of fault leaves behind, and what opening does about it:
//!
//! - A crash tears what was not yet synced, in any order of sectors. The tail from the first bad
//!   record on is **cut**, even if good records of the same unsynced writes follow.
//! - A bad record followed by one that was written after a later sync, or inside a closed segment,
//!   was once good: **damage**. It is reported with its number and never cut; a copy can be fetched
//!   from a mirror.
//! - Damage inside the very last synced batch cannot be told from a torn write. It is cut, and the
//!   guard, which says how long the log was when it was last signed, tells the home that something
//!   is missing.

mod format;
mod mend;
mod reader;
mod scan;
mod window;

use std::sync::Arc;

use proto::hash::Hash;

use crate::disk::{Disk, DiskError, Lock};
use format::{HEADER_BYTES, footer, header, write_record};
pub use format::{PAYLOAD_BYTES_MAX, Record};
use reader::Tail;
pub(crate) use reader::is_segment;
pub use reader::{Records, SegmentsReader};
pub use scan::{Flaw, Scan, WINDOW_BYTES_MIN};

/// Records in a segment at most. The offsets of one segment are all that a writer keeps in memory
/// (200 KB), and opening scans one (20 ms); beginning a segment takes three syncs, which fewer
/// records would feel.
pub const SEGMENT_RECORDS_MAX: usize = 50_000;
/// A segment takes no further record from here on, in bytes. Keeps every offset within 32 bits and
/// a scan short.
pub const SEGMENT_BYTES_MAX: u32 = 64 * 1024 * 1024;
/// Space reserved ahead at least, in bytes: one full batch. A young log stays small, and a sync writes
/// no new length.
const RESERVE_LEAST: u32 = 256 * 1024;
/// Space reserved ahead at most, in bytes: a busy log writes a new length every fourth batch.
const RESERVE_MOST: u32 = 1024 * 1024;
/// Room that a batch's buffer is given for each record besides its payload, in bytes.
const RECORD_ROOM: usize = 24;

/// A log could not be opened, read or extended.
#[derive(Debug, thiserror::Error)]
pub enum SegmentsError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// What stands at this record, or in the table of its segment, was good once and is not now.
    #[error("record {index} is damaged")]
    Damaged {
        /// Number of the record, or of the first one of the segment.
        index: u64,
    },
    /// A segment file has no header of this log in a version that is known here.
    #[error("segment {segment} does not belong to this log")]
    Foreign {
        /// Number in the file's name.
        segment: usize,
    },
    /// The directory holds no log.
    #[error("there is no log here")]
    NoLog,
    /// The directory already holds a log, so none is created.
    #[error("there is a log here already")]
    AlreadyThere,
    /// A payload is empty or longer than [`PAYLOAD_BYTES_MAX`].
    #[error("a record holds 1 to 16384 bytes, not {bytes}")]
    PayloadLength {
        /// Length of the payload.
        bytes: usize,
    },
    /// No such record.
    #[error("record {index} of {len}")]
    OutOfRange {
        /// The record asked for.
        index: u64,
        /// How many there are.
        len: u64,
    },
    /// What is to be read back was not synced yet.
    #[error("not synced yet")]
    NotSynced,
    /// The log was extended since it was opened, so nothing may be cut any more.
    #[error("only a log that was just opened may be cut")]
    CutTooLate,
}

impl SegmentsError {
    /// Returns whether nothing but room on the disk was missing.
    #[cfg(feature = "index")]
    pub(crate) const fn is_for_room(&self) -> bool {
        matches!(self, Self::Disk(error) if error.failure.is_for_room())
    }
}

/// What opening a log found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenReport {
    /// Records in the log.
    pub len: u64,
    /// Bytes of a torn tail that were cut, zeros behind them not counted.
    pub cut_bytes: u64,
}

/// Proof that records are synced and were read back from their file with good checks. Only
/// [`Segments::read_back`] makes it.
#[derive(Debug)]
pub struct Durable {
    from: u64,
    leaves: Vec<Hash>,
    len: u64,
}

impl Durable {
    /// Returns the number of the first record that was read back.
    pub fn from(&self) -> u64 {
        self.from
    }

    /// Returns the RFC 6962 leaf hashes of the records read back, computed from what stands in the
    /// file.
    pub fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// Returns how many records are durable altogether.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Returns whether the whole log is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The only writer of a log. It holds the lock `lock` in the log's directory as long as it lives.
///
/// After an error of `append` or `sync` some of the batch may be in memory or in the file: the
/// caller stops, and the next start finds out.
pub struct Segments {
    log: SegmentsReader,
    /// Where the synced part of the last segment stops.
    synced_end: u32,
    /// Up to where space of the last segment is reserved.
    reserved_end: u32,
    appended: bool,
    _lock: Lock,
}

impl Segments {
    /// Makes an empty log in `dir`. A directory that holds any segment is refused: founding anew
    /// over an old log would break every promise made in it.
    pub fn create_new(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
    ) -> Result<Self, SegmentsError> {
        disk.create_dir(dir)?;
        let lock = disk.lock(&lock_name(dir))?;
        if disk.list(dir)?.iter().any(|name| is_segment(name)) {
            return Err(SegmentsError::AlreadyThere);
        }
        let log = SegmentsReader {
            disk,
            dir: dir.into(),
            identity,
            sealed: Vec::new(),
            tail: Tail::empty(0),
        };
        let mut segments = Self::over(log, lock);
        segments.begin_segment()?;
        Ok(segments)
    }

    /// Opens the log `identity` in `dir`, cuts a torn tail, and syncs what is left of it.
    pub fn open(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
    ) -> Result<(Self, OpenReport), SegmentsError> {
        // Where the directory is gone there is nothing to lock.
        if !disk.list(dir)?.iter().any(|name| is_segment(name)) {
            return Err(SegmentsError::NoLog);
        }
        let lock = disk.lock(&lock_name(dir))?;
        let log = SegmentsReader::open(disk, dir, identity)?;
        let mut segments = Self::over(log, lock);
        let cut_bytes = segments.settle_tail()?;
        let report = OpenReport { len: segments.len(), cut_bytes };
        Ok((segments, report))
    }

    /// Opens the log `identity` in `dir`, or makes it where there is none. For what is kept beside
    /// a log; a log itself is founded once and then opened.
    pub fn open_or_create(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
    ) -> Result<Self, SegmentsError> {
        match disk.list(dir)?.iter().any(|name| is_segment(name)) {
            true => Self::open(disk, dir, identity).map(|(segments, _)| segments),
            false => Self::create_new(disk, dir, identity),
        }
    }

    fn over(log: SegmentsReader, lock: Lock) -> Self {
        let synced_end = log.tail.end;
        Self { log, synced_end, reserved_end: 0, appended: false, _lock: lock }
    }

    /// Leaves nothing behind the last good record and makes that record durable: after a killed
    /// process it may have been read from memory only.
    fn settle_tail(&mut self) -> Result<u64, SegmentsError> {
        let name = self.tail_name();
        if self.log.disk.length(&name)?.is_none() {
            self.begin_segment()?;
            return Ok(0);
        }
        let cut_bytes = self.log.written_behind_tail()?;
        if cut_bytes > 0 {
            self.log.disk.truncate(&name, u64::from(self.log.tail.end))?;
        }
        self.log.disk.sync(&name)?;
        self.synced_end = self.log.tail.end;
        Ok(cut_bytes)
    }

    /// Returns the view for reading, unsynced records included.
    pub fn reader(&self) -> &SegmentsReader {
        &self.log
    }

    /// Returns whether the file that is written has its name still.
    pub fn is_there(&self) -> Result<bool, SegmentsError> {
        Ok(self.log.disk.length(&self.tail_name())?.is_some())
    }

    /// Returns the payload of record `index`.
    pub fn read(&self, index: u64) -> Result<Vec<u8>, SegmentsError> {
        self.log.read(index)
    }

    /// Returns the number of records, unsynced ones included.
    pub fn len(&self) -> u64 {
        self.log.len()
    }

    /// Returns whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// Appends records and returns the number of the first. One write for each segment touched; nothing
    /// is durable before [`Segments::sync`].
    pub fn append(&mut self, records: &[Record<'_>]) -> Result<u64, SegmentsError> {
        let wrong = |bytes: &usize| !(1..=PAYLOAD_BYTES_MAX).contains(bytes);
        if let Some(bytes) = records.iter().map(|record| record.payload.len()).find(wrong) {
            return Err(SegmentsError::PayloadLength { bytes });
        }
        let first = self.len();
        self.appended = true;
        let mut rest = records;
        while !rest.is_empty() {
            if self.tail_has_room() {
                let taken = self.append_to_tail(rest)?;
                rest = rest.get(taken..).unwrap_or_default();
            } else {
                self.close_segment()?;
                self.begin_segment()?;
            }
        }
        Ok(first)
    }

    /// Makes everything appended so far durable.
    pub fn sync(&mut self) -> Result<(), SegmentsError> {
        self.log.disk.sync(&self.tail_name())?;
        self.synced_end = self.log.tail.end;
        Ok(())
    }

    /// Reads the synced records from `from` to the end again and returns the proof that they are
    /// there. Whoever signs compares [`Durable::leaves`] with the tree that is to be signed: one
    /// bit flipped between hashing and writing made the CT log Yeti 2022 unusable for ever.
    ///
    /// It shows what the kernel holds; a disk that lies about a sync is beyond it.
    pub fn read_back(&self, from: u64) -> Result<Durable, SegmentsError> {
        let len = self.len();
        if self.synced_end != self.log.tail.end {
            return Err(SegmentsError::NotSynced);
        }
        let mut records = self.log.records(from)?;
        let mut leaves = Vec::new();
        while let Some(record) = records.next_record()? {
            leaves.push(record.leaf);
        }
        Ok(Durable { from, leaves, len })
    }

    /// Cuts the log to `len` records. Only a home or mirror that has just opened its log may do so,
    /// and only down to the largest size that it ever signed: what lies above was never promised to
    /// anybody.
    pub fn truncate_to(&mut self, len: u64) -> Result<(), SegmentsError> {
        if self.appended {
            return Err(SegmentsError::CutTooLate);
        }
        if len > self.len() {
            return Err(SegmentsError::OutOfRange { index: len, len: self.len() });
        }
        while len < self.log.tail.first {
            self.drop_last_segment()?;
        }
        self.log.tail.cut(len);
        let name = self.tail_name();
        self.log.disk.truncate(&name, u64::from(self.log.tail.end))?;
        self.reserved_end = 0;
        self.sync()
    }

    /// Appends as many records as the segment takes, and returns how many those are.
    fn append_to_tail(&mut self, records: &[Record<'_>]) -> Result<usize, SegmentsError> {
        let tail = &self.log.tail;
        let room = SEGMENT_RECORDS_MAX.saturating_sub(tail.offsets.len());
        let checker = self.log.checker(tail.first);
        let bytes = records.iter().map(|it| it.payload.len().saturating_add(RECORD_ROOM)).sum();
        let (mut buffer, mut offsets) = (Vec::with_capacity(bytes), Vec::new());
        let mut end = tail.end;
        for record in records.iter().take(room) {
            if end >= SEGMENT_BYTES_MAX {
                break;
            }
            offsets.push(end);
            end = write_record(&mut buffer, *record, end, self.synced_end, &checker);
        }
        let name = self.tail_name();
        if end > self.reserved_end {
            let reserve = end.saturating_add(end.clamp(RESERVE_LEAST, RESERVE_MOST));
            self.log.disk.allocate(&name, u64::from(reserve))?;
            self.reserved_end = reserve;
        }
        self.log.disk.write_at(&name, u64::from(self.log.tail.end), &buffer)?;
        let taken = offsets.len();
        self.log.tail.offsets.append(&mut offsets);
        self.log.tail.end = end;
        Ok(taken)
    }

    fn tail_has_room(&self) -> bool {
        let Tail { offsets, end, .. } = &self.log.tail;
        offsets.len() < SEGMENT_RECORDS_MAX && *end < SEGMENT_BYTES_MAX
    }

    /// Writes the footer and syncs it before any next segment exists, so that only the last one can
    /// lack it.
    fn close_segment(&mut self) -> Result<(), SegmentsError> {
        let name = self.tail_name();
        let Tail { first, offsets, end } = &self.log.tail;
        let footer = footer(offsets, *end, &self.log.checker(*first));
        let at = u64::from(*end);
        let length = at.saturating_add(u64::try_from(footer.len()).unwrap_or(u64::MAX));
        self.log.disk.write_at(&name, at, &footer)?;
        self.log.disk.truncate(&name, length)?;
        self.log.disk.sync(&name)?;
        self.log.seal_tail()
    }

    /// Puts the next segment in place with its header in one step: a segment file without a header
    /// cannot exist.
    fn begin_segment(&mut self) -> Result<(), SegmentsError> {
        let header = header(&self.log.identity, self.log.tail.first);
        self.log.disk.replace(&self.tail_name(), &header)?;
        self.synced_end = HEADER_BYTES;
        self.reserved_end = 0;
        Ok(())
    }

    /// Removes the last file and takes the segment before it as the one to write.
    fn drop_last_segment(&mut self) -> Result<(), SegmentsError> {
        self.log.disk.remove(&self.tail_name())?;
        self.log.disk.sync_dir(&self.log.dir)?;
        self.log.reopen_last_sealed()
    }

    fn tail_name(&self) -> String {
        self.log.name(self.log.sealed.len())
    }
}

fn lock_name(dir: &str) -> String {
    format!("{dir}/lock")
}

#[cfg(test)]
mod tests;
