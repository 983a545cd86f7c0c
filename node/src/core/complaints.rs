//! Complaints of members of other cités: taken in at the desk, and offered to their home on the way that any order
//! takes. What they mean for cosigning is decided in the ledger, by the copy of the log.

use ledger::{mirror::NotKept, refusal::Refusal};
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, ComplaintSheet, ComplaintState, Frame, Reply, Unavailable},
    ids::{CiteId, OrderId},
    order::SignedOrder,
    time::UnixMillis,
    wire::{Ask, Passed},
};

use super::{Asked, Core};

impl Core {
    /// Takes in an order that its home does not.
    pub(crate) fn complain(&mut self, now: UnixMillis, order: &[u8]) -> Reply {
        let Ok(signed) = SignedOrder::decode(order) else {
            return Reply::Refused(Refusal::Malformed.into());
        };
        // One that does not cosign itself holds nothing back.
        if let Some(why) = self.cannot_write() {
            return Reply::Unavailable(why);
        }
        let (own, home) = (self.cite(), signed.order().home);
        let Some(log) = self.mirrors.get_mut(&home) else {
            return Reply::Unavailable(Unavailable::NotAWitness);
        };
        match log.complain(now, signed, own) {
            Ok(standing) => {
                let state = match standing.since {
                    None => ComplaintState::Recorded,
                    Some(_) if standing.holds_back => ComplaintState::HoldsBack,
                    Some(_) => ComplaintState::Kept,
                };
                Reply::Complaint(ComplaintSheet {
                    state,
                    since: standing.since,
                    offers: standing.offers,
                    witnesses: u8::try_from(standing.mirrors).unwrap_or(u8::MAX),
                })
            }
            Err(NotKept::Refused(refusal)) => Reply::Refused(refusal.into()),
            Err(NotKept::NotAMirror) => Reply::Unavailable(Unavailable::NotAWitness),
            Err(NotKept::Full) => Reply::Unavailable(Unavailable::ComplaintsFull),
            Err(NotKept::Failed(error)) => {
                self.close_copy(home, &error);
                Reply::Unavailable(Unavailable::CannotWrite)
            }
        }
    }

    /// Offers to every home that is connected the next order that it has not taken, one at a time.
    pub(crate) fn offer_complaints(&mut self, now: UnixMillis) {
        // Under a clock that nobody believes an order might seem valid that is not.
        if self.cannot_write().is_some() {
            return;
        }
        let complained = |(cite, log): (&CiteId, &ledger::mirror::MirrorLog)| {
            (log.complaints().0 > 0).then_some(*cite)
        };
        let homes: Vec<CiteId> = self.mirrors.iter().filter_map(complained).collect();
        for home in homes {
            let Some(peer) = self.neighbours.node_of(&home) else { continue };
            let Some(log) = self.mirrors.get_mut(&home) else { continue };
            let (id, order) = match log.next_offer(now) {
                Ok(Some(next)) => next,
                Ok(None) => continue,
                Err(error) => {
                    self.close_copy(home, &error);
                    continue;
                }
            };
            // The text stays with the member: a mirror is no party to it.
            let call = Frame { home: Some(home), call: Call::Submit { order, body: None } };
            let passed = Passed { home, call: Bytes::from(call.encode()) };
            let ask = Ask::Desk { passed, hops: 0 };
            if !self.ask(now, peer, &ask, Asked::Complaint(home, id))
                && let Some(log) = self.mirrors.get_mut(&home)
            {
                log.offer_again();
            }
        }
    }

    /// Notes that a home was offered an order.
    pub(crate) fn was_offered(
        &mut self,
        now: UnixMillis,
        home: CiteId,
        order: &OrderId,
        answered: bool,
    ) {
        let Some(log) = self.mirrors.get_mut(&home) else { return };
        if let Err(error) = log.was_offered(now, order, answered) {
            self.close_copy(home, &error);
        }
    }
}
