//! Nodes that recover: whose disk is gone fetches its log from the nodes that copied it, and all goes on.

use harness::cluster::Cluster;
use proto::desk::{Query, Reply, Unavailable};

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
    let said = cluster.query(0, 1, Query::Card);
    assert_eq!(said, Reply::Unavailable(Unavailable::Recovering), "two of three say a year ahead");
    cluster.sites[0].ahead = 0;
    cluster.run(60);
    assert_eq!(cluster.sheet(0).checkpoint.origin.incarnation, 1);
}
