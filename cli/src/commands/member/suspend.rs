//! `pirate member suspend`: a card lost or a dispute: the member orders nothing and her card is good nowhere, until the
//! suspension ends or is lifted. Hours still come in.

use proto::act::{Act, Suspend};
use serde_json::json;

use super::{Decision, carry, found};
use crate::{
    commands::Args, context::Context, dates, error::Failure, output::Done, text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let until = args.day("until")?;
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    let who = person.shown();
    let done = match until {
        Some(until) => text!("suspend-done-until", who = who, until = until),
        None => text!("suspend-done", who = who),
    };
    let decision = Decision {
        member,
        act: Act::Suspend(Suspend { member, until }),
        means: vec![text!("suspend-means"), text!("suspend-undo")],
        question: text!("suspend-confirm"),
        done,
        data: json!({ "until": until.map(dates::iso_day) }),
        person,
    };
    carry(context, &mut session, decision)
}
