//! Every call with which a node writes, opens, moves or syncs a file fails once, each in a run of its own: a
//! start, payments, a clean stop. Nothing else goes wrong meanwhile.
//!
//! The tracer counts the calls of each thread for itself, so the n-th call is met once in every thread that comes
//! so far. The log and the guard are written by one thread.

use std::{
    collections::BTreeMap,
    fs,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use proto::{
    desk::{Receipt, Reply, Unavailable},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, SignedOrder, Statement},
};

use crate::{
    disk::Chance,
    processes::{Daemon, Said, Site, Starting, Wallet, files_below, wait_for},
};

/// The calls that may fail.
const CALLS: [&str; 9] = [
    "fdatasync",
    "fsync",
    "pwrite64",
    "write",
    "openat",
    "rename",
    "ftruncate",
    "fallocate",
    "unlink",
];

/// The errors with which each may fail.
const ERRORS: [&str; 2] = ["EIO", "ENOSPC"];

/// Payments of a run.
const PAYMENTS: usize = 8;

/// How long a node that starts to sign, or that looks at its disk, may say neither yes nor no.
const UNDECIDED: Duration = Duration::from_secs(30);

/// A call that fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Failing {
    call: &'static str,
    nth: usize,
    error: &'static str,
}

/// What became of a node one of whose calls failed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Became {
    /// It did not start, and said why.
    NotStarted,
    /// It stopped saying yes.
    SaidNo,
    /// It ended by itself, and said why.
    Ended,
    /// It went on: what failed may be tried again, or is not needed.
    WentOn,
    /// It came to no such call this time.
    Missed,
}

/// Lets each of the first `most` calls of every kind fail, with every error, and says what became of the nodes.
///
/// # Panics
/// When something that was acknowledged is gone, a node panics, or a failed sync is tried again.
pub fn every_call(place: &Path, most: u64) {
    let ground = Ground::new(place);
    ground.play(&ground.points(usize::try_from(most).unwrap_or(usize::MAX)));
}

/// Lets `count` of all calls fail that a seed draws.
///
/// # Panics
/// As [`every_call`].
pub fn some_calls(place: &Path, count: usize, seed: u64) {
    let ground = Ground::new(place);
    let mut points = ground.points(usize::MAX);
    let mut chance = Chance(seed);
    let mut drawn = Vec::new();
    while drawn.len() < count && !points.is_empty() {
        let bound = u64::try_from(points.len()).expect("a list is not that long");
        let at = usize::try_from(chance.below(bound)).expect("it is below a length");
        drawn.push(points.swap_remove(at));
    }
    ground.play(&drawn);
}

/// Where runs take place, one after the other, each in a new directory of the same name.
struct Ground {
    place: PathBuf,
    /// All files that a run without a fault had, for the tracer to look at.
    files: Vec<String>,
    /// The most calls of one thread.
    counts: BTreeMap<&'static str, usize>,
}

/// What a run saw.
struct Ran {
    acknowledged: Vec<(SignedOrder, Receipt)>,
    wallet_no: bool,
    started: bool,
    said: Said,
}

impl Ground {
    /// Plays a run in which nothing fails, to see what there is to fail.
    fn new(place: &Path) -> Self {
        let mut ground =
            Self { place: place.to_owned(), files: Vec::new(), counts: BTreeMap::new() };
        let site = ground.found();
        let node = site.home.node();
        let ran = ground.run(&site, &ground.strace(&["-e", &format!("trace={}", CALLS.join(","))]));
        assert_eq!((ran.said.code, ran.acknowledged.len()), (Some(0), PAYMENTS), "{:?}", ran.said);
        let within = node.display().to_string();
        let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
        let mut named: Vec<String> = files_below(&node);
        for line in ground.calls() {
            let Some((thread, rest)) = line.split_once(' ') else { continue };
            let Some(call) =
                CALLS.iter().find(|call| rest.trim_start().starts_with(&format!("{call}(")))
            else {
                continue;
            };
            // Where a node says that it listens is what this run waits for; it holds nothing else.
            let ours = |part: &&str| part.starts_with(&within) && !part.contains("/node/run");
            let paths = rest.split(['"', '<', '>']).filter(ours);
            let paths: Vec<String> = paths.map(str::to_owned).collect();
            if !paths.is_empty() {
                named.extend(paths);
                *counts.entry((call, thread.to_owned())).or_default() += 1;
            }
        }
        named.retain(|path| !path.contains("/node/run"));
        named.sort();
        named.dedup();
        ground.files = named;
        for ((call, _), count) in counts {
            let most = ground.counts.entry(call).or_default();
            *most = count.max(*most);
        }
        println!("calls of a run without a fault, the most of one thread: {:?}", ground.counts);
        ground
    }

    fn found(&self) -> Site {
        let at = self.place.join("run");
        if at.exists() {
            fs::remove_dir_all(&at).expect("it is ours");
        }
        Site::found(&at, "tisserandes")
    }

    fn points(&self, most: usize) -> Vec<Failing> {
        let of = |(call, count): (&&'static str, &usize)| {
            let call = *call;
            (1..=(*count).min(most))
                .flat_map(move |nth| ERRORS.map(|error| Failing { call, nth, error }))
        };
        self.counts.iter().flat_map(of).collect()
    }

    fn log(&self) -> PathBuf {
        self.place.join("calls")
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read(self.log()).expect("strace wrote it");
        String::from_utf8_lossy(&text).lines().map(str::to_owned).collect()
    }

    /// Returns the words that run a program under strace. The tracer stands aside, so that the node is our child.
    fn strace(&self, words: &[&str]) -> Vec<String> {
        let log = self.log().display().to_string();
        let line = ["strace", "-D", "-f", "-qq", "-y", "-s", "0", "-o", &log];
        line.iter().chain(words).map(|word| (*word).to_owned()).collect()
    }

    fn play(&self, points: &[Failing]) {
        let begun = Instant::now();
        let mut became: BTreeMap<Became, usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        for point in points {
            // Every point is tried, also after one that fails: the message of the panic was printed.
            match panic::catch_unwind(AssertUnwindSafe(|| self.fails(*point))) {
                Ok(end) => *became.entry(end).or_default() += 1,
                Err(_) => wrong.push(*point),
            }
        }
        println!("{} points in {:.0} s: {became:?}", points.len(), begun.elapsed().as_secs_f64());
        assert!(wrong.is_empty(), "{} points fail: {wrong:?}", wrong.len());
        let missed = became.get(&Became::Missed).copied().unwrap_or_default();
        assert!(missed < points.len(), "no call failed at all: {became:?}");
    }

    /// Plays a run in which one call fails, and looks whether everything is there afterwards.
    fn fails(&self, point: Failing) -> Became {
        let Failing { call, nth, error } = point;
        let site = self.found();
        let (trace, inject) =
            (format!("trace={call}"), format!("inject={call}:error={error}:when={nth}"));
        let mut words = vec!["-e", &trace, "-e", &inject];
        words.extend(self.files.iter().flat_map(|file| ["-P", file]));
        let ran = self.run(&site, &self.strace(&words));
        let calls = self.calls();
        let failed = calls.iter().position(|line| line.contains("(INJECTED)"));
        let at = failed.and_then(|at| calls.get(at)).map_or("nothing", String::as_str);
        assert!(ran.said.code.is_some(), "{point:?}: a signal ended it: {:?}", ran.said);
        assert!(!ran.said.err.contains("panicked"), "{point:?} at {at}: {}", ran.said.err);
        if let Some(failed) = failed {
            not_again(point, &calls, failed);
        }
        let became = match (failed, ran.started, ran.wallet_no, ran.said.code) {
            (None, ..) => Became::Missed,
            (_, false, ..) => Became::NotStarted,
            (_, _, true, _) => Became::SaidNo,
            (.., Some(0)) => Became::WentOn,
            _ => Became::Ended,
        };
        if became != Became::WentOn {
            assert!(failed.is_none() || !ran.said.err.is_empty(), "{point:?}: it says nothing");
        }
        println!("{call} {nth} {error}: {became:?}, {} acknowledged; {at}", ran.acknowledged.len());
        let node = Daemon::start(&site.home, &[]);
        for (order, receipt) in &ran.acknowledged {
            let Some(Reply::Recorded(found)) = decided(&site, order) else {
                panic!("{point:?} at {at}: an order is gone")
            };
            assert_eq!((found.leaf, &found.entry), (receipt.leaf, &receipt.entry), "{point:?}");
        }
        let mut wallet = site.wallet(2);
        let paid = pay(&site, &mut wallet);
        assert!(matches!(paid, (_, Some(Reply::Recorded(_)))), "{point:?}: {:?}", paid.1);
        node.kill();
        became
    }

    /// Starts a node, pays, and stops it.
    fn run(&self, site: &Site, under: &[String]) -> Ran {
        let mut ran = Ran {
            acknowledged: Vec::new(),
            wallet_no: false,
            started: false,
            said: Said { code: None, out: String::new(), err: String::new() },
        };
        let node = match Daemon::ready_or_not(Starting::begin_under(under, &site.home, &[])) {
            Ok(node) => node,
            Err(said) => return Ran { said, ..ran },
        };
        ran.started = true;
        let mut wallet = site.wallet(1);
        for _ in 0..PAYMENTS {
            match pay(site, &mut wallet) {
                (order, Some(Reply::Recorded(receipt))) => {
                    assert!(!ran.wallet_no, "a node that had said no says yes");
                    ran.acknowledged.push((order, *receipt));
                }
                (_, Some(Reply::Unavailable(Unavailable::CannotWrite))) => ran.wallet_no = true,
                // It ended by itself; its code and its words say why.
                (_, None) => break,
                (_, Some(other)) => panic!("neither yes nor no: {other:?}: {}", node.said()),
            }
        }
        ran.said = node.stop();
        // The tracer closes its book when the last thread is gone.
        wait_for("the end of a tracer", || self.log().exists().then_some(()));
        ran
    }
}

/// A sync that failed is never tried again at the same file. A file that was not finished is another file the
/// next time: it is written from its first byte, and only a whole one takes its place. The index is a guest's and is
/// not the truth: it is compared with the log at every start.
fn not_again(point: Failing, calls: &[String], failed: usize) {
    if !point.call.contains("sync") {
        return;
    }
    let file = |line: &str| Some(line.split_once('<')?.1.split_once('>')?.0.to_owned());
    let of = calls.get(failed).and_then(|line| file(line)).expect("a sync is of a file");
    if of.ends_with(".new") || of.contains("/node/index") {
        return;
    }
    let again = calls.iter().skip(failed + 1).find(|line| file(line).as_ref() == Some(&of));
    assert_eq!(again, None, "{point:?}");
}

/// Pays a quarter of an hour and returns the order with the reply, or none when nobody is there to reply.
fn pay(site: &Site, wallet: &mut Wallet<'_>) -> (SignedOrder, Option<Reply>) {
    let payee = Account::Member(site.people.first().expect("three people live here").id);
    let pay = Pay { payee, minutes: Minutes(15), request: None };
    let order = wallet.sign(Head::empty(), Statement::Pay(pay));
    let reply = decided(site, &order);
    if matches!(reply, Some(Reply::Recorded(_))) {
        wallet.recorded(&order);
    }
    (order, reply)
}

/// Submits an order until the node says yes or no.
fn decided(site: &Site, order: &SignedOrder) -> Option<Reply> {
    let until = Instant::now() + UNDECIDED;
    loop {
        let reply = site.desk().ok()?.submit(order).ok()?;
        let undecided =
            [Unavailable::Busy, Unavailable::Waking, Unavailable::DiskFull].map(Reply::Unavailable);
        if !undecided.contains(&reply) || Instant::now() > until {
            return Some(reply);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
