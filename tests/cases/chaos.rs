//! A short run of everything that may go wrong at once, and a sample of the calls that may fail. The long runs are
//! one command: `cargo run --release -p pirate-tests --bin chaos -- --minutes 5`.
//!
//! `PIRATE_SEED` repeats what was drawn. What a machine lacks the rights or programs for is left out, by name.

#![allow(clippy::print_stdout, reason = "a run says what it did, and how to repeat it")]

use std::{fs, io::Write as _, path::Path, time::Duration};

use harness::{
    chance,
    chaos::{Length, Run, Scene, ground, some_calls},
    rights::{self, Need},
};

/// How long everything goes wrong; checks come on top.
const SHORT: Duration = Duration::from_secs(20);

/// Calls that fail, each in a run of its own, out of some 240.
const SAMPLE: usize = 16;

/// Runs a case on a ground of its own, where whatever it mounts, joins and starts goes with it.
fn on_ground(case: &str, run: impl FnOnce(&Path)) {
    if let Some(place) = ground::place() {
        return run(&place);
    }
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let said = place.path().join("said");
    let words = ["--exact", case, "--nocapture", "--test-threads", "1"];
    let status = ground::again(&words, place.path(), |command| {
        let file = fs::File::create(&said).expect("a temporary directory can be written");
        let errors = file.try_clone().expect("a file can be shared");
        command.stdout(file).stderr(errors);
    });
    let said = fs::read_to_string(&said).expect("it was written");
    assert!(status.success(), "{said}");
    assert!(said.contains("1 passed"), "the case did not run: {said}");
    println!("{said}");
    for line in said.lines().filter(|line| line.starts_with("LEFT OUT")) {
        // Not with a macro: those are kept from whoever runs the tests while a case does not fail.
        writeln!(std::io::stderr(), "{line}").expect("stderr is open");
    }
}

#[test]
fn nothing_is_lost_while_everything_goes_wrong() {
    on_ground("chaos::nothing_is_lost_while_everything_goes_wrong", |place| {
        let length = Length::Time(SHORT);
        Run { seed: chance::seed(), cites: 3, scene: Scene::All, length }.play(place);
    });
}

#[test]
fn any_call_may_fail_from_the_start_to_the_stop() {
    on_ground("chaos::any_call_may_fail_from_the_start_to_the_stop", |place| {
        if let Some(why) = rights::lacking(&[Need::Strace]) {
            println!("LEFT OUT: failing calls ({why})");
            return;
        }
        let seed = chance::seed();
        println!("{}={seed}", chance::SEED);
        some_calls(place, SAMPLE, seed);
    });
}
