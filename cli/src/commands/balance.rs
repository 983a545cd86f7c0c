//! `pirate balance`: where the own account stands, its limits, and what is on its way abroad.
//! Says how old the answer is when the node cannot be reached; `--of` is for stewards.

use proto::{
    desk::{AccountSheet, Call, Name, Query, Reply},
    ids::Account,
    membership::Validity,
    time::UnixMillis,
};
use serde_json::json;

use super::{Args, history::oldest_open};
use crate::{
    amount, codes,
    context::Context,
    dates,
    entries::validity_word,
    error::Failure,
    health::WAITING_MS,
    language::{Text, Value},
    output::{Done, Mark, Screen},
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
    let own = if account.abroad > 0 { abroad(&mut session, account.now) } else { None };
    let data = data(&session, &account, own.map(|own| own.since));
    let done = Done::new(data, screen(&session, &account, own));
    Ok(match session.silence() {
        Some(failure) if !session.is_fresh() => {
            let said = text!("balance-offline");
            with_silence(done, failure, said, |why| text!("balance-silence", why = why))
        }
        _ => done,
    })
}

/// Says why this is only what is known here: what was asked for (`--offline`), or what is in the way and the
/// way out of it.
pub(super) fn with_silence(
    done: Done,
    failure: &Failure,
    offline: Text,
    silent: impl Fn(Text) -> Text,
) -> Done {
    if failure.code() == codes::OFFLINE_ASKED {
        return done.warn(failure.code(), offline, &[]);
    }
    let why = failure.details().iter().fold(failure.message().clone(), |first, detail| {
        text!("sentence-then", first = first, second = detail.clone())
    });
    let fixes = failure.fixes();
    let fix: Vec<&str> =
        fixes.first().map(|fix| fix.argv.iter().map(String::as_str).collect()).unwrap_or_default();
    done.warn(failure.code(), silent(why), &fix)
}

/// Since when own hours are on their way abroad.
#[derive(Clone, Copy)]
struct Abroad {
    since: UnixMillis,
    /// Whether they wait: the other cité is away, or a day has passed.
    waits: bool,
}

/// Since when the oldest of the own hours are on their way, if the home says so.
fn abroad(session: &mut Session<'_>, now: UnixMillis) -> Option<Abroad> {
    let oldest = oldest_open(session).ok()??;
    let away = match session.desk().ok()?.call(Call::Cites) {
        Ok(Reply::Cites(known)) => known
            .iter()
            .filter(|known| {
                let record = ledger::proof::verify_founding(&known.founding);
                record.is_ok_and(|record| Account::Peer(record.cite()) == oldest.with)
            })
            .any(|known| !known.connected),
        _ => false,
    };
    Some(Abroad { since: oldest.time, waits: waits(oldest.time, now, away) })
}

/// Hours that left a moment ago are confirmed and taken in without anybody waiting for anything.
fn waits(since: UnixMillis, now: UnixMillis, away: bool) -> bool {
    away || now.since(since) > WAITING_MS
}

fn screen(session: &Session<'_>, account: &AccountSheet, own: Option<Abroad>) -> Screen {
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
    let screen = match account.validity {
        Validity::Good => screen,
        Validity::Suspended { until: None, .. } => {
            screen.mark(Mark::Warn, text!("refusal-suspended"))
        }
        Validity::Suspended { until: Some(until), .. } => {
            screen.mark(Mark::Warn, text!("balance-suspended-until", until = until))
        }
        Validity::Left { .. } => screen.mark(Mark::Warn, text!("refusal-left")),
    };
    let abroad = Value::Minutes(i64::try_from(account.abroad).unwrap_or(i64::MAX));
    match (account.abroad, own) {
        (0, _) => screen,
        (_, Some(Abroad { since, waits: true })) => {
            screen.line(text!("balance-abroad-since", amount = abroad, since = since))
        }
        _ => screen.line(text!("balance-abroad", amount = abroad)),
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
        "state": validity_word(&account.validity),
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

#[cfg(test)]
mod tests {
    use proto::time::UnixMillis;

    use super::waits;

    #[test]
    fn hours_wait_when_the_other_cite_is_away_or_a_day_has_passed() {
        let (since, day) = (UnixMillis(7), 86_400_000);
        for (later, away, wait) in
            [(0, false, false), (day, false, false), (day + 1, false, true), (0, true, true)]
        {
            assert_eq!(waits(since, UnixMillis(7 + later), away), wait, "{later} {away}");
        }
    }
}
