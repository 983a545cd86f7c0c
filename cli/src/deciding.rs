//! A steward's act, from the question to what became of it: in force at once, or waiting for others.

use proto::{
    act::Act,
    desk::{Call, Receipt, Reply},
    ids::OrderId,
    order::Statement,
};
use serde_json::{Value as Json, json};

use crate::{
    entries::{self, Names},
    error::Failure,
    language::Text,
    output::{Done, Mark, Screen},
    reply::unexpected,
    text,
    wallet::session::Session,
};

/// What became of an act.
#[derive(Debug)]
pub struct Decided {
    /// The order that carries it.
    pub order: OrderId,
    /// Proof that it is in the log.
    pub receipt: Box<Receipt>,
    /// How many stewards must agree in all.
    pub need: u8,
}

impl Decided {
    /// Returns whether other stewards must still agree.
    pub fn waits(&self) -> bool {
        self.need > 1
    }

    /// Returns it as data.
    pub fn json(&self) -> Json {
        json!({
            "order": self.order.to_string(),
            "entry": self.receipt.leaf,
            "state": if self.waits() { "waiting" } else { "in-force" },
            "need": self.need,
        })
    }

    /// Adds to `screen` what was done, in the words of `done`, or that it waits for others.
    pub fn show(&self, screen: Screen, done: Text) -> Screen {
        if self.waits() {
            screen.mark(
                Mark::Good,
                text!("act-waits", act = done, left = u64::from(self.need).saturating_sub(1)),
            )
        } else {
            screen.mark(Mark::Good, done)
        }
    }

    /// Adds to a result how others agree, where they must.
    pub fn hint(&self, done: Done) -> Done {
        if self.waits() {
            let order = self.order.to_string();
            done.hint_for_others(text!("next-approve"), &["pirate", "cite", "approve", &order])
        } else {
            done
        }
    }
}

/// Returns how many stewards must agree to an act: as the rules say, never more than there are.
///
/// # Errors
/// Why the home could not be asked.
pub fn need(session: &mut Session<'_>) -> Result<u8, Failure> {
    match session.desk()?.call(Call::Sheet)? {
        Reply::Sheet(sheet) => {
            let stewards = u8::try_from(sheet.stewards).unwrap_or(u8::MAX).max(1);
            Ok(sheet.rules.approvals.min(stewards))
        }
        _ => Err(unexpected()),
    }
}

/// Signs an act and has it entered.
///
/// # Errors
/// A refusal of the rules, or why the home could not be asked.
pub fn decide(session: &mut Session<'_>, act: Act) -> Result<Decided, Failure> {
    let need = need(session)?;
    let (order, receipt) = session.submit(Statement::Act(act), None)?;
    Ok(Decided { order: order.id(), receipt, need })
}

/// Returns what is about to be signed: on which network, in which cité, what changes.
pub fn announced(session: &Session<'_>, act: &Act) -> Screen {
    let founding = session.wallet.founding().founding();
    let mut screen = Screen::new()
        .fact(text!("label-network"), entries::network(founding))
        .fact(text!("label-cite"), founding.name.as_str())
        .fact(text!("label-act"), entries::act(act, &Names::default()));
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen
}
