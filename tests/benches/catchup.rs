//! How fast a node that starts empty catches up with a long log over loopback, against the offline audit
//! of the same log in the same run, and how much memory that takes it.
//!
//! `cargo bench -p pirate-tests --bench catchup`; `PIRATE_BENCH_ENTRIES` (1,000,000 by default) and
//! `PIRATE_BENCH_ACCOUNTS` (1,000 by default) set the size of the log.

#![allow(clippy::print_stdout, reason = "the figures are what this program is for")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop")]

mod measure;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::Path,
    process::{Child, Command},
    str::FromStr as _,
    time::{Duration, Instant},
};

use harness::people::{self, House, Person, TODAY, founding_bytes};
use ledger::{
    audit::{self, Question, Verdict},
    bundle::LogFiles,
    home::Home,
};
use measure::{Payments, at_least, at_most, crowd, found, timed};
use node::{
    client::{Client, Reach},
    config::Config,
    home_dir::HomeDir,
    keyfile::Keys,
    network::Address,
    run::{RunOptions, run},
};
use proto::{
    act::{Act, MirrorSet, PeerOpen},
    desk::{Call, Frame, Operator, Reply},
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Head, Order, Pay, SignedOrder, Statement},
};
use tempfile::TempDir;

/// Ports of the two nodes on loopback.
const PORTS: [u16; 2] = [27_890, 27_891];

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.iter().position(|arg| arg == "--node") {
        Some(at) => node(Path::new(&args[at + 1]), &args[at + 2]),
        None => measure_catch_up(),
    }
}

/// A node in a process of its own, so that its memory can be told.
fn node(root: &Path, which: &str) {
    let own: usize = which.parse().expect("0 or 1");
    let houses = [people::mariniers(), people::ruchers()];
    let address = |n: usize| Address::from_str(&format!("127.0.0.1:{}", PORTS[n])).expect("valid");
    let other = 1 - own;
    let home = HomeDir::new(root);
    let options = RunOptions {
        socket: home.socket(),
        config: Config {
            listen: vec![address(own)],
            peers: vec![(houses[other].network_key.public(), vec![address(other)])],
            ..Config::default()
        },
        home,
        version: "bench",
        scaled_clock: false,
        notices: Box::new(|_| ()),
    };
    run(options).expect("the node runs until it is killed");
}

fn measure_catch_up() {
    let size = |name: &str, usual: usize| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let entries = size("PIRATE_BENCH_ENTRIES", 1_000_000);
    let accounts = size("PIRATE_BENCH_ACCOUNTS", 1_000);
    let houses = [people::mariniers(), people::ruchers()];
    let dirs = [TempDir::new().expect("a directory"), TempDir::new().expect("a directory")];
    let next = prepare(dirs[0].path(), &houses[0], &houses[1], accounts, entries);
    prepare(dirs[1].path(), &houses[1], &houses[0], 2, 0);
    let (limit, leaves) = audited(dirs[0].path());

    let mut nodes: Vec<Node> = (0..2).map(|n| Node::start(dirs[n].path(), n, &houses[n])).collect();
    let begun = Instant::now();
    while nodes[1].mirrored() < leaves {
        assert!(begun.elapsed() < Duration::from_secs(1_800), "the mirror does not catch up");
        std::thread::sleep(Duration::from_millis(20));
    }
    let taken = begun.elapsed();
    let rate = |time: Duration| leaves as f64 / time.as_secs_f64();
    println!(
        "(d) catch-up: {leaves} entries of {accounts} accounts; offline {:.0}, over loopback {:.0} entries a second; ratio {}",
        rate(limit),
        rate(taken),
        at_least(limit.as_secs_f64() / taken.as_secs_f64(), 0.5)
    );
    let peak = nodes[1].peak_mib();
    println!("(d) peak memory of the node that caught up, in MiB: {}", at_most(peak, 128.0));
    start_again(&mut nodes[0], dirs[0].path(), &houses[0], next);
}

/// A payment that is next, to be signed on top of a committed head.
struct Next {
    payer: Person,
    seq: u64,
    last: OrderId,
    payee: Account,
}

impl Next {
    fn sign(self, seen: Head) -> Vec<u8> {
        let pay = Pay { payee: self.payee, minutes: Minutes(15), request: None };
        let order = self.payer.order(self.seq, self.last, Statement::Pay(pay));
        Order { seen, ..order }.sign(&self.payer.device).bytes().to_vec()
    }
}

/// Founds a cité, opens an account for the other and makes it the mirror; then plays payments. Returns
/// the one that is next.
fn prepare(root: &Path, house: &House, other: &House, accounts: usize, entries: usize) -> Next {
    let crowd = crowd(house, accounts);
    std::fs::create_dir_all(root.join("keys")).expect("a directory");
    keys(house).create(&HomeDir::new(root).keys()).expect("the folder is empty");
    let mut home = found(root, house, &crowd);
    let open = PeerOpen { founding: founding_bytes(other), line: Minutes(6_000) };
    let mirrors = MirrorSet { mirrors: vec![other.as_mirror()] };
    let (mut seq, mut last) = (1, crowd[0].join().id());
    for act in [Act::PeerOpen(open), Act::MirrorSet(mirrors)] {
        (seq, last) = sign(&mut home, &crowd[0], seq, last, act);
    }
    let mut payments = Payments::new(&crowd);
    payments.steward_signed(seq, last);
    for _ in 0..entries {
        let order = SignedOrder::decode(&payments.sign()).expect("well-formed");
        home.submit(TODAY.start(), order).expect("the rules accept it");
        if home.is_full() {
            home.commit(TODAY.start()).expect("the disk works");
        }
    }
    home.commit(TODAY.start()).expect("the disk works");
    home.snapshot().expect("the disk works");
    let dir = HomeDir::new(root);
    let disk = dir.look().expect("the directory is there");
    dir.settle(disk.as_ref(), &house.id).expect("the disk works");
    let (payer, seq, last, payee) = payments.upcoming();
    let payee = Account::Member(crowd[payee].id);
    Next { payer: crowd.into_iter().nth(payer).expect("one of them"), seq, last, payee }
}

/// (e) Kills the home and starts its process again, mirror and all, until it accepts an order.
fn start_again(node: &mut Node, root: &Path, house: &House, next: Next) {
    let frame = Frame { home: None, call: Call::Sheet };
    // Anew: the node hangs up on whoever asks nothing for long.
    let reach = Reach::Socket(HomeDir::new(root).socket());
    let mut client = Client::connect(&reach, Duration::from_secs(60)).expect("the node runs");
    let Ok(Reply::Sheet(sheet)) = client.call(&frame) else { panic!("no sheet") };
    let order = next.sign(sheet.committed);
    node.child.kill().expect("it runs");
    node.child.wait().expect("it stops");
    let (taken, ()) = timed(|| {
        *node = Node::start(root, 0, house);
        let call = Call::Submit { order: order.into(), body: None };
        let frame = Frame { home: None, call };
        // It is busy until its mirror has answered and a clock besides its own is known.
        for _ in 0..10_000 {
            match node.client.call(&frame) {
                Ok(Reply::Recorded(_)) => return,
                Ok(Reply::Unavailable(_)) => std::thread::sleep(Duration::from_millis(1)),
                other => panic!("{other:?}"),
            }
        }
        panic!("the node never takes an order");
    });
    println!(
        "(e) start of the node after a kill, its mirror asked: seconds to the first accepted order {}",
        at_most(taken.as_secs_f64(), 1.0)
    );
}

fn sign(home: &mut Home, steward: &Person, seq: u64, last: OrderId, act: Act) -> (u64, OrderId) {
    let order = steward.order(seq + 1, last, Statement::Act(act)).sign(&steward.device);
    let id = order.id();
    home.submit(TODAY.start(), order).expect("the rules accept it");
    home.commit(TODAY.start()).expect("the disk works");
    (seq + 1, id)
}

/// Writes the log into a bundle and audits that; returns the time of the audit and the number of leaves.
fn audited(root: &Path) -> (Duration, u64) {
    let copy = TempDir::new().expect("a directory");
    let path = copy.path().join("bundle");
    let log = LogFiles::own(measure::disk(root)).expect("the log is good");
    log.write(BufWriter::new(File::create(&path).expect("room")), |_| ()).expect("room");
    let open = || -> io::Result<Box<dyn io::Read + Send>> { Ok(Box::new(File::open(&path)?)) };
    let question = Question { bundles: &[&open], proofs: &[], anchors: None, strict: false };
    let (taken, report) = timed(|| audit::verify(&question, &|_, _| ()));
    assert_eq!(report.verdict, Verdict::Unanchored);
    (taken, log.checkpoint().head.size)
}

fn keys(house: &House) -> Keys {
    Keys {
        log: house.log.clone(),
        mirror: house.mirror.clone(),
        card: house.card.clone(),
        network: house.network_key.clone(),
    }
}

struct Node {
    child: Child,
    client: Client,
}

impl Node {
    fn start(root: &Path, which: usize, house: &House) -> Self {
        let program = std::env::current_exe().expect("this program");
        let child = Command::new(program)
            .arg("--node")
            .arg(root)
            .arg(which.to_string())
            .spawn()
            .expect("a process");
        let reach = Reach::Socket(HomeDir::new(root).socket());
        let begun = Instant::now();
        loop {
            match Client::connect(&reach, Duration::from_secs(60)) {
                Ok(client) => return Self { child, client },
                Err(error) => {
                    assert!(begun.elapsed() < Duration::from_secs(60), "{}: {error}", house.slug);
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }

    fn mirrored(&mut self) -> u64 {
        let frame = Frame { home: None, call: Call::Operator(Operator::Status) };
        match self.client.call(&frame) {
            Ok(Reply::Status(status)) => {
                status.mirrored.iter().map(|log| log.size).max().unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// Returns the peak of its resident memory (VmHWM) in MiB.
    fn peak_mib(&self) -> f64 {
        let status = format!("/proc/{}/status", self.child.id());
        let text = std::fs::read_to_string(status).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN)
            / 1_024.0
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
