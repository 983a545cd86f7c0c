//! What liars hand a node that fetches the copy of an ally's log anew: it keeps nobody from it who holds the log. Nor
//! does what lay on the disk.

use std::sync::Arc;

use harness::{
    cluster::{Cluster, recorded},
    disk::FaultyDisk,
    people::founding_bytes,
    world::World,
};
use ledger::{
    aside::ASIDE,
    disk::Disk,
    fold::Fold,
    keybook::KeyBook,
    mirror::{Refill, Taken},
    replay,
};
use node::core::Input;
use proto::{
    codec::{Bytes, Canonical as _},
    desk::CopyState,
    entry::Entry,
    ids::CiteId,
    time::UnixMillis,
    wire::{Answer, Ask, Extend, Held, Hello},
};

use super::{
    HOME, MIRROR, OTHER, SEGMENT, copy, damaged, given, part, proofs::crowd, refilled, told, world,
};

/// A node of a cité that nobody knows, which says that it holds more of the log than there is.
const STRANGER: usize = 3;

fn lived(payments: usize) -> Cluster {
    lived_among(&["tisserandes", "mariniers", "ruchers", "loin"], payments)
}

/// The first cité is mirrored by the next two, and the others are strangers.
pub(super) fn lived_among(slugs: &[&str], payments: usize) -> Cluster {
    let mut cluster = Cluster::new(slugs);
    for (a, b) in [(HOME, MIRROR), (HOME, OTHER), (MIRROR, OTHER)] {
        cluster.ally(a, b, 100);
    }
    cluster.mirror(HOME, &[MIRROR, OTHER]);
    for number in 0..payments {
        assert!(recorded(&cluster.pay(HOME, 1 + number % 2, 2 - number % 2, 15)).is_some());
    }
    cluster.run(40);
    cluster
}

/// The log as its other mirror gives it, or its first range.
pub(super) fn whole(cluster: &mut Cluster) -> Extend {
    let cite = cluster.sites[HOME].house.id;
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    match cluster.ask(Some(MIRROR), OTHER, &all) {
        Answer::Entries(Some(extend)) => *extend,
        other => panic!("a mirror may read it: {other:?}"),
    }
}

/// What a stranger says of itself.
fn claims(cluster: &Cluster, stranger: usize) -> Hello {
    Hello {
        founding: founding_bytes(&cluster.sites[stranger].house),
        addresses: Vec::new(),
        held: vec![Held { cite: cluster.sites[HOME].house.id, incarnation: 0, size: 10_000 }],
        others: Vec::new(),
        now: cluster.now,
    }
}

/// Has the stranger give these ranges in turn.
fn lies(cluster: &mut Cluster, ranges: Vec<Option<Extend>>) {
    lies_as(cluster, STRANGER, ranges);
}

/// Has one of the strangers give these ranges in turn.
pub(super) fn lies_as(cluster: &mut Cluster, stranger: usize, ranges: Vec<Option<Extend>>) {
    let hello = Answer::Hello(claims(cluster, stranger));
    let ranges = ranges.into_iter().map(|range| Answer::Entries(range.map(Box::new)));
    cluster.twisted.insert(stranger, std::iter::once(hello).chain(ranges).collect());
}

/// The founding of the log with a time behind which nothing can follow, and made up seals behind it.
fn bogus(whole: &Extend, count: usize) -> Extend {
    let founding = Entry::decode(&whole.entries[0]).expect("an entry");
    let founding = Entry { time: UnixMillis(u64::MAX), ..founding };
    made_up(whole, Bytes::from(founding.encode()), count)
}

pub(super) fn made_up(whole: &Extend, first: Bytes, count: usize) -> Extend {
    let mut fold = Fold::default();
    let prepared = replay::prepare(&mut KeyBook::default(), &[first.to_vec()]);
    replay::fold(&mut fold, prepared).expect("founded");
    let time = Entry::decode(&first).expect("an entry").time;
    let seals = (1..count).map(|_| Bytes::from(fold.seal(time, 0).expect("founded").bytes));
    let entries = std::iter::once(first).chain(seals).collect();
    Extend { from: 0, entries, sidecars: Vec::new(), certificate: None, ..whole.clone() }
}

/// Stops the mirror, and starts it with a copy of which nothing is good; these others are off.
pub(super) fn lost(cluster: &mut Cluster, off: &[usize]) {
    let file = copy(cluster, &format!("log/{SEGMENT}"));
    damaged(cluster, &file, 200, off);
}

#[test]
fn a_bogus_founding_keeps_no_mirror_from_its_home() {
    let mut cluster = lived(3);
    let bogus = bogus(&whole(&mut cluster), 1);
    lies(&mut cluster, vec![Some(bogus)]);
    lost(&mut cluster, &[HOME, OTHER]);
    cluster.run(20);
    assert!(matches!(told(&mut cluster).copy, CopyState::Refills { .. }));
    // It is asleep at first, and has nothing to give before it knows what its mirrors hold.
    cluster.start(HOME);
    cluster.run(80);
    assert_eq!(told(&mut cluster).copy, CopyState::Kept);
}

/// Invariant C12: as much as one range holds, so that it cannot be told from what an honest node gives.
#[test]
fn a_whole_range_that_is_made_up_gives_way_to_what_those_give_who_are_known_better() {
    for back in [HOME, OTHER] {
        let mut cluster = lived(100);
        let first = whole(&mut cluster);
        assert_eq!(first.entries.len(), 256, "more than one range");
        // Behind it the stranger gives nothing.
        let lie = bogus(&first, 256);
        lies(&mut cluster, vec![Some(lie), None]);
        lost(&mut cluster, &[HOME, OTHER]);
        cluster.run(5);
        assert_eq!(told(&mut cluster).size, 256, "nobody says otherwise");
        cluster.start(back);
        cluster.run(80);
        assert_eq!(told(&mut cluster).copy, CopyState::Kept, "{back}");
    }
}

#[test]
fn a_copy_that_comes_in_drips_keeps_nobody_from_those_who_hold_it() {
    for back in [HOME, OTHER] {
        let mut cluster = lived(10);
        let first = whole(&mut cluster);
        let line = made_up(&first, first.entries[0].clone(), 30);
        let drips = (0..)
            .zip(line.entries.clone())
            .map(|(from, entry)| Some(Extend { from, entries: vec![entry], ..line.clone() }));
        lies(&mut cluster, drips.collect());
        cluster.drips = 9;
        lost(&mut cluster, &[HOME, OTHER]);
        cluster.run(25);
        cluster.start(back);
        cluster.run(100);
        assert_eq!(told(&mut cluster).copy, CopyState::Kept, "{back}");
    }
}

/// No liar at all: whoever runs the node put a copy back that is of another branch, as from another machine's backup.
#[test]
fn a_copy_of_another_branch_that_was_put_back_is_set_aside() {
    for back in [HOME, OTHER] {
        let mut other = lived(0);
        assert!(recorded(&other.pay(HOME, 1, 2, 45)).is_some());
        other.run(40);
        other.stop(MIRROR, true);
        let branch = other.sites[MIRROR].files();
        let mut cluster = lived(6);
        for place in [MIRROR, HOME, OTHER] {
            cluster.stop(place, true);
        }
        let folder = copy(&cluster, "");
        cluster.sites[MIRROR].set_back(&folder, &branch);
        cluster.start(MIRROR);
        let before = told(&mut cluster);
        assert!(before.size > 3 && matches!(before.copy, CopyState::Refills { .. }), "{before:?}");
        cluster.start(back);
        cluster.run(70);
        assert_eq!(told(&mut cluster).copy, CopyState::Kept, "{back}");
        let aside = cluster.sites[MIRROR].files();
        assert!(aside.keys().any(|name| name.starts_with(ASIDE)), "it is not deleted");
    }
}

/// Returns how often a range was asked of a node since it is looked at.
fn asked(cluster: &Cluster, place: usize) -> usize {
    let handed = cluster.handed.iter().flatten();
    let ranges = handed.filter(|(to, input)| match input {
        Input::Asked { frame, .. } if *to == place => {
            matches!(Ask::decode(frame), Ok(Ask::Range { .. }))
        }
        _ => false,
    });
    ranges.count()
}

#[test]
fn whoever_gave_nothing_is_left_alone_on_its_next_connection_too() {
    let mut cluster = lived(3);
    lies(&mut cluster, vec![None]);
    lost(&mut cluster, &[HOME, OTHER]);
    cluster.handed = Some(Vec::new());
    for _ in 0..20 {
        cluster.disconnect(MIRROR, STRANGER);
        cluster.connect(MIRROR, STRANGER);
        cluster.run(2);
    }
    assert_eq!(asked(&cluster, STRANGER), 1);
    cluster.run(60);
    assert_eq!(asked(&cluster, STRANGER), 2, "a minute later it may have it");
}

/// What is found while the node runs, and long after its start, stands as long as what was found at that.
#[test]
fn what_lies_here_stands_for_a_while_whenever_it_is_found() {
    let mut cluster = lived(3);
    let file = copy(&cluster, &format!("log/{SEGMENT}"));
    let beginning = cluster.sites[MIRROR].file(&file);
    for _ in 0..3 {
        assert!(recorded(&cluster.pay(HOME, 1, 2, 15)).is_some());
    }
    cluster.run(40);
    let whole = whole(&mut cluster);
    // No place is left: the copy is closed until there is one, and its beginning is good by then.
    crowd(cluster.sites[MIRROR].disk().as_ref());
    lost(&mut cluster, &[HOME, OTHER]);
    assert_eq!(told(&mut cluster).copy, CopyState::NoRoom);
    let disk = cluster.sites[MIRROR].disk();
    disk.write_at(&file, 0, &beginning).expect("a sound disk");
    disk.move_dir(&format!("{ASIDE}/07"), "elsewhere").expect("a sound disk");
    cluster.run(65);
    let found = told(&mut cluster);
    assert!(found.size > 3 && matches!(found.copy, CopyState::Refills { .. }), "{found:?}");
    let lie = Extend { from: found.size, entries: vec![whole.entries[0].clone(); 256], ..whole };
    lies(&mut cluster, vec![Some(lie)]);
    cluster.disconnect(MIRROR, STRANGER);
    cluster.connect(MIRROR, STRANGER);
    cluster.handed = Some(Vec::new());
    cluster.run(5);
    assert!(asked(&cluster, STRANGER) > 0);
    assert_eq!(told(&mut cluster), found, "nobody who is known better says otherwise");
}

/// Two histories of one length that differ in the last two payments, and the mirror's disk with nothing good of the first.
fn two_histories() -> (World, World, CiteId, Arc<FaultyDisk>) {
    let ((mut world, cite, _), (mut other, ..)) = (world(), world());
    for (world, minutes) in [(&mut world, 15), (&mut other, 30)] {
        for _ in 0..2 {
            world.pay(HOME, 1, minutes);
            world.drain();
        }
    }
    let village = &world.villages[MIRROR];
    let size = village.mirrors[&cite].size();
    assert_eq!(other.villages[MIRROR].mirrors[&cite].size(), size, "as long as the other one");
    let disk = Arc::new(village.mirror_disk.image());
    disk.rot(&part(cite, &format!("log/{SEGMENT}")), 200);
    (world, other, cite, disk)
}

fn begin(disk: &Arc<FaultyDisk>, cite: CiteId) -> Refill {
    Refill::begin(Arc::clone(disk) as Arc<dyn Disk>, cite).expect("a sound disk")
}

/// Takes in a history as far as it goes, and returns what came of the last range.
fn as_far_as_it_goes(mut refill: Refill, world: &World, cite: CiteId) -> (Refill, Taken) {
    loop {
        let extend = given(world, cite, refill.progress().0);
        match refill.take(&extend).expect("a sound disk") {
            (next, Taken::Further) => refill = next,
            (next, taken) => return (next, taken),
        }
    }
}

#[test]
fn a_history_that_was_not_cosigned_is_taken_from_nobody() {
    let (world, other, cite, disk) = two_histories();
    let (mut refill, size) = (begin(&disk, cite), world.villages[MIRROR].mirrors[&cite].size());
    assert_eq!(refill.progress(), (0, size));
    // What is no answer contradicts nothing.
    let first = given(&world, cite, 0);
    let mut foreign = first.clone();
    foreign.checkpoint.origin.cite = world.villages[OTHER].house.id;
    let (later, nothing) =
        (given(&world, cite, 3), Extend { entries: Vec::new(), ..first.clone() });
    let garbage = Extend { entries: vec![Bytes::from(b"hours".to_vec())], ..first };
    for (number, extend) in [foreign, later, nothing, garbage].into_iter().enumerate() {
        let (next, taken) = refill.take(&extend).expect("a sound disk");
        assert_eq!((taken, next.progress().0), (Taken::Nothing, 0), "{number}");
        refill = next;
    }
    // The lie follows on itself up to the end, where its root is another one; nothing of that range stays.
    let (refill, taken) = as_far_as_it_goes(refill, &other, cite);
    let (here, _) = refill.progress();
    assert_eq!(taken, Taken::Contradicts);
    assert!((size - 4..size).contains(&here), "{here} of {size}");
    // The other history does not follow on it: as it stands both might be the one that was cosigned.
    let (refill, taken) = as_far_as_it_goes(refill, &world, cite);
    assert_eq!((taken, refill.progress().0), (Taken::Contradicts, here));
    let refill = refill.give_up().expect("a sound disk");
    assert_eq!(refill.progress(), (0, size));
    let log = refilled(&world, cite, refill).expect("a sound disk");
    assert_eq!(log.size(), size);
}

#[test]
fn what_lay_on_the_disk_is_doubted_as_well_and_set_aside() {
    let (world, other, cite, disk) = two_histories();
    let (refill, _) = as_far_as_it_goes(begin(&disk, cite), &other, cite);
    drop(refill);
    // A start later, and as if it had always lain here: whether it is the right one nobody knows.
    disk.remove(&part(cite, "fetched")).expect("a sound disk");
    let aside = disk.list(ASIDE).expect("a sound disk").len();
    let refill = begin(&disk, cite);
    let (before, size) = refill.progress();
    let (refill, taken) = as_far_as_it_goes(refill, &world, cite);
    assert_eq!((taken, refill.progress().0), (Taken::Contradicts, before));
    let refill = refill.give_up().expect("a sound disk");
    assert_eq!(refill.progress(), (0, size));
    assert_eq!(disk.list(ASIDE).expect("a sound disk").len(), aside + 1);
    // What is fetched now is nothing that anybody misses.
    let (refill, _) = as_far_as_it_goes(refill, &other, cite);
    let refill = refill.give_up().and_then(Refill::give_up).expect("a sound disk");
    assert_eq!(disk.list(ASIDE).expect("a sound disk").len(), aside + 1);
    assert_eq!(refilled(&world, cite, refill).expect("a sound disk").size(), size);
}

/// However often a node is started between two who contradict one another, places are for what lay on its disk before.
#[test]
fn what_was_fetched_before_a_restart_takes_no_place_of_what_is_damaged() {
    let (world, other, cite, disk) = two_histories();
    for _ in 0..3 {
        let (refill, _) = as_far_as_it_goes(begin(&disk, cite), &other, cite);
        drop(refill);
        let (refill, taken) = as_far_as_it_goes(begin(&disk, cite), &world, cite);
        assert_eq!(taken, Taken::Contradicts);
        assert_eq!(refill.give_up().expect("a sound disk").progress().0, 0);
    }
    assert_eq!(disk.list(ASIDE).expect("a sound disk").len(), 1, "what was damaged");
    let log = refilled(&world, cite, begin(&disk, cite)).expect("a sound disk");
    let size = log.size();
    // What was fetched is the node's own from now on.
    drop(log);
    disk.rot(&part(cite, &format!("log/{SEGMENT}")), 200);
    drop(begin(&disk, cite));
    assert_eq!(disk.list(ASIDE).expect("a sound disk").len(), 2);
    let log = refilled(&world, cite, begin(&disk, cite)).expect("a sound disk");
    assert_eq!(log.size(), size);
}

/// Whoever gives what does not fit costs no reading of what is here, and no executing of it.
#[test]
fn what_does_not_fit_costs_nothing_that_was_written() {
    let (world, other, cite, disk) = two_histories();
    let mut refill = begin(&disk, cite);
    while refill.progress().0 < 12 {
        let extend = given(&world, cite, refill.progress().0);
        refill = refill.take(&extend).expect("a sound disk").0;
    }
    let (from, _) = refill.progress();
    let garbage =
        Extend { entries: vec![Bytes::from(b"hours".to_vec())], ..given(&world, cite, from) };
    let before = (disk.reads(), disk.changes());
    for _ in 0..3 {
        let (next, taken) = refill.take(&garbage).expect("a sound disk");
        assert_eq!((taken, next.progress().0), (Taken::Contradicts, from));
        refill = next;
    }
    assert_eq!((disk.reads(), disk.changes()), before);
    drop(refill);
    // What is given up is not what was here before, up to its last seal: the state there was written down.
    disk.remove(&part(cite, "fetched")).expect("a sound disk");
    let refill = begin(&disk, cite);
    let (here, size) = refill.progress();
    assert!((1..=from).contains(&here), "{here}");
    assert!(disk.names().contains(&part(cite, "index/snapshot")));
    let (refill, _) = as_far_as_it_goes(refill, &other, cite);
    let refill = refill.give_up().expect("a sound disk");
    assert_eq!(refill.progress().0, here);
    assert_eq!(refilled(&world, cite, refill).expect("a sound disk").size(), size);
}
