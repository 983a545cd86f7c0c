//! `pirate card answer`: proves to whoever checks the own card that it is shown by its holder. Asks no node; what is
//! signed serves for this one question.

use serde_json::json;

use super::read_challenge;
use crate::{
    commands::Args,
    context::Context,
    error::Failure,
    output::{Done, Screen},
    qr::QrCode,
    text,
    wallet::Wallet,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let challenge = read_challenge(args.required("challenge"))?;
    let wallet = Wallet::load(context)?;
    let key = context.identity()?.device_key();
    let network = wallet.founding().network();
    let answer = challenge.answer(&network, &wallet.home(), &wallet.member(), &key).to_text();
    let code = QrCode::of(&answer).expect("an answer has 125 characters");
    let screen = Screen::new().line(text!("card-answer-show")).said(answer.as_str()).code(code);
    Ok(Done::new(json!({ "answer": answer }), screen))
}
