//! `pirate member renew`: issues a member's next card, which takes the place of the one before; also for somebody who
//! has left and comes back.

use proto::{
    act::{Act, CardIssue, Level},
    membership::Terms,
    minutes::Minutes,
    time::UtcDay,
};
use serde_json::json;

use super::{Decision, admit::term, carry, found, item};
use crate::{
    amount, codes, commands::Args, context::Context, dates, error::Failure, output::Done, text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let held = item(&mut session, &person, member)?;
    let held = held.ok_or_else(|| Failure::new(codes::NO_SUCH_MEMBER, text!("refusal-payee")))?;
    let from = context.now().day();
    let until = term(&session, args, from)?;
    let level = match (args.flag("steward"), args.flag("no-steward")) {
        (true, true) => return Err(Failure::new(codes::USAGE, text!("renew-steward-or-not"))),
        (true, false) => Level::Steward,
        (false, true) => Level::Member,
        (false, false) => held.terms.level,
    };
    let allowance = allowance(&session, args)?;
    let mut means = vec![text!("renew-means", serial = u64::from(held.serial))];
    if level != held.terms.level {
        means.push(match level {
            Level::Steward => text!("admit-steward"),
            Level::Member => text!("renew-no-steward"),
        });
    }
    let terms = Terms { level, from, until, allowance };
    let decision = Decision {
        member,
        act: Act::CardIssue(CardIssue { member, terms }),
        means,
        question: text!("renew-confirm"),
        done: text!("renew-done", who = person.shown(), until = until),
        data: data(&terms, held.serial.saturating_add(1), from),
        person,
    };
    carry(context, &mut session, decision)
}

/// Returns the allowance of the card: as asked, else as much as the rules allow.
pub(super) fn allowance(session: &Session<'_>, args: &Args<'_>) -> Result<Minutes, Failure> {
    match args.text("allowance") {
        Some(typed) => amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed)),
        None => Ok(session.account()?.rules.allowance_max),
    }
}

fn data(terms: &Terms, serial: u32, from: UtcDay) -> serde_json::Value {
    json!({
        "card": serial,
        "card_from": dates::iso_day(from),
        "card_to": dates::iso_day(terms.until),
        "level": super::list::level_word(terms.level),
        "allowance_min": terms.allowance.0,
    })
}
