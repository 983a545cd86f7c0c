//! The Merkle tree of RFC 6962 over leaf hashes: its right edge, its proofs and their verification.
//! It never sees an entry and touches no disk; hashes that no longer stand at the edge come from a
//! [`HashStore`].
//!
//! Hashes are stored in the order in which they become known: a leaf, then each subtree that it
//! completes. Two hashes for each leaf on average, so a log of *n* leaves stores 2*n* − (ones in
//! the binary form of *n*).

#![allow(
    clippy::arithmetic_side_effects,
    reason = "every size is at most 2^62, checked where it comes in"
)]

mod file;
mod verify;

use proto::hash::{Hash, tree_empty, tree_node};
use proto::order::Head;

use crate::disk::DiskError;
pub(crate) use file::HASH_BYTES;
pub use file::TreeFile;
pub use verify::{ProofError, fold_opening, verify_consistency, verify_inclusion};

/// Largest tree that is looked at, in leaves. Far beyond any log, and sums of sizes stay within 64
/// bits.
pub const TREE_SIZE_MAX: u64 = 1 << 62;

/// A tree could not answer.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The store does not hold this hash.
    #[error("hash {stored} is not stored")]
    Missing {
        /// Number of the hash in the order of storing.
        stored: u64,
    },
    /// There is no such leaf, or no tree of this size.
    #[error("{index} of {size}")]
    OutOfRange {
        /// The leaf or the smaller size.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// What was read back from the log gives another root than what was decided.
    #[error("what stands on the disk gives another root")]
    ReadBack,
}

/// Where hashes are kept that the frontier has left behind.
pub trait HashStore {
    /// Returns hash number `stored`, counted from 0 in the order of storing.
    fn hash(&self, stored: u64) -> Result<Hash, TreeError>;
}

impl HashStore for Vec<Hash> {
    fn hash(&self, stored: u64) -> Result<Hash, TreeError> {
        let found = usize::try_from(stored).ok().and_then(|at| self.get(at));
        found.copied().ok_or(TreeError::Missing { stored })
    }
}

/// A complete subtree: 2^`level` leaves, the `number`-th of its level from the left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Subtree {
    level: u32,
    number: u64,
}

impl Subtree {
    /// Returns the largest complete subtree that begins with leaf `start` and stops at `end` or
    /// before; needs `start < end`.
    fn largest(start: u64, end: u64) -> Self {
        let level = start.trailing_zeros().min((end - start).ilog2());
        Self { level, number: start >> level }
    }

    /// Returns the leaf after its last one.
    fn end(self) -> u64 {
        (self.number + 1) << self.level
    }

    /// Returns its number in the order of storing: its last leaf comes after all that the leaves
    /// before it stored, and then one hash for each level up to this one.
    fn stored(self) -> u64 {
        stored_by(self.end() - 1) + u64::from(self.level)
    }
}

/// Returns the complete subtrees that make up the leaves from `start` to `end`, from left to right,
/// each as large as it can be.
fn cover(start: u64, end: u64) -> impl Iterator<Item = Subtree> {
    let mut at = start;
    std::iter::from_fn(move || {
        let subtree = (at < end).then(|| Subtree::largest(at, end))?;
        at = subtree.end();
        Some(subtree)
    })
}

/// Returns how many hashes a tree of `size` leaves stores.
fn stored_by(size: u64) -> u64 {
    2 * size - u64::from(size.count_ones())
}

/// Returns the size of the largest tree that stores no more than `stored` hashes: half as many
/// leaves, and at most 32 more.
fn size_stored_in(stored: u64) -> u64 {
    let half = stored / 2;
    (half..half + 33).take_while(|size| stored_by(*size) <= stored).last().unwrap_or(0)
}

/// The right edge of a tree: the roots of the complete subtrees that make it up, largest first. All
/// that is needed to go on appending and to know the root.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// One hash for each 1 in the binary form of `size`.
    edge: Vec<Hash>,
}

impl Frontier {
    /// Returns the edge of a tree of `size` leaves from its stored hashes.
    pub fn at(store: &impl HashStore, size: u64) -> Result<Self, TreeError> {
        let edge = hashes(store, cover(0, in_bounds(size)?))?;
        Ok(Self { size, edge })
    }

    /// Returns the number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Returns the root over all leaves.
    pub fn root(&self) -> Hash {
        fold_edge(&self.edge)
    }

    /// Returns size and root.
    pub fn head(&self) -> Head {
        Head { size: self.size, root: self.root() }
    }

    /// Returns the roots of the complete subtrees, largest first: at most 62.
    pub fn edge(&self) -> &[Hash] {
        &self.edge
    }

    /// Appends a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf, &mut Forget);
    }

    /// Appends a leaf by its hash and hands the hashes that become known to `store`, in the order
    /// of storing.
    pub fn push_stored(&mut self, leaf: Hash, store: &mut impl Extend<Hash>) {
        self.push_subtree(0, leaf, store);
    }

    /// Appends 2^`level` leaves by the root of their subtree; `size` must be a multiple of that
    /// number.
    fn push_subtree(&mut self, level: u32, root: Hash, store: &mut impl Extend<Hash>) {
        let mut hash = root;
        store.extend([hash]);
        // As in binary addition, each 1 that carries takes a subtree of the same size from the
        // edge.
        for _ in 0..(self.size >> level).trailing_ones() {
            let left = self.edge.pop().expect("the edge has one hash for each 1 of the size");
            hash = tree_node(&left, &hash);
            store.extend([hash]);
        }
        self.edge.push(hash);
        self.size += 1 << level;
    }
}

/// A store for those who only want the root.
struct Forget;

impl Extend<Hash> for Forget {
    fn extend<T: IntoIterator<Item = Hash>>(&mut self, _hashes: T) {}
}

/// Returns the root of the tree that consisted of the first `size` leaves.
pub fn root_at(store: &impl HashStore, size: u64) -> Result<Hash, TreeError> {
    Frontier::at(store, size).map(|frontier| frontier.root())
}

/// Returns the inclusion proof of leaf `index` in the tree of `size` leaves, from the leaf's
/// sibling upwards: at most 62 hashes (RFC 6962 section 2.1.1). A store may be damaged: whoever
/// serves a proof verifies it first.
pub fn inclusion_proof(
    store: &impl HashStore,
    index: u64,
    size: u64,
) -> Result<Vec<Hash>, TreeError> {
    if index >= in_bounds(size)? {
        return Err(TreeError::OutOfRange { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range_root(store, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(store, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Hashes of a store, and behind them those that more leaves make known.
struct Beyond<'a, S> {
    store: &'a S,
    /// How many hashes the store counts for.
    stored: u64,
    more: Vec<Hash>,
}

impl<S: HashStore> HashStore for Beyond<'_, S> {
    fn hash(&self, stored: u64) -> Result<Hash, TreeError> {
        match stored.checked_sub(self.stored) {
            None => self.store.hash(stored),
            Some(beyond) => self.more.hash(beyond),
        }
    }
}

/// Returns the head of the tree of `size` leaves and `more` behind them, and the path of a leaf there; nothing is
/// stored.
pub fn path_beyond(
    store: &impl HashStore,
    size: u64,
    more: impl Iterator<Item = Hash>,
    leaf: u64,
) -> Result<(Head, Vec<Hash>), TreeError> {
    let mut frontier = Frontier::at(store, size)?;
    let mut beyond = Beyond { store, stored: stored_by(size), more: Vec::new() };
    for leaf in more {
        frontier.push_stored(leaf, &mut beyond.more);
    }
    let path = inclusion_proof(&beyond, leaf, frontier.size())?;
    Ok((frontier.head(), path))
}

/// Returns the proof that the tree of `new` leaves begins with the tree of `old` leaves: at most 63
/// hashes, none where `old` is 0 or `new` (RFC 6962 section 2.1.2).
pub fn consistency_proof(
    store: &impl HashStore,
    old: u64,
    new: u64,
) -> Result<Vec<Hash>, TreeError> {
    if old > in_bounds(new)? {
        return Err(TreeError::OutOfRange { index: old, size: new });
    }
    let mut path = Vec::new();
    if old == 0 {
        return Ok(path);
    }
    let (mut start, mut end) = (0, new);
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range_root(store, middle, end)?);
            end = middle;
        } else {
            path.push(range_root(store, start, middle)?);
            start = middle;
        }
    }
    // Whoever verifies knows the old root; where that is what is left, it need not be sent.
    if start != 0 {
        path.push(range_root(store, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Returns the opening of the tree of `new` leaves at `old`: the roots of the complete subtrees of
/// its first `old` leaves, then those of the rest, from left to right; at most 128 hashes. Folded,
/// it gives both roots, so it convicts a log key that signed another root at `old`.
pub fn opening(store: &impl HashStore, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
    if old > in_bounds(new)? {
        return Err(TreeError::OutOfRange { index: old, size: new });
    }
    hashes(store, cover(0, old).chain(cover(old, new)))
}

/// Returns how many leaves each hash of an [`opening`] stands for, in its order: for those who fold
/// a log's leaves into one without a store. Empty where the sizes do not fit together.
pub fn opening_parts(old: u64, new: u64) -> Vec<u64> {
    if old > new || new > TREE_SIZE_MAX {
        return Vec::new();
    }
    cover(0, old).chain(cover(old, new)).map(|subtree| 1 << subtree.level).collect()
}

fn in_bounds(size: u64) -> Result<u64, TreeError> {
    match size <= TREE_SIZE_MAX {
        true => Ok(size),
        false => Err(TreeError::OutOfRange { index: size, size: TREE_SIZE_MAX }),
    }
}

/// Returns the largest power of two below `leaves`, which must be 2 or more: where RFC 6962 divides
/// a tree.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Returns the root over the leaves from `start` to `end`; `start` must be where RFC 6962 begins a
/// subtree.
fn range_root(store: &impl HashStore, start: u64, end: u64) -> Result<Hash, TreeError> {
    Ok(fold_edge(&hashes(store, cover(start, end))?))
}

fn hashes(
    store: &impl HashStore,
    subtrees: impl Iterator<Item = Subtree>,
) -> Result<Vec<Hash>, TreeError> {
    subtrees.map(|subtree| store.hash(subtree.stored())).collect()
}

/// Returns the root over subtrees that stand side by side, largest first.
fn fold_edge(edge: &[Hash]) -> Hash {
    let joined = edge.iter().rev().copied().reduce(|right, left| tree_node(&left, &right));
    joined.unwrap_or_else(tree_empty)
}

#[cfg(test)]
mod tests;
