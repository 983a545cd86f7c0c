//! What is lost or stopped twice: a second disk, a copy that was cut back, a recovery that is begun again.

use std::sync::Arc;

use harness::{
    disk::FaultyDisk,
    people::{self, House},
    world::{World, extend, snapshot},
};
use ledger::{
    disk::Disk,
    mirror::{Extended, Fenced, MirrorLog},
};

use super::{LOST, balances, fetch, lived, open, promise, recover};

/// A second loss: the mirrors know keys of the third incarnation when they hand over what the second one signed.
#[test]
fn a_disk_may_be_lost_again() {
    let mut world = lived();
    let (recovering, _first) = open(&world, &Arc::new(FaultyDisk::new(2)), 1);
    world.villages[LOST].home = recover(&mut world, recovering, &[1, 2]).expect("promised");
    world.pay(LOST, 0, 15);
    world.drain();
    let before = balances(&world);
    let (mut recovering, _second) = open(&world, &Arc::new(FaultyDisk::new(3)), 2);
    // Whoever promises at once, before anything was fetched, still hands over.
    let signed = recovering.signed_founding();
    let id = world.villages[LOST].house.id;
    for place in [1, 2] {
        let village = &mut world.villages[place];
        let (own, key) = (village.house.id, village.house.mirror.clone());
        let mirror = village.mirrors.get_mut(&id).expect("all mirror all");
        let answer = mirror.fence(world.now, &signed, own, &key).expect("a sound disk");
        assert!(matches!(answer, Fenced::Promised(..)), "{answer:?}");
    }
    fetch(&world, &mut recovering, 1);
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    world.villages[LOST].home = recovering.resume(world.now).expect("all is here");
    assert_eq!(balances(&world), before);
    world.pay(LOST, 0, 15);
    world.drain();
    assert_eq!(world.villages[LOST].home.origin().incarnation, 2);
}

/// Invariant C2: a mirror that cut its copy back still promises for what it cosigned below the base. Of three mirrors the
/// boatmen and the orchards certified a payment; the orchards alone hold one more, which the second incarnation leaves
/// behind, and the beekeepers hold neither.
#[test]
fn a_mirror_that_cut_its_copy_back_forgets_nothing_that_was_certified() {
    let orchards = House::new("vergers", "Les Vergers", "Die", 1, 1);
    let mut world =
        World::of(&[people::tisserandes(), people::mariniers(), people::ruchers(), orchards]);
    let cosign = |world: &mut World, places: &[usize]| {
        world.pay(LOST, 1, 15);
        let checkpoint = world.commit(LOST).expect("a payment waits").checkpoint;
        for place in places {
            assert!(matches!(world.push(LOST, *place, checkpoint), Extended::Cosigned(_)));
        }
        checkpoint.head
    };
    let certified = cosign(&mut world, &[1, 3]);
    let beyond = cosign(&mut world, &[3]);
    // The first disk is lost while the orchards are away, and the log goes on without their payment.
    let (mut recovering, _first) = open(&world, &Arc::new(FaultyDisk::new(2)), 1);
    fetch(&world, &mut recovering, 1);
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    let home = recovering.resume(world.now).expect("two of three promised");
    let first = *home.checkpoint();
    world.villages[LOST].home = home;
    // The orchards are pushed the resume alone: they cut their copy back.
    let id = world.villages[LOST].house.id;
    let push = extend(&world.villages[LOST].home, first, certified.size);
    let village = &mut world.villages[3];
    let (own, key) = (village.house.id, village.house.mirror.clone());
    drop(village.mirrors.remove(&id).expect("all mirror all"));
    // A snapshot of what is cut off is no sign of an older record.
    snapshot(&village.mirror_disk, id, beyond.size);
    let opened = MirrorLog::open(Arc::clone(&village.mirror_disk) as Arc<dyn Disk>, id);
    let mut mirror = opened.expect("a sound disk").expect("a copy");
    assert_eq!(mirror.size(), beyond.size);
    let answer = mirror.extend(world.now, &push, own, &key).expect("a sound disk");
    assert_eq!(answer, Extended::Holds { size: certified.size, incarnation: 0 });
    let mirror = mirror.reopen().expect("a sound disk");
    assert_eq!(mirror.checkpoint().map(|held| held.head), Some(certified));
    world.villages[3].mirrors.insert(id, mirror);
    // That disk is lost, too, before anybody cosigned: the orchards and the beekeepers are the quorum now.
    let (mut recovering, _second) = open(&world, &Arc::new(FaultyDisk::new(3)), 2);
    fetch(&world, &mut recovering, 2);
    for place in [2, 3] {
        promise(&mut world, &mut recovering, place);
    }
    assert!(!recovering.is_ready(), "the certified payment is not here");
    fetch(&world, &mut recovering, 3);
    assert!(recovering.is_ready() && recovering.len() == certified.size);
}

/// A node that is stopped when all was fetched asks again for the one thing that the log itself does not hold.
#[test]
fn the_certificate_that_the_base_names_is_asked_for_again() {
    let mut world = World::allied();
    let disk = Arc::new(FaultyDisk::new(2));
    let (mut recovering, _first) = open(&world, &disk, 1);
    fetch(&world, &mut recovering, 1);
    assert!(!recovering.lacks_named(), "it came with what was fetched");
    drop(recovering);
    let (mut recovering, _again) = open(&world, &disk, 1);
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    assert!(recovering.lacks_named() && !recovering.is_ready());
    // The mirrors know a newer one, which the promises name.
    fetch(&world, &mut recovering, 2);
    assert!(!recovering.lacks_named());
    recovering.resume(world.now).expect("all is here");
}
