//! A look at the proofs of a log's imports: what it counts, and what it does not. What is then done about them stands in
//! `proofs.rs`.

use std::sync::Arc;

use harness::disk::FaultyDisk;
use ledger::{
    disk::Disk,
    scrub::Scrub,
    segments::{Flaw, WINDOW_BYTES_MIN},
    sidecars::Sidecars,
};
use proto::{ids::CiteId, wire::Sidecar};

use super::{HOME, SEGMENT, world};

const PROOFS: &str = "notes/sidecars";

fn scrub(disk: &Arc<FaultyDisk>, cite: CiteId) -> Scrub {
    Scrub::begin(Arc::clone(disk) as Arc<dyn Disk>, cite, false).expect("a sound disk")
}

/// Returns what is wrong with the entries of a log, and with its proofs.
fn flaws(mut scrub: Scrub) -> Vec<Vec<Flaw>> {
    while scrub.step(WINDOW_BYTES_MIN).expect("a sound disk") {}
    scrub.reports().iter().map(|report| report.flaws.clone()).collect()
}

/// Entries of the same log have the same checks as its proofs: a write to the wrong file passes those.
#[test]
fn entries_in_the_place_of_proofs_are_found() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (disk, cite) = (Arc::new(village.disk.image()), village.house.id);
    assert_eq!(flaws(scrub(&disk, cite)), [vec![], vec![]]);
    let entries = disk.contents(&format!("log/{SEGMENT}"));
    disk.replace(&format!("{PROOFS}/{SEGMENT}"), &entries).expect("a sound disk");
    assert_eq!(flaws(scrub(&disk, cite))[1].len(), 1);
}

/// Hours come in from abroad while a log is read. Seed 193 of the simulator had a proof missing whose place another one
/// took so in the sum.
#[test]
fn a_proof_of_what_came_in_meanwhile_makes_up_for_none_that_is_missing() {
    let (world, _, _) = world();
    let village = &world.villages[HOME];
    let (cite, leaves) = (village.house.id, village.home.state().head().size);
    let proofs: Vec<Sidecar> = (0..leaves)
        .filter_map(|leaf| {
            let proof = village.home.sidecar(leaf).expect("a sound disk")?;
            Some(Sidecar { leaf, proof })
        })
        .collect();
    let least = proofs.len() as u64;
    let all_but_one = Flaw::Short { len: least - 1, least };
    for (missing, found) in [(0, vec![]), (1, vec![all_but_one])] {
        let disk = Arc::new(village.disk.image());
        disk.remove(&format!("{PROOFS}/{SEGMENT}")).expect("a sound disk");
        let shared = Arc::clone(&disk) as Arc<dyn Disk>;
        let mut sidecars = Sidecars::open(shared, PROOFS, cite.0, &|_| true).expect("new");
        sidecars.keep(&proofs[missing..]).expect("a sound disk");
        let mut scrub = scrub(&disk, cite);
        while scrub.reports().is_empty() {
            scrub.step(WINDOW_BYTES_MIN).expect("a sound disk");
        }
        let later = Sidecar { leaf: leaves, ..proofs[0].clone() };
        sidecars.keep(&[later]).expect("a sound disk");
        assert_eq!(flaws(scrub), [vec![], found]);
    }
}
