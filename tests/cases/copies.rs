//! Copies of other cités' logs on a disk that refuses writes: they vouch for nothing, whoever runs the node is told, and
//! they go on as soon as that is safe.

#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

use harness::cluster::{Cluster, recorded};
use node::core::DISK_LEAST;
use proto::desk::{Call, CopyState, MirrorItem, Operator, Reply};

/// The cité whose log is copied, and the mirror whose disk refuses. Without it nothing is certified.
const HOME: usize = 0;
const MIRROR: usize = 1;

fn allied() -> Cluster {
    Cluster::allied(&["tisserandes", "mariniers", "ruchers"])
}

/// The file that a mirror writes before it cosigns.
fn held(cluster: &Cluster) -> String {
    format!("notes/cosigned/{}", cluster.sites[HOME].house.id.0)
}

/// Pays and lets time pass; returns whether what was paid was certified.
fn certifies(cluster: &mut Cluster) -> bool {
    assert!(recorded(&cluster.pay(HOME, 1, 2, 15)).is_some());
    cluster.run(30);
    let sheet = cluster.sheet(HOME);
    let certified = sheet.certificate.expect("mirrors").checkpoint.head.size;
    certified == sheet.checkpoint.head.size
}

/// What the mirror tells of the copy.
fn told(cluster: &mut Cluster) -> MirrorItem {
    let Reply::Status(status) = cluster.call(MIRROR, Call::Operator(Operator::Status)) else {
        panic!("whoever runs the node is told")
    };
    let home = cluster.sites[HOME].house.id;
    status.mirrored.into_iter().find(|item| item.cite == home).expect("it is told of")
}

#[test]
fn a_copy_goes_on_once_there_is_room_again() {
    let mut cluster = allied();
    assert!(certifies(&mut cluster) && told(&mut cluster).copy == CopyState::Kept);
    let held = held(&cluster);
    // Before the node looked at its disk.
    cluster.sites[MIRROR].fill(&held);
    assert!(!certifies(&mut cluster));
    assert_eq!(told(&mut cluster).slug, "tisserandes");
    assert_eq!(told(&mut cluster).copy, CopyState::NoRoom);
    // Not before there is as much as a copy needs.
    cluster.disk_free(MIRROR, 0);
    cluster.sites[MIRROR].spare(&held);
    assert!(!certifies(&mut cluster) && told(&mut cluster).copy == CopyState::NoRoom);
    cluster.disk_free(MIRROR, 1 << 40);
    assert!(certifies(&mut cluster) && told(&mut cluster).copy == CopyState::Kept);
}

/// Its home, with all that it had, may be gone for good: what the copy holds counts all the same.
#[test]
fn a_copy_goes_on_though_nobody_pushes() {
    let mut cluster = allied();
    let size = told(&mut cluster).size;
    let held = held(&cluster);
    cluster.sites[MIRROR].fill(&held);
    assert!(!certifies(&mut cluster));
    cluster.stop(HOME, true);
    cluster.sites[MIRROR].spare(&held);
    cluster.disk_free(MIRROR, DISK_LEAST * 2 - 1);
    cluster.run(90);
    assert_eq!(told(&mut cluster).copy, CopyState::NoRoom);
    cluster.disk_free(MIRROR, DISK_LEAST * 2);
    cluster.run(2);
    let item = told(&mut cluster);
    assert_eq!(item.copy, CopyState::Kept);
    assert!(item.size >= size, "{item:?}");
}

#[test]
fn a_copy_that_failed_otherwise_waits_for_a_restart() {
    let mut cluster = allied();
    let held = held(&cluster);
    cluster.sites[MIRROR].block(&held);
    assert!(!certifies(&mut cluster));
    cluster.sites[MIRROR].spare(&held);
    assert!(!certifies(&mut cluster) && told(&mut cluster).copy == CopyState::Failed);
    cluster.stop(MIRROR, true);
    cluster.start(MIRROR);
    cluster.run(30);
    assert!(certifies(&mut cluster) && told(&mut cluster).copy == CopyState::Kept);
}
