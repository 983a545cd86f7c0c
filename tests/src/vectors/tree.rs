//! RFC 6962 trees written straight from the definition, by recursion over the leaves: slow, small, and
//! independent of the ledger's tree.

use proto::hash::{Hash, tree_empty, tree_leaf, tree_node};

use super::{Vector, log::example_log};

/// Sizes and leaves whose proofs are shown: all shapes that a path can have at its ends.
const INCLUSIONS: [(usize, usize); 5] = [(0, 1), (0, 14), (11, 14), (12, 14), (12, 13)];
const CONSISTENCIES: [(usize, usize); 4] = [(3, 9), (8, 14), (9, 14), (13, 14)];

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
pub fn path(leaves: &[Vec<u8>], leaf: usize) -> Vec<Hash> {
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

/// Returns the proof that the tree of `old` leaves is the beginning of the tree over `leaves` (RFC 6962
/// section 2.1.2).
pub fn consistency(leaves: &[Vec<u8>], old: usize) -> Vec<Hash> {
    subproof(leaves, old, true)
}

fn subproof(leaves: &[Vec<u8>], old: usize, whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if whole { Vec::new() } else { vec![range_root(leaves)] };
    }
    let half = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(half);
    let (mut proof, sibling) = if old <= half {
        (subproof(left, old, whole), right)
    } else {
        (subproof(right, old - half, false), left)
    };
    proof.push(range_root(sibling));
    proof
}

pub(super) fn vectors() -> Vec<Vector> {
    let leaves = example_log().leaves();
    let all = leaves.len();
    let roots = (0..=all).fold(
        Vector::new("tree", "Roots of the example log's first leaves, size by size"),
        |vector, size| {
            vector.hex(format!("root_of_{size}"), range_root(&leaves[..size]).as_bytes())
        },
    );
    let mut vectors = vec![roots];
    for (leaf, size) in INCLUSIONS.into_iter().chain([(3, all)]) {
        let joined: Vec<u8> = path(&leaves[..size], leaf).iter().flat_map(|hash| hash.0).collect();
        vectors.push(
            Vector::new(
                format!("inclusion/{leaf}-in-{size}"),
                "The path of a leaf of the example log in the tree of its first leaves",
            )
            .text("leaf", leaf.to_string())
            .text("size", size.to_string())
            .hex("leaf_hash", tree_leaf(&leaves[leaf]).as_bytes())
            .hex("root", range_root(&leaves[..size]).as_bytes())
            .hex("path", &joined),
        );
    }
    for (old, new) in CONSISTENCIES.into_iter().chain([(14, all)]) {
        let proof = consistency(&leaves[..new], old);
        let joined: Vec<u8> = proof.iter().flat_map(|hash| hash.0).collect();
        vectors.push(
            Vector::new(
                format!("consistency/{old}-in-{new}"),
                "The proof that the smaller tree of the example log is the beginning of the larger",
            )
            .text("old_size", old.to_string())
            .text("new_size", new.to_string())
            .hex("old_root", range_root(&leaves[..old]).as_bytes())
            .hex("new_root", range_root(&leaves[..new]).as_bytes())
            .hex("path", &joined),
        );
    }
    vectors
}
