//! Heirs: a cité is silent for good, and those whom its root named go on with its log: as it stands, after the wait that
//! each mirror keeps for itself, and only to what the log says that they may.

mod usurpers;

use harness::{
    cluster::Cluster,
    people::{House, tisserandes},
    world::World,
};
use ledger::{
    mirror::{Fenced, SILENCE_MS},
    object::MirrorsState,
    refusal::Refusal,
    resume::{Place, check},
    rules::{Draft, decide},
};
use node::core::DISK_LEAST;
use proto::{
    act::{Act, MirrorSet},
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::{Bytes, Canonical as _},
    desk::{Call, CopyState, Operator, Query, Reply, Unavailable},
    entry::{Entry, Payload, RootAct},
    epoch::SignedKeyEpoch,
    evidence::Evidence,
    founding::{RootKeys, RootSignature, SignedFounding},
    hash::Hash,
    heirs::{Heirs, Will},
    ids::CiteId,
    keys::{KeyError, PublicKey, Purpose, SigningKey},
    order::Head,
    resume::{Fence, HeldHead, Resume, SignedFence},
    time::UnixMillis,
    wire::{Answer, Ask, decline},
};

const LOST: usize = 0;
const HOUR_MS: u64 = 3_600_000;

/// Returns the record in which the heirs of a will name the keys of an incarnation.
fn petition(house: &House, will: Will, incarnation: u32) -> SignedFounding {
    let epoch = Some(house.petition_on(will, incarnation));
    SignedFounding { epoch, ..house.founding.clone() }
}

/// Has the root of a cité in a cluster name its heirs; returns the will.
fn name_heirs(cluster: &mut Cluster, place: usize) -> Will {
    let seq = cluster.sheet(place).root_seq + 1;
    let act = cluster.sites[place].house.names_heirs(seq);
    let bytes = Bytes::from(act.encode());
    assert_eq!(cluster.call(place, Call::Operator(Operator::RootAct(bytes))), Reply::Done);
    Will::of(&act).expect("it names heirs")
}

/// Lets hours pass, five at a time with a few seconds of life.
fn hours(cluster: &mut Cluster, hours: u64) {
    for _ in 0..hours / 5 {
        cluster.sleep(5 * HOUR_MS - 1_000);
        cluster.run(1);
    }
}

fn balances(cluster: &mut Cluster, place: usize) -> [i64; 3] {
    [0, 1, 2].map(|who| cluster.account(place, who).balance.0)
}

/// Returns three allied cités of which the first named its heirs, with hours under way to it, and dead; and the will.
fn dead() -> (Cluster, Will) {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let will = name_heirs(&mut cluster, LOST);
    assert!(matches!(cluster.pay(LOST, 1, 2, 60), Reply::Recorded(_)));
    assert!(matches!(cluster.export((1, 1), (LOST, 1), 30), Reply::Recorded(_)));
    cluster.run(60);
    cluster.stop(LOST, false);
    assert!(matches!(cluster.export((1, 1), (LOST, 1), 45), Reply::Recorded(_)));
    cluster.run(10);
    (cluster, will)
}

/// Invariants H1 and N3: heirs go on with a dead cité as it stood, thirty days after they asked for it and not before,
/// and bring it to its end.
#[test]
fn heirs_go_on_with_a_cite_that_was_silent_for_thirty_days_and_close_it() {
    let (mut cluster, will) = dead();
    let house = cluster.sites[LOST].house.clone();
    cluster.sites[LOST].go_on(1, &petition(&house, will, 1));
    cluster.start(LOST);
    hours(&mut cluster, SILENCE_MS / HOUR_MS - 5);
    let silent = Reply::Unavailable(Unavailable::Recovering);
    assert_eq!(cluster.call(LOST, Call::Sheet), silent, "some hours are missing");
    let known = |cluster: &mut Cluster| {
        let Reply::Cites(known) = cluster.call(1, Call::Cites) else { panic!("anybody may ask") };
        let records = known.iter().map(|known| SignedFounding::decode(&known.founding));
        let mut records = records.map(|record| record.expect("a record"));
        let lost = records.find(|record| record.founding.id() == house.id).expect("an ally");
        lost.epoch.is_some()
    };
    assert!(!known(&mut cluster), "what heirs sign counts nowhere before");
    hours(&mut cluster, 15);
    cluster.run(60);
    let sheet = cluster.sheet(LOST);
    assert_eq!((sheet.checkpoint.origin.incarnation, sheet.inherited), (1, Some(1)));
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
    assert!(known(&mut cluster));
    // What was on its way arrived, and life goes on both ways.
    assert_eq!(balances(&mut cluster, LOST), [0, 15, 60]);
    assert!(matches!(cluster.export((LOST, 2), (1, 2), 60), Reply::Recorded(_)));
    cluster.run(60);
    assert_eq!((balances(&mut cluster, LOST)[2], balances(&mut cluster, 1)[2]), (0, 60));
    // Any heir closes it now, and nobody else.
    let seq = cluster.sheet(LOST).root_seq + 1;
    let payload = RootAct::payload(house.id, seq, &Act::Close);
    let sign = |key: &SigningKey, place| {
        let signature = key.sign(Purpose::RootAct, &house.network, &payload);
        let signatures = vec![RootSignature { key: place, signature }];
        let act = RootAct { cite: house.id, seq, act: Act::Close, signatures };
        Call::Operator(Operator::RootAct(Bytes::from(act.encode())))
    };
    let [first, second, _] = house.heirs();
    for (key, place, number) in [(&first, 1, Some(70)), (&second, 1, None)] {
        match cluster.call(LOST, sign(key, place)) {
            Reply::Refused(refused) => assert_eq!(Some(refused.number), number),
            reply => assert_eq!((reply, number), (Reply::Done, None)),
        }
    }
    cluster.sleep(25 * HOUR_MS);
    cluster.run(120);
    let ended = |place: usize, cluster: &mut Cluster| {
        let peers = cluster.sheet(place).peers;
        peers.iter().any(|peer| peer.cite == house.id && peer.ended && peer.open == 0)
    };
    assert!(ended(1, &mut cluster) && ended(2, &mut cluster));
}

/// Has heirs named, and returns the node by which they ask a witness to fence the log, and the ask.
fn heirs_ask(cluster: &mut Cluster) -> (PublicKey, Ask) {
    let will = name_heirs(cluster, LOST);
    cluster.run(60);
    let record = petition(&cluster.sites[LOST].house, will, 1);
    let peer = record.epoch.as_ref().expect("heirs name keys").epoch.keys.network;
    (peer, Ask::Fence(Bytes::from(record.encode())))
}

/// Invariant H1: as long as a cité gives signs of life, its heirs wait; they take nothing from it, not even its place
/// among its allies.
#[test]
fn a_cite_that_lives_is_not_inherited() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (peer, ask) = heirs_ask(&mut cluster);
    let waits = |cluster: &mut Cluster| match cluster.ask_as(peer, 1, &ask) {
        Answer::Declined { reason: decline::NOT_SILENT, at } => at,
        answer => panic!("{answer:?}"),
    };
    assert_eq!(waits(&mut cluster), SILENCE_MS);
    hours(&mut cluster, 30);
    assert_eq!(waits(&mut cluster), SILENCE_MS, "it is connected");
    // For three weeks it is away; then it comes back for a moment.
    cluster.stop(LOST, true);
    hours(&mut cluster, 21 * 24 + 1);
    assert!(waits(&mut cluster) < 10 * 24 * HOUR_MS);
    cluster.start(LOST);
    cluster.run(30);
    assert_eq!(waits(&mut cluster), SILENCE_MS);
    assert!(matches!(cluster.export((LOST, 1), (1, 1), 15), Reply::Recorded(_)));
    cluster.run(60);
    assert_eq!(balances(&mut cluster, 1)[1], 15);
    let sheet = cluster.sheet(LOST);
    assert_eq!(sheet.certificate.map(|known| known.checkpoint), Some(sheet.checkpoint));
}

/// Invariant H1: a sign of life counts whatever became of the copy of the log: while it is fetched anew, and while it is
/// closed because the disk is full.
#[test]
fn a_sign_of_life_counts_while_the_copy_is_not_there() {
    for closed in [false, true] {
        let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
        let (peer, ask) = heirs_ask(&mut cluster);
        let house = cluster.sites[LOST].house.clone();
        assert!(matches!(cluster.ask_as(peer, 1, &ask), Answer::Declined { .. }));
        for place in [LOST, 2] {
            cluster.stop(place, true);
        }
        hours(&mut cluster, 21 * 24 + 1);
        let (copy, silence) = ("mirrors/{}/log/00000000.seg", "mirrors/{}/silence");
        let [copy, silence] =
            [copy, silence].map(|file| file.replace("{}", &house.id.0.to_string()));
        if closed {
            cluster.disk_free(1, DISK_LEAST + 1);
            cluster.sites[1].fill(&silence);
            hours(&mut cluster, 5);
            cluster.sites[1].spare(&silence);
        } else {
            cluster.stop(1, true);
            cluster.sites[1].rot(&copy, 200);
            cluster.start(1);
        }
        cluster.run(20);
        let item = |cluster: &mut Cluster| match cluster.call(1, Call::Operator(Operator::Status)) {
            Reply::Status(status) => {
                let item = status.mirrored.iter().find(|item| item.cite == house.id);
                item.expect("a copy").copy
            }
            other => panic!("no status: {other:?}"),
        };
        let is_gone = |copy| {
            matches!((closed, copy), (true, CopyState::NoRoom) | (false, CopyState::Refills { .. }))
        };
        assert!(is_gone(item(&mut cluster)));
        // The home is there for a moment, and gives nothing of its log.
        cluster.twisted.insert(LOST, vec![Answer::Entries(None)]);
        cluster.start(LOST);
        cluster.run(3);
        assert!(is_gone(item(&mut cluster)));
        cluster.stop(LOST, true);
        cluster.disk_free(1, u64::MAX);
        cluster.start(2);
        cluster.run(90);
        assert_eq!(item(&mut cluster), CopyState::Kept);
        let Answer::Declined { reason: decline::NOT_SILENT, at } = cluster.ask_as(peer, 1, &ask)
        else {
            panic!("the home was there")
        };
        assert!(at > SILENCE_MS - 10 * HOUR_MS, "closed: {closed}, {at} ms are missing");
    }
}

/// Invariant H1: a machine that was only asleep finds its log in other hands, and signs nothing.
#[test]
fn a_home_that_comes_back_after_its_heirs_signs_nothing() {
    let (mut cluster, will) = dead();
    let record = petition(&cluster.sites[LOST].house, will, 1);
    let asleep = cluster.sites[LOST].go_on(1, &record);
    cluster.start(LOST);
    hours(&mut cluster, SILENCE_MS / HOUR_MS + 15);
    cluster.run(60);
    assert_eq!(cluster.sheet(LOST).checkpoint.origin.incarnation, 1);
    cluster.stop(LOST, true);
    cluster.sites[LOST].put_back(asleep);
    cluster.start(LOST);
    cluster.run(60);
    let silent = Reply::Unavailable(Unavailable::Restored);
    assert_eq!(cluster.call(LOST, Call::Sheet), silent);
    assert_eq!(cluster.query(LOST, 1, Query::Account), silent);
}

/// What two mirrors answer heirs, in a world without a network.
fn answers(world: &mut World, record: &SignedFounding) -> Vec<Fenced> {
    let (id, now) = (world.villages[LOST].house.id, world.now);
    let signed = Bytes::from(record.encode());
    let mut ask = |place: usize| {
        let village = &mut world.villages[place];
        let (own, key) = (village.house.id, village.house.mirror.clone());
        let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
        mirror.fence(now, &signed, own, &key).expect("a sound disk")
    };
    [1, 2].map(&mut ask).into()
}

/// A mirror counts only what it watched: not the time in which it was off, and across a restart.
#[test]
fn a_mirror_counts_the_silence_that_it_watched() {
    let mut world = World::allied();
    let will = named(&mut world);
    let house = world.villages[LOST].house.clone();
    let record = petition(&house, will, 1);
    let missing = |world: &mut World| match answers(world, &record)[0] {
        Fenced::Declined { reason: decline::NOT_SILENT, at } => at,
        ref answer => panic!("{answer:?}"),
    };
    let look = |world: &mut World, millis: u64| {
        world.wait(millis);
        let now = world.now;
        let mirror = world.villages[1].mirrors.get_mut(&house.id).expect("all mirror all");
        mirror.look(now).expect("a sound disk");
    };
    // Nobody asked yet: nothing is watched.
    look(&mut world, HOUR_MS);
    assert_eq!(missing(&mut world), SILENCE_MS);
    look(&mut world, HOUR_MS);
    look(&mut world, HOUR_MS / 2);
    assert_eq!(missing(&mut world), SILENCE_MS - HOUR_MS);
    look(&mut world, 100 * HOUR_MS);
    assert_eq!(missing(&mut world), SILENCE_MS - 7 * HOUR_MS);
    let mirror = world.villages[1].mirrors.remove(&house.id).expect("all mirror all");
    let mirror = mirror.reopen().expect("a sound disk");
    world.villages[1].mirrors.insert(house.id, mirror);
    assert_eq!(missing(&mut world), SILENCE_MS - 7 * HOUR_MS);
    let now = world.now;
    let mirror = world.villages[1].mirrors.get_mut(&house.id).expect("all mirror all");
    mirror.is_alive(now).expect("a sound disk");
    assert_eq!(missing(&mut world), SILENCE_MS);
}

/// Has the root of the lost cité name its heirs, and its mirrors cosign that; returns the will.
fn named(world: &mut World) -> Will {
    let village = &mut world.villages[LOST];
    let seq = village.home.state().cite().expect("founded").root_seq + 1;
    let act = village.house.names_heirs(seq);
    village.home.root_act(world.now, act.clone()).expect("the root names them");
    world.settle(LOST);
    Will::of(&act).expect("it names heirs")
}

/// Mirrors do not promise to heirs whom the log does not name, or does not name any more.
#[test]
fn mirrors_know_the_heirs_by_their_own_copy() {
    let mut world = World::allied();
    let house = world.villages[LOST].house.clone();
    let strange = Fenced::Declined { reason: decline::NOT_THE_HEIRS, at: 1 };
    // Signed by the root, and never entered.
    let stray = petition(&house, house.will(), 1);
    assert_eq!(answers(&mut world, &stray), [strange.clone(), strange.clone()]);
    let record = petition(&house, named(&mut world), 1);
    let silent = Fenced::Declined { reason: decline::NOT_SILENT, at: SILENCE_MS };
    assert_eq!(answers(&mut world, &record), [silent.clone(), silent]);
    // The root names others.
    let mut keys = record.epoch.clone().and_then(|epoch| epoch.will).expect("a will").heirs;
    keys.keys.keys.pop();
    let (seq, act) =
        (world.villages[LOST].home.state().cite().expect("founded").root_seq + 1, Act::Heirs(keys));
    let payload = RootAct::payload(house.id, seq, &act);
    let signatures = house.root_signatures(house.founding.founding.root.threshold, &payload);
    let act = RootAct { cite: house.id, seq, act, signatures };
    world.villages[LOST].home.root_act(world.now, act).expect("the root names others");
    world.settle(LOST);
    assert_eq!(answers(&mut world, &record), [strange.clone(), strange]);
}

/// Invariant H1: the same bytes say to everybody who executes the log whether its heirs may go on with it.
#[test]
fn a_log_goes_on_with_the_heirs_that_it_names_and_no_others() {
    let mut world = World::allied();
    world.settle(LOST);
    let nobody_named = world.villages[LOST].home.state().clone();
    let house = world.villages[LOST].house.clone();
    let record = petition(&house, named(&mut world), 1);
    answers(&mut world, &record);
    for _ in 0..SILENCE_MS / (6 * HOUR_MS) {
        world.wait(6 * HOUR_MS);
        for place in [1, 2] {
            let mirror = world.villages[place].mirrors.get_mut(&house.id).expect("all mirror all");
            mirror.look(world.now).expect("a sound disk");
        }
    }
    let (mut fences, mut certificate) = (Vec::new(), None);
    for answer in answers(&mut world, &record) {
        let Fenced::Promised(fence, known) = answer else { panic!("{answer:?}") };
        fences.push(*fence);
        certificate = known;
    }
    fences.sort_by_key(|fence| fence.fence.mirror);
    let home = &world.villages[LOST].home;
    let (state, head) = (home.state(), home.checkpoint().head);
    let size = state.clock().expect("founded").certified_size;
    let epoch = record.epoch.expect("heirs name keys");
    let shown = home.certificate_of(size).cloned();
    let resume = Resume { epoch, base: head, named: shown, certificate, fences };
    let judge = |mirrors: &MirrorsState, resume: &Resume| {
        let place = Place {
            network: house.network,
            cite: house.id,
            root: &house.founding.founding.root,
            mirrors,
            head,
            named: size,
            mirrors_under: &|_| Some(mirrors.clone()),
            has: &|head| state.recent(head.size).is_some_and(|recent| recent.head == *head),
        };
        check(Box::new(resume.clone()), &place)
    };
    let mirrors = state.mirrors().expect("founded");
    let verified = judge(mirrors, &resume).expect("both promised");
    assert!(decide(state, world.now, Draft::Resume(verified.clone())).is_ok());
    let refused = decide(&nobody_named, world.now, Draft::Resume(verified));
    assert_eq!(refused, Err(Refusal::NotTheHeirs));
    // Without mirrors the root alone goes on, and no heirs.
    let alone = MirrorsState { current: MirrorSet::default(), pending: None, ..mirrors.clone() };
    let resume = Resume { fences: Vec::new(), certificate: None, ..resume };
    assert_eq!(judge(&alone, &resume), Err(Refusal::HeirsUnwatched));
}

/// Petitions are nothing without the root's word, without enough heirs, and for another purpose.
#[test]
fn a_petition_is_signed_by_enough_heirs_whom_the_root_named() {
    let house = tisserandes();
    let check = |signed: &SignedKeyEpoch| {
        signed.verify(house.id, &house.network, &house.founding.founding.root)
    };
    let good = house.petition(1);
    assert_eq!(check(&good), Ok(()));
    let mut few = good.clone();
    few.signatures.pop();
    let mut forged = good.clone();
    let will = forged.will.as_mut().expect("a petition has one");
    will.heirs.keys.threshold = 1;
    let mut number = good.clone();
    number.will.as_mut().expect("a petition has one").seq += 1;
    let mut purpose = good.clone();
    let payload = purpose.epoch.encode();
    let [first, ..] = house.heirs();
    purpose.signatures[0].signature = first.sign(Purpose::KeyEpoch, &house.network, &payload);
    let mut root = good.clone();
    root.will = None;
    for bad in [few, forged, number, purpose, root] {
        assert_eq!(check(&bad), Err(KeyError::Signature), "{bad:?}");
    }
    // An heir signs once, whoever is none not at all.
    let mut again = good.clone();
    assert!(!again.sign_as_heir(&house.network, &first));
    assert!(!again.sign_as_heir(&house.network, &house.roots[0]));
    assert_eq!(again, good);
}

/// The longest record, resume and evidence that there can be are read: seven root keys, five heirs, ten promises, and
/// certificates with fourteen cosignatures.
#[test]
fn the_largest_of_everything_fits() {
    let name = |byte| String::from_utf8(vec![byte; 32]).expect("a letter");
    let mut house = House::new(&name(b'a'), &"n".repeat(64), &"p".repeat(64), 7, 7);
    house.founding.founding.network.name = name(b'r');
    let rules = &mut house.founding.founding.rules;
    rules.deficit_max = Some(proto::minutes::Minutes(60));
    house.founding = SignedFounding::sign(house.founding.founding, &house.roots);
    let founding = &house.founding.founding;
    (house.id, house.network) = (founding.id(), founding.network.id());
    let heirs: Vec<SigningKey> = (1..=5).map(|heir| SigningKey::from_seed(&[heir; 32])).collect();
    let keys = heirs.iter().map(SigningKey::public).collect();
    let act = Act::Heirs(Heirs { keys: RootKeys { threshold: 5, keys } });
    let payload = RootAct::payload(house.id, 1, &act);
    let signatures = house.root_signatures(7, &payload);
    let will = Will::of(&RootAct { cite: house.id, seq: 1, act, signatures }).expect("heirs");
    let mut epoch = SignedKeyEpoch::petition(house.epoch(1).epoch, will);
    assert!(heirs.iter().all(|heir| epoch.sign_as_heir(&house.network, heir)));
    let record = SignedFounding { epoch: Some(epoch.clone()), ..house.founding.clone() };
    let bytes = record.encode();
    assert!(SignedFounding::decode(&bytes).expect("it is within its bound").verify().is_ok());

    let origin = Origin { network: house.network, cite: house.id, incarnation: 1 };
    let base = Head { size: 9, root: Hash([1; 32]) };
    let checkpoint = Checkpoint::sign(origin, base, &house.log);
    let mirrors =
        (1..=14).map(|mirror| (CiteId(Hash([mirror; 32])), SigningKey::from_seed(&[mirror; 32])));
    let mirrors: Vec<_> = mirrors.collect();
    let cosign = |(cite, key): &(CiteId, SigningKey)| Cosignature::sign(&checkpoint, *cite, 5, key);
    let certificate =
        Certificate { checkpoint, cosignatures: mirrors.iter().map(cosign).collect() };
    let promise = |(mirror, key): &(CiteId, SigningKey)| {
        let held = Some(HeldHead::of(&checkpoint));
        let (cite, below, mirror, certified) = (house.id, 2, *mirror, Some((1, base)));
        SignedFence::sign(Fence { cite, below, mirror, held, certified }, &house.network, key)
    };
    let fences: Vec<_> = mirrors.iter().take(Resume::FENCES_MAX).map(promise).collect();
    let (named, certificate) = (Some(certificate.clone()), Some(certificate));
    let resume = Box::new(Resume { epoch, base, named, certificate, fences });
    assert!(Resume::decode(&resume.encode()).is_ok(), "{} bytes", resume.encode().len());
    let entry = Entry { time: UnixMillis(1), payload: Payload::Resume(resume) };
    assert!(Entry::decode(&entry.encode()).is_ok());

    let smaller = Checkpoint { head: Head { size: 8, ..base }, ..checkpoint };
    // The rest of 4 KiB: the opening of a tree of 2^22 leaves.
    let opening = vec![Hash([2; 32]); 2 * 22];
    let evidence =
        Evidence::Inconsistent { founding: bytes.into(), smaller, larger: checkpoint, opening };
    assert!(Evidence::decode(&evidence.encode()).is_ok(), "{} bytes", evidence.encode().len());
}
