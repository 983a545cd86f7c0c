//! Where the histories of one log part that a proof is about: the first entry at which two of the files differ, as each
//! has it. A proof needs only two signed heads; people ask what happened.

use std::path::PathBuf;

use ledger::{
    audit::{self, Report},
    evidence::Conviction,
};
use proto::{codec::Bytes, entry::Entry, evidence::Evidence, hash::tree_leaf, ids::CiteId};
use serde_json::{Value as Json, json};

use super::given::Given;
use crate::{
    dates,
    entries::{self, Names},
    output::Screen,
    text,
};

/// The first difference of two files.
pub(super) struct Parted {
    leaf: u64,
    sides: [(PathBuf, Bytes); 2],
}

/// Returns where the histories part that a proof is about: of any two files that hold entries of the log and were found
/// to hold, the first difference. `None` where no two of them differ.
pub(super) fn find(given: &Given, report: &Report, conviction: &Conviction) -> Option<Parted> {
    let log = two_histories_of(conviction)?;
    let bundles = report.bundles.iter().zip(&given.bundles).enumerate();
    // What does not hold says nothing about what was signed.
    let of_log = bundles.filter(|(_, (bundle, _))| {
        bundle.fault.is_none() && bundle.log.as_ref().is_some_and(|facts| facts.cite == log)
    });
    let of_log: Vec<(usize, &PathBuf)> = of_log.map(|(at, (_, file))| (at, file)).collect();
    given.with_opened(|opens| {
        let mut first: Option<Parted> = None;
        for (number, (at, file)) in of_log.iter().enumerate() {
            for (other_at, other) in of_log.iter().skip(number.saturating_add(1)) {
                let (Some(a), Some(b)) = (opens.get(*at), opens.get(*other_at)) else { continue };
                let Ok(Some(parting)) = audit::parting(*a, *b) else { continue };
                let [a, b] = parting.entries;
                if first.as_ref().is_none_or(|first| parting.leaf < first.leaf) {
                    let sides = [((*file).clone(), a), ((*other).clone(), b)];
                    first = Some(Parted { leaf: parting.leaf, sides });
                }
            }
        }
        first
    })
}

/// Returns the log of which a proof shows two histories.
fn two_histories_of(conviction: &Conviction) -> Option<CiteId> {
    match conviction.evidence() {
        Evidence::SameSize { .. } | Evidence::Inconsistent { .. } => {
            Some(conviction.party().cite())
        }
        Evidence::TwoCosigned { log, .. } => Some(log.cite),
        Evidence::BadEntry { .. } | Evidence::AfterFence { .. } => None,
    }
}

/// Adds it to the page that people read.
pub(super) fn screen(screen: Screen, parted: &Parted) -> Screen {
    let screen = screen.inset(text!("audit-parting", leaf = parted.leaf.to_string()));
    parted.sides.iter().fold(screen, |screen, (file, bytes)| {
        let file = file.display().to_string();
        screen.inset(match Entry::decode(bytes) {
            Ok(entry) => text!(
                "audit-parting-side",
                file = file,
                at = entry.time,
                said = entries::sentence(&entry, &Names::default())
            ),
            Err(_) => text!("audit-parting-unread", file = file),
        })
    })
}

/// Returns it for programs.
pub(super) fn data(parted: &Parted) -> Json {
    let side = |(file, bytes): &(PathBuf, Bytes)| {
        let entry = Entry::decode(bytes).ok();
        json!({
            "file": file.display().to_string(),
            "leaf_hash": tree_leaf(bytes).to_string(),
            "type": entry.as_ref().map(entries::kind),
            "at": entry.as_ref().map(|entry| dates::rfc3339(entry.time)),
        })
    };
    let [a, b] = &parted.sides;
    json!({ "leaf": parted.leaf, "a": side(a), "b": side(b) })
}
