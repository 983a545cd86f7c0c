//! Real node cores talk to one another in memory: hours cross borders exactly once, nodes that were
//! away catch up, and forged or foreign things are refused.

use harness::cluster::Cluster;
use proto::{
    desk::Reply,
    minutes::Balance,
    wire::{Answer, Ask},
};

/// Three allied cités that mirror one another.
fn allied() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        cluster.ally(a, b, 100);
    }
    for place in 0..3 {
        let others: Vec<usize> = (0..3).filter(|other| *other != place).collect();
        cluster.mirror(place, &others);
    }
    cluster.run(40);
    cluster
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
    let mut cluster = allied();
    let mut refused = 0;
    for _ in 0..8 {
        match cluster.export((0, 1), (1, 2), 900) {
            Reply::Recorded(_) => {}
            Reply::Refused(_) => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    cluster.run(30);
    // The payer's floor is 20 h: one payment of 15 h fits, the others are refused at home.
    assert_eq!(refused, 7);
    assert_eq!(cluster.account(0, 1).balance, Balance(-900));
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
