//! What was signed earlier: sent in order, put in place anew where an order before it was refused, and said.

use proto::{ids::Account, order::Statement};
use serde_json::json;

use super::Session;
use crate::{
    codes,
    error::Failure,
    exit::Exit,
    language::Text,
    output::{Mark, Warning},
    reply::{is_no, is_silence},
    text,
    wallet::{order, outbox::Waiting},
};

impl Session<'_> {
    /// Sends what was signed earlier, in order, and says what became of it. A dry run sends nothing, and says how
    /// many wait.
    pub(super) fn send_waiting(&mut self) -> Result<(), Failure> {
        let dry = self.context.global.dry_run;
        // A refusal takes an order away, and what is behind it is put in its place before it is sent.
        while !dry && self.desk.is_ok() && self.place_anew()? && self.send_to_a_refusal()? {}
        let left = self.wallet.waiting()?.len();
        if left > 0 {
            let still = text!("outbox-still", count = left);
            let warning = Warning::new(codes::ORDERS_WAIT, still, &["pirate", "balance"]);
            self.context.warn(Mark::Warn, warning);
        }
        Ok(())
    }

    /// Signs anew, each in place of itself, what can no longer be recorded as it stands: an order before it
    /// was refused, or it was signed before anything was confirmed. Returns whether there is something to send.
    fn place_anew(&mut self) -> Result<bool, Failure> {
        let waiting = self.wallet.waiting()?;
        if waiting.is_empty() {
            return Ok(false);
        }
        self.refresh()?;
        let Some(account) = self.account.as_ref().filter(|_| self.silence.is_none()) else {
            return Ok(false);
        };
        // What stands behind a history that may come back keeps its place in it.
        if self.went_back {
            return Ok(true);
        }
        let today = self.context.now().day();
        let anew = order::anew(&self.wallet, &self.key, account, &waiting, today);
        if anew.is_empty() {
            return Ok(true);
        }
        self.tell(Mark::Warn, text!("outbox-anew", count = anew.len()));
        for (old, signed) in anew {
            self.wallet.replace_order(old, signed)?;
        }
        Ok(true)
    }

    /// Sends what waits until one is refused; returns whether one was.
    fn send_to_a_refusal(&mut self) -> Result<bool, Failure> {
        let today = self.context.now().day();
        for waiting in self.wallet.waiting()? {
            let what = described(&waiting);
            match self.settle(&waiting) {
                Ok(_) => self.tell(Mark::Good, text!("outbox-sent", what = what)),
                Err(failure) if is_silence(&failure) => return Ok(false),
                Err(failure) if is_no(&failure) => {
                    let why = failure.message().clone();
                    let said = if waiting.is_expired(today) {
                        let until = waiting.order.order().valid_until;
                        text!("outbox-expired", until = until, what = what)
                    } else {
                        text!("outbox-refused", what = what, why = why)
                    };
                    let warning = Warning::new(codes::WAITED_IN_VAIN, said, &[]);
                    self.context.warn(Mark::Bad, warning);
                    return Ok(true);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(false)
    }
}

/// Says of a silence that the order waits; every other failure stands as it is.
pub(in crate::wallet) fn waits(kept: &Waiting, failure: Failure) -> Failure {
    let until = kept.order.order().valid_until;
    let why = text!("order-waits-why", until = until);
    if is_no(&failure) {
        return failure;
    }
    if failure.exit() == Exit::Invalid {
        return failure.because(text!("order-waits")).because(why);
    }
    let data = json!({
        "order": kept.id().to_string(),
        "valid_until": crate::dates::iso_day(until),
        "cause": failure.code().name(),
    });
    let waits = Failure::new(codes::ORDER_WAITS, text!("order-waits"))
        .because(failure.message().clone())
        .because(why)
        .data(data);
    failure.fixes().iter().fold(waits, |waits, fix| {
        // What helps a silent command is to type it again; here that would be one more order beside the one
        // that waits. Any other command of a member sends this one.
        let again = |(place, word): (usize, &String)| place == 1 && word == "…";
        let argv: Vec<&str> = fix
            .argv
            .iter()
            .enumerate()
            .map(|at| if again(at) { "balance" } else { at.1.as_str() })
            .collect();
        match &fix.why {
            Some(why) => waits.fix_for(why.clone(), &argv),
            None => waits.fix(&argv),
        }
    })
}

/// Returns in a few words what a waiting order orders.
pub(crate) fn described(waiting: &Waiting) -> Text {
    let order = waiting.order.order();
    let short = |id: String| crate::refusals::brief(&id);
    match &order.statement {
        Statement::Pay(pay) => {
            let who = match pay.payee {
                Account::Member(member) => short(member.to_string()),
                Account::Peer(cite) => short(cite.to_string()),
                Account::Commons => {
                    return text!(
                        "order-pay",
                        amount = pay.minutes,
                        who = text!("person-commons-here")
                    );
                }
            };
            text!("order-pay", amount = pay.minutes, who = who)
        }
        Statement::Export(export) => {
            let who = short(export.payee.to_string());
            text!("order-pay", amount = export.minutes, who = who)
        }
        _ => text!("order-other", seq = order.seq),
    }
}
