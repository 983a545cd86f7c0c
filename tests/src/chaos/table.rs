//! What a run did, in a table for people. It counts and prints; it judges nothing.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Run,
    plan::{KINDS, Kind},
};

/// Counts and times of a run.
pub(super) struct Table {
    left_out: BTreeMap<Kind, String>,
    counts: BTreeMap<Kind, u64>,
    /// Orders that were acknowledged.
    pub(super) acknowledged: u64,
    converged: Vec<Duration>,
    /// From the first fault to the last.
    pub(super) lasted: Duration,
    /// What it took to check everything.
    pub(super) checked: Duration,
}

impl Table {
    pub(super) const fn new(left_out: BTreeMap<Kind, String>) -> Self {
        Self {
            left_out,
            counts: BTreeMap::new(),
            acknowledged: 0,
            converged: Vec::new(),
            lasted: Duration::ZERO,
            checked: Duration::ZERO,
        }
    }

    /// Says which kinds this machine cannot show, and why.
    pub(super) fn say_left_out(&self) {
        let out = KINDS.iter().filter_map(|(kind, name, _)| Some((name, self.left_out.get(kind)?)));
        let out: Vec<String> = out.map(|(name, why)| format!("{name} ({why})")).collect();
        if !out.is_empty() {
            println!("LEFT OUT: {} of {}: {}", out.len(), KINDS.len(), out.join("; "));
        }
    }

    pub(super) fn count(&mut self, kind: Kind) {
        *self.counts.entry(kind).or_default() += 1;
    }

    /// Returns how many faults there were.
    pub(super) fn faults(&self) -> u64 {
        self.counts.values().sum()
    }

    pub(super) fn converged(&mut self, took: Duration) {
        self.converged.push(took);
    }

    fn of(&self, kinds: &[Kind]) -> u64 {
        kinds.iter().filter_map(|kind| self.counts.get(kind)).sum()
    }

    /// Prints everything. A run that comes here has lost nothing: what is missing fails before.
    pub(super) fn print(&self, run: &Run) {
        println!("\n{:<26} {:>6}", "fault", "times");
        for (kind, name, _) in KINDS {
            match (self.left_out.get(&kind), self.counts.get(&kind)) {
                (Some(why), _) => println!("{name:<26} {:>6}  LEFT OUT: {why}", "-"),
                (None, count) => println!("{name:<26} {:>6}", count.unwrap_or(&0)),
            }
        }
        println!("{:<26} {:>6}", "in all", self.faults());
        let kills = self.of(&[Kind::Kill, Kind::KillStarting]);
        let cuts = self.of(&[Kind::Cut, Kind::SuddenCut, Kind::CutStarting]);
        let longest = self.converged.iter().max().copied().unwrap_or_default();
        println!();
        println!("kinds left out             {:>6} of {}", self.left_out.len(), KINDS.len());
        println!("orders acknowledged        {:>6}", self.acknowledged);
        println!("orders lost                {:>6}", 0);
        println!("kills, power cuts          {kills:>6} {cuts}");
        println!(
            "longest time to converge   {:>6.1} s of {}",
            longest.as_secs_f64(),
            self.converged.len()
        );
        println!("faults and payments        {:>6.1} s", self.lasted.as_secs_f64());
        println!("checks                     {:>6.1} s", self.checked.as_secs_f64());
        println!(
            "again                      cargo run --release -p pirate-tests --bin chaos -- {}",
            run.words()
        );
    }
}
