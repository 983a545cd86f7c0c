//! `pirate request list`: requests received and sent, with their state.
//! Shows what the home knows, and what was made here and given away by hand.

use serde_json::json;

use super::{Found, all, json_of, payee, payer, short, state, state_word, told};
use crate::{
    commands::{Args, balance::with_silence},
    context::Context,
    error::Failure,
    language::Value,
    output::{Done, Screen, Table},
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let wanted = args.text("state");
    let all = all(&mut session, context.now().day())?;
    let found: Vec<Found> = all
        .into_iter()
        .map(|found| if session.is_fresh() { told(&mut session, found) } else { found })
        .filter(|found| match wanted {
            None => true,
            // Whatever may still be paid.
            Some("open") => found.may_be_open(),
            // Without the home nobody can say that it is another.
            Some(wanted) => found.state.is_none() || wanted == state_word(found.state),
        })
        .collect();
    let mut table = Table::new(vec![
        text!("label-request"),
        text!("label-direction"),
        text!("label-who"),
        text!("label-amount"),
        text!("label-state"),
        text!("label-valid-until"),
        text!("label-text"),
    ]);
    let mut items = Vec::new();
    for found in &found {
        let request = found.link.request.request();
        let who = payee(&mut session, found);
        let (direction, with, number) = if found.received {
            (text!("request-received"), who.shown().into(), who.number)
        } else {
            let payer = payer(&mut session, found);
            (text!("request-sent"), payer.shown, payer.number)
        };
        items.push(json_of(found, &who, number));
        table.row(vec![
            short(found.id()).into(),
            direction.into(),
            with,
            request.minutes.into(),
            state(found.state).into(),
            Value::Text(crate::dates::iso_day(request.valid_until)),
            found.words().unwrap_or_default().into(),
        ]);
    }
    let data = json!({ "items": items, "total": items.len(), "next": null });
    let screen = match (table.is_empty(), session.is_fresh()) {
        (true, true) => Screen::new().line(text!("request-empty")),
        (true, false) => Screen::new().line(text!("request-empty-here")),
        (false, _) => Screen::new().table(table),
    };
    let done = Done::new(data, screen);
    Ok(match session.silence() {
        Some(failure) if !session.is_fresh() => {
            let offline = text!("request-offline");
            with_silence(done, failure, offline, |why| text!("request-silence", why = why))
        }
        _ => done,
    })
}
