//! The tree against the recursive definition of RFC 6962, written independently of it.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use std::sync::Arc;

use proto::hash::tree_leaf;

use super::*;
use crate::disk::{Disk, tests::disk};

const SIZE_MAX: u64 = 70;

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|index| tree_leaf(&index.to_be_bytes())).collect()
}

/// MTH of RFC 6962 section 2.1, word for word.
fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => tree_empty(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while k * 2 < leaves.len() {
                k *= 2;
            }
            tree_node(&mth(&leaves[..k]), &mth(&leaves[k..]))
        }
    }
}

fn reference_root(size: u64) -> Hash {
    mth(&leaves(size))
}

fn store(size: u64) -> (Frontier, Vec<Hash>) {
    let (mut frontier, mut store) = (Frontier::default(), Vec::new());
    for leaf in leaves(size) {
        frontier.push_stored(leaf, &mut store);
    }
    (frontier, store)
}

/// Every way to spoil a proof that keeps most of it: each bit position once, one hash more, one
/// less, two swapped.
fn spoiled(path: &[Hash]) -> Vec<Vec<Hash>> {
    let mut all = Vec::new();
    for at in 0..path.len() {
        let mut changed = path.to_vec();
        changed[at].0[at % 32] ^= 1 << (at % 8);
        all.push(changed);
        let mut shorter = path.to_vec();
        shorter.remove(at);
        all.push(shorter);
        let mut doubled = path.to_vec();
        doubled.insert(at, path[at]);
        all.push(doubled);
    }
    for at in 1..path.len() {
        let mut swapped = path.to_vec();
        swapped.swap(at - 1, at);
        all.push(swapped);
    }
    let mut longer = path.to_vec();
    longer.push(tree_empty());
    all.push(longer);
    all
}

#[test]
fn roots_agree_with_the_definition_at_every_size() {
    let (_, whole) = store(SIZE_MAX);
    for size in 0..=SIZE_MAX {
        let (frontier, stored) = store(size);
        assert_eq!(frontier.head(), Head { size, root: reference_root(size) });
        assert_eq!(stored_by(size), u64::try_from(stored.len()).expect("small"));
        assert_eq!(Frontier::at(&whole, size).expect("stored"), frontier);
        assert_eq!(root_at(&whole, size).expect("stored"), frontier.root());
    }
}

/// Test vectors of the certificate-transparency reference implementation (`merkle_tree_test.cc`):
/// leaves and root of the tree of eight.
#[test]
fn the_root_of_the_eight_known_leaves() {
    let inputs: [&[u8]; 8] = [
        &[],
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[
            0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d,
            0x6e, 0x6f,
        ],
    ];
    let mut frontier = Frontier::default();
    inputs.iter().for_each(|input| frontier.push(tree_leaf(input)));
    let root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(frontier.root().to_string(), root);
}

#[test]
fn every_inclusion_proof_verifies_and_no_spoiled_one() {
    let (_, stored) = store(SIZE_MAX);
    let leaves = leaves(SIZE_MAX);
    for size in 1..=SIZE_MAX {
        let root = reference_root(size);
        for index in 0..size {
            let leaf = leaves[usize::try_from(index).expect("small")];
            let path = inclusion_proof(&stored, index, size).expect("stored");
            assert_eq!(
                verify_inclusion(leaf, index, size, &path, root),
                Ok(()),
                "{index} of {size}"
            );
            for wrong in spoiled(&path) {
                assert!(
                    verify_inclusion(leaf, index, size, &wrong, root).is_err(),
                    "{index} of {size}"
                );
            }
            assert!(verify_inclusion(tree_empty(), index, size, &path, root).is_err());
            for other in (0..=size).filter(|other| *other != index) {
                assert!(verify_inclusion(leaf, other, size, &path, root).is_err());
            }
        }
        assert!(inclusion_proof(&stored, size, size).is_err());
    }
}

#[test]
fn every_consistency_proof_verifies_and_no_spoiled_one() {
    let (_, stored) = store(SIZE_MAX);
    let roots: Vec<Hash> = (0..=SIZE_MAX).map(reference_root).collect();
    let root = |size: u64| roots[usize::try_from(size).expect("small")];
    for new in 0..=SIZE_MAX {
        for old in 0..=new {
            let path = consistency_proof(&stored, old, new).expect("stored");
            let verify = |old_root, new_root, path: &[Hash]| {
                verify_consistency(old, old_root, new, new_root, path)
            };
            assert_eq!(verify(root(old), root(new), &path), Ok(()), "{old} in {new}");
            let another = tree_leaf(b"another");
            assert!(verify(another, root(new), &path).is_err(), "{old} in {new}");
            // Every tree begins with nothing: then and only then the new root is not looked at.
            assert_eq!(verify(root(old), another, &path).is_ok(), old == 0 && new > 0);
            for wrong in spoiled(&path) {
                assert!(verify(root(old), root(new), &wrong).is_err(), "{old} in {new}");
            }
        }
        assert!(consistency_proof(&stored, new + 1, new).is_err());
    }
}

#[test]
fn every_opening_folds_to_both_roots_and_no_other_count_folds() {
    let (_, stored) = store(SIZE_MAX);
    for new in 0..=SIZE_MAX {
        for old in 0..=new {
            let mut opened = opening(&stored, old, new).expect("stored");
            let roots = (reference_root(old), reference_root(new));
            assert_eq!(fold_opening(old, new, &opened), Some(roots), "{old} in {new}");
            for at in 0..opened.len() {
                let mut wrong = opened.clone();
                wrong[at].0[7] ^= 4;
                let (_, new_root) = fold_opening(old, new, &wrong).expect("the count is right");
                assert_ne!(new_root, roots.1, "{old} in {new}");
            }
            opened.push(tree_empty());
            assert_eq!(fold_opening(old, new, &opened), None);
            opened.truncate(opened.len().saturating_sub(2));
            assert!(new == 0 || fold_opening(old, new, &opened).is_none());
        }
    }
}

#[test]
fn hostile_sizes_are_answered_and_openings_stay_short() {
    let root = tree_empty();
    let sizes =
        [0, 1, 2, 3, TREE_SIZE_MAX - 1, TREE_SIZE_MAX, TREE_SIZE_MAX + 1, u64::MAX - 1, u64::MAX];
    let paths: Vec<Vec<Hash>> =
        [0, 1, 2, 61, 62, 63, 64, 128, 300].map(|count| vec![root; count]).into();
    for (a, b) in sizes.iter().flat_map(|a| sizes.map(|b| (*a, b))) {
        for path in &paths {
            assert!(verify_inclusion(root, a, b, path, tree_leaf(b"x")).is_err());
            assert!(a == b || a == 0 || verify_consistency(a, root, b, root, path).is_err());
            let folded = fold_opening(a, b, path);
            assert!(folded.is_none() || path.len() <= 128);
        }
    }
    let longest = (0..62)
        .map(|bit| cover(0, 1 << bit).chain(cover(1 << bit, TREE_SIZE_MAX - 1)).count())
        .max();
    assert!(longest.expect("some") <= 128);
    assert!(inclusion_proof(&Vec::new(), 0, u64::MAX).is_err());
    assert!(consistency_proof(&Vec::new(), 1, u64::MAX).is_err());
    assert!(opening(&Vec::new(), 1, u64::MAX).is_err());
}

#[test]
fn a_file_holds_the_same_hashes_written_or_not() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk: Arc<dyn Disk> = Arc::new(disk(dir.path()));
    let mut tree = TreeFile::create(Arc::clone(&disk), "tree").expect("created");
    let (frontier, stored) = store(SIZE_MAX);
    for (index, leaf) in leaves(SIZE_MAX).into_iter().enumerate() {
        tree.push(leaf).expect("pushed");
        if index % 7 == 3 {
            tree.flush().expect("written");
        }
    }
    let same = |tree: &TreeFile, count| {
        (0..count).all(|at| tree.hash(at).expect("stored") == stored.hash(at).expect("stored"))
    };
    assert_eq!(tree.frontier(), &frontier);
    assert!(same(&tree, stored_by(SIZE_MAX)));
    tree.sync().expect("synced");
    assert!(tree.hash(stored_by(SIZE_MAX)).is_err());
    for size in (0..=SIZE_MAX).rev() {
        tree.truncate(size).expect("cut");
        assert!(tree.truncate(size + 1).is_err());
        let mut opened = TreeFile::open(Arc::clone(&disk), "tree").expect("opened");
        assert_eq!(opened.head(), Head { size, root: reference_root(size) });
        assert!(same(&opened, stored_by(size)));
        opened.push(leaves(1)[0]).expect("pushed");
        assert_eq!(opened.hash(stored_by(size)).expect("kept"), leaves(1)[0]);
    }
}

#[test]
fn a_file_cut_anywhere_opens_at_the_leaves_that_are_whole() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let disk: Arc<dyn Disk> = Arc::new(disk(dir.path()));
    let mut tree = TreeFile::open(Arc::clone(&disk), "tree").expect("a missing file is empty");
    leaves(SIZE_MAX).into_iter().for_each(|leaf| tree.push(leaf).expect("pushed"));
    tree.flush().expect("written");
    for length in (0..stored_by(SIZE_MAX) * 32).rev() {
        disk.truncate("tree", length).expect("cut");
        let opened = TreeFile::open(Arc::clone(&disk), "tree").expect("opened");
        let size = opened.size();
        assert!(stored_by(size) * 32 <= length && stored_by(size + 1) * 32 > length);
        assert_eq!(opened.head().root, reference_root(size));
    }
}
