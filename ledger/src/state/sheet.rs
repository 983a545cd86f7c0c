//! What a public sheet and a receipt say of the other cités, read from a state. Decides nothing.

use proto::{desk::PeerSheet, ids::CiteId};

use super::State;
use crate::object::{MirrorsState, PeerState};

impl State {
    /// Returns what this log says of another cité, for a public sheet. Whether that one opened an account
    /// as well stands in no log of this cité's: the caller says it.
    pub fn peer_sheet(&self, peer: &PeerState, opened_there: bool) -> PeerSheet {
        PeerSheet {
            cite: peer.cite,
            slug: peer.slug.clone(),
            balance: peer.balance,
            line: peer.line,
            renewed: peer.renewed,
            sent: peer.sent,
            received: peer.received,
            open: peer.open,
            open_minutes: u64::try_from(peer.open_minutes.0).unwrap_or(0),
            waiting_since: self.opens(peer.cite, peer.sent).next().map(|(_, open)| open.time),
            opened_there,
            ended: self.has_ended(&peer.cite),
        }
    }

    /// Returns whether a transfer to a cité is still on its way, or waits there.
    pub fn is_open(&self, peer: CiteId, counter: u64) -> bool {
        self.opens.contains_key(&(peer, counter))
    }

    /// Returns the cités that may cosign the log, for a public sheet: those in force, and those chosen.
    pub fn cosigners(&self) -> Vec<CiteId> {
        let mirrors = self.mirrors().map(MirrorsState::all).unwrap_or_default();
        mirrors.iter().map(|mirror| mirror.cite).collect()
    }
}
