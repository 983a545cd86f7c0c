//! Hostile peers against a node as people run it. For each attacker alone: the victim's memory grows by at most
//! 64 MiB, it says little for what it hears, and a member elsewhere goes on paying through it. Of an ally, who may read a
//! log and has it sent, the first and the last are asked.
//!
//! `PIRATE_HOSTILE_SECONDS` is how long each attack lasts (3 when nothing is said). `docs/reliability-hostile.md`
//! has the figures of a longer run.

#![allow(clippy::print_stdout, reason = "a run says what it measured")]

use std::time::{Duration, Instant};

use harness::{
    hostile::{Attack, Traffic, attack},
    people::{founding_bytes, seed},
    processes::{Daemon, Site, Wallet, free_address, wait_for},
};
use node::client::{Client, Reach};
use proto::{
    act::{Act, MirrorSet, PeerOpen},
    codec::Bytes,
    desk::{Call, Frame, Reply},
    ids::Account,
    minutes::Minutes,
    order::{Head, Pay, Statement},
};

/// Resident bytes by which one attacker may make the victim grow.
const GROWTH_MAX: u64 = 64 * 1_024 * 1_024;

/// Bytes that the victim may send one attacker for each that it hears: what it says of itself when somebody comes
/// (its hello, its subscription, its protocols) and what was asked for.
const ANSWERED_MAX: u64 = 4;

/// What is sent to anybody who comes, whatever is heard, in bytes for each connection.
const GREETING_MAX: u64 = 16 * 1_024;

/// A payment through the network takes less, whatever strangers do.
const PAID_WITHIN: Duration = Duration::from_secs(10);

/// The same beside an ally, behind whose announcements six seconds were seen, and once more than ten, on a busy machine
/// and in a debug build.
const PAID_BESIDE_AN_ALLY: Duration = Duration::from_secs(60);

fn lasts() -> Duration {
    let seconds = std::env::var("PIRATE_HOSTILE_SECONDS");
    Duration::from_secs(seconds.map_or(3, |text| text.parse().expect("a number of seconds")))
}

/// A victim, and two members who pay one another from elsewhere.
struct Village<'a> {
    site: &'a Site,
    daemon: &'a Daemon,
    /// The next one pays the other.
    wallets: [Wallet<'a>; 2],
    /// A committed head, where there is one: orders name it.
    seen: Head,
    /// How long a payment may take.
    within: Duration,
}

impl<'a> Village<'a> {
    fn of(site: &'a Site, daemon: &'a Daemon, seen: Head) -> Self {
        let wallets = [1, 2].map(|who| site.wallet(who));
        Self { site, daemon, wallets, seen, within: PAID_WITHIN }
    }

    /// Pays a quarter of an hour, over a connection of its own; returns how long it took.
    fn pay(&mut self) -> Duration {
        let start = Instant::now();
        let mut client = self.client();
        self.pay_by(&mut client);
        start.elapsed()
    }

    /// Connects as a member elsewhere does.
    fn client(&self) -> Client {
        let house = &self.site.house;
        let reach = Reach::Network {
            node: house.network_key.public(),
            addresses: vec![self.daemon.address().to_owned()],
            network: house.network,
            home: house.id,
        };
        Client::connect(&reach, self.within).expect("the node answers others")
    }

    /// Pays a quarter of an hour over a connection.
    fn pay_by(&mut self, client: &mut Client) {
        let house = &self.site.house;
        let [payer, payee] = &mut self.wallets;
        let payee = Account::Member(payee.person.id);
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        let order = payer.sign(self.seen, Statement::Pay(pay));
        let submit = Call::Submit { order: Bytes::from(order.bytes().to_vec()), body: None };
        let reply = client.call(&Frame { home: Some(house.id), call: submit });
        assert!(matches!(reply, Ok(Reply::Recorded(_))), "{reply:?}");
        payer.recorded(&order);
        self.wallets.swap(0, 1);
    }

    /// Lets one attacker go on for some time, while the member pays.
    fn suffers(&mut self, what: Attack, seed: u8) {
        self.endures(what, &[[seed; 32]], None);
    }

    /// Lets one attacker for each secret key go on for some time at once, from one address, while the member pays: over
    /// connections of their own, or over one that stood before. Strangers are told little for what they say.
    fn endures(&mut self, what: Attack, secrets: &[[u8; 32]], before: Option<Client>) {
        let Told { begun, heard, said } = self.beside(what, secrets, before);
        let allowed = ANSWERED_MAX * heard + GREETING_MAX * u64::try_from(begun).expect("few");
        assert!(said <= allowed, "{what:?}: {said} bytes for {heard}, {allowed} are allowed");
    }

    /// The same for whoever attacks; returns what was said on both sides.
    fn beside(&mut self, what: Attack, secrets: &[[u8; 32]], mut before: Option<Client>) -> Told {
        let keys = secrets.len();
        let (lasts, traffic) = (lasts(), Traffic::default());
        let memory = self.daemon.memory_from_now_on();
        let runtime = tokio::runtime::Runtime::new().expect("the system has threads");
        let address = self.daemon.address().to_owned();
        let attackers: Vec<_> = secrets
            .iter()
            .map(|secret| {
                runtime.spawn(attack(what, (address.clone(), *secret), lasts, traffic.clone()))
            })
            .collect();
        let (mut paid, mut slowest) = (0, Duration::ZERO);
        while attackers.iter().any(|attacker| !attacker.is_finished()) {
            let took = match &mut before {
                None => self.pay(),
                Some(client) => {
                    let start = Instant::now();
                    self.pay_by(client);
                    start.elapsed()
                }
            };
            slowest = slowest.max(took);
            paid += 1;
        }
        let ended = |attacker: tokio::task::JoinHandle<usize>| {
            runtime.block_on(attacker).expect("an attacker does not panic")
        };
        let begun: usize = attackers.into_iter().map(ended).sum();
        drop(runtime);
        let grown = self.daemon.memory_at_most().saturating_sub(memory);
        let (heard, said) = (traffic.sent(), traffic.heard());
        println!(
            "{}: {keys} keys, {begun} connections, {heard} bytes heard, {said} said, memory {memory} + {grown} bytes, \
             {paid} payments, the slowest in {} ms",
            what.name(),
            slowest.as_millis()
        );
        assert!(paid > 0 && slowest <= self.within, "{what:?}: {paid} payments, {slowest:?}");
        assert!(grown <= GROWTH_MAX, "{what:?}: grown by {grown} bytes");
        assert!(heard > 10_000, "{what:?}: nothing was tried, {heard} bytes");
        Told { begun, heard, said }
    }
}

/// What went over the connections of an attack.
struct Told {
    /// Connections.
    begun: usize,
    /// Bytes that the victim heard.
    heard: u64,
    /// Bytes that it said.
    said: u64,
}

/// Invariant N2.
#[test]
fn one_hostile_peer_takes_little_and_others_go_on_paying() {
    let dir = tempfile::tempdir().expect("a directory");
    let site = Site::found(dir.path(), "tisserandes");
    let daemon = Daemon::start(&site.home, &[]);
    let mut village = Village::of(&site, &daemon, Head::empty());
    // The first payment warms up what is made once.
    village.pay();
    let attacks = [
        Attack::Oversized,
        Attack::Slow,
        Attack::HalfOpen,
        Attack::Gossip,
        Attack::Control,
        Attack::Ids,
        Attack::Unknown,
        Attack::Announced("inventee"),
        Attack::Requests(site.house.id),
        Attack::Unread(site.house.id),
    ];
    // Each with a key of its own: none begins with what another left of its budget.
    for (seed, what) in (0xa1..).zip(attacks) {
        village.suffers(what, seed);
    }
    // Many keys at once, and a member who was there before: from one address sixteen strangers find a place, and all
    // of them share what is read (invariant N9).
    for (what, seeds) in
        [(Attack::Requests(site.house.id), 0x10..=0x4f), (Attack::Slow, 0x50..=0x8f)]
    {
        let client = village.client();
        let secrets: Vec<[u8; 32]> = seeds.map(|seed: u8| [seed; 32]).collect();
        village.endures(what, &secrets, Some(client));
    }
    let said = daemon.stop();
    assert_eq!(said.code, Some(0), "{said:?}");
}

/// Lets the steward of a cité, who did nothing yet but join, decide this.
fn decides(site: &Site, acts: &[Act]) {
    let mut steward = site.wallet(0);
    let mut desk = site.desk().expect("the node runs");
    for act in acts {
        let order = steward.sign(Head::empty(), Statement::Act(act.clone()));
        let reply = desk.submit(&order);
        assert!(matches!(reply, Ok(Reply::Recorded(_))), "{reply:?}");
        steward.recorded(&order);
    }
}

/// Returns a cité, its node, and a head that its ally and only witness confirmed, whose own node does not run any more.
fn with_an_ally(place: &std::path::Path, slugs: [&str; 2]) -> (Site, Daemon, Head) {
    let [site, ally] = slugs.map(|slug| Site::found(place, slug));
    let [here, there] = [free_address(), free_address()];
    let known = ["--listen", &here, "--bootstrap", &ally.invitation(&there)];
    let daemon = Daemon::start(&site.home, &known);
    let other = Daemon::start(&ally.home, &["--listen", &there]);
    let open = |other: &Site| {
        let founding = founding_bytes(&other.house);
        Act::PeerOpen(PeerOpen { founding, line: Minutes(6_000) })
    };
    decides(&ally, &[open(&site)]);
    let mirrors = MirrorSet { mirrors: vec![ally.house.as_mirror()] };
    decides(&site, &[open(&ally), Act::MirrorSet(mirrors)]);
    let committed = wait_for("a witness", || {
        let reply = site.desk().and_then(|mut desk| desk.call(None, Call::Sheet));
        let Ok(Reply::Sheet(sheet)) = reply else { return None };
        (sheet.committed.size > 0).then_some(sheet.committed)
    });
    assert_eq!(other.stop().code, Some(0));
    (site, daemon, committed)
}

/// Invariant N2. The ally's own keys, and so its place, its larger allowance, no share of an address, and the log.
#[test]
fn a_hostile_ally_takes_little_and_others_go_on_paying() {
    const ALLY: &str = "mariniers";
    let dir = tempfile::tempdir().expect("a directory");
    let (site, daemon, committed) = with_an_ally(dir.path(), ["tisserandes", ALLY]);
    let mut village = Village::of(&site, &daemon, committed);
    village.within = PAID_BESIDE_AN_ALLY;
    village.pay();
    let secret = seed(&format!("{ALLY} network"));
    for what in [
        Attack::Oversized,
        Attack::Slow,
        Attack::HalfOpen,
        Attack::Control,
        Attack::Ids,
        Attack::Requests(site.house.id),
        Attack::Unread(site.house.id),
        Attack::Unknown,
        Attack::Announced(ALLY),
        // Last: whoever sends what is provably wrong is not listened to for a while.
        Attack::Gossip,
    ] {
        village.beside(what, &[secret], None);
    }
    let said = daemon.stop();
    assert_eq!(said.code, Some(0), "{said:?}");
}
