//! Proofs that imports rest on, where the disk damaged them: the good ones stay, the others come from whoever holds
//! them, and nothing that was damaged is deleted.

use std::{collections::BTreeMap, sync::Arc};

use harness::{
    cluster::Cluster,
    disk::{Calls, Fault, FaultyDisk},
};
use ledger::{
    aside::{ASIDE, ASIDE_MAX},
    disk::{Disk, Holder, MachineId, RealDisk},
    sidecars::{Sidecars, Step},
};
use node::core::DISK_LEAST;
use proto::{
    desk::{Call, CopyState, Operator, Reply},
    wire::{Answer, Ask, Sidecar},
};
use tempfile::TempDir;

use super::{
    HOME, MIRROR, OTHER, SEGMENT, allied, certifies, copy, recorded, scrubbed, status, told, world,
};

/// Proofs that cannot be opened: the good ones stay, whatever happens, and what was there is set aside.
#[test]
fn good_proofs_survive_a_damaged_one_and_every_crash() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (identity, leaves) = (village.house.id.0, village.home.state().head().size);
    let proved = |sidecars: &Sidecars| -> Vec<u64> {
        let has = |leaf: &u64| sidecars.get(*leaf).expect("read").is_some();
        (0..leaves).filter(has).collect()
    };
    let open = |disk: &Arc<FaultyDisk>| {
        Sidecars::open(Arc::clone(disk) as Arc<dyn Disk>, "notes/sidecars", identity, &|leaf| {
            leaf < leaves
        })
    };
    let file = format!("notes/sidecars/{SEGMENT}");
    let disk = Arc::new(village.disk.image());
    let all = proved(&open(&disk).expect("sound"));
    assert!(all.len() >= 3, "{all:?}");
    disk.rot(&file, 100);
    let rotten = disk.contents(&file);
    let sound = Arc::new(disk.image());
    assert_eq!(proved(&open(&sound).expect("it opens")), all[1..], "all but the first");
    for call in 1..=sound.changes() {
        for fault in [Fault::PowerCut, Fault::Broken] {
            let tried = Arc::new(disk.image());
            tried.fail(Calls::Changes, call, fault);
            drop(open(&tried));
            let after = Arc::new(tried.reboot(call));
            let opened =
                open(&after).unwrap_or_else(|error| panic!("{fault:?} at {call}: {error}"));
            assert_eq!(proved(&opened), all[1..], "{fault:?} at call {call}");
            let kept = after.names().iter().any(|name| after.contents(name) == rotten);
            assert!(kept, "{fault:?} at call {call}: what was damaged is gone");
        }
    }
}

#[test]
fn damaged_proofs_are_put_together_from_those_who_hold_them() {
    let mut cluster = allied();
    let copied = copy(&cluster, &format!("sidecars/{SEGMENT}"));
    let own = format!("notes/sidecars/{SEGMENT}");
    for (place, file) in [(HOME, &own), (MIRROR, &copied)] {
        for stopped in [false, true] {
            if stopped {
                cluster.stop(place, true);
            }
            cluster.sites[place].rot(file, 100);
            if stopped {
                cluster.start(place);
                cluster.run(20);
                assert!(status(&mut cluster, place).signing.is_ok());
            }
            assert_eq!(scrubbed(&mut cluster, place), (0, 1), "{file}, stopped: {stopped}");
            assert_eq!(scrubbed(&mut cluster, place), (0, 0), "{file}, stopped: {stopped}");
        }
    }
    assert!(certifies(&mut cluster));
}

/// Invariant L10.
#[test]
fn proofs_that_nobody_gives_stay_missing_and_are_said() {
    let mut cluster = allied();
    let own = format!("notes/sidecars/{SEGMENT}");
    cluster.stop(MIRROR, true);
    cluster.stop(OTHER, true);
    cluster.stop(HOME, true);
    cluster.sites[HOME].rot(&own, 100);
    cluster.start(HOME);
    cluster.run(20);
    assert_eq!(scrubbed(&mut cluster, HOME), (1, 0));
    cluster.start(OTHER);
    cluster.run(20);
    // The proof of another import, and whatever else a liar makes of it, mends nothing.
    let cite = cluster.sites[HOME].house.id;
    let all = Ask::Range { cite, incarnation: 0, from: 0 };
    let Answer::Entries(Some(mut lie)) = cluster.ask(Some(HOME), OTHER, &all) else {
        panic!("a mirror gives what it holds")
    };
    lie.sidecars[0].proof = lie.sidecars[1].proof.clone();
    cluster.twisted.insert(OTHER, vec![Answer::Entries(Some(lie))]);
    assert_eq!(scrubbed(&mut cluster, HOME), (1, 0));
    cluster.twisted.clear();
    cluster.start(MIRROR);
    cluster.run(20);
    assert_eq!(scrubbed(&mut cluster, HOME), (0, 1));
}

/// Proofs whose write went wrong are nobody else's yet: they are read back, as entries are.
#[test]
fn proofs_that_cannot_be_read_back_are_not_kept() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (identity, leaves) = (village.house.id.0, village.home.state().head().size);
    let imports = (0..leaves).filter_map(|leaf| {
        let proof = village.home.sidecar(leaf).expect("a sound disk")?;
        Some(Sidecar { leaf, proof })
    });
    let imports: Vec<Sidecar> = imports.collect();
    for (fault, kept) in [(None, true), (Some(Fault::Flipped), false)] {
        let disk = Arc::new(FaultyDisk::new(1));
        let shared = Arc::clone(&disk) as Arc<dyn Disk>;
        let mut sidecars =
            Sidecars::open(shared, "notes/sidecars", identity, &|leaf| leaf < leaves).expect("new");
        sidecars.keep(&imports[..1]).expect("a sound disk");
        // Behind the first one, room is there: the write comes first.
        fault.into_iter().for_each(|fault| disk.fail(Calls::Changes, 1, fault));
        assert_eq!(sidecars.keep(&imports[1..2]).is_ok(), kept, "{fault:?}");
    }
}

/// Of a folder of proofs somebody left nothing but the lock: what is put together comes there all the same.
#[test]
fn a_lock_alone_keeps_no_proofs_out() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (identity, leaves) = (village.house.id.0, village.home.state().head().size);
    let proof = (0..leaves).find_map(|leaf| village.home.sidecar(leaf).expect("a sound disk"));
    let (dir, holder) = (TempDir::new().expect("a directory"), Holder { pid: 1, started_ms: 0 });
    let disk = RealDisk::open(dir.path(), MachineId([b'0'; 32]), holder).expect("a directory");
    let disk: Arc<dyn Disk> = Arc::new(disk);
    let open = |folder| Sidecars::open(Arc::clone(&disk), folder, identity, &|leaf| leaf < leaves);
    let kept = [Sidecar { leaf: 3, proof: proof.expect("hours came from abroad") }];
    open("notes/sidecars.anew").and_then(|mut anew| anew.keep(&kept)).expect("a sound disk");
    disk.create_dir("notes/sidecars").expect("a sound disk");
    disk.replace("notes/sidecars/lock", b"").expect("a sound disk");
    let settled = open("notes/sidecars").expect("it is settled");
    assert!(settled.get(3).expect("a sound disk").is_some());
    // The same beneath a node that runs.
    let mut cluster = allied();
    cluster.sites[HOME].lose(&format!("notes/sidecars/{SEGMENT}"));
    assert_eq!(scrubbed(&mut cluster, HOME), (0, 1));
    assert!(status(&mut cluster, HOME).signing.is_ok());
    assert!(certifies(&mut cluster));
}

/// Whoever looks for one proof after the other reads what is damaged between them once.
#[test]
fn a_long_run_of_damaged_proofs_is_read_once() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (identity, leaves) = (village.house.id.0, village.home.state().head().size);
    let proof = (0..leaves).find_map(|leaf| village.home.sidecar(leaf).expect("a sound disk"));
    let proof = proof.expect("hours came from abroad");
    let disk = Arc::new(FaultyDisk::new(1));
    let shared = Arc::clone(&disk) as Arc<dyn Disk>;
    let mut sidecars = Sidecars::open(shared, "notes/sidecars", identity, &|_| true).expect("new");
    let all: Vec<Sidecar> =
        (0..400).map(|number| Sidecar { leaf: 2 * number, proof: proof.clone() }).collect();
    sidecars.keep(&all).expect("a sound disk");
    let file = format!("notes/sidecars/{SEGMENT}");
    let mut bytes = disk.contents(&file);
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something is there");
    bytes[end / 4..end * 3 / 4].fill(7);
    disk.replace(&file, &bytes).expect("a sound disk");
    let has = |leaf| sidecars.get(leaf).expect("a sound disk").is_some();
    let found = || (0..800).filter(|leaf| has(*leaf)).count();
    let (before, good) = (disk.reads(), found());
    assert!((190..=202).contains(&good), "{good}");
    assert!(has(0) && has(798) && !has(1) && !has(400));
    let reads = disk.reads() - before;
    assert!(reads < 800 * 40, "{reads} reads for 800 proofs");
}

/// A cité that is no mirror of the home.
const FAR: usize = 3;

/// Returns a home that took hours in while its mirrors were away, and two of whose proofs then rotted, also where it stood
/// meanwhile. Whoever sent them is there, and has proved them once more.
fn proved_again(restarted: bool) -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers", "vergers"]);
    for (a, b) in [(HOME, MIRROR), (HOME, OTHER), (MIRROR, OTHER)] {
        cluster.ally(a, b, 100);
    }
    for other in [HOME, MIRROR, OTHER] {
        cluster.ally(FAR, other, 100);
    }
    cluster.mirror(HOME, &[MIRROR, OTHER]);
    cluster.mirror(FAR, &[MIRROR, OTHER]);
    cluster.run(40);
    // What is on its way is committed there, and comes when the home has nobody else to talk to.
    cluster.stop(HOME, true);
    for _ in 0..3 {
        assert!(recorded(&cluster.export((FAR, 1), (HOME, 1), 15)).is_some());
    }
    cluster.run(40);
    cluster.stop(MIRROR, true);
    cluster.stop(OTHER, true);
    cluster.start(HOME);
    cluster.run(30);
    assert_eq!(cluster.account(HOME, 1).balance.0, 45, "they arrived");
    if restarted {
        cluster.stop(HOME, true);
    }
    for byte in [100, 5_000] {
        cluster.sites[HOME].rot(&format!("notes/sidecars/{SEGMENT}"), byte);
    }
    match restarted {
        true => cluster.start(HOME),
        false => {
            cluster.disconnect(HOME, FAR);
            cluster.connect(HOME, FAR);
        }
    }
    cluster.run(20);
    cluster
}

/// A proof that rots before any mirror of its log has it: whoever sent the hours proves them once more.
#[test]
fn a_proof_that_no_mirror_has_yet_is_given_again_by_whoever_gave_it() {
    for restarted in [true, false] {
        let mut cluster = proved_again(restarted);
        cluster.start(MIRROR);
        cluster.start(OTHER);
        cluster.run(60);
        assert!(certifies(&mut cluster), "restarted: {restarted}");
        assert_eq!(scrubbed(&mut cluster, HOME), (0, 1), "restarted: {restarted}");
        assert_eq!(cluster.account(HOME, 1).balance.0, 30, "nothing is taken in twice");
    }
}

/// Whoever proved it once more may be gone for good by the time a mirror comes: the home has it on its disk.
#[test]
fn a_proof_that_was_given_again_outlives_a_restart_without_whoever_gave_it() {
    for restarted in [true, false] {
        let mut cluster = proved_again(restarted);
        let names = |cluster: &Cluster| {
            let files = cluster.sites[HOME].files();
            files.into_keys().filter(|name| name.starts_with(AGAIN)).collect::<Vec<_>>()
        };
        let given = names(&cluster);
        assert_eq!(given.len(), 2, "restarted: {restarted}");
        cluster.stop(FAR, true);
        cluster.stop(HOME, false);
        // What lies there beside them counts for nothing: of an entry that is no import, under a wrong name, and no proof.
        let twice = cluster.sites[HOME].file(&given[0]);
        let founding = [&[0; 8], twice.get(8..).expect("a leaf comes first")].concat();
        let wrong = [("00000000000000000000", founding), ("0", twice), ("x", b"damaged".to_vec())];
        for (name, bytes) in wrong {
            let disk = cluster.sites[HOME].disk();
            disk.replace(&format!("{AGAIN}/{name}"), &bytes).expect("a sound disk");
        }
        cluster.start(HOME);
        cluster.run(20);
        // A disk may misread once: nothing is deleted before all stand among the others.
        let there = names(&cluster);
        assert!(there.len() == 5 && given.iter().all(|name| there.contains(name)), "{there:?}");
        cluster.start(MIRROR);
        cluster.start(OTHER);
        cluster.run(60);
        assert!(certifies(&mut cluster), "restarted: {restarted}");
        assert_eq!(scrubbed(&mut cluster, HOME), (0, 1), "restarted: {restarted}");
        assert!(names(&cluster).is_empty(), "they stand among the others");
    }
}

/// Where proofs are kept that were given again.
const AGAIN: &str = "notes/sidecars.again";

/// Takes all places for what is damaged.
pub(super) fn crowd(disk: &dyn Disk) {
    for number in 1..=ASIDE_MAX {
        let place = format!("{ASIDE}/{number:02}");
        disk.create_dir(&place).expect("a sound disk");
        disk.replace(&format!("{place}/something"), b"damaged").expect("a sound disk");
    }
}

#[test]
fn without_a_place_to_set_them_aside_proofs_stay_in_use() {
    let (mut world, _, _) = world();
    let village = &mut world.villages[HOME];
    let (disk, founding) = (village.disk.clone(), village.house.founding.verify());
    let (founding, home) = (founding.expect("a sound record"), &mut village.home);
    let mut anew = home.begin_proofs(u64::MAX).expect("there is a place");
    loop {
        let step = home.go_on_with_proofs(&mut anew, &founding, &mut BTreeMap::new());
        match step.expect("a sound disk") {
            Step::More => {}
            Step::Whole => break,
            Step::Missing(leaf) => panic!("{leaf} is here"),
        }
    }
    crowd(disk.as_ref());
    assert!(home.put_proofs(anew).is_err(), "there is no place");
    assert!(!home.is_stopped());
    let before = disk.changes();
    assert!(home.begin_proofs(u64::MAX).is_err());
    assert_eq!(disk.changes(), before, "nothing is begun");
    world.export((MIRROR, 1), (HOME, 1), 15).expect("within the line");
    world.drain();
    assert!(!world.villages[HOME].home.is_stopped(), "another import was taken in");
}

#[test]
fn without_a_place_to_set_them_aside_damaged_proofs_are_not_touched_at_a_start() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (identity, leaves) = (village.house.id.0, village.home.state().head().size);
    let disk = Arc::new(village.disk.image());
    crowd(disk.as_ref());
    disk.rot(&format!("notes/sidecars/{SEGMENT}"), 100);
    let files =
        || disk.names().into_iter().map(|name| (disk.contents(&name), name)).collect::<Vec<_>>();
    let before = files();
    let open = || {
        Sidecars::open(Arc::clone(&disk) as Arc<dyn Disk>, "notes/sidecars", identity, &|leaf| {
            leaf < leaves
        })
    };
    assert!(open().is_err());
    assert!(files() == before, "nothing is begun");
    disk.remove(&format!("{ASIDE}/07/something")).expect("a sound disk");
    assert!(open().is_ok(), "somebody made room");
}

#[test]
fn a_node_whose_places_are_all_taken_goes_on_with_damaged_proofs() {
    let mut cluster = allied();
    let copied = copy(&cluster, &format!("sidecars/{SEGMENT}"));
    let own = format!("notes/sidecars/{SEGMENT}");
    for (place, file) in [(HOME, &own), (MIRROR, &copied)] {
        crowd(cluster.sites[place].disk().as_ref());
        cluster.sites[place].rot(file, 100);
        assert_eq!(scrubbed(&mut cluster, place), (1, 0), "{file}");
        assert!(status(&mut cluster, place).signing.is_ok(), "{file}");
    }
    assert_eq!(told(&mut cluster).copy, CopyState::Kept);
    assert!(certifies(&mut cluster));
}

/// Returns how many bytes the files in a folder of a node have.
fn bytes(cluster: &Cluster, place: usize, folder: &str) -> u64 {
    let files = cluster.sites[place].files();
    let within = files.iter().filter(|(name, _)| name.starts_with(folder));
    within.map(|(_, bytes)| u64::try_from(bytes.len()).expect("small")).sum()
}

const ANEW: &str = "notes/sidecars.anew/";

#[test]
fn proofs_are_put_together_only_where_there_is_room_for_them_and_the_log() {
    let mut cluster = allied();
    cluster.sites[HOME].rot(&format!("notes/sidecars/{SEGMENT}"), 100);
    let room = 2 * DISK_LEAST + bytes(&cluster, HOME, "notes/sidecars/");
    cluster.disk_free(HOME, room - 1);
    assert_eq!(scrubbed(&mut cluster, HOME), (1, 0));
    assert_eq!(bytes(&cluster, HOME, ANEW), 0, "nothing is begun");
    cluster.disk_free(HOME, room);
    assert_eq!(scrubbed(&mut cluster, HOME), (0, 1));
}

/// Begins to mend, and stops when something stands on the disk.
fn begun(cluster: &mut Cluster) {
    cluster.sites[HOME].rot(&format!("notes/sidecars/{SEGMENT}"), 100);
    assert_eq!(cluster.call(HOME, Call::Operator(Operator::Scrub)), Reply::Done);
    for _ in 0..60 {
        cluster.run(1);
        if bytes(cluster, HOME, ANEW) > 0 {
            return;
        }
    }
    panic!("nothing is put together")
}

#[test]
fn what_was_put_together_is_deleted_when_it_is_given_up() {
    // There is no room any more; the other cités fall silent; or the node is stopped.
    for why in ["room", "silence", "stop"] {
        let mut cluster = allied();
        begun(&mut cluster);
        match why {
            "room" => cluster.disk_free(HOME, 2 * DISK_LEAST - 1),
            "silence" => [MIRROR, OTHER].iter().for_each(|place| cluster.stop(*place, true)),
            _ => {
                cluster.stop(HOME, true);
                cluster.start(HOME);
            }
        }
        cluster.run(70);
        assert_eq!(bytes(&cluster, HOME, ANEW), 0, "{why}");
        match why {
            "room" => cluster.disk_free(HOME, u64::MAX),
            "silence" => [MIRROR, OTHER].iter().for_each(|place| cluster.start(*place)),
            _ => {}
        }
        cluster.run(20);
        assert_eq!(scrubbed(&mut cluster, HOME), (0, 1), "{why}");
    }
}
