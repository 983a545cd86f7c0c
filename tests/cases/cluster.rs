//! Real node cores talk to one another in memory: hours cross borders exactly once, nodes that were
//! away catch up, and forged or foreign things are refused.

use harness::{cluster::Cluster, people::founding_bytes};
use node::core::DISK_LEAST;
use proto::{
    act::{Act, PeerOpen},
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::{Call, Known, Operator, Query, Reply, Standing},
    evidence::Evidence,
    founding::SignedFounding,
    hash::Hash,
    minutes::{Balance, Minutes},
    order::{Head, Statement},
    wire::{Answer, Ask, Extend, decline},
};

/// Three allied cités that mirror one another.
fn allied() -> Cluster {
    Cluster::allied(&["tisserandes", "mariniers", "ruchers"])
}

#[test]
fn hours_move_inside_a_cite() {
    let mut cluster = Cluster::new(&["tisserandes"]);
    assert!(matches!(cluster.pay(0, 1, 2, 90), Reply::Recorded(_)));
    assert_eq!(cluster.account(0, 1).balance, Balance(-90));
    assert_eq!(cluster.account(0, 2).balance, Balance(90));
}

#[test]
fn hours_cross_a_border_once_and_both_sides_agree() {
    let mut cluster = allied();
    for place in 0..3 {
        let sheet = cluster.sheet(place);
        assert!(sheet.committed.size > 0, "{place} has a committed prefix");
        assert!(sheet.peers.iter().all(|peer| peer.opened_there), "{place} knows the openings");
    }
    let reply = cluster.export((0, 1), (1, 2), 90);
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    cluster.run(5);
    assert_eq!(cluster.account(0, 1).balance, Balance(-90));
    assert_eq!(cluster.account(1, 2).balance, Balance(90));
    // A day later the acknowledgement closes the transfer.
    let tomorrow = cluster.now.plus(86_400_001);
    cluster.set_clocks(tomorrow);
    cluster.run(40);
    for place in 0..2 {
        let sheet = cluster.sheet(place);
        let peer = &sheet.peers.iter().find(|peer| peer.sent > 0).expect("it sent something");
        assert_eq!(peer.open, 0, "{place}: {peer:?}");
    }
}

#[test]
fn a_transfer_above_the_line_comes_back() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    cluster.ally(0, 1, 10);
    cluster.mirror(0, &[1]);
    cluster.mirror(1, &[0]);
    cluster.run(40);
    for minutes in [540, 120] {
        assert!(matches!(cluster.export((0, 1), (1, 2), minutes), Reply::Recorded(_)));
        cluster.run(20);
    }
    // The line is 10 h: 9 h are taken in, 2 h more come back, and the payer has them again.
    assert_eq!(cluster.account(1, 2).balance, Balance(540));
    assert_eq!(cluster.account(0, 1).balance, Balance(-540));
    let Reply::History(moved) = cluster.query(0, 1, Query::History { from: 0 }) else {
        panic!("an account has a history");
    };
    let changes: Vec<i64> = moved.iter().map(|movement| movement.change.0).collect();
    assert_eq!(changes, [-540, -120, 120]);
    assert_eq!(moved[1].standing, Standing::Returned(43), "the payer is told why");
}

#[test]
fn two_histories_convict_everywhere_and_exchanges_end() {
    let mut cluster = allied();
    cluster.deaf = Some(0);
    let size = cluster.sheet(0).checkpoint.head.size;
    let told = Answer::Declined { reason: decline::FORK, at: size };
    assert_eq!(forge(&mut cluster, 1, size), told, "the mirror that saw both heads");
    assert!(is_convicted(&mut cluster, 1), "it keeps the evidence");
    assert!(is_convicted(&mut cluster, 2), "the third hears of it");
    // Nothing of the convicted log is cosigned or taken in any more, also after a restart.
    assert!(matches!(cluster.export((0, 1), (1, 2), 60), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(cluster.account(1, 2).balance, Balance(0));
    cluster.stop(1, false);
    cluster.start(1);
    cluster.run(40);
    assert!(is_convicted(&mut cluster, 1), "the evidence was kept");
    assert_eq!(cluster.account(1, 2).balance, Balance(0));
}

/// Hands a mirror a forged head of the first cité's log, of so many leaves.
fn forge(cluster: &mut Cluster, mirror: usize, size: u64) -> Answer {
    let genuine = cluster.sheet(0).checkpoint;
    let head = Head { root: Hash([0xee; 32]), size };
    let forged = Checkpoint::sign(genuine.origin, head, &cluster.sites[0].house.log);
    let extend = Extend {
        founding: founding_bytes(&cluster.sites[0].house),
        checkpoint: forged,
        from: size,
        entries: Vec::new(),
        certificate: None,
        sidecars: Vec::new(),
    };
    cluster.ask(Some(0), mirror, &Ask::Extend(Box::new(extend)))
}

fn is_convicted(cluster: &mut Cluster, place: usize) -> bool {
    let log = cluster.sites[0].house.id;
    let Reply::Cites(cites) = cluster.call(place, Call::Cites) else { panic!("for anybody") };
    let of = |known: &Known| SignedFounding::decode(&known.founding).map(|f| f.founding.id());
    cites.iter().any(|known| of(known) == Ok(log) && known.convicted)
}

#[test]
fn whoever_was_away_hears_of_two_histories_on_coming_back() {
    for behind in [0, 1] {
        let mut cluster = allied();
        cluster.deaf = Some(0);
        cluster.stop(2, false);
        // Two heads of one size (E1), or of two sizes that no log has (E2).
        let size = cluster.sheet(0).checkpoint.head.size - behind;
        let told = Answer::Declined { reason: decline::FORK, at: size };
        assert_eq!(forge(&mut cluster, 1, size), told);
        assert!(is_convicted(&mut cluster, 1));
        // Gossip said it while the third was off; its neighbour hands it over.
        cluster.start(2);
        cluster.run(40);
        assert!(is_convicted(&mut cluster, 2), "E{} is handed over", behind + 1);
        assert!(matches!(cluster.export((0, 1), (2, 2), 60), Reply::Recorded(_)));
        cluster.run(40);
        assert_eq!(cluster.account(2, 2).balance, Balance(0), "nothing is taken in any more");
        cluster.stop(2, false);
        cluster.start(2);
        assert!(is_convicted(&mut cluster, 2), "it was kept");
    }
}

/// Hours that were committed before a cité was convicted, and come to somebody afterwards who does not mirror it.
#[test]
fn what_a_convicted_cite_sent_before_is_not_taken_in() {
    for convicted in [false, true] {
        let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            cluster.ally(a, b, 100);
        }
        cluster.mirror(0, &[1]);
        cluster.mirror(2, &[1]);
        cluster.run(40);
        cluster.cut = vec![(0, 2), (2, 0)];
        let reply = cluster.export((0, 1), (2, 2), 60);
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
        cluster.run(40);
        if convicted {
            let founding = founding_bytes(&cluster.sites[0].house);
            let first = cluster.sheet(0).checkpoint;
            let head = Head { root: Hash([0xff; 32]), ..first.head };
            let second = Checkpoint::sign(first.origin, head, &cluster.sites[0].house.log);
            let evidence = Evidence::SameSize { founding, first, second };
            let answer = cluster.ask(Some(1), 2, &Ask::Evidence(Box::new(evidence)));
            assert_eq!(answer, Answer::Kept);
            assert!(is_convicted(&mut cluster, 2));
        }
        cluster.cut.clear();
        cluster.run(200);
        let hours = if convicted { 0 } else { 60 };
        assert_eq!(cluster.account(2, 2).balance, Balance(hours), "convicted: {convicted}");
    }
}

/// A certificate by cités of whom the importer knows none may be one of the sender alone, under names that it made up.
#[test]
fn hours_that_no_ally_witnessed_wait_until_one_did() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.ally(0, 2, 100);
    cluster.mirror(0, &[1]);
    cluster.mirror(2, &[0]);
    cluster.run(40);
    let reply = cluster.export((0, 1), (2, 2), 60);
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    cluster.run(200);
    assert_eq!(cluster.account(2, 2).balance, Balance(0), "nobody known to it cosigned");
    cluster.ally(1, 2, 100);
    cluster.run(200);
    assert_eq!(cluster.account(2, 2).balance, Balance(60), "an ally did");
}

#[test]
fn evidence_that_convicts_nobody_is_not_kept() {
    let mut cluster = allied();
    let founding = founding_bytes(&cluster.sites[0].house);
    let genuine = cluster.sheet(0).checkpoint;
    let head = Head { root: Hash([0xee; 32]), ..genuine.head };
    // Signed by somebody else than the log key.
    let forged = Checkpoint::sign(genuine.origin, head, &cluster.sites[1].house.log);
    let evidence = Evidence::SameSize { founding, first: genuine, second: forged };
    let answer = cluster.ask(Some(1), 2, &Ask::Evidence(Box::new(evidence)));
    assert_eq!(answer, Answer::Declined { reason: decline::SIGNATURE, at: 0 });
    assert!(!is_convicted(&mut cluster, 2));
}

/// Refusal 44: no rule of the log, for the log does not say what another one says.
#[test]
fn nothing_is_sent_to_a_cite_that_opened_no_account() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    for (place, others) in [(0, [1]), (1, [0])] {
        cluster.mirror(place, &others);
    }
    let open = |cluster: &mut Cluster, here: usize, there: usize| {
        let founding = founding_bytes(&cluster.sites[there].house);
        let act = Act::PeerOpen(PeerOpen { founding, line: Minutes(6_000) });
        assert!(matches!(cluster.submit(here, 0, Statement::Act(act)), Reply::Recorded(_)));
        cluster.run(40);
    };
    open(&mut cluster, 0, 1);
    let Reply::Refused(refused) = cluster.export((0, 1), (1, 2), 60) else {
        panic!("it is refused")
    };
    assert_eq!(refused.number, 44);
    open(&mut cluster, 1, 0);
    assert!(matches!(cluster.export((0, 1), (1, 2), 60), Reply::Recorded(_)));
}

#[test]
fn a_node_that_was_away_catches_up() {
    let mut cluster = allied();
    cluster.stop(1, false);
    for _ in 0..3 {
        assert!(matches!(cluster.export((0, 1), (1, 2), 60), Reply::Recorded(_)));
        cluster.run(2);
    }
    assert_eq!(cluster.sheet(0).peers.iter().map(|peer| peer.open).sum::<u32>(), 3);
    cluster.run(40);
    cluster.start(1);
    cluster.run(60);
    assert_eq!(cluster.account(1, 2).balance, Balance(180));
    assert_eq!(cluster.account(0, 1).balance, Balance(-180));
}

/// A quorum certifies without the mirror that is away, and then nothing is sought any more: the newest checkpoint
/// reaches it all the same, without anybody paying.
#[test]
fn a_mirror_that_was_away_gets_what_was_certified_without_it() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for mirror in 1..4 {
        cluster.ally(0, mirror, 100);
    }
    cluster.mirror(0, &[1, 2, 3]);
    cluster.run(40);
    cluster.stop(3, false);
    assert!(matches!(cluster.pay(0, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    let size = cluster.sheet(0).checkpoint.head.size;
    assert_eq!(cluster.sheet(0).certificate.map(|known| known.checkpoint.head.size), Some(size));
    cluster.start(3);
    cluster.run(70);
    assert_eq!(cluster.sheet(0).checkpoint.head.size, size, "nothing new was entered");
    let Reply::Status(status) = cluster.call(3, Call::Operator(Operator::Status)) else {
        panic!("whoever runs the node is told")
    };
    let held: Vec<u64> = status.mirrored.iter().map(|item| item.size).collect();
    assert_eq!(held, [size]);
}

/// A mirror that starts declines what it is pushed at once, and while nothing is sought it is left alone for a minute then:
/// whoever orders meanwhile does not wait for that.
#[test]
fn hours_do_not_wait_for_a_mirror_that_declined_while_it_started() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    cluster.stop(1, true);
    cluster.start(1);
    cluster.run(3);
    let reply = cluster.export((0, 1), (1, 2), 60);
    assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
    cluster.run(10);
    assert_eq!(cluster.account(1, 2).balance, Balance(60));
}

/// Returns how much of the log of `home` a node holds.
fn held(cluster: &mut Cluster, place: usize, home: usize) -> u64 {
    let cite = cluster.sites[home].house.id;
    let Reply::Status(status) = cluster.call(place, Call::Operator(Operator::Status)) else {
        panic!("whoever runs the node is told")
    };
    let item = status.mirrored.iter().find(|item| item.cite == cite);
    item.map_or(0, |item| item.size)
}

/// Invariant N1: halves that heard nothing of each other, and did not even lose a connection, agree within two
/// rounds of anti-entropy, each of twelve minutes at most, though nothing new happens and one home is gone.
#[test]
fn two_halves_of_a_network_agree_within_two_rounds_once_they_meet_again() {
    const ROUND_S: u64 = 720;
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    cluster.cut = vec![(0, 2), (0, 3), (1, 2), (1, 3)];
    let parted = |here: usize, there: usize| (here < 2) != (there < 2);
    for place in 0..4 {
        for _ in 0..=place {
            assert!(matches!(cluster.pay(place, 1, 2, 15), Reply::Recorded(_)));
            cluster.run(30);
        }
    }
    let sizes: Vec<u64> = (0..4).map(|place| cluster.sheet(place).checkpoint.head.size).collect();
    let pairs: Vec<(usize, usize)> = (0..4)
        .flat_map(|mirror| (0..4).map(move |home| (mirror, home)))
        .filter(|(mirror, home)| mirror != home)
        .collect();
    for (mirror, home) in &pairs {
        let same = held(&mut cluster, *mirror, *home) == sizes[*home];
        assert_eq!(same, !parted(*mirror, *home), "{mirror} and the log of {home}");
    }
    // From here on only the boatmen can tell what the weavers signed meanwhile.
    cluster.stop(0, true);
    cluster.cut.clear();
    cluster.run(2 * ROUND_S);
    let mut signed = sizes;
    for (home, size) in signed.iter_mut().enumerate().skip(1) {
        let sheet = cluster.sheet(home);
        *size = sheet.checkpoint.head.size;
        let certified = sheet.certificate.map(|known| known.checkpoint.head.size);
        assert_eq!(certified, Some(*size), "a quorum of the mirrors of {home} agrees");
    }
    for (mirror, home) in pairs.into_iter().filter(|(mirror, _)| *mirror != 0) {
        assert_eq!(held(&mut cluster, mirror, home), signed[home], "{mirror}, log of {home}");
    }
}

/// Invariant S2.
#[test]
fn entries_go_only_to_mirrors_and_to_the_home() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.mirror(0, &[1]);
    cluster.run(40);
    let log = cluster.sites[0].house.id;
    let ask = Ask::Range { cite: log, incarnation: 0, from: 0 };
    let given = |answer: Answer| matches!(answer, Answer::Entries(Some(_)));
    assert!(given(cluster.ask(Some(1), 0, &ask)), "a mirror asks the home");
    assert!(given(cluster.ask(Some(0), 1, &ask)), "the home asks a mirror");
    assert!(!given(cluster.ask(Some(2), 0, &ask)), "a cité that is no mirror asks the home");
    assert!(!given(cluster.ask(Some(2), 1, &ask)), "a cité that is no mirror asks a mirror");
    assert!(!given(cluster.ask(None, 0, &ask)), "somebody who only dialled in");
}

/// A node whose disk fills takes no more of others' logs while it still writes its own; with room it goes on by itself.
/// One that recovers fetches nothing more.
#[test]
fn copies_of_others_logs_leave_room_for_the_own() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    let home = cluster.sites[0].house.id;
    let copied = |cluster: &mut Cluster| {
        let Reply::Status(status) = cluster.call(1, Call::Operator(Operator::Status)) else {
            panic!("anybody at the socket asks")
        };
        status.mirrored.iter().find(|log| log.cite == home).map(|log| log.size)
    };
    let before = copied(&mut cluster);
    cluster.disk_free(1, 2 * DISK_LEAST - 1);
    assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Recorded(_)));
    cluster.run(20);
    assert_eq!(copied(&mut cluster), before);
    assert!(matches!(cluster.pay(1, 1, 2, 15), Reply::Recorded(_)), "its own log goes on");
    cluster.disk_free(1, 2 * DISK_LEAST);
    cluster.run(80);
    assert!(copied(&mut cluster) > before);
    let sheet = cluster.sheet(0);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
    cluster.stop(0, false);
    cluster.sites[0].lose_all(1);
    cluster.start(0);
    cluster.disk_free(0, DISK_LEAST - 1);
    cluster.run(20);
    let Reply::Status(status) = cluster.call(0, Call::Operator(Operator::Status)) else {
        panic!("anybody at the socket asks")
    };
    assert_eq!(status.recovery.map(|recovery| recovery.entries), Some(0));
    cluster.disk_free(0, DISK_LEAST);
    cluster.run(40);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
}
