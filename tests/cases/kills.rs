//! Nodes that are killed (SIGKILL) again and again while people pay inside their cité and across its
//! border, with mirrors connected. Afterwards everything that was acknowledged must be there.
//!
//! `PIRATE_KILLS` is how many kills (12 when nothing is said), `PIRATE_SEED` repeats the moments of a run.
//! A kill takes nothing from the system's memory; what a power cut takes is in `power.rs`.

#![allow(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]

use std::time::Duration;

use harness::{
    chance,
    disk::Chance,
    outage::{Nodes, everything_holds, pay_meanwhile},
    processes::Site,
};

/// Kills in a run, when nothing is said.
const KILLS: u64 = 12;
/// Longest time that a node is left alone before it is killed, in milliseconds: some hundred payments.
const ALONE_MS_MAX: u64 = 400;

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let seed = chance::seed();
    let kills = std::env::var("PIRATE_KILLS")
        .map_or(KILLS, |text| text.parse().expect("PIRATE_KILLS is a number"));
    println!("{}={seed} PIRATE_KILLS={kills}", chance::SEED);
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let sites = ["tisserandes", "mariniers"].map(|slug| Site::found(place.path(), slug));
    let mut nodes = Nodes::new(&sites);
    let mut chance = Chance(seed);
    let seen = pay_meanwhile(&sites, |seen| {
        for kill in 0..kills {
            std::thread::sleep(Duration::from_millis(chance.below(ALONE_MS_MAX)));
            let victim = usize::try_from(chance.below(2)).expect("0 or 1");
            nodes.kill(victim);
            if chance.below(3) == 0 {
                let after = Duration::from_millis(chance.below(300));
                nodes.kill_while_starting(victim, after);
            }
            nodes.start(victim);
            seen.goes_on(victim, &format!("kill {kill} of {seed}"));
        }
    });
    everything_holds(&sites, nodes, &seen);
}
