//! Hellos: who a node is and what it holds, said on connecting and in rounds of anti-entropy.

use std::collections::BTreeSet;

use ledger::proof::verify_founding;
use proto::{
    ids::CiteId,
    time::{UnixMillis, UtcDay},
    wire::{Ask, Held, Hello, Neighbour},
};

use super::{Asked, Core, Output, PeerKey, Writer, neighbours::Said};

/// Time between two rounds of anti-entropy, in milliseconds, and how much it is varied.
pub(crate) const ROUND_MS: u64 = 600_000;
const ROUND_JITTER_MS: u64 = 120_000;

/// Time between two tries to send letters that wait, in milliseconds.
const LETTERS_MS: u64 = 5_000;

/// What is due when.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    next: UnixMillis,
    letters: UnixMillis,
    /// The last day on which letters and applications that had ended were removed.
    swept: Option<UtcDay>,
    /// From which neighbour on others are named, so that in time all are.
    named: usize,
}

impl Core {
    /// Notes a new connection, and says hello.
    pub(crate) fn connected(&mut self, now: UnixMillis, peer: PeerKey) {
        let named = |(cite, key): (CiteId, PeerKey)| (key == peer).then_some(cite);
        let mut cites = self.state().peers().map(|at| (at.cite, at.network_key)).filter_map(named);
        // Two accounts may name one key; then only its node can say whose it is.
        let cite = cites.next().filter(|_| cites.next().is_none());
        drop(cites);
        self.neighbours.connected(peer, cite, now);
        if let Some(log) = cite.and_then(|cite| self.mirrors.get_mut(&cite)) {
            log.offer_again();
        }
        self.say_hello(now, peer);
    }

    /// Notes that a connection is gone: what was assumed about the peer no longer holds.
    pub(crate) fn disconnected(&mut self, peer: &PeerKey) {
        if let Some(cite) = self.neighbours.cite_of(peer) {
            self.push_again(&cite);
            self.deliver_again(&cite);
            self.clock.forget(&cite);
        }
        self.withdrawn(peer);
        self.refills.values_mut().for_each(|refilling| refilling.withdrawn(peer));
        self.heirs.readers.remove(peer);
        self.forget_told(peer);
        self.pass_no_more(peer);
        self.neighbours.disconnected(peer);
    }

    /// Says hello to a peer, which answers in kind.
    pub(crate) fn say_hello(&mut self, now: UnixMillis, peer: PeerKey) {
        let hello = self.hello(now, None);
        self.ask(now, peer, &Ask::Hello(hello), Asked::Hello(peer));
    }

    /// Returns what this node says about itself and about some others: first of all about the cité `to`, so
    /// that a node whose root gave it up hears of it.
    pub(crate) fn hello(&mut self, now: UnixMillis, to: Option<CiteId>) -> Hello {
        let incarnation = self.state().mirrors().map_or(0, |mirrors| mirrors.incarnation);
        let own = Held { cite: self.cite(), incarnation, size: self.state().head().size };
        let mirrored = self.mirrors.iter().map(|(cite, log)| Held {
            cite: *cite,
            incarnation: log.incarnation(),
            size: log.size(),
        });
        let held = core::iter::once(own).chain(mirrored).take(Hello::HELD_MAX).collect();
        let kin = self.kin();
        // Hearsay goes no further: one liar's inventions would fill everybody's list.
        let heard = self.neighbours.all().filter(|(c, n)| n.seen.is_some() || kin.contains(c));
        let known = heard.clone().count();
        let itself = to.and_then(|cite| self.neighbours.all().find(|(known, _)| **known == cite));
        let in_turn = heard.cycle().skip(self.rounds.named).take(known.min(Hello::OTHERS_MAX));
        let others = itself
            .into_iter()
            .chain(in_turn)
            .take(Hello::OTHERS_MAX)
            .map(|(_, neighbour)| Neighbour {
                founding: neighbour.signed.clone(),
                addresses: neighbour.addresses.clone(),
            })
            .collect();
        self.rounds.named =
            self.rounds.named.saturating_add(Hello::OTHERS_MAX).checked_rem(known).unwrap_or(0);
        Hello {
            founding: self.signed_founding.clone(),
            addresses: self.addresses(),
            held,
            others,
            now,
        }
    }

    /// Returns where this node is to be called. Nowhere when its image was restored or copied, or overtaken: the cité's
    /// node listens elsewhere, or will.
    pub(crate) fn addresses(&self) -> Vec<String> {
        match self.writer {
            Writer::Restored(_) | Writer::Overtaken(_) => Vec::new(),
            _ => self.listening.iter().take(4).cloned().collect(),
        }
    }

    /// Takes in a peer's hello, asked or answered. What it says about a cité's addresses counts only when
    /// that cité's record names the peer's key.
    pub(crate) fn heard_hello(&mut self, now: UnixMillis, peer: PeerKey, hello: Hello) {
        self.offered(now, peer, &hello.held);
        self.offered_copies(now, peer, &hello.held);
        let record = verify_founding(&hello.founding).ok();
        let itself = record.as_ref().is_some_and(|record| record.keys().network == peer);
        if let Some(record) = record.filter(|record| !self.counts(record)) {
            self.meet_heirs(peer, &record);
        }
        let said = Neighbour { founding: hello.founding, addresses: hello.addresses };
        if itself && let Some(cite) = self.learn(said, Said::ByItself) {
            self.neighbours.identify(peer, cite, now);
            self.follow_held(now, peer, cite, &hello.held);
            self.tell_evidence(now, peer);
        }
        let by = self.neighbours.cite_of(&peer).filter(|_| self.is_mirror_of_own(&peer));
        for other in hello.others {
            if by.is_some() {
                self.compare_keys(&other.founding, by);
            }
            self.learn(other, Said::ByAnother);
        }
    }

    /// Learns a cité from its founding record; returns it unless its keys do not count, or there is no room for it here.
    pub(crate) fn learn(&mut self, neighbour: Neighbour, said: Said) -> Option<CiteId> {
        self.compare_keys(&neighbour.founding, None);
        if !self.signed_counts(&neighbour.founding) {
            return None;
        }
        self.take_in(neighbour, said)
    }

    /// Learns the same where its keys are known to count.
    pub(crate) fn take_in(&mut self, neighbour: Neighbour, said: Said) -> Option<CiteId> {
        self.prefer_the_root(&neighbour.founding);
        let kin = self.kin();
        self.neighbours.learn(neighbour, said, &kin)
    }

    /// Returns the cités that matter here whatever others say: those with an account, the mirrors of this
    /// log, and those whose log is copied here.
    pub(crate) fn kin(&self) -> BTreeSet<CiteId> {
        self.allies().into_iter().chain(self.mirrors.keys().copied()).collect()
    }

    /// Lets the next round begin at once.
    pub(crate) fn begin_round(&mut self) {
        self.rounds.next = UnixMillis::default();
    }

    /// Says hello to one peer of an ally and one other, every ten minutes or so; sends letters that wait.
    pub(crate) fn anti_entropy(&mut self, now: UnixMillis) {
        if self.rounds.letters <= now {
            self.rounds.letters = now.plus(LETTERS_MS);
            self.send_letters(now);
        }
        // Under a clock that nobody believes yet, or any more, everything might seem to have ended.
        let believed = self.home().is_some() && !self.clock.is_doubted();
        if self.rounds.swept != Some(now.day()) && believed {
            self.rounds.swept = Some(now.day());
            self.sweep(now);
        }
        if self.rounds.next > now {
            return;
        }
        let jitter = self.chance.below(ROUND_JITTER_MS);
        self.rounds.next = now.plus(ROUND_MS).plus(jitter);
        self.announce(now);
        // A cité that was convicted before an account was opened with it matters now.
        self.keep_evidence();
        let (allies, others): (Vec<PeerKey>, Vec<PeerKey>) = {
            let state = self.state();
            let is_ally = |cite: &CiteId| state.peer(cite).is_some();
            let connected: Vec<_> = self.neighbours.connections().collect();
            let (allies, others): (Vec<_>, Vec<_>) = connected
                .into_iter()
                .partition(|(_, connection)| connection.cite.as_ref().is_some_and(is_ally));
            let keys = |list: Vec<(&PeerKey, _)>| list.into_iter().map(|(key, _)| *key).collect();
            (keys(allies), keys(others))
        };
        for group in [allies, others] {
            let count = u64::try_from(group.len()).unwrap_or(0);
            let place = usize::try_from(self.chance.below(count)).unwrap_or(0);
            if let Some(peer) = group.get(place) {
                self.say_hello(now, *peer);
            }
        }
    }

    /// Tells the shell whom to keep connected, when that changed.
    pub(crate) fn keep_in_touch(&mut self) {
        let allies: Vec<CiteId> = self.state().peers().map(|peer| peer.cite).collect();
        let mut keep = self.neighbours.to_keep(allies.into_iter());
        keep.retain(|(node, _)| !self.blocks.names(node));
        if keep != self.kept {
            self.kept.clone_from(&keep);
            self.out.push(Output::Keep(keep));
        }
    }
}
