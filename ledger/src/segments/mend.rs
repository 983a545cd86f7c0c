//! Mending a segment: the records that are still good, and what was fetched in the place of the others,
//! written anew at the same places. It never asks whether what was fetched is right: whoever calls has shown
//! that it is under the root that was signed.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "leaf numbers stay below 2^40 and offsets below 64 MiB and a batch"
)]

use std::collections::BTreeMap;

use super::{
    Record, Segments, SegmentsError,
    format::{self, HEADER_BYTES, RecordHead, footer, header, write_record},
    window::{in_memory, read_rest},
};
use crate::disk::DiskError;

/// A segment as it should be, of which some records may be missing.
struct Segment {
    first: u64,
    /// Where each record begins, where that is known.
    offsets: Option<Vec<u32>>,
    count: usize,
    /// Where the last one stops.
    end: u32,
    closed: bool,
    /// What the file holds now, up to its last byte that is not zero.
    bytes: Vec<u8>,
}

impl Segments {
    /// Returns the records of a segment that are damaged.
    ///
    /// # Errors
    /// The disk; [`SegmentsError::OutOfRange`] for a segment that is not there.
    pub fn missing(&self, segment: usize) -> Result<Vec<u64>, SegmentsError> {
        let segment = self.segment(segment)?;
        let records = self.good(&segment);
        let missing = (segment.first..).zip(records).filter(|(_, good)| good.is_none());
        Ok(missing.map(|(leaf, _)| leaf).collect())
    }

    /// Writes a segment anew, with `fetched` in the place of what is damaged. Returns whether that made it
    /// whole; nothing is written otherwise. `in_place` keeps the file itself, for the one that the guard is
    /// bound to; every other is written aside, synced, and then put in its place.
    ///
    /// # Errors
    /// The disk. The log must not be used any more then.
    pub fn mend(
        &mut self,
        number: usize,
        fetched: &BTreeMap<u64, Vec<u8>>,
        in_place: bool,
    ) -> Result<bool, SegmentsError> {
        let segment = self.segment(number)?;
        let Some(whole) = self.made_whole(&segment, fetched) else { return Ok(false) };
        let name = self.log.name(number);
        if in_place {
            self.patch(&name, &segment.bytes, &whole)?;
        } else {
            self.log.disk.replace(&name, &whole)?;
        }
        if in_place || !segment.closed {
            // Whatever stood behind it goes, and so does the space that was reserved ahead.
            let length = u64::try_from(whole.len()).unwrap_or(u64::MAX);
            self.log.disk.truncate(&name, length)?;
            self.log.disk.sync(&name)?;
        }
        if !segment.closed {
            self.reserved_end = 0;
        }
        Ok(self.missing(number)?.is_empty())
    }

    fn segment(&self, number: usize) -> Result<Segment, SegmentsError> {
        let log = &self.log;
        let bytes = match log.disk.length(&log.name(number))? {
            Some(_) => read_rest(&*log.disk, &log.name(number), 0)?,
            None => Vec::new(),
        };
        if let Some(sealed) = log.sealed.get(number) {
            let count = in_memory(sealed.footer.count);
            // A table that is damaged or gone as well leaves the places unknown.
            let offsets = match log.offsets(number, sealed) {
                _ if bytes.is_empty() => None,
                Ok(offsets) => Some(offsets),
                Err(SegmentsError::Disk(error)) => return Err(error.into()),
                Err(_) => None,
            };
            let (first, end) = (sealed.first, sealed.footer.end);
            return Ok(Segment { first, offsets, count, end, closed: true, bytes });
        }
        if number > log.sealed.len() {
            let (index, len) = (u64::try_from(number).unwrap_or(u64::MAX), log.len());
            return Err(SegmentsError::OutOfRange { index, len });
        }
        let tail = &log.tail;
        let (count, offsets) = (tail.offsets.len(), Some(tail.offsets.clone()));
        let (first, end) = (tail.first, tail.end);
        Ok(Segment { first, offsets, count, end, closed: false, bytes })
    }

    /// Returns the payload of each record, `None` for those that are damaged.
    fn good<'a>(&self, segment: &'a Segment) -> Vec<Option<&'a [u8]>> {
        let checker = self.log.checker(segment.first);
        let read = |offset: u32| {
            let bytes = segment.bytes.get(in_memory(offset)..)?;
            let head = RecordHead::read(bytes)?;
            Some((head.record_bytes(), head.record(bytes, offset, &checker)?.payload))
        };
        let mut records = Vec::with_capacity(segment.count);
        let mut at = Some(HEADER_BYTES);
        for number in 0..segment.count {
            let offset = match &segment.offsets {
                Some(offsets) => offsets.get(number).copied(),
                None => at,
            };
            let record = offset.and_then(read);
            at = offset.zip(record).and_then(|(at, (bytes, _))| at.checked_add(bytes));
            records.push(record.map(|(_, payload)| payload));
        }
        records
    }

    /// Returns the bytes of the segment with every record in its old place, or `None` where one is missing or
    /// does not fit.
    fn made_whole(&self, segment: &Segment, fetched: &BTreeMap<u64, Vec<u8>>) -> Option<Vec<u8>> {
        let checker = self.log.checker(segment.first);
        let mut whole = header(&self.log.identity, segment.first);
        let (mut end, mut offsets) = (HEADER_BYTES, Vec::with_capacity(segment.count));
        for (leaf, good) in (segment.first..).zip(self.good(segment)) {
            let known = segment.offsets.as_ref().map(|known| known.get(offsets.len()).copied());
            if known.is_some_and(|known| known != Some(end)) {
                return None;
            }
            offsets.push(end);
            end = match (good, fetched.get(&leaf)) {
                // As it stands, with what it says about syncs.
                (Some(payload), _) => {
                    let from = in_memory(end);
                    let bytes = in_memory(format::RECORD_HEAD_BYTES) + payload.len();
                    whole.extend_from_slice(segment.bytes.get(from..from + bytes)?);
                    end + u32::try_from(bytes).ok()?
                }
                (None, Some(payload))
                    if (1..=format::PAYLOAD_BYTES_MAX).contains(&payload.len()) =>
                {
                    write_record(&mut whole, Record::of(payload), end, end, &checker)
                }
                _ => return None,
            };
        }
        if end != segment.end {
            return None;
        }
        if segment.closed {
            whole.extend(footer(&offsets, end, &checker));
        }
        Some(whole)
    }

    /// Writes what differs, and syncs it.
    fn patch(&self, name: &str, now: &[u8], whole: &[u8]) -> Result<(), DiskError> {
        const PIECE: usize = 4_096;
        for (at, piece) in whole.chunks(PIECE).enumerate() {
            let from = at * PIECE;
            if now.get(from..from + piece.len()) != Some(piece) {
                let offset = u64::try_from(from).unwrap_or(u64::MAX);
                self.log.disk.write_at(name, offset, piece)?;
            }
        }
        self.log.disk.sync(name)
    }
}
