//! RFC 6962 trees written straight from the definition, by recursion over the leaves: slow, small, and
//! independent of the ledger's tree.

use proto::hash::{Hash, tree_empty, tree_leaf, tree_node};

/// Returns the root of the tree over `leaves` (RFC 6962 section 2.1).
pub fn range_root(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => tree_empty(),
        [leaf] => tree_leaf(leaf),
        _ => {
            let half = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(half);
            tree_node(&range_root(left), &range_root(right))
        }
    }
}

/// Returns the path of a leaf, from the leaf to the root (RFC 6962 section 2.1.1).
pub(super) fn path(leaves: &[Vec<u8>], leaf: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let half = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(half);
    let (mut below, sibling) =
        if leaf < half { (path(left, leaf), right) } else { (path(right, leaf - half), left) };
    below.push(range_root(sibling));
    below
}

/// Returns the roots of the maximal complete subtrees that cover the leaves `from..to`, left to right:
/// each begins at a multiple of its own size, a power of two.
pub fn complete_subtrees(leaves: &[Vec<u8>], from: usize, to: usize) -> Vec<Hash> {
    let mut roots = Vec::new();
    let mut at = from;
    while at < to {
        let mut size = 1;
        while at.is_multiple_of(size * 2) && at + size * 2 <= to {
            size *= 2;
        }
        roots.push(range_root(&leaves[at..at + size]));
        at += size;
    }
    roots
}
