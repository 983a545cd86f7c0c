//! Looking through the files of a log without believing any of them: every byte is compared with what
//! its check says, a window at a time. It opens no log, changes nothing, and goes on behind damage.
//!
//! | bytes | what must hold |
//! |---|---|
//! | header | the one header of this log, with the number of the record that comes next |
//! | record | its check, which covers length, payload and place |
//! | table and end of a closed segment | its check, and that the records stand where it says |
//! | behind the last record | zeros: space that was reserved and not yet written |
//!
//! So there is no bit of a segment whose change would go unnoticed.

#![allow(
    clippy::arithmetic_side_effects,
    reason = "leaf numbers stay below 2^40 and offsets below 64 MiB and a batch"
)]

use std::sync::Arc;

use proto::hash::Hash;

use super::format::{
    self, Checker, FOOTER_END_BYTES, FooterEnd, HEADER_BYTES, PAYLOAD_BYTES_MAX, RECORD_HEAD_BYTES,
    Record, RecordHead,
};
use super::reader::is_segment;
use super::window::{in_memory, written};
use crate::disk::{Disk, DiskError};

/// Shortest window that always holds a record, in bytes.
pub const WINDOW_BYTES_MIN: usize = 32 * 1024;

/// How far behind damage the next good record is looked for where no table says where it stands, in
/// bytes: more than any run of bad sectors that leaves a disk usable, and at most two seconds of hashing.
const SEARCH_BYTES_MAX: usize = 1024 * 1024;

/// Flaws that are remembered of one log: enough to see what happened. What is beyond is mended as well.
const FLAWS_MAX: usize = 64;

/// Something in a log's files that is not as it was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// The header of a segment, or the whole file.
    Header {
        /// Number of the file.
        segment: usize,
    },
    /// Records.
    Records {
        /// Number of the file.
        segment: usize,
        /// The first of them.
        from: u64,
        /// The first one behind them, where that is known.
        until: Option<u64>,
    },
    /// The table at the end of a closed segment.
    Table {
        /// Number of the file.
        segment: usize,
    },
    /// Bytes behind the last record: a write that a crash tore, or the last records damaged.
    Stray {
        /// Number of the file.
        segment: usize,
        /// How many, up to the last that is not zero.
        bytes: u64,
    },
    /// Fewer records than were vouched for.
    Short {
        /// Records that are here.
        len: u64,
        /// Records that must be.
        least: u64,
    },
    /// The records give another root than was signed.
    Root {
        /// Number of records under that root.
        size: u64,
    },
    /// A hash of the tree, which can be made again from the records.
    Tree {
        /// Its number in the order of storing.
        stored: u64,
    },
    /// The file that says what was vouched for.
    Word,
}

/// A look through the segment files in one directory, a window at a time.
#[derive(Clone)]
pub struct Scan {
    disk: Arc<dyn Disk>,
    dir: Box<str>,
    identity: Hash,
    /// Files when the look began; a later one is not looked at.
    files: usize,
    /// Records to look at; all that are there for `None`.
    until: Option<u64>,
    /// Somebody else may append meanwhile, so that what stands behind the last record says nothing.
    beside: bool,
    segment: usize,
    place: Option<Place>,
    /// Number of the next record; `None` behind damage of unknown length.
    next: Option<u64>,
    /// The number of records in the segment before is not known.
    open_end: bool,
    records: u64,
    bytes: u64,
    flaws: Vec<Flaw>,
    over: bool,
}

/// Where in a segment the look is.
#[derive(Clone)]
struct Place {
    offset: u32,
    /// Number of the record there within the segment.
    at: usize,
    checker: Checker,
    table: Option<(Vec<u32>, u32)>,
}

/// What stands at the place that is looked at.
enum Found<'a> {
    /// A good record of this length.
    Good(u32, Record<'a>),
    /// No good one; behind it the next may stand here.
    Bad(Option<u32>),
    /// The window ends within it.
    Beyond,
    /// The segment ends.
    End,
}

impl Scan {
    /// Begins a look at the log `identity` in `dir`: at its first `until` records, or at everything
    /// where nobody writes meanwhile.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(
        disk: Arc<dyn Disk>,
        dir: &str,
        identity: Hash,
        until: Option<u64>,
    ) -> Result<Self, DiskError> {
        // A file that is missing in between counts: its number is taken from the names.
        let number = |name: &String| name.get(..8).and_then(|digits| digits.parse::<usize>().ok());
        let names = disk.list(dir)?;
        let last = names.iter().filter(|name| is_segment(name)).filter_map(number).max();
        Ok(Self {
            disk,
            dir: dir.into(),
            identity,
            files: last.map_or(0, |last| last + 1),
            until,
            beside: false,
            segment: 0,
            place: None,
            next: Some(0),
            open_end: false,
            records: 0,
            bytes: 0,
            flaws: Vec::new(),
            over: false,
        })
    }

    /// Says that another process may append meanwhile: a record that it is just writing is no damage.
    #[must_use]
    pub const fn beside_a_writer(mut self) -> Self {
        self.beside = true;
        self
    }

    /// Returns how many good records were seen.
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Returns how many bytes were read.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the file that is looked at next, and from which byte on: nothing from there on was looked at,
    /// but header and table of that file.
    pub fn at(&self) -> (usize, u64) {
        match self.over {
            true => (self.files, 0),
            false => (self.segment, self.place.as_ref().map_or(0, |place| u64::from(place.offset))),
        }
    }

    /// Returns what was found, at most 64 of it.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// Adds something that was found in what the records say.
    pub(crate) fn note(&mut self, flaw: Flaw) {
        if self.flaws.len() < FLAWS_MAX {
            self.flaws.push(flaw);
        }
    }

    /// Looks at the next window of at most `window` bytes, which is at least [`WINDOW_BYTES_MIN`], and
    /// hands on each good record, with its number where that is known. Returns
    /// whether there is more.
    ///
    /// # Errors
    /// The disk.
    pub fn step(
        &mut self,
        window: usize,
        good: &mut impl FnMut(Option<u64>, Record<'_>),
    ) -> Result<bool, DiskError> {
        let reached = self.next.is_some() && self.next == self.until;
        if self.over || reached || self.segment >= self.files {
            return Ok(false);
        }
        let Some(mut place) = self.place.take() else {
            self.begin_segment()?;
            return Ok(true);
        };
        let name = self.name();
        let mut buffer = vec![0; window.max(WINDOW_BYTES_MIN)];
        let read = self.disk.read_at(&name, u64::from(place.offset), &mut buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        let base = place.offset;
        loop {
            if self.next.is_some() && self.next == self.until {
                return Ok(false);
            }
            let rest = bytes.get(in_memory(place.offset - base)..).unwrap_or_default();
            match place.look(rest) {
                Found::Good(length, record) => {
                    good(self.next, record);
                    self.records += 1;
                    self.next = self.next.map(|next| next + 1);
                    place.offset += length;
                    place.at += 1;
                }
                Found::Beyond if place.offset > base => {
                    self.place = Some(place);
                    return Ok(true);
                }
                Found::Bad(Some(behind)) => {
                    self.bad_record();
                    place.offset = behind;
                    place.at += 1;
                    // The table may lead out of this window.
                    self.place = Some(place);
                    return Ok(true);
                }
                Found::Bad(None) | Found::Beyond => {
                    self.search(place)?;
                    return Ok(true);
                }
                Found::End => {
                    self.end_segment(false);
                    return Ok(true);
                }
            }
        }
    }

    fn name(&self) -> String {
        format!("{}/{:08}.seg", self.dir, self.segment)
    }

    /// Reads header and table of the next file.
    fn begin_segment(&mut self) -> Result<(), DiskError> {
        let name = self.name();
        let segment = self.segment;
        let mut header = vec![0; in_memory(HEADER_BYTES)];
        let Some(length) = self.disk.length(&name)? else {
            self.note(Flaw::Header { segment });
            self.end_segment(true);
            return Ok(());
        };
        self.disk.read_at(&name, 0, &mut header)?;
        let said = format::first_of_header(&self.identity, &header);
        match (said, self.next) {
            // How many records the file before had to hold, its successor says.
            (Some(first), known) if self.open_end && known.is_none_or(|known| known <= first) => {
                if let Some(from) = known.filter(|known| *known < first) {
                    let (segment, until) = (segment.saturating_sub(1), Some(first));
                    self.note(Flaw::Records { segment, from, until });
                }
                self.next = Some(first);
            }
            (Some(first), known) if known == Some(first) => {}
            (Some(first), None) => self.next = Some(first),
            _ => self.note(Flaw::Header { segment }),
        }
        self.open_end = false;
        let Some(first) = self.next.or(said) else {
            // Neither this file nor the one before says what is in it.
            self.end_segment(true);
            return Ok(());
        };
        let checker = Checker::new(&self.identity, first);
        let table = self.read_table(&name, length, &checker)?;
        if table.is_none() && segment + 1 < self.files {
            self.note(Flaw::Table { segment });
        }
        self.place = Some(Place { offset: HEADER_BYTES, at: 0, checker, table });
        Ok(())
    }

    fn read_table(
        &self,
        name: &str,
        length: u64,
        checker: &Checker,
    ) -> Result<Option<(Vec<u32>, u32)>, DiskError> {
        let Some(at) = length.checked_sub(u64::from(FOOTER_END_BYTES)) else { return Ok(None) };
        let mut end = vec![0; in_memory(FOOTER_END_BYTES)];
        self.disk.read_at(name, at, &mut end)?;
        let Some(footer) = FooterEnd::read(&end, length) else { return Ok(None) };
        let mut table = vec![0; in_memory(footer.count) * 4];
        let read = self.disk.read_at(name, u64::from(footer.end), &mut table)?;
        let offsets = footer.offsets(table.get(..read).unwrap_or_default(), checker);
        Ok(offsets.map(|offsets| (offsets, footer.end)))
    }

    /// One record, whose end the table knows, is bad.
    fn bad_record(&mut self) {
        let Some(at) = self.next else { return };
        self.next = Some(at + 1);
        let segment = self.segment;
        if let Some(Flaw::Records { segment: last, until: Some(until), .. }) = self.flaws.last_mut()
            && *last == segment
            && *until == at
        {
            *until += 1;
            return;
        }
        self.note(Flaw::Records { segment, from: at, until: Some(at + 1) });
    }

    /// Looks for what follows a place where no good record stands and no table says more.
    fn search(&mut self, mut place: Place) -> Result<(), DiskError> {
        let name = self.name();
        let longest = in_memory(RECORD_HEAD_BYTES) + PAYLOAD_BYTES_MAX;
        let (mut good, mut written) = (None, None);
        // Nearly all damage is short: more is read only where the next record does not stand close behind it.
        for bytes in [WINDOW_BYTES_MIN, SEARCH_BYTES_MAX + longest] {
            let mut rest = vec![0; bytes];
            let read = self.disk.read_at(&name, u64::from(place.offset), &mut rest)?;
            rest.truncate(read);
            self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            good = place.next_good(&rest);
            if good.is_some() {
                break;
            }
            if written.is_none() {
                written = Some(self.written_behind(&name, place.offset)?);
            }
            if read < bytes || written == Some(0) {
                break;
            }
        }
        match (good, self.next) {
            (Some(offset), known) => {
                if let Some(from) = known {
                    self.note(Flaw::Records { segment: self.segment, from, until: None });
                }
                self.next = None;
                place.offset = offset;
                self.place = Some(place);
            }
            (None, _) if self.segment + 1 < self.files => self.end_segment(true),
            (None, _) => {
                if let Some(bytes) = written.filter(|bytes| *bytes > 0 && !self.beside) {
                    self.note(Flaw::Stray { segment: self.segment, bytes });
                }
                self.over = true;
            }
        }
        Ok(())
    }

    /// Returns how many bytes, up to the last that is not zero, stand from `offset` on.
    fn written_behind(&mut self, name: &str, offset: u32) -> Result<u64, DiskError> {
        let mut window = vec![0; WINDOW_BYTES_MIN];
        let (mut at, mut end) = (u64::from(offset), 0);
        loop {
            let read = self.disk.read_at(name, at, &mut window)?;
            let bytes = window.get(..read).unwrap_or_default();
            let read = u64::try_from(read).unwrap_or(u64::MAX);
            let written = u64::try_from(written(bytes)).unwrap_or(u64::MAX);
            if written > 0 {
                end = at.saturating_add(written).saturating_sub(u64::from(offset));
            }
            self.bytes = self.bytes.saturating_add(read);
            at = at.saturating_add(read);
            if read == 0 {
                return Ok(end);
            }
        }
    }

    fn end_segment(&mut self, open_end: bool) {
        self.open_end = open_end;
        self.segment += 1;
        self.place = None;
    }
}

impl Place {
    /// Looks at the record that `rest` should begin with.
    fn look<'a>(&self, rest: &'a [u8]) -> Found<'a> {
        let stop = match &self.table {
            Some((offsets, end)) if self.at < offsets.len() => {
                Some(offsets.get(self.at + 1).copied().unwrap_or(*end))
            }
            Some(_) => return Found::End,
            None => None,
        };
        let head = RecordHead::read(rest);
        let good = head.and_then(|head| head.record(rest, self.offset, &self.checker));
        match (head, good, stop) {
            (Some(head), Some(record), None) => Found::Good(head.record_bytes(), record),
            (Some(head), Some(record), Some(stop))
                if self.offset.checked_add(head.record_bytes()) == Some(stop) =>
            {
                Found::Good(head.record_bytes(), record)
            }
            _ if self.may_be_cut(rest, head, stop) => Found::Beyond,
            (_, _, stop) => Found::Bad(stop.filter(|stop| *stop > self.offset)),
        }
    }

    /// Returns where the next good record stands that is whole in `rest`, which begins at damage.
    ///
    /// Damage most often left the length as it was, so behind that many bytes is looked first: each other place costs
    /// the hash of as many bytes as it claims. A damaged length that leads to a later record hides the good ones
    /// before that one, as damage of unknown length does.
    fn next_good(&self, rest: &[u8]) -> Option<u32> {
        let said = RecordHead::read(rest).map(|head| head.record_bytes());
        // No record begins in the zeros behind all that was written.
        let each = (1..).take(written(rest).saturating_sub(1).min(SEARCH_BYTES_MAX));
        said.into_iter().chain(each).map(|behind| self.offset + behind).find(|offset| {
            let bytes = rest.get(in_memory(offset - self.offset)..).unwrap_or_default();
            RecordHead::read(bytes)
                .is_some_and(|head| head.record(bytes, *offset, &self.checker).is_some())
        })
    }

    /// Returns whether what stands here may be whole and only the window too short for it.
    fn may_be_cut(&self, rest: &[u8], head: Option<RecordHead>, stop: Option<u32>) -> bool {
        let needed = match (stop, head) {
            (Some(stop), _) => stop.saturating_sub(self.offset),
            (None, Some(head)) => head.record_bytes(),
            (None, None) if rest.len() < in_memory(RECORD_HEAD_BYTES) => RECORD_HEAD_BYTES,
            (None, None) => 0,
        };
        rest.len() < in_memory(needed)
    }
}
