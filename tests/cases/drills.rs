//! Every bad day of the runbook, played with the program as an operator would. The same are one command:
//! `cargo run --release -p pirate-tests --bin drills`.

use std::fs;

use harness::{
    drills::{DRILLS, PAGE, holds},
    planted::{Test, source_of},
    vectors::root,
};

/// What the page says of each day, in this order.
const SAID: [&str; 4] = ["You see", "Do", "It costs", "Drill"];

/// The last heading of the page, which is no day.
const MISSING: &str = "Not there yet";

#[test]
fn every_day_of_the_page_is_a_drill_and_every_drill_a_day_and_a_case() {
    let page = fs::read_to_string(root().join(PAGE)).expect("the page is there");
    let mut days = Vec::new();
    for section in page.split("\n## ").skip(1) {
        let (heading, text) = section.split_once('\n').expect("a heading has a text");
        if heading == MISSING {
            continue;
        }
        let said = |word: &str| {
            let start = format!("- **{word}**: ");
            let line = text.lines().find_map(|line| line.strip_prefix(&start).map(str::to_owned));
            line.unwrap_or_else(|| panic!("{heading}: nothing says {word}"))
        };
        let [.., drill] = SAID.map(said);
        let name = drill.split('`').nth(1).map(str::to_owned);
        days.push(name.unwrap_or_else(|| panic!("{heading}: no drill is named")));
    }
    let drills: Vec<&str> = DRILLS.iter().map(|drill| drill.name).collect();
    assert_eq!(days, drills, "headings of {PAGE}, and drills");
    assert!(page.contains(&format!("\n## {MISSING}\n")), "{PAGE} does not say what is missing");
    for drill in DRILLS {
        let case = format!("cases drills::{}", drill.name.replace('-', "_"));
        assert!(source_of(Test::of(&case)).is_some(), "there is no case {case}");
    }
}

#[test]
fn kill() {
    holds("kill", "drills::kill");
}

#[test]
fn index() {
    holds("index", "drills::index");
}

#[test]
fn damage() {
    holds("damage", "drills::damage");
}

#[test]
fn no_start() {
    holds("no-start", "drills::no_start");
}

#[test]
fn lost_disk() {
    holds("lost-disk", "drills::lost_disk");
}

/// Invariant L9.
#[test]
fn backup() {
    holds("backup", "drills::backup");
}

#[test]
fn clone() {
    holds("clone", "drills::clone");
}

#[test]
fn old_image() {
    holds("old-image", "drills::old_image");
}

#[test]
fn rolled_back() {
    holds("rolled-back", "drills::rolled_back");
}

#[test]
fn keys_stolen() {
    holds("keys-stolen", "drills::keys_stolen");
}

#[test]
fn fork() {
    holds("fork", "drills::fork");
}

#[test]
fn disk_full() {
    holds("disk-full", "drills::disk_full");
}

#[test]
fn disk_fails() {
    holds("disk-fails", "drills::disk_fails");
}

#[test]
fn clock_wrong() {
    holds("clock-wrong", "drills::clock_wrong");
}

#[test]
fn clock_alone() {
    holds("clock-alone", "drills::clock_alone");
}

#[test]
fn ally_away() {
    holds("ally-away", "drills::ally_away");
}

#[test]
fn line_full() {
    holds("line-full", "drills::line_full");
}

#[test]
fn witness_dead() {
    holds("witness-dead", "drills::witness_dead");
}

#[test]
fn complain() {
    holds("complain", "drills::complain");
}

#[test]
fn attack() {
    holds("attack", "drills::attack");
}

#[test]
fn alarm() {
    holds("alarm", "drills::alarm");
}

#[test]
fn stolen() {
    holds("stolen", "drills::stolen");
}

#[test]
fn erase() {
    holds("erase", "drills::erase");
}

#[test]
fn heirs() {
    holds("heirs", "drills::heirs");
}

#[test]
fn close() {
    holds("close", "drills::close");
}

#[test]
fn upgrade() {
    holds("upgrade", "drills::upgrade");
}
