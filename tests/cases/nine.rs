//! Nine nodes, each the ally of the four beside it, that heard nothing of one another for a while: once they are connected
//! again, they are of one mind within a minute of virtual time.

#![allow(clippy::print_stdout, reason = "how long they took is a figure of the documents")]
#![allow(clippy::indexing_slicing, reason = "the places of a cluster are there")]

use std::collections::BTreeSet;

use harness::cluster::Cluster;
use proto::{
    desk::{Call, Operator, Reply},
    minutes::Balance,
};

/// How many there are.
const NODES: usize = 9;
/// How long they may take, in seconds.
const AGREE_S: u64 = 60;

/// Returns who stands so many places further.
fn beside(place: usize, further: usize) -> usize {
    (place + further) % NODES
}

/// Allies each cité with the two next ones and the two before, of which three are its mirrors.
fn ring() -> Cluster {
    let slugs: Vec<String> = (0..NODES).map(|place| format!("cite-{place}")).collect();
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let mut cluster = Cluster::new(&slugs);
    for place in 0..NODES {
        cluster.ally(place, beside(place, 1), 100);
        cluster.ally(place, beside(place, 2), 100);
    }
    for place in 0..NODES {
        cluster.mirror(place, &[1, 2, NODES - 1].map(|further| beside(place, further)));
    }
    cluster.run(120);
    cluster
}

/// Returns what keeps the nodes from agreeing: a log that is not certified up to its end, or a mirror without that end.
fn differences(cluster: &mut Cluster) -> Vec<String> {
    let mut found = Vec::new();
    let mut ends = Vec::new();
    for place in 0..NODES {
        let sheet = cluster.sheet(place);
        if sheet.certificate.map(|known| known.checkpoint) != Some(sheet.checkpoint) {
            found.push(format!("the log of {place} is not certified up to its end"));
        }
        ends.push((cluster.sites[place].house.id, sheet.checkpoint.head.size));
    }
    for place in 0..NODES {
        let Reply::Status(status) = cluster.call(place, Call::Operator(Operator::Status)) else {
            panic!("whoever runs the node is told")
        };
        let held: BTreeSet<_> = status.mirrored.iter().map(|item| (item.cite, item.size)).collect();
        assert_eq!(held.len(), 3, "each copies three logs");
        for behind in held.iter().filter(|copy| !ends.contains(copy)) {
            found.push(format!("{place} is behind with a copy: {behind:?}"));
        }
    }
    found
}

#[test]
fn nine_nodes_agree_within_a_minute_once_they_are_connected_again() {
    let mut cluster = ring();
    assert_eq!(differences(&mut cluster), Vec::<String>::new());
    let pairs: Vec<(usize, usize)> =
        (0..NODES).flat_map(|a| (a + 1..NODES).map(move |b| (a, b))).collect();
    cluster.cut.clone_from(&pairs);
    for (a, b) in &pairs {
        cluster.disconnect(*a, *b);
    }
    // Each goes on alone for an hour: hours inside, and hours for somebody at each side.
    for _ in 0..3 {
        for place in 0..NODES {
            assert!(matches!(cluster.pay(place, 1, 2, 30), Reply::Recorded(_)));
            for further in [1, 2, NODES - 1] {
                let (from, to) = ((place, 1), (beside(place, further), 2));
                assert!(matches!(cluster.export(from, to, 15), Reply::Recorded(_)));
            }
        }
        cluster.run(1_200);
    }
    assert_eq!(differences(&mut cluster).len(), NODES + 3 * NODES, "each is alone");
    cluster.cut.clear();
    // A round trip of two seconds: a bad wire.
    cluster.delay = 1;
    for (a, b) in &pairs {
        cluster.connect(*a, *b);
    }
    let mut took = 0;
    loop {
        let arrived = (0..NODES).all(|place| cluster.account(place, 2).balance == Balance(3 * 75));
        let left = differences(&mut cluster);
        if arrived && left.is_empty() {
            break;
        }
        assert!(took < AGREE_S, "after {took} s: all arrived is {arrived}; {left:#?}");
        cluster.run(1);
        took += 1;
    }
    println!("nine nodes agreed after {took} s");
}
