//! Proofs that imports rest on, where the disk damaged them: the good ones stay, the others come from whoever holds
//! them, and nothing that was damaged is deleted.

use std::sync::Arc;

use harness::disk::{Calls, Fault, FaultyDisk};
use ledger::{disk::Disk, sidecars::Sidecars};
use proto::wire::{Answer, Ask};

use super::{HOME, MIRROR, OTHER, SEGMENT, allied, certifies, copy, scrubbed, status, world};

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
        Sidecars::open(Arc::clone(disk) as Arc<dyn Disk>, "notes/sidecars", identity, leaves)
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
    cluster.twisted = Some((OTHER, vec![Answer::Entries(Some(lie))]));
    assert_eq!(scrubbed(&mut cluster, HOME), (1, 0));
    cluster.twisted = None;
    cluster.start(MIRROR);
    cluster.run(20);
    assert_eq!(scrubbed(&mut cluster, HOME), (0, 1));
}
