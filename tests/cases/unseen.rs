//! What nobody may sign unseen: a mirror cosigns only what it re-executed, also where another incarnation begins below
//! what it holds, and a promise counts only for the set that gives its mirror the key that signed it.

use std::sync::Arc;

use harness::{
    disk::FaultyDisk,
    people::House,
    world::{World, copied, extend},
};
use ledger::{
    disk::Disk,
    home::{Dormant, Home, Recovering},
    mirror::{Extended, Fenced, MirrorLog, Refill, Taken},
    object::MirrorsState,
    refusal::Refusal,
    resume::{Place, check},
};
use proto::{
    act::{Mirror, MirrorSet},
    certificate::Certificate,
    checkpoint::{Checkpoint, Origin},
    codec::{Bytes, Canonical as _},
    hash::Hash,
    ids::Account,
    keys::SigningKey,
    minutes::Minutes,
    order::{Head, Pay, Statement},
    resume::{Fence, Resume, SignedFence},
    wire::Extend,
};

/// The cité whose log goes on.
const LOST: usize = 0;

/// The mirror that was away meanwhile.
const AWAY: usize = 2;

fn answer(world: &mut World, place: usize, push: &Extend) -> Extended {
    let (id, now) = (world.villages[LOST].house.id, world.now);
    let village = &mut world.villages[place];
    let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
    mirror.extend(now, push, village.house.id, &village.house.mirror).expect("a sound disk")
}

fn fence(world: &mut World, place: usize, signed: &Bytes) -> (SignedFence, Option<Certificate>) {
    let id = world.villages[LOST].house.id;
    let village = &mut world.villages[place];
    let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
    match mirror
        .fence(world.now, signed, village.house.id, &village.house.mirror)
        .expect("a sound disk")
    {
        Fenced::Promised(fence, certificate) => (*fence, certificate),
        Fenced::Declined { reason, at } => panic!("declined: {reason} {at}"),
    }
}

/// Returns a push of a checkpoint that brings none of its entries: what a home asks first with.
fn bare(founding: Bytes, checkpoint: Checkpoint) -> Extend {
    Extend {
        founding,
        checkpoint,
        from: u64::MAX,
        entries: Vec::new(),
        certificate: None,
        sidecars: Vec::new(),
    }
}

/// Whoever has the keys of a later incarnation asks for a cosignature of any tree that is not larger than what is
/// held. A head that is held is cosigned again, however little the push brings.
#[test]
fn a_head_of_a_later_incarnation_is_not_cosigned_for_its_size() {
    let mut world = World::allied();
    let house = world.villages[LOST].house.clone();
    let held = *world.villages[LOST].home.checkpoint();
    let [log_key, ..] = house.role_keys(1);
    let founding = Bytes::from(house.founding_at(1).encode());
    let again = bare(Bytes::from(house.founding.encode()), held);
    assert!(matches!(answer(&mut world, AWAY, &again), Extended::Cosigned(_)));
    let holds = Extended::Holds { size: held.head.size, incarnation: 0 };
    for (size, root) in
        [(held.head.size, held.head.root), (held.head.size, Hash([7; 32])), (2, Hash([7; 32]))]
    {
        let origin = Origin { incarnation: 1, ..held.origin };
        let made_up = Checkpoint::sign(origin, Head { size, root }, &log_key);
        assert_eq!(answer(&mut world, AWAY, &bare(founding.clone(), made_up)), holds, "{size}");
    }
    assert!(matches!(answer(&mut world, AWAY, &again), Extended::Cosigned(_)));
}

/// Four cités, so that a log goes on without one of its three mirrors.
fn four() -> World {
    let orchards = House::new("vergers", "Les Vergers", "Die", 1, 1);
    World::of(&[
        harness::people::tisserandes(),
        harness::people::mariniers(),
        harness::people::ruchers(),
        orchards,
    ])
}

/// Returns the log of a world, gone on with where another of its mirrors than [`AWAY`] was.
fn gone_on(world: &mut World, with: &[usize], from: usize) -> (Home, tempfile::TempDir) {
    let house = world.villages[LOST].house.clone();
    let [log_key, ..] = house.role_keys(1);
    let index = tempfile::tempdir().expect("a temporary directory");
    let disk = Arc::new(FaultyDisk::new(2));
    let recovering = Recovering::open(disk, index.path(), house.founding_at(1), log_key);
    let mut recovering = recovering.expect("a record with its log key");
    let mirror = &world.villages[from].mirrors[&house.id];
    while let Some(extend) = copied(mirror, recovering.len())
        && recovering.take(&extend).expect("a sound disk")
    {}
    for place in with {
        let (fence, certificate) = fence(world, *place, &recovering.signed_founding());
        recovering.fenced(fence, certificate).expect("a mirror of this log");
    }
    (recovering.resume(world.now).expect("enough promised"), index)
}

/// Returns four cités, of which the one that will be away cosigned all that was paid.
fn cosigned_by_who_goes_away() -> World {
    let mut world = four();
    for _ in 0..4 {
        world.pay(LOST, 1, 15);
        let checkpoint = world.commit(LOST).expect("a payment waits").checkpoint;
        assert!(matches!(world.push(LOST, AWAY, checkpoint), Extended::Cosigned(_)));
    }
    world
}

/// Invariant C6. A mirror that was away holds more than where the others let the log go on. The first that it hears of the new
/// incarnation is a head smaller than what it holds: it says so, is shown the resume, and then re-executes.
#[test]
fn a_mirror_that_was_away_cosigns_the_new_incarnation_only_when_it_has_it() {
    let mut world = cosigned_by_who_goes_away();
    let id = world.villages[LOST].house.id;
    let held = world.villages[AWAY].mirrors[&id].size();
    let (home, _index) = gone_on(&mut world, &[1, 3], 1);
    let (target, founding) = (*home.checkpoint(), home.founding().clone());
    assert!(target.origin.incarnation == 1 && target.head.size < held);
    let first = answer(&mut world, AWAY, &bare(founding, target));
    assert_eq!(first, Extended::Holds { size: held, incarnation: 0 });
    let base = home.state().mirrors().expect("founded").base;
    let shown = answer(&mut world, AWAY, &extend(&home, target, base));
    assert_eq!(shown, Extended::Holds { size: base, incarnation: 0 });
    let village = &mut world.villages[AWAY];
    let mirror = village.mirrors.remove(&id).and_then(|mirror| MirrorLog::reopen(mirror).ok());
    village.mirrors.insert(id, mirror.expect("a sound disk"));
    let whole = answer(&mut world, AWAY, &extend(&home, target, base));
    assert!(matches!(whole, Extended::Cosigned(_)), "{whole:?}");
    assert!(world.villages[AWAY].mirrors[&id].vouches_for(&target.head));
}

/// A copy is fetched anew after the others went on without this mirror, and whoever has the new incarnation gives that:
/// a snapshot of it goes further than what was cosigned, and would say at the next start that the record of it was set back.
#[test]
fn what_is_fetched_of_a_later_incarnation_does_not_belie_the_record() {
    let mut world = cosigned_by_who_goes_away();
    let id = world.villages[LOST].house.id;
    let (home, _index) = gone_on(&mut world, &[1, 3], 1);
    let target = *home.checkpoint();
    let disk = Arc::new(world.villages[AWAY].mirror_disk.image());
    disk.rot(&format!("mirrors/{}/log/00000000.seg", id.0), 200);
    let begin =
        || Refill::begin(Arc::clone(&disk) as Arc<dyn Disk>, id).expect("it can be fetched");
    let (refill, taken) = begin().take(&extend(&home, target, 0)).expect("a sound disk");
    assert_eq!((taken, refill.progress().0), (Taken::Further, target.head.size));
    drop(refill);
    for _ in 0..2 {
        assert_eq!(begin().progress().0, target.head.size);
    }
}

/// Whoever has the old log key hands a mirror entries that no checkpoint covers yet, and the log goes on in a later
/// incarnation without them: they give way.
#[test]
fn a_tail_that_was_not_cosigned_keeps_no_later_incarnation_out() {
    let mut world = four();
    let (now, village) = (world.now, &mut world.villages[LOST]);
    let (house, held) = (village.house.clone(), village.home.checkpoint().head);
    let (image, index) =
        (Arc::new(village.disk.image()), tempfile::tempdir().expect("a directory"));
    let thief = Dormant::open(image, index.path(), house.id, house.log.clone());
    let mut thief = thief.and_then(|thief| thief.start(now)).expect("the same machine set back");
    for _ in 0..4 {
        let payee = Account::Member(village.wallets[1].person.id);
        let pay = Pay { payee, minutes: Minutes(15), request: None };
        let order = village.wallets[0].sign(held, Statement::Pay(pay));
        thief.submit(now, order).expect("within the limits");
    }
    let stolen = thief.commit(now).expect("a sound disk").expect("payments wait").checkpoint;
    // All but the seal.
    let mut tail = extend(&thief, stolen, held.size);
    tail.entries.pop();
    let taken = held.size + 4;
    assert_eq!(answer(&mut world, AWAY, &tail), Extended::Holds { size: taken, incarnation: 0 });
    world.pay(LOST, 1, 15);
    let certified = world.commit(LOST).expect("a payment waits").checkpoint;
    for place in [1, 3] {
        assert!(matches!(world.push(LOST, place, certified), Extended::Cosigned(_)));
    }
    let (home, _index) = gone_on(&mut world, &[1, 3], 1);
    let (target, base) = (*home.checkpoint(), home.state().mirrors().expect("founded").base);
    assert!((held.size + 1..taken).contains(&base), "{base}");
    let mut from = base;
    for _ in 0..6 {
        match answer(&mut world, AWAY, &extend(&home, target, from)) {
            Extended::Cosigned(_) => return,
            Extended::Holds { size, .. } => from = size,
            Extended::Declined { .. } => {}
            other => panic!("{other:?}"),
        }
        // As a node does.
        let village = &mut world.villages[AWAY];
        let mirror = village.mirrors.remove(&house.id).expect("all mirror all");
        let mirror = if mirror.is_astray() { mirror.reopen() } else { Ok(mirror) };
        village.mirrors.insert(house.id, mirror.expect("a sound disk"));
    }
    panic!("it never follows");
}

/// Returns whether the log of a world may go on so, while a set of mirrors waits to replace the one in force.
fn judge(world: &World, resume: &Resume, pending: MirrorSet) -> Result<(), Refusal> {
    let (home, house) = (&world.villages[LOST].home, &world.villages[LOST].house);
    let mirrors = home.state().mirrors().expect("founded").clone();
    let mirrors = MirrorsState { pending: Some((pending, 1)), ..mirrors };
    let place = Place {
        network: house.network,
        cite: house.id,
        root: &house.founding.founding.root,
        mirrors: &mirrors,
        head: home.checkpoint().head,
        named: 0,
        mirrors_under: &|_| home.state().mirrors().cloned(),
        has: &|head| home.state().recent(head.size).is_some_and(|recent| recent.head == *head),
    };
    check(Box::new(resume.clone()), &place).map(|_| ())
}

/// A home enters a set that names honest cités with keys of its own: what these sign is no promise of the mirrors in
/// force, nor is what the mirrors signed a promise of that set.
#[test]
fn a_promise_counts_for_the_set_whose_key_signed_it() {
    let mut world = World::allied();
    let house = world.villages[LOST].house.clone();
    let record = house.founding_at(1);
    let signed = Bytes::from(record.encode());
    let mut promises = [1, 2].map(|place| fence(&mut world, place, &signed));
    promises.sort_by_key(|(fence, _)| fence.fence.mirror);
    let honest = Resume {
        epoch: record.epoch.expect("named"),
        base: world.villages[LOST].home.checkpoint().head,
        certificate: promises[0].1.clone(),
        named: None,
        fences: promises.iter().map(|(fence, _)| *fence).collect(),
    };
    let current = world.villages[LOST].home.state().mirrors().expect("founded").current.clone();
    let own = |mirror: &Mirror| SigningKey::from_seed(&mirror.cite.0.0);
    let keys = |mirror: &Mirror| Mirror { key: own(mirror).public(), ..*mirror };
    let puppets = MirrorSet { mirrors: current.mirrors.iter().map(keys).collect() };
    let forged = |mirror: &Mirror| {
        let fence =
            Fence { cite: house.id, below: 1, mirror: mirror.cite, held: None, certified: None };
        SignedFence::sign(fence, &house.network, &own(mirror))
    };
    let fences: Vec<SignedFence> = current.mirrors.iter().map(forged).collect();
    let forged = Resume { certificate: None, fences, ..honest.clone() };
    let none = Err(Refusal::FencesMissing { have: 0, need: 2 });
    let table = [
        ("the mirrors in force, who stay", &honest, &current, Ok(())),
        ("the mirrors in force alone", &honest, &puppets, none),
        ("keys of the home's own", &forged, &puppets, none),
    ];
    for (what, resume, pending, expected) in table {
        assert_eq!(judge(&world, resume, pending.clone()), expected, "{what}");
    }
}
