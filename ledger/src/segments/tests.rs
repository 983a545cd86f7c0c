//! Torn tails, damage, rolling, reading beside a writer.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

mod mending;

use std::path::{Path, PathBuf};

use proto::hash::tree_leaf;

use super::*;
use crate::disk::tests::disk;

const IDENTITY: Hash = Hash([7; 32]);

/// Records after which a segment is closed.
const ROLL: u64 = 50_000;

struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    fn disk(&self) -> Arc<dyn Disk> {
        Arc::new(disk(self.dir.path()))
    }

    fn create(&self) -> Segments {
        Segments::create_new(self.disk(), "log", IDENTITY).expect("created")
    }

    fn open(&self) -> Result<(Segments, OpenReport), SegmentsError> {
        Segments::open(self.disk(), "log", IDENTITY)
    }

    fn file(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("log/{number:08}.seg"))
    }

    fn bytes(&self, number: usize) -> Vec<u8> {
        std::fs::read(self.file(number)).expect("the segment is there")
    }

    fn put(&self, number: usize, bytes: &[u8]) {
        std::fs::write(self.file(number), bytes).expect("written");
    }
}

fn payload(index: u64) -> Vec<u8> {
    let length = 1 + usize::try_from(index * 37 % 300).expect("small");
    index.to_le_bytes().into_iter().cycle().take(length).map(|byte| byte ^ 0x5a).collect()
}

fn append(log: &mut Segments, range: std::ops::Range<u64>) {
    let payloads: Vec<Vec<u8>> = range.clone().map(payload).collect();
    let records: Vec<Record<'_>> = payloads.iter().map(|bytes| Record::of(bytes)).collect();
    assert_eq!(log.append(&records).expect("appended"), range.start);
}

fn append_synced(log: &mut Segments, range: std::ops::Range<u64>) {
    append(log, range);
    log.sync().expect("synced");
}

fn assert_holds(log: &SegmentsReader, len: u64) {
    assert_holds_from(log, 0, len);
}

fn assert_holds_from(log: &SegmentsReader, from: u64, len: u64) {
    assert_eq!(log.len(), len);
    let mut records = log.records(from).expect("streamed");
    for index in from..len {
        let (payload, record) = (payload(index), records.next_record().expect("good"));
        let expected = Record { payload: &payload, leaf: tree_leaf(&payload) };
        assert_eq!(record, Some(expected), "{index}");
    }
    assert_eq!(records.next_record().expect("good"), None);
}

#[test]
fn what_was_appended_is_read_back_and_survives_opening() {
    let place = Place::new();
    let mut log = place.create();
    assert!(log.is_empty());
    append(&mut log, 0..10);
    assert!(matches!(log.read_back(0), Err(SegmentsError::NotSynced)));
    log.sync().expect("synced");
    append_synced(&mut log, 10..25);
    let durable = log.read_back(10).expect("read back");
    let expected: Vec<Hash> = (10..25).map(|index| tree_leaf(&payload(index))).collect();
    assert_eq!((durable.from(), durable.len(), durable.leaves()), (10, 25, &*expected));
    drop(log);
    let (mut log, report) = place.open().expect("opened");
    assert_eq!(report, OpenReport { len: 25, cut_bytes: 0 });
    append_synced(&mut log, 25..30);
    assert_holds(log.reader(), 30);
    assert_eq!(log.reader().read(29).expect("read"), payload(29));
    let beyond = log.reader().read(30);
    assert!(matches!(beyond, Err(SegmentsError::OutOfRange { index: 30, len: 30 })));
}

#[test]
fn ranges_end_at_the_count_or_the_bytes() {
    let place = Place::new();
    let mut log = place.create();
    append_synced(&mut log, 0..40);
    let log = log.reader();
    assert_eq!(log.read_range(3, 4, usize::MAX).expect("read").len(), 4);
    let two = payload(3).len() + payload(4).len();
    assert_eq!(log.read_range(3, 9, two).expect("read"), [payload(3), payload(4)]);
    assert_eq!(log.read_range(3, 9, two - 1).expect("read"), [payload(3)]);
    assert_eq!(log.read_range(3, 9, 0).expect("read"), [payload(3)], "always one");
    assert_eq!(log.read_range(38, 9, usize::MAX).expect("read").len(), 2);
    assert!(log.read_range(40, 9, usize::MAX).expect("read").is_empty());
    assert!(log.read_range(41, 9, usize::MAX).is_err());
}

#[test]
fn a_log_has_one_writer_and_is_never_founded_twice() {
    let place = Place::new();
    let log = place.create();
    assert!(matches!(place.open(), Err(SegmentsError::Disk(error))
        if matches!(error.failure, crate::disk::Failure::Held(Some(_)))));
    drop(log);
    let again = Segments::create_new(place.disk(), "log", IDENTITY);
    assert!(matches!(again, Err(SegmentsError::AlreadyThere)));
    let other = Segments::open(place.disk(), "log", Hash([8; 32]));
    assert!(matches!(other, Err(SegmentsError::Foreign { segment: 0 })));
    let nowhere = SegmentsReader::open(place.disk(), "elsewhere", IDENTITY);
    assert!(matches!(nowhere, Err(SegmentsError::NoLog)));
}

#[test]
fn payloads_out_of_bounds_are_refused_before_anything_is_written() {
    let place = Place::new();
    let mut log = place.create();
    let longest = vec![1; PAYLOAD_BYTES_MAX];
    for wrong in [&[][..], &vec![1; PAYLOAD_BYTES_MAX + 1]] {
        let refused = log.append(&[Record::of(&longest), Record::of(wrong)]);
        assert!(matches!(refused, Err(SegmentsError::PayloadLength { .. })));
    }
    assert!(log.is_empty());
    log.append(&[Record::of(&longest)]).expect("just short enough");
    assert_eq!(log.reader().read(0).expect("read"), longest);
}

/// Builds a log of three synced batches and returns its bytes and where its last record begins and
/// ends.
fn three_batches(place: &Place) -> (Vec<u8>, usize, usize) {
    let mut log = place.create();
    append_synced(&mut log, 0..5);
    append_synced(&mut log, 5..6);
    append_synced(&mut log, 6..7);
    let end = usize::try_from(log.log.tail.end).expect("small");
    (place.bytes(0), end - payload(6).len() - 20, end)
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_whether_the_rest_is_missing_or_zero() {
    let place = Place::new();
    let (bytes, last, end) = three_batches(&place);
    for keep in last..end {
        let mut zeroed = bytes.clone();
        zeroed[keep..end].fill(0);
        for torn in [&bytes[..keep], &zeroed] {
            place.put(0, torn);
            let (mut log, report) = place.open().expect("a torn tail is no damage");
            let written = torn[last..].iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            assert_eq!(report.len, 6, "torn after byte {keep}");
            assert_eq!(report.cut_bytes, u64::try_from(written).expect("small"));
            append_synced(&mut log, 6..9);
            drop(log);
            assert_holds(place.open().expect("opened").0.reader(), 9);
        }
    }
}

#[test]
fn a_flipped_bit_in_any_byte_of_the_last_record_cuts_it_and_of_an_earlier_batch_is_damage() {
    let place = Place::new();
    let (bytes, last, end) = three_batches(&place);
    let first = usize::try_from(HEADER_BYTES).expect("small");
    for (at, bit) in (first..end).map(|at| (at, at * 5 % 8)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << bit;
        place.put(0, &flipped);
        match place.open() {
            Ok((_, report)) => assert!(at >= last && report.len == 6, "{at:?}"),
            Err(SegmentsError::Damaged { index }) => assert!(at < last && index < 6, "{at:?}"),
            Err(other) => panic!("{at:?}: {other}"),
        }
        if at < last {
            assert_eq!(place.bytes(0), flipped, "damage is never cut");
        }
    }
}

#[test]
fn any_flipped_bit_of_the_header_is_noticed() {
    let place = Place::new();
    let (bytes, _, _) = three_batches(&place);
    for at in 0..usize::try_from(HEADER_BYTES).expect("small") {
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x10;
        place.put(0, &flipped);
        assert!(matches!(place.open(), Err(SegmentsError::Foreign { segment: 0 })), "{at}");
    }
}

#[test]
fn unsynced_writes_may_land_in_any_order() {
    let place = Place::new();
    let mut log = place.create();
    append_synced(&mut log, 0..4);
    append(&mut log, 4..7);
    append(&mut log, 7..10);
    let offsets = log.log.tail.offsets.clone();
    drop(log);
    let bytes = place.bytes(0);
    let at = |index: usize| usize::try_from(offsets[index]).expect("small");
    for lost in 4..9 {
        let mut torn = bytes.clone();
        torn[at(lost)..at(lost + 1)].fill(0);
        place.put(0, &torn);
        let (log, report) = place.open().expect("nothing synced is missing");
        assert!(report.cut_bytes > 0);
        assert_holds(log.reader(), u64::try_from(lost).expect("small"));
    }
    let mut torn = bytes.clone();
    torn[at(3)..at(4)].fill(0);
    place.put(0, &torn);
    assert!(matches!(place.open(), Err(SegmentsError::Damaged { index: 3 })));
}

#[test]
fn records_in_the_wrong_place_are_no_records() {
    let place = Place::new();
    let mut log = place.create();
    let same = vec![9u8; 50];
    let batch = [Record::of(&same); 3];
    for _ in 0..2 {
        log.append(&batch).expect("appended");
        log.sync().expect("synced");
    }
    drop(log);
    let good = place.bytes(0);
    let record = |index: usize| 72 + 70 * index..72 + 70 * (index + 1);
    for (from, to) in [(0, 1), (2, 1), (1, 0)] {
        let mut moved = good.clone();
        moved.copy_within(record(from), record(to).start);
        place.put(0, &moved);
        let index = u64::try_from(to).expect("small");
        assert!(
            matches!(place.open(), Err(SegmentsError::Damaged { index: found }) if found == index)
        );
    }
}

/// Rolls twice by number of records.
fn rolled(place: &Place) -> u64 {
    assert_eq!(usize::try_from(ROLL).expect("small"), SEGMENT_RECORDS_MAX);
    let len = 2 * ROLL + 5;
    let mut log = place.create();
    append_synced(&mut log, 0..3);
    append_synced(&mut log, 3..len);
    len
}

#[test]
fn segments_roll_and_are_read_across() {
    let place = Place::new();
    let len = rolled(&place);
    let (mut log, report) = place.open().expect("opened");
    assert_eq!(report, OpenReport { len, cut_bytes: 0 });
    assert_holds(log.reader(), len);
    for index in [0, ROLL - 1, ROLL, ROLL + 1, 2 * ROLL - 1, 2 * ROLL, len - 1] {
        assert_eq!(log.reader().read(index).expect("read"), payload(index), "{index}");
    }
    let across = log.reader().read_range(ROLL - 2, 4, usize::MAX).expect("read");
    assert_eq!(across, [ROLL - 2, ROLL - 1, ROLL, ROLL + 1].map(payload));
    append_synced(&mut log, len..len + 2);
    assert_holds(log.reader(), len + 2);
}

#[test]
fn a_crash_while_rolling_loses_nothing() {
    let place = Place::new();
    rolled(&place);
    std::fs::remove_file(place.file(2)).expect("the next segment was not begun");
    let closed = place.bytes(1);
    let footer = 4 * SEGMENT_RECORDS_MAX + 32;
    for kept in [0, 1, 4, 5, 4_095, footer - 33, footer - 1, footer] {
        std::fs::remove_file(place.file(2)).ok();
        place.put(1, &closed[..closed.len() - footer + kept]);
        let reader = SegmentsReader::open(place.disk(), "log", IDENTITY).expect("read");
        assert_eq!(reader.len(), 2 * ROLL, "{kept}");
        let (mut log, report) = place.open().expect("opened");
        assert_eq!(report.len, 2 * ROLL, "{kept}");
        append_synced(&mut log, 2 * ROLL..2 * ROLL + 3);
        assert_holds_from(log.reader(), 2 * ROLL - 3, 2 * ROLL + 3);
    }
}

#[test]
fn damage_in_a_closed_segment_is_found_at_its_record() {
    let place = Place::new();
    rolled(&place);
    let good = place.bytes(0);
    let mut flipped = good.clone();
    flipped[72 + 30] ^= 1;
    place.put(0, &flipped);
    let (log, _) = place.open().expect("closed segments are checked when read");
    let read = |index| log.reader().read(index);
    let damaged = |index| matches!(read(index), Err(SegmentsError::Damaged { index: found }) if found == index);
    assert_eq!((0..10).filter(|index| damaged(*index)).count(), 1);
    assert_eq!(read(10).expect("read"), payload(10));
    drop(log);
    let mut flipped = good.clone();
    let table = flipped.len() - 40;
    flipped[table] ^= 1;
    place.put(0, &flipped);
    assert!(matches!(place.open(), Err(SegmentsError::Damaged { index: 0 })));
    place.put(0, &good[..good.len() - 1]);
    assert!(matches!(place.open(), Err(SegmentsError::Damaged { index: 0 })));
}

#[test]
fn swapped_segments_are_noticed() {
    let place = Place::new();
    rolled(&place);
    let (first, second) = (place.bytes(0), place.bytes(1));
    place.put(0, &second);
    place.put(1, &first);
    assert!(matches!(place.open(), Err(SegmentsError::Damaged { index: 0 })));
}

#[test]
fn a_fresh_log_can_be_cut_to_any_length_and_an_extended_one_not() {
    let place = Place::new();
    rolled(&place);
    for len in [2 * ROLL + 3, 2 * ROLL, 2 * ROLL - 1, ROLL, ROLL - 1, 0] {
        let (mut log, _) = place.open().expect("opened");
        log.truncate_to(len).expect("cut");
        assert_holds_from(log.reader(), len.saturating_sub(5), len);
        append_synced(&mut log, len..len + 3);
        assert!(matches!(log.truncate_to(len), Err(SegmentsError::CutTooLate)));
        drop(log);
        assert_holds_from(place.open().expect("opened").0.reader(), len, len + 3);
    }
}

#[test]
fn a_reader_follows_a_writer_without_its_lock() {
    let place = Place::new();
    let mut log = place.create();
    append_synced(&mut log, 0..3);
    let mut reader = SegmentsReader::open(place.disk(), "log", IDENTITY).expect("opened");
    assert_holds(&reader, 3);
    append(&mut log, 3..ROLL + 50);
    assert_holds(&reader, 3);
    reader.refresh().expect("refreshed");
    assert_holds(&reader, ROLL + 50);
    append(&mut log, ROLL + 50..ROLL + 60);
    reader.refresh().expect("refreshed");
    assert_holds(&reader, ROLL + 60);
}

#[test]
fn a_small_log_stays_small() {
    let place = Place::new();
    append_synced(&mut place.create(), 0..10);
    let total: u64 = std::fs::read_dir(place.dir.path().join("log"))
        .expect("listed")
        .map(|file| file.and_then(|file| file.metadata()).expect("there").len())
        .sum();
    assert!(total < 300 * 1024, "{total}");
    assert!(Path::new(&place.file(0)).exists());
}
