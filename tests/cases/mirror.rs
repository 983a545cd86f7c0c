//! What a mirror believes and what it declines: it re-executes everything, cosigns only what is durable,
//! and answers two histories with evidence that convicts. Honest heads never convict anybody.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use harness::{
    disk::{Calls, Fault, FaultyDisk},
    news::{HOME, MIRROR, News, entries, hashes},
    people::{self, House},
    world::World,
};
use ledger::{
    evidence::{self, EvidenceError},
    home::Dormant,
    mirror::{Extended, MirrorError, MirrorLog, SEAL_AHEAD_MAX_MS},
    tree,
};
use proto::{
    act::{Act, PeerOpen},
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature},
    entry::{Entry, Payload},
    evidence::Evidence,
    hash::Hash,
    ids::CiteId,
    keys::Signature,
    minutes::Minutes,
    order::{Head, Order, Statement},
    time::UnixMillis,
    wire::{Extend, decline},
};

fn spoiled(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// Returns a push whose seal calls certified what one of two mirrors cosigned, and brings that as the certificate.
fn half_certified(news: &News) -> Extend {
    let (size, boatmen) = (news.held, &news.world.villages[MIRROR].house);
    let root = news.home().root_at(size).expect("inside the log");
    let checkpoint = Checkpoint::sign(news.home().origin(), Head { size, root }, news.log_key());
    let cosignature = Cosignature::sign(&checkpoint, boatmen.id, 1_795_392_000, &boatmen.mirror);
    let certificate = Some(Certificate { checkpoint, cosignatures: vec![cosignature] });
    Extend { certificate, ..news.seal_lie(|seal| seal.certified_size = size) }
}

/// Invariant L4: a seal's number, its time and the certified size.
#[test]
fn a_mirror_declines_what_does_not_follow() {
    let news = News::allied();
    let (now, from) = (news.world.now, news.held);
    let honest = news.honest();
    let [import, pay, seal] = [from, from + 1, from + 2];
    assert_eq!(honest.entries.len(), 3);
    let fake = |edit: &dyn Fn(&mut Extend)| {
        let mut extend = honest.clone();
        edit(&mut extend);
        extend
    };
    let signature = |entry: &[u8]| entry.len() - Signature::LEN;
    let table: Vec<(&str, Extend, u16, u64)> = vec![
        (
            "another key signs",
            fake(&|e| {
                let mirror = &news.world.villages[MIRROR].house.mirror;
                e.checkpoint = Checkpoint::sign(e.checkpoint.origin, e.checkpoint.head, mirror);
            }),
            decline::SIGNATURE,
            seal + 1,
        ),
        (
            "the origin is another log's",
            fake(&|e| {
                e.checkpoint = *news.world.villages[2].home.checkpoint();
            }),
            decline::SIGNATURE,
            news.world.villages[2].home.checkpoint().head.size,
        ),
        (
            "the root is of no such entries",
            fake(&|e| {
                let head = Head { root: Hash([3; 32]), ..e.checkpoint.head };
                e.checkpoint = Checkpoint::sign(e.checkpoint.origin, head, news.log_key());
            }),
            decline::SIGNATURE,
            seal + 1,
        ),
        (
            "the state root is a lie",
            news.seal_lie(|s| s.state_root = Hash([3; 32])),
            decline::STATE,
            seal,
        ),
        ("a seal's time goes back", news.seal_of(UnixMillis(1)), decline::BAD_ENTRY, seal),
        ("a seal number is left out", news.seal_lie(|s| s.seq += 1), decline::BAD_ENTRY, seal),
        (
            "a seal names another past",
            news.seal_lie(|s| s.previous.root = Hash([3; 32])),
            decline::BAD_ENTRY,
            seal,
        ),
        (
            "a seal goes back behind what was certified",
            news.seal_lie(|s| s.certified_size = 0),
            decline::BAD_ENTRY,
            seal,
        ),
        (
            "a seal names a certificate that nobody has",
            news.seal_lie(|s| s.certified_size = news.held),
            decline::CERTIFICATE,
            seal,
        ),
        (
            "a seal names what one mirror of two cosigned",
            half_certified(&news),
            decline::CERTIFICATE,
            seal,
        ),
        ("the last entry is no seal", news.lie(|new| drop(new.pop())), decline::BAD_ENTRY, pay),
        (
            "a payment that nobody signed",
            news.lie(|new| new[1] = spoiled(&new[1], signature(&new[1]))),
            decline::BAD_ENTRY,
            pay,
        ),
        (
            "a payment twice",
            news.lie(|new| new.insert(1, new[1].clone())),
            decline::BAD_ENTRY,
            seal,
        ),
        ("time runs backwards", news.lie(|new| new.swap(1, 2)), decline::STATE, pay),
        (
            "bytes that are no entry",
            news.lie(|new| new[1] = b"hours".to_vec()),
            decline::BAD_ENTRY,
            pay,
        ),
        ("an import without a proof", fake(&|e| e.sidecars.clear()), decline::IMPORT, import),
        ("a proof for another leaf", fake(&|e| e.sidecars[0].leaf += 1), decline::IMPORT, import),
        (
            "a proof too many",
            fake(&|e| e.sidecars.push(e.sidecars[0].clone())),
            decline::IMPORT,
            import,
        ),
        (
            "a proof of another entry",
            fake(&|e| {
                let source = &news.world.villages[2].home;
                e.sidecars[0].proof = source.prove(1).expect("readable").expect("committed");
            }),
            decline::IMPORT,
            import,
        ),
        (
            "a proof with a forged certificate",
            fake(&|e| {
                e.sidecars[0].proof.certificate.cosignatures[0].signature.s[0] ^= 1;
            }),
            decline::IMPORT,
            import,
        ),
        (
            "a proof with one cosignature too few",
            fake(&|e| {
                e.sidecars[0].proof.certificate.cosignatures.truncate(1);
            }),
            decline::IMPORT,
            import,
        ),
        ("no entries at all", fake(&|e| e.entries.clear()), decline::BAD_ENTRY, import),
    ];
    let mut convicting = Vec::new();
    for (what, extend, reason, at) in table {
        let answered = match news.answer(&extend, now) {
            Extended::Declined { reason, at } => (reason, at),
            Extended::Convicts(proof) => {
                let Evidence::BadEntry { leaf, .. } = *proof else { panic!("{what}: {proof:?}") };
                assert!(evidence::verify(&proof).is_ok(), "{what}");
                convicting.push(what);
                (decline::BAD_ENTRY, leaf)
            }
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(answered, (reason, at), "{what}");
    }
    // What only later versions might allow, or what needs more of the log to judge, convicts nobody (E3).
    assert_eq!(convicting, ["the last entry is no seal", "a payment that nobody signed"]);
    assert!(matches!(news.answer(&honest, now), Extended::Cosigned(_)));
}

/// A home may push what convicts nobody as often as it likes: whose order it was is looked for in the whole copy only
/// where the answer convicts, and then nothing more of it is listened to.
#[test]
fn what_convicts_nobody_is_looked_for_nowhere() {
    let news = News::allied();
    let (now, pay) = (news.world.now, news.held + 1);
    let reads = |extend: &Extend| news.answer_and_reads(extend, now);
    let forged = news.lie(|new| new[1] = spoiled(&new[1], new[1].len() - Signature::LEN));
    let (answer, whole) = reads(&forged);
    assert!(matches!(answer, Extended::Convicts(_)), "{answer:?}");
    let (_, least) = reads(&news.lie(|new| new[1] = b"hours".to_vec()));
    assert!(least < whole, "{least} of {whole}");
    // Signed by somebody else, with a key set that the author's first record does not bind.
    let as_if = |change: &dyn Fn(&mut Order)| {
        news.lie(|new| {
            let Ok(Entry { time, payload: Payload::Order(order) }) = Entry::decode(&new[1]) else {
                panic!("a payment")
            };
            let mut said = order.order().clone();
            change(&mut said);
            let payload = Payload::Order(said.sign(news.log_key()));
            new[1] = Entry { time, payload }.encode();
        })
    };
    let later = as_if(&|said| said.epoch = 1);
    let board = House::new(&"s".repeat(32), "Loin", "Loin", 7, 7);
    let act =
        Act::PeerOpen(PeerOpen { founding: people::founding_bytes(&board), line: Minutes(60) });
    let long = as_if(&|said| said.statement = Statement::Act(act.clone()));
    assert!(long.entries[1].len() > Evidence::ENTRY_MAX);
    let head = Head { root: Hash([3; 32]), ..forged.checkpoint.head };
    let checkpoint = Checkpoint::sign(forged.checkpoint.origin, head, news.log_key());
    let elsewhere = Extend { checkpoint, ..forged };
    for (what, extend) in [("epoch", later), ("length", long), ("head", elsewhere)] {
        let declined = Extended::Declined { reason: decline::BAD_ENTRY, at: pay };
        assert_eq!(reads(&extend), (declined, least), "{what}");
    }
}

#[test]
fn a_seal_may_lie_ten_minutes_ahead() {
    let news = News::allied();
    let honest = news.honest();
    let sealed = news.world.now.0;
    let ahead = SEAL_AHEAD_MAX_MS;
    let last = news.held + 2;
    let future = Extended::Declined { reason: decline::FUTURE, at: last };
    assert_eq!(news.answer(&honest, UnixMillis(sealed - ahead - 1)), future);
    let answer = news.answer(&honest, UnixMillis(sealed - ahead));
    assert!(matches!(answer, Extended::Cosigned(_)));
}

#[test]
fn a_mirror_led_astray_goes_back_and_goes_on() {
    let mut news = News::allied();
    let (lie, honest) = (news.seal_lie(|seal| seal.state_root = Hash([3; 32])), news.honest());
    let (cite, now) = (news.home().cite(), news.world.now);
    let village = &mut news.world.villages[MIRROR];
    let mut mirror = village.mirrors.remove(&cite).expect("a mirror");
    let ask = |mirror: &mut MirrorLog, extend| {
        mirror.extend(now, extend, village.house.id, &village.house.mirror).expect("a sound disk")
    };
    assert!(matches!(ask(&mut mirror, &lie), Extended::Declined { .. }));
    assert!(mirror.is_astray());
    let mut mirror = mirror.reopen().expect("a sound disk");
    assert!(matches!(ask(&mut mirror, &honest), Extended::Cosigned(_)));
    // The same again is cosigned again; after a conviction nothing is.
    assert!(matches!(ask(&mut mirror, &honest), Extended::Cosigned(_)));
    let key = mirror.founding().keys().log;
    mirror.freeze(key);
    let frozen = Extended::Declined { reason: decline::FROZEN, at: mirror.size() };
    assert_eq!(ask(&mut mirror, &honest), frozen);
}

/// Invariant C3.
#[test]
fn a_cosignature_comes_after_what_it_stands_for_is_durable() {
    let news = News::allied();
    let honest = news.honest();
    let (cite, size) = (news.home().cite(), honest.checkpoint.head.size);
    let village = &news.world.villages[MIRROR];
    let sound = |disk: FaultyDisk, fault: Option<(u64, Fault)>| {
        let disk = Arc::new(disk);
        let mirror = MirrorLog::open(disk.clone(), cite).expect("a sound disk");
        let mut mirror = mirror.expect("there is a copy");
        let before = disk.changes();
        if let Some((call, fault)) = fault {
            disk.fail(Calls::Changes, call, fault);
        }
        let (own, key) = (village.house.id, &village.house.mirror);
        let answer: Result<Extended, MirrorError> =
            mirror.extend(news.world.now, &honest, own, key);
        (disk.changes() - before, answer.ok(), disk)
    };
    let (calls, answer, disk) = sound(village.mirror_disk.image(), None);
    assert!(matches!(answer, Some(Extended::Cosigned(_))));
    // Whatever was not synced is lost, and the copy still holds what was cosigned.
    for seed in 0..20 {
        let after = MirrorLog::open(Arc::new(disk.reboot(seed)), cite).expect("it opens");
        assert_eq!(after.expect("there is a copy").size(), size);
    }
    assert!(calls >= 5, "sidecars, log and record are written and synced");
    for call in 1..=calls {
        for fault in [Fault::PowerCut, Fault::Broken, Fault::Full] {
            let (_, answer, disk) = sound(village.mirror_disk.image(), Some((call, fault)));
            assert_eq!(answer, None, "{fault:?} at call {call}: it vouches all the same");
            let after = MirrorLog::open(Arc::new(disk.reboot(call)), cite).expect("it opens");
            let after = after.expect("there is a copy");
            let held = after.size();
            assert!([news.held, size].contains(&held), "{fault:?} at call {call}: {held}");
        }
    }
}

/// Returns the answer of the mirror to a checkpoint of any log that the key may have signed.
fn compared(news: &News, checkpoint: Checkpoint) -> Extended {
    let extend = Extend { checkpoint, ..news.honest() };
    news.answer(&extend, news.world.now)
}

/// Invariant A1.
#[test]
fn two_histories_convict_and_one_never_does() {
    let news = News::allied();
    let (origin, size) = (news.home().origin(), news.held);
    let founding = news.home().founding();
    // E1: another root at the size that is held. E2: another root at a smaller size.
    for size in [size, size - 1, 5] {
        let head = Head { size, root: Hash([9; 32]) };
        let lie = Checkpoint::sign(origin, head, news.log_key());
        let Extended::Convicts(proof) = compared(&news, lie) else {
            panic!("no evidence at {size}")
        };
        let convicted = evidence::verify(&proof).expect("it convicts from its own bytes");
        assert_eq!(convicted.founding().cite(), news.home().cite());
        let numbers = (proof.number(), size == news.held);
        assert!(numbers == (1, true) || numbers == (2, false));
        check_spoiled_evidence(&proof);
    }
    // Honest heads, in whatever order they come.
    let all = entries(news.home(), news.home().checkpoint().head.size);
    let stored = hashes(&all);
    let len = u64::try_from(all.len()).expect("fits");
    let sign = |size: u64| {
        let root = tree::root_at(&stored, size).expect("inside");
        Checkpoint::sign(origin, Head { size, root }, news.log_key())
    };
    for small in 1..=len {
        assert_eq!(evidence::same_size(founding, sign(small), sign(small)), None);
        let (first, second) = (sign(small), sign(small));
        let twice = Evidence::SameSize { founding: founding.clone(), first, second };
        let twice = evidence::verify(&twice);
        assert_eq!(twice.expect_err("one head, held up twice"), EvidenceError::Consistent);
        for large in small + 1..=len {
            let opening = tree::opening(&stored, small, large).expect("inside");
            let claim = evidence::inconsistent(founding, sign(small), sign(large), opening);
            let refused = evidence::verify(&claim).expect_err("an honest log");
            assert_eq!(refused, EvidenceError::Consistent, "{small} and {large}");
        }
    }
    assert!(matches!(compared(&news, sign(5)), Extended::Ahead(held) if held.head.size == size));
}

/// Invariant A2.
#[test]
fn two_certified_histories_convict_all_mirrors_that_cosigned_both() {
    let news = News::allied();
    let mirror = &news.world.villages[MIRROR].mirrors[&news.home().cite()];
    let known = mirror.certificate().expect("the mirrors certified it").clone();
    let houses = news.world.villages.iter().map(|village| &village.house);
    let records: BTreeMap<CiteId, _> = houses
        .clone()
        .map(|house| {
            let signed = people::founding_bytes(house);
            (house.id, (ledger::proof::verify_founding(&signed).expect("genuine"), signed))
        })
        .collect();
    let set = &news.home().state().mirrors().expect("founded").current;
    let least = 2 * set.quorum() - set.mirrors.len();
    let size = known.checkpoint.head.size;
    for (size, number) in [(size, 4), (size - 1, 4), (1, 4)] {
        let head = Head { size, root: Hash([9; 32]) };
        let checkpoint = Checkpoint::sign(known.checkpoint.origin, head, news.log_key());
        let cosign = |cosignature: &Cosignature| {
            let house = houses.clone().find(|house| house.id == cosignature.mirror);
            let key = &house.expect("a village").mirror;
            Cosignature::sign(&checkpoint, cosignature.mirror, 7, key)
        };
        let cosignatures = known.cosignatures.iter().map(cosign).collect();
        let other = Certificate { checkpoint, cosignatures };
        let found = mirror.false_witnesses(&other, |cite| {
            records.get(cite).map(|(record, signed)| (record, signed))
        });
        let parties: BTreeSet<_> = found.iter().filter_map(Evidence::party).collect();
        assert!(parties.len() >= least && least > 0, "{} of {least}", parties.len());
        for proof in &found {
            assert_eq!(proof.number(), number);
            assert!(evidence::verify(proof).is_ok());
        }
    }
    // The same certificate again, and one of the same history, convict nobody.
    let record_of = |cite: &CiteId| records.get(cite).map(|(record, signed)| (record, signed));
    assert!(mirror.false_witnesses(&known, record_of).is_empty());
}

fn check_spoiled_evidence(proof: &Evidence) {
    let spoil = |edit: &dyn Fn(&mut Checkpoint)| {
        let mut wrong = proof.clone();
        match &mut wrong {
            Evidence::SameSize { first, .. } => edit(first),
            Evidence::Inconsistent { smaller, .. } => edit(smaller),
            _ => unreachable!("heads make E1 or E2"),
        }
        evidence::verify(&wrong)
    };
    assert!(spoil(&|head| head.signature.s[0] ^= 1).is_err());
    assert!(spoil(&|head| head.head.root.0[0] ^= 1).is_err());
    assert!(spoil(&|head| head.origin.incarnation += 1).is_err());
    if let Evidence::Inconsistent { opening, .. } = proof {
        for at in 0..opening.len() {
            let mut wrong = proof.clone();
            let Evidence::Inconsistent { opening, .. } = &mut wrong else { unreachable!("E2") };
            opening[at].0[0] ^= 1;
            assert_eq!(evidence::verify(&wrong).expect_err("spoiled"), EvidenceError::Opening);
        }
    }
}

/// The image of a whole machine comes back: its own guard sees nothing, its mirrors do.
#[test]
fn a_home_that_forgot_is_told_so() {
    let mut world = World::allied();
    let image = world.villages[HOME].disk.image();
    world.pay(HOME, 1, 15);
    world.settle(HOME);
    let index = tempfile::tempdir().expect("a temporary directory");
    let house = &world.villages[HOME].house;
    let dormant = Dormant::open(Arc::new(image), index.path(), house.id, house.log.clone());
    let dormant = dormant.expect("opened");
    assert_eq!(dormant.distrust(), None, "nothing on that machine can know");
    let newest = *world.villages[HOME].home.checkpoint();
    world.villages[HOME].home = dormant.start(world.now).expect("it trusts itself");
    let forgot = *world.villages[HOME].home.checkpoint();
    assert!(forgot.head.size < newest.head.size);
    assert_eq!(world.push(HOME, MIRROR, forgot), Extended::Ahead(newest));
    // Had it not asked, its next head would have convicted it.
    world.pay(HOME, 0, 15);
    world.commit(HOME);
    let other = *world.villages[HOME].home.checkpoint();
    let Extended::Convicts(proof) = world.push(HOME, MIRROR, other) else {
        panic!("two histories")
    };
    evidence::verify(&proof).expect("it convicts");
}
