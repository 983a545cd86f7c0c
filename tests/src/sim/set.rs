//! A set of runs, as many at a time as the machine has cores, and what came of all of them.

use std::{
    fmt,
    num::NonZero,
    process::Command,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use proto::keys::memo;

use super::{Reached, play_twice};

/// One seed in so many is played with real signatures throughout.
const REAL: u64 = 20;

/// What came of a set of runs.
#[derive(Default)]
pub struct Set {
    runs: u64,
    failed: u64,
    reached: Reached,
    lasted_ms: u64,
    settled_ms: u64,
    acknowledged: u64,
    inputs: u64,
}

impl Set {
    /// Plays the runs of `count` seeds from one on, each twice. Every failure is told at once. Those whose seed is a
    /// multiple of [`REAL`] verify every signature at every node; the others each signature once.
    pub fn play(from: u64, count: u64, tell: impl Fn(u64, &str) + Sync) -> Self {
        let set = Mutex::new(Self::default());
        for real in [true, false] {
            memo::set(!real);
            let seeds =
                (from..from.saturating_add(count)).filter(|seed| (seed % REAL == 0) == real);
            Self::play_all(&seeds.collect::<Vec<_>>(), &set, &tell);
        }
        memo::set(false);
        set.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn play_all(seeds: &[u64], set: &Mutex<Self>, tell: &(impl Fn(u64, &str) + Sync)) {
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        thread::scope(|scope| {
            for _ in 0..workers.min(seeds.len()) {
                scope.spawn(|| {
                    while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let seed = *seed;
                        let outcome = play_twice(seed);
                        let mut set = set.lock().unwrap_or_else(PoisonError::into_inner);
                        set.runs += 1;
                        match outcome {
                            Ok(outcome) => {
                                set.reached.add(&outcome.reached);
                                set.lasted_ms += outcome.lasted_ms;
                                set.settled_ms = set.settled_ms.max(outcome.settled_ms);
                                set.acknowledged += outcome.acknowledged;
                                set.inputs += outcome.inputs;
                            }
                            Err(why) => {
                                set.failed += 1;
                                tell(seed, &why);
                            }
                        }
                    }
                });
            }
        });
    }

    /// Returns how many runs failed.
    pub const fn failed(&self) -> u64 {
        self.failed
    }

    /// Returns the rare states that no run reached.
    pub fn missing(&self) -> Vec<&'static str> {
        self.reached.missing()
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, count) in self.reached.counts() {
            writeln!(f, "{count:>9}  {what}")?;
        }
        for what in self.missing() {
            writeln!(f, "never reached: {what}")?;
        }
        let hours = self.lasted_ms / 3_600_000;
        writeln!(f, "{} runs, each twice; {} failed", self.runs, self.failed)?;
        writeln!(
            f,
            "{hours} h of virtual time, {} orders acknowledged, {} inputs, at rest after {} s at most",
            self.acknowledged,
            self.inputs,
            self.settled_ms / 1_000
        )
    }
}

/// Returns the command that plays a run again, with the commit that it belongs to.
pub fn command(seed: u64) -> String {
    let git = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    let commit = git.ok().filter(|git| git.status.success());
    let commit = commit.map_or_else(
        || "unknown".to_owned(),
        |git| String::from_utf8_lossy(&git.stdout).trim().to_owned(),
    );
    format!(
        "at commit {commit}: cargo run --release -p pirate-tests --bin simulate -- --seed {seed}"
    )
}
