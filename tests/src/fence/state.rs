//! What has happened in the model: a tree of checkpoints with who cosigned, holds and promised what. Two states that
//! differ only by the names of mirrors or the order of branches are one.

use super::{Mask, World};

/// Most checkpoints, the founding one included.
pub const NODES_MAX: usize = 8;

/// Incarnations after the first that have a mask of promises.
pub const PROMISED_MAX: usize = 2;

/// A checkpoint with the seal under it and the entries that only it has.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Node {
    /// The checkpoint before; the founding one is its own.
    pub parent: u8,
    /// The incarnation, as a place in [`World::runs`].
    pub run: u8,
    /// The checkpoint that its seal names as certified; 0 is none.
    pub names: u8,
    /// The set of mirrors that an entry of it chooses; 0 is none.
    pub chooses: u8,
    /// Who cosigned it, ever.
    pub cosigned: Mask,
    /// Whose newest checkpoint it is; at the founding one, who holds none.
    pub held: Mask,
    /// Whose copy was cut back to here and goes on from here, whatever checkpoint it holds.
    pub cut: Mask,
    /// Who promised an incarnation, by its place less one, while it held this; at the founding one, nothing.
    pub promised: [Mask; PROMISED_MAX],
}

/// What has happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct State {
    nodes: [Node; NODES_MAX],
    len: usize,
    /// For each mirror the first incarnation that it may cosign, as a place in [`World::runs`].
    pub below: [u8; 4],
}

/// A state as it is remembered: one number for each checkpoint, branches and mirrors in one order.
pub type Packed = [u32; NODES_MAX];

impl State {
    /// Returns the founded log that no mirror holds yet.
    pub fn begin(world: &World) -> Self {
        let mut nodes = [Node::default(); NODES_MAX];
        nodes[0].held = (1 << world.honest) - 1;
        Self { nodes, len: 1, below: [0; 4] }
    }

    /// Returns the checkpoints; each stands behind its parent.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes[..self.len]
    }

    /// Returns a checkpoint, to change it.
    pub fn node_mut(&mut self, node: usize) -> &mut Node {
        &mut self.nodes[node]
    }

    /// Adds a checkpoint.
    pub fn push(&mut self, node: Node) {
        self.nodes[self.len] = node;
        self.len += 1;
    }

    /// Puts a mirror to the newest checkpoint that it holds, and to where its copy was cut back, if it was.
    pub fn place(&mut self, mirror: usize, held: usize, cut: Option<usize>) {
        let bit = 1 << mirror;
        for known in &mut self.nodes[..self.len] {
            known.held &= !bit;
            known.cut &= !bit;
        }
        self.nodes[held].held |= bit;
        if let Some(cut) = cut {
            self.nodes[cut].cut |= bit;
        }
    }

    /// Returns the same state as every state that is like it.
    pub fn pack(&self, swaps: &[Swap]) -> Packed {
        let packed = swaps.iter().map(|swap| self.pack_one(swap));
        packed.min().expect("leaving every mirror where it is is one of the swaps")
    }

    fn pack_one(&self, swap: &Swap) -> Packed {
        let nodes = self.nodes();
        let mut depth = [0_u32; NODES_MAX];
        for (place, node) in nodes.iter().enumerate().skip(1) {
            depth[place] = depth[usize::from(node.parent)] + 1;
        }
        // From the last on: whoever comes behind a checkpoint is written already.
        let mut trees = [Tree::default(); NODES_MAX];
        for place in (0..nodes.len()).rev() {
            let node = &nodes[place];
            let names = depth[usize::from(node.names)];
            let mut tree = Tree::of(label(node, depth[place], names, swap));
            let behind = |other: &usize| usize::from(nodes[*other].parent) == place;
            let mut branches = [Tree::default(); NODES_MAX];
            let mut count = 0;
            for other in (place + 1..nodes.len()).filter(behind) {
                branches[count] = trees[other];
                count += 1;
            }
            branches[..count].sort_unstable();
            branches[..count].iter().for_each(|branch| tree.append(branch));
            trees[place] = tree;
        }
        let mut packed = trees[0].words;
        // The founding checkpoint chooses, names and cosigns nothing: its word has room for what mirrors swore off.
        for (mirror, below) in self.below.iter().enumerate() {
            packed[0] |= u32::from(*below) << (2 * swap.to[mirror]);
        }
        packed
    }

    /// Returns the state that was packed.
    pub fn unpack(packed: &Packed) -> Self {
        let mut state = Self { nodes: [Node::default(); NODES_MAX], len: 0, below: [0; 4] };
        let mut path = [0_u8; NODES_MAX];
        for (place, word) in packed.iter().enumerate() {
            if *word == 0 {
                break;
            }
            let bits = |from: u32, count: u32| (word >> from & ((1 << count) - 1)) as u8;
            let depth = bits(29, 3);
            path[usize::from(depth)] = place as u8;
            let mut node = Node {
                parent: path[usize::from(depth.saturating_sub(1))],
                held: bits(12, 4),
                promised: [bits(20, 4), bits(24, 4)],
                ..Node::default()
            };
            if place == 0 {
                state.below = core::array::from_fn(|mirror| bits(2 * mirror as u32, 2));
            } else {
                node.names = path[usize::from(bits(0, 3))];
                node.run = bits(3, 2);
                node.chooses = bits(5, 2);
                node.cosigned = bits(8, 4);
            }
            node.cut = bits(16, 4);
            state.push(node);
        }
        state
    }
}

fn label(node: &Node, depth: u32, names: u32, swap: &Swap) -> u32 {
    let mask = |mask: Mask| u32::from(swap.mask(mask));
    // Bit 28 says that there is a checkpoint at all.
    depth << 29
        | 1 << 28
        | mask(node.promised[1]) << 24
        | mask(node.promised[0]) << 20
        | mask(node.cut) << 16
        | mask(node.held) << 12
        | mask(node.cosigned) << 8
        | u32::from(node.chooses) << 5
        | u32::from(node.run) << 3
        | names
}

/// A checkpoint with all that comes behind it, in writing.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Tree {
    words: Packed,
    len: usize,
}

impl Tree {
    fn of(label: u32) -> Self {
        let mut tree = Self { words: [0; NODES_MAX], len: 1 };
        tree.words[0] = label;
        tree
    }

    fn append(&mut self, other: &Self) {
        self.words[self.len..self.len + other.len].copy_from_slice(&other.words[..other.len]);
        self.len += other.len;
    }
}

/// Another order of the mirrors, which leaves every set the same set.
pub struct Swap {
    to: [usize; 4],
    masks: [Mask; 16],
}

impl Swap {
    fn of(to: [usize; 4]) -> Self {
        let moved = |mask: usize| {
            (0..4).filter(|bit| mask >> bit & 1 == 1).fold(0, |all, bit| all | 1 << to[bit])
        };
        Self { to, masks: core::array::from_fn(moved) }
    }

    const fn mask(&self, mask: Mask) -> Mask {
        self.masks[mask as usize]
    }

    /// Returns all of a world.
    pub fn all(world: &World) -> Vec<Self> {
        let mut swaps = Vec::new();
        for code in 0..256_usize {
            let to: [usize; 4] = core::array::from_fn(|mirror| code >> (2 * mirror) & 3);
            let hit = to.iter().fold(0_u8, |hit, to| hit | 1 << to);
            let swap = Self::of(to);
            let stays = |set: &super::Set| swap.mask(set.honest) == set.honest;
            let others_stay = (world.honest..4).all(|mirror| to[mirror] == mirror);
            if hit == 0b1111 && others_stay && world.sets.iter().all(stays) {
                swaps.push(swap);
            }
        }
        swaps
    }
}
