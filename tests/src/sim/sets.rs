//! Who had to cosign: from the bytes of a log alone, which mirrors it had under each of its seals. Like the book it
//! shares no line with the ledger, and judges the certificates that anybody saw.

use std::collections::{BTreeMap, BTreeSet};

use proto::{
    act::Act,
    entry::{Entry, Payload, Seal},
    ids::CiteId,
    order::Statement,
};

use super::Sim;

type Mirrors = BTreeSet<CiteId>;

/// The mirrors of a log.
#[derive(Default)]
struct Sets {
    current: Mirrors,
    /// Mirrors that replace them, and the leaf that says so.
    pending: Option<(Mirrors, u64)>,
    /// What each seal names as certified, by the number of leaves up to it.
    named: BTreeMap<u64, u64>,
    committed: u64,
    /// Of which sets a certificate needs a quorum each, by its number of leaves.
    under: BTreeMap<u64, Vec<Mirrors>>,
}

impl Sets {
    /// Reads a log.
    fn of(entries: &[Vec<u8>]) -> Self {
        let mut sets = Self::default();
        for (leaf, bytes) in (0..).zip(entries) {
            match Entry::decode(bytes).expect("every leaf is an entry").payload {
                Payload::Order(order) => {
                    if let Statement::Act(Act::MirrorSet(set)) = &order.order().statement {
                        let mirrors = set.mirrors.iter().map(|mirror| mirror.cite).collect();
                        sets.pending = Some((mirrors, leaf));
                    }
                }
                Payload::Seal(seal) => sets.seal(leaf + 1, &seal),
                _ => {}
            }
        }
        sets
    }

    /// Both sets certify each seal up to the one that commits the change: that one names a seal which names one that
    /// has the change below it.
    fn seal(&mut self, size: u64, seal: &Seal) {
        let both = [Some(&self.current), self.pending.as_ref().map(|(set, _)| set)];
        self.under.insert(size, both.into_iter().flatten().cloned().collect());
        let below = self.named.get(&seal.certified_size).copied().unwrap_or(0);
        self.committed = self.committed.max(below);
        self.named.insert(size, seal.certified_size);
        let over = self.pending.take_if(|(_, leaf)| *leaf < self.committed);
        if let Some((mirrors, _)) = over {
            self.current = mirrors;
        }
    }
}

impl Sim {
    /// Looks whether every certificate of a log was cosigned by a quorum of each of its sets of mirrors.
    ///
    /// # Panics
    /// When one was not.
    pub(super) fn quorums_cosigned(&mut self, place: usize, entries: &[Vec<u8>]) {
        let (sets, cite) = (Sets::of(entries), self.sites[place].house.id);
        for ((log, size), by) in self.seen.cosigners.iter().filter(|((log, _), _)| log.0 == cite) {
            let under = sets.under.get(size).expect("what is certified ends with a seal");
            for set in under {
                let have = set.intersection(by).count();
                let need = quorum(set.len());
                assert!(have >= need, "{have} of {need} cosigned {size} leaves of {log:?}: {by:?}");
            }
            if under.iter().any(|set| set.len() < self.rates.cites - 1 && set.len() > 1) {
                self.reached.note("a log was certified without one of its mirrors");
            }
        }
    }
}

/// Returns how many of `mirrors` must cosign (protocol, section 7).
const fn quorum(mirrors: usize) -> usize {
    if mirrors == 0 {
        return 0;
    }
    let faulty = (mirrors - 1) / 3;
    (mirrors + faulty + 1).div_ceil(2)
}
