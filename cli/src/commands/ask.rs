//! `pirate ask AMOUNT`: signs a request for hours and gives it as a link; `--from` sends it to somebody.
//! A request moves nothing; it is kept here, since a home only knows those that it carried.

use proto::{
    body::Body,
    codec::Bytes,
    desk::{Call, Reply},
    ids::{CiteId, MemberId},
    minutes::Minutes,
    request::Request,
    time::UtcDay,
    wire::{Letter, LetterContent},
};
use serde_json::json;

use super::{Args, pay::words, request::short};
use crate::{
    amount, codes,
    context::Context,
    dates,
    error::Failure,
    output::{Done, Screen},
    person::{self, Person},
    reply::unexpected,
    standing, text,
    wallet::{Wallet, request_link::RequestLink, session::Session},
};

/// Days that a request lasts when `--expires` says nothing.
const DAYS: u64 = 7;

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let minutes = args.minutes("amount")?.unwrap_or_default();
    if minutes == Minutes(0) {
        return Err(Failure::new(codes::AMOUNT_ZERO, text!("refusal-zero")));
    }
    let until = last_day(context, args.text("expires"))?;
    let body = args
        .text("for")
        .filter(|text| !text.trim().is_empty())
        .map(|text| words(text.to_owned(), String::new()))
        .transpose()?;
    let mut session = Session::open(context)?;
    check_amount(&session, minutes)?;
    check_last_day(&session, until, context.now().day())?;
    let payer = match args.text("from") {
        Some(typed) => Some(asked(&mut session, typed)?),
        None => None,
    };
    let mut serial = [0; 16];
    getrandom::fill(&mut serial)
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    let member = payer.as_ref().map(|(_, member)| *member);
    let request = request(&session.wallet, minutes, serial, until, member, body.as_ref());
    let network = standing::network(session.wallet.network());
    if context.global.dry_run {
        let screen =
            Screen::new().line(text!("ask-receive", amount = minutes)).line(text!("ask-dry"));
        let data = json!({ "minutes": minutes.0, "expires_at": dates::iso_day(until) });
        return Ok(Done::new(data, screen));
    }
    let link = RequestLink::new(request.sign(session.key()), body)
        .expect("the request commits to these very words");
    session.wallet.keep_request(&link)?;
    if let Some((person, _)) = &payer {
        person.remember(&session.wallet, context.now().day())?;
    }
    let name = short(link.request.id());
    let mut screen = Screen::new()
        .title(text!("request-title", request = name.as_str(), network = network))
        .inset(text!("ask-receive", amount = minutes))
        .fact(text!("label-valid-until"), until);
    if let Some(body) = &link.body {
        screen = screen.fact(text!("label-for"), body.text.as_str());
    }
    let sent = payer
        .as_ref()
        .map(|(person, member)| (person.clone(), send(&mut session, person, *member, &link)));
    let data = data(&link, session.wallet.home(), &sent);
    screen = screen.fact(text!("label-link"), link.to_text());
    let mut done = match sent {
        None => Done::new(data, screen).hint(text!("ask-keep"), &[]),
        Some((person, Ok(()))) => {
            let who = person.shown();
            if person.home == session.wallet.home() {
                Done::new(data, screen.line(text!("ask-sent-to", who = who)))
            } else {
                Done::new(data, screen.line(text!("ask-on-its-way", who = who)))
                    .hint(text!("ask-follow"), &["pirate", "request", "show", &name])
            }
        }
        Some((person, Err(failure))) => Done::new(data, screen).warn(
            failure.code(),
            text!("ask-not-delivered", who = person.shown()),
            &[],
        ),
    };
    if session.wallet.network().test {
        done = done.warn(codes::TEST_NETWORK, text!("warn-test-network"), &[]);
    }
    Ok(done)
}

/// Returns the last day of the request: `7d`, or `2026-11-30`.
fn last_day(context: &Context, typed: Option<&str>) -> Result<UtcDay, Failure> {
    let now = context.now();
    let Some(typed) = typed else { return Ok(now.day().plus(DAYS)) };
    let day = match dates::parse_day(typed) {
        Ok(day) => day,
        Err(_) => now.day().plus(dates::parse_days(typed)?),
    };
    if day < now.day() {
        return Err(Failure::new(codes::DATE_UNREADABLE, text!("ask-past")));
    }
    Ok(day)
}

/// A request that nobody could pay is not signed at all: the payer would meet the refusal.
fn check_amount(session: &Session<'_>, minutes: Minutes) -> Result<(), Failure> {
    if minutes > Minutes::PAYMENT_MAX {
        let message = text!("refusal-too-much", max = Minutes::PAYMENT_MAX);
        return Err(Failure::new(codes::TOO_MUCH, message));
    }
    let Ok(account) = session.account() else { return Ok(()) };
    let step = account.rules.step;
    if !minutes.0.is_multiple_of(step.0.max(1)) {
        return Err(Failure::new(codes::NOT_A_STEP, text!("refusal-step", step = step)));
    }
    Ok(())
}

/// A request that the home would refuse for its length is not signed at all.
fn check_last_day(session: &Session<'_>, until: UtcDay, today: UtcDay) -> Result<(), Failure> {
    let Ok(account) = session.account() else { return Ok(()) };
    let latest = today.plus(u64::from(account.rules.request_days_max));
    if until > latest {
        let message = text!("refusal-request-long", latest = latest);
        return Err(Failure::new(codes::REQUEST_TOO_LONG, message));
    }
    Ok(())
}

fn asked(session: &mut Session<'_>, typed: &str) -> Result<(Person, MemberId), Failure> {
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let person = person::find(&session.wallet, desk, typed)?;
    let member = person.member().ok_or_else(|| person::unreadable(typed))?;
    if member == session.wallet.member() {
        return Err(Failure::new(codes::TO_ONESELF, text!("refusal-oneself")));
    }
    Ok((person, member))
}

fn request(
    wallet: &Wallet,
    minutes: Minutes,
    serial: [u8; 16],
    valid_until: UtcDay,
    payer: Option<MemberId>,
    body: Option<&Body>,
) -> Request {
    let (epoch, lane) = wallet.device();
    Request {
        version: 1,
        network: wallet.founding().network(),
        home: wallet.home(),
        payee: wallet.member(),
        epoch,
        lane,
        payer,
        minutes,
        serial,
        valid_until,
        body: body.map(Body::commitment),
    }
}

fn send(
    session: &mut Session<'_>,
    to: &Person,
    member: MemberId,
    link: &RequestLink,
) -> Result<(), Failure> {
    let request = Bytes::from(link.request.bytes().to_vec());
    let content = LetterContent::Request { request, body: link.body.clone() };
    match session.desk()?.call(Call::Letter(Letter { home: to.home, to: member, content }))? {
        Reply::Done => Ok(()),
        _ => Err(unexpected()),
    }
}

fn data(
    link: &RequestLink,
    own: CiteId,
    sent: &Option<(Person, Result<(), Failure>)>,
) -> serde_json::Value {
    let size = i64::from(link.request.request().minutes.0);
    let recipients: Vec<_> = sent
        .iter()
        .map(|(person, sent)| {
            json!({
                "member": person.member().map(|member| member.to_string()),
                "number": person.number,
                "cite": person.home.to_string(),
                "sent": sent.is_ok(),
                // Whether another home takes the letter is known later.
                "delivered": sent.is_ok() && person.home == own,
            })
        })
        .collect();
    json!({
        "request": link.request.id().to_string(),
        "short": short(link.request.id()),
        "minutes": size,
        "iso": amount::iso(size),
        "for": link.body.as_ref().map(|body| body.text.as_str()),
        "expires_at": dates::iso_day(link.request.request().valid_until),
        "uri": link.to_text(),
        "recipients": recipients,
    })
}
