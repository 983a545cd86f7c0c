//! Following a copied log whose home is away: what a neighbour holds more of it is asked for. The home itself pushes, and
//! nobody's word is taken for it.

use ledger::mirror::MirrorLog;
use proto::{
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Extend, Held},
};

use super::{Asked, Core, PeerKey, Writer};

impl Core {
    /// Asks for what a peer holds more of logs that are mirrored here and whose home is not connected.
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
            if *cite != from && behind && self.neighbours.node_of(cite).is_none() {
                self.ask_range(now, peer, *cite, *incarnation);
            }
        }
    }

    fn ask_range(&mut self, now: UnixMillis, peer: PeerKey, cite: CiteId, incarnation: u32) {
        let Some(log) = self.mirrors.get(&cite) else { return };
        if self.astray.told(now, cite, self.giver(cite, &peer)).is_some() {
            return;
        }
        let ask = Ask::Range { cite, incarnation, from: log.store().len() };
        self.ask(now, peer, &ask, Asked::Follow(cite, peer));
    }

    /// Goes on asking the same peer while it holds more.
    pub(crate) fn follow_on(&mut self, now: UnixMillis, peer: PeerKey, cite: CiteId, size: u64) {
        let behind = self.mirrors.get(&cite).is_some_and(|log| log.store().len() < size);
        if behind {
            let incarnation = self.mirrors.get(&cite).map_or(0, MirrorLog::incarnation);
            self.ask_range(now, peer, cite, incarnation);
        }
    }

    /// Takes in entries of a log that a peer had who was asked for more.
    pub(crate) fn follow(
        &mut self,
        now: UnixMillis,
        cite: CiteId,
        peer: &PeerKey,
        extend: &Extend,
    ) {
        let giver = self.giver(cite, peer);
        if self.astray.told(now, cite, giver).is_some() {
            return;
        }
        let may_vouch = matches!(self.writer, Writer::Signing(_)) && !self.clock.is_doubted();
        let counts = self.signed_counts(&extend.founding);
        let takes = may_vouch && counts && self.has_room_for(extend);
        if extend.checkpoint.origin.cite == cite && takes {
            self.extend_mirror(now, cite, giver, extend);
        }
    }

    /// Returns how many entries of a log are copied here, cosigned or not.
    pub(crate) fn copied_size(&self, cite: &CiteId) -> u64 {
        self.mirrors.get(cite).map_or(0, |log| log.store().len())
    }
}
