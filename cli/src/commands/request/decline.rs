//! `pirate request decline`: says no to a request, with a word of explanation.
//! Moves nothing; the person who asked is told through the homes.

use proto::{
    body::Body,
    desk::{Call, Query, Reply, RequestState},
    wire::{Letter, LetterContent},
};
use serde_json::json;

use super::{find, payee, state, state_word};
use crate::{
    codes,
    commands::Args,
    context::Context,
    error::Failure,
    output::{Done, Mark, Screen},
    reply::unexpected,
    text, typed,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let reason = typed::plain(args.text("reason").unwrap_or_default(), Body::TEXT_MAX)?;
    let mut session = Session::open(context)?;
    session.fresh_account()?;
    let found = find(&mut session, args.required("request"), context.now().day())?;
    if !found.received {
        return Err(Failure::new(codes::REQUEST_MISMATCH, text!("request-decline-own")));
    }
    if !found.may_be_open() {
        let said = text!("request-not-open", state = state(found.state));
        let code = match found.state {
            Some(RequestState::Paid) => codes::REQUEST_USED,
            Some(RequestState::Expired) => codes::REQUEST_EXPIRED,
            _ => codes::REQUEST_MISMATCH,
        };
        return Err(Failure::new(code, said));
    }
    let who = payee(&mut session, &found);
    let request = found.link.request.request();
    let screen = Screen::new()
        .fact(text!("label-to"), who.shown())
        .fact(text!("label-amount"), request.minutes);
    context.show(&screen);
    let data =
        |state| json!({ "request": found.id().to_string(), "state": state, "reason": reason });
    if context.global.dry_run {
        let as_it_is = data(state_word(found.state));
        return Ok(Done::new(as_it_is, Screen::new().line(text!("pay-dry"))));
    }
    let data = data("declined");
    context.prompt.confirm(&text!("request-decline-question"), false)?;
    let reply = if found.at_home {
        session.private(Query::Decline { request: found.id(), reason })?
    } else {
        // The home never saw this one: it came by hand, so the answer goes as a letter of its own.
        let content = LetterContent::Declined { request: found.id(), reason };
        let letter = Letter { home: request.home, to: request.payee, content };
        session.desk()?.call(Call::Letter(letter))?
    };
    match reply {
        Reply::Done if found.at_home => {
            let said = text!("request-declined-done", who = who.shown());
            Ok(Done::new(data, Screen::new().mark(Mark::Good, said)))
        }
        // Their home notes it only for a request that it carried, and says to nobody whether it did.
        Reply::Done => {
            let said = text!("request-declined-letter", who = who.shown());
            Ok(Done::new(data, Screen::new().mark(Mark::Warn, said)))
        }
        _ => Err(unexpected()),
    }
}
