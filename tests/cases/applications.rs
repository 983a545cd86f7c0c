//! Applications to join: they wait for stewards, who may decline them, and come to an end by themselves.

use std::{collections::BTreeMap, sync::Arc};

use harness::{
    cluster::Cluster,
    disk::FaultyDisk,
    people::{House, Person, TODAY, seed},
    world,
};
use ledger::disk::Disk;
use node::{
    core::{Core, Input, Output, ReplyTo, Settings},
    keyfile::Keys,
};
use proto::{
    act::{Act, Admit, Level},
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Query, Reply, SignedQuery, Unavailable},
    founding::Rules,
    ids::MemberId,
    keys::SigningKey,
    membership::Terms,
    minutes::Minutes,
    order::{Order, SignedOrder, Statement},
    time::UnixMillis,
};
use tempfile::TempDir;

/// Members of the cité of a cluster.
const STEWARD: usize = 0;
const ZOE: usize = 1;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

fn cite() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes"]);
    cluster.run(3);
    cluster
}

/// Returns somebody with a Join that ends some days from now on.
fn somebody(cluster: &Cluster, name: &str, days: u64) -> (Person, SignedOrder) {
    let person = Person::new(name, &cluster.sites[0].house);
    let valid_until = cluster.now.day().plus(days);
    let join = Order { valid_until, ..person.join().order().clone() }.sign(&person.device);
    (person, join)
}

fn invite(cluster: &mut Cluster, uses: u16) -> [u8; 16] {
    let until = cluster.now.day().plus(7);
    match cluster.query(0, STEWARD, Query::Invite { until, uses }) {
        Reply::Invitation { token, .. } => token,
        other => panic!("a steward may invite: {other:?}"),
    }
}

fn apply_by(cluster: &mut Cluster, token: [u8; 16], join: &SignedOrder, name: &str) -> Reply {
    let join = Bytes::from(join.bytes().to_vec());
    cluster.call(0, Call::Apply { token, join, alias: name.into() })
}

fn apply(cluster: &mut Cluster, join: &SignedOrder, name: &str) -> Reply {
    let token = invite(cluster, 1);
    apply_by(cluster, token, join, name)
}

/// Returns who waits, in the order in which the home says it.
fn waiting(cluster: &mut Cluster) -> Vec<String> {
    match cluster.query(0, STEWARD, Query::Applications) {
        Reply::Applications(all) => all.into_iter().map(|waits| waits.alias).collect(),
        other => panic!("no applications: {other:?}"),
    }
}

fn decline(cluster: &mut Cluster, who: usize, member: MemberId) -> Reply {
    cluster.query(0, who, Query::DeclineApplication { member })
}

#[test]
fn an_application_ends_with_its_order_and_after_thirty_days_at_the_latest() {
    let mut cluster = cite();
    for (name, days) in [("week", 7), ("month", 30), ("year", 365)] {
        let (_, join) = somebody(&cluster, name, days);
        assert_eq!(apply(&mut cluster, &join, name), Reply::Done);
        cluster.run(1);
    }
    let start = cluster.now;
    for (day, who) in [
        (7, &["week", "month", "year"][..]),
        (8, &["month", "year"]),
        (30, &["month", "year"]),
        (31, &[]),
    ] {
        cluster.set_clocks(start.plus(day * DAY));
        cluster.run(1);
        assert_eq!(waiting(&mut cluster), who, "day {day}");
    }
}

#[test]
fn an_order_to_join_that_is_out_of_date_is_refused() {
    let mut cluster = cite();
    let (_, join) = somebody(&cluster, "nour", 7);
    cluster.set_clocks(cluster.now.plus(8 * DAY));
    let Reply::Refused(refused) = apply(&mut cluster, &join, "nour") else { panic!("it was kept") };
    assert_eq!(refused.number, 58);
    assert_eq!(waiting(&mut cluster), Vec::<String>::new());
}

#[test]
fn stewards_and_nobody_else_decline_an_application() {
    let mut cluster = cite();
    let (nour, join) = somebody(&cluster, "nour", 30);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    cluster.run(1);
    let (_, other) = somebody(&cluster, "ana", 30);
    assert_eq!(apply(&mut cluster, &other, "ana"), Reply::Done);
    let not_you = Reply::Unavailable(Unavailable::StewardsOnly);
    assert_eq!(decline(&mut cluster, ZOE, nour.id), not_you);
    assert_eq!(waiting(&mut cluster), ["nour", "ana"], "oldest first");
    // Once is enough, and twice no error: two stewards may say it at the same time.
    for _ in 0..2 {
        assert_eq!(decline(&mut cluster, STEWARD, nour.id), Reply::Done);
        assert_eq!(waiting(&mut cluster), ["ana"]);
    }
    // Whoever is invited anew may ask again.
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    assert_eq!(waiting(&mut cluster).len(), 2);
}

/// Asks as somebody who is no member, with a device.
fn ask(cluster: &mut Cluster, member: MemberId, device: &SigningKey) -> Reply {
    let Reply::Challenge(challenge) = cluster.call(0, Call::Challenge) else {
        panic!("a challenge is for anybody");
    };
    let house = &cluster.sites[0].house;
    let (network, cite) = (house.network, house.id);
    let query =
        SignedQuery::sign(&network, &cite, member, (0, 0), challenge, Query::Account, device);
    cluster.call(0, Call::Private(Box::new(query)))
}

#[test]
fn what_became_of_an_application_is_told_to_who_made_it_and_to_nobody_else() {
    let mut cluster = cite();
    let (nour, join) = somebody(&cluster, "nour", 30);
    let (ana, _) = somebody(&cluster, "ana", 30);
    let told = |cluster: &mut Cluster, why| {
        assert_eq!(ask(cluster, nour.id, &nour.device), Reply::Unavailable(why));
        // Somebody else's key learns not even that there is an application.
        let stranger = Reply::Unavailable(Unavailable::NotYou);
        assert_eq!(ask(cluster, nour.id, &ana.device), stranger);
        assert_eq!(ask(cluster, ana.id, &ana.device), stranger);
    };
    told(&mut cluster, Unavailable::NotYou);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    told(&mut cluster, Unavailable::Applied);
    cluster.run(1);
    let day = cluster.now;
    assert_eq!(decline(&mut cluster, STEWARD, nour.id), Reply::Done);
    told(&mut cluster, Unavailable::Declined);
    // A second steward changes nothing, and a new application counts.
    assert_eq!(decline(&mut cluster, STEWARD, nour.id), Reply::Done);
    told(&mut cluster, Unavailable::Declined);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    told(&mut cluster, Unavailable::Applied);
    assert_eq!(decline(&mut cluster, STEWARD, nour.id), Reply::Done);
    // For thirty days, and then nothing of it is kept.
    for (days, why) in [(30, Unavailable::Declined), (31, Unavailable::NotYou)] {
        cluster.set_clocks(day.plus(days * DAY));
        cluster.run(1);
        told(&mut cluster, why);
    }
}

#[test]
fn whoever_was_declined_needs_another_invitation_and_nobody_else_does() {
    let mut cluster = cite();
    let poster = invite(&mut cluster, 3);
    let (nour, join) = somebody(&cluster, "nour", 30);
    assert_eq!(apply_by(&mut cluster, poster, &join, "nour"), Reply::Done);
    assert_eq!(decline(&mut cluster, STEWARD, nour.id), Reply::Done);
    let declined = Reply::Unavailable(Unavailable::Declined);
    assert_eq!(apply_by(&mut cluster, poster, &join, "nour"), declined);
    assert_eq!(waiting(&mut cluster), Vec::<String>::new());
    let (_, other) = somebody(&cluster, "ana", 30);
    assert_eq!(apply_by(&mut cluster, poster, &other, "ana"), Reply::Done);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    assert_eq!(waiting(&mut cluster).len(), 2);
}

/// Returns the act that admits whoever signed a Join, for a year from today.
fn admission(cluster: &Cluster, join: &SignedOrder, level: Level) -> Act {
    let (from, join) = (cluster.now.day(), Bytes::from(join.bytes().to_vec()));
    let terms = Terms { level, from, until: from.plus(365), allowance: Minutes(60) };
    Act::Admit(Admit { join, terms })
}

/// By its place in the list a steward may name an act: it must not move while she looks.
#[test]
fn acts_wait_in_the_order_of_the_log_and_whom_they_admit_is_not_declined() {
    let mut cluster = cite();
    let admit = |cluster: &mut Cluster, join: &SignedOrder, level| {
        let act = admission(cluster, join, level);
        let order = cluster.order(0, STEWARD, Statement::Act(act));
        let reply = cluster.send(0, &order);
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
        order.bytes().to_vec()
    };
    let (_, second) = somebody(&cluster, "second steward", 30);
    admit(&mut cluster, &second, Level::Steward);
    let rules = Rules { version: 2, approvals: 2, ..Rules::default() };
    let reply = cluster.submit(0, STEWARD, Statement::Act(Act::Rules(rules)));
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    let mut proposed = Vec::new();
    for name in ["nour", "ana", "lou", "sam", "kim", "max"] {
        let (person, join) = somebody(&cluster, name, 30);
        assert_eq!(apply(&mut cluster, &join, name), Reply::Done);
        proposed.push(admit(&mut cluster, &join, Level::Member));
        let told = Reply::Unavailable(Unavailable::Proposed);
        assert_eq!(decline(&mut cluster, STEWARD, person.id), told);
        let Reply::Acts(acts) = cluster.query(0, STEWARD, Query::Acts) else { panic!("acts") };
        let orders: Vec<&[u8]> = acts.iter().map(|act| act.order.as_ref()).collect();
        assert_eq!(orders, proposed, "after {name}");
    }
    assert_eq!(waiting(&mut cluster).len(), proposed.len());
    let (undecided, join) = somebody(&cluster, "undecided", 30);
    assert_eq!(apply(&mut cluster, &join, "undecided"), Reply::Done);
    assert_eq!(decline(&mut cluster, STEWARD, undecided.id), Reply::Done);
}

/// A node that stops between the commit and the move of the name begins with that again.
#[test]
fn a_crash_after_an_admission_loses_no_name() {
    let mut cluster = cite();
    let (nour, join) = somebody(&cluster, "nour", 30);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    cluster.stop(0, true);
    let before = cluster.sites[0].files();
    cluster.start(0);
    cluster.run(15);
    let admit = admission(&cluster, &join, Level::Member);
    let reply = cluster.submit(0, STEWARD, Statement::Act(admit));
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    let name = format!("names/{}", nour.id.0);
    assert_eq!(cluster.sites[0].file(&name), b"nour");
    cluster.stop(0, false);
    cluster.sites[0].set_back("mailbox/applications", &before);
    cluster.sites[0].lose(&name);
    cluster.start(0);
    cluster.run(15);
    assert_eq!(cluster.sites[0].file(&name), b"nour");
    assert_eq!(waiting(&mut cluster), Vec::<String>::new());
}

/// On a full disk the name of a new member stays where it is, however long ago its order to join ended.
#[test]
fn a_name_that_cannot_be_moved_stays_with_its_application() {
    let mut cluster = cite();
    let (nour, join) = somebody(&cluster, "nour", 30);
    let (_, other) = somebody(&cluster, "noor", 30);
    assert_eq!(apply(&mut cluster, &join, "nour"), Reply::Done);
    assert_eq!(apply(&mut cluster, &other, "noor"), Reply::Done);
    let name = format!("names/{}", nour.id.0);
    cluster.sites[0].fill(&name);
    let admit = admission(&cluster, &join, Level::Member);
    let reply = cluster.submit(0, STEWARD, Statement::Act(admit));
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    cluster.set_clocks(cluster.now.plus(40 * DAY));
    cluster.run(1);
    assert_eq!(cluster.sites[0].file(&name), b"");
    assert_eq!(waiting(&mut cluster), ["nour"], "whom nobody admitted is forgotten");
    cluster.stop(0, true);
    cluster.sites[0].spare(&name);
    cluster.start(0);
    cluster.run(15);
    assert_eq!(cluster.sites[0].file(&name), b"nour");
    assert_eq!(waiting(&mut cluster), Vec::<String>::new());
}

/// A node of one cité whose disk counts.
struct Counted {
    core: Core,
    disk: Arc<FaultyDisk>,
    now: UnixMillis,
    _index: TempDir,
}

impl Counted {
    fn new(house: &House, steward: &str) -> Self {
        let (disk, index) = (Arc::new(FaultyDisk::new(1)), TempDir::new().expect("a directory"));
        let shared = || Arc::clone(&disk) as Arc<dyn Disk>;
        let now = TODAY.start();
        drop(world::found(house, &[steward], shared(), index.path(), now).expect("founded"));
        let keys = Keys {
            log: house.log.clone(),
            mirror: house.mirror.clone(),
            card: house.card.clone(),
            network: house.network_key.clone(),
        };
        let settings = Settings {
            keys,
            seed: seed(&house.slug),
            started: now,
            version: "0.1.0-test",
            friends: Vec::new(),
            scaled_clock: true,
        };
        let core = Core::open(shared(), index.path(), house.id, settings).expect("it opens");
        let mut node = Self { core, disk, now, _index: index };
        for _ in 0..3 {
            node.now = node.now.plus(10_000);
            node.core.handle(node.now, vec![Input::Tick]);
        }
        node
    }

    /// Makes these calls at once, and returns the replies in their order.
    fn calls(&mut self, calls: Vec<Call>) -> Vec<Reply> {
        let called = |(id, call)| Input::Called {
            frame: Frame { home: None, call }.encode(),
            reply_to: ReplyTo(id),
        };
        let inputs = (0..).zip(calls).map(called).collect();
        let replies = self.core.handle(self.now, inputs).into_iter().filter_map(|out| match out {
            Output::Reply { reply_to, frame } => {
                Some((reply_to.0, Reply::decode(&frame).expect("a reply")))
            }
            _ => None,
        });
        let replies: BTreeMap<u64, Reply> = replies.collect();
        replies.into_values().collect()
    }

    fn call(&mut self, call: Call) -> Reply {
        self.calls(vec![call]).pop().expect("every call is replied to")
    }
}

/// Stewards who admit many at once have those who still wait looked through once.
#[test]
fn many_admissions_at_once_look_through_the_applications_once() {
    const APPLY: usize = 64;
    const ADMITTED: usize = 8;
    let house = House::new("tisserandes", "tisserandes", "Lyon", 1, 1);
    let steward = Person::new("steward", &house);
    let mut node = Counted::new(&house, "steward");
    let Reply::Challenge(challenge) = node.call(Call::Challenge) else { panic!("for anybody") };
    let invite = Query::Invite { until: TODAY.plus(7), uses: 64 };
    let (network, lane) = (house.network, (0, 0));
    let device = &steward.device;
    let query = SignedQuery::sign(&network, &house.id, steward.id, lane, challenge, invite, device);
    let Reply::Invitation { token, .. } = node.call(Call::Private(Box::new(query))) else {
        panic!("a steward may invite")
    };
    let people: Vec<Person> =
        (0..APPLY).map(|number| Person::new(&format!("somebody {number}"), &house)).collect();
    for person in &people {
        let join = Bytes::from(person.join().bytes().to_vec());
        let apply = Call::Apply { token, join, alias: "somebody".into() };
        assert_eq!(node.call(apply), Reply::Done);
    }
    let mut prev = steward.join().id();
    let mut admissions = Vec::new();
    for (seq, person) in (2..).zip(&people[..ADMITTED]) {
        let act = Act::Admit(person.admission(Level::Member));
        let order = steward.order(seq, prev, Statement::Act(act)).sign(device);
        prev = order.id();
        let order = Bytes::from(order.bytes().to_vec());
        admissions.push(Call::Submit { order, body: None });
    }
    let before = node.disk.reads();
    let replies = node.calls(admissions);
    let reads = node.disk.reads() - before;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Recorded(_))), "{replies:?}");
    assert_eq!(replies.len(), ADMITTED);
    assert!(reads < 2 * APPLY as u64, "{reads} reads for {APPLY} applications");
}
