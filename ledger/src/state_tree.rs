//! The state tree: a Merkle tree over slots whose leaves change in place, so that a change costs one
//! path. Its root stands in every seal; with a path, one slot can be proved to anybody.
//! It knows nothing about what the slots mean.

use proto::{
    certificate::StateProof,
    codec::Bytes,
    hash::{Hash, Hasher, Use},
};

/// What a vacant slot hashes to: the leaf hash of no bytes at all, which no object encodes to.
fn vacant(leaf: &Hasher) -> Hash {
    leaf.finish()
}

/// The tree: `levels[0]` are the leaves; a node without a right sibling is promoted unchanged, so
/// that the shape is the one of RFC 6962 section 2.1 for every number of slots.
#[derive(Clone)]
pub struct StateTree {
    leaf: Hasher,
    node: Hasher,
    levels: Vec<Vec<Hash>>,
    dirty: Vec<usize>,
}

impl Default for StateTree {
    fn default() -> Self {
        Self {
            leaf: Hasher::new(Use::StateLeaf),
            node: Hasher::new(Use::StateNode),
            levels: vec![Vec::new()],
            dirty: Vec::new(),
        }
    }
}

impl StateTree {
    /// Returns the hash of a slot that holds `bytes`.
    pub fn leaf_hash(&self, bytes: &[u8]) -> Hash {
        self.leaf.clone().digest(&[bytes])
    }

    /// Sets a slot, which may be the one behind the last; `None` makes it vacant.
    pub fn set(&mut self, slot: usize, bytes: Option<&[u8]>) {
        let hash = self.leaf.digest(&[bytes.unwrap_or_default()]);
        let Some(leaves) = self.levels.first_mut() else { return };
        match leaves.get_mut(slot) {
            Some(leaf) => *leaf = hash,
            None => leaves.push(hash),
        }
        self.dirty.push(slot);
    }

    /// Returns the root after all changes so far; of no slots at all, the hash of a vacant one.
    pub fn root(&mut self) -> Hash {
        self.settle();
        match self.levels.last().map(Vec::as_slice) {
            Some([root]) => *root,
            _ => vacant(&self.leaf),
        }
    }

    /// Returns the path of a slot under the current root, or `None` when there is no such slot.
    pub fn prove(&mut self, slot: usize, leaf: &[u8]) -> Option<StateProof> {
        self.settle();
        self.prove_settled(slot, leaf)
    }

    /// Returns the path of a slot under the root that was asked for last: nothing was set since.
    pub(crate) fn prove_settled(&self, slot: usize, leaf: &[u8]) -> Option<StateProof> {
        debug_assert!(self.dirty.is_empty(), "a slot was set after the root was computed");
        let leaves = self.levels.first()?.len();
        (slot < leaves).then_some(())?;
        let mut path = Vec::new();
        let mut at = slot;
        for level in &self.levels {
            if let Some(sibling) = level.get(at ^ 1) {
                path.push(*sibling);
            }
            at /= 2;
        }
        Some(StateProof {
            leaf: Bytes::from(leaf.to_vec()),
            index: u64::try_from(slot).ok()?,
            leaves: u64::try_from(leaves).ok()?,
            path,
        })
    }

    /// Recomputes the nodes above all changed slots, level by level, each once.
    fn settle(&mut self) {
        let mut dirty = core::mem::take(&mut self.dirty);
        if dirty.is_empty() {
            return;
        }
        let mut level = 0_usize;
        while self.levels.get(level).is_some_and(|below| below.len() > 1) {
            dirty.iter_mut().for_each(|slot| *slot /= 2);
            dirty.sort_unstable();
            dirty.dedup();
            level = level.saturating_add(1);
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let (below, above) = self.levels.split_at_mut(level);
            let (Some(below), Some(above)) = (below.last(), above.first_mut()) else { return };
            for &place in &dirty {
                let Some(hash) = parent(&mut self.node, below, place) else { continue };
                match above.get_mut(place) {
                    Some(node) => *node = hash,
                    None => above.push(hash),
                }
            }
        }
        dirty.clear();
        self.dirty = dirty;
    }
}

/// Returns the node at `place` of the level above `below`; one without a right sibling is promoted.
fn parent(node: &mut Hasher, below: &[Hash], place: usize) -> Option<Hash> {
    let left = place.checked_mul(2)?;
    let first = below.get(left)?;
    Some(match below.get(left.checked_add(1)?) {
        Some(second) => node.digest(&[first.as_bytes(), second.as_bytes()]),
        None => *first,
    })
}

fn node_hash(node: &Hasher, left: &Hash, right: &Hash) -> Hash {
    let mut hasher = node.clone();
    hasher.update(left.as_bytes()).update(right.as_bytes());
    hasher.finish()
}

/// Returns the root that a proof leads to, or `None` when its path does not fit its place.
pub fn proved_root(proof: &StateProof) -> Option<Hash> {
    let node = Hasher::new(Use::StateNode);
    let mut leaf = Hasher::new(Use::StateLeaf);
    leaf.update(&proof.leaf);
    let mut hash = leaf.finish();
    let mut path = proof.path.iter();
    let (mut at, mut width) = (proof.index, proof.leaves);
    if at >= width {
        return None;
    }
    while width > 1 {
        let sibling = at ^ 1;
        if sibling < width {
            let other = path.next()?;
            hash = if sibling < at {
                node_hash(&node, other, &hash)
            } else {
                node_hash(&node, &hash, other)
            };
        }
        at /= 2;
        width = width.div_ceil(2);
    }
    path.next().is_none().then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn naive(tree: &StateTree, leaves: &[Hash]) -> Hash {
        match leaves {
            [] => vacant(&tree.leaf),
            [one] => *one,
            many => {
                let cut = many.len().next_power_of_two() / 2;
                let (left, right) = many.split_at(cut);
                node_hash(&tree.node, &naive(tree, left), &naive(tree, right))
            }
        }
    }

    #[test]
    fn root_is_rfc_6962_and_every_slot_is_proved() {
        let mut tree = StateTree::default();
        let mut slots: Vec<Vec<u8>> = Vec::new();
        for n in 0..70_usize {
            let bytes = vec![u8::try_from(n).expect("below 70"); n];
            tree.set(n, Some(&bytes));
            slots.push(bytes);
            if n % 3 == 0 {
                let changed = n / 2;
                let fresh = vec![0xff, u8::try_from(n).expect("below 70")];
                tree.set(changed, Some(&fresh));
                *slots.get_mut(changed).expect("exists") = fresh;
            }
            let hashes: Vec<Hash> = slots.iter().map(|slot| tree.leaf_hash(slot)).collect();
            let root = tree.root();
            assert_eq!(root, naive(&tree, &hashes), "{n} slots");
            for (slot, bytes) in slots.iter().enumerate() {
                let proof = tree.prove(slot, bytes).expect("slot exists");
                assert_eq!(proved_root(&proof), Some(root));
                let mut longer = proof.clone();
                longer.path.push(Hash::ZERO);
                assert_eq!(proved_root(&longer), None);
                let mut elsewhere = proof.clone();
                elsewhere.leaf.push(1);
                assert_ne!(proved_root(&elsewhere), Some(root));
            }
        }
    }
}
