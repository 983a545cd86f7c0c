//! The network between the nodes of a run: which ways are open, who believes to be connected with whom, and what
//! becomes of a frame. It carries, loses, doubles, delays and repeats; it never changes what is in a frame.

use std::collections::BTreeMap;

use node::core::{Input, PeerKey, ReplyTo};

use super::rates::Rates;
use crate::{
    disk::Chance,
    repeats::{Repeats, copies},
};

/// An ask on its way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) from: usize,
    pub(super) life: u64,
    pub(super) to: usize,
    pub(super) token: u64,
    /// Whether an older answer of the same node may stand for the one that was asked for.
    pub(super) repeatable: bool,
}

/// The network.
pub(super) struct Wires {
    chance: Chance,
    /// Whether it is as faulty as the rates say; else it only delays.
    pub(super) faulty: bool,
    /// Ways that are closed, by how many causes.
    closed: BTreeMap<(usize, usize), u32>,
    /// Who believes to be connected with whom: with which life of it, and by which key it knows it.
    stands: BTreeMap<(usize, usize), (u64, PeerKey)>,
    /// Looks in a row in which a connection was found dead.
    dead: BTreeMap<(usize, usize), u64>,
    repeats: Repeats,
}

impl Wires {
    pub(super) const fn new(chance: Chance) -> Self {
        Self {
            chance,
            faulty: false,
            closed: BTreeMap::new(),
            stands: BTreeMap::new(),
            dead: BTreeMap::new(),
            repeats: Repeats::new(),
        }
    }

    fn happens(&mut self, rate: u64) -> bool {
        self.faulty && self.chance.below(100) < rate
    }

    /// Closes or opens a way for one cause.
    pub(super) fn close(&mut self, way: (usize, usize), closed: bool) {
        let causes = self.closed.entry(way).or_default();
        *causes = if closed { *causes + 1 } else { causes.saturating_sub(1) };
    }

    /// Opens all ways, and is faulty no more.
    pub(super) fn heal(&mut self) {
        self.closed.clear();
        self.faulty = false;
    }

    pub(super) fn is_open(&self, from: usize, to: usize) -> bool {
        self.closed.get(&(from, to)).is_none_or(|causes| *causes == 0)
    }

    /// Returns with which life of `other` the node at `end` believes to be connected, if with any.
    pub(super) fn stands(&self, end: usize, other: usize) -> Option<u64> {
        self.stands.get(&(end, other)).map(|(life, _)| *life)
    }

    /// Returns by which key the node at `end` knows the one that it believes to be connected with.
    pub(super) fn known_as(&self, end: usize, other: usize) -> Option<PeerKey> {
        self.stands.get(&(end, other)).map(|(_, key)| *key)
    }

    /// Notes what an end is about to be told of a connection.
    pub(super) fn note(&mut self, end: usize, other: usize, life: Option<(u64, PeerKey)>) {
        self.dead.remove(&(end, other));
        match life {
            Some(life) => self.stands.insert((end, other), life),
            None => self.stands.remove(&(end, other)),
        };
    }

    /// Returns whether an end, which looks every other second, has waited long enough for the other to give it up.
    pub(super) fn gives_up(&mut self, end: usize, other: usize) -> bool {
        let looks = self.dead.entry((end, other)).or_default();
        *looks += 1;
        *looks > 2 + self.chance.below(12)
    }

    /// Returns after how long each copy of a frame arrives; nothing when it is lost.
    pub(super) fn arrivals(&mut self, rates: &Rates) -> Vec<u64> {
        let copies = copies(self.happens(rates.lost), self.happens(rates.doubled));
        (0..copies).map(|_| self.way(rates)).collect()
    }

    /// Returns how long a frame takes.
    pub(super) fn way(&mut self, rates: &Rates) -> u64 {
        let held_up = if self.happens(rates.late) { self.chance.below(rates.late_ms) } else { 0 };
        1 + rates.way_ms + self.chance.below(rates.jitter_ms) + held_up
    }

    /// Returns whether the shell of a node, against its word, never says that an ask is not answered.
    pub(super) fn forgets(&mut self) -> bool {
        self.happens(5)
    }

    /// Remembers an ask or a piece of gossip.
    pub(super) fn remember(&mut self, to: usize, input: &Input) {
        self.repeats.remember(&mut self.chance, to, input.clone());
    }

    /// Returns what arrives once more in this second, and at whom. Whatever is answered goes nowhere.
    pub(super) fn repeated(&mut self, rates: &Rates, nowhere: u64) -> Option<(usize, Input)> {
        if self.repeats.is_empty() || !self.happens(rates.repeated) {
            return None;
        }
        let (to, mut input) = self.repeats.again(&mut self.chance)?;
        if let Input::Asked { reply_to, .. } = &mut input {
            *reply_to = ReplyTo(nowhere);
        }
        Some((to, input))
    }

    /// Returns what arrives for an answer: itself, or an older one.
    pub(super) fn answer(&mut self, rates: &Rates, sent: Sent, frame: Vec<u8>) -> Vec<u8> {
        if !sent.repeatable {
            return frame;
        }
        let stale = self.happens(rates.stale);
        self.repeats.answer(&mut self.chance, (sent.from, sent.to), stale, frame)
    }
}
