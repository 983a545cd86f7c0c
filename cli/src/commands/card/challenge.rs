//! `pirate card challenge`: asks whoever shows a card to prove that it is theirs. Needs no key and no node; whoever asks
//! keeps what was asked, for `card check --challenge … --answer …`.

use proto::card::Challenge;
use serde_json::json;

use crate::{
    codes,
    commands::Args,
    context::Context,
    error::Failure,
    output::{Done, Screen},
    qr::QrCode,
    text,
};

pub(in crate::commands) fn run(_: &Context, _: &Args<'_>) -> Result<Done, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    let challenge = Challenge(bytes).to_text();
    let code = QrCode::of(&challenge).expect("a challenge has 75 characters");
    let screen =
        Screen::new().line(text!("card-challenge-how")).said(challenge.as_str()).code(code);
    let done = Done::new(json!({ "challenge": challenge }), screen);
    Ok(done.hint_for_others(text!("card-answer-how"), &["pirate", "card", "answer", &challenge]))
}
