//! Looking through segments and mending them: closed ones, the open one, whatever of them is damaged.

use std::collections::BTreeMap;

use super::*;
use crate::segments::{Flaw, Scan, WINDOW_BYTES_MIN};

/// Returns what a look through all files finds, and how many good records there are.
fn looked(place: &Place) -> (Vec<Flaw>, u64) {
    let mut scan = Scan::begin(place.disk(), "log", IDENTITY, None).expect("begun");
    while scan.step(WINDOW_BYTES_MIN, &mut |_, _| ()).expect("read") {}
    (scan.flaws().to_vec(), scan.records())
}

/// Mends a file with the true payloads of what is missing; returns what was.
fn mended(log: &mut Segments, segment: usize, in_place: bool) -> Vec<u64> {
    let missing = log.missing(segment).expect("read");
    if let Some((last, rest)) = missing.split_last() {
        let some: BTreeMap<u64, Vec<u8>> =
            rest.iter().map(|leaf| (*leaf, payload(*leaf))).collect();
        assert!(!log.mend(segment, &some, in_place).expect("read"), "{last} is missing");
    }
    let all = missing.iter().map(|leaf| (*leaf, payload(*leaf))).collect();
    assert!(log.mend(segment, &all, in_place).expect("written"));
    missing
}

#[test]
fn whatever_is_damaged_is_found_and_mended() {
    let place = Place::new();
    let len = rolled(&place);
    assert_eq!(looked(&place), (Vec::new(), len));
    let good = place.bytes(0);
    let table = good.len() - 32 - 4 * 50_000;
    let records = |from, until| vec![Flaw::Records { segment: 0, from, until: Some(until) }];
    // Byte, what the look says, which records are to be fetched.
    let rows: [(usize, Vec<Flaw>, &[u64]); 6] = [
        (10, vec![Flaw::Header { segment: 0 }], &[]),
        (72, records(0, 1), &[0]),
        (73, records(0, 1), &[0]),
        (72 + 25, records(1, 2), &[1]),
        (table - 1, records(ROLL - 1, ROLL), &[ROLL - 1]),
        (table + 5, vec![Flaw::Table { segment: 0 }], &[]),
    ];
    for (byte, flaws, fetched) in rows {
        // The file that the guard knows, and any other.
        let in_place = byte % 2 == 0;
        // As a running node has it: opened before the damage.
        let (mut log, _) = place.open().expect("whole");
        let mut bytes = good.clone();
        bytes[byte] ^= 16;
        place.put(0, &bytes);
        assert_eq!(looked(&place).0, flaws, "{byte}");
        assert_eq!(mended(&mut log, 0, in_place), fetched, "{byte}");
        assert_eq!(looked(&place), (Vec::new(), len), "{byte}");
        assert_holds_from(log.reader(), ROLL - 5, len);
        drop(log);
        place.put(0, &good);
    }
}

#[test]
fn a_table_and_a_record_are_damaged_together() {
    let place = Place::new();
    let len = rolled(&place);
    let (mut log, _) = place.open().expect("whole");
    let mut bytes = place.bytes(0);
    let end = bytes.len();
    bytes[end / 2] ^= 1;
    bytes[end - 40] ^= 1;
    place.put(0, &bytes);
    let (flaws, records) = looked(&place);
    assert!(matches!(flaws[..], [Flaw::Table { segment: 0 }, Flaw::Records { segment: 0, .. }]));
    assert_eq!(records, len - 1);
    // Where the others stand, nothing says any more: all behind the damage is fetched.
    assert!(mended(&mut log, 0, false).len() > 1);
    assert_eq!(looked(&place), (Vec::new(), len));
}

#[test]
fn a_file_that_is_gone_or_cut_is_made_again() {
    for keep in [0, 1_000_000] {
        let place = Place::new();
        let len = rolled(&place);
        let (mut log, _) = place.open().expect("whole");
        let bytes = place.bytes(1);
        match keep {
            0 => std::fs::remove_file(place.file(1)).expect("removed"),
            keep => place.put(1, &bytes[..keep]),
        }
        let found = looked(&place).0;
        assert!(!found.is_empty(), "{keep}");
        mended(&mut log, 1, false);
        assert_eq!(looked(&place), (Vec::new(), len));
        append_synced(&mut log, len..len + 3);
        assert_holds_from(log.reader(), ROLL - 1, len + 3);
    }
}

#[test]
fn the_open_segment_is_mended_under_its_writer() {
    for in_place in [false, true] {
        for back in [1, 150, 2_000] {
            let place = Place::new();
            let mut log = place.create();
            append_synced(&mut log, 0..40);
            append_synced(&mut log, 40..60);
            let mut bytes = place.bytes(0);
            let end = bytes.iter().rposition(|byte| *byte != 0).expect("written");
            bytes[end - back] ^= 1;
            place.put(0, &bytes);
            let (flaws, records) = looked(&place);
            assert!(!flaws.is_empty() && records < 60, "{back}");
            assert_eq!(mended(&mut log, 0, in_place).len(), 1, "{back}");
            assert_eq!(looked(&place), (Vec::new(), 60), "{back}");
            append_synced(&mut log, 60..80);
            drop(log);
            assert_holds(place.open().expect("opened").0.reader(), 80);
        }
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    let place = Place::new();
    let mut log = place.create();
    append_synced(&mut log, 0..60);
    let good = place.bytes(0);
    let mut bytes = good.clone();
    bytes[72 + 22] ^= 1;
    place.put(0, &bytes);
    let missing = log.missing(0).expect("read");
    for other in [Vec::new(), payload(30), vec![1; 20_000]] {
        let wrong = missing.iter().map(|leaf| (*leaf, other.clone())).collect();
        assert!(!log.mend(0, &wrong, false).expect("read"));
        assert_eq!(place.bytes(0), bytes);
    }
}
