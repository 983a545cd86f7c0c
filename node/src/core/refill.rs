//! Copies of allies' logs that were found damaged at a start: they are fetched anew from their home or from others that
//! hold them, and cosign and promise nothing before they hold again what this node cosigned.

use std::{collections::BTreeMap, sync::Arc};

use ledger::mirror::{MirrorError, Refill};
use proto::{
    ids::CiteId,
    time::UnixMillis,
    wire::{Ask, Extend, Held},
};

use super::{Asked, Core, DISK_LEAST_FOR_COPIES, PeerKey};

/// How long nothing is fetched from a node that had nothing useful, in milliseconds.
const PUT_OFF_MS: u64 = 60_000;

/// Nodes remembered that say they hold a log: more than can be connected.
const OFFERS_MAX: usize = 256;

/// A copy on its way back.
pub(super) struct Refilling {
    pub(super) refill: Refill,
    /// Connected nodes that say they hold the log, and until when each is left alone.
    offers: BTreeMap<PeerKey, UnixMillis>,
    /// A range is under way from this node.
    asked: Option<PeerKey>,
    /// Who gave what came last: whoever began goes on, for another may tell another history.
    from: Option<PeerKey>,
}

impl Refilling {
    /// Forgets a node that is gone.
    pub(super) fn withdrawn(&mut self, peer: &PeerKey) {
        self.offers.remove(peer);
    }

    /// Makes everything due that was put off.
    pub(super) fn try_again(&mut self) {
        self.offers.values_mut().for_each(|not_before| *not_before = UnixMillis(0));
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
}

impl Core {
    /// Begins to fetch a damaged copy anew.
    pub(super) fn begin_refill(&mut self, cite: CiteId, error: &MirrorError) {
        match Refill::begin(Arc::clone(&self.disk), cite) {
            Ok(refill) => {
                let (here, of) = refill.progress();
                tracing::error!(%cite, %error, here, of, "a copy of an ally's log is damaged: it is fetched anew");
                self.keep_refill(cite, refill, BTreeMap::new(), None);
            }
            Err(error) => self.close_copy(cite, &error),
        }
    }

    fn keep_refill(
        &mut self,
        cite: CiteId,
        refill: Refill,
        offers: BTreeMap<PeerKey, UnixMillis>,
        from: Option<PeerKey>,
    ) {
        match refill.finish() {
            Ok(log) => {
                tracing::warn!(%cite, "the copy holds again what was cosigned");
                self.have_copy(cite, log);
            }
            Err(refill) => {
                self.closed.remove(&cite);
                let refilling = Refilling { refill: *refill, offers, asked: None, from };
                self.refills.insert(cite, refilling);
            }
        }
    }

    /// Notes which of the copies that are fetched anew a peer holds.
    pub(super) fn offered_copies(&mut self, peer: PeerKey, held: &[Held]) {
        for Held { cite, .. } in held {
            if let Some(refilling) = self.refills.get_mut(cite)
                && refilling.offers.len() < OFFERS_MAX
            {
                refilling.offers.entry(peer).or_default();
            }
        }
    }

    /// Goes on with all copies that are fetched anew.
    pub(super) fn refill(&mut self, now: UnixMillis) {
        let idle = self.refills.iter().filter(|(_, refilling)| refilling.asked.is_none());
        let idle: Vec<CiteId> = idle.map(|(cite, _)| *cite).collect();
        for cite in idle {
            self.refill_one(now, cite);
        }
    }

    fn refill_one(&mut self, now: UnixMillis, cite: CiteId) {
        // What is fetched must leave room for the node's own log.
        if self.disk_free < DISK_LEAST_FOR_COPIES {
            return;
        }
        let home = self.neighbours.node_of(&cite);
        let Some(refilling) = self.refills.get_mut(&cite) else { return };
        // It holds its own log, whatever it said when.
        if let Some(home) = home {
            refilling.offers.entry(home).or_default();
        }
        let ready = refilling.offers.iter().filter(|(_, not_before)| **not_before <= now);
        let rank = |peer: &PeerKey| (refilling.from == Some(*peer), home == Some(*peer));
        let best = ready.map(|(peer, _)| *peer).max_by_key(rank);
        let Some(peer) = best else { return };
        let ask = Ask::Range { cite, incarnation: 0, from: refilling.refill.progress().0 };
        let asked = self.ask(now, peer, &ask, Asked::Refill(cite, peer));
        if let Some(refilling) = self.refills.get_mut(&cite).filter(|_| asked) {
            refilling.asked = Some(peer);
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
        let Refilling { refill, mut offers, from, .. } = refilling;
        let taken = match extend {
            Some(extend) if extend.checkpoint.origin.cite == cite => refill.take(extend),
            _ => Ok((refill, false)),
        };
        let (refill, further) = match taken {
            Ok(taken) => taken,
            Err(error) => return self.close_copy(cite, &error),
        };
        let from = if further { Some(peer) } else { from.filter(|from| *from != peer) };
        if !further && let Some(not_before) = offers.get_mut(&peer) {
            *not_before = now.plus(PUT_OFF_MS);
        }
        self.keep_refill(cite, refill, offers, from);
        if further {
            self.refill_one(now, cite);
        }
    }
}
