//! Gossip: whom a node has punished for what it hears, and what inventors of cités can have it keep and pass on.

use harness::{
    cluster::Cluster,
    people::{House, founding_bytes},
};
use node::core::{Input, PeerKey, Verdict};
use proto::{
    act::{Act, PeerOpen},
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Reply},
    evidence::Evidence,
    founding::SignedFounding,
    hash::Hash,
    ids::CiteId,
    keys::{PublicKey, Purpose, SigningKey},
    minutes::Minutes,
    order::{Head, Statement},
    wire::{Announce, Answer, Ask, Gossip, Hello},
};

/// Somebody who passes things on.
const PEER: PeerKey = PublicKey([9; 32]);

fn allied() -> Cluster {
    Cluster::allied(&["tisserandes", "mariniers", "ruchers"])
}

fn hear(cluster: &mut Cluster, gossip: &Gossip) -> Verdict {
    cluster.gossip(PEER, 2, gossip.encode())
}

/// Returns a certificate of the first cité's log that nobody heard, cosigned by the second with `mirror`.
fn certificate(cluster: &mut Cluster, log: &SigningKey, mirror: &SigningKey) -> Gossip {
    let sheet = cluster.sheet(0);
    let head = Head { root: Hash([0xab; 32]), size: sheet.checkpoint.head.size + 50 };
    let checkpoint = Checkpoint::sign(sheet.checkpoint.origin, head, log);
    let second = cluster.sites[1].house.id;
    let cosignature = Cosignature::sign(&checkpoint, second, cluster.now.0 / 1_000, mirror);
    let founding = founding_bytes(&cluster.sites[0].house);
    Gossip::Certificate {
        founding,
        certificate: Certificate { checkpoint, cosignatures: vec![cosignature] },
    }
}

/// Returns two heads of one size, signed by a log key: those of the cité that `house` is.
fn two_heads(house: &House, log: &SigningKey) -> Evidence {
    let origin = Origin { network: house.network, cite: house.id, incarnation: 0 };
    let signed = |byte| Checkpoint::sign(origin, Head { root: Hash([byte; 32]), size: 7 }, log);
    Evidence::SameSize { founding: founding_bytes(house), first: signed(1), second: signed(2) }
}

fn announce(house: &House, key: &SigningKey, since_s: u64) -> Gossip {
    let addresses = vec!["192.0.2.9:17890".to_owned()];
    let payload = Announce::payload(&house.id, &addresses, since_s);
    let signature = key.sign(Purpose::Announce, &house.network, &payload);
    let founding = founding_bytes(house);
    Gossip::Announce(Announce { founding, addresses, since_s, signature })
}

/// Invariant N7: who passes on what only the hearer knows to be wrong is not punished for it.
#[test]
fn only_what_a_message_shows_by_itself_is_rejected() {
    let mut cluster = allied();
    let houses: Vec<House> = cluster.sites.iter().map(|site| site.house.clone()).collect();
    let [first, second] = [&houses[0], &houses[1]];
    // The root of the second named other keys, and the hearer is the last to know.
    let [_, renewed, ..] = second.role_keys(1);
    let verdicts = [
        ("cosigned with a key of later", certificate(&mut cluster, &first.log, &renewed)),
        (
            "of a cité that is no concern",
            Gossip::Evidence(Box::new(two_heads(&stranger(0), &second.log))),
        ),
        ("said before", announce(second, &second.network_key, 1)),
    ]
    .map(|(what, gossip)| (what, hear(&mut cluster, &gossip)));
    for (what, verdict) in verdicts {
        assert_eq!(verdict, Verdict::Ignore, "{what}");
    }
    let kind = |number: u32, of: &Gossip| [&number.to_le_bytes()[..], &of.encode()[4..]].concat();
    let evidence = Gossip::Evidence(Box::new(two_heads(first, &second.log)));
    let newer = [kind(99, &evidence), {
        let mut frame = evidence.encode();
        frame[4] = 99;
        frame
    }];
    for frame in newer {
        assert_eq!(cluster.gossip(PEER, 2, frame), Verdict::Ignore, "a kind of a newer program");
    }
    let soon = cluster.now.0 / 1_000 + 600;
    let forged = [
        ("the log key did not sign", certificate(&mut cluster, &second.log, &second.mirror)),
        ("it convicts nobody", evidence),
        ("the node's key did not sign", announce(second, &first.network_key, soon)),
    ];
    for (what, gossip) in forged {
        assert_eq!(hear(&mut cluster, &gossip), Verdict::Reject, "{what}");
    }
    let genuine = [
        ("a certificate", certificate(&mut cluster, &first.log, &second.mirror)),
        ("addresses", announce(second, &second.network_key, soon)),
        ("evidence", Gossip::Evidence(Box::new(two_heads(first, &first.log)))),
    ];
    for (what, gossip) in genuine {
        assert_eq!(hear(&mut cluster, &gossip), Verdict::Accept, "{what}");
    }
}

/// Returns what nodes were told of where the node of a cité listens, by gossip and in its hellos.
fn addresses_told(handed: Vec<(usize, Input)>, cite: CiteId) -> Vec<String> {
    let told = handed.into_iter().filter_map(|(_, input)| match input {
        Input::Gossiped { frame, .. } => match Gossip::decode(&frame) {
            Ok(Gossip::Announce(said)) => Some((said.founding, said.addresses)),
            _ => None,
        },
        Input::Asked { frame, .. } => match Ask::decode(&frame) {
            Ok(Ask::Hello(hello)) => Some((hello.founding, hello.addresses)),
            _ => None,
        },
        Input::Answered { frame: Some(frame), .. } => match Answer::decode(&frame) {
            Ok(Answer::Hello(hello)) => Some((hello.founding, hello.addresses)),
            _ => None,
        },
        _ => None,
    });
    let of_cite = told.filter(|(signed, _)| {
        SignedFounding::decode(signed).is_ok_and(|signed| signed.founding.id() == cite)
    });
    of_cite.flat_map(|(_, addresses)| addresses).collect()
}

/// Whoever starts a copy of a node, or an older image, does not lead others away from where the cité's node listens; one
/// that goes on, or recovers, says at once where it does.
#[test]
fn an_image_that_signs_nothing_does_not_say_where_its_cite_listens() {
    const ROUND_S: u64 = 720;
    for what in ["its own image", "an older image", "an empty disk"] {
        let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
        let house = cluster.sites[1].house.id;
        cluster.stop(1, true);
        let image = cluster.sites[1].files();
        match what {
            "an older image" => cluster.sites[1].restore(&image),
            "an empty disk" => cluster.sites[1].lose_all(1),
            _ => {}
        }
        cluster.handed = Some(Vec::new());
        cluster.start(1);
        cluster.run(30);
        let at_once = addresses_told(cluster.handed.take().expect("it is kept"), house);
        cluster.handed = Some(Vec::new());
        cluster.run(ROUND_S);
        let later = addresses_told(cluster.handed.take().expect("it is kept"), house);
        let tells = what != "an older image";
        assert_eq!((!at_once.is_empty(), !later.is_empty()), (tells, tells), "{what}");
    }
}

fn stranger(number: usize) -> House {
    House::new(&format!("inventee-{number}"), "Inventée", "Nulle part", 1, 1)
}

/// Lets a node meet a cité that somebody made up.
fn meet(cluster: &mut Cluster, house: &House) {
    meet_at(cluster, 2, house);
}

fn meet_at(cluster: &mut Cluster, place: usize, house: &House) {
    let hello = Hello {
        founding: founding_bytes(house),
        addresses: Vec::new(),
        held: Vec::new(),
        others: Vec::new(),
        now: cluster.now,
    };
    cluster.ask_as(house.network_key.public(), place, &Ask::Hello(hello));
}

/// Invariant A4: cités that were made up to cheat are passed on slowly, written nowhere, and take nobody's place.
#[test]
fn evidence_against_made_up_cites_takes_no_place() {
    let mut cluster = allied();
    let crowd: Vec<House> = (0..30).map(stranger).collect();
    let mut accepted = 0;
    for house in &crowd {
        meet(&mut cluster, house);
        let evidence = two_heads(house, &house.log);
        let verdict = hear(&mut cluster, &Gossip::Evidence(Box::new(evidence.clone())));
        accepted += usize::from(verdict == Verdict::Accept);
        let handed = cluster.ask(None, 2, &Ask::Evidence(Box::new(evidence)));
        let expected = if verdict == Verdict::Accept { Answer::Kept } else { Answer::Busy };
        assert_eq!((verdict == Verdict::Reject, handed), (false, expected));
    }
    assert_eq!(accepted, 8, "in a minute");
    cluster.run(61);
    let last = crowd.last().expect("one of them");
    let late = hear(&mut cluster, &Gossip::Evidence(Box::new(two_heads(last, &last.log))));
    assert_eq!(late, Verdict::Accept, "a minute later there is room");
    let genuine = cluster.sites[0].house.clone();
    let heard = hear(&mut cluster, &Gossip::Evidence(Box::new(two_heads(&genuine, &genuine.log))));
    assert_eq!(heard, Verdict::Accept);
    let files = cluster.sites[2].files();
    let kept: Vec<&String> = files.keys().filter(|name| name.contains("notes/evidence/")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert!(kept[0].ends_with(&genuine.id.0.to_string()), "{kept:?}");
    let known = Evidence::decode(&files[kept[0]]).expect("evidence");
    assert_eq!(known.founding(), &Bytes::from(genuine.founding.encode()));
}

/// Invariant N1: evidence that was no concern of a peer is handed to it again, on the same connection, and so reaches it
/// once it has an account with the cité that cheated.
#[test]
fn evidence_that_was_no_concern_is_told_again() {
    /// Two rounds, in seconds, each as late as it may be.
    const TWO_ROUNDS: u64 = 2 * (600 + 120);
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    let cheat = stranger(0);
    meet_at(&mut cluster, 0, &cheat);
    let gossip = Gossip::Evidence(Box::new(two_heads(&cheat, &cheat.log)));
    assert_eq!(cluster.gossip(PEER, 0, gossip.encode()), Verdict::Accept);
    cluster.run(TWO_ROUNDS);
    meet_at(&mut cluster, 1, &cheat);
    let act = Act::PeerOpen(PeerOpen { founding: founding_bytes(&cheat), line: Minutes(600) });
    assert!(matches!(cluster.submit(1, 0, Statement::Act(act)), Reply::Recorded(_)));
    let convicted = |cluster: &mut Cluster| {
        let Reply::Cites(cites) = cluster.call(1, Call::Cites) else { panic!("for anybody") };
        let is_cheat = |known: &&Known| {
            let record = SignedFounding::decode(&known.founding).expect("a record");
            record.founding.id() == cheat.id
        };
        cites.iter().find(is_cheat).expect("it was met").convicted
    };
    assert!(!convicted(&mut cluster), "nobody said so here yet");
    cluster.run(TWO_ROUNDS);
    assert!(convicted(&mut cluster));
}
