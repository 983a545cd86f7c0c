//! People who pay inside their cités and across their borders while somebody cuts their nodes off, by whatever
//! means. What they were told is remembered, to be compared with what is there afterwards.

#![allow(
    clippy::indexing_slicing,
    reason = "cités and their three people are known by their place"
)]

mod checks;
mod nodes;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use proto::{
    act::{Act, MirrorSet, PeerOpen},
    checkpoint::Checkpoint,
    desk::{Call, Query, Receipt, Reply, Unavailable},
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Export, Head, Pay, SignedOrder, Statement},
};

use crate::processes::{Desk, PATIENCE, Site, Wallet, wait_for};
pub use checks::{arrived, everything_holds, sheet};
pub use nodes::{Nodes, Place};

/// The place of the steward among the people of a cité.
const STEWARD: usize = 0;

/// The most that a cité may owe another.
const LINE: Minutes = Minutes(100 * 60);

/// What every payment moves: a step of the proposed rules.
const QUARTER: Minutes = Minutes(15);

/// Refusals that people who pay to and fro may meet: a limit, too many transfers on their way.
const EXPECTED_REFUSALS: [u16; 5] = [25, 26, 41, 42, 43];

/// Why a node may say neither yes nor no for a while.
const PASSING: [Unavailable; 5] = [
    Unavailable::Busy,
    Unavailable::Waking,
    Unavailable::CannotWrite,
    Unavailable::DiskFull,
    Unavailable::Clock,
];

/// The refusal of an order that names a head which is not, or no longer, one of this log.
const UNKNOWN_HEAD: u16 = 12;

/// Pause of a payer after each order: nine at once fill no disk of a run within an hour, and keep every node busy.
const PAUSE: Duration = Duration::from_millis(10);

/// Pause between two looks at what a cité shows.
const WATCH: Duration = Duration::from_millis(100);

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
pub struct Seen {
    acknowledged: Mutex<Vec<Acknowledged>>,
    /// Committed heads that a cité told, by its place.
    heads: Mutex<Vec<(usize, Head)>>,
    /// Checkpoints that a cité showed anybody, by its place and their size.
    shown: Mutex<BTreeMap<(usize, u64), Checkpoint>>,
    counts: Vec<AtomicU64>,
    over: AtomicBool,
}

impl Seen {
    fn of(cites: usize) -> Self {
        Self {
            acknowledged: Mutex::default(),
            heads: Mutex::default(),
            shown: Mutex::default(),
            counts: (0..cites).map(|_| AtomicU64::new(0)).collect(),
            over: AtomicBool::new(false),
        }
    }

    fn remember(&self, acknowledged: Acknowledged) {
        let place = acknowledged.place;
        self.acknowledged().push(acknowledged);
        self.counts[place].fetch_add(1, Ordering::SeqCst);
    }

    /// Waits until a cité acknowledges orders that were sent to it from now on.
    ///
    /// # Panics
    /// When it does not.
    pub fn goes_on(&self, place: usize, after: &str) {
        let before = self.count(place);
        wait_for(&format!("payments after {after}"), || (self.count(place) > before).then_some(()));
    }

    /// Returns the last leaf that a cité has acknowledged so far, if any.
    pub fn last_leaf(&self, place: usize) -> Option<u64> {
        let acknowledged = self.acknowledged();
        acknowledged.iter().filter(|ack| ack.place == place).map(|ack| ack.receipt.leaf).max()
    }

    /// Remembers a committed head that a cité told.
    fn told(&self, place: usize, head: Head) {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).push((place, head));
    }

    /// Remembers a checkpoint that a cité showed.
    ///
    /// # Panics
    /// When it showed another of this size before.
    fn showed(&self, place: usize, checkpoint: Checkpoint) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let root = checkpoint.head.root;
        let first = shown.entry((place, checkpoint.head.size)).or_insert(checkpoint);
        assert_eq!(first.head.root, root, "cité {place}, size {}", first.head.size);
    }

    /// Looks at what a cité shows anybody, until it is over.
    fn watch(&self, site: &Site, place: usize) {
        while !self.over.load(Ordering::SeqCst) {
            if let Some(sheet) = checks::sheet(site) {
                self.showed(place, sheet.checkpoint);
                if let Some(certificate) = sheet.certificate {
                    self.showed(place, certificate.checkpoint);
                }
                self.told(place, sheet.committed);
            }
            std::thread::sleep(WATCH);
        }
    }

    fn acknowledged(&self) -> MutexGuard<'_, Vec<Acknowledged>> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how many orders a cité has acknowledged so far.
    pub fn count(&self, place: usize) -> u64 {
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
                    let (id, seq) = (order.id(), order.order().seq);
                    assert!(expected, "{refused:?} to order {seq} {id}, signed on {:?}", self.head);
                    return false;
                }
                // A disk that was cut off under a node is a disk that failed. Whoever waits long enough
                // finds it whole again, with room, and with a clock that is right.
                Some(Reply::Unavailable(why)) if PASSING.contains(&why) => {}
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
            seen.told(self.place, sheet.seen);
        }
    }

    fn try_once(&mut self, order: &SignedOrder) -> Option<Reply> {
        if self.desk.is_none() {
            self.desk = self.site.desk().ok();
        }
        self.desk.as_mut()?.submit(order).ok()
    }
}

/// Allies all cités, lets all their people pay to and fro while `happens`, and returns what they saw.
///
/// # Panics
/// When somebody is answered what may not be answered.
pub fn pay_meanwhile(sites: &[Site], happens: impl FnOnce(&Seen)) -> Seen {
    let seen = Seen::of(sites.len());
    let places = 0..sites.len();
    let mut stewards: Vec<_> =
        places.clone().map(|place| Payer::new(sites, place, STEWARD)).collect();
    ally(sites, &mut stewards, &seen);
    std::thread::scope(|scope| {
        let seen = &seen;
        for place in places {
            for (payer, payee) in [(1, 2), (2, 1)] {
                scope.spawn(move || {
                    let mut payer = Payer::new(sites, place, payer);
                    pay_on(seen, &mut payer, &[pay(&sites[place], payee)]);
                });
            }
        }
        for (place, site) in sites.iter().enumerate() {
            scope.spawn(move || seen.watch(site, place));
        }
        for (place, steward) in stewards.iter_mut().enumerate() {
            let others: Vec<Statement> =
                others(sites, place).map(|other| export(other, STEWARD)).collect();
            scope.spawn(move || pay_on(seen, steward, &others));
        }
        let _over = Over(seen);
        happens(seen);
    });
    seen
}

/// Returns all cités but one.
fn others(sites: &[Site], place: usize) -> impl Iterator<Item = &Site> {
    sites.iter().enumerate().filter(move |(at, _)| *at != place).map(|(_, site)| site)
}

/// Pays in turn, until it is over.
fn pay_on(seen: &Seen, payer: &mut Payer<'_>, statements: &[Statement]) {
    for statement in statements.iter().cycle() {
        if seen.over.load(Ordering::SeqCst) {
            return;
        }
        payer.send(seen, statement.clone());
        std::thread::sleep(PAUSE);
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

/// Makes all cités allies, and each the mirror of all others.
fn ally(sites: &[Site], stewards: &mut [Payer<'_>], seen: &Seen) {
    for (here, steward) in stewards.iter_mut().enumerate() {
        for other in others(sites, here) {
            let founding = crate::people::founding_bytes(&other.house);
            let peer = Act::PeerOpen(PeerOpen { founding, line: LINE });
            assert!(steward.send(seen, Statement::Act(peer)), "an ally is refused");
        }
        let mut mirrors: Vec<_> =
            others(sites, here).map(|other| other.house.as_mirror()).collect();
        mirrors.sort_by_key(|mirror| mirror.cite);
        let mirrors = Act::MirrorSet(MirrorSet { mirrors });
        assert!(steward.send(seen, Statement::Act(mirrors)), "a mirror is refused");
    }
    wait_for("openings that each side knows of", || {
        let opened =
            |site: &Site| match site.desk().and_then(|mut desk| desk.call(None, Call::Sheet)) {
                Ok(Reply::Sheet(sheet)) => sheet.peers.iter().all(|peer| peer.opened_there),
                _ => false,
            };
        sites.iter().all(opened).then_some(())
    });
}

/// Tells those who pay that it is over, when dropped: also when something fails meanwhile.
struct Over<'a>(&'a Seen);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::SeqCst);
    }
}
