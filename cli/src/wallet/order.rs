//! The next order of this device: which number, after which, on which head. Pure; signs nothing.

use proto::{
    desk::AccountSheet,
    hash::Hash,
    keys::PublicKey,
    order::{Order, Statement},
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
