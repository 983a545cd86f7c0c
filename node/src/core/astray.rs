//! Copies that were led astray: entries were taken in that lead to no checkpoint, and the copy had to be opened anew, which
//! costs a look at all of it. Who did so is left alone for a while; looks at no entry itself.

use std::collections::BTreeMap;

use proto::{ids::CiteId, time::UnixMillis, wire::Answer};

use super::{Core, PeerKey};

/// How long a home is told what it was told, in milliseconds: as long as it waits that was declined.
const HOME_AGAIN_MS: u64 = 5_000;

/// How long nothing is taken in from others, in milliseconds: nobody waits for what they hold.
const OTHERS_AGAIN_MS: u64 = 60_000;

/// Who gave entries of a copied log: its home and its mirrors each for themselves, all others together, for new keys cost
/// nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Giver {
    Home,
    Mirror(CiteId),
    Other,
}

/// Who led which copies astray of late: at most a home, others, and the mirrors of each.
#[derive(Debug, Default)]
pub(crate) struct Astray(BTreeMap<(CiteId, Giver), Declined>);

/// What is answered until then.
#[derive(Debug)]
struct Declined {
    until: UnixMillis,
    reason: u16,
    at: u64,
}

impl Astray {
    /// Returns what whoever gave entries is told who led a copy astray a moment ago.
    pub(crate) fn told(&self, now: UnixMillis, log: CiteId, giver: Giver) -> Option<Answer> {
        let declined = self.0.get(&(log, giver)).filter(|declined| now < declined.until)?;
        Some(Answer::Declined { reason: declined.reason, at: declined.at })
    }

    /// Notes that somebody led a copy astray, and was told so.
    pub(crate) fn note(&mut self, now: UnixMillis, log: CiteId, giver: Giver, told: &Answer) {
        let Answer::Declined { reason, at } = *told else { return };
        let again = if giver == Giver::Home { HOME_AGAIN_MS } else { OTHERS_AGAIN_MS };
        self.0.retain(|_, declined| now < declined.until);
        self.0.insert((log, giver), Declined { until: now.plus(again), reason, at });
    }
}

impl Core {
    /// Returns as whom a peer gives entries of a copied log.
    pub(crate) fn giver(&self, log: CiteId, peer: &PeerKey) -> Giver {
        let mirrors = self.mirrors.get(&log).and_then(|copy| copy.state().mirrors());
        match self.neighbours.cite_of(peer) {
            Some(cite) if cite == log => Giver::Home,
            Some(cite) if mirrors.is_some_and(|mirrors| mirrors.names(&cite)) => {
                Giver::Mirror(cite)
            }
            _ => Giver::Other,
        }
    }
}
