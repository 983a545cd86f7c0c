//! Reading a log: one record, a range, or all of them in a stream, in memory that does not grow
//! with the log. It takes no lock and never writes; a writer may append to the same files
//! meanwhile.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "leaf numbers stay below 2^40 and offsets below 64 MiB and a batch"
)]

use std::sync::Arc;

use proto::hash::Hash;

use super::SegmentsError;
use super::format::{self, Checker, FOOTER_END_BYTES, FooterEnd, HEADER_BYTES, Record, RecordHead};
use super::window::{Window, in_memory, read_rest};
use crate::disk::{Disk, DiskError};

/// Bytes read at once when records are streamed: large enough that a call to the disk is lost among
/// the thousand records it brings.
const WINDOW_BYTES: usize = 256 * 1024;

/// A log opened for reading. It sees the records that were there when it was opened or last
/// refreshed.
pub struct SegmentsReader {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) dir: Box<str>,
    pub(super) identity: Hash,
    pub(super) sealed: Vec<Sealed>,
    pub(super) tail: Tail,
}

/// A segment that is closed by a footer and never changes again.
#[derive(Clone, Copy)]
pub(super) struct Sealed {
    pub(super) first: u64,
    pub(super) footer: FooterEnd,
}

/// The segment that is written at present. Its file is missing only between a footer and the next
/// header.
pub(super) struct Tail {
    pub(super) first: u64,
    /// Where each record begins.
    pub(super) offsets: Vec<u32>,
    /// Where the last record stops.
    pub(super) end: u32,
}

impl Tail {
    pub(super) fn empty(first: u64) -> Self {
        Self { first, offsets: Vec::new(), end: HEADER_BYTES }
    }

    fn next(&self) -> u64 {
        self.first + count(&self.offsets)
    }

    /// Forgets the records from `len` on.
    pub(super) fn cut(&mut self, len: u64) {
        let keep = usize::try_from(len.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.end = self.offsets.get(keep).copied().unwrap_or(self.end);
        self.offsets.truncate(keep);
    }
}

impl SegmentsReader {
    /// Returns a reader of the log `identity` in `dir`. It reads every footer and checks the
    /// records of the last segment; records of closed segments are checked when they are read.
    pub fn open(disk: Arc<dyn Disk>, dir: &str, identity: Hash) -> Result<Self, SegmentsError> {
        let (sealed, tail) = (Vec::new(), Tail::empty(0));
        let mut reader = Self { disk, dir: dir.into(), identity, sealed, tail };
        reader.refresh()?;
        Ok(reader)
    }

    /// Returns a reader of whatever log is in `dir`, for those who only read: which log it is
    /// stands in its first header.
    pub fn open_found(disk: Arc<dyn Disk>, dir: &str) -> Result<Self, SegmentsError> {
        let mut header = vec![0; in_memory(HEADER_BYTES)];
        let name = format!("{dir}/00000000.seg");
        if disk.length(&name)?.is_none() {
            return Err(SegmentsError::NoLog);
        }
        disk.read_at(&name, 0, &mut header)?;
        let foreign = SegmentsError::Foreign { segment: 0 };
        let identity = format::identity_of_header(&header).ok_or(foreign)?;
        Self::open(disk, dir, identity)
    }

    /// Returns which log this is.
    pub const fn identity(&self) -> Hash {
        self.identity
    }

    /// Takes in what a writer has appended since.
    pub fn refresh(&mut self) -> Result<(), SegmentsError> {
        let files = self.disk.list(&self.dir)?.iter().filter(|name| is_segment(name)).count();
        if files == 0 {
            return Err(SegmentsError::NoLog);
        }
        // The tail may have been closed since it was looked at; everything before it stays as it
        // is.
        self.tail = Tail::empty(self.tail.first);
        while self.sealed.len() < files {
            let first = self.read_header(self.sealed.len())?;
            if first != self.tail.first {
                return Err(SegmentsError::Damaged { index: self.tail.first });
            }
            match self.read_footer(self.sealed.len(), first)? {
                Some(footer) => {
                    self.sealed.push(Sealed { first, footer });
                    self.tail = Tail::empty(first + u64::from(footer.count));
                }
                None if self.sealed.len() + 1 == files => return self.scan_tail(),
                None => return Err(SegmentsError::Damaged { index: first }),
            }
        }
        Ok(())
    }

    /// Returns the number of records.
    pub fn len(&self) -> u64 {
        self.tail.next()
    }

    /// Returns whether there is no record yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the payload of record `index`, in two reads of the disk.
    pub fn read(&self, index: u64) -> Result<Vec<u8>, SegmentsError> {
        let place = self.place(index)?;
        let damaged = SegmentsError::Damaged { index };
        let mut window = Window::new(&*self.disk, self.name(place.number), place.longest());
        let bytes = window.at(place.offset, place.longest())?;
        let record = RecordHead::read(bytes)
            .and_then(|head| head.record(bytes, place.offset, &self.checker(place.first)));
        record.map(|record| record.payload.to_vec()).ok_or(damaged)
    }

    /// Returns records from `from` on: at most `count_max` of them and at most `bytes_max` bytes of
    /// payload, but always one if there is one.
    pub fn read_range(
        &self,
        from: u64,
        count_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Vec<u8>>, SegmentsError> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        let mut room = bytes_max;
        let mut records = self.records(from)?;
        while found.len() < count_max {
            let Some(Record { payload, .. }) = records.next_record()? else {
                break;
            };
            match room.checked_sub(payload.len()) {
                Some(left) => room = left,
                None if found.is_empty() => room = 0,
                None => break,
            }
            found.push(payload.to_vec());
        }
        Ok(found)
    }

    /// Returns a stream of the records from `from` to the present end, in constant memory.
    pub fn records(&self, from: u64) -> Result<Records<'_>, SegmentsError> {
        let until = self.len();
        let place = match from == until {
            true => Place { number: 0, first: 0, offset: HEADER_BYTES, end: HEADER_BYTES, last: 0 },
            false => self.place(from)?,
        };
        // What was just appended is read back through a window of its length.
        let bytes = match from >= self.tail.first {
            true => in_memory(self.tail.end.saturating_sub(place.offset)).min(WINDOW_BYTES),
            false => WINDOW_BYTES,
        };
        let window = Window::new(&*self.disk, self.name(place.number), bytes);
        let checker = self.checker(place.first);
        Ok(Records { log: self, next: from, until, place, window, checker })
    }

    pub(super) fn checker(&self, first: u64) -> Checker {
        Checker::new(&self.identity, first)
    }

    pub(super) fn name(&self, number: usize) -> String {
        format!("{}/{number:08}.seg", self.dir)
    }

    /// Returns the offsets of all records of a closed segment.
    pub(super) fn offsets(
        &self,
        number: usize,
        sealed: &Sealed,
    ) -> Result<Vec<u32>, SegmentsError> {
        let damaged = SegmentsError::Damaged { index: sealed.first };
        let checker = self.checker(sealed.first);
        let mut table = vec![0; in_memory(sealed.footer.count) * 4];
        let read =
            self.disk.read_at(&self.name(number), u64::from(sealed.footer.end), &mut table)?;
        sealed.footer.offsets(table.get(..read).unwrap_or_default(), &checker).ok_or(damaged)
    }

    fn read_header(&self, number: usize) -> Result<u64, SegmentsError> {
        let mut bytes = vec![0; in_memory(HEADER_BYTES)];
        self.disk.read_at(&self.name(number), 0, &mut bytes)?;
        let foreign = SegmentsError::Foreign { segment: number };
        format::first_of_header(&self.identity, &bytes).ok_or(foreign)
    }

    fn read_footer(&self, number: usize, first: u64) -> Result<Option<FooterEnd>, SegmentsError> {
        let name = self.name(number);
        let length = self.disk.length(&name)?.unwrap_or(0);
        let mut bytes = vec![0; in_memory(FOOTER_END_BYTES)];
        let Some(at) = length.checked_sub(u64::from(FOOTER_END_BYTES)) else {
            return Ok(None);
        };
        self.disk.read_at(&name, at, &mut bytes)?;
        let Some(footer) = FooterEnd::read(&bytes, length) else {
            return Ok(None);
        };
        self.offsets(number, &Sealed { first, footer })?;
        Ok(Some(footer))
    }

    /// Finds the records of the last segment. What follows the last good one is left to the writer,
    /// unless it was synced once: then it is damage.
    fn scan_tail(&mut self) -> Result<(), SegmentsError> {
        let name = self.name(self.sealed.len());
        let checker = self.checker(self.tail.first);
        let mut window = Window::new(&*self.disk, name.clone(), WINDOW_BYTES);
        loop {
            let offset = self.tail.end;
            let head = RecordHead::read(window.at(offset, in_memory(format::RECORD_HEAD_BYTES))?);
            let length = head.map_or(0, |head| head.record_bytes());
            let bytes = window.at(offset, in_memory(length))?;
            if head.and_then(|head| head.record(bytes, offset, &checker)).is_some() {
                self.tail.offsets.push(offset);
                self.tail.end += length;
                continue;
            }
            // A writer may have finished this record since the window was read: look once more, at
            // all of it.
            let rest = read_rest(&*self.disk, &name, offset)?;
            let head = RecordHead::read(&rest);
            if head.and_then(|head| head.record(&rest, offset, &checker)).is_some() {
                window.forget();
            } else if format::was_synced(&rest, offset, &checker) {
                return Err(SegmentsError::Damaged { index: self.tail.next() });
            } else {
                return Ok(());
            }
        }
    }

    /// Returns how many bytes up to the last that is not zero follow the last good record.
    pub(super) fn written_behind_tail(&self) -> Result<u64, DiskError> {
        let rest = read_rest(&*self.disk, &self.name(self.sealed.len()), self.tail.end)?;
        Ok(u64::try_from(rest.len()).unwrap_or(u64::MAX))
    }

    /// Takes the tail, whose footer was just written, as closed.
    pub(super) fn seal_tail(&mut self) -> Result<(), SegmentsError> {
        let first = self.tail.first;
        let footer = self.read_footer(self.sealed.len(), first)?;
        let footer = footer.ok_or(SegmentsError::Damaged { index: first })?;
        self.sealed.push(Sealed { first, footer });
        self.tail = Tail::empty(first + u64::from(footer.count));
        Ok(())
    }

    /// Takes the last closed segment as the tail again.
    pub(super) fn reopen_last_sealed(&mut self) -> Result<(), SegmentsError> {
        let Some(sealed) = self.sealed.pop() else {
            return Ok(());
        };
        let offsets = self.offsets(self.sealed.len(), &sealed)?;
        self.tail = Tail { first: sealed.first, offsets, end: sealed.footer.end };
        Ok(())
    }

    fn place(&self, index: u64) -> Result<Place, SegmentsError> {
        let len = self.len();
        if index >= len {
            return Err(SegmentsError::OutOfRange { index, len });
        }
        if index >= self.tail.first {
            return Ok(self.place_in_tail(index - self.tail.first));
        }
        let number = self.sealed.partition_point(|sealed| sealed.first <= index).saturating_sub(1);
        let sealed = self.sealed.get(number).ok_or(SegmentsError::Damaged { index })?;
        let end = sealed.footer.end;
        let in_table = (index - sealed.first) * 4;
        let mut pair = [0; 8];
        self.disk.read_at(&self.name(number), u64::from(end) + in_table, &mut pair)?;
        let (start, next) = pair.split_at(4);
        let last = sealed.first + u64::from(sealed.footer.count);
        let next = if index + 1 == last { Some(end) } else { format::offset(next) };
        let offset = format::offset(start).filter(|start| (HEADER_BYTES..end).contains(start));
        let place = offset.zip(next.filter(|next| *next <= end));
        let (offset, next) = place.ok_or(SegmentsError::Damaged { index })?;
        Ok(Place { number, first: sealed.first, offset, end: next, last })
    }

    fn place_in_tail(&self, at: u64) -> Place {
        let Tail { first, offsets, end } = &self.tail;
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let offset = offsets.get(at).copied().unwrap_or(*end);
        let next = offsets.get(at.saturating_add(1)).copied().unwrap_or(*end);
        let (number, last) = (self.sealed.len(), self.tail.next());
        Place { number, first: *first, offset, end: next, last }
    }
}

/// Where a record stands.
struct Place {
    number: usize,
    /// First leaf of its segment.
    first: u64,
    offset: u32,
    /// Where the record stops, if the table is right.
    end: u32,
    /// First leaf after its segment.
    last: u64,
}

impl Place {
    fn longest(&self) -> usize {
        let longest = in_memory(format::RECORD_HEAD_BYTES) + format::PAYLOAD_BYTES_MAX;
        in_memory(self.end.saturating_sub(self.offset)).min(longest)
    }
}

/// A stream of records; see [`SegmentsReader::records`].
pub struct Records<'a> {
    log: &'a SegmentsReader,
    next: u64,
    until: u64,
    place: Place,
    window: Window<'a>,
    checker: Checker,
}

impl Records<'_> {
    /// Returns the next record, or `None` at the end.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, SegmentsError> {
        let index = self.next;
        if index == self.until {
            return Ok(None);
        }
        if index == self.place.last {
            self.place = self.log.place(index)?;
            self.window.turn_to(self.log.name(self.place.number));
            self.checker = self.log.checker(self.place.first);
        }
        let offset = self.place.offset;
        let damaged = SegmentsError::Damaged { index };
        let head = self.window.at(offset, in_memory(format::RECORD_HEAD_BYTES))?;
        let Some(head) = RecordHead::read(head) else {
            return Err(damaged);
        };
        self.next += 1;
        self.place.offset += head.record_bytes();
        let bytes = self.window.at(offset, in_memory(head.record_bytes()))?;
        head.record(bytes, offset, &self.checker).map(Some).ok_or(damaged)
    }
}

/// Returns whether this is the name of a segment file.
pub(crate) fn is_segment(name: &str) -> bool {
    let digits = name.strip_suffix(".seg");
    digits.is_some_and(|digits| digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()))
}

fn count(offsets: &[u32]) -> u64 {
    u64::try_from(offsets.len()).unwrap_or(u64::MAX)
}
