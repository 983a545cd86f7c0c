//! Heirs who cheat, while the cité whose log they want is alive: what they sign, and what an ally who lies adds to it,
//! takes nothing from it.

use harness::{
    cluster::Cluster,
    people::{House, founding_bytes, tisserandes},
};
use node::core::{Input, PeerKey};
use proto::{
    act::{Act, PeerOpen},
    certificate::{Certificate, EntryProof},
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{Call, Known, Name, Query, Reply, Unavailable},
    entry::{Entry, number},
    epoch::SignedKeyEpoch,
    founding::SignedFounding,
    hash::Hash,
    heirs::Will,
    keys::{PublicKey, Purpose},
    minutes::Minutes,
    order::{Head, Statement},
    wire::{Announce, Answer, Ask, Delivery, Gossip, Hello, Neighbour, decline},
};

use super::{HOUR_MS, LOST, hours, name_heirs, petition};

/// Somebody who passes things on.
const PEER: PeerKey = PublicKey([9; 32]);

/// Returns the record of the first cité in which its heirs name keys, while it lives.
fn usurped(cluster: &mut Cluster) -> (House, SignedFounding) {
    let will = name_heirs(cluster, LOST);
    cluster.run(60);
    let house = cluster.sites[LOST].house.clone();
    let record = petition(&house, will, 1);
    (house, record)
}

/// Returns a head that the heirs made up, cosigned by the cités at `places`.
fn invented(cluster: &Cluster, house: &House, record: &SignedFounding, by: &[usize]) -> Gossip {
    let [log, ..] = house.role_keys(1);
    let origin = Origin { network: house.network, cite: house.id, incarnation: 1 };
    let head = Head { root: Hash([0xab; 32]), size: 500 };
    let checkpoint = Checkpoint::sign(origin, head, &log);
    let now = cluster.now.0 / 1_000;
    let cosign = |place: &usize| {
        let mirror = &cluster.sites[*place].house;
        Cosignature::sign(&checkpoint, mirror.id, now, &mirror.mirror)
    };
    let mut cosignatures: Vec<Cosignature> = by.iter().map(cosign).collect();
    cosignatures.sort_by_key(|cosignature| cosignature.mirror);
    let certificate = Certificate { checkpoint, cosignatures };
    Gossip::Certificate { founding: Bytes::from(record.encode()), certificate }
}

/// Returns what a node knows of a cité.
fn known(cluster: &mut Cluster, place: usize, house: &House) -> SignedFounding {
    let Reply::Cites(known) = cluster.call(place, Call::Cites) else { panic!("anybody may ask") };
    let record = |known: &Known| SignedFounding::decode(&known.founding).expect("a record");
    let mut records = known.iter().map(record);
    records.find(|record| record.founding.id() == house.id).expect("it is known")
}

/// Returns how many keys of other cités a log took over, as one of its mirrors may read it.
fn keys_entered(cluster: &mut Cluster, place: usize, mirror: usize) -> usize {
    let cite = cluster.sites[place].house.id;
    let (mut from, mut found) = (0, 0);
    loop {
        let ask = Ask::Range { cite, incarnation: 0, from };
        let Answer::Entries(Some(some)) = cluster.ask(Some(mirror), place, &ask) else {
            panic!("a mirror may read it");
        };
        let is_key = |entry: &&Bytes| Entry::kind_of(entry) == Some(number::KEY_EPOCH);
        found += some.entries.iter().filter(is_key).count();
        from += some.entries.len() as u64;
        if some.entries.is_empty() || from >= some.checkpoint.head.size {
            return found;
        }
    }
}

/// Hears the others of a hello that a node says.
fn say(cluster: &mut Cluster, from: usize, to: usize, record: &SignedFounding) {
    let founding = Bytes::from(record.encode());
    let hello = Hello {
        founding: founding_bytes(&cluster.sites[from].house),
        addresses: Vec::new(),
        held: Vec::new(),
        others: vec![Neighbour { founding, addresses: Vec::new() }],
        now: cluster.now,
    };
    cluster.ask(Some(from), to, &Ask::Hello(hello));
}

/// Invariant H1: a mirror of a cité that lives lies for its heirs. Neither it nor its allies take that for the mirrors'
/// word.
#[test]
fn heirs_and_one_mirror_take_nothing_from_a_cite_that_lives() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (house, record) = usurped(&mut cluster);
    // What its mirrors certified is theirs, whatever record it comes with.
    let certificate = cluster.sheet(LOST).certificate.expect("it has mirrors");
    let founding = Bytes::from(record.encode());
    let borrowed = Gossip::Certificate { founding, certificate };
    let alone = invented(&cluster, &house, &record, &[2]);
    for gossip in [borrowed, alone] {
        for place in [LOST, 1] {
            cluster.gossip(PEER, place, gossip.encode());
        }
    }
    say(&mut cluster, 2, LOST, &record);
    say(&mut cluster, 2, 1, &record);
    cluster.run(60);
    assert_eq!(known(&mut cluster, 1, &house).epoch, None);
    assert_eq!(keys_entered(&mut cluster, 1, 2), 0);
    assert!(matches!(cluster.export((LOST, 1), (1, 1), 15), Reply::Recorded(_)), "it signs");
    cluster.run(60);
    assert_eq!(cluster.account(1, 1).balance.0, 15);
    let sheet = cluster.sheet(LOST);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
    // It is not silent, either.
    let ask = Ask::Fence(Bytes::from(record.encode()));
    let [.., network] = house.role_keys(1);
    hours(&mut cluster, 30);
    let declined = cluster.ask_as(network.public(), 1, &ask);
    hours(&mut cluster, 30);
    assert_eq!(cluster.ask_as(network.public(), 1, &ask), declined);
    assert!(
        matches!(declined, Answer::Declined { reason: decline::NOT_SILENT, at } if at == ledger::mirror::SILENCE_MS)
    );
    // The same by all its mirrors would be their word.
    let all = invented(&cluster, &house, &record, &[1, 2]);
    cluster.gossip(PEER, LOST, all.encode());
    let reply = cluster.call(LOST, Call::Sheet);
    let silent = Reply::Unavailable(Unavailable::Restored);
    assert_eq!(reply, silent, "it fell silent");
    // Nor does it tell members what they have: the log may have gone on elsewhere.
    for query in [Query::Account, Query::History { from: 0 }, Query::Requests] {
        assert_eq!(cluster.query(LOST, 1, query), silent);
    }
    let nobody = Call::Resolve(Name::Number(77));
    assert_eq!(cluster.call(LOST, nobody), silent, "whoever came since is unknown here");
    let somebody = cluster.call(LOST, Call::Resolve(Name::Number(1)));
    assert!(matches!(somebody, Reply::Person(Some(_))), "{somebody:?}");
}

/// Invariant H1: an ally who has no copy of the log knows its mirrors by what its home proved, and believes a quorum.
#[test]
fn who_has_no_copy_believes_a_quorum_of_the_mirrors_that_were_proved() {
    const FAR: usize = 3;
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for a in 0..4 {
        for b in a + 1..4 {
            cluster.ally(a, b, 100);
        }
    }
    cluster.mirror(LOST, &[1, 2]);
    cluster.mirror(FAR, &[1, 2]);
    cluster.run(60);
    let (house, record) = usurped(&mut cluster);
    // Mirrors since the account was opened are known, too, a day later.
    hours(&mut cluster, 25);
    cluster.run(60);
    let alone = invented(&cluster, &house, &record, &[2]);
    cluster.gossip(PEER, FAR, alone.encode());
    cluster.run(60);
    assert_eq!(known(&mut cluster, FAR, &house).epoch, None);
    assert_eq!(keys_entered(&mut cluster, FAR, 1), 0);
    cluster.stop(FAR, false);
    cluster.start(FAR);
    let all = invented(&cluster, &house, &record, &[1, 2]);
    cluster.gossip(PEER, FAR, all.encode());
    cluster.run(60);
    assert_eq!(known(&mut cluster, FAR, &house).epoch, record.epoch);
    assert_eq!(keys_entered(&mut cluster, FAR, 1), 1);
}

/// Invariant H1: whoever heard of heirs first goes by the root's word as soon as that comes, and when stewards open an
/// account by it.
#[test]
fn the_root_comes_before_heirs_whom_nothing_confirms() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    let house = House::new("vergers", "Vergers", "Ici", 1, 1);
    let act = house.names_heirs(1);
    let record = petition(&house, Will::of(&act).expect("heirs"), 1);
    say(&mut cluster, 1, 0, &record);
    assert_eq!(known(&mut cluster, 0, &house).epoch, record.epoch, "nothing else is known");
    let act = PeerOpen { founding: founding_bytes(&house), line: Minutes(600) };
    let reply = cluster.submit(0, 0, Statement::Act(Act::PeerOpen(act)));
    assert!(matches!(reply, Reply::Recorded(_)));
    cluster.mirror(0, &[1]);
    cluster.run(60);
    assert_eq!(keys_entered(&mut cluster, 0, 1), 0, "stewards opened it by the root's word");
    let root = house.founding.clone();
    say(&mut cluster, 1, 0, &root);
    assert_eq!(known(&mut cluster, 0, &house), root);
    say(&mut cluster, 1, 0, &record);
    assert_eq!(known(&mut cluster, 0, &house), root);
}

/// Invariant H1: hours come in with no record of heirs that nothing confirms.
#[test]
fn heirs_whom_nothing_confirms_prove_no_hours() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (_, record) = usurped(&mut cluster);
    cluster.handed = Some(Vec::new());
    assert!(matches!(cluster.export((LOST, 1), (1, 1), 15), Reply::Recorded(_)));
    cluster.run(60);
    let handed = cluster.handed.take().unwrap_or_default();
    let delivered = handed.iter().find_map(|(place, input)| match input {
        Input::Asked { frame, .. } if *place == 1 => match Ask::decode(frame) {
            Ok(Ask::Deliver(delivery)) => Some(*delivery),
            _ => None,
        },
        _ => None,
    });
    let Delivery { proof, body } = delivered.expect("hours came");
    let mut deliver = |proof: EntryProof| {
        cluster.ask(None, 1, &Ask::Deliver(Box::new(Delivery { proof, body: body.clone() })))
    };
    let by_heirs = EntryProof { founding: Bytes::from(record.encode()), ..proof.clone() };
    assert_eq!(deliver(by_heirs), Answer::Declined { reason: decline::NOT_COMMITTED, at: 0 });
    assert!(matches!(deliver(proof), Answer::Cursor { .. }));
}

/// Invariant H1: what a dead cité once said with a clock years ahead keeps its heirs waiting no longer, however often it
/// is said again.
#[test]
fn what_was_said_in_the_future_is_no_sign_of_life() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (house, record) = usurped(&mut cluster);
    let ask = Ask::Fence(Bytes::from(record.encode()));
    let [.., network] = house.role_keys(1);
    cluster.stop(LOST, true);
    let missing = |cluster: &mut Cluster| match cluster.ask_as(network.public(), 1, &ask) {
        Answer::Declined { reason: decline::NOT_SILENT, at } => at,
        answer => panic!("{answer:?}"),
    };
    let before = missing(&mut cluster);
    let since_s = cluster.now.0 / 1_000 + 3 * 365 * 86_400;
    let (founding, addresses) = (founding_bytes(&house), Vec::new());
    let payload = Announce::payload(&house.id, &addresses, since_s);
    let key = &house.network_key;
    let signature = key.sign(Purpose::Announce, &house.network, &payload);
    let announce = Gossip::Announce(Announce { founding, addresses, since_s, signature });
    for restart in [false, true] {
        if restart {
            cluster.stop(1, true);
            cluster.start(1);
            cluster.run(30);
        }
        hours(&mut cluster, 50);
        cluster.gossip(PEER, 1, announce.encode());
    }
    let waited = before - missing(&mut cluster);
    assert!(waited >= 90 * HOUR_MS, "{waited} ms");
}

/// Invariant H1: heirs leave the root incarnations to come back in.
#[test]
fn heirs_take_the_last_incarnation_from_nobody() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (house, record) = usurped(&mut cluster);
    let will = record.epoch.clone().and_then(|epoch| epoch.will).expect("heirs");
    let [.., network] = house.role_keys(1);
    let waits = |cluster: &mut Cluster, record: &SignedFounding, key: PeerKey| match cluster.ask_as(
        key,
        1,
        &Ask::Fence(Bytes::from(record.encode())),
    ) {
        Answer::Declined { reason, .. } => Some(reason),
        Answer::Fenced { .. } => None,
        answer => panic!("{answer:?}"),
    };
    assert_eq!(waits(&mut cluster, &record, network.public()), Some(decline::NOT_SILENT));
    cluster.stop(LOST, true);
    hours(&mut cluster, 31 * 24);
    let last = petition(&house, will, u32::MAX);
    let [.., network_of_last] = house.role_keys(u32::MAX);
    let declined = waits(&mut cluster, &last, network_of_last.public());
    assert_eq!(declined, Some(decline::SIGNATURE));
    assert_eq!(waits(&mut cluster, &record, network.public()), None);
}

/// Invariant H1: whatever heirs ask for, the root has later incarnations.
#[test]
fn petitions_leave_the_root_half_of_the_incarnations() {
    let mut petition = tisserandes().petition(1);
    for (incarnation, fits) in
        [(SignedKeyEpoch::PETITION_MAX, true), (SignedKeyEpoch::PETITION_MAX + 1, false)]
    {
        petition.epoch.incarnation = incarnation;
        assert_eq!(SignedKeyEpoch::decode(&petition.encode()).is_ok(), fits, "{incarnation}");
    }
    let mut by_root = tisserandes().epoch(1);
    by_root.epoch.incarnation = u32::MAX;
    assert!(SignedKeyEpoch::decode(&by_root.encode()).is_ok());
}
