//! `pirate request list`: requests received and sent, with their state.
//! Shows what the home knows, and what was made here and given away by hand.

use serde_json::json;

use super::{Found, all, json_of, payee, payer, short, state, state_word};
use crate::{
    commands::Args,
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
    let found: Vec<Found> = all(&mut session, context.now().day())?
        .into_iter()
        .filter(|found| wanted.is_none_or(|wanted| wanted == state_word(found.state)))
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
        items.push(json_of(found, &who));
        let (direction, with) = if found.received {
            (text!("request-received"), who.shown().into())
        } else {
            (text!("request-sent"), payer(&mut session, found))
        };
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
    let screen = if table.is_empty() {
        Screen::new().line(text!("request-empty"))
    } else {
        Screen::new().table(table)
    };
    Ok(Done::new(data, screen))
}
