//! The sums of a statement: all that moved makes the balance that the home says, or there is no statement.
//! Asks nobody and shows nothing.

use proto::{desk::Movement, minutes::Balance, time::UtcDay};

/// A movement with the balance after it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) movement: Movement,
    pub(super) balance: Balance,
}

/// The part of a statement that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) opening: i64,
    pub(super) closing: i64,
    pub(super) entries: Vec<Line>,
}

impl Statement {
    /// Returns the sum of the movements.
    pub(super) fn sum(&self) -> i64 {
        self.entries.iter().map(|line| line.movement.change.0).sum()
    }
}

/// A statement whose sums do not fit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) opening: i64,
    pub(super) sum: i64,
    pub(super) closing: i64,
}

/// Returns what all movements of an account come to; `None` when no account could hold it.
pub(super) fn sum(all: &[Movement]) -> Option<Balance> {
    all.iter().try_fold(Balance::ZERO, |sum, movement| sum.plus(movement.change))
}

/// Returns the movements from the first day to the last, both inclusive, once all of them make the balance that
/// the home says.
pub(super) fn cut(
    all: Vec<Movement>,
    said: Balance,
    from: Option<UtcDay>,
    to: Option<UtcDay>,
) -> Result<Statement, Wrong> {
    // An account begins at nothing.
    let mut balance = Balance::ZERO;
    let (mut opening, mut closing) = (0, 0);
    let mut entries = Vec::new();
    for movement in all {
        let wrong = Wrong { opening: balance.0, sum: movement.change.0, closing: said.0 };
        balance = balance.plus(movement.change).ok_or(wrong)?;
        let day = movement.time.day();
        if from.is_some_and(|from| day < from) {
            (opening, closing) = (balance.0, balance.0);
        } else if to.is_none_or(|to| day <= to) {
            closing = balance.0;
            entries.push(Line { movement, balance });
        }
    }
    if balance != said {
        return Err(Wrong { opening: 0, sum: balance.0, closing: said.0 });
    }
    Ok(Statement { opening, closing, entries })
}
