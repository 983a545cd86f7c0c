//! Nodes that recover: whose disk is gone fetches its log from the nodes that copied it, and all goes on.

use harness::{cluster::Cluster, people::founding_bytes};
use ledger::{fold::Fold, keybook::KeyBook, replay};
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Operator, Query, Reply, Unavailable},
    entry::{Entry, number},
    evidence::Evidence,
    founding::SignedFounding,
    hash::Hash,
    order::Head,
    wire::{Answer, Ask, Extend, Held, Hello, decline},
};

fn allied() -> Cluster {
    Cluster::allied(&["tisserandes", "mariniers", "ruchers"])
}

fn balance(cluster: &mut Cluster, place: usize, who: usize) -> i64 {
    cluster.account(place, who).balance.0
}

/// Invariant N3.
#[test]
fn a_node_whose_disk_is_gone_goes_on_from_what_others_hold() {
    let mut cluster = allied();
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    assert!(matches!(cluster.export((0, 2), (1, 1), 30), Reply::Recorded(_)));
    cluster.run(40);
    let before = [balance(&mut cluster, 0, 1), balance(&mut cluster, 0, 2)];
    let size = cluster.sheet(0).checkpoint.head.size;
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.run(40);
    let sheet = cluster.sheet(0);
    assert_eq!(sheet.checkpoint.origin.incarnation, 1);
    assert!(sheet.checkpoint.head.size > size);
    assert_eq!([balance(&mut cluster, 0, 1), balance(&mut cluster, 0, 2)], before);
    assert!(sheet.certificate.is_some_and(|known| known.checkpoint.origin.incarnation == 1));
    // Hours go both ways again.
    assert!(matches!(cluster.export((0, 1), (1, 1), 15), Reply::Recorded(_)));
    assert!(matches!(cluster.export((1, 2), (0, 1), 15), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(balance(&mut cluster, 0, 1), before[0]);
}

/// Invariant C7: a stranger is there first, and has the beginning of the log, as old as from before it had mirrors. The
/// node waits for more, through a restart, and goes on from what its mirrors hold.
#[test]
fn a_node_goes_on_from_no_beginning_that_a_stranger_has() {
    const STRANGER: usize = 3;
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "loin"]);
    for ally in [1, 2] {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1, 2]);
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    let before = [balance(&mut cluster, 0, 1), balance(&mut cluster, 0, 2)];
    let Checkpoint { origin, head, .. } = cluster.sheet(0).checkpoint;
    let all = Ask::Range { cite: origin.cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(mut begun)) = cluster.ask(Some(1), 0, &all) else {
        panic!("a mirror may read it");
    };
    let sealed = begun.entries.iter().position(|entry| Entry::kind_of(entry) == Some(number::SEAL));
    begun.entries.truncate(sealed.expect("founding is sealed") + 1);
    (begun.sidecars, begun.certificate) = (Vec::new(), None);
    let entries = begun.entries.len() as u64;
    // As it was signed then.
    let early = folded(&begun.entries).head();
    begun.checkpoint = Checkpoint::sign(origin, early, &cluster.sites[0].house.log);
    let hello = claims(&cluster, STRANGER, head.size);
    cluster.twisted.insert(STRANGER, vec![hello, Answer::Entries(Some(begun))]);
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    for ally in [1, 2] {
        cluster.stop(ally, true);
    }
    for restart in [false, true] {
        if restart {
            cluster.stop(0, false);
        }
        cluster.start(0);
        cluster.run(20);
        let reply = cluster.call(0, Call::Operator(Operator::Status));
        let Reply::Status(status) = reply else { panic!("{reply:?}") };
        let recovery = status.recovery.expect("it recovers");
        assert_eq!((recovery.entries, recovery.signed), (entries, 0), "{restart}");
    }
    for ally in [1, 2] {
        cluster.start(ally);
    }
    cluster.run(100);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
    assert_eq!([balance(&mut cluster, 0, 1), balance(&mut cluster, 0, 2)], before);
    assert!(
        cluster.sheet(0).certificate.is_some_and(|known| known.checkpoint.head.size > head.size)
    );
}

/// Returns the state of a log that begins with these entries.
fn folded(entries: &[Bytes]) -> Fold {
    let mut fold = Fold::default();
    let entries: Vec<Vec<u8>> = entries.iter().map(|entry| entry.to_vec()).collect();
    let prepared = replay::prepare(&mut KeyBook::default(), &entries);
    replay::fold(&mut fold, prepared).expect("a sound log");
    fold
}

/// Returns what a node says that claims to hold so much of the log of the first.
fn claims(cluster: &Cluster, place: usize, size: u64) -> Answer {
    Answer::Hello(Hello {
        founding: founding_bytes(&cluster.sites[place].house),
        addresses: Vec::new(),
        held: vec![Held { cite: cluster.sites[0].house.id, incarnation: 0, size }],
        others: Vec::new(),
        now: cluster.now,
    })
}

/// Invariant C10: a stranger who claims most gives the first entry, and then one seal that it makes up every nine seconds,
/// towards a checkpoint that is genuine. Whoever holds a log gives all that there is room for.
#[test]
fn a_log_that_comes_in_drips_keeps_nobody_from_those_who_hold_it() {
    const STRANGER: usize = 3;
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "loin"]);
    for ally in [1, 2] {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1, 2]);
    for _ in 0..20 {
        assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Recorded(_)));
        cluster.run(2);
    }
    cluster.run(40);
    let before = balance(&mut cluster, 0, 2);
    let Checkpoint { origin, head, .. } = cluster.sheet(0).checkpoint;
    let all = Ask::Range { cite: origin.cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(whole)) = cluster.ask(Some(1), 0, &all) else {
        panic!("a mirror may read it");
    };
    let mut fold = folded(&whole.entries[..1]);
    let mut lies = vec![claims(&cluster, STRANGER, 10_000)];
    let mut entry = whole.entries[0].clone();
    for from in 0..40 {
        let drip = Extend {
            from,
            entries: vec![entry],
            sidecars: Vec::new(),
            certificate: None,
            ..Extend::clone(&whole)
        };
        lies.push(Answer::Entries(Some(Box::new(drip))));
        let time = fold.state().clock().map_or(cluster.now, |clock| clock.time);
        entry = Bytes::from(fold.seal(time, 0).expect("founded").bytes);
    }
    assert!(head.size > 40, "{}", head.size);
    cluster.twisted.insert(STRANGER, lies);
    cluster.drips = 9;
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.run(300);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
    assert_eq!(balance(&mut cluster, 0, 2), before);
}

/// Invariant C10: a thief signed another history with the log key, and hands it over first. A quorum of mirrors holds one.
#[test]
fn a_node_gives_up_what_a_thief_signed_where_its_mirrors_hold_something_else() {
    const THIEF: usize = 3;
    for seals in [1, 30] {
        let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "loin"]);
        for ally in [1, 2] {
            cluster.ally(0, ally, 100);
        }
        cluster.mirror(0, &[1, 2]);
        cluster.run(40);
        let before = cluster.sheet(0).checkpoint.head.size;
        assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
        cluster.run(40);
        let balance_before = balance(&mut cluster, 0, 2);
        let Checkpoint { origin, .. } = cluster.sheet(0).checkpoint;
        let all = Ask::Range { cite: origin.cite, incarnation: 0, from: 0 };
        let Answer::Entries(Some(mut branch)) = cluster.ask(Some(1), 0, &all) else {
            panic!("a mirror may read it");
        };
        branch.entries.truncate(usize::try_from(before).expect("small"));
        for _ in 0..seals {
            let mut fold = folded(&branch.entries);
            let clock = *fold.state().clock().expect("founded");
            let seal = fold.seal(clock.time, clock.certified_size).expect("founded");
            branch.entries.push(Bytes::from(seal.bytes));
        }
        let head = folded(&branch.entries).head();
        branch.checkpoint = Checkpoint::sign(origin, head, &cluster.sites[0].house.log);
        let hello = claims(&cluster, THIEF, 10_000);
        cluster.twisted.insert(THIEF, vec![hello, Answer::Entries(Some(branch))]);
        cluster.stop(0, false);
        cluster.sites[0].lose_all(1);
        for ally in [1, 2] {
            cluster.stop(ally, true);
        }
        cluster.start(0);
        cluster.run(20);
        let reply = cluster.call(0, Call::Operator(Operator::Status));
        let Reply::Status(status) = reply else { panic!("{reply:?}") };
        let recovery = status.recovery.expect("it recovers");
        assert_eq!((recovery.entries, recovery.signed), (head.size, head.size));
        for ally in [1, 2] {
            cluster.start(ally);
        }
        cluster.run(100);
        assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1, "{seals}");
        assert_eq!(balance(&mut cluster, 0, 2), balance_before, "{seals}");
    }
}

/// Invariant C10: a former mirror alone answers, with what it held when it was the only one. Its promise is a quorum there. Whoever runs
/// the node asked an ally first, and that one knows of more.
#[test]
fn what_a_former_mirror_holds_is_not_gone_on_with_where_more_is_known_as_certified() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    for ally in [1, 2] {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1]);
    cluster.run(40);
    cluster.stop(1, true);
    let former = cluster.sites[1].files();
    cluster.start(1);
    cluster.run(20);
    cluster.mirror(0, &[2]);
    cluster.run(40);
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    let before = balance(&mut cluster, 0, 2);
    let id = cluster.sites[0].house.id;
    let Reply::Cites(cites) = cluster.call(2, Call::Cites) else { panic!("for anybody") };
    let of = |known: &&Known| {
        SignedFounding::decode(&known.founding).is_ok_and(|known| known.founding.id() == id)
    };
    let certified = cites.iter().find(of).and_then(|known| known.certified);
    assert!(certified.is_some());
    cluster.stop(0, false);
    for mirror in [1, 2] {
        cluster.stop(mirror, true);
    }
    // It lies: all of it is as it was, but for its copy and the record of what it cosigned.
    cluster.sites[1].set_back("mirrors/", &former);
    cluster.sites[1].set_back("notes/cosigned/", &former);
    cluster.start(1);
    cluster.sites[0].lose_all(1);
    cluster.sites[0].tell(certified);
    cluster.start(0);
    cluster.run(60);
    let reply = cluster.call(0, Call::Operator(Operator::Status));
    let Reply::Status(status) = reply else { panic!("{reply:?}") };
    let recovery = status.recovery.expect("it recovers");
    assert_eq!((recovery.promised, recovery.needed), (1, 1), "{recovery:?}");
    assert_eq!(Some(recovery.held), certified.map(|head| head.size));
    cluster.start(2);
    cluster.run(60);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
    assert_eq!(balance(&mut cluster, 0, 2), before);
}

/// Invariant L6: a home that recovers hears its allies first, too. One whose clock is as wrong does not decide
/// because it is there before the others.
#[test]
fn a_node_that_recovers_waits_for_its_allies_before_it_believes_its_clock() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for ally in 1..4 {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1]);
    cluster.run(40);
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    for place in [0, 1] {
        cluster.sites[place].scaled_clock = false;
        cluster.sites[place].ahead = 365 * 86_400_000;
    }
    for late in [2, 3] {
        cluster.stop(late, true);
    }
    cluster.start(0);
    cluster.run(6);
    for late in [2, 3] {
        cluster.start(late);
    }
    cluster.run(60);
    // Nor what anybody has: not all of the log may be here.
    for query in [Query::Card, Query::Account] {
        let said = cluster.query(0, 1, query);
        assert_eq!(said, Reply::Unavailable(Unavailable::Recovering), "two say a year ahead");
    }
    cluster.sites[0].ahead = 0;
    cluster.run(60);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
}

/// Invariant A3: whoever has the keys of an incarnation that its root gave up signs with them what he likes. Evidence
/// against those in force convicts.
#[test]
fn evidence_against_retired_keys_changes_nothing() {
    let mut cluster = allied();
    let founding = founding_bytes(&cluster.sites[0].house);
    let twice = |cluster: &mut Cluster, founding| {
        let first = cluster.sheet(0).checkpoint;
        let head = Head { root: Hash([0xff; 32]), ..first.head };
        let second = Checkpoint::sign(first.origin, head, &cluster.sites[0].house.log);
        Ask::Evidence(Box::new(Evidence::SameSize { founding, first, second }))
    };
    let retired = twice(&mut cluster, founding);
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.run(40);
    for (from, to) in [(1, 2), (2, 1)] {
        let answer = cluster.ask(Some(from), to, &retired);
        assert_eq!(answer, Answer::Declined { reason: decline::NOT_A_MIRROR, at: 0 });
    }
    // A restart brings nothing back, and both go on cosigning and exchanging.
    cluster.stop(1, true);
    cluster.start(1);
    assert!(matches!(cluster.export((0, 1), (1, 1), 15), Reply::Recorded(_)));
    cluster.run(60);
    let sheet = cluster.sheet(0);
    let cosigned = sheet.certificate.map(|known| (known.checkpoint, known.cosignatures.len()));
    assert_eq!(cosigned, Some((sheet.checkpoint, 2)));
    assert_eq!(balance(&mut cluster, 1, 1), 15);
    let founding = Bytes::from(cluster.sites[0].house.founding_at(1).encode());
    let in_force = twice(&mut cluster, founding);
    assert_eq!(cluster.ask(Some(1), 2, &in_force), Answer::Kept);
}

/// A thief signs a second history: until the root names another key nobody believes what this one signs. Then the cité
/// goes on with its mirrors, whoever heard of it when.
#[test]
fn a_stolen_key_is_convicted_and_its_cite_goes_on_with_another() {
    let mut cluster = allied();
    // Until the end of this incarnation it is told nothing: a thief keeps it from hearing of it.
    cluster.deaf = Some(0);
    let first = cluster.sheet(0).checkpoint;
    let head = Head { root: Hash([0xff; 32]), ..first.head };
    let second = Checkpoint::sign(first.origin, head, &cluster.sites[0].house.log);
    let founding = founding_bytes(&cluster.sites[0].house);
    let twice = Ask::Evidence(Box::new(Evidence::SameSize { founding, first, second }));
    assert_eq!(cluster.ask(Some(2), 1, &twice), Answer::Kept);
    assert!(matches!(cluster.export((0, 1), (1, 1), 15), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(balance(&mut cluster, 1, 1), 0, "nobody witnesses what the key signs");
    cluster.stop(0, false);
    cluster.deaf = None;
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.run(40);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
    assert_eq!(balance(&mut cluster, 0, 1), 0, "what nobody witnessed is lost");
    // Also where the evidence was kept over a restart.
    cluster.stop(1, true);
    cluster.start(1);
    cluster.run(40);
    assert!(matches!(cluster.export((0, 2), (1, 1), 15), Reply::Recorded(_)));
    cluster.run(60);
    assert_eq!(balance(&mut cluster, 1, 1), 15);
    let sheet = cluster.sheet(0);
    let cosigned = sheet.certificate.map(|known| known.cosignatures.len());
    assert_eq!(cosigned, Some(2));
}

/// A mirror that slept through two incarnations, and holds more of the first than the second left of it, is led to the
/// third from where it left its own.
#[test]
fn a_mirror_that_slept_through_two_incarnations_is_led_forward() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for ally in 1..4 {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1, 2, 3]);
    cluster.run(60);
    // The orchards alone see a payment, and sleep.
    for place in [1, 2] {
        cluster.stop(place, true);
    }
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(10);
    let beyond = cluster.sheet(0).checkpoint.head.size;
    cluster.stop(3, true);
    cluster.stop(0, false);
    for place in [1, 2] {
        cluster.start(place);
    }
    for incarnation in [1, 2] {
        cluster.sites[0].lose_all(incarnation);
        cluster.start(0);
        cluster.run(40);
        let sheet = cluster.sheet(0);
        assert_eq!(sheet.checkpoint.origin.incarnation, incarnation);
        assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
        if incarnation == 1 {
            assert!(matches!(cluster.pay(0, 2, 1, 15), Reply::Recorded(_)));
            cluster.run(40);
            assert!(cluster.sheet(0).checkpoint.head.size > beyond, "the next base lies beyond");
            cluster.stop(0, false);
        }
    }
    cluster.start(3);
    cluster.run(100);
    // Without the boatmen the orchards are needed for a quorum.
    cluster.stop(1, true);
    assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Recorded(_)));
    cluster.run(60);
    let sheet = cluster.sheet(0);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
}

/// Invariant C8: a mirror whose older image was put back promises nothing. It may have cosigned what it has no more, and
/// the log would go on without that.
#[test]
fn an_older_image_of_a_mirror_lets_no_log_go_on_without_what_it_cosigned() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for ally in 1..4 {
        cluster.ally(0, ally, 100);
    }
    cluster.mirror(0, &[1, 2, 3]);
    cluster.run(60);
    cluster.stop(1, true);
    let older = cluster.sites[1].files();
    cluster.start(1);
    cluster.run(20);
    cluster.stop(3, true);
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    let sheet = cluster.sheet(0);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
    let before = balance(&mut cluster, 0, 2);
    // Who is left: a mirror that slept, and one that was set back.
    for place in [0, 1, 2] {
        cluster.stop(place, false);
    }
    cluster.sites[0].lose_all(1);
    cluster.sites[1].restore(&older);
    for place in [0, 1, 3] {
        cluster.start(place);
    }
    cluster.run(60);
    let said = cluster.query(0, 1, Query::Card);
    assert_eq!(said, Reply::Unavailable(Unavailable::Recovering), "the hours would be lost");
    cluster.start(2);
    cluster.run(60);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
    assert_eq!(balance(&mut cluster, 0, 2), before);
}
