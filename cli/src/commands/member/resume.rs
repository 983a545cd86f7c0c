//! `pirate member resume`: lifts a suspension.

use proto::act::{Act, Lift};
use serde_json::json;

use super::{Decision, carry, found};
use crate::{
    commands::Args, context::Context, error::Failure, output::Done, text, wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let decision = Decision {
        member,
        act: Act::Lift(Lift { member }),
        means: vec![text!("resume-means")],
        question: text!("resume-confirm"),
        done: text!("resume-done", who = person.shown()),
        data: json!({}),
        person,
    };
    carry(context, &mut session, decision)
}
