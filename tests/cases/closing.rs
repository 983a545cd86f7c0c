//! Cités that close: with real homes and mirrors wired by hand, and with real node cores, also after the machine was
//! lost. Every transfer ends, and no hour comes back that was taken in.

use harness::{
    audited::{audited, own_bundle},
    cluster::Cluster,
    people::House,
    world::World,
};
use ledger::{
    audit::PairState,
    home::{Dormant, Home},
    refusal::Refusal,
};
use proto::{
    act::Act,
    codec::Bytes,
    desk::{Call, Operator, Query, Reply, Standing, Unavailable},
    entry::RootAct,
};

const WEAVERS: usize = 0;
const BOATMEN: usize = 1;
const MEMBER: usize = 1;

/// Returns the act that closes a cité whose root acted `acts` times before.
fn closing(house: &House, acts: u32) -> RootAct {
    let (cite, seq, act) = (house.id, acts + 1, Act::Close);
    let all = u8::try_from(house.roots.len()).expect("a few root keys");
    let signatures = house.root_signatures(all, &RootAct::payload(cite, seq, &act));
    RootAct { cite, seq, act, signatures }
}

fn close(world: &mut World, at: usize) {
    let village = &mut world.villages[at];
    let act = closing(&village.house, village.home.state().cite().expect("founded").root_seq);
    village.home.root_act(world.now, act).expect("the root may close its cité");
}

fn balance(world: &World, at: usize, who: usize) -> i64 {
    let village = &world.villages[at];
    let id = village.wallets[who].person.id;
    village.home.state().balance(&id).expect("a member").0
}

/// Returns `peer_at[of]`, and the transfers that `at` holds open towards `of`.
fn peer(world: &World, at: usize, of: usize) -> (i64, u32) {
    let (_, peer) =
        world.villages[at].home.state().peer(&world.villages[of].house.id).expect("known");
    (peer.balance.0, peer.open)
}

/// Returns what moved a member's account, from the index and the log.
fn moved(home: &Home, member: &proto::ids::MemberId) -> Vec<i64> {
    let leaves = home.account_leaves(member, 0, usize::MAX).into_iter();
    let movements = leaves.filter_map(|leaf| home.movement(leaf, member).expect("readable"));
    movements.map(|movement| movement.change.0).collect()
}

/// Returns how the pair of the weavers and the boatmen stands in an audit of both logs.
fn pair_of(world: &World) -> (PairState, [u64; 5]) {
    let bundles = [WEAVERS, BOATMEN].map(|at| own_bundle(world.villages[at].disk.clone()));
    let report = audited(&bundles, None, false);
    let pair = report.pairs.first().expect("two logs that know each other");
    (pair.state, [pair.transfers, pair.imports, pair.returns, pair.refunds, pair.open])
}

/// Invariant X4: what a cité took in before it closed stays, what it never took in comes back to its payers, in one
/// entry that mirrors check and that an audit counts.
#[test]
fn what_a_closed_cite_never_took_in_comes_back() {
    let mut world = World::allied();
    let taken = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 90).expect("allowed");
    world.drain();
    let lost = [60, 45].map(|minutes| {
        world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), minutes).expect("allowed")
    });
    world.settle(WEAVERS);
    close(&mut world, BOATMEN);
    let said = world.villages[BOATMEN].home.say_farewell(world.now);
    assert_eq!(said, 2, "to each ally");
    assert_eq!(world.villages[BOATMEN].home.say_farewell(world.now), 0, "once");
    world.commit(BOATMEN);
    assert!(world.next_message(BOATMEN, WEAVERS).is_none(), "not before it is committed");
    world.settle(BOATMEN);
    // The hours that are on their way come too late.
    let late = world.next_message(WEAVERS, BOATMEN).expect("committed");
    let refused = world.deliver(BOATMEN, late).expect_err("the last word was said");
    assert!(matches!(refused, Refusal::StreamEnded { .. }), "{refused:?}");
    assert_eq!((balance(&world, WEAVERS, MEMBER), peer(&world, WEAVERS, BOATMEN).1), (-195, 3));
    let farewell = world.next_message(BOATMEN, WEAVERS).expect("committed");
    world.deliver(WEAVERS, farewell.clone()).expect("the next message");
    world.settle(WEAVERS);
    assert_eq!(world.deliver(WEAVERS, farewell).map_err(|refusal| refusal.number()), Ok(None));
    assert_eq!(balance(&world, WEAVERS, MEMBER), -90);
    assert_eq!(balance(&world, BOATMEN, MEMBER), 90);
    assert_eq!(peer(&world, WEAVERS, BOATMEN), (90, 0));
    assert_eq!(peer(&world, BOATMEN, WEAVERS), (-90, 0));
    let home = &world.villages[WEAVERS].home;
    assert_eq!(home.state().sum().map(|sum| sum.0), Some(0));
    assert_eq!(home.certified_size(), home.checkpoint().head.size, "both mirrors agree");
    let standing = |order: &proto::order::SignedOrder| {
        home.standing(home.leaf_of(&order.id()).expect("recorded")).expect("readable")
    };
    assert_eq!(standing(&taken), Standing::Arrived);
    let closed = Refusal::CiteClosed.number();
    assert!(lost.iter().all(|order| standing(order) == Standing::Returned(closed)));
    let member = world.villages[WEAVERS].wallets[MEMBER].person.id;
    assert_eq!(moved(home, &member), [-90, -60, -45, 105]);
    let refused = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 15).expect_err("over");
    assert!(matches!(refused, Refusal::StreamEnded { .. }), "{refused:?}");
    assert_eq!(pair_of(&world), (PairState::Pass, [3, 1, 0, 2, 0]));
}

/// The index is thrown away and made anew: it says the same of hours that came back.
#[test]
fn an_index_made_anew_knows_what_came_back() {
    let mut world = World::allied();
    for minutes in [60, 45] {
        world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), minutes).expect("allowed");
    }
    close(&mut world, BOATMEN);
    world.villages[BOATMEN].home.say_farewell(world.now);
    world.settle(BOATMEN);
    let farewell = world.next_message(BOATMEN, WEAVERS).expect("committed");
    // In one batch with the exports, of which the index has nothing yet.
    world.deliver(WEAVERS, farewell).expect("the next message");
    world.settle(WEAVERS);
    let village = world.villages.swap_remove(WEAVERS);
    let member = village.wallets[MEMBER].person.id;
    assert_eq!(moved(&village.home, &member), [-60, -45, 105]);
    drop(village.home);
    let index = tempfile::tempdir().expect("a temporary directory");
    let (id, log) = (village.house.id, village.house.log.clone());
    let dormant = Dormant::open(village.disk.clone(), index.path(), id, log).expect("a sound disk");
    let home = dormant.start(world.now).expect("its own image");
    assert_eq!(moved(&home, &member), [-60, -45, 105]);
}

fn allied() -> Cluster {
    Cluster::allied(&["tisserandes", "mariniers", "ruchers"])
}

/// Has whoever runs a node close its cité.
fn close_node(cluster: &mut Cluster, place: usize) -> Reply {
    let acts = cluster.sheet(place).root_seq;
    let act = closing(&cluster.sites[place].house, acts).encode();
    cluster.call(place, Call::Operator(Operator::RootAct(Bytes::from(act))))
}

fn account(cluster: &mut Cluster, place: usize, who: usize) -> i64 {
    cluster.account(place, who).balance.0
}

/// What nodes know of each other: whether the streams ended, and minutes open, for each ordered pair.
fn pairs(cluster: &mut Cluster) -> Vec<(usize, bool, i64, u64)> {
    let sheets = (0..3).map(|place| (place, cluster.sheet(place).peers)).collect::<Vec<_>>();
    let each = sheets.into_iter().flat_map(|(place, peers)| {
        peers.into_iter().map(move |peer| (place, peer.ended, peer.balance.0, peer.open_minutes))
    });
    each.collect()
}

#[test]
fn a_node_closes_its_cite_and_every_transfer_ends() {
    let mut cluster = allied();
    assert!(matches!(cluster.export((0, 1), (1, 1), 60), Reply::Recorded(_)));
    cluster.run(10);
    let acts = cluster.sheet(0).root_seq;
    let stolen = closing(&cluster.sites[1].house, acts).encode();
    let reply = cluster.call(0, Call::Operator(Operator::RootAct(Bytes::from(stolen))));
    assert!(matches!(reply, Reply::Refused(_)), "another cité's root: {reply:?}");
    assert_eq!(close_node(&mut cluster, 0), Reply::Done);
    assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Refused(refused) if refused.number == 17));
    assert!(matches!(close_node(&mut cluster, 0), Reply::Refused(refused) if refused.number == 17));
    cluster.run(40);
    // It is not known yet that the hours which left arrived: they might still come back.
    let to_boatmen = |cluster: &mut Cluster| {
        let id = cluster.sites[1].house.id;
        let peers = cluster.sheet(0).peers;
        let peer = peers.into_iter().find(|peer| peer.cite == id).expect("an ally");
        (peer.open_minutes, peer.ended)
    };
    assert_eq!(to_boatmen(&mut cluster), (60, false));
    // What arrives now goes back, and says what became of the others on its way.
    assert!(matches!(cluster.export((1, 1), (0, 1), 15), Reply::Recorded(_)));
    cluster.run(60);
    assert_eq!(to_boatmen(&mut cluster), (0, true));
    assert_eq!(account(&mut cluster, 0, 1), -60);
    assert_eq!(account(&mut cluster, 1, 1), 60);
    for (place, ended, _, open) in pairs(&mut cluster) {
        assert_eq!(open, 0, "{place}");
        assert!(ended || place != 0, "the closed cité said its last word to each");
    }
    assert!(cluster.sheet(1).peers.iter().any(|peer| peer.ended && peer.balance.0 == -60));
    // Life goes on between the others.
    assert!(matches!(cluster.export((1, 1), (2, 1), 30), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(account(&mut cluster, 2, 1), 30);
    assert!(
        matches!(cluster.export((1, 1), (0, 1), 30), Reply::Refused(refused) if refused.number == 75)
    );
}

/// Invariant X4: the machine of a cité is gone, and so is the cité. Its root takes the log up from its mirrors, on
/// their promises, only to close it: hours that never arrived come back.
#[test]
fn hours_towards_a_lost_cite_come_back_after_a_fence() {
    let mut cluster = allied();
    assert!(matches!(cluster.export((1, 1), (0, 1), 60), Reply::Recorded(_)));
    cluster.run(40);
    cluster.stop(0, false);
    assert!(matches!(cluster.export((1, 1), (0, 1), 45), Reply::Recorded(_)));
    assert!(matches!(cluster.export((1, 2), (0, 2), 30), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(account(&mut cluster, 1, 1), -105, "they wait, and nothing times out");
    cluster.sites[0].lose_all(1);
    // The ally is away until the last word is written: nothing of its can arrive before.
    cluster.stop(1, true);
    cluster.start(0);
    cluster.run(40);
    let silent = Reply::Unavailable(Unavailable::Recovering);
    assert_eq!(cluster.call(0, Call::Sheet), silent, "one of two mirrors is no quorum");
    cluster.start(1);
    for _ in 0..60 {
        if matches!(cluster.call(0, Call::Sheet), Reply::Sheet(_)) {
            break;
        }
        cluster.run(1);
    }
    assert_eq!(close_node(&mut cluster, 0), Reply::Done);
    cluster.run(60);
    let ended = cluster.sheet(1).peers.iter().any(|peer| peer.ended && peer.open == 0);
    assert!(ended, "{:?}", cluster.sheet(1).peers);
    assert_eq!(account(&mut cluster, 1, 1), -60);
    assert_eq!(account(&mut cluster, 1, 2), 0);
    assert_eq!(account(&mut cluster, 0, 1), 60);
    let owed: Vec<i64> = pairs(&mut cluster).iter().map(|(_, _, balance, _)| *balance).collect();
    assert_eq!(owed.iter().sum::<i64>(), 0, "nothing is on its way any more: {owed:?}");
    let Reply::History(moved) = cluster.query(1, 2, Query::History { from: 0 }) else {
        panic!("an account has a history");
    };
    let changes: Vec<i64> = moved.iter().map(|movement| movement.change.0).collect();
    assert_eq!(changes, [-30, 30]);
    assert_eq!(moved[0].standing, Standing::Returned(17), "the payer is told why");
}
