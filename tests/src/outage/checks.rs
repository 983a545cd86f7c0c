//! What must be true after every outage: all that was acknowledged is there, no two checkpoints that anybody
//! saw contradict one another, and a stranger's audit agrees.

#![allow(clippy::print_stdout, reason = "a run says how much it saw")]
#![allow(clippy::indexing_slicing, reason = "two cités and three people are known by their place")]

use std::{collections::BTreeMap, sync::PoisonError};

use ledger::{
    audit::{self, Anchors, Verdict},
    bundle,
    segments::SegmentsReader,
    tree::{Frontier, verify_inclusion},
};
use node::home_dir::HomeDir;
use proto::{
    checkpoint::Checkpoint,
    desk::{Call, Query, Receipt, Reply},
    hash::{Hash, tree_leaf},
};

use super::{Nodes, Seen};
use crate::processes::{Site, clock, wait_for};

/// Lets the last hours arrive, stops the nodes and looks at everything.
///
/// # Panics
/// When something that was promised is not so.
pub fn everything_holds(sites: &[Site; 2], nodes: Nodes<'_>, seen: &Seen) {
    settle(sites);
    everything_is_there(sites, seen);
    nodes.stop();
    checkpoints_agree(sites, seen);
    the_audit_agrees(sites);
}

/// Waits until each cité has taken in all that the other has sent. Acknowledgements may come a day later.
fn settle(sites: &[Site; 2]) {
    let counts = |site: &Site| match site.desk().and_then(|mut desk| desk.call(None, Call::Sheet)) {
        Ok(Reply::Sheet(sheet)) => sheet.peers.first().map(|peer| (peer.sent, peer.received)),
        _ => None,
    };
    wait_for("the last hours to arrive", || {
        let [here, there] = sites.each_ref().map(counts);
        let ((sent, received), (sent_there, received_there)) = (here?, there?);
        (sent == received_there && sent_there == received).then_some(())
    });
}

/// Asks each node about each order that it acknowledged.
fn everything_is_there(sites: &[Site; 2], seen: &Seen) {
    let acknowledged = seen.acknowledged();
    println!("{} orders were acknowledged", acknowledged.len());
    let mut desks = sites.each_ref().map(|site| site.desk().expect("the node runs"));
    for ack in acknowledged.iter() {
        let person = &sites[ack.place].people[ack.who];
        match desks[ack.place].query(person, Query::Order(ack.order)) {
            Ok(Reply::Recorded(receipt)) => {
                assert_eq!((receipt.leaf, &receipt.entry), (ack.receipt.leaf, &ack.receipt.entry));
            }
            other => panic!("{} at leaf {}: {other:?}", ack.order, ack.receipt.leaf),
        }
    }
}

/// Recomputes both trees from the files and compares every checkpoint that anybody was shown.
fn checkpoints_agree(sites: &[Site; 2], seen: &Seen) {
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
        // What the other cité keeps as this one's mirror.
        let other = HomeDir::new(sites[1 - place].home.node());
        let copy = bundle::LogFiles::copy_of(other.look().expect("it is there"), site.house.id)
            .expect("a mirror holds a copy");
        agrees(copy.checkpoint());
    }
}

/// Puts both directories into bundles and audits them together, as a stranger would.
fn the_audit_agrees(sites: &[Site; 2]) {
    let bundles = sites.each_ref().map(|site| {
        let disk = HomeDir::new(site.home.node()).look().expect("the directory is there");
        let files = bundle::LogFiles::own(disk).expect("the log is there");
        let mut bytes = Vec::new();
        files.write(&mut bytes, |_| ()).expect("memory is enough");
        bytes
    });
    let anchors: String = sites.iter().map(|site| format!("cite {}\n", site.house.id)).collect();
    let anchors = Anchors::parse(&anchors).expect("two lines");
    let open = bundles.each_ref().map(|bytes| {
        move || Ok(Box::new(std::io::Cursor::new(bytes.clone())) as Box<dyn std::io::Read + Send>)
    });
    let opens: Vec<&audit::Open<'_>> = open.iter().map(|open| open as _).collect();
    let question = audit::Question { bundles: &opens, anchors: Some(&anchors), strict: false };
    let report = audit::verify(&question, &|_, _| ());
    assert_eq!(report.verdict, Verdict::Witnessed, "{:#?}", report.bundles);
    assert_eq!(report.convictions, []);
    let totals = report.network.expect("both bundles are of one moment");
    assert_eq!((totals.sum.0, totals.outside.0), (0, 0));
    assert!(clock() > report.bundles[0].log.as_ref().expect("it was read").to);
}
