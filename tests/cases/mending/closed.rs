//! Damaged proofs of imports that nothing can be done about at a start, for no place is left to set them aside: the home
//! goes on without them, and takes in no hours from abroad before they are open again.

use std::sync::Arc;

use ledger::{
    aside::ASIDE,
    disk::Disk,
    home::{Dormant, Home},
    sidecars::Sidecars,
};
use proto::wire::Sidecar;

use super::{
    HOME, MIRROR, SEGMENT, allied, certifies, proofs::crowd, recorded, scrubbed, status, world,
};

#[test]
fn a_home_without_a_place_for_damaged_proofs_goes_on_and_takes_in_nothing_from_abroad() {
    let mut cluster = allied();
    cluster.stop(HOME, true);
    crowd(cluster.sites[HOME].disk().as_ref());
    cluster.sites[HOME].rot(&format!("notes/sidecars/{SEGMENT}"), 100);
    cluster.start(HOME);
    cluster.run(20);
    assert!(status(&mut cluster, HOME).signing.is_ok());
    assert!(certifies(&mut cluster));
    let stands = cluster.account(HOME, 1).balance;
    assert!(recorded(&cluster.export((MIRROR, 1), (HOME, 1), 15)).is_some());
    cluster.run(30);
    assert_eq!(cluster.account(HOME, 1).balance, stands, "they wait");
    let told = status(&mut cluster, HOME);
    assert!(told.signing.is_ok() && told.scrub.imports_wait, "{told:?}");
    // Somebody makes room: for what is damaged, and for what is put together anew.
    let disk = cluster.sites[HOME].disk();
    for place in ["07", "08"] {
        disk.move_dir(&format!("{ASIDE}/{place}"), place).expect("a sound disk");
    }
    cluster.run(90);
    assert_eq!(cluster.account(HOME, 1).balance.0, stands.0 + 15, "they arrived");
    assert!(!status(&mut cluster, HOME).scrub.imports_wait);
    assert_eq!(scrubbed(&mut cluster, HOME), (0, 1));
    assert!(certifies(&mut cluster));
}

/// A crash left a proof behind the end of the log, and while proofs are closed it cannot be cut off: it proves nothing of
/// what comes to stand there.
#[test]
fn a_proof_of_what_never_became_durable_is_none_of_what_came_instead() {
    let (mut world, _, _) = world();
    let now = world.now;
    let village = &mut world.villages[HOME];
    let (house, disk) = (village.house.clone(), Arc::new(village.disk.image()));
    let shared = || Arc::clone(&disk) as Arc<dyn Disk>;
    let proved = |home: &Home| -> Vec<u64> {
        let has = |leaf: &u64| home.sidecar(*leaf).expect("they are open").is_some();
        (0..home.state().head().size).filter(has).collect()
    };
    let before = proved(&village.home);
    let proof = village.home.sidecar(before[0]).expect("they are open").expect("it is there");
    let open = |disk| Sidecars::open(disk, "notes/sidecars", house.id.0, &|_| true);
    let lost = Sidecar { leaf: village.home.state().head().size, proof };
    open(shared()).and_then(|mut sidecars| sidecars.keep(&[lost])).expect("a sound disk");
    crowd(disk.as_ref());
    disk.rot(&format!("notes/sidecars/{SEGMENT}"), 100);
    let index = tempfile::tempdir().expect("a directory");
    let opened = Dormant::open(shared(), index.path(), house.id, house.log.clone());
    village.home = opened.and_then(|opened| opened.start(now)).expect("its log is sound");
    assert!(!village.home.has_proofs());
    world.pay(HOME, 1, 15);
    world.commit(HOME).expect("a payment waits");
    let home = &mut world.villages[HOME].home;
    assert!(home.open_proofs(u64::MAX).is_err(), "there is no room yet");
    disk.remove(&format!("{ASIDE}/07/something")).expect("a sound disk");
    home.open_proofs(u64::MAX).expect("there is a place");
    assert_eq!(proved(home), before[1..], "all but the damaged one");
}
