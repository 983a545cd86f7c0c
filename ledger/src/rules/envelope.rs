//! Rules about any order: who signed it, where it stands in its lane, and until when it is good.
//! Numbers 1 to 14 of the refusals, in this order.

use proto::{
    ids::MemberId,
    keys::VerifyingKey,
    order::{Head, Order, SignedOrder, Statement, VerifiedOrder},
    time::UtcDay,
};

use crate::{
    object::{LaneState, MemberState},
    refusal::Refusal,
    state::{Slot, State},
};

/// Most days that an order may stay valid: a year, so that a wallet found in a drawer does no harm.
pub const VALID_DAYS_MAX: u64 = 366;

/// An order's author, with the lane already moved on to the order.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    /// Slot of the member.
    pub(crate) slot: Slot,
    /// The member, its lane moved on.
    pub(crate) member: MemberState,
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
pub(crate) fn check(
    state: &State,
    today: UtcDay,
    verified: &VerifiedOrder,
) -> Result<Author, Refusal> {
    let order = verified.order();
    let (slot, lane) = check_place(state, order)?;
    if lane.key != verified.key() {
        return Err(Refusal::BadSignature);
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
    let (_, member) =
        state.member(&order.author).ok_or(Refusal::UnknownAuthor { author: order.author })?;
    let mut member = member.clone();
    if let Some(device) = member.lanes.iter_mut().find(|device| device.lane == order.lane) {
        device.seq = order.seq;
        device.last = verified.id();
    }
    Ok(Author { slot, member })
}

/// Refusals 1 to 5: the order is for this log, and its author has such a device.
fn check_place(state: &State, order: &Order) -> Result<(Slot, LaneState), Refusal> {
    let cite = state.cite().ok_or(Refusal::Founding)?;
    if order.network != cite.network {
        return Err(Refusal::WrongNetwork);
    }
    if order.home != cite.cite {
        return Err(Refusal::WrongHome { home: order.home });
    }
    let (slot, member) =
        state.member(&order.author).ok_or(Refusal::UnknownAuthor { author: order.author })?;
    if order.epoch != member.epoch {
        return Err(Refusal::WrongEpoch { current: member.epoch });
    }
    let lane = member.lane(order.lane).ok_or(Refusal::UnknownLane { lane: order.lane })?;
    Ok((slot, *lane))
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
