//! An ally and mirror with valid keys that lies in every answer: honest cités go on paying one another, nobody honest is
//! convicted, and nobody sends the liar more than it could use.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

use harness::{
    cluster::{Cluster, recorded},
    samples,
};
use proto::{
    checkpoint::Cosignature,
    codec::Canonical as _,
    desk::{Call, Reply},
    minutes::Balance,
    wire::Answer,
};

/// The cité that lies.
const LIAR: usize = 3;

/// Four cités that mirror one another, so that three are enough for each log.
fn allied() -> Cluster {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers", "verriers"]);
    cluster.run(20);
    cluster
}

/// Lets honest people pay inside and across a border for a while; fails where any of it does not arrive.
fn lives_on(cluster: &mut Cluster, rounds: usize) {
    let balances = |cluster: &mut Cluster| {
        [(0, 1), (0, 2), (1, 2)].map(|(place, who)| cluster.account(place, who).balance)
    };
    let before = balances(cluster);
    for round in 0..rounds {
        let (payer, payee) = if round % 2 == 0 { (1, 2) } else { (2, 1) };
        assert!(recorded(&cluster.pay(0, payer, payee, 15)).is_some(), "round {round}");
        let (from, to) = if round % 2 == 0 { ((0, 1), (1, 2)) } else { ((1, 2), (0, 1)) };
        assert!(recorded(&cluster.export(from, to, 30)).is_some(), "round {round}");
        cluster.run(5);
    }
    cluster.run(30);
    assert_eq!(balances(cluster), before, "what went there came back");
    for place in 0..LIAR {
        let sheet = cluster.sheet(place);
        let certified = sheet.certificate.expect("mirrors").checkpoint.head.size;
        assert!(certified + 2 >= sheet.checkpoint.head.size, "{place}: {certified}");
        let Reply::Cites(known) = cluster.call(place, Call::Cites) else { panic!("anybody asks") };
        assert!(known.iter().all(|cite| !cite.convicted), "{place}");
        assert!(known.len() <= 8, "{place} knows {} cités", known.len());
    }
}

/// N2: every answer that there is, in turn, whatever was asked.
#[test]
fn an_ally_that_lies_in_every_answer_stops_nobody() {
    let mut cluster = allied();
    let lies: Vec<Vec<u8>> = samples::all()
        .into_iter()
        .filter(|sample| sample.is("answer between nodes"))
        .map(|sample| sample.bytes)
        .collect();
    assert!(lies.len() > 10 && lies.iter().all(|lie| Answer::decode(lie).is_ok()));
    let empty = vec![Vec::new(), vec![0xff; 40]];
    cluster.liars.insert(LIAR, [lies, empty].concat());
    lives_on(&mut cluster, 40);
    assert_eq!(cluster.account(1, 2).balance, Balance(0));
}

/// N2: a mirror that always says that it holds nothing is told all of a log again three times in five seconds, and not
/// as often as it asks.
#[test]
fn a_mirror_that_holds_nothing_is_not_pushed_to_for_ever() {
    let mut cluster = allied();
    let nothing = Answer::Holds { size: 0, head: None, incarnation: 0 };
    cluster.liars.insert(LIAR, vec![nothing.encode()]);
    lives_on(&mut cluster, 4);
    let (log, before) = (cluster.sheet(0).checkpoint.head.size, cluster.asked_liar);
    cluster.run(60);
    let told = cluster.asked_liar - before;
    // Three logs of some hundred bytes an entry, three times in five seconds, beside hellos.
    let log = usize::try_from(log).expect("a small log") * 700;
    assert!(told <= 3 * 12 * 4 * log, "{told} bytes in a minute, of logs of {log}");
}

/// N2: nor is one whose cosignatures are made with a key that is none of the log's, as after its root named others.
#[test]
fn a_mirror_that_cosigns_with_a_strange_key_is_not_pushed_to_for_ever() {
    let mut cluster = allied();
    let checkpoint = cluster.sheet(0).checkpoint;
    let strange = &cluster.sites[LIAR].house.card;
    let cosignature = Cosignature::sign(&checkpoint, cluster.sites[LIAR].house.id, 5, strange);
    cluster.liars.insert(LIAR, vec![Answer::Cosigned(cosignature).encode()]);
    lives_on(&mut cluster, 4);
}
