//! The mesh over which gossip goes: each node passes a message on to its neighbours once, after it judged it, as
//! gossipsub does. Slower than gossipsub, which does not wait for a heartbeat.

use std::collections::{BTreeMap, BTreeSet};

use node::core::MessageId;

/// Who passes gossip on to whom.
pub struct Mesh {
    neighbours: Vec<Vec<usize>>,
    frames: BTreeMap<[u8; 32], Vec<u8>>,
    had: BTreeSet<([u8; 32], usize)>,
}

impl Mesh {
    /// Returns a mesh of `nodes` on a ring, each of which has this many neighbours on either side.
    pub fn ring(nodes: usize, aside: usize) -> Self {
        let around = |node: usize| {
            let steps = 1..=aside;
            steps.flat_map(move |step| [(node + step) % nodes, (node + nodes - step) % nodes])
        };
        let neighbours = (0..nodes).map(|node| around(node).collect()).collect();
        Self { neighbours, frames: BTreeMap::new(), had: BTreeSet::new() }
    }

    pub(super) fn publish(&mut self, from: usize, id: MessageId, frame: &[u8]) {
        self.frames.insert(id.0, frame.to_vec());
        self.had.insert((id.0, from));
    }

    /// Returns to whom a node passes a message on: those of its neighbours who had it from nobody.
    pub(super) fn next(&mut self, from: usize, id: MessageId) -> Vec<(usize, Vec<u8>)> {
        let Some(frame) = self.frames.get(&id.0) else { return Vec::new() };
        let near = self.neighbours[from].iter();
        let had = &mut self.had;
        near.filter(|to| had.insert((id.0, **to))).map(|to| (*to, frame.clone())).collect()
    }
}
