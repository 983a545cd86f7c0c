//! `pirate node clock [--is-right]`: the node's clock beside those of its log and its allies; and the word of
//! whoever runs the node that it is right, where nobody else can tell.

use proto::desk::{Call, ClockSheet, Operator, Reply, Unavailable};
use serde_json::json;

use crate::{
    commands::Args,
    context::Context,
    dates,
    error::Failure,
    health,
    language::Value,
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    reply, text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut node = OwnNode::need(context)?;
    let word = args.flag("is-right") && !context.global.dry_run;
    if word {
        match node.ask(Call::Operator(Operator::ClockIsRight))? {
            Reply::Done => {}
            _ => return Err(reply::unexpected()),
        }
    }
    let status = node.status()?;
    let clock = &status.clock;
    let doubted = status.signing == Err(Unavailable::Clock);
    let data = json!({
        "now": dates::rfc3339(clock.now),
        "last_entry": dates::rfc3339(clock.last_entry),
        "trusted": dates::rfc3339(clock.trusted),
        "allies": clock.allies,
        "ahead_ms": clock.ahead_ms,
        "believed": !doubted,
        "word_given": word,
    });
    let mut screen = Screen::new();
    if word {
        screen = screen.mark(Mark::Good, text!("clock-word-taken"));
    }
    screen = screen
        .fact(text!("label-clock"), clock.now)
        .fact(text!("label-last-entry"), clock.last_entry)
        .fact(text!("label-clock-allies"), compared(clock));
    let alerts = health::of_clock(&status);
    let screen = alerts.iter().fold(screen, |screen, alert| alert.show(screen));
    let done = Done::new(data, screen);
    Ok(if doubted { done.not_ok() } else { done })
}

fn compared(clock: &ClockSheet) -> Value {
    match clock.ahead_ms {
        None => text!("clock-not-compared").into(),
        Some(ahead) => {
            let by = health::clock_minutes(ahead);
            match ahead.signum() {
                _ if by == Value::Minutes(0) => text!("clock-agrees", count = clock.allies),
                1 => text!("clock-ahead-of", by = by, count = clock.allies),
                _ => text!("clock-behind", by = by, count = clock.allies),
            }
            .into()
        }
    }
}
