//! Two mirrors of seven that lie at once, so that the five others are just enough: honest cités go on paying one another,
//! and a node whose disk is gone goes on from what the others hold.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

use harness::{
    cluster::{Cluster, recorded},
    people::founding_bytes,
    samples,
};
use ledger::{fold::Fold, keybook::KeyBook, replay};
use proto::{
    codec::Bytes,
    desk::{Call, Reply},
    entry::Entry,
    minutes::Balance,
    resume::{Fence, SignedFence},
    wire::{Answer, Ask, Extend, Held, Hello},
};

const HOME: usize = 0;
const NEIGHBOUR: usize = 1;
/// The cités that lie.
const LIARS: [usize; 2] = [6, 7];

/// Eight cités. The logs of the first two have all others for mirrors.
fn mirrored() -> Cluster {
    let slugs = ["tisserandes", "mariniers", "ruchers", "verriers", "vergers", "forgerons"];
    let mut cluster = Cluster::new(&[&slugs[..], &["potiers", "tanneurs"]].concat());
    let all = 0..cluster.sites.len();
    for home in [HOME, NEIGHBOUR] {
        all.clone().filter(|ally| *ally > home).for_each(|ally| cluster.ally(home, ally, 100));
    }
    for home in [HOME, NEIGHBOUR] {
        let others: Vec<usize> = all.clone().filter(|other| *other != home).collect();
        cluster.mirror(home, &others);
    }
    cluster.run(60);
    cluster
}

fn balances(cluster: &mut Cluster) -> [Balance; 3] {
    [(HOME, 1), (HOME, 2), (NEIGHBOUR, 2)].map(|(place, who)| cluster.account(place, who).balance)
}

/// Lets people pay there and back, inside and across the border, while the liars answer every ask with the next of all
/// answers that there are; fails where any of it does not arrive, is not certified, or somebody honest is convicted.
fn lives_on_beside_liars(cluster: &mut Cluster, rounds: usize) {
    let lies: Vec<Vec<u8>> = samples::all()
        .into_iter()
        .filter(|sample| sample.is("answer between nodes"))
        .map(|sample| sample.bytes)
        .collect();
    for (liar, first) in LIARS.into_iter().zip([0, lies.len() / 2]) {
        let mut lies = lies.clone();
        lies.rotate_left(first);
        cluster.liars.insert(liar, lies);
    }
    let before = balances(cluster);
    for round in 0..2 * rounds {
        let ways = [((HOME, 1), (NEIGHBOUR, 2)), ((NEIGHBOUR, 2), (HOME, 1))];
        let (from, to) = ways[round % 2];
        assert!(recorded(&cluster.pay(HOME, 1 + round % 2, 2 - round % 2, 15)).is_some());
        assert!(recorded(&cluster.export(from, to, 30)).is_some(), "round {round}");
        cluster.run(5);
    }
    cluster.run(40);
    assert_eq!(balances(cluster), before, "what went there came back");
    for place in [HOME, NEIGHBOUR] {
        let sheet = cluster.sheet(place);
        let certified = sheet.certificate.expect("mirrors").checkpoint.head.size;
        assert!(certified + 2 >= sheet.checkpoint.head.size, "{place}: {certified}");
        let Reply::Cites(known) = cluster.call(place, Call::Cites) else { panic!("anybody asks") };
        assert!(known.iter().all(|cite| !cite.convicted), "{place}");
    }
    cluster.liars.clear();
}

/// N2.
#[test]
fn two_mirrors_that_lie_in_every_answer_stop_nobody() {
    let mut cluster = mirrored();
    lives_on_beside_liars(&mut cluster, 10);
}

/// Makes as many seals up as a range holds that follow on the first `kept` entries.
fn made_up(whole: &Extend, kept: usize) -> Extend {
    let mut entries: Vec<Bytes> = whole.entries[..kept].to_vec();
    let begun: Vec<Vec<u8>> = entries.iter().map(|entry| entry.to_vec()).collect();
    let mut fold = Fold::default();
    let prepared = replay::prepare(&mut KeyBook::default(), &begun);
    replay::fold(&mut fold, prepared).expect("a sound log");
    let time = Entry::decode(&entries[kept - 1]).expect("an entry").time;
    let named = fold.state().clock().map_or(0, |clock| clock.certified_size);
    while entries.len() < 256 {
        entries.push(Bytes::from(fold.seal(time, named).expect("founded").bytes));
    }
    Extend { entries, sidecars: Vec::new(), certificate: None, ..whole.clone() }
}

/// Has a mirror say that it holds more than there is of the first log, give this of it, and promise that it holds nothing.
fn lies(cluster: &mut Cluster, liar: usize, given: Extend) {
    let (home, house) = (cluster.sites[HOME].house.id, &cluster.sites[liar].house);
    let hello = Hello {
        founding: founding_bytes(house),
        addresses: Vec::new(),
        held: vec![Held { cite: home, incarnation: 0, size: 10_000 }],
        others: Vec::new(),
        now: cluster.now,
    };
    let fence = Fence { cite: home, below: 1, mirror: house.id, held: None, certified: None };
    let fence = Box::new(SignedFence::sign(fence, &house.network, &house.mirror));
    let lies = vec![
        Answer::Hello(hello),
        Answer::Entries(Some(Box::new(given))),
        Answer::Entries(None),
        Answer::Fenced { fence, certificate: None },
    ];
    cluster.twisted.insert(liar, lies);
}

/// Invariants C7 and C10: both lines follow on true entries, and lead to a checkpoint that is genuine.
#[test]
fn a_node_recovers_beside_two_mirrors_that_make_its_log_up() {
    let mut cluster = mirrored();
    for round in 0..4 {
        assert!(recorded(&cluster.pay(HOME, 1, 2, 15)).is_some());
        assert!(recorded(&cluster.export((HOME, 2), (NEIGHBOUR, 2), 15)).is_some(), "{round}");
    }
    cluster.run(40);
    let before = balances(&mut cluster);
    let (cite, size) = (cluster.sites[HOME].house.id, cluster.sheet(HOME).checkpoint.head.size);
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(whole)) = cluster.ask(Some(LIARS[0]), HOME, &all) else {
        panic!("a mirror may read it");
    };
    for (liar, kept) in LIARS.into_iter().zip([1, whole.entries.len() - 1]) {
        let given = made_up(&whole, kept);
        lies(&mut cluster, liar, given);
    }
    cluster.stop(HOME, false);
    cluster.sites[HOME].lose_all(1);
    // The liars are there first, and alone.
    let honest: Vec<usize> = (1..LIARS[0]).collect();
    honest.iter().for_each(|place| cluster.stop(*place, true));
    cluster.start(HOME);
    cluster.run(20);
    honest.iter().for_each(|place| cluster.start(*place));
    cluster.run(300);
    let sheet = cluster.sheet(HOME);
    assert_eq!(sheet.checkpoint.origin.incarnation, 1);
    assert!(sheet.checkpoint.head.size > size);
    assert_eq!(balances(&mut cluster), before);
    cluster.twisted.clear();
    lives_on_beside_liars(&mut cluster, 3);
}
