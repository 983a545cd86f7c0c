//! The search for two histories: every head that a log key signed, from whatever bundle, is remembered
//! and held against the others and against the log. What contradicts becomes evidence, and only
//! evidence that checks from its own bytes counts.

use std::collections::BTreeMap;

use proto::{
    checkpoint::Checkpoint, codec::Bytes, evidence::Evidence, hash::Hash, ids::CiteId, order::Head,
};

use crate::{
    evidence::{self, Conviction, inconsistent, same_size},
    tree::{Frontier, opening_parts},
};

/// Heads that are remembered: those of a thousand cités' imports at hourly certificates for three days,
/// in about 16 MiB. Beyond it the smallest of the same log goes first: a fork shows in the newest as well.
const HEADS_MAX: usize = 65_536;

/// Signed heads of one log.
#[derive(Default)]
struct LogHeads {
    founding: Bytes,
    by_size: BTreeMap<u64, Checkpoint>,
}

/// Signed heads of all logs that the bundles speak of. Only heads whose signatures were verified come in.
#[derive(Default)]
pub(super) struct Heads {
    logs: BTreeMap<(CiteId, u32), LogHeads>,
    count: usize,
    convictions: Vec<Conviction>,
}

impl Heads {
    /// Remembers a signed head of a log, with the founding record that binds its key.
    pub(super) fn learn(&mut self, founding: &Bytes, checkpoint: Checkpoint) {
        let origin = checkpoint.origin;
        let log = self.logs.entry((origin.cite, origin.incarnation)).or_default();
        if log.founding.is_empty() {
            log.founding.clone_from(founding);
        }
        let size = checkpoint.head.size;
        if let Some(known) = log.by_size.get(&size) {
            let evidence = same_size(founding, *known, checkpoint);
            let conviction = evidence.and_then(|evidence| evidence::verify(&evidence).ok());
            self.convictions.extend(conviction);
            return;
        }
        if self.count >= HEADS_MAX && log.by_size.pop_first().is_some() {
            self.count = self.count.saturating_sub(1);
        }
        if self.count < HEADS_MAX {
            log.by_size.insert(size, checkpoint);
            self.count = self.count.saturating_add(1);
        }
    }

    /// Returns the heads of a log below a size, to be held against its entries.
    pub(super) fn below(&self, checkpoint: &Checkpoint) -> Unconfirmed {
        let origin = checkpoint.origin;
        let heads = self.logs.get(&(origin.cite, origin.incarnation)).map(|log| {
            log.by_size
                .range(..checkpoint.head.size)
                .map(|(size, signed)| (*size, *signed))
                .collect()
        });
        Unconfirmed { heads: heads.unwrap_or_default() }
    }

    /// Returns what contradicted at first sight.
    pub(super) fn into_convictions(self) -> Vec<Conviction> {
        self.convictions
    }
}

/// Signed heads that no seal of the log has confirmed yet.
#[derive(Default)]
pub(super) struct Unconfirmed {
    heads: BTreeMap<u64, Checkpoint>,
}

impl Unconfirmed {
    /// Returns whether nothing is left to be confirmed.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// Takes note of a head that the log itself has.
    pub(super) fn confirm(&mut self, head: &Head) {
        if self.heads.get(&head.size).is_some_and(|signed| signed.head == *head) {
            self.heads.remove(&head.size);
        }
    }

    /// Returns the smallest head that the log does not have: one is enough to convict.
    pub(super) fn stray(&self) -> Option<Checkpoint> {
        self.heads.values().next().copied()
    }
}

/// Folds a log's leaves into the opening that shows its root at a smaller size.
pub(super) struct OpeningFold {
    parts: std::vec::IntoIter<u64>,
    left: u64,
    part: Frontier,
    opening: Vec<Hash>,
}

impl OpeningFold {
    /// Begins the opening of the tree of `larger` leaves at `smaller`.
    pub(super) fn new(smaller: u64, larger: u64) -> Self {
        let mut parts = opening_parts(smaller, larger).into_iter();
        let left = parts.next().unwrap_or(0);
        Self { parts, left, part: Frontier::default(), opening: Vec::new() }
    }

    /// Takes in the next leaf.
    pub(super) fn push(&mut self, leaf: Hash) {
        self.part.push(leaf);
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            self.opening.push(core::mem::take(&mut self.part).root());
            self.left = self.parts.next().unwrap_or(0);
        }
    }

    /// Returns the evidence that the opening makes of two heads, if it convicts.
    pub(super) fn convict(
        self,
        founding: &[u8],
        smaller: Checkpoint,
        larger: Checkpoint,
    ) -> Option<Conviction> {
        let evidence: Evidence = inconsistent(founding, smaller, larger, self.opening);
        evidence::verify(&evidence).ok()
    }
}
