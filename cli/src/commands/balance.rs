//! `pirate balance`: where the own account stands, its limits, and what is on its way abroad.
//! Says how old the answer is when the node cannot be reached; `--of` is for stewards.

use proto::{
    desk::{AccountSheet, Call, Name, Query, Reply},
    time::UnixMillis,
};
use serde_json::json;

use super::Args;
use crate::{
    amount, codes,
    context::Context,
    dates,
    error::Failure,
    language::Value,
    output::{Done, Screen},
    person::{self, Typed},
    reply::unexpected,
    text,
    wallet::session::Session,
};

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    if let Some(typed) = args.text("of") {
        return of_somebody(&mut session, typed);
    }
    let account = session.account()?.clone();
    let since = if account.abroad > 0 { waiting_since(&mut session) } else { None };
    let done = Done::new(data(&session, &account, since), screen(&session, &account, since));
    Ok(match session.silence() {
        Some(failure) if !session.is_fresh() => with_silence(done, failure),
        _ => done,
    })
}

/// Says why this is only the last balance known: what was asked for (`--offline`), or what is in the way
/// and the way out of it.
fn with_silence(done: Done, failure: &Failure) -> Done {
    if failure.code() == codes::OFFLINE_ASKED {
        return done.warn(failure.code(), text!("balance-offline"), &[]);
    }
    let why = failure.details().iter().fold(failure.message().clone(), |first, detail| {
        text!("sentence-then", first = first, second = detail.clone())
    });
    let fixes = failure.fixes();
    let fix: Vec<&str> =
        fixes.first().map(|fix| fix.argv.iter().map(String::as_str).collect()).unwrap_or_default();
    done.warn(failure.code(), text!("balance-silence", why = why), &fix)
}

/// Since when the oldest hours of this cité are on their way, if the home says so.
fn waiting_since(session: &mut Session<'_>) -> Option<UnixMillis> {
    match session.desk().ok()?.call(Call::Sheet).ok()? {
        Reply::Sheet(sheet) => sheet.peers.iter().filter_map(|peer| peer.waiting_since).min(),
        _ => None,
    }
}

fn screen(session: &Session<'_>, account: &AccountSheet, since: Option<UnixMillis>) -> Screen {
    let balance: Value = if session.is_fresh() {
        account.balance.into()
    } else {
        text!("balance-as-of", balance = account.balance, at = account.now).into()
    };
    let screen = Screen::new()
        .fact(text!("label-cite"), session.wallet.home_name())
        .fact(text!("label-my-number"), account.number.to_string())
        .fact(text!("label-balance"), balance)
        .fact(text!("label-lowest"), Value::Limit(account.floor.0))
        .fact(text!("label-highest"), Value::Limit(account.ceiling.0));
    let abroad = Value::Minutes(i64::try_from(account.abroad).unwrap_or(i64::MAX));
    match (account.abroad, since) {
        (0, _) => screen,
        (_, Some(since)) => {
            screen.line(text!("balance-abroad-since", amount = abroad, since = since))
        }
        (_, None) => screen.line(text!("balance-abroad", amount = abroad)),
    }
}

fn data(
    session: &Session<'_>,
    account: &AccountSheet,
    since: Option<UnixMillis>,
) -> serde_json::Value {
    json!({
        "member": session.wallet.member().to_string(),
        "number": account.number,
        "minutes": account.balance.0,
        "iso": amount::iso(account.balance.0),
        "held_min": 0,
        "abroad_min": account.abroad,
        "waiting_since": since.map(dates::rfc3339),
        "limits_min": [account.floor.0, account.ceiling.0],
        "at": dates::rfc3339(account.now),
        "fresh": session.is_fresh(),
        "by_cite": [{ "cite": session.wallet.home().to_string(), "minutes": account.balance.0 }],
    })
}

fn of_somebody(session: &mut Session<'_>, typed: &str) -> Result<Done, Failure> {
    session.fresh_account()?;
    let number = match person::parse(typed) {
        Some(Typed::Member(Name::Number(number), cite))
            if cite.as_deref().is_none_or(|cite| cite == session.wallet.slug()) =>
        {
            number
        }
        _ => return Err(Failure::new(codes::PAYEE_UNREADABLE, text!("balance-of-here"))),
    };
    let Reply::Members(members) = session.private(Query::Members { from: number })? else {
        return Err(unexpected());
    };
    let member = members.into_iter().find(|member| member.number == number).ok_or_else(|| {
        let number = number.to_string();
        Failure::new(codes::NO_SUCH_MEMBER, text!("balance-of-nobody", number = number))
    })?;
    let data = json!({
        "member": member.member.to_string(),
        "number": member.number,
        "minutes": member.balance.0,
        "iso": amount::iso(member.balance.0),
    });
    let screen = Screen::new()
        .fact(text!("label-my-number"), member.number.to_string())
        .fact(text!("label-balance"), member.balance);
    Ok(Done::new(data, screen))
}
