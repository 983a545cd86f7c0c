//! What a faulty network carried before and may carry again: asks, gossip, and answers that stand for later ones. Who
//! loses and delays keeps one of these; how often anything comes again, it decides itself.

use std::collections::BTreeMap;

use node::core::Input;

use crate::disk::Chance;

/// Frames of each sort that may come again; one of them makes room.
const KEPT_MAX: usize = 64;

/// Frames that were carried.
#[derive(Default)]
pub(crate) struct Repeats {
    /// Asks and gossip: to whom, and what.
    carried: Vec<(usize, Input)>,
    /// Answers, by who gave them to whom.
    answers: BTreeMap<(usize, usize), Vec<Vec<u8>>>,
}

impl Repeats {
    pub(crate) const fn new() -> Self {
        Self { carried: Vec::new(), answers: BTreeMap::new() }
    }

    /// Returns whether there is nothing that could come again.
    pub(crate) const fn is_empty(&self) -> bool {
        self.carried.is_empty()
    }

    /// Remembers an ask or a piece of gossip.
    pub(crate) fn remember(&mut self, chance: &mut Chance, to: usize, input: Input) {
        if self.carried.len() >= KEPT_MAX {
            self.carried.swap_remove(any(chance, KEPT_MAX));
        }
        self.carried.push((to, input));
    }

    /// Returns one of those that are remembered, and at whom it arrives.
    pub(crate) fn again(&self, chance: &mut Chance) -> Option<(usize, Input)> {
        self.carried.get(any(chance, self.carried.len())).cloned()
    }

    /// Returns what arrives for an answer from one node to another: itself, or an older one where it is `stale`.
    pub(crate) fn answer(
        &mut self,
        chance: &mut Chance,
        way: (usize, usize),
        stale: bool,
        frame: Vec<u8>,
    ) -> Vec<u8> {
        let at = any(chance, KEPT_MAX);
        let older = self.answers.entry(way).or_default();
        let arrives = match older.get(at % older.len().max(1)) {
            Some(older) if stale => older.clone(),
            _ => frame.clone(),
        };
        if older.len() >= KEPT_MAX {
            older.remove(0);
        }
        older.push(frame);
        arrives
    }
}

/// Returns how many copies of a frame arrive.
pub(crate) const fn copies(lost: bool, doubled: bool) -> u64 {
    match (lost, doubled) {
        (true, false) => 0,
        (false, false) | (true, true) => 1,
        (false, true) => 2,
    }
}

/// Returns a number below a bound.
pub(crate) fn any(chance: &mut Chance, below: usize) -> usize {
    let bound = u64::try_from(below).expect("a machine has 64 bits");
    usize::try_from(chance.below(bound)).expect("below a usize")
}
