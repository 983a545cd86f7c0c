//! The search for two histories: every head that a log key signed, from whatever bundle, is remembered
//! and held against the others and against the log. What contradicts becomes evidence, and only
//! evidence that checks from its own bytes counts.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use proto::{
    checkpoint::Checkpoint,
    codec::Bytes,
    evidence::{Evidence, Party},
    hash::Hash,
    ids::CiteId,
    order::Head,
};

use crate::{
    evidence::{self, Conviction, inconsistent, same_size},
    tree::{Frontier, opening_parts},
};

/// Heads heard of that are remembered: those of a thousand cités' imports at hourly certificates for three days,
/// in about 16 MiB. Beyond it the log with most of them loses its smallest, for a fork shows in the newest as well: whoever
/// fills a bundle with heads of a cité that he made up pushes out those, and not the heads of others.
const HEARD_MAX: usize = 65_536;

/// Keys that may be convicted by what one bundle heard of other logs: more than it can have peers
/// ([`PEERS_MAX`](crate::rules::PEERS_MAX)), in about 10 MiB. Beyond them it says nothing new about anybody.
const CONVICTED_MAX: usize = 2_048;

/// A cité and an incarnation.
type Log = (CiteId, u32);

/// Signed heads of one log, by size.
#[derive(Default)]
struct LogHeads {
    /// Those of bundles of this log, two each at most: outside of the bound, whatever else a bundle holds.
    own: BTreeMap<u64, Checkpoint>,
    /// Those under the proofs of imports.
    heard: BTreeMap<u64, Checkpoint>,
}

/// Signed heads of all logs that the bundles speak of. Only heads whose signatures were verified come in.
#[derive(Default)]
pub(super) struct Heads {
    logs: BTreeMap<Log, LogHeads>,
    /// How many heads were heard of each log.
    by_count: BTreeSet<(usize, Log)>,
    heard: usize,
    left_out: u64,
    /// One for each key that it convicts.
    convictions: BTreeMap<Party, Conviction>,
    /// How many keys the bundle that is read convicts by what it heard of other logs.
    of_bundle: usize,
}

impl Heads {
    /// Begins another bundle.
    pub(super) const fn begin(&mut self) {
        self.of_bundle = 0;
    }

    /// Remembers a head that a bundle of its log was signed or certified under, with the founding record that binds its
    /// key.
    pub(super) fn learn_own(&mut self, founding: &Bytes, checkpoint: Checkpoint) {
        self.compare(founding, checkpoint, usize::MAX);
        let log = (checkpoint.origin.cite, checkpoint.origin.incarnation);
        let own = &mut self.logs.entry(log).or_default().own;
        own.entry(checkpoint.head.size).or_insert(checkpoint);
    }

    /// Remembers a head of another log that something in a bundle was proved by, as long as there is room.
    pub(super) fn learn(&mut self, founding: &Bytes, checkpoint: Checkpoint) {
        if self.compare(founding, checkpoint, CONVICTED_MAX) {
            return;
        }
        let log = (checkpoint.origin.cite, checkpoint.origin.incarnation);
        let heard = &mut self.logs.entry(log).or_default().heard;
        let count = heard.len();
        heard.insert(checkpoint.head.size, checkpoint);
        self.by_count.remove(&(count, log));
        self.by_count.insert((count.saturating_add(1), log));
        self.heard = self.heard.saturating_add(1);
        if self.heard > HEARD_MAX {
            self.leave_one_out();
        }
    }

    /// Returns whether a head of this size is known; where it is another one, that convicts its key, if this bundle
    /// convicted fewer than `max`.
    fn compare(&mut self, founding: &Bytes, checkpoint: Checkpoint, max: usize) -> bool {
        let log = (checkpoint.origin.cite, checkpoint.origin.incarnation);
        let Some(LogHeads { own, heard }) = self.logs.get(&log) else { return false };
        let size = checkpoint.head.size;
        let known: Vec<Checkpoint> =
            [own.get(&size), heard.get(&size)].into_iter().flatten().copied().collect();
        for known in &known {
            let evidence = same_size(founding, *known, checkpoint);
            let conviction = evidence.and_then(|evidence| evidence::verify(&evidence).ok());
            if let Some(conviction) = conviction {
                self.convict(conviction, max);
            }
        }
        !known.is_empty()
    }

    fn convict(&mut self, conviction: Conviction, max: usize) {
        if self.of_bundle >= max && !self.convictions.contains_key(&conviction.party()) {
            self.left_out = self.left_out.saturating_add(1);
        } else if let Entry::Vacant(place) = self.convictions.entry(conviction.party()) {
            place.insert(conviction);
            self.of_bundle = self.of_bundle.saturating_add(1);
        }
    }

    fn leave_one_out(&mut self) {
        let Some((count, log)) = self.by_count.pop_last() else { return };
        if let Some(heads) = self.logs.get_mut(&log) {
            heads.heard.pop_first();
        }
        self.by_count.insert((count.saturating_sub(1), log));
        self.heard = self.heard.saturating_sub(1);
        self.left_out = self.left_out.saturating_add(1);
    }

    /// Returns how many heads were not held against later ones, for want of room.
    pub(super) const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Returns the heads of a log below a size, to be held against its entries.
    pub(super) fn below(&self, checkpoint: &Checkpoint) -> Unconfirmed {
        let origin = checkpoint.origin;
        let heads = self.logs.get(&(origin.cite, origin.incarnation)).map(|log| {
            let below = |heads: &BTreeMap<u64, Checkpoint>| {
                let below = heads.range(..checkpoint.head.size);
                below.map(|(size, signed)| (*size, *signed)).collect::<Vec<_>>()
            };
            below(&log.heard).into_iter().chain(below(&log.own)).collect()
        });
        Unconfirmed { heads: heads.unwrap_or_default() }
    }

    /// Returns what contradicted at first sight.
    pub(super) fn into_convictions(self) -> impl Iterator<Item = Conviction> {
        self.convictions.into_values()
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

#[cfg(test)]
mod tests {
    use proto::{
        checkpoint::{Checkpoint, Origin},
        codec::{Bytes, Canonical as _},
        founding::{Founding, Language, Network, RootKeys, Rules, SignedFounding},
        hash::Hash,
        ids::CiteId,
        keys::SigningKey,
        order::Head,
    };

    use super::{CONVICTED_MAX, HEARD_MAX, Heads};

    /// A log key, the record that binds it, and what it signs.
    struct Signer {
        origin: Origin,
        record: Bytes,
        key: SigningKey,
    }

    impl Signer {
        fn new(salt: usize) -> Self {
            let salt = u128::try_from(salt).expect("small").to_le_bytes();
            let key = |seed: u8| SigningKey::from_seed(&[seed; 32]);
            let founding = Founding {
                version: 1,
                network: Network { name: "essai".to_owned(), test: true },
                slug: "essai".to_owned(),
                name: "Essai".to_owned(),
                place: "Essai".to_owned(),
                language: Language::French,
                root: RootKeys { threshold: 1, keys: vec![key(1).public()] },
                log_key: key(2).public(),
                mirror_key: key(3).public(),
                card_key: key(4).public(),
                network_key: key(5).public(),
                rules: Rules::default(),
                salt,
            };
            let (network, cite) = (founding.network.id(), founding.id());
            let record = Bytes::from(SignedFounding::sign(founding, &[key(1)]).encode());
            Self { origin: Origin { network, cite, incarnation: 0 }, record, key: key(2) }
        }

        fn head(&self, size: u64, root: u8) -> Checkpoint {
            Checkpoint::sign(self.origin, Head { size, root: Hash([root; 32]) }, &self.key)
        }
    }

    /// Learns heads of logs that somebody made up, as many of each; signatures are verified elsewhere.
    fn flood(heads: &mut Heads, signer: &Signer, logs: u8, of_each: usize) {
        let signed = signer.head(1, 0);
        for log in 0..logs {
            for size in (1_000..).take(of_each) {
                let origin = Origin { cite: CiteId(Hash([log; 32])), ..signed.origin };
                let head = Head { size, ..signed.head };
                heads.learn(&signer.record, Checkpoint { origin, head, ..signed });
            }
        }
    }

    /// Invariant A6.
    #[test]
    fn heads_of_another_log_hide_no_two_histories() {
        let signer = Signer::new(0);
        let mut heads = Heads::default();
        flood(&mut heads, &signer, 1, HEARD_MAX);
        // Two bundles, and somebody who was paid from either branch.
        heads.learn_own(&signer.record, signer.head(100, 1));
        heads.learn_own(&signer.record, signer.head(100, 2));
        assert_eq!(heads.convictions.len(), 1, "two bundles");
        heads.convictions.clear();
        heads.learn(&signer.record, signer.head(200, 1));
        flood(&mut heads, &signer, 2, HEARD_MAX);
        heads.learn(&signer.record, signer.head(200, 2));
        assert_eq!(heads.convictions.len(), 1, "two payments");
        let known = heads.below(&signer.head(300, 1)).heads;
        assert_eq!(known.into_keys().collect::<Vec<_>>(), [100, 200]);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let signer = Signer::new(0);
        let mut heads = Heads::default();
        flood(&mut heads, &signer, 2, HEARD_MAX / 2);
        assert_eq!((heads.heard, heads.left_out()), (HEARD_MAX, 0));
        flood(&mut heads, &signer, 3, HEARD_MAX / 2);
        assert_eq!(
            (heads.heard, heads.left_out()),
            (HEARD_MAX, u64::try_from(HEARD_MAX / 2).expect("small"))
        );
    }

    #[test]
    fn many_heads_convict_a_key_once_and_a_bundle_only_so_many_keys() {
        let mut heads = Heads::default();
        let twice = |heads: &mut Heads, signer: &Signer, size: u64| {
            for root in [1, 2] {
                heads.learn(&signer.record, signer.head(size, root));
            }
        };
        for size in 1..9 {
            twice(&mut heads, &Signer::new(0), size);
        }
        assert_eq!(heads.convictions.len(), 1);
        for salt in 0..CONVICTED_MAX + 5 {
            twice(&mut heads, &Signer::new(salt), 9);
        }
        assert_eq!((heads.convictions.len(), heads.left_out()), (CONVICTED_MAX, 5));
        // What a bundle is signed under counts all the same, and so does what the next one heard.
        let signer = Signer::new(CONVICTED_MAX + 7);
        heads.learn_own(&signer.record, signer.head(9, 1));
        heads.learn_own(&signer.record, signer.head(9, 2));
        heads.begin();
        twice(&mut heads, &Signer::new(CONVICTED_MAX + 8), 9);
        assert_eq!(heads.convictions.len(), CONVICTED_MAX + 2);
    }
}
