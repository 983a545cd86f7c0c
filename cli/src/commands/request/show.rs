//! `pirate request show`: reads a request, even expired, even offline when it is given as a link.
//! Says who asks whom for what; pays nothing.

use proto::desk::RequestState;

use super::{Found, find, json_of, of_link, payee, payer, short, state};
use crate::{
    commands::Args,
    context::Context,
    error::Failure,
    keyring::hex,
    output::{Done, Screen},
    standing, text,
    wallet::{Wallet, request_link::RequestLink, session::Session},
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let typed = args.required("request");
    if args.flag("raw") && RequestLink::looks_like(typed) {
        return Ok(raw(&RequestLink::read(typed)?));
    }
    if RequestLink::looks_like(typed) && Wallet::look(context)?.is_none() {
        return unknown_reader(context, typed);
    }
    let mut session = Session::open(context)?;
    let found = find(&mut session, typed, context.now().day())?;
    if args.flag("raw") {
        return Ok(raw(&found.link));
    }
    let who = payee(&mut session, &found);
    let to = payer(&mut session, &found);
    let network = standing::network(session.wallet.network());
    let screen = screen(&found)
        .fact(text!("label-network"), network)
        .fact(text!("label-to"), who.shown())
        .fact(text!("label-from"), to.shown);
    let with = if found.received { who.number } else { to.number };
    let done = Done::new(json_of(&found, &who, with), rest(screen, &found));
    Ok(if found.received && found.may_be_open() {
        // One that the home does not have is found by its link alone.
        let name = if found.at_home { short(found.id()) } else { found.link.to_text() };
        done.hint(text!("request-pay-it"), &["pirate", "pay", &name])
            .hint(text!("request-decline-it"), &["pirate", "request", "decline", &name])
    } else {
        done
    })
}

fn raw(link: &RequestLink) -> Done {
    Done::raw(format!("{}\n", hex(link.request.bytes())))
}

/// Somebody who is member of no cité yet still may read what a link says.
fn unknown_reader(context: &Context, typed: &str) -> Result<Done, Failure> {
    let link = RequestLink::read(typed)?;
    let nobody = proto::ids::MemberId(proto::hash::Hash::ZERO);
    let found = of_link(link, nobody, context.now().day());
    let request = found.link.request.request();
    let cite = request.home.to_string();
    let who = crate::person::Person {
        home: request.home,
        slug: crate::refusals::brief(&cite),
        account: proto::ids::Account::Member(request.payee),
        number: None,
        word: crate::person::Word::Command,
    };
    let screen = screen(&found).fact(text!("label-to"), who.shown());
    Ok(Done::new(json_of(&found, &who, None), rest(screen, &found)))
}

fn screen(found: &Found) -> Screen {
    Screen::new()
        .fact(text!("label-request"), short(found.id()))
        .fact(text!("label-amount"), found.link.request.request().minutes)
}

fn rest(mut screen: Screen, found: &Found) -> Screen {
    if let Some(words) = found.words() {
        screen = screen.fact(text!("label-for"), words);
    }
    screen = screen
        .fact(text!("label-valid-until"), found.link.request.request().valid_until)
        .fact(text!("label-state"), state(found.state));
    if !found.received && found.state == Some(RequestState::Undelivered) {
        screen = screen.fact(text!("label-link"), found.link.to_text());
    }
    if !found.reason.is_empty() {
        screen = screen.fact(text!("label-reason"), found.reason.as_str());
    }
    screen
}
