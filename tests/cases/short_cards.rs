//! Short cards of real homes: what they state, for whom, and when a home states nothing.

use harness::{cluster::Cluster, people::TODAY};
use proto::{
    act::Level,
    card::{SignedShortCard, VerifiedShortCard},
    desk::{Query, Reply, Unavailable},
    founding::SignedFounding,
    membership::Terms,
    minutes::Minutes,
    time::DAY_MS,
};

const WEEK: u64 = 7 * DAY_MS;

fn alone() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes"]);
    cluster.run(3);
    cluster
}

/// Returns the short card of a member of the first cité, as whoever has this record checks it.
fn card(cluster: &mut Cluster, who: usize, record: &SignedFounding) -> VerifiedShortCard {
    let Reply::ShortCard(bytes) = cluster.query(0, who, Query::ShortCard) else {
        panic!("a member has a card");
    };
    let founding = record.verify().expect("the root keys signed");
    let signed = SignedShortCard::decode(&bytes).expect("a short card");
    signed.verify(&founding).expect("the home signed it")
}

#[test]
fn a_home_states_the_card_of_whoever_asks_for_the_device_that_asks() {
    let mut cluster = alone();
    let record = cluster.sites[0].house.founding.clone();
    for (who, level) in [(0, Level::Steward), (1, Level::Member)] {
        let stated = *card(&mut cluster, who, &record).card();
        let (person, now) = (&cluster.sites[0].people[who], cluster.now);
        assert_eq!((stated.member, stated.holder), (person.id, person.device.public()));
        let Terms { from, until, .. } = stated.terms;
        assert_eq!((stated.terms.level, from, until), (level, TODAY, TODAY.plus(365)));
        assert_eq!((stated.serial, stated.terms.allowance), (1, Minutes(60)));
        assert!(now.since(stated.stated) < 10_000, "{:?} at {now:?}", stated.stated);
        assert_eq!(stated.incarnation, 0);
    }
}

#[test]
fn a_home_states_no_card_that_has_ended_and_none_while_it_signs_nothing() {
    let mut cluster = alone();
    let no_card = Reply::Unavailable(Unavailable::NoCard);
    cluster.set_clocks(TODAY.plus(365).start());
    assert!(matches!(cluster.query(0, 1, Query::ShortCard), Reply::ShortCard(_)), "its last day");
    cluster.set_clocks(TODAY.plus(366).start());
    assert_eq!(cluster.query(0, 1, Query::ShortCard), no_card);
    // A clock that nobody vouches for.
    let mut cluster = alone();
    cluster.sites[0].scaled_clock = false;
    cluster.stop(0, true);
    cluster.start(0);
    cluster.run(3);
    cluster.stop(0, true);
    cluster.sleep(WEEK);
    cluster.start(0);
    cluster.run(1);
    let said = cluster.query(0, 1, Query::ShortCard);
    assert_eq!(said, Reply::Unavailable(Unavailable::Clock));
}

/// With the keys that the root named after a disk was lost, and only with them.
#[test]
fn a_recovered_home_states_cards_with_its_new_keys() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    cluster.run(60);
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.run(60);
    let record = cluster.sites[0].house.founding_at(1);
    assert_eq!(card(&mut cluster, 1, &record).card().incarnation, 1);
}
