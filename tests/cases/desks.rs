//! One order at several desks at the same moment, its home's and others': in one process and between
//! real ones. It is one entry, and everybody who sent it has the same answer.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

use std::sync::Barrier;

use harness::{
    cluster::Cluster,
    processes::{Daemon, Site, free_address, wait_for},
};
use ledger::tree::verify_inclusion;
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Query, Receipt, Reply, SignedQuery, Unavailable},
    hash::tree_leaf,
    ids::{Account, CiteId},
    minutes::{Balance, Minutes},
    order::{Export, Head, Pay, SignedOrder, Statement},
    wire::{Answer, Ask, Passed},
};

fn submit(order: &SignedOrder) -> Call {
    Call::Submit { order: Bytes::from(order.bytes().to_vec()), body: None }
}

/// Fails unless these are receipts of one entry, each proved by the checkpoint that came with it.
fn one_entry(replies: &[Reply]) -> u64 {
    let receipts: Vec<&Receipt> = replies
        .iter()
        .map(|reply| match reply {
            Reply::Recorded(receipt) => &**receipt,
            other => panic!("no receipt: {other:?}"),
        })
        .collect();
    for receipt in &receipts {
        assert_eq!((receipt.leaf, &receipt.entry), (receipts[0].leaf, &receipts[0].entry));
        let (leaf, head) = (tree_leaf(&receipt.entry), receipt.checkpoint.head);
        let proved = verify_inclusion(leaf, receipt.leaf, head.size, &receipt.path, head.root);
        assert_eq!(proved, Ok(()));
    }
    receipts[0].leaf
}

/// Three cités whose nodes know one another.
fn cluster() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.mirror(0, &[1]);
    cluster.run(40);
    cluster
}

/// Hands calls for the first cité to desks at one moment, and returns the replies.
fn at_once(cluster: &mut Cluster, calls: &[(usize, &SignedOrder)]) -> Vec<Reply> {
    let home = cluster.sites[0].house.id;
    let begun: Vec<u64> =
        calls.iter().map(|(desk, order)| cluster.begin(*desk, Some(home), submit(order))).collect();
    cluster.settle();
    begun.into_iter().map(|call| cluster.replied(call).expect("a reply")).collect()
}

fn payment(cluster: &Cluster, minutes: u32) -> Statement {
    let payee = Account::Member(cluster.sites[0].people[2].id);
    Statement::Pay(Pay { payee, minutes: Minutes(minutes), request: None })
}

#[test]
fn one_order_at_many_desks_is_one_entry_and_one_answer() {
    let mut cluster = cluster();
    for (desks, minutes) in [(&[0, 0][..], 15), (&[0, 1], 30), (&[1, 2], 45), (&[2, 0, 1, 2], 60)] {
        let statement = payment(&cluster, minutes);
        let order = cluster.order(0, 1, statement);
        let calls: Vec<(usize, &SignedOrder)> = desks.iter().map(|desk| (*desk, &order)).collect();
        let leaf = one_entry(&at_once(&mut cluster, &calls));
        // Also much later, and at any desk.
        cluster.run(10);
        assert_eq!(one_entry(&at_once(&mut cluster, &[(2, &order), (0, &order)])), leaf);
    }
    let Reply::History(moved) = cluster.query(0, 1, Query::History { from: 0 }) else {
        panic!("an account has a history")
    };
    let changes: Vec<Balance> = moved.iter().map(|movement| movement.change).collect();
    assert_eq!(changes, [-15, -30, -45, -60].map(Balance));
}

#[test]
fn a_refused_order_is_refused_alike_at_all_desks() {
    let mut cluster = cluster();
    // More than anybody may owe.
    let statement = payment(&cluster, 6_000);
    let order = cluster.order(0, 1, statement);
    let replies = at_once(&mut cluster, &[(0, &order), (1, &order), (2, &order)]);
    assert!(matches!(&replies[0], Reply::Refused(refused) if refused.number == 25), "{replies:?}");
    assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    assert_eq!(cluster.account(0, 1).balance, Balance(0));
}

/// Two orders of one device with one number are two, and only one of them can be entered.
#[test]
fn of_two_orders_in_one_place_at_two_desks_one_is_entered() {
    let mut cluster = cluster();
    let statements = [15, 30].map(|minutes| payment(&cluster, minutes));
    let orders = statements.map(|statement| cluster.order(0, 1, statement));
    for (first, second) in [(0, 1), (1, 2), (2, 1)] {
        let replies = at_once(&mut cluster, &[(first, &orders[0]), (second, &orders[1])]);
        let entered: Vec<bool> =
            replies.iter().map(|reply| matches!(reply, Reply::Recorded(_))).collect();
        assert_eq!(entered.iter().filter(|entered| **entered).count(), 1, "{replies:?}");
        let refused = replies.iter().any(|r| matches!(r, Reply::Refused(r) if r.number == 7));
        assert!(refused, "{replies:?}");
    }
    let balance = cluster.account(0, 1).balance;
    assert!([Balance(-15), Balance(-30)].contains(&balance), "{balance:?}");
}

/// That another cité opened an account is kept in a file that may be lost: no new export is taken before
/// it is proved again, but one that is in the log is not refused.
#[test]
fn an_entered_export_is_not_refused_when_the_opening_is_forgotten() {
    let mut cluster = cluster();
    cluster.mirror(1, &[0]);
    cluster.run(40);
    let site = &cluster.sites[1];
    let (to, payee) = (site.house.id, site.people[1].id);
    let export = Statement::Export(Export { to, payee, minutes: Minutes(15), request: None });
    let order = cluster.order(0, 1, export.clone());
    let leaf = one_entry(&at_once(&mut cluster, &[(0, &order)]));
    cluster.stop(0, true);
    cluster.sites[0].lose("notes/openings");
    cluster.cut = vec![(0, 1), (0, 2)];
    cluster.start(0);
    cluster.run(40);
    let next = cluster.order(0, 1, export);
    let replies = at_once(&mut cluster, &[(0, &order), (0, &next), (0, &order)]);
    let refused = matches!(&replies[1], Reply::Refused(refused) if refused.number == 44);
    assert!(refused, "it is forgotten: {replies:?}");
    assert_eq!(one_entry(&[replies[0].clone(), replies[2].clone()]), leaf);
}

/// Asks at a desk for the first member's account at the first cité, with a challenge from there.
fn signed_at(cluster: &mut Cluster, desk: usize) -> Call {
    let home = cluster.sites[0].house.id;
    let challenge = match cluster.call_home(desk, Some(home), Call::Challenge) {
        Reply::Challenge(challenge) => challenge,
        other => panic!("a challenge is for anybody: {other:?}"),
    };
    let (house, person) = (&cluster.sites[0].house, &cluster.sites[0].people[1]);
    let (id, device, query) = (person.id, &person.device, Query::Account);
    let signed = SignedQuery::sign(&house.network, &home, id, (0, 0), challenge, query, device);
    Call::Private(Box::new(signed))
}

/// More challenges than a node ever kept.
const GREED: usize = 1_100;

/// Whoever takes challenges and never answers them, also through an ally that passes calls on, keeps
/// nobody from asking: through the same ally, through another, or at the home itself.
#[test]
fn challenges_that_nobody_answers_lock_nobody_out() {
    let mut cluster = cluster();
    let home = cluster.sites[0].house.id;
    let first = signed_at(&mut cluster, 2);
    let call = Frame { home: None, call: Call::Challenge }.encode();
    let passed = Passed { home, call: Bytes::from(call) };
    for number in 0..GREED {
        let ask = Ask::Desk { passed: passed.clone(), hops: 0 };
        let Answer::Desk(reply) = cluster.ask(None, 0, &ask) else { panic!("a desk's answer") };
        let reply = Reply::decode(&reply).expect("replies are canonical");
        assert!(matches!(reply, Reply::Challenge(_)), "number {number} at the home: {reply:?}");
        let reply = cluster.call_home(1, Some(home), Call::Challenge);
        assert!(matches!(reply, Reply::Challenge(_)), "number {number} of an ally: {reply:?}");
    }
    let reply = cluster.call_home(2, Some(home), first);
    assert!(matches!(reply, Reply::Account(_)), "a challenge from before: {reply:?}");
    for desk in [2, 1, 0] {
        let signed = signed_at(&mut cluster, desk);
        let reply = cluster.call_home(desk, Some(home), signed);
        assert!(matches!(reply, Reply::Account(_)), "at desk {desk}: {reply:?}");
    }
}

/// Invariant N6. Strangers who call one home through another leave that one its own way there: its members' calls and
/// what it has to push and deliver.
#[test]
fn strangers_calls_leave_the_way_to_an_ally_open() {
    let mut cluster = cluster();
    let home = cluster.sites[0].house.id;
    cluster.ally(0, 2, 100);
    cluster.ally(1, 2, 100);
    cluster.mirror(1, &[2]);
    cluster.run(40);
    cluster.hold(0);
    let call = Frame { home: Some(home), call: Call::Sheet }.encode();
    let passed = Passed { home, call: Bytes::from(call) };
    for number in 0..100_u8 {
        let stranger = harness::people::key(&format!("stranger {number}")).public();
        for _ in 0..3 {
            cluster.throw(stranger, 1, &Ask::Desk { passed: passed.clone(), hops: 1 });
        }
    }
    let members: Vec<u64> = (0..8).map(|_| cluster.begin(1, Some(home), Call::Challenge)).collect();
    cluster.settle();
    let reply = cluster.export((1, 1), (0, 1), 15);
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    let asked = cluster.asked_meanwhile(0);
    let calls = asked.iter().filter(|ask| matches!(ask, Ask::Desk { .. })).count();
    // Ten fit on the way: two of strangers, four of members, and these.
    assert_eq!(calls, 6, "strangers fill the way");
    assert!(asked.iter().any(|ask| matches!(ask, Ask::Deliver(_))), "hours wait for strangers");
    cluster.release(0);
    cluster.settle();
    for id in members {
        let reply = cluster.replied(id);
        assert!(matches!(reply, Some(Reply::Challenge(_))), "{reply:?}");
    }
    cluster.run(10);
    assert_eq!(cluster.account(0, 1).balance, Balance(15), "the hours arrived");
}

/// A node that passes calls on sees them; it cannot ask them again, nor ask another home.
#[test]
fn a_private_query_is_answered_once_and_in_time() {
    let mut cluster = cluster();
    let home = cluster.sites[0].house.id;
    let not_you = Reply::Unavailable(Unavailable::NotYou);
    let signed = signed_at(&mut cluster, 1);
    assert_eq!(cluster.call(1, signed.clone()), not_you, "it is for another home");
    let reply = cluster.call_home(1, Some(home), signed.clone());
    assert!(matches!(reply, Reply::Account(_)), "{reply:?}");
    for desk in [1, 2, 0] {
        assert_eq!(cluster.call_home(desk, Some(home), signed.clone()), not_you, "at {desk}");
    }
    for (seconds, open) in [(59, true), (60, false)] {
        let signed = signed_at(&mut cluster, 1);
        cluster.run(seconds);
        let reply = cluster.call_home(1, Some(home), signed);
        assert_eq!(matches!(reply, Reply::Account(_)), open, "after {seconds} s: {reply:?}");
    }
}

/// Starts a node for each, the second with the first's address.
fn start(sites: &[Site; 2]) -> [Daemon; 2] {
    let address = free_address();
    let first = Daemon::start(&sites[0].home, &["--listen", &address]);
    let friend = sites[0].invitation(&address);
    [first, Daemon::start(&sites[1].home, &["--bootstrap", &friend])]
}

/// Returns the reply of a node to an order for a cité, as soon as it is one.
fn reply(site: &Site, home: CiteId, order: &SignedOrder) -> Reply {
    wait_for("a way to the home", || {
        let reply = site.desk().ok()?.call(Some(home), submit(order)).ok()?;
        let on_the_way = [Unavailable::Busy, Unavailable::Waking, Unavailable::HomeUnreachable]
            .map(Reply::Unavailable);
        (!on_the_way.contains(&reply)).then_some(reply)
    })
}

#[test]
fn one_order_at_two_real_desks_is_one_entry_and_one_answer() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let sites = ["tisserandes", "mariniers"].map(|slug| Site::found(place.path(), slug));
    let nodes = start(&sites);
    let home = sites[0].house.id;
    let mut wallet = sites[0].wallet(1);
    let payee = Account::Member(sites[0].people[2].id);
    let mut leaves = Vec::new();
    for _ in 0..20 {
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        let order = wallet.sign(Head::empty(), Statement::Pay(pay));
        let barrier = Barrier::new(4);
        let replies: Vec<Reply> = std::thread::scope(|scope| {
            let senders: Vec<_> = [0, 1, 0, 1]
                .map(|desk: usize| {
                    let (barrier, order, site) = (&barrier, &order, &sites[desk]);
                    scope.spawn(move || {
                        barrier.wait();
                        reply(site, home, order)
                    })
                })
                .into_iter()
                .collect();
            senders.into_iter().map(|sender| sender.join().expect("no panic")).collect()
        });
        leaves.push(one_entry(&replies));
        wallet.recorded(&order);
    }
    assert!(leaves.is_sorted_by(|a, b| a < b), "{leaves:?}");
    let mut desk = sites[0].desk().expect("the node runs");
    let Ok(Reply::History(moved)) = desk.query(wallet.person, Query::History { from: 0 }) else {
        panic!("an account has a history")
    };
    assert_eq!(moved.len(), leaves.len(), "an order was entered twice");
    for node in nodes {
        assert_eq!(node.stop().code, Some(0));
    }
}
