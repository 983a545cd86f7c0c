//! `pirate member renew`: issues a member's next card, which takes the place of the one before; also for somebody who
//! has left and comes back.

use proto::{
    act::{Act, CardIssue, Level},
    membership::{Terms, Validity},
    minutes::Minutes,
    time::UtcDay,
};
use serde_json::json;

use super::{Decision, admit::term, carry, found, item};
use crate::{
    amount, codes, commands::Args, context::Context, dates, entries::level_word, error::Failure,
    output::Done, text, wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let held = item(&mut session, &person, member)?;
    let held = held.ok_or_else(|| Failure::new(codes::NO_SUCH_MEMBER, text!("refusal-payee")))?;
    let has_left = matches!(held.validity, Validity::Left { .. });
    let suspended = matches!(held.validity, Validity::Suspended { .. });
    let from = context.now().day();
    let until = term(&session, args, from)?;
    let level = match (args.flag("steward"), args.flag("no-steward")) {
        (true, true) => return Err(Failure::new(codes::USAGE, text!("renew-steward-or-not"))),
        (true, false) => Level::Steward,
        (false, true) => Level::Member,
        // Whoever comes back does so as a member.
        (false, false) if has_left => Level::Member,
        (false, false) => held.terms.level,
    };
    let most = session.account()?.rules.allowance_max;
    let allowance = allowance(args)?.unwrap_or_else(|| held.terms.allowance.min(most));
    let mut means = match held.validity {
        Validity::Left { .. } => vec![text!("renew-back")],
        _ => vec![text!("renew-means", serial = u64::from(held.serial))],
    };
    if suspended {
        means.push(text!("renew-suspended"));
    }
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
        done: match suspended {
            true => text!("renew-done-suspended", who = person.shown(), until = until),
            false => text!("renew-done", who = person.shown(), until = until),
        },
        data: data(&terms, held.serial.saturating_add(1), from),
        person,
    };
    carry(context, &mut session, decision)
}

/// Returns the allowance that was asked for.
pub(super) fn allowance(args: &Args<'_>) -> Result<Option<Minutes>, Failure> {
    let read = |typed| amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed));
    args.text("allowance").map(read).transpose()
}

fn data(terms: &Terms, serial: u32, from: UtcDay) -> serde_json::Value {
    json!({
        "card": serial,
        "card_from": dates::iso_day(from),
        "card_to": dates::iso_day(terms.until),
        "level": level_word(terms.level),
        "allowance_min": terms.allowance.0,
    })
}
