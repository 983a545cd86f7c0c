//! The index finds what was noted, and damage to its directory costs nothing but a rebuild.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use proto::hash::Hash;

use super::*;

fn order(number: u8) -> OrderId {
    OrderId(Hash([number; 32]))
}

fn cite(number: u8) -> CiteId {
    CiteId(Hash([number; 32]))
}

fn notes() -> Vec<Note> {
    vec![
        Note::Account { number: 1, leaf: 5 },
        Note::Account { number: 1, leaf: 300 },
        Note::Account { number: 2, leaf: 5 },
        Note::Account { number: 256, leaf: 6 },
        Note::Order { order: order(1), leaf: 5 },
        Note::Order { order: order(2), leaf: 6 },
        Note::Message { peer: cite(1), counter: 7, leaf: 6 },
        Note::Returned { peer: cite(1), counter: 7, reason: 42 },
    ]
}

fn assert_finds(index: &Index) {
    assert_eq!(index.indexed(), 301);
    assert_eq!(index.account(1, 0, 9_999), [5, 300]);
    assert_eq!(index.account(256, 0, 9_999), [6]);
    assert!(index.account(3, 0, 9_999).is_empty());
    assert_eq!(index.orders(&order(1)), [5]);
    assert!(index.orders(&order(3)).is_empty());
    assert_eq!(index.message(&cite(1), 7), Some(6));
    assert_eq!(index.message(&cite(1), 8), None);
    assert_eq!(index.returned(&cite(1), 7), Some(42));
    assert_eq!(index.returned(&cite(2), 7), None);
}

#[test]
fn what_was_noted_is_found_also_after_opening_again() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sled");
    let mut index = Index::open(&path).expect("opened");
    assert_eq!((index.indexed(), index.was_thrown_away()), (0, false));
    index.write(&notes(), 301).expect("noted");
    assert_finds(&index);
    index.flush().expect("written out");
    drop(index);
    let mut index = Index::open(&path).expect("opened");
    assert!(!index.was_thrown_away());
    assert_finds(&index);
    index.begin_anew().expect("begun anew");
    assert_eq!(index.indexed(), 0);
    assert!(index.account(1, 0, 9_999).is_empty());
}

#[test]
fn runs_are_written_out_and_found_together_with_what_is_in_memory() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut index = Index::open(dir.path()).expect("opened");
    let order = |leaf: u64| OrderId(proto::hash::tree_leaf(&leaf.to_be_bytes()));
    let number = |leaf: u64| u32::try_from(leaf % 7).expect("small");
    let len = RUN_LEAVES * 2 + 100;
    for leaf in 0..len {
        let notes = [
            Note::Order { order: order(leaf), leaf },
            Note::Account { number: number(leaf), leaf },
        ];
        index.write(&notes, leaf + 1).expect("noted");
    }
    for leaf in (0..len).step_by(997) {
        assert_eq!(index.orders(&order(leaf)), [leaf]);
    }
    let third: Vec<u64> = (0..len).filter(|leaf| leaf % 7 == 3).collect();
    assert_eq!(index.account(3, 0, 9_999), third);
    // A page begins and ends anywhere: in a row, between two, and in what is in memory.
    for from in [0, 1, 5_000, RUN_LEAVES - 1, RUN_LEAVES, RUN_LEAVES + 1, RUN_LEAVES * 2, len] {
        for most in [0, 1, 256, 5_000] {
            let expected: Vec<u64> =
                third.iter().copied().filter(|leaf| *leaf >= from).take(most).collect();
            assert_eq!(index.account(3, from, most), expected, "{most} from {from}");
        }
    }
    assert_eq!(index.account_last(3), third.last().copied());
    assert_eq!(index.account_last(7), None);
    drop(index);
    let index = Index::open(dir.path()).expect("opened");
    assert_eq!(index.indexed(), RUN_LEAVES * 2, "what was in memory is to be noted again");
    assert_eq!(index.orders(&order(RUN_LEAVES)), [RUN_LEAVES]);
    assert!(index.orders(&order(len - 1)).is_empty());
}

#[test]
fn orders_that_begin_alike_are_all_candidates() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut index = Index::open(dir.path()).expect("opened");
    let mut twin = order(1);
    twin.0.0[31] = 0;
    index.write(&[Note::Order { order: order(1), leaf: 4 }], 5).expect("noted");
    index.flush().expect("written out");
    index.write(&[Note::Order { order: twin, leaf: 9 }], 10).expect("noted");
    assert_eq!(index.orders(&twin), [4, 9]);
}

#[test]
fn a_damaged_directory_is_thrown_away() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sled");
    let mut index = Index::open(&path).expect("opened");
    index.write(&notes(), 301).expect("noted");
    index.flush().expect("written out");
    drop(index);
    std::fs::write(path.join("conf"), b"not what sled wrote").expect("written");
    let mut index = Index::open(&path).expect("opened");
    assert!(index.was_thrown_away());
    assert_eq!(index.indexed(), 0);
    index.write(&notes(), 301).expect("noted again");
    assert_finds(&index);
}

#[test]
fn damage_anywhere_in_the_data_never_passes_for_an_answer_of_the_truth() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sled");
    let mut index = Index::open(&path).expect("opened");
    index.write(&notes(), 301).expect("noted");
    index.flush().expect("written out");
    drop(index);
    let data = std::fs::read(path.join("db")).expect("sled's file");
    let used = data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    for at in (0..used).step_by(used / 40 + 1) {
        let mut damaged = data.clone();
        damaged[at..used].fill(0xff);
        std::fs::write(path.join("db"), &damaged).expect("written");
        let mut index = Index::open(&path).expect("a damaged index is begun anew");
        if index.indexed() < 301 {
            index.write(&notes(), 301).expect("noted again");
        }
        assert_finds(&index);
        drop(index);
        std::fs::remove_dir_all(&path).expect("removed");
        std::fs::create_dir(&path).expect("made");
    }
}

/// sled opens what a power cut left behind, and finds a damaged page when it is asked for it.
#[test]
fn an_index_that_fails_after_it_was_opened_is_thrown_away() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sled");
    for anew in [true, false] {
        let mut index = Index::open(&path).expect("opened");
        index.write(&notes(), 301).expect("noted");
        index.flush().expect("written out");
        assert_eq!(index.noticed::<()>(None), None, "a lookup that sled refused");
        assert_eq!(index.write(&[], 302), Err(IndexError::Failed));
        if anew {
            index.begin_anew().expect("begun anew");
            assert_eq!(index.indexed(), 0);
            index.write(&notes(), 301).expect("noted again");
            assert_finds(&index);
        }
        drop(index);
        // One that nobody begins anew is not there at the next start: it would fail again.
        assert_eq!(Index::open(&path).expect("opened").indexed(), 0);
    }
}
