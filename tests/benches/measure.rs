//! What the benchmarks share: a crowd with signed payments, a home on a real disk, and costs that can be
//! compared.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput};
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
use rustix::time::{ClockId, clock_gettime};

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

/// Time of a piece of work in seconds: by the clock, and of all processors together. On a machine that
/// others use as well only the second says something.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: f64,
    pub(crate) processors: f64,
}

/// How one figure is read off a cost.
pub(crate) type Reading = fn(&Cost) -> f64;

/// Both readings, and how they are called.
pub(crate) const READINGS: [(&str, Reading); 2] =
    [("by the clock", |cost| cost.wall), ("of all processors", |cost| cost.processors)];

impl Cost {
    /// Returns what a piece of work costs.
    pub(crate) fn of(work: impl FnOnce()) -> Self {
        let (begun, used) = (Instant::now(), processor_time());
        work();
        let wall = begun.elapsed().as_secs_f64();
        Self { wall, processors: (processor_time() - used).as_secs_f64() }
    }
}

/// Returns the processor time that this process has used, threads that ended included: those of the run before may end
/// while this one is measured.
fn processor_time() -> Duration {
    let used = clock_gettime(ClockId::ProcessCPUTime);
    used.try_into().expect("a process uses no time before it began")
}

/// Costs of a limit and of our own work, one after the other again and again: what else the machine does meets both.
pub(crate) struct Pairs(Vec<(Cost, Cost)>);

impl Pairs {
    /// Runs both `count` times; whatever they prepare is theirs to leave out.
    pub(crate) fn run(
        count: usize,
        mut limit: impl FnMut() -> Cost,
        mut ours: impl FnMut() -> Cost,
    ) -> Self {
        Self::of((0..count).map(|_| (limit(), ours())))
    }

    /// Takes pairs that were run.
    pub(crate) fn of(pairs: impl Iterator<Item = (Cost, Cost)>) -> Self {
        Self(pairs.collect())
    }

    /// Returns the middle one of the limit's costs.
    pub(crate) fn limit(&self, reading: Reading) -> f64 {
        median(self.0.iter().map(|(limit, _)| reading(limit)).collect())
    }

    /// Returns the middle one of our own costs.
    pub(crate) fn ours(&self, reading: Reading) -> f64 {
        median(self.0.iter().map(|(_, ours)| reading(ours)).collect())
    }

    /// Returns the middle one of the ratios, each within a pair.
    pub(crate) fn ratio(&self, reading: Reading) -> f64 {
        median(self.0.iter().map(|(limit, ours)| reading(limit) / reading(ours)).collect())
    }
}

/// Runs `work` in threads of its own, whose stacks begin at one of `places` places of a page. Where a stack lies within
/// its page is chance (how deep the caller is), and changes the same signatures of the same library by up to a tenth
/// (measured 2026-11-27: an audit costs 55.4 to 60.2 µs an order); so both sides are run at all places.
pub(crate) fn at_place<R: Send>(place: usize, places: usize, work: impl FnOnce() -> R + Send) -> R {
    let frames = place * (PAGE / FRAME) / places;
    let pool = rayon::ThreadPoolBuilder::new()
        .spawn_handler(|thread| {
            std::thread::Builder::new()
                .spawn(move || deeper(frames, &mut Some(|| thread.run())))
                .map(drop)
        })
        .build()
        .expect("threads can be started");
    pool.install(work)
}

/// Bytes of a page, and of a frame of [`deeper`], about.
const PAGE: usize = 4_096;
const FRAME: usize = 256;

#[inline(never)]
fn deeper<R: FnOnce()>(frames: usize, run: &mut Option<R>) {
    let frame = std::hint::black_box([0_u8; FRAME - 64]);
    match frames.checked_sub(1) {
        Some(fewer) => deeper(fewer, run),
        None => {
            if let Some(run) = run.take() {
                run();
            }
        }
    }
    std::hint::black_box(&frame);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Has criterion measure a piece of work that handles `count` things, so that runs can be compared.
pub(crate) fn measure(
    c: &mut Criterion,
    of: &str,
    name: &str,
    count: usize,
    mut work: impl FnMut() -> Cost,
) {
    let mut group = c.benchmark_group(of);
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::try_from(count).expect("few")));
    group.bench_function(name, |bencher| {
        bencher
            .iter_custom(|rounds| (0..rounds).map(|_| Duration::from_secs_f64(work().wall)).sum());
    });
    group.finish();
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
