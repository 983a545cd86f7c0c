//! What the benchmarks share: a crowd with signed payments, a home on a real disk, and medians.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use harness::people::{House, Person, TODAY};
use ledger::{
    disk::Disk,
    home::{FoundingPlan, Home},
};
use node::home_dir::HomeDir;
use proto::{
    act::{Act, Level},
    entry::RootAct,
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Pay, Statement},
    time::UnixMillis,
};

/// Returns when the logs of the benchmarks begin.
pub(crate) fn begin() -> UnixMillis {
    TODAY.start()
}

/// Returns a disk rooted in a directory.
pub(crate) fn disk(root: &Path) -> Arc<dyn Disk> {
    HomeDir::new(root).look().expect("a writable directory")
}

/// Returns `count` people of a cité.
pub(crate) fn crowd(house: &House, count: usize) -> Vec<Person> {
    (0..count).map(|n| Person::new(&format!("{} crowd {n}", house.slug), house)).collect()
}

/// Founds a cité whose root admits a whole crowd, the first as steward.
pub(crate) fn found(root: &Path, house: &House, crowd: &[Person]) -> Home {
    let acts = (1..)
        .zip(crowd)
        .map(|(seq, person)| {
            let level = if seq == 1 { Level::Steward } else { Level::Member };
            let act = Act::Admit(person.admission(level));
            let payload = RootAct::payload(house.id, seq, &act);
            let threshold = house.founding.founding.root.threshold;
            let signatures = house.root_signatures(threshold, &payload);
            RootAct { cite: house.id, seq, act, signatures }
        })
        .collect();
    let plan = FoundingPlan { signed: house.founding.clone(), acts };
    let index = root.join("index/sled");
    Home::found(disk(root), &index, plan, house.log.clone(), begin()).expect("an empty directory")
}

/// Signed payments round and round a crowd, so that nobody meets a limit.
pub(crate) struct Payments<'a> {
    crowd: &'a [Person],
    lanes: Vec<(u64, OrderId)>,
    next: usize,
}

impl<'a> Payments<'a> {
    /// Returns the payments of a crowd that has only joined.
    pub(crate) fn new(crowd: &'a [Person]) -> Self {
        let lanes = crowd.iter().map(|person| (1, person.join().id())).collect();
        Self { crowd, lanes, next: 0 }
    }

    /// Skips what the steward signed besides.
    pub(crate) fn steward_signed(&mut self, seq: u64, last: OrderId) {
        self.lanes[0] = (seq, last);
    }

    /// Returns who is next, with the number and the order before, and whom that pays.
    pub(crate) fn upcoming(&self) -> (usize, u64, OrderId, usize) {
        let count = self.crowd.len();
        // One round in one direction, the next in the other.
        let back = (self.next / count) % 2 == 1;
        let from = self.next % count;
        let to = if back { (from + count - 1) % count } else { (from + 1) % count };
        let (seq, last) = self.lanes[from];
        (from, seq + 1, last, to)
    }

    /// Returns the next payment's bytes.
    pub(crate) fn sign(&mut self) -> Vec<u8> {
        let (from, seq, last, to) = self.upcoming();
        self.next += 1;
        let payee = Account::Member(self.crowd[to].id);
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        let order = self.crowd[from].order(seq, last, Statement::Pay(pay));
        let signed = order.sign(&self.crowd[from].device);
        self.lanes[from] = (seq, signed.id());
        signed.bytes().to_vec()
    }
}

/// Returns the median of `rounds` times.
pub(crate) fn median(rounds: usize, mut work: impl FnMut() -> Duration) -> Duration {
    let mut times: Vec<Duration> = (0..rounds).map(|_| work()).collect();
    times.sort_unstable();
    times[times.len() / 2]
}

/// Returns how long something takes, and what it gives.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = work();
    (begun.elapsed(), done)
}

/// Returns the bytes of all files below a directory.
pub(crate) fn size_of(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    entries
        .filter_map(Result::ok)
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => size_of(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Says of a figure whether it is as large as its goal.
pub(crate) fn at_least(figure: f64, goal: f64) -> String {
    format!("{figure:.2} (goal at least {goal}: {})", verdict(figure >= goal))
}

/// Says of a figure whether it is as small as its goal.
pub(crate) fn at_most(figure: f64, goal: f64) -> String {
    format!("{figure:.2} (goal at most {goal}: {})", verdict(figure <= goal))
}

const fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}
