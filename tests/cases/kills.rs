//! Nodes that are killed (SIGKILL) again and again while people pay inside their cité and across its
//! border, with mirrors connected. Afterwards everything that was acknowledged must be there.
//!
//! `PIRATE_KILLS` is how many kills (12 when nothing is said), `PIRATE_SEED` repeats the moments of a run.
//! A kill takes nothing from the system's memory; what a power cut takes is tested on faulty disks in
//! memory.

#![allow(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]
#![allow(clippy::indexing_slicing, reason = "two cités and three people are known by their place")]

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use harness::{
    chance,
    processes::{Daemon, Desk, PATIENCE, Site, Starting, Wallet, clock, free_address, wait_for},
};
use ledger::{
    audit::{self, Anchors, Verdict},
    bundle,
    segments::SegmentsReader,
    tree::{Frontier, verify_inclusion},
};
use node::home_dir::HomeDir;
use proto::{
    act::{Act, MirrorSet, PeerOpen},
    checkpoint::Checkpoint,
    desk::{Call, Query, Receipt, Reply, Unavailable},
    hash::{Hash, tree_leaf},
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Export, Head, Pay, SignedOrder, Statement},
};

/// Kills in a run, when nothing is said.
const KILLS: u64 = 12;

/// What every payment moves: a step of the proposed rules.
const QUARTER: Minutes = Minutes(15);

/// Longest time that a node is left alone before it is killed, in milliseconds: some hundred payments.
const ALONE_MS_MAX: u64 = 400;

/// Refusals that people who pay to and fro may meet: a limit, too many transfers on their way.
const EXPECTED_REFUSALS: [u16; 5] = [25, 26, 41, 42, 43];

/// The refusal of an order that names a head which is not, or no longer, one of this log.
const UNKNOWN_HEAD: u16 = 12;

/// Orders on top of one head: a home knows its last 4,096 seals, and others pay as well.
const HEAD_AGE_MAX: u32 = 200;

/// An order whose receipt was returned.
struct Acknowledged {
    place: usize,
    who: usize,
    order: OrderId,
    receipt: Receipt,
}

/// What those who pay saw.
#[derive(Default)]
struct Seen {
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// Committed heads that a cité told, by its place.
    heads: Mutex<Vec<(usize, Head)>>,
    counts: [AtomicU64; 2],
    over: AtomicBool,
}

impl Seen {
    fn remember(&self, acknowledged: Acknowledged) {
        let place = acknowledged.place;
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner).push(acknowledged);
        self.counts[place].fetch_add(1, Ordering::SeqCst);
    }

    fn count(&self, place: usize) -> u64 {
        self.counts[place].load(Ordering::SeqCst)
    }
}

/// Somebody who pays, and the order whose answer is still out.
struct Payer<'a> {
    site: &'a Site,
    place: usize,
    who: usize,
    wallet: Wallet<'a>,
    /// The newest committed head that the home told.
    head: Head,
    /// Orders that were signed on top of it.
    age: u32,
    desk: Option<Desk<'a>>,
}

impl<'a> Payer<'a> {
    fn new(sites: &'a [Site], place: usize, who: usize) -> Self {
        let site = &sites[place];
        Self { site, place, who, wallet: site.wallet(who), head: Head::empty(), age: 0, desk: None }
    }

    /// Signs an order and sends these very bytes until they are answered: with a receipt, or with a
    /// refusal that may be met. Nodes die meanwhile.
    fn send(&mut self, seen: &Seen, statement: Statement) -> bool {
        self.learn_head(seen);
        let order = self.wallet.sign(self.head, statement);
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_once(&order) {
                Some(Reply::Recorded(receipt)) => {
                    self.wallet.recorded(&order);
                    let (place, who, order) = (self.place, self.who, order.id());
                    seen.remember(Acknowledged { place, who, order, receipt: *receipt });
                    return true;
                }
                Some(Reply::Refused(refused)) => {
                    // A head grows old while mirrors are away: a newer one is asked for.
                    let old = refused.number == UNKNOWN_HEAD;
                    self.age = if old { HEAD_AGE_MAX } else { self.age };
                    let expected = old || EXPECTED_REFUSALS.contains(&refused.number);
                    assert!(expected, "{refused:?}");
                    return false;
                }
                Some(Reply::Unavailable(Unavailable::Busy)) => {}
                Some(other) => panic!("neither receipt nor refusal: {other:?}"),
                None => self.desk = None,
            }
            assert!(Instant::now() < until, "the node of {} never came back", self.site.house.slug);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Asks the home for a committed head while none is known, and from time to time for a newer one. The
    /// answer may be that there is none.
    fn learn_head(&mut self, seen: &Seen) {
        self.age += 1;
        if (self.head == Head::empty() || self.age > HEAD_AGE_MAX)
            && let Ok(mut desk) = self.site.desk()
            && let Ok(Reply::Account(sheet)) = desk.query(self.wallet.person, Query::Account)
        {
            (self.head, self.age) = (sheet.seen, 0);
            let mut heads = seen.heads.lock().unwrap_or_else(PoisonError::into_inner);
            heads.push((self.place, sheet.seen));
        }
    }

    fn try_once(&mut self, order: &SignedOrder) -> Option<Reply> {
        if self.desk.is_none() {
            self.desk = self.site.desk().ok();
        }
        self.desk.as_mut()?.submit(order).ok()
    }
}

/// Pays to and fro until it is over.
fn pay_on(seen: &Seen, payer: &mut Payer<'_>, statement: &Statement) {
    while !seen.over.load(Ordering::SeqCst) {
        if !payer.send(seen, statement.clone()) {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn pay(site: &Site, payee: usize) -> Statement {
    let payee = Account::Member(site.people[payee].id);
    Statement::Pay(Pay { payee, minutes: QUARTER, request: None })
}

fn export(to: &Site, payee: usize) -> Statement {
    let (to, payee) = (to.house.id, to.people[payee].id);
    Statement::Export(Export { to, payee, minutes: QUARTER, request: None })
}

/// Makes two cités allies and each other's mirror.
fn ally(sites: &[Site; 2], stewards: &mut [Payer<'_>; 2], seen: &Seen) {
    for (here, there) in [(0, 1), (1, 0)] {
        let founding = harness::people::founding_bytes(&sites[there].house);
        let line = Minutes(100 * 60);
        let peer = Act::PeerOpen(PeerOpen { founding, line });
        assert!(stewards[here].send(seen, Statement::Act(peer)), "an ally is refused");
        let mirrors = vec![sites[there].house.as_mirror()];
        let mirrors = Act::MirrorSet(MirrorSet { mirrors });
        assert!(stewards[here].send(seen, Statement::Act(mirrors)), "a mirror is refused");
    }
    wait_for("two openings that each side knows of", || {
        let opened =
            |site: &Site| match site.desk().and_then(|mut desk| desk.call(None, Call::Sheet)) {
                Ok(Reply::Sheet(sheet)) => sheet.peers.iter().all(|peer| peer.opened_there),
                _ => false,
            };
        sites.iter().all(opened).then_some(())
    });
}

/// The two nodes and how they are started.
struct Nodes<'a> {
    sites: &'a [Site; 2],
    addresses: [String; 2],
    running: [Option<Daemon>; 2],
}

impl<'a> Nodes<'a> {
    fn new(sites: &'a [Site; 2]) -> Self {
        let addresses = [free_address(), free_address()];
        let mut nodes = Self { sites, addresses, running: [None, None] };
        nodes.start(0);
        nodes.start(1);
        nodes
    }

    fn args(&self, place: usize) -> [String; 4] {
        let other = &self.sites[1 - place];
        let friend = other.invitation(&self.addresses[1 - place]);
        ["--listen".into(), self.addresses[place].clone(), "--bootstrap".into(), friend]
    }

    fn start(&mut self, place: usize) {
        let args = self.args(place);
        let args = args.each_ref().map(String::as_str);
        self.running[place] = Some(Daemon::start(&self.sites[place].home, &args));
    }

    fn kill(&mut self, place: usize) {
        self.running[place].take().expect("it runs").kill();
    }

    /// Starts a node and kills it wherever in its start it is then.
    fn kill_while_starting(&self, place: usize, after: Duration) {
        let args = self.args(place);
        let args = args.each_ref().map(String::as_str);
        let starting = Starting::begin(&self.sites[place].home, &args);
        std::thread::sleep(after);
        starting.kill();
    }

    fn stop(mut self) {
        for node in self.running.iter_mut().filter_map(Option::take) {
            let said = node.stop();
            assert_eq!(said.code, Some(0), "{}", said.err);
        }
    }
}

/// Numbers that a seed gives, one after the other (splitmix64; Steele, Lea, Flood 2014).
struct Moments(u64);

impl Moments {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    let seed = chance::seed();
    let kills = std::env::var("PIRATE_KILLS")
        .map_or(KILLS, |text| text.parse().expect("PIRATE_KILLS is a number"));
    println!("{}={seed} PIRATE_KILLS={kills}", chance::SEED);
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let sites = ["tisserandes", "mariniers"].map(|slug| Site::found(place.path(), slug));
    let seen = Seen::default();
    let mut nodes = Nodes::new(&sites);
    let mut stewards = [0, 1].map(|place| Payer::new(&sites, place, 0));
    ally(&sites, &mut stewards, &seen);
    std::thread::scope(|scope| {
        for (place, payer, payee) in [(0, 1, 2), (0, 2, 1), (1, 1, 2), (1, 2, 1)] {
            let (sites, seen) = (&sites, &seen);
            scope.spawn(move || {
                let mut payer = Payer::new(sites, place, payer);
                pay_on(seen, &mut payer, &pay(&sites[place], payee));
            });
        }
        for (place, steward) in stewards.iter_mut().enumerate() {
            let (sites, seen) = (&sites, &seen);
            scope.spawn(move || pay_on(seen, steward, &export(&sites[1 - place], 0)));
        }
        // Those who pay go on until they are told, also when something here fails.
        let _over = Over(&seen);
        let mut moments = Moments(seed);
        for kill in 0..kills {
            std::thread::sleep(Duration::from_millis(moments.below(ALONE_MS_MAX)));
            let victim = usize::try_from(moments.below(2)).expect("0 or 1");
            nodes.kill(victim);
            if moments.below(3) == 0 {
                let after = Duration::from_millis(moments.below(300));
                nodes.kill_while_starting(victim, after);
            }
            nodes.start(victim);
            let before = [seen.count(0), seen.count(1)];
            wait_for(&format!("payments after kill {kill} of {seed}"), || {
                (seen.count(victim) > before[victim]).then_some(())
            });
        }
    });
    settle(&sites);
    everything_is_there(&sites, &seen);
    nodes.stop();
    checkpoints_agree(&sites, &seen);
    the_audit_agrees(&sites);
}

/// Tells those who pay that it is over, when dropped.
struct Over<'a>(&'a Seen);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}

/// Waits until each cité has taken in all that the other has sent. Acknowledgements may come a day later.
fn settle(sites: &[Site; 2]) {
    let counts = |site: &Site| match site.desk().and_then(|mut desk| desk.call(None, Call::Sheet)) {
        Ok(Reply::Sheet(sheet)) => sheet.peers.first().map(|peer| (peer.sent, peer.received)),
        _ => None,
    };
    wait_for("the last hours to arrive", || {
        let [here, there] = sites.each_ref().map(counts);
        let ((sent, received), (sent_there, received_there)) = (here?, there?);
        (sent == received_there && sent_there == received).then_some(())
    });
}

/// Asks each node about each order that it acknowledged.
fn everything_is_there(sites: &[Site; 2], seen: &Seen) {
    let acknowledged = seen.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    println!("{} orders were acknowledged", acknowledged.len());
    let mut desks = sites.each_ref().map(|site| site.desk().expect("the node runs"));
    for ack in acknowledged.iter() {
        let person = &sites[ack.place].people[ack.who];
        match desks[ack.place].query(person, Query::Order(ack.order)) {
            Ok(Reply::Recorded(receipt)) => {
                assert_eq!((receipt.leaf, &receipt.entry), (ack.receipt.leaf, &ack.receipt.entry));
            }
            other => panic!("{} at leaf {}: {other:?}", ack.order, ack.receipt.leaf),
        }
    }
}

/// Recomputes both trees from the files and compares every checkpoint that anybody was shown.
fn checkpoints_agree(sites: &[Site; 2], seen: &Seen) {
    let acknowledged = seen.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
    for (place, site) in sites.iter().enumerate() {
        let disk = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let log = SegmentsReader::open_found(disk, "log").expect("the log is there");
        let mut tree = Frontier::default();
        let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
        let mut leaves = Vec::new();
        for index in 0..log.len() {
            let leaf = tree_leaf(&log.read(index).expect("the leaf is there"));
            tree.push(leaf);
            leaves.push(leaf);
            roots.insert(tree.size(), tree.root());
        }
        let log_key = site.house.log.public().check().expect("a key of ours");
        let agrees = |checkpoint: &Checkpoint| {
            checkpoint.verify(&log_key).expect("the log key signed it");
            assert_eq!(roots.get(&checkpoint.head.size), Some(&checkpoint.head.root));
        };
        for ack in acknowledged.iter().filter(|ack| ack.place == place) {
            let Receipt { leaf, path, checkpoint, entry, .. } = &ack.receipt;
            agrees(checkpoint);
            let hash = tree_leaf(entry);
            let at = usize::try_from(*leaf).expect("a small log");
            assert_eq!(leaves.get(at), Some(&hash), "leaf {leaf}");
            verify_inclusion(hash, *leaf, checkpoint.head.size, path, checkpoint.head.root)
                .expect("a receipt proves itself");
        }
        let heads = seen.heads.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, head) in heads.iter().filter(|(of, head)| *of == place && head.size > 0) {
            assert_eq!(roots.get(&head.size), Some(&head.root), "a committed head");
        }
        // What the other cité keeps as this one's mirror.
        let other = HomeDir::new(sites[1 - place].home.node());
        let copy = bundle::LogFiles::copy_of(other.look().expect("it is there"), site.house.id)
            .expect("a mirror holds a copy");
        agrees(copy.checkpoint());
    }
}

/// Puts both directories into bundles and audits them together, as a stranger would.
fn the_audit_agrees(sites: &[Site; 2]) {
    let bundles = sites.each_ref().map(|site| {
        let disk = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let files = bundle::LogFiles::own(disk).expect("the log is there");
        let mut bytes = Vec::new();
        files.write(&mut bytes, |_| ()).expect("memory is enough");
        bytes
    });
    let anchors: String = sites.iter().map(|site| format!("cite {}\n", site.house.id)).collect();
    let anchors = Anchors::parse(&anchors).expect("two lines");
    let open = bundles.each_ref().map(|bytes| {
        move || Ok(Box::new(std::io::Cursor::new(bytes.clone())) as Box<dyn std::io::Read + Send>)
    });
    let opens: Vec<&audit::Open<'_>> = open.iter().map(|open| open as _).collect();
    let question = audit::Question { bundles: &opens, anchors: Some(&anchors), strict: false };
    let report = audit::verify(&question, &|_, _| ());
    assert_eq!(report.verdict, Verdict::Witnessed, "{:#?}", report.bundles);
    assert_eq!(report.convictions, []);
    let totals = report.network.expect("both bundles are of one moment");
    assert_eq!((totals.sum.0, totals.outside.0), (0, 0));
    assert!(clock() > report.bundles[0].log.as_ref().expect("it was read").to);
}
