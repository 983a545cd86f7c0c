//! The planted bugs fit the sources: each has its place and its tests, and the page says so. Whether they are caught
//! is tried by a command, for that takes a build:
//! `cargo run --release -p pirate-tests --bin planted`.

use std::{collections::BTreeSet, fs};

use harness::{
    planted::{PAGE, PLANTED, Test, all, edited, source_of, table},
    vectors::root,
};

/// How many there are at least.
const BUGS_LEAST: usize = 25;

#[test]
fn every_bug_has_its_place_in_the_sources() {
    if let Err(wrong) = edited() {
        panic!("{}", wrong.join("\n"));
    }
}

#[test]
fn every_bug_has_a_number_a_harm_and_a_question() {
    let (mut numbers, mut names) = (BTreeSet::new(), BTreeSet::new());
    for bug in all() {
        assert!(numbers.insert(bug.number), "{} stands twice", bug.number);
        assert!(names.insert(bug.name), "{} stands twice", bug.name);
        assert!(bug.harm.ends_with('.') && bug.harm.len() > 20, "{}: {}", bug.name, bug.harm);
        assert!(bug.new.contains(PLANTED), "{} is always there", bug.name);
        assert!(!bug.caught_by.is_empty(), "{} is caught by nothing", bug.name);
    }
    assert!(numbers.len() >= BUGS_LEAST, "only {} bugs", numbers.len());
}

#[test]
fn every_test_that_is_named_is_one() {
    for bug in all() {
        for written in bug.caught_by {
            assert!(source_of(Test::of(written)).is_some(), "{}: there is no {written}", bug.name);
        }
    }
    for none in ["cases order", "cases planted::nothing_of_the_kind", "ledger guard::raise"] {
        assert_eq!(source_of(Test::of(none)), None, "{none}");
    }
}

#[test]
fn the_page_has_the_table() {
    let page = root().join(PAGE);
    let text = fs::read_to_string(&page).expect("the page is there");
    let (before, rest) = text.split_once("\n## Bugs\n\n").expect("the page has the bugs");
    let (_, after) = rest.split_once("\n## ").expect("something follows");
    let current = format!("{before}\n## Bugs\n\n{}## {after}", table());
    if std::env::var("PIRATE_BLESS").is_ok_and(|value| value == "1") {
        fs::write(&page, current).expect("the page can be written");
    } else {
        assert!(text == current, "{PAGE} is not that of the table: PIRATE_BLESS=1 writes it anew");
    }
}
