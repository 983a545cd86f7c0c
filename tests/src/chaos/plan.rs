//! What goes wrong, when and where: drawn from a seed and from nothing else, so that a seed names a run. How
//! fast a machine is decides where in a node's life a fault strikes; that cannot be repeated.

use crate::{disk::Chance, rights::Need};

/// What may go wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Kind {
    /// Packets to and from a node get lost at random.
    Loss,
    /// A node is cut off from all others.
    Partition,
    /// A node hears nothing of another, which still hears it.
    OneWay,
    /// The line of a node carries little.
    Rate,
    /// SIGKILL.
    Kill,
    /// SIGKILL, and again while it starts.
    KillStarting,
    /// SIGSTOP, and SIGCONT later.
    Pause,
    /// The power goes while the node stands still: what is not synced is lost.
    Cut,
    /// The power goes in the middle of a write or a sync.
    SuddenCut,
    /// The power goes while the node starts after it went.
    CutStarting,
    /// A call that writes or opens a file of the node fails with EIO or ENOSPC.
    FailingCall,
    /// Every sync takes long.
    SlowSync,
    /// No byte is free.
    FullDisk,
    /// The clock of the machine is wrong.
    WrongClock,
}

/// Every kind with its name and what a machine must give for it.
pub(super) const KINDS: [(Kind, &str, &[Need]); 14] = [
    (Kind::Loss, "packet loss", &[Need::Network, Need::Filter]),
    (Kind::Partition, "partition", &[Need::Network]),
    (Kind::OneWay, "one-way partition", &[Need::Network, Need::Filter]),
    (Kind::Rate, "rate limit", &[Need::Network, Need::Rate]),
    (Kind::Kill, "kill -9", &[]),
    (Kind::KillStarting, "kill -9 while starting", &[]),
    (Kind::Pause, "SIGSTOP", &[]),
    (Kind::Cut, "power cut", &[Need::Image]),
    (Kind::SuddenCut, "power cut in a call", &[Need::Image, Need::Sudden]),
    (Kind::CutStarting, "power cut while starting", &[Need::Image, Need::Sudden]),
    (Kind::FailingCall, "EIO or ENOSPC in a call", &[Need::Strace]),
    (Kind::SlowSync, "slow syncs", &[Need::Strace]),
    (Kind::FullDisk, "full disk", &[Need::Image]),
    (Kind::WrongClock, "wrong clock", &[Need::Preload]),
];

impl Kind {
    const fn is_of_the_network(self) -> bool {
        matches!(self, Self::Loss | Self::Partition | Self::OneWay | Self::Rate)
    }
}

/// A fault at a node, with what its kind needs to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// What goes wrong.
    pub(super) kind: Kind,
    /// At which node.
    pub(super) at: usize,
    /// With which other node, for those that are between two.
    pub(super) with: usize,
    /// A number between 0 and 999 that says how bad it is.
    pub(super) how: u64,
}

/// Faults that are there at once, and what follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Episode {
    /// Milliseconds without any fault before.
    pub(super) calm_ms: u64,
    /// The faults, in the order in which they begin and end; at most one of the network and one other at a node.
    pub(super) faults: Vec<Fault>,
    /// How long those last that do not end by themselves, in milliseconds.
    pub(super) lasts_ms: u64,
    /// Whether all hours that were sent until then must arrive before the next.
    pub(super) converges: bool,
}

/// What a run is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scene {
    /// Everything at once.
    All,
    /// Nothing but kills.
    Kills,
    /// Nothing but power cuts.
    Cuts,
}

/// Episodes without end.
pub(super) struct Plan {
    chance: Chance,
    kinds: Vec<Kind>,
    /// Kinds whose turn has not come yet.
    deck: Vec<Kind>,
    nodes: usize,
    scene: Scene,
    drawn: u64,
}

impl Plan {
    /// Returns the plan of a seed for so many nodes, with those kinds that are possible.
    pub(super) fn new(seed: u64, nodes: usize, scene: Scene, possible: &[Kind]) -> Self {
        let kinds = possible.iter().copied().filter(|kind| match scene {
            Scene::All => true,
            Scene::Kills => matches!(kind, Kind::Kill | Kind::KillStarting),
            Scene::Cuts => matches!(kind, Kind::Cut | Kind::SuddenCut | Kind::CutStarting),
        });
        let (chance, kinds, deck) = (Chance(seed), kinds.collect(), Vec::new());
        Self { chance, kinds, deck, nodes, scene, drawn: 0 }
    }

    /// Returns whether nothing of what this plan is made of is possible.
    pub(super) const fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("a count is small");
        usize::try_from(self.chance.below(bound)).expect("it is below one")
    }

    /// Returns a fault for a node. Every kind comes in its turn, in an order that is drawn again each time all were
    /// there: a short run must not leave one out by chance.
    fn fault(&mut self, at: usize, network: bool) -> Option<Fault> {
        let fits = |kind: &Kind| kind.is_of_the_network() == network;
        if !self.deck.iter().any(fits) {
            self.deck.extend(self.kinds.iter().copied().filter(fits));
        }
        let left: Vec<Kind> = self.deck.iter().copied().filter(fits).collect();
        let pick = self.below(left.len().max(1));
        let away = 1 + self.below(self.nodes - 1);
        let how = self.chance.below(1_000);
        let kind = *left.get(pick)?;
        self.deck.retain(|other| *other != kind);
        Some(Fault { kind, at, with: (at + away) % self.nodes, how })
    }

    /// Returns up to `most` different nodes.
    fn places(&mut self, least: usize, most: usize) -> Vec<usize> {
        let count = least + self.below(most - least + 1);
        let first = self.below(self.nodes);
        (0..count).map(|step| (first + step) % self.nodes).collect()
    }
}

impl Iterator for Plan {
    type Item = Episode;

    fn next(&mut self) -> Option<Episode> {
        self.drawn += 1;
        if self.scene != Scene::All {
            let at = self.below(self.nodes);
            let faults = Vec::from_iter(self.fault(at, false));
            let calm_ms = self.chance.below(400);
            let converges = self.drawn.is_multiple_of(10);
            return Some(Episode { calm_ms, faults, lasts_ms: 0, converges });
        }
        let wires = self.places(0, 2);
        let homes = self.places(1, self.nodes);
        let mut faults: Vec<Fault> =
            wires.into_iter().filter_map(|at| self.fault(at, true)).collect();
        faults.extend(homes.into_iter().filter_map(|at| self.fault(at, false)));
        let (calm_ms, lasts_ms) = (self.chance.below(600), 200 + self.chance.below(3_800));
        let converges = self.drawn.is_multiple_of(3);
        Some(Episode { calm_ms, faults, lasts_ms, converges })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds() -> Vec<Kind> {
        KINDS.map(|(kind, ..)| kind).to_vec()
    }

    #[test]
    fn a_seed_names_a_run_and_every_kind_is_drawn() {
        let draw = |seed| Plan::new(seed, 3, Scene::All, &kinds()).take(200).collect::<Vec<_>>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        for kind in kinds() {
            let drawn = draw(7).iter().flat_map(|e| &e.faults).filter(|f| f.kind == kind).count();
            assert!(drawn > 3, "{kind:?} is drawn {drawn} times");
        }
    }

    #[test]
    fn nothing_is_drawn_that_a_machine_cannot_do() {
        let only = [Kind::Pause];
        let faults = Plan::new(7, 3, Scene::All, &only).take(50).flat_map(|episode| episode.faults);
        let mut drawn = 0;
        for fault in faults {
            assert_eq!(fault.kind, Kind::Pause);
            assert!(fault.at < 3 && fault.with < 3 && fault.at != fault.with);
            drawn += 1;
        }
        assert!(drawn >= 50, "{drawn}");
        assert!(Plan::new(7, 3, Scene::Cuts, &only).is_empty());
    }
}
