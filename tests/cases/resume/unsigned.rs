//! What a stranger hands a home that recovers: nothing that the log key did not sign, or that no mirror answers for,
//! becomes its history, whenever it is stopped.

use std::sync::Arc;

use harness::{
    disk::{Calls, Fault, FaultyDisk},
    people::House,
    world::{World, copied, extend},
};
use ledger::{
    fold::Fold,
    home::{HomeError, Recovering},
    keybook::KeyBook,
    replay,
};
use proto::{
    checkpoint::{Checkpoint, Origin},
    codec::Bytes,
    entry::{Entry, Payload},
    order::Head,
    resume::Resume,
    wire::Extend,
};

use super::{LOST, balances, fetch, lived, open, promise};

/// Returns the beginning of a log up to its first seal, with which it had no mirrors yet, and its head.
fn beginning(world: &World) -> (Extend, Fold) {
    let home = &world.villages[LOST].home;
    let mut whole = extend(home, *home.checkpoint(), 0);
    let is_seal =
        |bytes: &Bytes| matches!(Entry::decode(bytes), Ok(Entry { payload: Payload::Seal(_), .. }));
    let first = whole.entries.iter().position(is_seal).expect("founding is sealed");
    whole.entries.truncate(first + 1);
    whole.sidecars.clear();
    whole.certificate = None;
    let fold = folded(&whole.entries);
    (whole, fold)
}

pub(super) fn folded(entries: &[Bytes]) -> Fold {
    let mut fold = Fold::default();
    let entries: Vec<Vec<u8>> = entries.iter().map(|entry| entry.to_vec()).collect();
    let prepared = replay::prepare(&mut KeyBook::default(), &entries);
    replay::fold(&mut fold, prepared).expect("a sound log");
    fold
}

/// Fetches from both mirrors, and goes on.
pub(super) fn goes_on(world: &mut World, mut recovering: Recovering, what: &str) {
    let before = balances(world);
    for place in [1, 2] {
        fetch(world, &mut recovering, place);
        promise(world, &mut recovering, place);
    }
    let size = recovering.len();
    let home = recovering.resume(world.now).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(home.state().mirrors().map(|mirrors| mirrors.base), Some(size), "{what}");
    world.villages[LOST].home = home;
    assert_eq!(balances(world), before, "{what}");
}

/// Invariant C7: the beginning of a log, before it had mirrors, needs nobody's promise to go on from, and everybody
/// may have it. A home that was given no more starts its cité anew.
#[test]
fn a_beginning_without_mirrors_is_not_gone_on_with() {
    let mut world = lived();
    let (begun, fold) = beginning(&world);
    // Towards the newest checkpoint, as mirrors give it; and whole, under a checkpoint that was signed then.
    let log_key = world.villages[LOST].house.log.clone();
    let early = Checkpoint::sign(begun.checkpoint.origin, fold.head(), &log_key);
    for checkpoint in [begun.checkpoint, early] {
        let given = Extend { checkpoint, ..begun.clone() };
        let disk = Arc::new(FaultyDisk::new(2));
        let (mut recovering, _index) = open(&world, &disk, 1);
        assert!(recovering.take(&given).expect("a sound disk"));
        for restart in [false, true] {
            if restart {
                drop(recovering);
                recovering = open(&world, &disk, 1).0;
            }
            let (here, good) = (recovering.len(), recovering.good());
            assert_eq!((here, good), (begun.entries.len() as u64, 0), "{restart}");
            assert!(recovering.is_unsigned() && !recovering.is_ready(), "{restart}");
        }
        assert!(matches!(recovering.resume(world.now), Err(HomeError::NotRecovered)));
    }
    // Others lead it further, or it is given up and fetched from them.
    for given_up in [false, true] {
        world = lived();
        let (mut recovering, _index) = open(&world, &Arc::new(FaultyDisk::new(3)), 1);
        assert!(recovering.take(&begun).expect("a sound disk"));
        if given_up {
            recovering.give_up_unsigned().expect("a sound disk");
            assert!(recovering.is_empty());
        }
        goes_on(&mut world, recovering, "a beginning was given");
    }
}

/// Invariant C7: whoever claims more than there is, or puts an incarnation of its own behind a beginning, is not
/// believed for a single entry.
#[test]
fn what_leads_to_no_checkpoint_of_the_log_key_is_not_kept() {
    let world = lived();
    let (begun, mut fold) = beginning(&world);
    let (origin, house) = (begun.checkpoint.origin, &world.villages[LOST].house);
    let head = Head { size: 1_000, ..fold.head() };
    let stranger = House::new("loin", "Loin", "Loin", 1, 1);
    let forged = Checkpoint::sign(origin, head, &stranger.log);
    // The keys of the incarnation to come are public: mirrors are shown them.
    let (base, epoch) = (fold.head(), house.epoch(1));
    let resume = Resume { epoch, base, named: None, certificate: None, fences: Vec::new() };
    let time = fold.state().clock().expect("founded").time;
    let entry = Entry { time, payload: Payload::Resume(Box::new(resume)) };
    let entries = [begun.entries.clone(), vec![Bytes::from(entry.encode())]].concat();
    fold = folded(&entries);
    let [log_key, ..] = house.role_keys(1);
    let given = [
        Extend { checkpoint: forged, ..begun.clone() },
        Extend { entries: entries.clone(), ..begun.clone() },
        Extend {
            entries,
            checkpoint: Checkpoint::sign(
                Origin { incarnation: 1, ..origin },
                fold.head(),
                &log_key,
            ),
            ..begun
        },
    ];
    for (number, given) in given.iter().enumerate() {
        let (mut recovering, _index) = open(&world, &Arc::new(FaultyDisk::new(2)), 1);
        assert!(!recovering.take(given).expect("a sound disk"), "{number}");
        assert!(recovering.is_empty() && !recovering.is_unsigned(), "{number}");
    }
}

/// Returns what somebody makes up behind what the beekeepers hold: a seal, towards the checkpoint of the boatmen, who
/// hold more.
pub(super) fn made_up(world: &World, recovering: &Recovering) -> Extend {
    let id = world.villages[LOST].house.id;
    let bees = &world.villages[2].mirrors[&id];
    let held = bees.store().reader().read_range(0, usize::MAX, usize::MAX);
    let held: Vec<Bytes> = held.expect("its own copy").into_iter().map(Bytes::from).collect();
    assert_eq!(held.len() as u64, recovering.len());
    let mut fold = folded(&held);
    let (time, named) =
        fold.state().clock().map(|at| (at.time, at.certified_size)).expect("sealed");
    let seal = fold.seal(time, named).expect("founded");
    let boatmen =
        copied(&world.villages[1].mirrors[&id], recovering.len()).expect("they hold more");
    assert!(boatmen.checkpoint.head.size > recovering.len() + 1);
    Extend { entries: vec![Bytes::from(seal.bytes)], sidecars: Vec::new(), ..boatmen }
}

/// Invariant C7: all mirrors promised, and what was made up behind what they signed is left out.
#[test]
fn an_unsigned_end_is_left_out_of_what_goes_on() {
    let mut world = lived();
    let disk = Arc::new(FaultyDisk::new(2));
    let (mut recovering, _index) = open(&world, &disk, 1);
    fetch(&world, &mut recovering, 2);
    let good = recovering.len();
    let made_up = made_up(&world, &recovering);
    assert!(recovering.take(&made_up).expect("a sound disk"));
    promise(&mut world, &mut recovering, 2);
    for restart in [false, true] {
        if restart {
            drop(recovering);
            recovering = open(&world, &disk, 1).0;
        }
        assert_eq!((recovering.len(), recovering.good()), (good + 1, good), "{restart}");
        assert!(!recovering.is_ready(), "{restart}");
    }
    // The boatmen's own does not follow on it, and then does.
    let id = world.villages[LOST].house.id;
    let next = copied(&world.villages[1].mirrors[&id], recovering.len()).expect("they hold more");
    assert!(!recovering.take(&next).expect("a sound disk"));
    assert!(!recovering.is_unsigned());
    goes_on(&mut world, recovering, "an end was made up");
}

/// Invariant C7, whenever the power fails: what was here before and what is signed stays, nothing else is gone on
/// with, and then the log goes on from what the mirrors hold.
#[test]
fn the_power_may_fail_while_a_stranger_hands_over_entries() {
    let mut failed = 0;
    for call in 1.. {
        let mut world = lived();
        let disk = Arc::new(FaultyDisk::new(2));
        let (mut recovering, _index) = open(&world, &disk, 1);
        disk.fail(Calls::Changes, call, Fault::PowerCut);
        let (begun, _) = beginning(&world);
        let bees = &world.villages[2].mirrors[&world.villages[LOST].house.id];
        let (mut good, mut step) = (0, 0);
        // A stranger's beginning, the rest of it by the beekeepers, and an end that is made up.
        let done = loop {
            let given = match step {
                0 => begun.clone(),
                _ if recovering.good() == 0 => {
                    copied(bees, recovering.len()).expect("they hold it")
                }
                _ if !recovering.is_unsigned() => made_up(&world, &recovering),
                _ => break true,
            };
            step += 1;
            match recovering.take(&given) {
                Ok(_) => good = recovering.good(),
                Err(_) => break false,
            }
        };
        drop(recovering);
        let (after, _index) = open(&world, &Arc::new(disk.reboot(call)), 1);
        assert!(after.good() >= good && !after.is_ready(), "call {call}");
        assert!(after.good() == 0 || after.good() == bees.checkpoint().expect("held").head.size);
        let mut after = after;
        if after.is_unsigned() {
            after.give_up_unsigned().expect("a sound disk");
        }
        goes_on(&mut world, after, &format!("call {call}"));
        if done {
            break;
        }
        failed += 1;
    }
    assert!(failed > 8, "only {failed} calls");
}
