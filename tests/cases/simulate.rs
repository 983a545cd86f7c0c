//! A few runs of the simulator: cités whose networks and machines fail as seeds have it. The command
//! `simulate` plays as many as somebody has time for.

use std::sync::Mutex;

use harness::sim::{self, Set};

/// Seeds from 1 on: as many as half a minute of the debug build takes on two cores.
const SEEDS: u64 = 2;

#[test]
fn nothing_false_happens_and_all_comes_to_rest() {
    let failures = Mutex::new(Vec::new());
    let set = Set::play(1, SEEDS, |seed, why| {
        let told = format!("seed {seed}: {why}\n  {}", sim::command(seed));
        failures.lock().expect("nobody panics here").push(told);
    });
    let failures = failures.into_inner().expect("nobody panics here");
    assert_eq!(set.failed(), 0, "{}", failures.join("\n"));
}
