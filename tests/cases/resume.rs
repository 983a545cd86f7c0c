//! A home that lost its disk, or has an older image of it, goes on in a new incarnation where its mirrors are.
//! Nothing that anybody was told is lost, the old incarnation is over, and nobody who was honest is convicted.

mod again;
mod stolen;
mod unsigned;

use std::sync::Arc;

use harness::{
    disk::FaultyDisk,
    people::House,
    world::{World, copied, extend},
};
use ledger::{
    evidence::{self, EvidenceError},
    home::{Home, HomeError, Recovering},
    mirror::{Extended, Fenced},
    refusal::Refusal,
    resume::{Place, check},
    rules::ACK_AFTER_MS,
};
use proto::{
    checkpoint::{Checkpoint, Origin},
    codec::{Bytes, Canonical as _},
    entry::Payload,
    epoch::{KeyEpoch, SignedKeyEpoch},
    evidence::Evidence,
    founding::SignedFounding,
    hash::Hash,
    keys::{PublicKey, SigningKey},
    order::Head,
    resume::{Fence, HeldHead, Resume, SignedFence},
    wire::decline,
};

/// The cité that loses its disk.
const LOST: usize = 0;

/// Returns the record with the keys that the root names for an incarnation, and its log key.
fn named(world: &World, incarnation: u32) -> (SignedFounding, SigningKey) {
    let house = &world.villages[LOST].house;
    let [log, ..] = house.role_keys(incarnation);
    (house.founding_at(incarnation), log)
}

/// Lets the mirrors at `from` hand over what they hold and promise, and resumes.
fn recover(world: &mut World, recovering: Recovering, from: &[usize]) -> Result<Home, HomeError> {
    let mut recovering = recovering;
    for place in from {
        fetch(world, &mut recovering, *place);
        promise(world, &mut recovering, *place);
    }
    recovering.resume(world.now)
}

/// Lets a mirror promise to leave the old incarnation alone.
fn promise(world: &mut World, recovering: &mut Recovering, place: usize) {
    let id = world.villages[LOST].house.id;
    let village = &mut world.villages[place];
    let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
    let signed = recovering.signed_founding();
    match mirror
        .fence(world.now, &signed, village.house.id, &village.house.mirror)
        .expect("a sound disk")
    {
        Fenced::Promised(fence, certificate) => {
            recovering.fenced(*fence, certificate).expect("a mirror of this log");
        }
        Fenced::Declined { reason, at } => panic!("declined: {reason} {at}"),
    }
}

/// Fetches what a mirror holds beyond what is here.
fn fetch(world: &World, recovering: &mut Recovering, place: usize) {
    let id = world.villages[LOST].house.id;
    let mirror = &world.villages[place].mirrors[&id];
    while let Some(extend) = copied(mirror, recovering.len())
        && recovering.take(&extend).expect("a sound disk")
    {}
}

fn open(
    world: &World,
    disk: &Arc<FaultyDisk>,
    incarnation: u32,
) -> (Recovering, tempfile::TempDir) {
    let (signed, log_key) = named(world, incarnation);
    let index = tempfile::TempDir::new().expect("a directory");
    let disk = Arc::<FaultyDisk>::clone(disk);
    let recovering = Recovering::open(disk, index.path(), signed, log_key);
    (recovering.expect("a record with its log key"), index)
}

fn balances(world: &World) -> Vec<i64> {
    let state = world.villages[LOST].home.state();
    state.members().map(|member| state.balance(&member.id).expect("an account").0).collect()
}

/// A world in which every cité has a past, and the boatmen alone have seen the last payment of the weavers.
fn lived() -> World {
    let mut world = World::allied();
    world.export((LOST, 1), (1, 1), 30).expect("allowed");
    world.export((2, 1), (LOST, 1), 45).expect("allowed");
    world.drain();
    world.pay(LOST, 1, 15);
    let checkpoint = world.commit(LOST).expect("a payment waits").checkpoint;
    assert!(matches!(world.push(LOST, 1, checkpoint), Extended::Cosigned(_)));
    world
}

/// Invariant C2: a lost disk loses nothing that a mirror held.
#[test]
fn a_lost_disk_goes_on_where_the_mirrors_are() {
    let mut world = lived();
    let (before, size) = (balances(&world), world.villages[LOST].home.checkpoint().head.size);
    let disk = Arc::new(FaultyDisk::new(2));
    let (recovering, _index) = open(&world, &disk, 1);
    assert!(recovering.is_empty());
    let home = recover(&mut world, recovering, &[1, 2]).expect("both mirrors promised");
    let old = core::mem::replace(&mut world.villages[LOST].home, home);
    assert_eq!(balances(&world), before);
    let origin = world.villages[LOST].home.origin();
    assert_eq!(origin.incarnation, 1);
    let first = world.villages[LOST].home.entry(size).expect("behind the base");
    assert!(matches!(first.payload, Payload::Resume(_)));
    // What the lost machine signs is worth nothing any more.
    let id = world.villages[LOST].house.id;
    for place in [1, 2] {
        let village = &mut world.villages[place];
        let (own, mirror_key) = (village.house.id, village.house.mirror.clone());
        let late = extend(&old, *old.checkpoint(), 0);
        let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
        let answer = mirror.extend(world.now, &late, own, &mirror_key).expect("a sound disk");
        assert!(matches!(answer, Extended::Declined { reason: decline::FROZEN, .. }), "{answer:?}");
    }
    // Life goes on, inside and across borders, both ways.
    world.pay(LOST, 0, 15);
    world.export((LOST, 1), (2, 1), 15).expect("allowed");
    world.export((1, 1), (LOST, 0), 15).expect("allowed");
    world.drain();
    world.wait(ACK_AFTER_MS);
    let now = world.now;
    for village in &mut world.villages {
        village.home.acknowledge(now);
    }
    world.drain();
    let home = &world.villages[LOST].home;
    assert!(home.certified_size() > size);
    assert_eq!(home.state().sum().map(|sum| sum.0), Some(0));
    assert!(
        world
            .villages
            .iter()
            .all(|village| { village.home.state().peers().all(|peer| peer.open == 0) })
    );
}

/// An older image is a beginning: only what is missing is fetched.
#[test]
fn an_older_image_goes_on_where_the_mirrors_are() {
    let mut world = World::allied();
    let image = Arc::new(world.villages[LOST].disk.restored(1));
    let older = world.villages[LOST].home.checkpoint().head.size;
    world.export((LOST, 1), (1, 1), 30).expect("allowed");
    world.drain();
    let before = balances(&world);
    let (recovering, _index) = open(&world, &image, 1);
    assert_eq!(recovering.len(), older);
    world.villages[LOST].home = recover(&mut world, recovering, &[2, 1]).expect("promised");
    assert_eq!(balances(&world), before);
    world.pay(LOST, 0, 15);
    world.drain();
    assert_eq!(world.villages[LOST].home.state().sum().map(|sum| sum.0), Some(0));
}

/// Without what one of those holds who promised, or without enough of them, a log does not go on.
#[test]
fn nothing_that_a_promise_names_is_left_out() {
    // The boatmen hold a payment that the beekeepers do not.
    for (from, goes_on) in [(&[1, 2][..], true), (&[2, 1], true), (&[2], false), (&[1], false)] {
        let mut world = lived();
        let (recovering, _index) = open(&world, &Arc::new(FaultyDisk::new(2)), 1);
        let recovered = recover(&mut world, recovering, from);
        assert_eq!(recovered.is_ok(), goes_on, "{from:?}");
    }
    let mut world = lived();
    let (mut recovering, _index) = open(&world, &Arc::new(FaultyDisk::new(2)), 1);
    fetch(&world, &mut recovering, 2);
    promise(&mut world, &mut recovering, 2);
    promise(&mut world, &mut recovering, 1);
    assert!(!recovering.is_ready(), "the boatmen named more than is here");
    let (place, size) = recovering.held().expect("both hold something");
    assert_eq!((place, true), (world.villages[1].house.id, size > recovering.len()));
    fetch(&world, &mut recovering, 1);
    assert!(recovering.is_ready());
}

/// Invariant C4: a mirror's word is good for one set of keys, for ever, across a restart.
#[test]
fn a_promise_is_kept() {
    let mut world = lived();
    let (mut recovering, _index) = open(&world, &Arc::new(FaultyDisk::new(2)), 2);
    fetch(&world, &mut recovering, 1);
    promise(&mut world, &mut recovering, 1);
    let id = world.villages[LOST].house.id;
    let village = &mut world.villages[1];
    let (own, key) = (village.house.id, village.house.mirror.clone());
    let mirror = village.mirrors.remove(&id).expect("all mirror all");
    let mut mirror = mirror.reopen().expect("a sound disk");
    let checkpoint = *world.villages[LOST].home.checkpoint();
    let late = extend(&world.villages[LOST].home, checkpoint, 0);
    let answer = mirror.extend(world.now, &late, own, &key).expect("a sound disk");
    assert!(matches!(answer, Extended::Declined { reason: decline::FROZEN, .. }), "{answer:?}");
    // Not for an earlier incarnation, nor for other keys of this one; the same again is no harm.
    let (earlier, _) = named(&world, 1);
    let mut other = named(&world, 2).0;
    if let Some(signed) = &mut other.epoch {
        signed.epoch.keys.log = village_log(&world);
        *signed = SignedKeyEpoch::sign(
            signed.epoch,
            &world.villages[LOST].house.network,
            &world.villages[LOST].house.roots,
        );
    }
    let (same, _) = named(&world, 2);
    for (record, promises) in [(earlier, false), (other, false), (same, true)] {
        let signed = Bytes::from(record.encode());
        let answer = mirror.fence(world.now, &signed, own, &key).expect("a sound disk");
        assert_eq!(matches!(answer, Fenced::Promised(..)), promises, "{answer:?}");
    }
}

fn village_log(world: &World) -> PublicKey {
    world.villages[1].house.log.public()
}

/// Returns a resume of a world in which all is certified, as its home would enter it.
fn honest(world: &mut World) -> Resume {
    let (record, _) = named(world, 1);
    let signed = Bytes::from(record.encode());
    let id = world.villages[LOST].house.id;
    let base = world.villages[LOST].home.checkpoint().head;
    let (mut fences, mut known) = (Vec::new(), None);
    for place in [1, 2] {
        let village = &mut world.villages[place];
        let (own, key) = (village.house.id, village.house.mirror.clone());
        let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
        let Fenced::Promised(fence, certificate) =
            mirror.fence(world.now, &signed, own, &key).expect("a sound disk")
        else {
            panic!("a mirror promises")
        };
        fences.push(*fence);
        known = certificate;
    }
    fences.sort_by_key(|fence| fence.fence.mirror);
    let home = &world.villages[LOST].home;
    let named = home.certificate_of(named_size(home)).cloned();
    Resume { epoch: record.epoch.expect("named"), base, named, certificate: known, fences }
}

fn named_size(home: &Home) -> u64 {
    home.state().clock().expect("founded").certified_size
}

/// Returns whether the log of the world goes on so.
fn judge(world: &World, resume: Resume) -> Result<(), Refusal> {
    let home = &world.villages[LOST].home;
    let (state, house) = (home.state(), &world.villages[LOST].house);
    let mirrors = state.mirrors().expect("founded");
    let place = Place {
        network: house.network,
        cite: house.id,
        root: &house.founding.founding.root,
        mirrors,
        head: home.checkpoint().head,
        named: named_size(home),
        mirrors_under: &|_| Some(mirrors.clone()),
        has: &|head| state.recent(head.size).is_some_and(|recent| recent.head == *head),
    };
    check(Box::new(resume), &place).map(|_| ())
}

/// What each refusal of a resume means: one thing is changed in a good one, and signed again where that is needed.
#[test]
fn every_refusal_of_a_resume_bites() {
    let mut world = World::allied();
    let resume = honest(&mut world);
    assert_eq!(judge(&world, resume.clone()), Ok(()));
    let house = world.villages[LOST].house.clone();
    let boats = world.villages[1].house.clone();
    let at = resume.fences.iter().position(|fence| fence.fence.mirror == boats.id);
    let at = at.expect("the boatmen promised");
    let base = resume.base;
    let size = named_size(&world.villages[LOST].home);
    assert!(size > 0 && size < base.size, "the last seal names one below");
    let epoch = |resume: &mut Resume, incarnation| resume.epoch = house.epoch(incarnation);
    let again = |resume: &mut Resume, change: &dyn Fn(&mut Fence)| {
        let mut fence = resume.fences[at].fence;
        change(&mut fence);
        resume.fences[at] = SignedFence::sign(fence, &house.network, &boats.mirror);
    };
    let held = |head: Head, key: &SigningKey| {
        let origin = world.villages[LOST].home.origin();
        Some(HeldHead::of(&Checkpoint::sign(origin, head, key)))
    };
    type Edit<'a> = Box<dyn Fn(&mut Resume) + 'a>;
    let table: Vec<(&str, Edit<'_>, Refusal)> = vec![
        ("the root did not sign", Box::new(|r| r.epoch.signatures.clear()), Refusal::ResumeKeys),
        ("another cité's epoch", Box::new(|r| r.epoch = boats.epoch(1)), Refusal::ResumeKeys),
        (
            "the incarnation that is in force",
            Box::new(|r| r.epoch = signed_epoch(&house, 0)),
            Refusal::ResumeIncarnation { current: 0 },
        ),
        (
            "not behind the last seal",
            Box::new(|r| r.base.size -= 1),
            Refusal::ResumeBase { size: base.size },
        ),
        (
            "one promise of two",
            Box::new(|r| {
                r.fences.remove(at);
            }),
            Refusal::FencesMissing { have: 1, need: 2 },
        ),
        (
            "a promise of a stranger",
            Box::new(|r| again(r, &|fence| fence.mirror = house.id)),
            Refusal::FenceStranger { cite: house.id },
        ),
        (
            "a promise about another incarnation",
            Box::new(|r| epoch(r, 2)),
            Refusal::FenceStranger { cite: resume.fences[0].fence.mirror },
        ),
        (
            "another key signed the promise",
            Box::new(|r| {
                r.fences[at] = SignedFence::sign(r.fences[at].fence, &house.network, &house.log);
            }),
            Refusal::FenceSignature { cite: boats.id },
        ),
        (
            "a head that the log key did not sign",
            Box::new(|r| again(r, &|fence| fence.held = held(base, &boats.log))),
            Refusal::FenceSignature { cite: boats.id },
        ),
        (
            "a larger head",
            Box::new(|r| {
                let larger = Head { size: base.size + 1, ..base };
                again(r, &|fence| fence.held = held(larger, &house.log));
            }),
            Refusal::FenceAhead { cite: boats.id, size: base.size + 1 },
        ),
        (
            "another history",
            Box::new(|r| {
                let other = Head { root: Hash([7; 32]), ..base };
                again(r, &|fence| fence.held = held(other, &house.log));
            }),
            Refusal::FenceAhead { cite: boats.id, size: base.size },
        ),
        (
            "the certificate is not shown",
            Box::new(|r| r.certificate = None),
            Refusal::ResumeCertificate,
        ),
        (
            "half a certificate",
            Box::new(|r| {
                if let Some(certificate) = &mut r.certificate {
                    certificate.cosignatures.pop();
                }
            }),
            Refusal::ResumeCertificate,
        ),
        (
            "the certificate that the last seal names is not shown",
            Box::new(|r| r.named = None),
            Refusal::ResumeNamed { size },
        ),
        (
            "another one is shown in its place",
            Box::new(|r| r.named = r.certificate.clone()),
            Refusal::ResumeNamed { size },
        ),
        (
            "half of it",
            Box::new(|r| {
                if let Some(named) = &mut r.named {
                    named.cosignatures.pop();
                }
            }),
            Refusal::ResumeNamed { size },
        ),
    ];
    for (what, edit, refusal) in table {
        let mut changed = resume.clone();
        edit(&mut changed);
        assert_eq!(judge(&world, changed), Err(refusal), "{what}");
    }
    // A promise that names nothing hides nothing: the others say what there is.
    let mut silent = resume.clone();
    again(&mut silent, &|fence| (fence.held, fence.certified) = (None, None));
    assert_eq!(judge(&world, silent), Ok(()));
}

/// Invariant A1: what lay behind the base is left behind, so a head of before and one of after differ at one size.
#[test]
fn heads_of_two_incarnations_convict_nobody() {
    let world = World::allied();
    let before = *world.villages[LOST].home.checkpoint();
    let (record, key) = named(&world, 1);
    let origin = Origin { incarnation: 1, ..before.origin };
    let after = Checkpoint::sign(origin, Head { root: Hash([7; 32]), ..before.head }, &key);
    let founding = Bytes::from(record.encode());
    assert_eq!(evidence::same_size(&founding, before, after), None);
    let in_order = before.head.root < after.head.root;
    let (first, second) = if in_order { (before, after) } else { (after, before) };
    let refused = evidence::verify(&Evidence::SameSize { founding, first, second });
    assert_eq!(refused.expect_err("both are honest"), EvidenceError::Order);
}

fn signed_epoch(house: &House, incarnation: u32) -> SignedKeyEpoch {
    let epoch = KeyEpoch { incarnation, ..house.epoch(1).epoch };
    SignedKeyEpoch::sign(epoch, &house.network, &house.roots)
}

/// Another cité's new keys are news once, and only from its own root.
#[test]
fn keys_of_another_cite_are_taken_over_once() {
    let mut world = World::allied();
    let now = world.now;
    let boats = world.villages[1].house.clone();
    let home = &mut world.villages[LOST].home;
    let stranger = House::new("phalanstere", "Phalanstère", "Guise", 1, 1);
    let unknown = home.learn_keys(now, stranger.founding_at(1));
    assert_eq!(unknown, Err(Refusal::UnknownPeer { cite: stranger.id }));
    assert_eq!(
        home.learn_keys(now, boats.founding.clone()),
        Err(Refusal::KeysKnown { current: 0 })
    );
    let forged = SignedFounding { epoch: Some(stranger.epoch(1)), ..boats.founding.clone() };
    assert_eq!(home.learn_keys(now, forged), Err(Refusal::PeerFounding));
    home.learn_keys(now, boats.founding_at(2)).expect("news");
    assert_eq!(home.learn_keys(now, boats.founding_at(1)), Err(Refusal::KeysKnown { current: 2 }));
    home.commit(now).expect("a sound disk");
    let [_, mirror, ..] = boats.role_keys(2);
    let set = &home.state().mirrors().expect("founded").current;
    assert_eq!(set.key_of(&boats.id), Some(mirror.public()));
}
