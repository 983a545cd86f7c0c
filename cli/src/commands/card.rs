//! `pirate card …`: showing and printing the own carte pirate, and checking somebody's without any node.
//! One file per command; the check itself is the ledger's.

pub(super) mod answer;
pub(super) mod challenge;
pub(super) mod check;
mod own;
pub(super) mod print;
pub(super) mod show;

use ledger::card::{CheckedCard, NotChecked};
use proto::{card::Challenge, time::UnixMillis};

use crate::{codes, error::Failure, language::Text, text};

/// Who vouches: the mirrors that looked, or the home alone.
fn vouched(card: &CheckedCard) -> Text {
    match card.witnesses().len() {
        0 => text!("card-by-home"),
        count => text!("card-by-witnesses", count = count),
    }
}

fn not_checked(as_of: UnixMillis, what: NotChecked) -> (&'static str, Text) {
    match what {
        NotChecked::Revocation => ("revocation", text!("card-not-revocation", sealed = as_of)),
        NotChecked::Holder => ("holder", text!("card-not-holder")),
        NotChecked::Approvals => ("approvals", text!("card-not-approvals")),
        NotChecked::Witnesses => ("witnesses", text!("card-not-witnesses")),
    }
}

/// Returns the challenge that was typed.
///
/// # Errors
/// P0503.
fn read_challenge(typed: &str) -> Result<Challenge, Failure> {
    Challenge::read(typed).map_err(|error| {
        Failure::new(codes::CARD_UNREADABLE, text!("card-challenge-unreadable")).caused_by(&error)
    })
}
