//! What was damaged while a node was stopped: the copy of an ally's log is fetched anew and vouches for nothing before
//! it holds again what was cosigned; proofs of imports are put together anew. Nothing that was damaged is deleted.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

mod closed;
mod equals;
mod liars;
mod looked;
mod proofs;

use std::{collections::BTreeMap, sync::Arc};

use harness::{
    cluster::{Cluster, recorded},
    disk::{Calls, Fault, FaultyDisk},
    people::founding_bytes,
    world::{World, copied, snapshot},
};
use ledger::{
    aside::{ASIDE, ASIDE_MAX},
    disk::Disk,
    mirror::{Extended, MirrorError, MirrorLog, Refill, Taken},
};
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, CopyState, MirrorItem, NodeStatus, Operator, Reply},
    ids::CiteId,
    wire::{Answer, Ask, Extend, Gossip, decline},
};

/// The cité whose log is copied, the mirror whose disk forgets, and the other mirror.
const HOME: usize = 0;
const MIRROR: usize = 1;
const OTHER: usize = 2;

const SEGMENT: &str = "00000000.seg";

fn allied() -> Cluster {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    for _ in 0..3 {
        assert!(recorded(&cluster.export((MIRROR, 1), (HOME, 1), 15)).is_some());
        cluster.run(20);
    }
    cluster
}

fn status(cluster: &mut Cluster, place: usize) -> NodeStatus {
    match cluster.call(place, Call::Operator(Operator::Status)) {
        Reply::Status(status) => *status,
        other => panic!("no status: {other:?}"),
    }
}

/// What the mirror tells of the copy.
fn told(cluster: &mut Cluster) -> MirrorItem {
    let home = cluster.sites[HOME].house.id;
    let all = status(cluster, MIRROR).mirrored;
    all.into_iter().find(|item| item.cite == home).expect("it is told of")
}

/// Pays and lets time pass, more than a mirror is left alone that declined while all was certified; returns whether what
/// was paid was certified.
fn certifies(cluster: &mut Cluster) -> bool {
    assert!(recorded(&cluster.pay(HOME, 1, 2, 15)).is_some());
    cluster.run(70);
    let sheet = cluster.sheet(HOME);
    let certified = sheet.certificate.expect("mirrors").checkpoint.head.size;
    certified == sheet.checkpoint.head.size
}

/// The record of what the mirror cosigned.
fn record(cluster: &Cluster) -> String {
    format!("notes/cosigned/{}", cluster.sites[HOME].house.id.0)
}

fn copy(cluster: &Cluster, part: &str) -> String {
    format!("mirrors/{}/{part}", cluster.sites[HOME].house.id.0)
}

/// Stops the mirror, lets a bit of a file change, and starts it with these others off.
fn damaged(cluster: &mut Cluster, file: &str, byte: u64, off: &[usize]) -> Vec<u8> {
    cluster.stop(MIRROR, true);
    off.iter().for_each(|place| cluster.stop(*place, true));
    cluster.sites[MIRROR].rot(file, byte);
    let bytes = cluster.sites[MIRROR].file(file);
    cluster.start(MIRROR);
    bytes
}

#[test]
fn a_copy_that_is_damaged_at_a_start_is_fetched_from_its_home_or_another_mirror() {
    for off in [&[][..], &[HOME], &[OTHER]] {
        let mut cluster = allied();
        let held = told(&mut cluster).size;
        let file = copy(&cluster, &format!("log/{SEGMENT}"));
        let was = damaged(&mut cluster, &file, 200, off);
        let item = told(&mut cluster);
        assert_eq!((item.size, item.copy), (0, CopyState::Refills { of: held }), "{off:?}");
        assert_eq!(item.slug, "tisserandes");
        cluster.run(20);
        let item = told(&mut cluster);
        assert_eq!(item.copy, CopyState::Kept, "{off:?}");
        assert!(item.size >= held, "{off:?}: {item:?}");
        let aside = cluster.sites[MIRROR].files();
        let aside =
            aside.iter().find(|(name, _)| name.starts_with(ASIDE) && name.contains("-log/"));
        assert!(aside.expect("it is set aside").1 == &was, "{off:?}");
        off.iter().for_each(|place| cluster.start(*place));
        cluster.run(20);
        assert!(certifies(&mut cluster), "{off:?}");
        let whole = status(&mut cluster, MIRROR).mirrored;
        assert!(whole.iter().all(|item| item.copy == CopyState::Kept), "{whole:?}");
    }
}

#[test]
fn until_then_it_cosigns_nothing_and_promises_nothing_and_tells_what_it_cosigned() {
    let mut cluster = allied();
    let held = told(&mut cluster).size;
    let file = copy(&cluster, &format!("log/{SEGMENT}"));
    damaged(&mut cluster, &file, 200, &[HOME, OTHER]);
    // It signs in its own log, and who is there answers nothing.
    cluster.run(20);
    cluster.connect(HOME, MIRROR);
    cluster.settle();
    let own = cluster.sites[HOME].house.id;
    // Its home asks before it signs whether more of its log is known.
    let amnesia = Ask::Range { cite: own, incarnation: 0, from: held };
    let Answer::Entries(Some(extend)) = cluster.ask(Some(HOME), MIRROR, &amnesia) else {
        panic!("the home is told")
    };
    assert_eq!((extend.checkpoint.head.size, extend.entries.len()), (held, 0));
    let refused = Answer::Declined { reason: decline::CANNOT_WRITE, at: 0 };
    let answer = cluster.ask(Some(HOME), MIRROR, &Ask::Extend(extend));
    assert_eq!(answer, refused);
    let record = cluster.sites[HOME].house.founding_at(1);
    let [_, _, _, network] = cluster.sites[HOME].house.role_keys(1);
    let fence = Ask::Fence(Bytes::from(record.encode()));
    assert_eq!(cluster.ask_as(network.public(), MIRROR, &fence), refused);
    assert_eq!(told(&mut cluster).copy, CopyState::Refills { of: held });
}

/// Invariant C11: a volunteer who makes room deletes a copy, or puts an older one in its place. The record lies elsewhere.
#[test]
fn a_copy_that_was_deleted_or_set_back_lets_a_mirror_promise_nothing_less() {
    for older in [false, true] {
        let mut cluster = allied();
        let folder = copy(&cluster, "");
        cluster.stop(MIRROR, true);
        let image = if older { cluster.sites[MIRROR].files() } else { BTreeMap::new() };
        cluster.start(MIRROR);
        cluster.run(20);
        assert!(certifies(&mut cluster));
        let held = told(&mut cluster).size;
        cluster.stop(MIRROR, true);
        cluster.stop(HOME, true);
        cluster.stop(OTHER, true);
        cluster.sites[MIRROR].set_back(&folder, &image);
        cluster.start(MIRROR);
        cluster.run(20);
        let item = told(&mut cluster);
        assert_eq!(item.copy, CopyState::Refills { of: held }, "{older}");
        assert!(item.size < held, "{older}: {item:?}");
        // The root asks for a promise, as after a lost disk: not before the copy is whole.
        let record = cluster.sites[HOME].house.founding_at(1);
        let [_, _, _, network] = cluster.sites[HOME].house.role_keys(1);
        let fence = Ask::Fence(Bytes::from(record.encode()));
        let refused = Answer::Declined { reason: decline::CANNOT_WRITE, at: 0 };
        assert_eq!(cluster.ask_as(network.public(), MIRROR, &fence), refused, "{older}");
        cluster.start(OTHER);
        cluster.run(20);
        assert_eq!(told(&mut cluster).copy, CopyState::Kept, "{older}");
        let answer = cluster.ask_as(network.public(), MIRROR, &fence);
        let Answer::Fenced { fence, .. } = answer else { panic!("{older}: {answer:?}") };
        assert!(fence.fence.held.is_some_and(|head| head.head.size >= held), "{older}: {fence:?}");
    }
}

/// A copy that is deleted beneath a running node: what it writes then is gone when it is stopped, so it stops cosigning.
#[test]
fn a_copy_that_is_deleted_beneath_its_node_cosigns_no_more_and_is_fetched_after_a_restart() {
    let mut cluster = allied();
    cluster.sites[MIRROR].set_back(&copy(&cluster, ""), &BTreeMap::new());
    assert!(!certifies(&mut cluster), "the other mirror alone is no quorum");
    assert_eq!(told(&mut cluster).copy, CopyState::Failed);
    assert!(scrubbed(&mut cluster, MIRROR).0 > 0, "it is missed");
    cluster.stop(MIRROR, true);
    cluster.start(MIRROR);
    cluster.run(20);
    assert_eq!(told(&mut cluster).copy, CopyState::Kept);
    assert!(certifies(&mut cluster));
}

#[test]
fn a_record_beside_its_copy_is_moved_out_and_an_older_one_there_counts_no_more() {
    let (_, cite, disk) = world();
    let (file, old) = (format!("notes/cosigned/{}", cite.0), part(cite, "held"));
    let newest = disk.contents(&file);
    let open = || {
        let opened = MirrorLog::open(Arc::clone(&disk) as Arc<dyn Disk>, cite);
        opened.expect("a sound disk").expect("a copy").size()
    };
    let size = open();
    disk.replace(&old, &newest).expect("a sound disk");
    disk.remove(&file).expect("a sound disk");
    assert_eq!(open(), size, "as it was written up to 2026-11-27");
    assert!(disk.contents(&file) == newest);
    assert_eq!(disk.length(&old).expect("a sound disk"), None);
    disk.replace(&old, b"older").expect("a sound disk");
    assert_eq!(open(), size);
    assert!(disk.contents(&file) == newest);
    assert_eq!(disk.length(&old).expect("a sound disk"), None);
}

#[test]
fn where_nobody_knows_what_was_cosigned_the_copy_stays_closed() {
    for lost in [false, true] {
        let mut cluster = allied();
        let (file, held) = (copy(&cluster, &format!("log/{SEGMENT}")), record(&cluster));
        let before = cluster.sites[MIRROR].file(&file);
        match lost {
            false => drop(damaged(&mut cluster, &held, 40, &[])),
            true => {
                cluster.stop(MIRROR, true);
                cluster.sites[MIRROR].lose(&held);
                cluster.start(MIRROR);
            }
        }
        assert!(!certifies(&mut cluster), "the other mirror alone is no quorum");
        let item = told(&mut cluster);
        assert_eq!((item.size, item.copy), (0, CopyState::Wordless), "lost: {lost}");
        assert!(cluster.sites[MIRROR].file(&file) == before, "nothing is touched");
    }
}

/// Invariant C11: a record of last week is put back, as with all notes. What it lacks shows by what others certified with
/// this mirror's word.
#[test]
fn a_record_that_was_set_back_says_nothing_more_once_a_certificate_shows_it() {
    for pushed in [false, true] {
        let mut cluster = allied();
        cluster.stop(MIRROR, true);
        let image = cluster.sites[MIRROR].files();
        cluster.start(MIRROR);
        cluster.run(20);
        assert!(certifies(&mut cluster));
        let certificate = cluster.sheet(HOME).certificate.expect("mirrors");
        for place in [HOME, OTHER, MIRROR] {
            cluster.stop(place, true);
        }
        let older = image.get(&record(&cluster)).expect("it cosigned");
        assert_ne!(older, &cluster.sites[MIRROR].file(&record(&cluster)));
        cluster.sites[MIRROR].set_back("notes/cosigned", &image);
        cluster.start(MIRROR);
        cluster.run(20);
        match pushed {
            true => {
                cluster.start(HOME);
                cluster.start(OTHER);
                assert!(!certifies(&mut cluster), "the other mirror alone is no quorum");
            }
            false => {
                let founding = founding_bytes(&cluster.sites[HOME].house);
                let gossip = Gossip::Certificate { founding, certificate };
                let peer = cluster.sites[OTHER].peer();
                cluster.gossip(peer, MIRROR, gossip.encode());
            }
        }
        for again in [false, true] {
            assert_eq!(told(&mut cluster).copy, CopyState::Wordless, "{pushed}, again: {again}");
            let record = cluster.sites[HOME].house.founding_at(1);
            let [_, _, _, network] = cluster.sites[HOME].house.role_keys(1);
            let fence = Ask::Fence(Bytes::from(record.encode()));
            let answer = cluster.ask_as(network.public(), MIRROR, &fence);
            assert!(matches!(answer, Answer::Declined { .. }), "{pushed}: {answer:?}");
            cluster.stop(MIRROR, true);
            cluster.start(MIRROR);
        }
    }
}

/// The same, where the copy itself shows it.
#[test]
fn a_record_that_was_set_back_behind_the_snapshot_of_its_copy_is_not_believed() {
    let (mut world, cite, disk) = world();
    let file = format!("notes/cosigned/{}", cite.0);
    let older = disk.contents(&file);
    world.pay(HOME, 1, 15);
    world.drain();
    let village = &world.villages[MIRROR];
    let size = village.mirrors[&cite].size();
    let disk = Arc::new(village.mirror_disk.image());
    snapshot(&disk, cite, size);
    let open = || MirrorLog::open(Arc::clone(&disk) as Arc<dyn Disk>, cite);
    assert_eq!(open().expect("it is as far").expect("a copy").size(), size);
    let segment = disk.contents(&part(cite, &format!("log/{SEGMENT}")));
    disk.replace(&file, &older).expect("a sound disk");
    assert!(open().is_err_and(|error| error.is_wordless()));
    let refill = Refill::begin(Arc::clone(&disk) as Arc<dyn Disk>, cite);
    assert!(refill.is_err_and(|error| error.is_wordless()), "nor is it fetched anew");
    assert!(disk.contents(&part(cite, &format!("log/{SEGMENT}"))) == segment, "nothing is cut");
}

/// Cités with exports between them, and the mirror's disk as it stands durably.
fn world() -> (World, CiteId, Arc<FaultyDisk>) {
    let mut world = World::allied();
    for _ in 0..3 {
        world.export((MIRROR, 1), (HOME, 1), 15).expect("within the line");
        world.drain();
    }
    let cite = world.villages[HOME].house.id;
    let disk = Arc::new(world.villages[MIRROR].mirror_disk.image());
    (world, cite, disk)
}

fn part(cite: CiteId, part: &str) -> String {
    format!("mirrors/{}/{part}", cite.0)
}

/// What the other mirror gives, three entries at a time.
fn given(world: &World, cite: CiteId, from: u64) -> Extend {
    let mut extend = copied(&world.villages[OTHER].mirrors[&cite], from).expect("it holds more");
    extend.entries.truncate(3);
    extend.sidecars.retain(|sidecar| sidecar.leaf < from + 3);
    extend
}

/// Fetches a copy anew from the other mirror until it is whole.
fn refilled(world: &World, cite: CiteId, mut refill: Refill) -> Result<MirrorLog, MirrorError> {
    loop {
        refill = match refill.finish() {
            Ok(log) => return Ok(log),
            Err(refill) => *refill,
        };
        let extend = given(world, cite, refill.progress().0);
        let (next, taken) = refill.take(&extend)?;
        assert_eq!(taken, Taken::Further, "what is right is taken");
        refill = next;
    }
}

/// Invariant C9: wherever a crash comes, the next start goes on, and what was cosigned is what it was.
#[test]
fn no_crash_of_the_mending_loses_or_forges_what_was_cosigned() {
    let (world, cite, disk) = world();
    let checkpoint = *world.villages[MIRROR].mirrors[&cite].checkpoint().expect("cosigned");
    let (held, segment) =
        (format!("notes/cosigned/{}", cite.0), part(cite, &format!("log/{SEGMENT}")));
    disk.rot(&segment, 200);
    let (record, rotten) = (disk.contents(&held), disk.contents(&segment));
    let mends = |disk: &Arc<FaultyDisk>| -> Result<MirrorLog, MirrorError> {
        let refill = Refill::begin(Arc::clone(disk) as Arc<dyn Disk>, cite)?;
        refilled(&world, cite, refill)
    };
    let sound = Arc::new(disk.image());
    drop(mends(&sound).expect("a sound disk"));
    let calls = sound.changes();
    assert!(calls > 20, "{calls}");
    for call in 1..=calls {
        for fault in [Fault::PowerCut, Fault::Broken, Fault::Full] {
            let tried = Arc::new(disk.image());
            tried.fail(Calls::Changes, call, fault);
            let first = mends(&tried).err();
            let after = Arc::new(tried.reboot(call));
            let opened = MirrorLog::open(Arc::clone(&after) as Arc<dyn Disk>, cite);
            let log = match opened {
                Ok(log) => log.expect("there is a copy"),
                Err(error) => {
                    assert!(
                        error.is_damage(),
                        "{fault:?} at call {call}: {error}, after {first:?}"
                    );
                    mends(&after).unwrap_or_else(|error| panic!("{fault:?} at {call}: {error}"))
                }
            };
            assert_eq!(log.checkpoint(), Some(&checkpoint), "{fault:?} at call {call}");
            assert_eq!(log.store().len(), checkpoint.head.size);
            drop(log);
            assert!(after.contents(&held) == record, "the record is what it was");
            let kept = after.names().iter().any(|name| after.contents(name) == rotten);
            assert!(kept, "{fault:?} at call {call}: what was damaged is gone");
        }
    }
}

#[test]
fn what_is_set_aside_is_bounded() {
    let (world, cite, disk) = world();
    let segment = part(cite, &format!("log/{SEGMENT}"));
    for number in 0..=ASIDE_MAX {
        disk.rot(&segment, 200);
        let begun = Refill::begin(Arc::clone(&disk) as Arc<dyn Disk>, cite);
        match begun.and_then(|refill| refilled(&world, cite, refill)) {
            Ok(_) => assert!(number < ASIDE_MAX, "{number}"),
            Err(error) => {
                assert_eq!(number, ASIDE_MAX, "{error}");
                assert!(error.is_for_room(), "{error}");
            }
        }
    }
    assert_eq!(disk.list(ASIDE).expect("a sound disk").len(), ASIDE_MAX);
}

#[test]
fn a_copy_that_was_mended_cosigns_what_comes_next() {
    let (mut world, cite, disk) = world();
    disk.rot(&part(cite, &format!("log/{SEGMENT}")), 200);
    let refill = Refill::begin(Arc::clone(&disk) as Arc<dyn Disk>, cite).expect("a sound disk");
    let log = refilled(&world, cite, refill).expect("a sound disk");
    world.villages[MIRROR].mirrors.insert(cite, log);
    world.pay(HOME, 1, 15);
    world.commit(HOME);
    let checkpoint = *world.villages[HOME].home.checkpoint();
    assert!(matches!(world.push(HOME, MIRROR, checkpoint), Extended::Cosigned(_)));
}

fn scrubbed(cluster: &mut Cluster, place: usize) -> (u32, u32) {
    assert_eq!(cluster.call(place, Call::Operator(Operator::Scrub)), Reply::Done);
    for _ in 0..60 {
        cluster.run(1);
        let scrub = status(cluster, place).scrub;
        if !scrub.running {
            return (scrub.flaws, scrub.mended);
        }
    }
    panic!("a scrub does not end")
}
