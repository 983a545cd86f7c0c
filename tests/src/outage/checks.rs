//! What must be true after every outage: all that was acknowledged is there, no two checkpoints that anybody
//! saw contradict one another, and a stranger's audit agrees.

#![allow(clippy::print_stdout, reason = "a run says how much it saw")]
#![allow(
    clippy::indexing_slicing,
    reason = "cités and their three people are known by their place"
)]

use std::{collections::BTreeMap, sync::PoisonError};

use ledger::{
    audit::Verdict,
    bundle,
    segments::SegmentsReader,
    tree::{Frontier, verify_inclusion},
};
use node::{core::CLOCK_AHEAD_MAX_MS, home_dir::HomeDir};
use proto::{
    checkpoint::Checkpoint,
    desk::{Call, Query, Receipt, Reply, Sheet},
    hash::{Hash, tree_leaf},
};

use super::{Nodes, Seen};
use crate::{
    audited::{audited, own_bundle},
    processes::{Site, clock, wait_for},
};

/// Lets the last hours arrive, stops the nodes and looks at everything.
///
/// # Panics
/// When something that was promised is not so.
pub fn everything_holds(sites: &[Site], nodes: Nodes<'_>, seen: &Seen) {
    settle(sites);
    nobody_is_convicted(sites);
    everything_is_there(sites, seen);
    for said in nodes.stop() {
        // sled's own writer gives up that way when its disk is gone; the index is made anew at the next start.
        let ours = |line: &&str| line.contains("panicked") && !line.contains("/sled-0.34");
        assert_eq!(said.lines().find(ours), None, "{said}");
    }
    checkpoints_agree(sites, seen);
    the_audit_agrees(sites);
}

/// Waits until each cité has taken in all that the others have sent. Acknowledgements may come a day later.
fn settle(sites: &[Site]) {
    wait_for("the last hours to arrive", || {
        let sheets: Vec<Sheet> = sites.iter().map(sheet).collect::<Option<_>>()?;
        arrived(sites, &sheets, &sheets).then_some(())
    });
}

/// Returns whether all that had been sent when the cités showed `before` had been taken in when they showed
/// `after`.
pub fn arrived(sites: &[Site], before: &[Sheet], after: &[Sheet]) -> bool {
    sites.iter().zip(before).all(|(here, sheet)| {
        sheet.peers.iter().all(|peer| {
            let there = sites.iter().zip(after).find(|(site, _)| site.house.id == peer.cite);
            let known = there.and_then(|(_, there)| {
                there.peers.iter().find(|known| known.cite == here.house.id)
            });
            known.is_some_and(|known| known.received >= peer.sent)
        })
    })
}

/// Asks every node what it knows of the others: honest nodes that suffered are never convicted.
fn nobody_is_convicted(sites: &[Site]) {
    for site in sites {
        let mut desk = site.desk().expect("the node runs");
        let Ok(Reply::Cites(cites)) = desk.call(None, Call::Cites) else { panic!("no answer") };
        assert_eq!(cites.len() + 1, sites.len(), "{} knows all others", site.house.slug);
        assert!(cites.iter().all(|known| !known.convicted), "{cites:?}");
    }
}

/// Returns what the node of a cité shows anybody, if it answers.
pub fn sheet(site: &Site) -> Option<Sheet> {
    match site.desk().ok()?.call(None, Call::Sheet) {
        Ok(Reply::Sheet(sheet)) => Some(*sheet),
        _ => None,
    }
}

/// Asks each node about each order that it acknowledged.
fn everything_is_there(sites: &[Site], seen: &Seen) {
    let acknowledged = seen.acknowledged();
    println!("{} orders were acknowledged", acknowledged.len());
    let ask = |place: usize, site: &Site| {
        let mut desk = site.desk().expect("the node runs");
        for ack in acknowledged.iter().filter(|ack| ack.place == place) {
            match desk.query(&site.people[ack.who], Query::Order(ack.order)) {
                Ok(Reply::Recorded(receipt)) => {
                    let (there, told) = (receipt.leaf, ack.receipt.leaf);
                    assert_eq!((there, &receipt.entry), (told, &ack.receipt.entry));
                }
                other => panic!("{} at leaf {}: {other:?}", ack.order, ack.receipt.leaf),
            }
        }
    };
    std::thread::scope(|scope| {
        for (place, site) in sites.iter().enumerate() {
            let ask = &ask;
            scope.spawn(move || ask(place, site));
        }
    });
}

/// Recomputes all trees from the files and compares every checkpoint that anybody was shown.
fn checkpoints_agree(sites: &[Site], seen: &Seen) {
    let acknowledged = seen.acknowledged();
    for (place, site) in sites.iter().enumerate() {
        let disk = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let log = SegmentsReader::open_found(disk, "log").expect("the log is there");
        let mut tree = Frontier::default();
        let mut roots: BTreeMap<u64, Hash> = BTreeMap::new();
        let mut leaves = Vec::new();
        for index in 0..log.len() {
            let leaf = tree_leaf(&log.read(index).expect("the leaf is there"));
            tree.push(leaf);
            leaves.push(leaf);
            roots.insert(tree.size(), tree.root());
        }
        let log_key = site.house.log.public().check().expect("a key of ours");
        let agrees = |checkpoint: &Checkpoint| {
            checkpoint.verify(&log_key).expect("the log key signed it");
            assert_eq!(roots.get(&checkpoint.head.size), Some(&checkpoint.head.root));
        };
        for ack in acknowledged.iter().filter(|ack| ack.place == place) {
            let Receipt { leaf, path, checkpoint, entry, .. } = &ack.receipt;
            agrees(checkpoint);
            let hash = tree_leaf(entry);
            let at = usize::try_from(*leaf).expect("a small log");
            assert_eq!(leaves.get(at), Some(&hash), "leaf {leaf}");
            verify_inclusion(hash, *leaf, checkpoint.head.size, path, checkpoint.head.root)
                .expect("a receipt proves itself");
        }
        let heads = seen.heads.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, head) in heads.iter().filter(|(of, head)| *of == place && head.size > 0) {
            assert_eq!(roots.get(&head.size), Some(&head.root), "a committed head");
        }
        let shown = seen.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .iter()
            .filter(|((of, _), _)| *of == place)
            .for_each(|(_, checkpoint)| agrees(checkpoint));
        // What the other cités keep as this one's mirrors.
        for other in super::others(sites, place) {
            let other = HomeDir::new(other.home.node());
            let copy = bundle::LogFiles::copy_of(other.look().expect("it is there"), site.house.id)
                .expect("a mirror holds a copy");
            agrees(copy.checkpoint());
        }
    }
}

/// Puts all directories into bundles and audits them together, as a stranger would.
fn the_audit_agrees(sites: &[Site]) {
    let disk = |site: &Site| HomeDir::new(site.home.node()).look().expect("the directory is there");
    let bundles: Vec<Vec<u8>> = sites.iter().map(|site| own_bundle(disk(site))).collect();
    let anchors: String = sites.iter().map(|site| format!("cite {}\n", site.house.id)).collect();
    let report = audited(&bundles, Some(&anchors), false);
    assert_eq!(report.verdict, Verdict::Witnessed, "{:#?}", report.bundles);
    assert_eq!(report.convictions, []);
    let totals = report.network.expect("all bundles are of one moment");
    assert_eq!((totals.sum.0, totals.outside.0), (0, 0));
    // A clock that is wrong by less than a home can notice stamps what it signs meanwhile.
    let latest = clock().plus(CLOCK_AHEAD_MAX_MS);
    for bundle in &report.bundles {
        assert!(bundle.log.as_ref().expect("it was read").to < latest, "{bundle:#?}");
    }
}
