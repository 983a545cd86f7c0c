//! Cheats among real node cores: who notices, who hears of it and when, and what it costs the cheat. Nobody else is
//! accused of anything.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use harness::{
    cluster::{Cluster, Mesh},
    people::founding_bytes,
};
use node::core::Input;
use proto::{
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Operator, Reply},
    entry::{Entry, number},
    evidence::Evidence,
    founding::SignedFounding,
    hash::Hash,
    order::Head,
    wire::{Answer, Ask, Extend, Gossip, Held, Hello, decline},
};

/// The cité whose log it is about.
const HOME: usize = 0;
/// A mirror of it.
const MIRROR: usize = 1;
/// Another one.
const OTHER: usize = 2;

fn allied() -> Cluster {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    assert!(matches!(cluster.pay(HOME, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(40);
    cluster
}

/// Returns the evidence that a node keeps, by its files.
fn kept(cluster: &Cluster, place: usize) -> Vec<Evidence> {
    let files = cluster.sites[place].files().into_iter();
    let files = files.filter(|(name, _)| name.starts_with("notes/evidence/"));
    files.map(|(_, bytes)| Evidence::decode(&bytes).expect("it was kept whole")).collect()
}

/// Returns the numbers of the evidence that a node keeps.
fn numbers(cluster: &Cluster, place: usize) -> Vec<u16> {
    kept(cluster, place).iter().map(Evidence::number).collect()
}

fn is_convicted(cluster: &mut Cluster, place: usize, cite: usize) -> bool {
    let id = cluster.sites[cite].house.id;
    let Reply::Cites(cites) = cluster.call(place, Call::Cites) else { panic!("for anybody") };
    let of = |known: &Known| SignedFounding::decode(&known.founding).map(|f| f.founding.id());
    cites.iter().any(|known| of(known) == Ok(id) && known.convicted)
}

/// Returns a head of the home's log that it never had, signed by its key.
fn forged(cluster: &mut Cluster, size: u64) -> Checkpoint {
    let origin = cluster.sheet(HOME).checkpoint.origin;
    let head = Head { root: Hash([0xee; 32]), size };
    Checkpoint::sign(origin, head, &cluster.sites[HOME].house.log)
}

/// Returns the gossip of a certificate of the home's log that mirrors gave.
fn certified(cluster: &Cluster, checkpoint: Checkpoint, mirrors: &[usize]) -> Vec<u8> {
    let cosign = |place: &usize| {
        let house = &cluster.sites[*place].house;
        Cosignature::sign(&checkpoint, house.id, cluster.now.0 / 1_000, &house.mirror)
    };
    let mut cosignatures: Vec<_> = mirrors.iter().map(cosign).collect();
    cosignatures.sort_unstable_by_key(|cosignature| cosignature.mirror);
    let house = &cluster.sites[HOME].house;
    let incarnation = checkpoint.origin.incarnation;
    let founding = match incarnation {
        0 => founding_bytes(house),
        _ => Bytes::from(house.founding_at(incarnation).encode()),
    };
    Gossip::Certificate { founding, certificate: Certificate { checkpoint, cosignatures } }.encode()
}

/// Lets a node hear what another one passes on, whoever made it up.
fn hear(cluster: &mut Cluster, from: usize, to: usize, frame: &[u8]) {
    let peer = cluster.sites[from].peer();
    cluster.gossip(peer, to, frame.to_vec());
}

/// E3: the home of a log moves hours that its member did not order. The mirror that is to witness it convicts it.
#[test]
fn a_home_that_forges_an_order_is_convicted() {
    let mut cluster = allied();
    cluster.deaf = Some(HOME);
    let cite = cluster.sites[HOME].house.id;
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(held)) = cluster.ask(Some(HOME), MIRROR, &all) else {
        panic!("a mirror gives a home what it holds")
    };
    let mut leaves: Vec<Vec<u8>> = held.entries.iter().map(|entry| entry.to_vec()).collect();
    let from = u64::try_from(leaves.len()).expect("few");
    assert_eq!(from, held.checkpoint.head.size, "one range holds it all");
    let order = |entry: &&Vec<u8>| Entry::kind_of(entry) == Some(number::ORDER);
    let mut forged = leaves.iter().rfind(order).expect("somebody paid").clone();
    *forged.last_mut().expect("a signature") ^= 1;
    let seal = leaves.last().expect("a seal").clone();
    leaves.extend([forged, seal]);
    let head = Head { size: from + 2, root: harness::vectors::range_root(&leaves) };
    let extend = Extend {
        checkpoint: Checkpoint::sign(held.checkpoint.origin, head, &cluster.sites[HOME].house.log),
        from,
        entries: leaves.split_off(leaves.len() - 2).into_iter().map(Bytes::from).collect(),
        certificate: held.certificate.clone(),
        sidecars: Vec::new(),
        founding: held.founding.clone(),
    };
    let told = cluster.ask(Some(HOME), MIRROR, &Ask::Extend(Box::new(extend)));
    assert_eq!(told, Answer::Declined { reason: decline::BAD_ENTRY, at: from });
    for place in [MIRROR, OTHER] {
        assert!(is_convicted(&mut cluster, place, HOME), "{place}");
        assert_eq!(numbers(&cluster, place), [3]);
    }
    // Nothing that this key signs is witnessed or taken in any more.
    assert!(matches!(cluster.export((HOME, 1), (OTHER, 2), 60), Reply::Recorded(_)));
    cluster.run(40);
    assert_eq!(cluster.account(OTHER, 2).balance.0, 0);
}

/// What convicts nobody costs a mirror a look at its whole copy: it looks again after five seconds, not with each push.
#[test]
fn a_home_that_leads_a_copy_astray_is_looked_at_again_after_a_while() {
    let mut cluster = allied();
    let cite = cluster.sites[HOME].house.id;
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(held)) = cluster.ask(Some(HOME), MIRROR, &all) else {
        panic!("a mirror gives a home what it holds")
    };
    let from = held.checkpoint.head.size;
    let honest = Extend { from, entries: Vec::new(), sidecars: Vec::new(), ..*held };
    let lie = Extend {
        checkpoint: forged(&mut cluster, from + 1),
        entries: vec![Bytes::from(b"hours".to_vec())],
        ..honest.clone()
    };
    let push = |cluster: &mut Cluster, extend: &Extend| {
        cluster.ask(Some(HOME), MIRROR, &Ask::Extend(Box::new(extend.clone())))
    };
    let declined = Answer::Declined { reason: decline::BAD_ENTRY, at: from };
    assert!(matches!(push(&mut cluster, &honest), Answer::Cosigned(_)));
    assert_eq!(push(&mut cluster, &lie), declined);
    assert_eq!(push(&mut cluster, &honest), declined, "nothing is looked at");
    cluster.run(6);
    assert!(matches!(push(&mut cluster, &honest), Answer::Cosigned(_)));
}

/// The same while the home is away, and others who hold more of its log are followed: strangers are listened to once a
/// minute, all together, and neither mirrors nor the home wait for that.
#[test]
fn strangers_who_lead_a_copy_astray_are_followed_once_a_minute() {
    const STRANGER: usize = 3;
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "loin"]);
    for (a, b) in [(HOME, MIRROR), (HOME, OTHER), (MIRROR, OTHER)] {
        cluster.ally(a, b, 100);
    }
    cluster.mirror(HOME, &[MIRROR, OTHER]);
    cluster.run(40);
    // The other mirror alone has what comes next.
    cluster.stop(MIRROR, true);
    assert!(matches!(cluster.pay(HOME, 1, 2, 60), Reply::Recorded(_)));
    cluster.run(5);
    let size = cluster.sheet(HOME).checkpoint.head.size;
    let checkpoint = forged(&mut cluster, size);
    let cite = cluster.sites[HOME].house.id;
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(held)) = cluster.ask(Some(HOME), OTHER, &all) else {
        panic!("a mirror gives a home what it holds")
    };
    for place in [HOME, OTHER] {
        cluster.stop(place, true);
    }
    cluster.start(MIRROR);
    cluster.run(20);
    let copied =
        |cluster: &mut Cluster| match cluster.call(MIRROR, Call::Operator(Operator::Status)) {
            Reply::Status(status) => {
                status.mirrored.iter().find(|item| item.cite == cite).expect("a copy").size
            }
            other => panic!("no status: {other:?}"),
        };
    let behind = copied(&mut cluster);
    assert!(behind < size);
    let lie = Extend {
        checkpoint,
        from: behind,
        entries: vec![Bytes::from(b"hours".to_vec())],
        sidecars: Vec::new(),
        ..*held
    };
    cluster.twisted.insert(STRANGER, vec![Answer::Entries(Some(Box::new(lie)))]);
    cluster.handed = Some(Vec::new());
    let (stranger, founding) =
        (cluster.sites[STRANGER].peer(), founding_bytes(&cluster.sites[STRANGER].house));
    let asked = |cluster: &mut Cluster, hellos: u64| {
        for _ in 0..hellos {
            let held = vec![Held { cite, incarnation: 0, size }];
            let (now, addresses, others) = (cluster.now, Vec::new(), Vec::new());
            let hello = Hello { founding: founding.clone(), addresses, held, others, now };
            cluster.ask_as(stranger, MIRROR, &Ask::Hello(hello));
            cluster.run(1);
        }
        let handed = cluster.handed.replace(Vec::new()).expect("looked at");
        let ranges = handed.into_iter().filter(|(place, input)| match input {
            Input::Asked { frame, .. } if *place == STRANGER => {
                matches!(Ask::decode(frame), Ok(Ask::Range { .. }))
            }
            _ => false,
        });
        ranges.count()
    };
    assert_eq!(asked(&mut cluster, 20), 1);
    cluster.run(60);
    assert_eq!(asked(&mut cluster, 20), 1, "it may have been another's fault");
    cluster.start(OTHER);
    cluster.run(5);
    assert_eq!(copied(&mut cluster), size, "a mirror is followed all the same");
    cluster.start(HOME);
    cluster.run(20);
    let sheet = cluster.sheet(HOME);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
}

/// E4: a mirror cosigns a second history. Whoever holds a copy of the log and hears of the certificate convicts it, and
/// tells those who hold none. Its own log is as good as before; its word for others' is worth nothing.
#[test]
fn a_mirror_that_cosigns_two_histories_is_convicted() {
    for behind in [0, 1] {
        let mut cluster = allied();
        cluster.deaf = Some(HOME);
        let cite = cluster.sites[HOME].house.id;
        let all = Ask::Range { cite, incarnation: 0, from: 0 };
        let Answer::Entries(Some(held)) = cluster.ask(Some(HOME), OTHER, &all) else {
            panic!("a mirror gives a home what it holds")
        };
        let size = held.certificate.expect("the last seal names one").checkpoint.head.size;
        let checkpoint = forged(&mut cluster, size - behind);
        let frame = certified(&cluster, checkpoint, &[MIRROR]);
        hear(&mut cluster, MIRROR, OTHER, &frame);
        cluster.run(2);
        let found = kept(&cluster, OTHER);
        let parties: Vec<_> = found.iter().filter_map(Evidence::party).collect();
        let mirror = cluster.sites[MIRROR].house.clone();
        let (cite, key) = (mirror.id, mirror.mirror.public());
        assert!(parties.contains(&proto::evidence::Party::Mirror { cite, key }), "{parties:?}");
        assert!(!is_convicted(&mut cluster, OTHER, MIRROR), "its own log is no worse for it");
        assert!(is_convicted(&mut cluster, OTHER, HOME), "whose key signed both");
        // A restart brings it back from the disk.
        cluster.stop(OTHER, false);
        cluster.start(OTHER);
        cluster.run(20);
        assert_eq!(kept(&cluster, OTHER), found);
        // What the mirror itself signs is taken in as before.
        assert!(matches!(cluster.export((MIRROR, 1), (OTHER, 2), 60), Reply::Recorded(_)));
        cluster.run(60);
        assert_eq!(cluster.account(OTHER, 2).balance.0, 60);
    }
}

/// The word of a convicted mirror brings no hours in: of two cités that are allied with it and not with each other's
/// mirrors, the one who heard of it waits for another witness.
#[test]
fn the_word_of_a_convicted_mirror_is_no_allys() {
    for convicted in [false, true] {
        let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
        for (a, b) in [(HOME, MIRROR), (HOME, OTHER), (MIRROR, OTHER)] {
            cluster.ally(a, b, 100);
        }
        cluster.mirror(HOME, &[MIRROR]);
        cluster.mirror(OTHER, &[HOME]);
        cluster.run(40);
        if convicted {
            let house = cluster.sites[MIRROR].house.clone();
            let log = cluster.sheet(HOME).checkpoint.origin;
            let [first, second] = [1, 2].map(|root| {
                let head = Head { root: Hash([root; 32]), size: 9 };
                let checkpoint = Checkpoint { head, ..cluster.sheet(HOME).checkpoint };
                let cosignature = Cosignature::sign(&checkpoint, house.id, 7, &house.mirror);
                proto::evidence::CosignedHead::of(head, &cosignature)
            });
            let evidence = Evidence::TwoCosigned {
                founding: founding_bytes(&house),
                incarnation: 0,
                log,
                first,
                second,
                opening: Vec::new(),
            };
            let answer = cluster.ask(Some(HOME), OTHER, &Ask::Evidence(Box::new(evidence)));
            assert_eq!(answer, Answer::Kept);
        }
        assert!(matches!(cluster.export((HOME, 1), (OTHER, 2), 60), Reply::Recorded(_)));
        cluster.run(100);
        let hours = if convicted { 0 } else { 60 };
        assert_eq!(cluster.account(OTHER, 2).balance.0, hours, "convicted: {convicted}");
    }
}

/// E5: a mirror promised to leave an incarnation alone, and cosigns more of it for whoever has its old key. The copies
/// of the log hold the promise.
#[test]
fn a_mirror_that_breaks_its_promise_is_convicted() {
    let mut cluster = allied();
    let old = cluster.sites[HOME].house.log.clone();
    let before = cluster.sheet(HOME).checkpoint;
    cluster.stop(HOME, false);
    cluster.sites[HOME].lose_all(1);
    cluster.start(HOME);
    cluster.run(60);
    assert_eq!(cluster.sheet(HOME).checkpoint.origin.incarnation, 1);
    // What was certified before the promise convicts nobody, whenever it is heard of.
    let frame = certified(&cluster, before, &[MIRROR, OTHER]);
    hear(&mut cluster, MIRROR, OTHER, &frame);
    assert!(kept(&cluster, OTHER).is_empty());
    let head = Head { root: Hash([0xee; 32]), size: before.head.size + 1 };
    let after = Checkpoint::sign(before.origin, head, &old);
    let frame = certified(&cluster, after, &[MIRROR]);
    hear(&mut cluster, MIRROR, OTHER, &frame);
    cluster.run(2);
    assert_eq!(numbers(&cluster, OTHER), [5]);
    assert_eq!(numbers(&cluster, HOME), [5], "gossip told it");
    assert!(!is_convicted(&mut cluster, OTHER, HOME), "its root gave that key up");
}

/// E7: whoever opens an incarnation twice under one key has signed two histories, and two heads say so (E1).
#[test]
fn two_resumes_of_one_incarnation_are_two_histories() {
    let mut cluster = allied();
    cluster.stop(HOME, false);
    cluster.sites[HOME].lose_all(1);
    cluster.start(HOME);
    cluster.run(60);
    let held = cluster.sheet(HOME).checkpoint;
    assert_eq!(held.origin.incarnation, 1);
    let checkpoint = forged(&mut cluster, held.head.size);
    let frame = certified(&cluster, checkpoint, &[]);
    hear(&mut cluster, MIRROR, OTHER, &frame);
    cluster.run(2);
    assert_eq!(numbers(&cluster, OTHER), [1]);
    assert!(is_convicted(&mut cluster, OTHER, HOME));
}

/// Invariant A1: a home that went through the loss of its disk twice, with a mirror that was away, leaves nothing that
/// convicts anybody, however old the certificates are that go round.
#[test]
fn honest_cites_that_lost_everything_are_never_convicted() {
    let mut cluster = allied();
    let mut heard = Vec::new();
    for incarnation in [1, 2] {
        let sheet = cluster.sheet(HOME);
        let Some(certificate) = sheet.certificate else { panic!("it was certified") };
        let house = &cluster.sites[HOME].house;
        let founding = match incarnation {
            1 => founding_bytes(house),
            later => Bytes::from(house.founding_at(later - 1).encode()),
        };
        heard.push(Gossip::Certificate { founding, certificate }.encode());
        cluster.stop(MIRROR, true);
        assert!(matches!(cluster.pay(HOME, 1, 2, 15), Reply::Recorded(_)));
        cluster.run(10);
        cluster.stop(HOME, false);
        cluster.sites[HOME].lose_all(incarnation);
        cluster.start(MIRROR);
        cluster.start(HOME);
        cluster.run(80);
        assert_eq!(cluster.sheet(HOME).checkpoint.origin.incarnation, incarnation);
    }
    for frame in &heard {
        for (from, to) in [(MIRROR, OTHER), (OTHER, MIRROR), (MIRROR, HOME)] {
            hear(&mut cluster, from, to, frame);
        }
    }
    cluster.run(5);
    for place in [HOME, MIRROR, OTHER] {
        assert_eq!(kept(&cluster, place), Vec::new(), "{place}");
    }
}

/// An image that was set back does not promise: it would say that it held less than it cosigned.
#[test]
fn a_mirror_that_was_set_back_promises_nothing() {
    let mut cluster = allied();
    cluster.stop(MIRROR, true);
    cluster.sites[MIRROR].lose("guard");
    cluster.start(MIRROR);
    cluster.run(20);
    let house = &cluster.sites[HOME].house;
    let record = Bytes::from(house.founding_at(1).encode());
    let asks = house.role_keys(1)[3].public();
    cluster.connect_as(asks, MIRROR);
    let answer = cluster.ask_as(asks, MIRROR, &Ask::Fence(record.clone()));
    assert_eq!(answer, Answer::Declined { reason: decline::CANNOT_WRITE, at: 0 });
    cluster.connect_as(asks, OTHER);
    let answer = cluster.ask_as(asks, OTHER, &Ask::Fence(record));
    assert!(matches!(answer, Answer::Fenced { .. }), "{answer:?}");
}

/// Fork evidence reaches every connected honest node within two gossip rounds: nine nodes, each with as few neighbours
/// in the mesh as gossipsub puts up with, and no hop faster than a heartbeat.
#[test]
fn evidence_reaches_nine_nodes_within_two_rounds() {
    let slugs: Vec<String> = (0..9).map(|place| format!("cite-{place}")).collect();
    let slugs: Vec<&str> = slugs.iter().map(String::as_str).collect();
    let mut cluster = Cluster::new(&slugs);
    cluster.ally(HOME, MIRROR, 100);
    cluster.mirror(HOME, &[MIRROR]);
    cluster.run(40);
    // At least five neighbours each (gossipsub's default): six on a ring.
    cluster.mesh = Some(Mesh::ring(9, 3));
    let size = cluster.sheet(HOME).checkpoint.head.size;
    let extend = Extend {
        founding: founding_bytes(&cluster.sites[HOME].house),
        checkpoint: forged(&mut cluster, size),
        from: size,
        entries: Vec::new(),
        certificate: None,
        sidecars: Vec::new(),
    };
    let told = cluster.ask(Some(HOME), MIRROR, &Ask::Extend(Box::new(extend)));
    assert_eq!(told, Answer::Declined { reason: decline::FORK, at: size });
    let knowing =
        |cluster: &mut Cluster| (1..9).filter(|place| is_convicted(cluster, *place, HOME)).count();
    let mut rounds = vec![knowing(&mut cluster)];
    for _ in 0..2 {
        cluster.run(1);
        rounds.push(knowing(&mut cluster));
    }
    assert_eq!(rounds[0], 1, "only the mirror that saw it");
    assert!(rounds[1] > 1 && rounds[1] < 8, "{rounds:?}");
    assert_eq!(rounds[2], 8, "{rounds:?}");
}
