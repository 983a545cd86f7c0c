//! Our trees beside those of an independent implementation of RFC 6962: the same roots, the same proofs,
//! and each verifies what the other made and refuses what was spoiled.

use std::collections::BTreeMap;

use harness::{chance, vectors};
use ledger::tree::{
    Frontier, HashStore, TreeError, consistency_proof, inclusion_proof, opening, root_at,
    verify_consistency, verify_inclusion,
};
use proptest::{
    collection, prop_assert, prop_assert_eq,
    strategy::Strategy,
    test_runner::{TestCaseError, TestCaseResult},
};
use proto::hash::{Hash, tree_empty, tree_leaf, tree_node};

/// All pairs of sizes up to here.
const SMALL: u64 = 66;

/// Hashes in the order of storing, as both trees want them.
#[derive(Default)]
struct Stored(Vec<Hash>);

impl HashStore for Stored {
    fn hash(&self, stored: u64) -> Result<Hash, TreeError> {
        self.0.hash(stored)
    }
}

impl tlog_tiles::HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| theirs(self.0.hash(*index).expect("stored"))).collect())
    }
}

fn theirs(hash: Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

fn all_theirs(path: &[Hash]) -> Vec<tlog_tiles::Hash> {
    path.iter().copied().map(theirs).collect()
}

fn ours(path: &[tlog_tiles::Hash]) -> Vec<Hash> {
    path.iter().map(|hash| Hash(hash.0)).collect()
}

/// What the other tree stores for these leaves.
fn stored(leaves: impl IntoIterator<Item = Vec<u8>>) -> Stored {
    let mut stored = Stored::default();
    for (at, leaf) in (0..).zip(leaves) {
        let new = tlog_tiles::stored_hashes(at, &leaf, &stored).expect("hashes of one leaf");
        stored.0.extend(ours(&new));
    }
    stored
}

fn numbered(size: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..size).map(|index| index.to_be_bytes().to_vec())
}

/// Every way to spoil a proof that keeps most of it.
fn spoiled(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = vec![[path, &[tree_empty()]].concat()];
    for at in 0..path.len() {
        let mut changed = path.to_vec();
        changed[at].0[at % 32] ^= 1 << (at % 8);
        let mut shorter = path.to_vec();
        shorter.remove(at);
        let mut doubled = path.to_vec();
        doubled.insert(at, path[at]);
        all.extend([changed, shorter, doubled]);
    }
    for at in 1..path.len() {
        let mut swapped = path.to_vec();
        swapped.swap(at - 1, at);
        all.push(swapped);
    }
    all
}

/// What both trees say of one leaf: the same path, good for both; spoiled, for neither.
fn same_inclusion<S>(store: &S, index: u64, size: u64, leaf: Hash) -> TestCaseResult
where
    S: HashStore + tlog_tiles::HashReader,
{
    let root = root_at(store, size).expect("stored");
    let said = tlog_tiles::tree_hash(size, store).expect("stored");
    prop_assert_eq!(root.0, said.0, "the root at {}", size);
    let path = inclusion_proof(store, index, size).expect("stored");
    let proof = tlog_tiles::prove_record(size, index, store).expect("stored");
    prop_assert_eq!(&path, &ours(&proof), "{} of {}", index, size);
    let check = |path: &[Hash]| {
        tlog_tiles::check_record(&all_theirs(path), size, said, index, theirs(leaf)).is_ok()
    };
    let verify = |path: &[Hash]| verify_inclusion(leaf, index, size, path, root).is_ok();
    prop_assert!(check(&path), "theirs refuses ours: {} of {}", index, size);
    prop_assert!(verify(&ours(&proof)), "ours refuses theirs: {} of {}", index, size);
    for wrong in spoiled(&path) {
        prop_assert!(!check(&wrong) && !verify(&wrong), "spoiled: {} of {}", index, size);
    }
    Ok(())
}

/// What both trees say of two sizes, of which the smaller is not 0: the other tree knows no empty one.
fn same_consistency<S>(store: &S, old: u64, new: u64) -> TestCaseResult
where
    S: HashStore + tlog_tiles::HashReader,
{
    let root = |size| root_at(store, size).expect("stored");
    let path = consistency_proof(store, old, new).expect("stored");
    let proof = tlog_tiles::prove_tree(new, old, store).expect("stored");
    prop_assert_eq!(&path, &ours(&proof), "{} in {}", old, new);
    let (old_root, new_root) = (root(old), root(new));
    let check = |path: &[Hash]| {
        let path = all_theirs(path);
        tlog_tiles::check_tree(&path, new, theirs(new_root), old, theirs(old_root)).is_ok()
    };
    let verify = |path: &[Hash]| verify_consistency(old, old_root, new, new_root, path).is_ok();
    prop_assert!(check(&path), "theirs refuses ours: {} in {}", old, new);
    prop_assert!(verify(&ours(&proof)), "ours refuses theirs: {} in {}", old, new);
    for wrong in spoiled(&path) {
        prop_assert!(!check(&wrong) && !verify(&wrong), "spoiled: {} in {}", old, new);
    }
    let opened = opening(store, old, new).expect("stored");
    let folded = ledger::tree::fold_opening(old, new, &opened);
    prop_assert_eq!(folded, Some((old_root, new_root)), "opened: {} in {}", old, new);
    Ok(())
}

/// Invariant B4.
#[test]
fn the_root_is_what_an_independent_tree_computes() {
    let log = vectors::example_log();
    let stored = stored(log.leaves());
    for head in [log.first.head, log.certificate.checkpoint.head] {
        let root = tlog_tiles::tree_hash(head.size, &stored).expect("a tree of these leaves");
        assert_eq!(root.0, head.root.0, "{} leaves", head.size);
    }
}

#[test]
fn both_trees_store_the_same_hashes_in_the_same_order() {
    let other = stored(numbered(SMALL));
    let (mut frontier, mut store) = (Frontier::default(), Vec::new());
    for leaf in numbered(SMALL) {
        frontier.push_stored(tree_leaf(&leaf), &mut store);
    }
    assert_eq!(store, other.0);
    assert_eq!(tree_empty().0, tlog_tiles::tree_hash(0, &other).expect("no leaves").0);
}

#[test]
fn each_tree_verifies_the_proofs_of_the_other_at_every_small_size() {
    let store = stored(numbered(SMALL));
    for size in 1..=SMALL {
        for (index, leaf) in (0..size).zip(numbered(size)) {
            same_inclusion(&store, index, size, tree_leaf(&leaf)).expect("they agree");
            same_consistency(&store, index + 1, size).expect("they agree");
        }
    }
}

/// A tree of any size: all its leaves are alike but for a few, so that the hash of each subtree is known
/// without the rest of it.
struct Sparse {
    /// The leaves that are not like the others, by their place.
    marked: BTreeMap<u64, Hash>,
    /// The root of a subtree of each level that holds none of them.
    plain: Vec<Hash>,
}

impl Sparse {
    fn new(places: impl IntoIterator<Item = u64>) -> Self {
        let mark = |place: u64| (place, tree_leaf(&place.to_be_bytes()));
        let first = Some(tree_leaf(b"like the others"));
        let plain = std::iter::successors(first, |below| Some(tree_node(below, below)));
        Self { marked: places.into_iter().map(mark).collect(), plain: plain.take(64).collect() }
    }

    fn subtree(&self, level: u8, number: u64) -> Hash {
        let (from, to) = (number << level, ((number + 1) << level) - 1);
        match (level, self.marked.range(from..=to).next()) {
            (_, None) => self.plain[usize::from(level)],
            (0, Some((_, leaf))) => *leaf,
            _ => {
                let left = self.subtree(level - 1, number * 2);
                tree_node(&left, &self.subtree(level - 1, number * 2 + 1))
            }
        }
    }
}

impl HashStore for Sparse {
    fn hash(&self, stored: u64) -> Result<Hash, TreeError> {
        let (level, number) = tlog_tiles::split_stored_hash_index(stored);
        Ok(self.subtree(level, number))
    }
}

impl tlog_tiles::HashReader for Sparse {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| theirs(self.hash(*index).expect("any size"))).collect())
    }
}

/// Three sizes up to 2^50, as often small as large, in order, and which leaf of the first.
fn sizes() -> impl Strategy<Value = ([u64; 3], u64)> {
    let size = (1..=50_u32, 0..u64::MAX).prop_map(|(bits, any)| any % (1 << bits) + 1);
    (collection::vec(size, 3), 0..u64::MAX).prop_map(|(mut sizes, any)| {
        sizes.sort_unstable();
        let sizes = [sizes[0], sizes[1], sizes[2]];
        (sizes, any % sizes[0])
    })
}

#[test]
fn each_tree_verifies_the_proofs_of_the_other_at_random_large_sizes() {
    chance::check(60, &sizes(), |(sizes, index)| {
        // Beside each place that is asked for stand neighbours that must not be taken for it.
        let around = |place: u64| [place.saturating_sub(1), place, place + 1];
        let store = Sparse::new(sizes.into_iter().chain([index]).flat_map(around));
        let leaf = store.subtree(0, index);
        for size in sizes {
            same_inclusion(&store, index, size, leaf)?;
        }
        for (old, new) in [(0, 1), (0, 2), (1, 2), (2, 2)] {
            same_consistency(&store, sizes[old], sizes[new])?;
        }
        Ok::<(), TestCaseError>(())
    });
}

/// A tree that is there leaf by leaf, large enough for every depth up to twelve.
#[test]
fn each_tree_verifies_the_proofs_of_the_other_in_a_real_large_tree() {
    const LEAVES: u64 = 4_100;
    let store = stored(numbered(LEAVES));
    let pair = (1..=LEAVES, 0..u64::MAX).prop_map(|(size, any)| (size, any % size));
    chance::check(300, &pair, |(size, index)| {
        same_inclusion(&store, index, size, tree_leaf(&index.to_be_bytes()))?;
        same_consistency(&store, index + 1, size)
    });
}
