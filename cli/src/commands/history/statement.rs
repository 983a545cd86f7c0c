//! The sums of a statement: every balance follows from the one before it, or there is no statement.
//! Asks nobody and shows nothing.

use proto::{desk::Movement, time::UtcDay};

/// The part of a statement that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) opening: i64,
    pub(super) closing: i64,
    pub(super) entries: Vec<Movement>,
}

impl Statement {
    /// Returns the sum of the movements.
    pub(super) fn sum(&self) -> i64 {
        self.entries.iter().map(|movement| movement.change.0).sum()
    }
}

/// A statement whose sums do not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) opening: i64,
    pub(super) sum: i64,
    pub(super) closing: i64,
}

/// Returns the movements from the first day to the last, both inclusive, once every balance follows
/// from the one before it.
pub(super) fn cut(
    all: Vec<Movement>,
    from: Option<UtcDay>,
    to: Option<UtcDay>,
) -> Result<Statement, Wrong> {
    let mut balance: Option<i64> = None;
    let (mut opening, mut closing) = (0, 0);
    let mut entries = Vec::new();
    for movement in all {
        let before = balance.unwrap_or(0);
        let (sum, after) = (movement.change.0, movement.balance.0);
        // An account begins at nothing, and every balance follows from the one before.
        if before.checked_add(sum) != Some(after) {
            return Err(Wrong { opening: before, sum, closing: after });
        }
        balance = Some(after);
        let day = movement.time.day();
        if from.is_some_and(|from| day < from) {
            (opening, closing) = (after, after);
        } else if to.is_none_or(|to| day <= to) {
            closing = after;
            entries.push(movement);
        }
    }
    Ok(Statement { opening, closing, entries })
}
