//! `pirate member decline`: removes the application of somebody whom the cité does not admit.
//! Signs no act and enters nothing in the log; the person may be invited again.

use proto::desk::{Query, Reply};
use serde_json::json;

use super::{admit::find, applicants};
use crate::{
    commands::Args,
    context::Context,
    entries::short,
    error::Failure,
    output::{Done, Mark, Screen},
    reply::unexpected,
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let waiting = applicants(&mut session)?;
    let applicant = find(&waiting, args.required("who"))?.unproposed()?;
    let alias = applicant.application.alias.as_str();
    let who = text!("admit-who", alias = alias, member = short(applicant.member));
    context.show(&Screen::new().inset(who).line(text!("decline-means")));
    let member = applicant.member.to_string();
    let data = |state| json!({ "member": member, "alias": alias, "state": state });
    if context.global.dry_run {
        return Ok(Done::new(data("applied"), Screen::new().line(text!("decline-dry"))));
    }
    context.prompt.confirm(&text!("decline-confirm"), false)?;
    match session.private(Query::DeclineApplication { member: applicant.member })? {
        Reply::Done => Ok(Done::new(
            data("declined"),
            Screen::new().mark(Mark::Good, text!("decline-done", alias = alias)),
        )),
        _ => Err(unexpected()),
    }
}
