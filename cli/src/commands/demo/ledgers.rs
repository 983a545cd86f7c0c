//! What a ledger says about itself, read from a node's directory entry by entry: the rules decide again,
//! and after every single entry the sum of all accounts and every position abroad are looked at.

use std::{collections::BTreeMap, sync::Arc};

use ledger::{
    disk::Disk,
    fold::Fold,
    keybook::KeyBook,
    notes::Notes,
    replay::{BATCH, prepare},
    segments::SegmentsReader,
    state::State,
};
use node::home_dir::HomeDir;
use proto::entry::{Entry, Payload, number};

use crate::{codes, error::Failure, local::home_failure, text};

/// One ledger.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Ledger {
    /// Members.
    pub(super) members: u32,
    /// Entries, seals not counted: how many seals there are depends on what was committed together.
    pub(super) entries: u64,
    /// Those that the witnesses certified.
    pub(super) certified: u64,
    /// Those that survive any recovery.
    pub(super) committed: u64,
    /// The lowest and the highest sum of all accounts after any entry, in minutes.
    pub(super) sums: (i64, i64),
    /// What other cités' accounts stand at, by short name: the lowest ever, and now.
    pub(super) peers: BTreeMap<String, (i64, i64)>,
}

/// Reads the ledger in a node's directory.
pub(super) fn read(home: &HomeDir) -> Result<Ledger, Failure> {
    let damaged = |error: &(dyn std::error::Error + 'static)| {
        Failure::new(codes::LEDGER_DAMAGED, text!("cannot-read", path = home.root()))
            .caused_by(error)
    };
    let disk = home.look().map_err(|error| home_failure(home, &error))? as Arc<dyn Disk>;
    let entries =
        SegmentsReader::open_found(Arc::clone(&disk), "log").map_err(|error| damaged(&error))?;
    let notes = Notes::look(disk).map_err(|error| damaged(&error))?;
    let certified_size = notes.newest().map_or(0, |known| known.certificate.checkpoint.head.size);
    let mut ledger = Ledger::default();
    let mut fold = Fold::default();
    let mut book = KeyBook::default();
    let mut records = entries.records(0).map_err(|error| damaged(&error))?;
    let mut contents = Vec::new();
    let mut committed_size = 0;
    loop {
        let mut batch = Vec::new();
        while batch.len() < BATCH {
            match records.next_record().map_err(|error| damaged(&error))? {
                Some(record) => batch.push(record.payload.to_vec()),
                None => break,
            }
        }
        if batch.is_empty() {
            break;
        }
        for (bytes, prepared) in batch.iter().zip(prepare(&mut book, &batch)) {
            let leaf = fold.frontier().size();
            let prepared = prepared.map_err(|kind| damaged(&ledger::fold::Fault { leaf, kind }))?;
            fold.replay(prepared).map_err(|fault| damaged(&fault))?;
            ledger.look_at(fold.state());
            if Entry::kind_of(bytes) != Some(number::SEAL) {
                contents.push(leaf);
            } else if leaf.saturating_add(1) == certified_size
                && let Ok(Entry { payload: Payload::Seal(seal), .. }) = Entry::decode(bytes)
            {
                committed_size = seal.certified_size;
            }
        }
    }
    let below = |size: u64| contents.iter().filter(|leaf| **leaf < size).count();
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    ledger.members = fold.state().cite().map_or(0, |cite| cite.members);
    ledger.entries = count(contents.len());
    ledger.certified = count(below(certified_size));
    ledger.committed = count(below(committed_size));
    Ok(ledger)
}

impl Ledger {
    fn look_at(&mut self, state: &State) {
        // A sum that no number holds is as far from zero as can be.
        let sum = state.sum().map_or(i64::MIN, |sum| sum.0);
        self.sums = (self.sums.0.min(sum), self.sums.1.max(sum));
        for peer in state.peers() {
            let (lowest, now) = self.peers.entry(peer.slug.clone()).or_default();
            *now = peer.balance.0;
            *lowest = (*lowest).min(*now);
        }
    }

    /// Returns the sum of all accounts, in minutes, after the entry where it was farthest from zero.
    pub(super) fn sum_farthest(&self) -> i64 {
        let (lowest, highest) = self.sums;
        if lowest.unsigned_abs() > highest.unsigned_abs() { lowest } else { highest }
    }

    /// Returns whether hours were neither made nor lost at any entry.
    pub(super) fn is_zero_sum(&self) -> bool {
        self.sums == (0, 0)
    }
}
