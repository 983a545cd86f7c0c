//! Copies of allies' logs that were found damaged at a start: they are fetched anew from their home or from others that
//! hold them, and cosign and promise nothing before they hold again what this node cosigned. Whoever gives is not
//! believed: what is here gives way to what others hold.

use std::sync::Arc;

use ledger::mirror::{MirrorError, Refill, Taken};
use proto::{
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Extend, Held},
};

use super::{
    Asked, Core, DISK_LEAST_FOR_COPIES, PeerKey,
    offers::{Offers, Rank, is_drip},
    scaled,
};

/// How long what is here stands against the word of those who are known no better than who gave it, in milliseconds
/// without anything useful: as long as a node is put off, so that its connection may break and come again. So all liars
/// together have no more than one log a minute given up.
const STANDS_MS: u64 = 60_000;

/// How long it stands at first against the word of those who are known as well, useful or not, in milliseconds; twice as
/// long each time that it was given up. Nobody can tell a log that comes slowly from one that a liar makes up, a range a
/// minute: so each has its turn, and the turns grow until whoever holds it is through in one.
const TURN_MS: u64 = STANDS_MS;

/// The longest turn, in milliseconds.
const TURN_LONGEST_MS: u64 = 86_400_000;

/// A copy on its way back.
pub(super) struct Refilling {
    pub(super) refill: Refill,
    /// What connected nodes say that they hold.
    offers: Offers,
    /// A range is under way from this node.
    asked: Option<PeerKey>,
    /// Who gave what came last; nobody, where all that is here lay on the disk.
    from: Option<PeerKey>,
    /// How well that one was known, and when it came.
    rank: Rank,
    came: UnixMillis,
    /// When the first of what was fetched came, and how long it stands against those who are known as well.
    began: UnixMillis,
    turn_ms: u64,
}

impl Refilling {
    /// What lay on the disk counts as much as what any cité's node gives.
    fn of(now: UnixMillis, refill: Refill) -> Self {
        let (offers, rank) = (Offers::default(), Rank::Cite);
        let (came, began, turn_ms) = (now, now, TURN_MS);
        Self { refill, offers, asked: None, from: None, rank, came, began, turn_ms }
    }

    /// Forgets what a node said that is gone.
    pub(super) fn withdrawn(&mut self, peer: &PeerKey) {
        self.offers.withdraw(peer);
        self.asked = self.asked.filter(|asked| asked != peer);
    }

    /// Makes everything due that was put off: the clock was set to `now`.
    pub(super) fn try_again(&mut self, now: UnixMillis) {
        self.offers.try_again();
        (self.came, self.began) = (now, now);
    }

    /// Returns whether what was fetched had its turn: others who are known as well are heard.
    const fn had_its_turn(&self, now: UnixMillis) -> bool {
        now.since(self.began) >= self.turn_ms
    }

    /// Returns whether what is here goes, where somebody of this rank has something else.
    fn gives_way(&self, now: UnixMillis, rank: Rank) -> bool {
        rank > self.rank
            || now.since(self.came) >= STANDS_MS
            || (rank == self.rank && self.had_its_turn(now))
    }

    /// Returns what its home must hear that may have forgotten it: the newest checkpoint that was cosigned. Entries are
    /// for those who have them.
    pub(super) fn cosigned(&self, from: u64) -> Option<Extend> {
        Some(Extend {
            founding: self.refill.signed_founding().clone(),
            checkpoint: *self.refill.checkpoint()?,
            from,
            entries: Vec::new(),
            certificate: None,
            sidecars: Vec::new(),
        })
    }

    /// Takes in what a peer gave. Whoever has nothing useful is left alone for a while; what is here goes where the peer
    /// has something else, and is known better than who gave it, or as well and it had its turn, or nothing useful came
    /// for a while.
    fn take(
        mut self,
        now: UnixMillis,
        (peer, rank): (PeerKey, Rank),
        extend: Option<&Extend>,
    ) -> Result<Self, MirrorError> {
        self.asked = self.asked.filter(|asked| *asked != peer);
        let (_, all) = self.refill.progress();
        let (refill, taken) = match extend.filter(|extend| !is_drip(extend, all)) {
            Some(extend) => self.refill.take(extend)?,
            None => (self.refill, Taken::Nothing),
        };
        let mut next = Self { refill, ..self };
        match taken {
            Taken::Further => {
                next.offers.was_useful(&peer);
                next.began = next.from.map_or(now, |_| next.began);
                (next.from, next.rank, next.came) = (Some(peer), rank, now);
            }
            Taken::Contradicts if next.gives_way(now, rank) => {
                next.offers.put_givers_off(now);
                let refill = next.refill.give_up()?;
                let turn_ms = next.turn_ms.saturating_mul(2).min(TURN_LONGEST_MS);
                next = Self { refill, from: None, rank: Rank::Cite, turn_ms, ..next };
            }
            Taken::Contradicts | Taken::Nothing => next.offers.put_off(now, peer),
        }
        Ok(next)
    }
}

impl Core {
    /// Begins to fetch a damaged copy anew.
    pub(super) fn begin_refill(&mut self, cite: CiteId, error: &MirrorError) {
        match Refill::begin(Arc::clone(&self.disk), cite) {
            Ok(refill) => {
                let (here, of) = refill.progress();
                tracing::error!(%cite, %error, here, of, "a copy of an ally's log is damaged: it is fetched anew");
                // Long after the start it stands as long as one that was found at that.
                let now = self.clock.seen().unwrap_or_else(|| scaled(self.started, self.ahead));
                self.keep_refill(cite, Refilling::of(now, refill));
            }
            Err(error) => self.close_copy(cite, &error),
        }
    }

    fn keep_refill(&mut self, cite: CiteId, refilling: Refilling) {
        match refilling.refill.finish() {
            Ok(log) => {
                tracing::warn!(%cite, "the copy holds again what was cosigned");
                self.have_copy(cite, log);
            }
            Err(refill) => {
                self.closed.remove(&cite);
                self.refills.insert(cite, Refilling { refill: *refill, ..refilling });
            }
        }
    }

    /// Notes what a peer holds of the copies that are fetched anew.
    pub(super) fn offered_copies(&mut self, now: UnixMillis, peer: PeerKey, held: &[Held]) {
        for (cite, refilling) in &mut self.refills {
            match held.iter().find(|held| held.cite == *cite) {
                Some(held) => refilling.offers.note(now, peer, held.incarnation, held.size),
                None => refilling.offers.withdraw(&peer),
            }
        }
    }

    /// Goes on with all copies that are fetched anew.
    pub(super) fn refill(&mut self, now: UnixMillis) {
        let cites: Vec<CiteId> = self.refills.keys().copied().collect();
        for cite in cites {
            self.refill_one(now, cite);
        }
    }

    fn refill_one(&mut self, now: UnixMillis, cite: CiteId) {
        let home = self.neighbours.node_of(&cite);
        let Some(refilling) = self.refills.get_mut(&cite) else { return };
        // What is fetched must leave room for the node's own log.
        if refilling.asked.is_some() || self.disk_free < DISK_LEAST_FOR_COPIES {
            return;
        }
        // It holds its own log, whatever it said when.
        if let Some(home) = home {
            refilling.offers.note(now, home, 0, u64::MAX);
        }
        let Some(refilling) = self.refills.get(&cite) else { return };
        let (from, all) = refilling.refill.progress();
        let rank = |peer: &PeerKey| self.rank(cite, &refilling.refill, peer);
        let holds_all = |_, size| size >= all;
        // Whoever began goes on for its turn: others may hold something else, and are heard then.
        let others = refilling.had_its_turn(now);
        let preferred = |peer: &PeerKey| (refilling.from == Some(*peer)) != others;
        let best = refilling.offers.best(now, preferred, holds_all, rank);
        let Some((peer, _)) = best else { return };
        let ask = Ask::Range { cite, incarnation: 0, from };
        let asked = self.ask(now, peer, &ask, Asked::Refill(cite, peer));
        if let Some(refilling) = self.refills.get_mut(&cite).filter(|_| asked) {
            refilling.asked = Some(peer);
        }
    }

    /// Returns how well a peer is known of whom a log may be fetched.
    fn rank(&self, cite: CiteId, refill: &Refill, peer: &PeerKey) -> Rank {
        match self.neighbours.cite_of(peer) {
            _ if self.neighbours.node_of(&cite) == Some(*peer) => Rank::Home,
            _ if self.neighbours.is_friend(peer) => Rank::Friend,
            None => Rank::Nobody,
            Some(of) if refill.is_witness(&of) => Rank::Mirror,
            Some(_) => Rank::Cite,
        }
    }

    /// Takes in what somebody holds of a log whose copy was damaged.
    pub(super) fn refilled(
        &mut self,
        now: UnixMillis,
        cite: CiteId,
        peer: PeerKey,
        extend: Option<&Extend>,
    ) {
        let Some(refilling) = self.refills.remove(&cite) else { return };
        let rank = self.rank(cite, &refilling.refill, &peer);
        match refilling.take(now, (peer, rank), extend) {
            Ok(refilling) => self.keep_refill(cite, refilling),
            Err(error) => return self.close_copy(cite, &error),
        }
        self.refill_one(now, cite);
    }
}
