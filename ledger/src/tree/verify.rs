//! Verification of proofs about RFC 6962 trees, pure and total: whatever sizes and hashes arrive,
//! the answer is yes or the reason why not. It never reads a store.

use proto::hash::{Hash, tree_empty, tree_node};

use super::{Forget, Frontier, TREE_SIZE_MAX, cover};

/// A proof proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// The leaf is outside the tree, the sizes are in the wrong order, or one is above
    /// [`TREE_SIZE_MAX`].
    #[error("the sizes do not fit together")]
    Sizes,
    /// The proof has more or fewer hashes than these sizes ask for.
    #[error("the proof has the wrong length")]
    Length,
    /// The hashes lead to another root.
    #[error("the proof leads to another root")]
    Root,
}

/// Succeeds if `path` shows that the tree of `size` leaves with this `root` has `leaf` at `index`
/// (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), ProofError> {
    let last = size.checked_sub(1).filter(|last| index <= *last && size <= TREE_SIZE_MAX);
    let mut climb = Climb { node: index, last: last.ok_or(ProofError::Sizes)? };
    let mut hash = leaf;
    for sibling in path {
        hash = match climb.side()? {
            Side::Left => tree_node(sibling, &hash),
            Side::Right => tree_node(&hash, sibling),
        };
    }
    climb.arrived()?;
    if hash == root { Ok(()) } else { Err(ProofError::Root) }
}

/// Succeeds if `path` shows that the tree of `new_size` leaves with `new_root` begins with the tree
/// of `old_size` leaves with `old_root` (RFC 9162 section 2.1.4.2; with nothing, the empty tree is
/// the beginning of every tree).
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    if old_size > new_size || new_size > TREE_SIZE_MAX {
        return Err(ProofError::Sizes);
    }
    let (Some(old_last), Some(new_last)) = (old_size.checked_sub(1), new_size.checked_sub(1))
    else {
        return nothing_before(old_root, new_size, new_root, path);
    };
    if old_size == new_size {
        let same = if old_root == new_root { Ok(()) } else { Err(ProofError::Root) };
        return if path.is_empty() { same } else { Err(ProofError::Length) };
    }
    // The climb begins at the largest subtree that ends with the last old leaf. Where that is the
    // whole old tree its root is known and was not sent.
    let shared = old_last.trailing_ones();
    let mut climb = Climb { node: old_last >> shared, last: new_last >> shared };
    let (seed, rest) = match old_size.is_power_of_two() {
        true => (old_root, path),
        false => path.split_first().map(|(seed, rest)| (*seed, rest)).ok_or(ProofError::Length)?,
    };
    let (mut old, mut new) = (seed, seed);
    for sibling in rest {
        match climb.side()? {
            Side::Left => {
                old = tree_node(sibling, &old);
                new = tree_node(sibling, &new);
            }
            Side::Right => new = tree_node(&new, sibling),
        }
    }
    climb.arrived()?;
    if old == old_root && new == new_root { Ok(()) } else { Err(ProofError::Root) }
}

fn nothing_before(
    old_root: Hash,
    new_size: u64,
    new_root: Hash,
    path: &[Hash],
) -> Result<(), ProofError> {
    let empty = tree_empty();
    let sound = old_root == empty && (new_size > 0 || new_root == empty);
    match (path.is_empty(), sound) {
        (false, _) => Err(ProofError::Length),
        (true, false) => Err(ProofError::Root),
        (true, true) => Ok(()),
    }
}

/// The way from a node to the root, level by level.
struct Climb {
    /// Number of the node in its level.
    node: u64,
    /// Number of the last node in that level.
    last: u64,
}

/// On which side the sibling stands.
enum Side {
    Left,
    Right,
}

impl Climb {
    /// Returns on which side the next sibling stands, and goes up past it.
    fn side(&mut self) -> Result<Side, ProofError> {
        if self.last == 0 {
            return Err(ProofError::Length);
        }
        let left = self.node & 1 == 1 || self.node == self.last;
        if left {
            // The last node of a level with an odd number of them has no sibling there and moves up
            // as it is.
            self.up(self.node.trailing_zeros());
        }
        self.up(1);
        Ok(if left { Side::Left } else { Side::Right })
    }

    /// The shift is at most 63: a node that is 0 and last has arrived and is never asked.
    fn up(&mut self, levels: u32) {
        self.node = self.node.checked_shr(levels).unwrap_or(0);
        self.last = self.last.checked_shr(levels).unwrap_or(0);
    }

    fn arrived(&self) -> Result<(), ProofError> {
        if self.last == 0 { Ok(()) } else { Err(ProofError::Length) }
    }
}

/// Returns the roots at `old_size` and at `new_size` that an opening gives, or `None` where the
/// sizes do not fit together or the number of hashes is not the one that they ask for. One opening
/// cannot show two old roots for one new root.
pub fn fold_opening(old_size: u64, new_size: u64, opening: &[Hash]) -> Option<(Hash, Hash)> {
    if old_size > new_size || new_size > TREE_SIZE_MAX {
        return None;
    }
    let mut hashes = opening.iter();
    let mut tree = Frontier::default();
    for subtree in cover(0, old_size) {
        tree.push_subtree(subtree.level, *hashes.next()?, &mut Forget);
    }
    let old_root = tree.root();
    for subtree in cover(old_size, new_size) {
        tree.push_subtree(subtree.level, *hashes.next()?, &mut Forget);
    }
    hashes.next().is_none().then(|| (old_root, tree.root()))
}
