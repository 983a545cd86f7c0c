//! Copies that were led astray: entries were taken in that lead to no checkpoint, and the copy had to be opened anew, which
//! costs a look at all of it. Who did so is left alone for a while: not always whoever gave last, for that may not have
//! followed on what others gave before. Looks at no entry itself.

use std::collections::{BTreeMap, BTreeSet};

use proto::{ids::CiteId, time::UnixMillis, wire::Answer};

use super::{Core, PeerKey, offers::Rank};

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

impl Giver {
    const fn rank(self) -> Rank {
        match self {
            Self::Home => Rank::Home,
            Self::Mirror(_) => Rank::Mirror,
            Self::Other => Rank::Cite,
        }
    }
}

/// Who led which copies astray of late, and who may have: of each copy at most its home, its mirrors and others.
#[derive(Debug, Default)]
pub(crate) struct Astray {
    declined: BTreeMap<(CiteId, Giver), Declined>,
    /// Who gave of what a copy holds beyond what was cosigned.
    tails: BTreeMap<CiteId, BTreeSet<Giver>>,
}

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
        let declined = self.declined.get(&(log, giver)).filter(|known| now < known.until)?;
        Some(Answer::Declined { reason: declined.reason, at: declined.at })
    }

    /// Notes that a copy holds entries of somebody that nobody vouches for yet.
    pub(crate) fn gave(&mut self, log: CiteId, giver: Giver) {
        self.tails.entry(log).or_default().insert(giver);
    }

    /// Notes that all that a copy holds was cosigned, or is gone.
    pub(crate) fn has_no_tail(&mut self, log: &CiteId) {
        self.tails.remove(log);
    }

    /// Notes that a copy was led astray, and that whoever gave last was told so. Returns whether it was others: they gave
    /// of what was there before, which is not `proven`, and are known no better.
    pub(crate) fn note(
        &mut self,
        now: UnixMillis,
        log: CiteId,
        giver: Giver,
        told: &Answer,
        proven: bool,
    ) -> bool {
        let tail = self.tails.remove(&log).unwrap_or_default();
        let Answer::Declined { reason, at } = *told else { return false };
        let may_have = |other: &Giver| *other != giver && other.rank() <= giver.rank();
        let others: Vec<Giver> =
            tail.into_iter().filter(|other| !proven && may_have(other)).collect();
        for other in &others {
            self.leave_alone(now, log, *other, reason, at);
        }
        if others.is_empty() {
            self.leave_alone(now, log, giver, reason, at);
        }
        !others.is_empty()
    }

    /// Takes nothing in of somebody for a while.
    pub(crate) fn leave_alone(
        &mut self,
        now: UnixMillis,
        log: CiteId,
        giver: Giver,
        reason: u16,
        at: u64,
    ) {
        let again = if giver == Giver::Home { HOME_AGAIN_MS } else { OTHERS_AGAIN_MS };
        self.declined.retain(|_, declined| now < declined.until);
        self.declined.insert((log, giver), Declined { until: now.plus(again), reason, at });
    }

    /// Takes in again what anybody gives: the clock was set.
    pub(crate) fn try_again(&mut self) {
        self.declined.clear();
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
