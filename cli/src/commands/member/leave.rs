//! `pirate member leave`: closes a membership. What the account holds stays in it, hours or a debt.

use proto::{
    act::{Act, Leave},
    minutes::Balance,
};
use serde_json::json;

use super::{Decision, carry, found, item};
use crate::{
    commands::Args, context::Context, error::Failure, output::Done, text, wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let balance = item(&mut session, &person, member)?.map_or(Balance::ZERO, |item| item.balance);
    let stays = match balance.0 {
        0 => text!("leave-even"),
        1.. => text!("leave-credit", minutes = balance),
        _ => text!("leave-debt", minutes = balance),
    };
    let decision = Decision {
        member,
        act: Act::Leave(Leave { member }),
        means: vec![stays, text!("leave-means")],
        question: text!("leave-confirm"),
        done: text!("leave-done", who = person.shown()),
        data: json!({ "balance_min": balance.0 }),
        person,
    };
    carry(context, &mut session, decision)
}
