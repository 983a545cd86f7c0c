//! Rules about any order: who signed it, where it stands in its lane, and until when it is good.
//! Numbers 1 to 14 of the refusals, in this order; 18 and 19 right behind 6.

use proto::{
    ids::MemberId,
    keys::VerifyingKey,
    membership::Validity,
    order::{Head, Order, SignedOrder, Statement, VerifiedOrder},
    time::UtcDay,
};

use crate::{
    object::{AccountState, LaneState, MemberState, Object},
    refusal::Refusal,
    state::{Slot, State},
};

/// Most days that an order may stay valid: a year, so that a wallet found in a drawer does no harm.
pub const VALID_DAYS_MAX: u64 = 366;

/// An order's author, with the lane already moved on to the order.
#[derive(Clone, Debug)]
pub(crate) struct Author<'a> {
    /// The member.
    pub(crate) member: &'a MemberState,
    /// Slot of the account.
    pub(crate) slot: Slot,
    /// The account, its lane moved on.
    pub(crate) account: AccountState,
}

impl Author<'_> {
    /// Returns the account to be put back, whatever else the order changes.
    pub(crate) fn signed(self) -> (Slot, Object) {
        (self.slot, Object::Account(self.account))
    }
}

/// Returns the order as verified, looking up the key of its author's device; `ready` returns a
/// decompressed key.
///
/// # Errors
/// Refusals 1 to 6.
pub fn verify_order(
    state: &State,
    order: SignedOrder,
    ready: impl FnOnce(&MemberId, u32, u16) -> Option<VerifyingKey>,
) -> Result<VerifiedOrder, Refusal> {
    let head = order.order();
    check_place(state, head)?;
    let key = ready(&head.author, head.epoch, head.lane).ok_or(Refusal::BadSignature)?;
    order.verify(&key).map_err(|_| Refusal::BadSignature)
}

/// Checks an order against its author's lane and the calendar; returns the author with the lane moved
/// on, ready to be put back.
pub(crate) fn check<'a>(
    state: &'a State,
    today: UtcDay,
    verified: &VerifiedOrder,
) -> Result<Author<'a>, Refusal> {
    let order = verified.order();
    let (member, lane) = check_place(state, order)?;
    if member.key(order.lane) != Some(verified.key()) {
        return Err(Refusal::BadSignature);
    }
    if !member.validity.is_good_on(today) {
        let left = matches!(member.validity, Validity::Left { .. });
        return Err(if left { Refusal::HasLeft } else { Refusal::Suspended });
    }
    if order.seq <= lane.seq {
        return Err(Refusal::SeqTaken { seq: order.seq, last: lane.last });
    }
    let next = lane.seq.saturating_add(1);
    if order.seq != next {
        return Err(Refusal::SeqGap { next });
    }
    if order.prev != lane.last {
        return Err(Refusal::WrongPrev { last: lane.last });
    }
    if order.valid_until < today {
        return Err(Refusal::OutOfDate { until: order.valid_until, today });
    }
    let latest = today.plus(VALID_DAYS_MAX);
    if order.valid_until > latest {
        return Err(Refusal::TooLongValid { until: order.valid_until, latest });
    }
    check_seen(state, order)?;
    if matches!(order.statement, Statement::Join(_)) {
        return Err(Refusal::JoinAlone);
    }
    let (slot, account) =
        state.account(&order.author).ok_or(Refusal::UnknownAuthor { author: order.author })?;
    let mut account = account.clone();
    if let Some(lane) = account.lanes.iter_mut().find(|lane| lane.lane == order.lane) {
        lane.seq = order.seq;
        lane.last = verified.id();
    }
    Ok(Author { member, slot, account })
}

/// Refusals 1 to 5: the order is for this log, and its author has such a device.
fn check_place<'a>(
    state: &'a State,
    order: &Order,
) -> Result<(&'a MemberState, LaneState), Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    if order.network != cite.network {
        return Err(Refusal::WrongNetwork);
    }
    if order.home != cite.cite {
        return Err(Refusal::WrongHome { home: order.home });
    }
    let unknown = Refusal::UnknownAuthor { author: order.author };
    let (_, member) = state.member(&order.author).ok_or(unknown)?;
    if order.epoch != member.epoch {
        return Err(Refusal::WrongEpoch { current: member.epoch });
    }
    let (_, account) = state.account(&order.author).ok_or(unknown)?;
    let lane = account.lane(order.lane).ok_or(Refusal::UnknownLane { lane: order.lane })?;
    Ok((member, *lane))
}

/// Refusal 12: the head that the order was signed on is one of this history. The empty head is good only
/// while nothing is committed, or what is lies too far back to be told: life at home goes on however long
/// the mirrors are away.
fn check_seen(state: &State, order: &Order) -> Result<(), Refusal> {
    let committed = state.clock().map_or(0, |clock| clock.committed_size);
    let known = if order.seen.size == 0 {
        let forgotten = committed == 0 || state.recent(committed).is_none();
        forgotten && order.seen == Head::empty()
    } else {
        state.recent(order.seen.size).is_some_and(|recent| recent.head == order.seen)
    };
    if known { Ok(()) } else { Err(Refusal::UnknownHead { size: order.seen.size }) }
}
