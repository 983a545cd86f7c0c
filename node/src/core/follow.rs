//! Following a copied log whose home is away: what a neighbour holds more of it is asked for. The home itself pushes, and
//! nobody's word is taken for it.

use ledger::mirror::MirrorLog;
use proto::{
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Extend, Held, decline},
};

use super::{Asked, Core, PeerKey, Writer, offers::is_drip};

impl Core {
    /// Asks for what a peer holds more of logs that are mirrored here.
    pub(super) fn follow_held(
        &mut self,
        now: UnixMillis,
        peer: PeerKey,
        from: CiteId,
        held: &[Held],
    ) {
        for Held { cite, incarnation, size } in held {
            let same = |log: &MirrorLog| log.incarnation() == *incarnation;
            let behind = self.mirrors.get(cite).is_some_and(|log| same(log) && log.size() < *size);
            if *cite != from && behind {
                self.ask_range(now, peer, *cite);
            }
        }
    }

    /// Asks for what comes next of a log whose home is not connected, unless the peer led the copy astray of late.
    fn ask_range(&mut self, now: UnixMillis, peer: PeerKey, cite: CiteId) {
        let giver = self.giver(cite, &peer);
        let Some(log) = self.mirrors.get(&cite) else { return };
        let is_there = self.neighbours.node_of(&cite).is_some();
        if is_there || self.astray.told(now, cite, giver).is_some() {
            return;
        }
        let (incarnation, from) = (log.incarnation(), log.store().len());
        let ask = Ask::Range { cite, incarnation, from };
        self.ask(now, peer, &ask, Asked::Follow(cite, peer, from));
    }

    /// Takes in what a peer had of a log who was asked for what comes from a leaf on, and goes on asking while it has more.
    /// Only where the copy is not as it was when that was asked, be it by others: whoever holds nothing useful is not asked
    /// for ever.
    pub(super) fn followed(
        &mut self,
        now: UnixMillis,
        cite: CiteId,
        peer: PeerKey,
        from: u64,
        extend: &Extend,
    ) {
        if extend.from != from || self.neighbours.node_of(&cite).is_some() {
            return;
        }
        if self.copied_size(&cite) == from {
            self.follow(now, cite, &peer, extend);
        }
        let here = self.copied_size(&cite);
        if here != from && here < extend.checkpoint.head.size {
            self.ask_range(now, peer, cite);
        }
    }

    fn follow(&mut self, now: UnixMillis, cite: CiteId, peer: &PeerKey, extend: &Extend) {
        let giver = self.giver(cite, peer);
        if self.astray.told(now, cite, giver).is_some() {
            return;
        }
        let may_vouch = matches!(self.writer, Writer::Signing(_)) && !self.clock.is_doubted();
        let counts = self.signed_counts(&extend.founding);
        let takes = may_vouch && counts && self.has_room_for(extend);
        if extend.checkpoint.origin.cite != cite || !takes {
            return;
        }
        let (from, until) = (extend.from, extend.checkpoint.head.size);
        if until > from && (extend.entries.is_empty() || is_drip(extend, until)) {
            return self.astray.leave_alone(now, cite, giver, decline::BAD_ENTRY, from);
        }
        self.extend_mirror(now, cite, giver, extend);
    }

    /// Returns how many entries of a log are copied here, cosigned or not.
    fn copied_size(&self, cite: &CiteId) -> u64 {
        self.mirrors.get(cite).map_or(0, |log| log.store().len())
    }
}
