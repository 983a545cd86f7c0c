//! What a thief signs with a log key, handed to a home that recovers before its mirrors are asked: it goes on from what
//! they hold. And what a former mirror alone hands over.

use std::sync::Arc;

use harness::{
    disk::{Calls, Fault, FaultyDisk},
    world::{World, copied},
};
use ledger::{
    aside::ASIDE,
    disk::Disk as _,
    home::{GivenUp, Recovering, given_up, tell},
};
use proto::{checkpoint::Checkpoint, codec::Bytes, desk::Obstacle, order::Head, wire::Extend};

use super::{
    LOST, fetch, lived, open, promise,
    unsigned::{folded, goes_on},
};

/// Returns a log that goes on behind what the beekeepers hold with seals alone, as the log key signs it.
fn forged(world: &World, seals: usize) -> Extend {
    let (id, house) = (world.villages[LOST].house.id, &world.villages[LOST].house);
    let bees = &world.villages[2].mirrors[&id];
    let mut all = copied(bees, 0).expect("they hold it");
    while let Some(more) = copied(bees, all.entries.len() as u64)
        && !more.entries.is_empty()
    {
        all.entries.extend(more.entries);
        all.sidecars.extend(more.sidecars);
    }
    let mut fold = folded(&all.entries);
    for _ in 0..seals {
        let (time, named) =
            fold.state().clock().map(|at| (at.time, at.certified_size)).expect("sealed");
        let seal = fold.seal(time, named).expect("founded");
        all.entries.push(Bytes::from(seal.bytes));
        fold = folded(&all.entries);
    }
    let checkpoint = Checkpoint::sign(all.checkpoint.origin, fold.head(), &house.log);
    Extend { checkpoint, ..all }
}

/// Asks a mirror for what follows on what is here, as a node does.
fn ask(world: &World, recovering: &mut Recovering, place: usize) {
    let house = &world.villages[LOST].house;
    let mirror = &world.villages[place].mirrors[&house.id];
    let Some(next) = copied(mirror, recovering.len()) else { return };
    if !recovering.take(&next).expect("a sound disk") {
        recovering.leads_elsewhere(world.villages[place].house.id, &next);
    }
}

/// Invariant C10: a thief's history is here first, and signed. Both mirrors hold another one, of which one holds only what
/// both have in common.
#[test]
fn a_history_that_a_thief_signed_is_given_up_for_that_of_the_mirrors() {
    // The boatmen hold more than the thief's, or less.
    for (seals, more) in [(1, true), (9, false)] {
        let mut world = lived();
        let disk = Arc::new(FaultyDisk::new(2));
        let (mut recovering, mut index) = open(&world, &disk, 1);
        let thief = forged(&world, seals);
        assert!(recovering.take(&thief).expect("a sound disk"));
        let size = thief.checkpoint.head.size;
        assert_eq!((recovering.good(), recovering.is_unsigned()), (size, false));
        for place in [1, 2] {
            promise(&mut world, &mut recovering, place);
        }
        assert!(!recovering.is_ready(), "the boatmen hold something else");
        assert_eq!(recovering.is_contradicted(), !more, "nobody was asked what follows");
        ask(&world, &mut recovering, 1);
        assert!(recovering.is_contradicted());
        recovering.give_up_branch().expect("a sound disk");
        assert!(recovering.is_empty() && !recovering.is_contradicted() && !recovering.is_ready());
        if more {
            // Also after a crash before it was fetched again.
            drop(recovering);
            (recovering, index) = open(&world, &disk, 1);
            assert_eq!((recovering.len(), recovering.good()), (0, 0));
        }
        goes_on(&mut world, recovering, "a thief was first");
        drop(index);
    }
}

/// What was here before is not given up for what was fetched on top of it.
#[test]
fn what_was_here_before_is_not_given_up_with_what_was_fetched() {
    let mut world = lived();
    let disk = Arc::new(FaultyDisk::new(2));
    let (mut recovering, _index) = open(&world, &disk, 1);
    fetch(&world, &mut recovering, 2);
    let own = recovering.len();
    // As an older image that nobody fetched into.
    drop(recovering);
    disk.remove("notes/fetched").expect("a sound disk");
    let (mut recovering, _index) = open(&world, &disk, 1);
    let thief = forged(&world, 1);
    let from = usize::try_from(own).expect("small");
    let entries = thief.entries[from..].to_vec();
    let more = Extend { from: own, entries, sidecars: Vec::new(), ..thief };
    assert!(recovering.take(&more).expect("a sound disk"));
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    ask(&world, &mut recovering, 1);
    assert!(recovering.is_contradicted());
    for restart in [false, true] {
        if restart {
            drop(recovering);
            recovering = open(&world, &disk, 1).0;
        } else {
            recovering.give_up_branch().expect("a sound disk");
        }
        assert_eq!((recovering.len(), recovering.good()), (own, own), "{restart}");
    }
    assert!(!recovering.is_contradicted());
    goes_on(&mut world, recovering, "a thief led on what was here");
}

/// Wherever the disk fails or loses its power while the home's own branch gives way: a copy that is not whole takes no place
/// among what was set aside, and the loss is told of once.
#[test]
fn a_branch_whose_copy_fails_gives_way_at_the_next_start_and_is_told_of_once() {
    let mut world = lived();
    let disk = Arc::new(FaultyDisk::new(2));
    let (mut recovering, _index) = open(&world, &disk, 1);
    let thief = forged(&world, 9);
    assert!(recovering.take(&thief).expect("a sound disk"));
    let of = recovering.len();
    drop(recovering);
    disk.remove("notes/fetched").and_then(|()| disk.sync_dir("notes")).expect("a sound disk");
    let mut contradicted = |disk: &Arc<FaultyDisk>| {
        let (mut recovering, index) = open(&world, disk, 1);
        for place in [1, 2] {
            promise(&mut world, &mut recovering, place);
        }
        ask(&world, &mut recovering, 1);
        (recovering, index)
    };
    let mut told = Vec::new();
    for fault in [Fault::Broken, Fault::Full, Fault::PowerCut] {
        for call in 1.. {
            let disk = Arc::new(disk.image());
            let (mut recovering, _index) = contradicted(&disk);
            assert!(recovering.is_contradicted());
            disk.fail(Calls::Changes, call, fault);
            let is_done = recovering.give_up_branch().is_ok();
            disk.spare();
            drop(recovering);
            let disk = Arc::new(disk.reboot(call));
            let (mut recovering, _index) = contradicted(&disk);
            if recovering.is_contradicted() {
                assert!(!is_done, "{fault:?} at {call}");
                recovering.give_up_branch().expect("a sound disk");
            }
            let taken = disk.list(ASIDE).expect("a sound disk");
            let taken: Vec<_> = taken.iter().filter(|name| name.parse::<u8>().is_ok()).collect();
            assert_eq!(taken, ["01"], "{fault:?} at {call}");
            told = given_up(disk.as_ref()).expect("a sound disk");
            assert!(told.len() == 1 && told[0].of == of, "{fault:?} at {call}: {told:?}");
            if is_done {
                assert!(call > 8, "the copy is written before anything is cut");
                break;
            }
        }
    }
    assert!(told[0].kept < of);
}

/// Nothing that is certified gives way by itself, whatever mirrors hold now: whoever runs the home is told, and recovers
/// beside what is here.
#[test]
fn what_was_certified_gives_way_to_nobody_and_the_home_goes_on_beside_it() {
    let mut world = lived();
    let disk = Arc::new(FaultyDisk::new(2));
    let (mut recovering, index) = open(&world, &disk, 1);
    let other = certified_otherwise(&world);
    assert!(recovering.take(&other).expect("a sound disk"));
    // As its own log, that witnesses of it confirmed.
    drop((recovering, index));
    disk.remove("notes/fetched").expect("a sound disk");
    let (mut recovering, index) = open(&world, &disk, 1);
    assert_eq!(recovering.obstacle().expect("a sound disk"), None);
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    // What is not certified goes first.
    assert!(recovering.is_contradicted());
    assert!(matches!(recovering.give_up_branch().expect("a sound disk"), GivenUp::Own(_)));
    let size = recovering.len();
    assert!(!recovering.is_contradicted() && !recovering.is_ready());
    let obstacle = recovering.obstacle().expect("a sound disk");
    assert_eq!(obstacle, Some(Obstacle::Certified { size }));
    drop((recovering, index));
    let beside = Arc::new(FaultyDisk::new(3));
    let (mut recovering, _index) = open(&world, &beside, 1);
    fetch(&world, &mut recovering, 1);
    for place in [1, 2] {
        promise(&mut world, &mut recovering, place);
    }
    assert_eq!(recovering.obstacle().expect("a sound disk"), None);
    goes_on(&mut world, recovering, "beside what was certified");
}

/// Returns a log that goes on behind what the beekeepers hold with seals, each of which names the one before as certified.
fn certified_otherwise(world: &World) -> Extend {
    let mut all = forged(world, 1);
    for _ in 0..9 {
        let mut fold = folded(&all.entries);
        let (time, size) = (fold.state().clock().expect("sealed").time, fold.head().size);
        let seal = fold.seal(time, size).expect("founded");
        all.entries.push(Bytes::from(seal.bytes));
        let head = folded(&all.entries).head();
        let house = &world.villages[LOST].house;
        all.checkpoint = Checkpoint::sign(all.checkpoint.origin, head, &house.log);
    }
    all
}

/// Invariant C10: whoever runs the node was told what is certified: with less, or something else, nothing goes on, whoever promised.
#[test]
fn nothing_goes_on_without_what_somebody_said_is_certified() {
    let mut world = lived();
    let newest = world.villages[LOST].home.checkpoint().head;
    let other = Head { root: proto::hash::Hash([7; 32]), ..newest };
    for (told, goes) in [(None, true), (Some(newest), true), (Some(other), false)] {
        world = lived();
        let disk = Arc::new(FaultyDisk::new(2));
        for told in [Some(other), told] {
            tell(disk.as_ref(), told).expect("a sound disk");
        }
        let (mut recovering, _index) = open(&world, &disk, 1);
        assert_eq!(recovering.told(), told);
        for place in [2, 1] {
            fetch(&world, &mut recovering, place);
            promise(&mut world, &mut recovering, place);
            assert!(place == 1 || !recovering.is_ready());
        }
        assert_eq!(recovering.is_ready(), goes, "{told:?}");
    }
    drop(world);
}
