//! Complaints: a home that does not take a valid order is cosigned no more until it does, and nobody can have an honest
//! home stopped: not by floods, not by orders that are valid at the mirror alone, not by clocks that leap.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

use std::sync::Arc;

use harness::{
    cluster::{Cluster, recorded},
    disk::FaultyDisk,
    people::{self, TODAY, founding_bytes},
    world::{Village, World, copied},
};
use ledger::{
    mirror::{
        COMPLAINTS_MAX, CONTACT_MAX_MS, Extended, MirrorLog, NotKept, OFFER_EVERY_MS, PATIENCE_MS,
        SEALS, Standing,
    },
    refusal::Refusal,
};
use proto::{
    act::{Act, MirrorSet, PeerOpen},
    codec::Bytes,
    desk::{Call, ComplaintSheet, ComplaintState, Reply, Unavailable},
    ids::Account,
    minutes::{Balance, Minutes},
    order::{Export, Head, Pay, SignedOrder, Statement},
    time::UnixMillis,
    wire::decline,
};

/// A home, Zoé's order to her home, and three mirrors, of which two are a third and one more.
const HOME: usize = 0;
const ZOE: usize = 1;
const MARCEL: usize = 2;
const MIRRORS: [usize; 3] = [1, 2, 3];

fn watched() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "verriers"]);
    for mirror in MIRRORS {
        cluster.ally(HOME, mirror, 100);
    }
    cluster.mirror(HOME, &MIRRORS);
    cluster.run(40);
    assert!(certified(&mut cluster) > 0);
    cluster
}

fn certified(cluster: &mut Cluster) -> u64 {
    cluster.sheet(HOME).certificate.map_or(0, |certificate| certificate.checkpoint.head.size)
}

/// Zoé pays Marcel.
fn payment(cluster: &mut Cluster, minutes: u32) -> SignedOrder {
    let payee = Account::Member(cluster.sites[HOME].people[MARCEL].id);
    let pay = Pay { payee, minutes: Minutes(minutes), request: None };
    cluster.order(HOME, ZOE, Statement::Pay(pay))
}

fn complain(cluster: &mut Cluster, mirror: usize, order: &SignedOrder) -> Reply {
    let order = Bytes::from(order.bytes().to_vec());
    cluster.call(mirror, Call::Complain(order))
}

fn state(reply: &Reply) -> Option<ComplaintState> {
    match reply {
        Reply::Complaint(ComplaintSheet { state, .. }) => Some(*state),
        _ => None,
    }
}

/// Lets an hour pass in which somebody else is paid, and returns whether that is certified.
fn hour(cluster: &mut Cluster) -> bool {
    cluster.sleep(OFFER_EVERY_MS - 5_000);
    let reply = cluster.pay(HOME, MARCEL, 0, 15);
    let Reply::Recorded(receipt) = reply else { panic!("the home takes other orders: {reply:?}") };
    cluster.run(5);
    certified(cluster) > receipt.leaf
}

/// Kills nodes and starts them again. A clock of tests goes on where the log ends: it is set anew.
fn restart(cluster: &mut Cluster, places: &[usize]) {
    for place in places {
        cluster.stop(*place, false);
        cluster.start(*place);
    }
    let now = cluster.now;
    cluster.set_clocks(now);
    cluster.run(30);
}

/// A home that was just started takes nothing before it signs; that is no answer for an hour.
#[test]
fn a_home_that_does_not_sign_yet_is_soon_offered_the_order_again() {
    let mut cluster = watched();
    let order = payment(&mut cluster, 60);
    let zoe = cluster.sites[HOME].people[ZOE].id;
    cluster.dropped.insert((HOME, zoe), Some(Reply::Unavailable(Unavailable::Busy)));
    assert_eq!(state(&complain(&mut cluster, 1, &order)), Some(ComplaintState::Kept));
    cluster.run(5);
    cluster.dropped.clear();
    cluster.run(15);
    assert_eq!(cluster.account(HOME, ZOE).balance, Balance(-60));
}

/// C5
#[test]
fn a_home_that_drops_an_order_is_not_cosigned_until_it_takes_it() {
    let refused = Reply::Refused(Refusal::UnknownPayee.into());
    for answer in [None, Some(Reply::Unavailable(Unavailable::Busy)), Some(refused)] {
        let mut cluster = watched();
        let order = payment(&mut cluster, 60);
        let zoe = cluster.sites[HOME].people[ZOE].id;
        cluster.dropped.insert((HOME, zoe), answer.clone());
        for mirror in &MIRRORS[..2] {
            let reply = complain(&mut cluster, *mirror, &order);
            let Reply::Complaint(sheet) = reply else { panic!("{reply:?}") };
            assert_eq!((sheet.state, sheet.witnesses), (ComplaintState::Kept, 3));
        }
        cluster.run(2);
        // For a day of offers everything is cosigned.
        for passed in 0..23 {
            assert!(hour(&mut cluster), "{answer:?}: after {passed} h");
            if passed == 10 {
                // A mirror keeps a complaint however its machine ends.
                restart(&mut cluster, &[1]);
            }
        }
        let mut last = certified(&mut cluster);
        // An offer that came a moment before its hour counts with the next one.
        for _ in 0..6 {
            hour(&mut cluster);
        }
        assert_eq!(state(&complain(&mut cluster, 1, &order)), Some(ComplaintState::HoldsBack));
        let stopped = certified(&mut cluster);
        assert!(!hour(&mut cluster) && certified(&mut cluster) == stopped, "{answer:?}");
        assert!(stopped >= last);
        // Not after a restart either.
        restart(&mut cluster, &MIRRORS);
        last = certified(&mut cluster);
        assert!(!hour(&mut cluster) && certified(&mut cluster) == last, "{answer:?}");
        // The home takes it as soon as it lets it come, and all is cosigned again.
        cluster.dropped.clear();
        cluster.run(90);
        assert_eq!(cluster.account(HOME, ZOE).balance, Balance(-60), "{answer:?}");
        let newest = cluster.sheet(HOME).checkpoint.head.size;
        assert!(certified(&mut cluster) + 2 >= newest, "{answer:?}");
        assert_eq!(state(&complain(&mut cluster, 1, &order)), Some(ComplaintState::Recorded));
        assert!(hour(&mut cluster));
    }
}

/// An order that is taken elsewhere in its place, or another way, ends the complaint.
#[test]
fn another_order_in_its_place_ends_a_complaint() {
    let mut cluster = watched();
    let [order, other] = [60, 30].map(|minutes| payment(&mut cluster, minutes));
    let zoe = cluster.sites[HOME].people[ZOE].id;
    cluster.dropped.insert((HOME, zoe), None);
    for mirror in MIRRORS {
        assert_eq!(state(&complain(&mut cluster, mirror, &order)), Some(ComplaintState::Kept));
    }
    // Of two orders in one place a mirror keeps the first.
    let second = complain(&mut cluster, 1, &other);
    assert!(matches!(&second, Reply::Refused(refused) if refused.number == 7), "{second:?}");
    for _ in 0..28 {
        hour(&mut cluster);
    }
    assert!(!hour(&mut cluster), "stopped");
    assert!(recorded(&cluster.send(HOME, &other)).is_some());
    cluster.run(90);
    assert!(hour(&mut cluster), "the place is used: nobody can take the first any more");
    let reply = complain(&mut cluster, 1, &order);
    assert!(matches!(&reply, Reply::Refused(refused) if refused.number == 7), "{reply:?}");
}

#[test]
fn what_the_rules_refuse_is_no_complaint() {
    let mut cluster = watched();
    let refused = |reply: Reply, number: u16| {
        assert!(matches!(&reply, Reply::Refused(no) if no.number == number), "{reply:?}");
    };
    let dear = payment(&mut cluster, 6_000);
    refused(complain(&mut cluster, 1, &dear), 25);
    let good = payment(&mut cluster, 60);
    let mut forged = good.bytes().to_vec();
    *forged.last_mut().expect("a signature") ^= 1;
    refused(cluster.call(1, Call::Complain(Bytes::from(forged))), 6);
    refused(cluster.call(1, Call::Complain(Bytes::from(vec![7; 40]))), 14);
    // What the home knows of others beyond its log, no mirror can judge.
    let (to, payee) = (cluster.sites[1].house.id, cluster.sites[1].people[ZOE].id);
    let export = Export { to, payee, minutes: Minutes(60), request: None };
    let abroad = cluster.order(HOME, ZOE, Statement::Export(export));
    refused(complain(&mut cluster, 1, &abroad), 44);
    // Nor does anybody else than a mirror of that log keep any.
    let stranger = complain(&mut cluster, HOME, &good);
    assert_eq!(stranger, Reply::Unavailable(Unavailable::NotAWitness));
    // A home that takes it ends the complaint within a push.
    assert_eq!(state(&complain(&mut cluster, 1, &good)), Some(ComplaintState::Kept));
    cluster.run(5);
    assert_eq!(cluster.account(HOME, ZOE).balance, Balance(-60));
    assert_eq!(state(&complain(&mut cluster, 1, &good)), Some(ComplaintState::Recorded));
}

/// C5: with its line to the mirrors cut, a home takes another order in the place of one that the mirrors were handed;
/// their clocks leap; members hand over all they can. It is cosigned as soon as the line is there.
#[test]
fn an_honest_home_goes_on_under_complaints() {
    let mut cluster = watched();
    let [order, other] = [60, 30].map(|minutes| payment(&mut cluster, minutes));
    for mirror in MIRRORS {
        cluster.cut.push((HOME, mirror));
    }
    assert!(recorded(&cluster.send(HOME, &other)).is_some());
    for mirror in MIRRORS {
        assert_eq!(state(&complain(&mut cluster, mirror, &order)), Some(ComplaintState::Kept));
    }
    // Days of silence, and clocks of mirrors that leap ahead by some more.
    for _ in 0..3 {
        cluster.sleep(86_400_000);
        cluster.run(2);
        for mirror in MIRRORS {
            cluster.sites[mirror].ahead += 18_000_000;
        }
        let reply = cluster.pay(HOME, MARCEL, 0, 15);
        assert!(recorded(&reply).is_some(), "{reply:?}");
        cluster.run(2);
    }
    cluster.cut.clear();
    cluster.run(20);
    assert!(hour(&mut cluster), "silence of the line is no refusal");
    // For two days whatever is recorded goes through mirrors too, late, early and twice.
    for round in 0..48 {
        let order = payment(&mut cluster, 15);
        complain(&mut cluster, MIRRORS[round % 3], &order);
        if round % 2 == 0 {
            cluster.send(HOME, &order);
        }
        complain(&mut cluster, MIRRORS[(round + 1) % 3], &order);
        assert!(hour(&mut cluster), "round {round}");
        assert_eq!(state(&complain(&mut cluster, 1, &order)), Some(ComplaintState::Recorded));
    }
}

/// A home with many members, mirrored by the boatmen alone.
fn crowd(members: usize) -> World {
    let houses = [people::tisserandes(), people::mariniers()];
    let names: Vec<String> = (0..members).map(|member| format!("member {member}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let now = TODAY.start().plus(36_000_000);
    let [home, mirror] = houses.each_ref().map(|house| {
        let people = if house.id == houses[0].id { &names[..] } else { &names[..2] };
        Village::new(house.clone(), people, &houses, now)
    });
    let mut world = World { villages: vec![home, mirror], now };
    let founding = founding_bytes(&houses[1]);
    world.act(HOME, Act::PeerOpen(PeerOpen { founding, line: Minutes(600) }));
    world.act(HOME, Act::MirrorSet(MirrorSet { mirrors: vec![houses[1].as_mirror()] }));
    for _ in 0..4 {
        pushed(&mut world);
    }
    world
}

/// The copy of the home's log at its mirror.
fn copy(world: &mut World) -> &mut MirrorLog {
    let home = world.villages[HOME].house.id;
    world.villages[1].mirrors.get_mut(&home).expect("it mirrors the home")
}

/// Seals a payment of the steward and pushes it; returns the answer.
fn pushed(world: &mut World) -> Extended {
    world.pay(HOME, 0, 15);
    let checkpoint = world.commit(HOME).expect("a payment waits").checkpoint;
    world.villages[HOME].home.target(world.now);
    let extended = world.push(HOME, 1, checkpoint);
    if let Extended::Cosigned(cosignature) = &extended {
        let home = &mut world.villages[HOME].home;
        home.cosigned(checkpoint.head.size, *cosignature).expect("a sound disk");
    }
    extended
}

/// A member pays the steward, and the home never hears of it.
fn unsent(world: &mut World, who: usize) -> SignedOrder {
    let village = &mut world.villages[HOME];
    let payee = Account::Member(village.wallets[0].person.id);
    let clock = *village.home.state().clock().expect("founded");
    let committed = village.home.state().recent(clock.committed_size);
    let seen = committed.map_or_else(Head::empty, |recent| recent.head);
    let pay = Pay { payee, minutes: Minutes(15), request: None };
    village.wallets[who].sign(seen, Statement::Pay(pay))
}

fn handed(world: &mut World, order: &SignedOrder) -> Result<Standing, NotKept> {
    let (now, own) = (world.now, world.villages[1].house.id);
    copy(world).complain(now, order.clone(), own)
}

/// Offers the next order after some time.
fn offered(world: &mut World, after: u64) -> UnixMillis {
    world.wait(after);
    let now = world.now;
    let (id, _) = copy(world).next_offer(now).expect("a sound disk").expect("it is time");
    copy(world).was_offered(now, &id, true).expect("a sound disk");
    now
}

/// C5: time in which the line was silent, or over which the clock leapt, counts for six hours at most.
#[test]
fn only_time_in_which_the_home_was_offered_the_order_counts() {
    let mut world = crowd(2);
    let order = unsent(&mut world, 1);
    handed(&mut world, &order).expect("valid");
    let day = 86_400_000;
    // Before the first offer nothing counts.
    offered(&mut world, 3 * day);
    for _ in 0..3 {
        offered(&mut world, 3 * day);
    }
    for _ in 0..2 * SEALS {
        assert!(matches!(pushed(&mut world), Extended::Cosigned(_)), "18 h count, of 12 days");
    }
    for _ in 0..(PATIENCE_MS - 3 * CONTACT_MAX_MS) / OFFER_EVERY_MS {
        assert!(matches!(pushed(&mut world), Extended::Cosigned(_)));
        offered(&mut world, OFFER_EVERY_MS);
    }
    assert!(matches!(pushed(&mut world), Extended::Cosigned(_)), "it may have been on its way");
    let declined = pushed(&mut world);
    assert!(
        matches!(declined, Extended::Declined { reason: decline::COMPLAINT, .. }),
        "{declined:?}"
    );
    assert!(matches!(handed_on(&mut world), Extended::Cosigned(_)));
    // The home takes it.
    world.villages[HOME].home.submit(world.now, order.clone()).expect("valid");
    assert!(matches!(pushed(&mut world), Extended::Cosigned(_)));
    assert_eq!(handed(&mut world, &order).expect("recorded").since, None);
}

/// Returns what another mirror answers to what this one gives of the log that it cosigned.
fn handed_on(world: &mut World) -> Extended {
    let (now, home, mirror) = (world.now, world.villages[HOME].house.id, people::ruchers());
    let copy = copy(world);
    let (founding, signed) = (copy.founding().clone(), copy.signed_founding().clone());
    let begun = MirrorLog::create(Arc::new(FaultyDisk::new(3)), founding, signed);
    let mut other = begun.expect("a sound disk");
    assert_eq!(other.founding().cite(), home);
    loop {
        let given = copied(copy, other.store().len()).expect("it holds that");
        match other.extend(now, &given, mirror.id, &mirror.mirror).expect("a sound disk") {
            Extended::Holds { .. } => {}
            answer => return answer,
        }
    }
}

#[test]
fn complaints_are_bounded_and_survive_a_restart() {
    let mut world = crowd(COMPLAINTS_MAX + 2);
    let orders: Vec<SignedOrder> =
        (1..COMPLAINTS_MAX + 2).map(|who| unsent(&mut world, who)).collect();
    let (last, first) = orders.split_last().expect("some");
    for order in first {
        assert!(handed(&mut world, order).expect("room").since.is_some());
    }
    assert!(matches!(handed(&mut world, last), Err(NotKept::Full)));
    // Nobody has two, and the same again takes no place.
    let second = unsent(&mut world, 1);
    assert!(matches!(handed(&mut world, &second), Err(NotKept::Refused(Refusal::SeqGap { .. }))));
    assert!(handed(&mut world, &first[0]).is_ok());
    let home = world.villages[HOME].house.id;
    let mirror = world.villages[1].mirrors.remove(&home).expect("it mirrors the home");
    let mirror = mirror.reopen().expect("a sound disk");
    assert_eq!(mirror.complaints(), (COMPLAINTS_MAX, false));
    world.villages[1].mirrors.insert(home, mirror);
    for order in first {
        world.villages[HOME].home.submit(world.now, order.clone()).expect("valid");
    }
    assert!(matches!(pushed(&mut world), Extended::Cosigned(_)));
    assert_eq!(copy(&mut world).complaints(), (0, false));
    assert!(handed(&mut world, last).expect("room again").since.is_some());
}
