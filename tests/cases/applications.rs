//! Applications to join: they wait for stewards, who may decline them, and come to an end by themselves.

use harness::{cluster::Cluster, people::Person};
use proto::{
    codec::Bytes,
    desk::{Call, Query, Reply, SignedQuery, Unavailable},
    ids::MemberId,
    keys::SigningKey,
    order::{Order, SignedOrder},
};

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

fn apply(cluster: &mut Cluster, join: &SignedOrder, name: &str) -> Reply {
    let until = cluster.now.day().plus(7);
    let Reply::Invitation { token, .. } =
        cluster.query(0, STEWARD, Query::Invite { until, uses: 1 })
    else {
        panic!("a steward may invite");
    };
    let join = Bytes::from(join.bytes().to_vec());
    cluster.call(0, Call::Apply { token, join, alias: name.into() })
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
