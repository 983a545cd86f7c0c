//! `pirate member leave`: closes a membership. Hours stay in the account; a debt stays as well, or the commons takes it.

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
    let forgive = args.flag("forgive");
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let balance = item(&mut session, &person, member)?.map_or(Balance::ZERO, |item| item.balance);
    let settled = match (balance.0, forgive) {
        (0, _) => text!("leave-even"),
        (1.., _) => text!("leave-credit", minutes = balance),
        (_, true) => text!("leave-forgiven", minutes = balance),
        (_, false) => text!("leave-debt", minutes = balance),
    };
    let decision = Decision {
        member,
        act: Act::Leave(Leave { member, forgive }),
        means: vec![settled, text!("leave-means")],
        question: text!("leave-confirm"),
        done: text!("leave-done", who = person.shown()),
        data: json!({ "balance_min": balance.0, "forgive": forgive }),
        person,
    };
    carry(context, &mut session, decision)
}
