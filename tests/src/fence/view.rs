//! What follows from the tree of checkpoints: who is behind whom, which mirrors certify which seal, what is
//! certified. The fold of a log, as far as fence and resume look at it.

use super::{
    Change, Mask, World,
    state::{NODES_MAX, Node, State},
};

/// Checkpoints as a set of bits.
pub type Nodes = u8;

/// Mirrors in force, and those that were chosen, with the checkpoint whose entry says so.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Mirrors {
    /// In force.
    pub current: usize,
    /// To come.
    pub pending: Option<(usize, usize)>,
}

impl Mirrors {
    /// Returns whether enough of every set did something; `MirrorsState::sets`.
    pub fn suffice(&self, world: &World, did: Mask) -> bool {
        world.suffices(self.current, did)
            && self.pending.is_none_or(|(set, _)| world.suffices(set, did))
    }
}

/// What follows from a state.
pub struct View<'a> {
    /// The world.
    pub world: &'a World,
    /// The state.
    pub state: &'a State,
    /// For each checkpoint those that lie below it, and itself.
    pub below: [Nodes; NODES_MAX],
    /// For each checkpoint the mirrors under its seal, who certify it; `Fold::mirrors_under`.
    pub under: [Mirrors; NODES_MAX],
    /// For each checkpoint the mirrors behind its seal.
    after: [Mirrors; NODES_MAX],
    /// For each checkpoint what its fold says is committed; `ClockState::committed_size`.
    committed: [u8; NODES_MAX],
    /// What has a certificate.
    pub certified: Nodes,
}

impl<'a> View<'a> {
    /// Folds every branch.
    pub fn of(world: &'a World, state: &'a State) -> Self {
        let mut view = View {
            world,
            state,
            below: [0; NODES_MAX],
            under: [Mirrors::default(); NODES_MAX],
            after: [Mirrors::default(); NODES_MAX],
            committed: [0; NODES_MAX],
            certified: 0,
        };
        view.below[0] = 1;
        for place in 1..state.nodes().len() {
            view.fold(place);
        }
        view
    }

    /// Moves on by one checkpoint; `State::apply_seal`.
    fn fold(&mut self, place: usize) {
        let node = self.state.nodes()[place];
        let parent = usize::from(node.parent);
        self.below[place] = self.below[parent] | 1 << place;
        let mut mirrors = self.after[parent];
        if node.chooses > 0 {
            mirrors.pending = Some((usize::from(node.chooses), place));
        }
        self.under[place] = mirrors;
        if mirrors.suffice(self.world, node.cosigned) && node.cosigned != 0 {
            self.certified |= 1 << place;
        }
        let named = self.state.nodes()[usize::from(node.names)].names;
        let before = self.committed[parent];
        self.committed[place] = if self.holds(named, before) { named } else { before };
        // `State::change_mirrors`.
        let at_certified = self.world.change == Change::AtCertified;
        let in_force_by = if at_certified { node.names } else { self.committed[place] };
        if let Some((set, chosen)) = mirrors.pending
            && self.below[usize::from(in_force_by)] >> chosen & 1 == 1
        {
            mirrors = Mirrors { current: set, pending: None };
        }
        self.after[place] = mirrors;
    }

    fn holds(&self, upper: u8, lower: u8) -> bool {
        self.below[usize::from(upper)] >> lower & 1 == 1
    }

    /// Returns whether `lower` lies at or below `upper`.
    pub fn has(&self, upper: usize, lower: usize) -> bool {
        self.below[upper] >> lower & 1 == 1
    }

    /// Returns whether two checkpoints contradict one another.
    pub fn conflict(&self, a: usize, b: usize) -> bool {
        !self.has(a, b) && !self.has(b, a)
    }

    /// Returns whether a checkpoint has a certificate.
    pub const fn is_certified(&self, node: usize) -> bool {
        self.certified >> node & 1 == 1
    }

    /// Returns the number of a checkpoint's incarnation.
    pub fn number(&self, node: usize) -> u8 {
        self.world.runs[usize::from(self.state.nodes()[node].run)]
    }

    /// Returns the incarnation of a checkpoint.
    pub fn run(&self, node: usize) -> u8 {
        self.state.nodes()[node].run
    }

    /// Returns a checkpoint.
    pub fn node(&self, node: usize) -> &Node {
        &self.state.nodes()[node]
    }

    /// Returns whether a checkpoint is the first of an incarnation.
    pub fn is_resume(&self, node: usize) -> bool {
        node > 0 && self.run(node) != self.run(usize::from(self.node(node).parent))
    }

    /// Returns whether a log may choose a set behind a checkpoint; `acts::mirror_set`.
    pub fn may_choose(&self, behind: usize, set: usize) -> bool {
        let mut nodes = self.state.nodes().iter();
        if self.world.chosen_once && nodes.any(|node| usize::from(node.chooses) == set) {
            return false;
        }
        match self.after[behind].pending {
            None => set != self.after[behind].current,
            Some((pending, chosen)) => {
                let keeps = self.world.change != Change::PendingReplaced;
                let named = usize::from(self.node(behind).names);
                pending != set && !(keeps && self.has(named, chosen))
            }
        }
    }

    /// Returns the newest checkpoint that a mirror holds, and where its copy was cut back, if it was.
    pub fn held(&self, mirror: usize) -> (usize, Option<usize>) {
        let nodes = self.state.nodes();
        let held = nodes.iter().position(|node| node.held >> mirror & 1 == 1);
        let cut = nodes.iter().position(|node| node.cut >> mirror & 1 == 1);
        (held.expect("every mirror is somewhere"), cut)
    }

    /// Returns where a mirror's copy ends; `Held::head`.
    pub fn copy(&self, mirror: usize) -> usize {
        let (held, cut) = self.held(mirror);
        cut.unwrap_or(held)
    }

    /// Returns whether the fold at the end of a copy knows something behind `base` as committed.
    pub fn committed_beyond(&self, copy: usize, base: usize) -> bool {
        !self.holds(base as u8, self.committed[copy])
    }
}
