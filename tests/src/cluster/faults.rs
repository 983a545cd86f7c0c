//! A network that loses, doubles, delays and repeats what it carries, drops connections, and gives up
//! on asks or forgets them; all from one seed. It never forges: every frame was sent by who it names.

use node::core::Input;
use proto::{
    checkpoint::Checkpoint,
    codec::Canonical as _,
    wire::{Ask, Gossip},
};

use crate::{
    disk::Chance,
    repeats::{Repeats, any, copies},
};

/// How often what happens, of a hundred times; delays in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// A frame does not arrive.
    pub lost: u64,
    /// A frame arrives once more.
    pub doubled: u64,
    /// A frame takes some seconds, and others overtake it.
    pub late: u64,
    /// The longest delay.
    pub late_max: u64,
    /// In a second an old ask or an old piece of gossip arrives again.
    pub repeated: u64,
    /// An answer is one that the same node gave to the same node before.
    pub stale: u64,
    /// In a second a connection breaks, for some seconds.
    pub broken: u64,
}

impl Rates {
    /// Returns the rates of a seed: from a good network to one in which every other frame is lost.
    fn drawn(chance: &mut Chance) -> Self {
        Self {
            lost: chance.below(50),
            doubled: chance.below(40),
            late: chance.below(70),
            late_max: 1 + chance.below(20),
            repeated: chance.below(60),
            stale: chance.below(10),
            broken: chance.below(8),
        }
    }
}

/// What a frame is, as far as the network is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sent {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether an older answer of the same node may stand for the one that was asked for: not where a
    /// person waits for it, for that answer is believed as the node gives it.
    pub(super) repeatable: bool,
}

/// A faulty network.
pub(super) struct Faults {
    chance: Chance,
    pub(super) rates: Rates,
    repeats: Repeats,
}

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        let mut chance = Chance(seed);
        let rates = Rates::drawn(&mut chance);
        Self { chance, rates, repeats: Repeats::new() }
    }

    fn happens(&mut self, rate: u64) -> bool {
        self.chance.below(100) < rate
    }

    fn delay(&mut self) -> u64 {
        if self.happens(self.rates.late) { self.chance.below(self.rates.late_max + 1) } else { 0 }
    }

    /// Returns after how many seconds each copy of a frame arrives; nothing when it is lost.
    pub(super) fn arrivals(&mut self) -> Vec<u64> {
        let copies = copies(self.happens(self.rates.lost), self.happens(self.rates.doubled));
        (0..copies).map(|_| self.delay()).collect()
    }

    /// Returns after how many seconds the shell of a node gives up a lost ask, if it ever does.
    pub(super) fn gives_up(&mut self) -> Option<u64> {
        let late_max = self.rates.late_max;
        (!self.happens(20)).then(|| self.chance.below(late_max + 10))
    }

    /// Remembers an ask or a piece of gossip.
    pub(super) fn remember(&mut self, to: usize, input: Input) {
        self.repeats.remember(&mut self.chance, to, input);
    }

    /// Returns what arrives for an answer: itself, or an older one.
    pub(super) fn answer(&mut self, sent: Sent, frame: Vec<u8>) -> Vec<u8> {
        if !sent.repeatable {
            return frame;
        }
        let stale = self.happens(self.rates.stale);
        self.repeats.answer(&mut self.chance, (sent.from, sent.to), stale, frame)
    }

    /// Returns what arrives once more in this second, and at whom.
    pub(super) fn repeated(&mut self) -> Option<(usize, Input)> {
        if self.repeats.is_empty() || !self.happens(self.rates.repeated) {
            return None;
        }
        self.repeats.again(&mut self.chance)
    }

    /// Returns the connection that breaks in this second among `places`, and for how many seconds.
    pub(super) fn broken(&mut self, places: usize) -> Option<(usize, usize, u64)> {
        if !self.happens(self.rates.broken) {
            return None;
        }
        let (a, b) = (self.any(places), self.any(places));
        (a != b).then(|| (a, b, 1 + self.chance.below(10)))
    }

    /// Puts frames into another order; what is no frame keeps its place before them.
    pub(super) fn shuffle(&mut self, inbox: Vec<(usize, Input)>) -> Vec<(usize, Input)> {
        let (mut frames, mut all): (Vec<_>, Vec<_>) =
            inbox.into_iter().partition(|(_, input)| is_frame(input));
        for at in (1..frames.len()).rev() {
            frames.swap(at, self.any(at + 1));
        }
        all.append(&mut frames);
        all
    }

    fn any(&mut self, below: usize) -> usize {
        any(&mut self.chance, below)
    }
}

fn is_frame(input: &Input) -> bool {
    matches!(input, Input::Asked { .. } | Input::Answered { .. } | Input::Gossiped { .. })
}

/// Returns whether a frame may tell a node of evidence, or of another history.
pub(super) fn tells_evidence(input: &Input) -> bool {
    match input {
        Input::Asked { frame, .. } => matches!(Ask::decode(frame), Ok(Ask::Evidence(_))),
        Input::Gossiped { .. } => true,
        _ => false,
    }
}

/// Returns whether older answers may stand for those to this ask.
pub(super) fn is_repeatable(ask: &[u8]) -> bool {
    !matches!(Ask::decode(ask), Ok(Ask::Desk { .. } | Ask::Letter(_)))
}

/// Returns the checkpoints that an ask between nodes carries.
pub(super) fn checkpoints_in_ask(frame: &[u8]) -> Vec<Checkpoint> {
    match Ask::decode(frame) {
        Ok(Ask::Extend(extend)) => {
            let certificate = extend.certificate.map(|certificate| certificate.checkpoint);
            std::iter::once(extend.checkpoint).chain(certificate).collect()
        }
        Ok(Ask::Deliver(delivery)) => vec![delivery.proof.certificate.checkpoint],
        _ => Vec::new(),
    }
}

/// Returns the checkpoint that gossip carries.
pub(super) fn checkpoint_in_gossip(frame: &[u8]) -> Option<Checkpoint> {
    match Gossip::decode(frame) {
        Ok(Gossip::Certificate { certificate, .. }) => Some(certificate.checkpoint),
        _ => None,
    }
}
