//! Hours between homes with real logs, mirrors and certificates, wired by hand: what arrives, what comes
//! back, and that nothing crosses before it is committed (protocol sections 7 and 8).

use harness::world::World;
use ledger::{
    object::Object,
    proof::{self, ProofError},
    rules::ACK_AFTER_MS,
};
use proto::{
    act::{Act, Line, MirrorSet},
    certificate::EntryProof,
    checkpoint::Cosignature,
    codec::{Bytes, Canonical as _},
    desk::Standing,
    entry::{Entry, Import, Outcome, Payload},
    ids::CiteId,
    minutes::Minutes,
    order::SignedOrder,
};

// Places of the three cités and of the two members of each.
const WEAVERS: usize = 0;
const BOATMEN: usize = 1;
const BEEKEEPERS: usize = 2;
const STEWARD: usize = 0;
const MEMBER: usize = 1;

fn balance(world: &World, at: usize, who: usize) -> i64 {
    let village = &world.villages[at];
    let id = village.wallets[who].person.id;
    village.home.state().balance(&id).expect("a member").0
}

/// Returns `peer_at[of]`, and the transfers that `at` holds open towards `of`.
fn peer(world: &World, at: usize, of: usize) -> (i64, u32) {
    let id = world.villages[of].house.id;
    let (_, peer) = world.villages[at].home.state().peer(&id).expect("an account");
    (peer.balance.0, peer.open)
}

fn leaf(world: &World, at: usize, order: &SignedOrder) -> u64 {
    world.villages[at].home.leaf_of(&order.id()).expect("recorded")
}

fn standing(world: &World, at: usize, order: &SignedOrder) -> Standing {
    world.villages[at].home.standing(leaf(world, at, order)).expect("a home reads its own log")
}

/// Returns what became of message `counter` of `from` in the log of `at`, read from its entries.
fn outcome(world: &World, at: usize, from: CiteId, counter: u64) -> Option<Outcome> {
    let home = &world.villages[at].home;
    (0..home.checkpoint().head.size).find_map(|leaf| {
        match home.entry(leaf).expect("a home reads its own log").payload {
            Payload::Import(Import { message, outcome, .. })
                if message.from == from && message.counter == counter =>
            {
                Some(outcome)
            }
            _ => None,
        }
    })
}

/// Returns the minutes sent by `from`, neither imported by `to` nor come back.
fn on_their_way(world: &World, from: usize, to: usize) -> i64 {
    let (sender, receiver) = (&world.villages[from], &world.villages[to]);
    sender
        .home
        .state()
        .opens(receiver.house.id, u64::MAX)
        .filter(|(_, open)| {
            let became = outcome(world, to, sender.house.id, open.counter);
            became != Some(Outcome::Taken)
        })
        .map(|(_, open)| i64::from(open.minutes.0))
        .sum()
}

/// Checks what must hold between any two cités at any time, and within each.
fn check(world: &World) {
    for a in 0..world.villages.len() {
        assert_eq!(world.villages[a].home.state().sum().map(|sum| sum.0), Some(0));
        for b in a + 1..world.villages.len() {
            let owed = peer(world, a, b).0 + peer(world, b, a).0;
            let open = on_their_way(world, a, b) + on_their_way(world, b, a);
            assert_eq!(owed, open, "between {a} and {b}");
        }
    }
}

#[test]
fn a_payment_abroad_arrives_and_is_acknowledged() {
    let mut world = World::allied();
    let order = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 90).expect("allowed");
    world.commit(WEAVERS);
    check(&world);
    assert_eq!(standing(&world, WEAVERS, &order), Standing::Recorded);
    assert_eq!(balance(&world, WEAVERS, MEMBER), -90);
    world.settle(WEAVERS);
    assert_eq!(standing(&world, WEAVERS, &order), Standing::Committed);
    world.drain();
    check(&world);
    assert_eq!(balance(&world, BOATMEN, MEMBER), 90);
    assert_eq!(peer(&world, WEAVERS, BOATMEN), (90, 1));
    assert_eq!(peer(&world, BOATMEN, WEAVERS), (-90, 0));
    // An acknowledgement is due after ten minutes.
    world.wait(ACK_AFTER_MS - 1_000);
    let now = world.now;
    assert_eq!(world.villages[BOATMEN].home.acknowledge(now), 0);
    world.wait(1_000);
    let now = world.now;
    assert_eq!(world.villages[BOATMEN].home.acknowledge(now), 1);
    assert_eq!(world.villages[BOATMEN].home.acknowledge(now), 0);
    world.drain();
    check(&world);
    assert_eq!(peer(&world, WEAVERS, BOATMEN), (90, 0));
    assert_eq!(standing(&world, WEAVERS, &order), Standing::Arrived);
}

#[test]
fn nothing_is_proved_before_it_is_committed() {
    let mut world = World::allied();
    let order = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 90).expect("allowed");
    world.commit(WEAVERS);
    let export = leaf(&world, WEAVERS, &order);
    let prove = |world: &World, leaf| world.villages[WEAVERS].home.prove(leaf).expect("readable");
    assert_eq!(prove(&world, export), None, "only recorded");
    let certified = world.witness(WEAVERS);
    assert!(certified > export);
    let witnessed = Standing::Witnessed { have: 2, of: 2 };
    assert_eq!(standing(&world, WEAVERS, &order), witnessed);
    assert_eq!(prove(&world, export), None, "certified once");
    // Put together from what is true: everything fits, and it still proves nothing.
    let home = &world.villages[WEAVERS].home;
    let mut early = prove(&world, 1).expect("the first admission is committed long since");
    assert_eq!(early.certificate.checkpoint.head.size, certified);
    early.leaf = export;
    early.entry = Bytes::from(home.entry_bytes(export).expect("readable"));
    early.path = home.path(export, certified).expect("readable");
    let refused = proof::verify(&early).expect_err("certified once is not committed");
    assert!(matches!(refused, ProofError::NotCommitted { leaf, .. } if leaf == export));
    // A second certificate, over a seal that names the first.
    world.commit(WEAVERS).expect("an empty seal is due");
    assert_eq!(prove(&world, export), None, "the second certificate is missing");
    world.witness(WEAVERS);
    let proof = prove(&world, export).expect("committed");
    assert_eq!(proof::verify(&proof).expect("it proves itself").leaf(), export);
}

/// A cité whom nobody cosigns for chooses its witnesses itself and shows them beside what it signed.
#[test]
fn mirrors_that_only_the_proof_names_certify_nothing() {
    let mut world = World::allied();
    let order = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 90).expect("allowed");
    world.settle(WEAVERS);
    let village = &world.villages[WEAVERS];
    let proof = village.home.prove(leaf(&world, WEAVERS, &order)).expect("readable");
    let mut proof = proof.expect("committed");
    let verdict = |proof: &EntryProof| proof::verify(proof).map(|_| ());
    assert_eq!(verdict(&proof), Ok(()));
    let Ok(Object::Mirrors(mut mirrors)) = Object::decode(&proof.mirrors.leaf) else {
        panic!("the proof shows the mirrors")
    };
    mirrors.current = MirrorSet { mirrors: vec![village.house.as_mirror()] };
    proof.mirrors.leaf = Bytes::from(Object::Mirrors(mirrors).encode());
    let (checkpoint, key) = (proof.certificate.checkpoint, &village.house.mirror);
    proof.certificate.cosignatures =
        vec![Cosignature::sign(&checkpoint, village.house.id, 1_795_392_000, key)];
    assert_eq!(verdict(&proof), Err(ProofError::Mirrors));
}

/// Invariant X1.
#[test]
fn each_message_is_taken_in_once_and_in_turn() {
    let mut world = World::allied();
    let orders = [30, 45, 60].map(|minutes| {
        world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), minutes).expect("allowed")
    });
    world.settle(WEAVERS);
    let [first, second, third] = orders.map(|order| {
        let home = &world.villages[WEAVERS].home;
        home.prove(leaf(&world, WEAVERS, &order)).expect("readable").expect("committed")
    });
    let out_of_turn =
        |world: &mut World, proof| world.deliver(BOATMEN, proof).expect_err("out of turn").number();
    assert_eq!(out_of_turn(&mut world, second.clone()), 45);
    assert!(world.deliver(BOATMEN, first.clone()).expect("in turn").is_some());
    // In the same batch, and after it.
    assert_eq!(world.deliver(BOATMEN, first.clone()), Ok(None));
    assert_eq!(out_of_turn(&mut world, third.clone()), 45);
    world.commit(BOATMEN);
    assert_eq!(world.deliver(BOATMEN, first), Ok(None));
    assert!(world.deliver(BOATMEN, second).expect("in turn").is_some());
    assert!(world.deliver(BOATMEN, third.clone()).expect("in turn").is_some());
    world.settle(BOATMEN);
    assert_eq!(world.deliver(BOATMEN, third.clone()), Ok(None));
    assert_eq!(balance(&world, BOATMEN, MEMBER), 135);
    // At another cité it is nothing.
    let number = world.deliver(BEEKEEPERS, third).expect_err("for the boatmen").number();
    assert_eq!(number, 46);
    check(&world);
}

#[test]
fn what_is_above_the_line_comes_back() {
    let mut world = World::allied();
    let taken = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 600).expect("allowed");
    let refused = world.export((WEAVERS, STEWARD), (BOATMEN, MEMBER), 15).expect("allowed");
    world.drain();
    check(&world);
    assert_eq!(standing(&world, WEAVERS, &refused), Standing::Returned(43));
    assert_eq!(standing(&world, WEAVERS, &taken), Standing::Arrived);
    let here = (balance(&world, WEAVERS, MEMBER), balance(&world, WEAVERS, STEWARD));
    assert_eq!(here, (-600, 0));
    assert_eq!(balance(&world, BOATMEN, MEMBER), 600);
    assert_eq!(peer(&world, WEAVERS, BOATMEN), (600, 0));
    assert_eq!(peer(&world, BOATMEN, WEAVERS), (-600, 0));
    // The statement shows the payment and its return.
    let home = &world.villages[WEAVERS].home;
    let steward = world.villages[WEAVERS].wallets[STEWARD].person.id;
    let moved: Vec<i64> = home
        .account_leaves(&steward, 0, usize::MAX)
        .into_iter()
        .filter_map(|leaf| home.movement(leaf, &steward).expect("readable"))
        .map(|movement| movement.change.0)
        .collect();
    assert_eq!(moved, [-15, 15]);
}

#[test]
fn a_lowered_line_governs_what_is_not_yet_imported() {
    let mut world = World::allied();
    world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 300).expect("allowed");
    world.settle(WEAVERS);
    let cite = world.villages[WEAVERS].house.id;
    world.act(BOATMEN, Act::Line(Line { cite, line: Minutes(285) }));
    world.drain();
    check(&world);
    assert_eq!(balance(&world, WEAVERS, MEMBER), 0);
    assert_eq!(balance(&world, BOATMEN, MEMBER), 0);
}

#[test]
fn a_ring_of_payments_leaves_nobody_owing() {
    let mut world = World::allied();
    for (from, to) in [(WEAVERS, BOATMEN), (BOATMEN, BEEKEEPERS), (BEEKEEPERS, WEAVERS)] {
        world.export((from, MEMBER), (to, MEMBER), 240).expect("allowed");
        world.commit(from);
        check(&world);
    }
    world.drain();
    check(&world);
    for at in [WEAVERS, BOATMEN, BEEKEEPERS] {
        assert_eq!(balance(&world, at, MEMBER), 0);
        let state = world.villages[at].home.state();
        assert_eq!(state.peers().map(|peer| peer.balance.0).sum::<i64>(), 0);
    }
}

/// Invariant X3.
#[test]
fn a_cite_that_mints_hours_costs_others_no_more_than_their_lines() {
    let mut world = World::allied();
    // The beekeepers let their own stand as low as they like and pay everybody everything.
    let state = world.villages[BEEKEEPERS].home.state();
    let mut rules = state.cite().expect("founded").rules.clone();
    (rules.version, rules.floor) = (2, Minutes(600_000));
    rules.deficit_max = Some(Minutes(600_000));
    world.act(BEEKEEPERS, Act::Rules(rules));
    for _ in 0..6 {
        for to in [WEAVERS, BOATMEN] {
            world.export((BEEKEEPERS, STEWARD), (to, MEMBER), 210).expect("their rules allow it");
        }
        world.drain();
        check(&world);
    }
    for at in [WEAVERS, BOATMEN] {
        let (owed, _) = peer(&world, at, BEEKEEPERS);
        assert_eq!(owed, -420, "two of six fit into ten hours");
        assert_eq!(balance(&world, at, MEMBER), 420);
    }
}

#[test]
fn entries_of_an_import_name_their_source() {
    let mut world = World::allied();
    let order = world.export((WEAVERS, MEMBER), (BOATMEN, MEMBER), 15).expect("allowed");
    let said = leaf_after_drain(&mut world, &order);
    let home = &world.villages[BOATMEN].home;
    let imported = (0..home.checkpoint().head.size)
        .filter_map(|leaf| match home.entry(leaf).expect("readable") {
            Entry { payload: Payload::Import(import), .. } => Some((leaf, import)),
            _ => None,
        })
        .collect::<Vec<_>>();
    let [(at, import)] = imported.as_slice() else { panic!("one import") };
    assert_eq!((import.leaf, import.incarnation), (said, 0));
    let sidecar = home.sidecar(*at).expect("readable").expect("kept before the import");
    assert_eq!(proof::verify(&sidecar).expect("it proves itself").leaf(), said);
}

fn leaf_after_drain(world: &mut World, order: &SignedOrder) -> u64 {
    world.drain();
    leaf(world, WEAVERS, order)
}
