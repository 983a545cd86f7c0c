//! The next order of this device: which number, after which, on which head; and those that wait, put anew where
//! what they follow is gone. Pure; keeps nothing.

use proto::{
    desk::{AccountSheet, LaneSheet},
    hash::Hash,
    ids::OrderId,
    keys::{PublicKey, SigningKey},
    order::{Head, Order, SignedOrder, Statement},
    time::UtcDay,
};

use super::{Wallet, outbox::Waiting};
use crate::{codes, error::Failure, text};

/// Days that an order may wait for its home before it lapses.
pub(super) const VALID_DAYS: u64 = 30;

/// Returns the next order of this device, after what the home knows and after what still waits here.
///
/// # Errors
/// P0115 when the account's keys were replaced, P0116 when this device is not one of the account's.
pub(super) fn next(
    wallet: &Wallet,
    device: PublicKey,
    account: &AccountSheet,
    waiting: &[Waiting],
    today: UtcDay,
    statement: Statement,
    body: Option<Hash>,
) -> Result<Order, Failure> {
    let (epoch, lane) = wallet.device();
    if account.epoch != epoch {
        let current = account.epoch;
        return Err(Failure::new(codes::KEY_REPLACED, text!("refusal-epoch", current = current)));
    }
    let known = account
        .lanes
        .iter()
        .find(|sheet| sheet.lane == lane && sheet.key == device)
        .ok_or_else(|| {
            Failure::new(codes::UNKNOWN_DEVICE, text!("wallet-device", cite = wallet.home_name()))
        })?;
    let last = waiting
        .iter()
        .map(|waiting| (waiting.order.order().seq, waiting.id()))
        .filter(|(seq, _)| *seq > known.seq)
        .max_by_key(|(seq, _)| *seq);
    let (seq, prev) = last.unwrap_or((known.seq, known.last));
    Ok(Order {
        author: wallet.member(),
        epoch,
        network: wallet.founding().network(),
        home: wallet.home(),
        lane,
        seq: seq.saturating_add(1),
        prev,
        seen: account.seen,
        valid_until: today.plus(VALID_DAYS),
        statement,
        body,
    })
}

/// Returns how many orders of a device a home knew before and knows no more.
pub(super) fn gone(known: &AccountSheet, told: &AccountSheet, lane: u16) -> u64 {
    let seq = |account: &AccountSheet| {
        account.lanes.iter().find(|sheet| sheet.lane == lane).map_or(0, |sheet| sheet.seq)
    };
    if known.epoch == told.epoch { seq(known).saturating_sub(seq(told)) } else { 0 }
}

/// Returns the waiting orders that cannot be recorded as they stand, each with the order that takes its place:
/// the same words, amount and last day, behind what the home knows or what waits before it.
///
/// An order and the one in its place never both count, whatever becomes of the first and whatever the home
/// says: the new number is the old one or a lower one, and what the old one follows was signed before.
pub(super) fn anew<'a>(
    wallet: &Wallet,
    key: &SigningKey,
    account: &AccountSheet,
    waiting: &'a [Waiting],
    today: UtcDay,
) -> Vec<(&'a Waiting, SignedOrder)> {
    let (epoch, lane) = wallet.device();
    let own = |sheet: &&LaneSheet| sheet.lane == lane && sheet.key == key.public();
    let Some(known) = account.lanes.iter().find(own).filter(|_| account.epoch == epoch) else {
        return Vec::new();
    };
    let (mut seq, mut last) = (known.seq, known.last);
    let followed = |id: OrderId| waiting.iter().any(|old| old.order.order().prev == id);
    let mut anew = Vec::new();
    for old in waiting {
        let order = old.order.order();
        // Its number is taken: by itself, as the home says when it is sent again, or for good.
        if order.seq <= seq {
            continue;
        }
        // The empty head is good while nothing is confirmed; any other stands for what its author saw.
        let early = order.seen == Head::empty() && account.seen != Head::empty();
        if order.seq == seq.saturating_add(1) && order.prev == last && !early {
            (seq, last) = (order.seq, old.id());
            continue;
        }
        if old.is_expired(today) {
            continue;
        }
        let seen = if early { account.seen } else { order.seen };
        let mut placed = Order { seq: seq.saturating_add(1), prev: last, seen, ..order.clone() };
        let mut signed = placed.clone().sign(key);
        // Of two payments alike the second in place of the first would be the first, which the old second follows.
        while followed(signed.id()) && placed.valid_until > today {
            placed.valid_until = UtcDay(placed.valid_until.0 - 1);
            signed = placed.clone().sign(key);
        }
        if followed(signed.id()) {
            continue;
        }
        (seq, last) = (signed.order().seq, signed.id());
        anew.push((old, signed));
    }
    anew
}
