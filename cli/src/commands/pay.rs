//! `pirate pay REQUEST` or `pirate pay WHO AMOUNT`: shows who, what, to whom and what is left, then signs.
//! Nothing is called paid before the receipt was verified; an expired request is read and not paid.

mod screen;

use proto::{
    body::Body,
    codec::Bytes,
    desk::{AccountSheet, Fact, Refused, RequestState},
    ids::{Account, MemberId},
    minutes::Minutes,
    order::{Export, Pay, Statement},
    request::Request,
    time::UtcDay,
};
use serde_json::json;

use self::screen::{data, done, shown};
use super::{Args, request};
use crate::{
    amount, codes,
    context::Context,
    dates,
    error::Failure,
    language::Value,
    output::{Done, Screen},
    person::{self, Person},
    refusals::{self, brief},
    text, typed,
    wallet::{Wallet, outbox::Waiting, request_link::RequestLink, session::Session},
};

/// A payment that was decided and is not signed yet.
struct Plan {
    to: Person,
    minutes: Minutes,
    request: Option<RequestLink>,
    /// Whether the request was declined before, as far as is known here.
    declined: bool,
    /// Minutes that orders take which were signed earlier and wait.
    waiting: u64,
    words: String,
    category: String,
}

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let to = args.required("to");
    let asked = args.minutes("amount").map_err(|failure| match failure.code() {
        // Whoever types a sign by mistake must not be led to ask for hours in their place.
        codes::AMOUNT_NEGATIVE => failure.because(text!("pay-only-gives")),
        _ => failure,
    })?;
    let day = args.day("on")?;
    // Ahead of UTC it may be tomorrow already, and behind it still yesterday.
    let latest = context.now().day().max(dates::day_here(context.now()));
    if day.is_some_and(|day| day > latest) {
        return Err(Failure::new(codes::DATE_UNREADABLE, text!("pay-not-yet")));
    }
    let words = args.text("for").map(|words| typed::plain(words, Body::TEXT_MAX)).transpose()?;
    let today = context.now().day();
    if RequestLink::looks_like(to) {
        // An expired request is readable without keys and without a node.
        let link = RequestLink::read(to)?;
        if link.request.request().valid_until < today {
            return Err(expired(context, &link, None, today));
        }
    }
    let mut session = Session::open(context)?;
    let mut plan = match person::parse(to) {
        Some(_) => to_somebody(&mut session, to, asked)?,
        None => answering(context, &mut session, to, asked, today)?,
    };
    if let Some(words) = words {
        plan.words = words;
    }
    if let Some(day) = day {
        let on = dates::iso_day(day);
        plan.words = if plan.words.is_empty() { on } else { format!("{} · {on}", plan.words) };
    }
    pay(context, session, plan)
}

fn to_somebody(
    session: &mut Session<'_>,
    typed: &str,
    asked: Option<Minutes>,
) -> Result<Plan, Failure> {
    let minutes = asked.ok_or_else(|| {
        Failure::new(codes::USAGE, text!("no-amount")).fix(&["pirate", "pay", typed, "1h30"])
    })?;
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let to = person::find(&session.wallet, desk, typed)?;
    let (words, category) = (String::new(), String::new());
    Ok(Plan { to, minutes, request: None, declined: false, waiting: 0, words, category })
}

fn answering(
    context: &Context,
    session: &mut Session<'_>,
    typed: &str,
    asked: Option<Minutes>,
    today: UtcDay,
) -> Result<Plan, Failure> {
    let found = request::find(session, typed, today).map_err(|failure| {
        if failure.code() == codes::NO_SUCH_REQUEST && means_somebody(typed, asked) {
            person::nobody(typed)
        } else {
            failure
        }
    })?;
    let link = found.link.clone();
    let request = link.request.request();
    let to = request::payee(session, &found);
    if !found.received {
        return Err(Failure::new(codes::TO_ONESELF, text!("pay-own-request")));
    }
    check(request, &session.wallet)?;
    match found.state {
        Some(RequestState::Expired) => return Err(expired(context, &link, Some(&to), today)),
        Some(RequestState::Paid) => {
            return Err(Failure::new(codes::REQUEST_USED, text!("refusal-request-used"))
                .fix(&["pirate", "history"]));
        }
        None
        | Some(
            RequestState::Open
            | RequestState::UnderWay
            | RequestState::Declined
            | RequestState::Undelivered,
        ) => {}
    }
    if asked.is_some_and(|asked| asked != request.minutes) {
        let asked = request.minutes;
        return Err(Failure::new(codes::USAGE, text!("amount-and-request", asked = asked))
            .fix(&["pirate", "pay", typed]));
    }
    let body = link.body.clone();
    Ok(Plan {
        to,
        minutes: request.minutes,
        words: body.as_ref().map(|body| body.text.clone()).unwrap_or_default(),
        category: body.map(|body| body.category).unwrap_or_default(),
        request: Some(link),
        declined: found.state == Some(RequestState::Declined),
        waiting: 0,
    })
}

/// Whether what is neither a person nor a request here was meant as a person: who types a name, or how
/// much to pay, learns how people are named.
fn means_somebody(typed: &str, asked: Option<Minutes>) -> bool {
    let folded = typed.trim().to_lowercase();
    let digits = !folded.is_empty() && folded.bytes().all(|byte| byte.is_ascii_digit());
    let request = folded.starts_with(request::ID_HEAD) || RequestLink::looks_like(&folded);
    let identity = folded.starts_with(MemberId::PREFIX);
    !request && (asked.is_some() || digits || identity || folded.contains('@'))
}

/// What a request says against being paid from this wallet; the homes check it again.
fn check(request: &Request, wallet: &Wallet) -> Result<(), Failure> {
    if request.network != wallet.founding().network() {
        return Err(Failure::new(codes::WRONG_NETWORK, text!("pay-other-network")));
    }
    if request.payer.is_some_and(|payer| payer != wallet.member()) {
        return Err(Failure::new(codes::REQUEST_MISMATCH, text!("pay-not-yours")));
    }
    Ok(())
}

/// P0412: since when, what it asked, that nothing was paid, and how to pay without it.
fn expired(
    context: &Context,
    link: &RequestLink,
    payee: Option<&Person>,
    today: UtcDay,
) -> Failure {
    let request = link.request.request();
    let (until, minutes) = (request.valid_until, i64::from(request.minutes.0));
    let days = today.0.saturating_sub(until.0);
    let who: Value = match payee {
        Some(person) => person.shown().into(),
        None => brief(&request.payee.to_string()).into(),
    };
    let words = link.body.as_ref().map(|body| body.text.as_str()).filter(|text| !text.is_empty());
    let what = match words {
        Some(words) => {
            text!("pay-expired-what-for", who = who, amount = request.minutes, text = words)
        }
        None => text!("pay-expired-what", who = who, amount = request.minutes),
    };
    let to = payee.map_or_else(|| format!("{}@{}", request.payee, request.home), Person::typed);
    let typed: String =
        amount::show(context.lang, minutes).chars().filter(|c| !c.is_whitespace()).collect();
    let mut failure =
        Failure::new(codes::REQUEST_EXPIRED, text!("pay-expired", days = days, until = until))
            .because(what);
    if payee.is_none() {
        // Nobody was asked whose key it is.
        failure = failure.because(text!("pay-expired-unchecked"));
    }
    // Somebody else's words are no part of a command.
    failure
        .because(text!("pay-expired-nothing"))
        .fix_for(text!("pay-without-request"), &["pirate", "pay", &to, &typed])
        .data(json!({
            "request": link.request.id().to_string(),
            "expired_at": dates::iso_day(until),
            "paid": false,
        }))
}

fn pay(context: &Context, mut session: Session<'_>, mut plan: Plan) -> Result<Done, Failure> {
    if plan.to.account == Account::Member(session.wallet.member()) {
        return Err(Failure::new(codes::TO_ONESELF, text!("refusal-oneself")));
    }
    if plan.minutes == Minutes(0) {
        return Err(Failure::new(codes::AMOUNT_ZERO, text!("refusal-zero")));
    }
    let body = body_of(&plan)?;
    let account = session.account()?.clone();
    let waiting = session.wallet.waiting()?;
    if let Some(link) = &plan.request
        && waiting.iter().any(|waiting| answers(waiting, link))
    {
        return Err(Failure::new(codes::REQUEST_USED, text!("pay-request-waits"))
            .fix(&["pirate", "balance"]));
    }
    plan.waiting = waiting.iter().map(Waiting::minutes).sum();
    if !session.is_fresh() {
        within(&account, plan.waiting, plan.minutes)
            .map_err(|failure| failure.because(text!("pay-as-last-known", at = account.now)))?;
    } else if context.global.dry_run {
        // In earnest the home says so.
        within(&account, plan.waiting, plan.minutes)?;
    }
    context.show(&shown(&session, &plan, &account));
    if context.global.dry_run {
        let data = data(&session, &plan, &account, None);
        return Ok(Done::new(data, Screen::new().line(text!("pay-dry"))));
    }
    context.prompt.confirm(&text!("pay-question"), false)?;
    // Before the hours are gone: a payment that waits needs the name again, too.
    plan.to.remember(&session.wallet, context.now().day())?;
    let statement = statement(&session.wallet, &plan);
    let recorded = {
        let _progress = context.progress(text!("sending-order"));
        session.submit(statement, body)?
    };
    Ok(done(&session, &plan, &account, &recorded))
}

/// Returns whether an order that waits pays this request.
fn answers(waiting: &Waiting, link: &RequestLink) -> bool {
    let request = match &waiting.order.order().statement {
        Statement::Pay(pay) => &pay.request,
        Statement::Export(export) => &export.request,
        _ => &None,
    };
    request.as_ref().is_some_and(|request| request.as_ref() == link.request.bytes())
}

/// What the home would refuse by what it last told is not signed for it: it would stand before all that is signed
/// later. `waiting` are the minutes of the orders that are signed already.
fn within(account: &AccountSheet, waiting: u64, minutes: Minutes) -> Result<(), Failure> {
    let no = |number, facts| Err(refusals::failure(&Refused { number, facts }));
    let step = account.rules.step;
    if !minutes.0.is_multiple_of(step.0.max(1)) {
        return no(21, vec![Fact::Minutes(step.0.into())]);
    }
    if minutes > Minutes::PAYMENT_MAX {
        return no(22, vec![Fact::Minutes(Minutes::PAYMENT_MAX.0.into())]);
    }
    let gone = i64::try_from(waiting).unwrap_or(i64::MAX).saturating_add(minutes.0.into());
    let (after, floor) = (account.balance.0.saturating_sub(gone), account.floor.0);
    if after < floor {
        let missing = floor.saturating_sub(after);
        return no(25, [missing, after, floor].map(Fact::Minutes).to_vec());
    }
    Ok(())
}

/// Returns the words that the payment commits to, if there are any.
fn body_of(plan: &Plan) -> Result<Option<Body>, Failure> {
    if plan.words.is_empty() && plan.category.is_empty() {
        return Ok(None);
    }
    words(plan.words.clone(), plan.category.clone()).map(Some)
}

/// Returns salted words, once they are as short and plain as a body must be.
pub(super) fn words(text: String, category: String) -> Result<Body, Failure> {
    let mut salt = [0; 32];
    getrandom::fill(&mut salt)
        .map_err(|error| Failure::new(codes::BUG, text!("no-chance")).caused_by(&error))?;
    let text = typed::plain(&text, Body::TEXT_MAX)?;
    let category = typed::plain(&category, Body::CATEGORY_MAX)?;
    Ok(Body { salt, text, category })
}

fn statement(wallet: &Wallet, plan: &Plan) -> Statement {
    let request = plan.request.as_ref().map(|link| Bytes::from(link.request.bytes().to_vec()));
    let minutes = plan.minutes;
    match plan.to.member() {
        Some(payee) if plan.to.home != wallet.home() => {
            Statement::Export(Export { to: plan.to.home, payee, minutes, request })
        }
        _ => Statement::Pay(Pay { payee: plan.to.account, minutes, request }),
    }
}

#[cfg(test)]
mod tests {
    use proto::{minutes::Minutes, time::UtcDay};

    use super::{expired, means_somebody, within, words};
    use crate::{
        codes,
        context::Context,
        language::Lang,
        person,
        tree::Global,
        wallet::tests::{account, request_link},
    };

    #[test]
    fn who_names_nobody_is_told_so_and_not_of_requests() {
        let asked = Some(Minutes(15));
        for (typed, asked, code) in [
            ("Marcel", asked, codes::PAYEE_UNREADABLE),
            ("pmemb1xxx", asked, codes::PAYEE_UNREADABLE),
            ("PMEMB1XXX", None, codes::PAYEE_UNREADABLE),
            ("marcel@", None, codes::PAYEE_UNREADABLE),
            ("4294967296", asked, codes::NO_SUCH_MEMBER),
            ("4294967296", None, codes::NO_SUCH_MEMBER),
            ("4294967296@tisserandes", asked, codes::NO_SUCH_MEMBER),
        ] {
            assert!(means_somebody(typed, asked), "{typed}");
            assert!(person::parse(typed).is_none(), "{typed}");
            assert_eq!(person::nobody(typed).code(), code, "{typed}");
        }
        let link = request_link(1, None, UtcDay(20_777), None);
        for (typed, asked) in [
            ("4vsw6rp0", None),
            ("preq14vsw6rp0", asked),
            (link.to_text().as_str(), asked),
            (link.request.id().to_string().as_str(), asked),
        ] {
            assert!(!means_somebody(typed, asked), "{typed}");
        }
    }

    #[test]
    fn an_expired_request_says_since_when_what_and_that_nothing_was_paid() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let global = Global { home: Some(dir.path().to_owned()), ..Global::default() };
        let body = words("Réparation de vélo".to_owned(), String::new()).expect("short enough");
        let link = request_link(1, None, UtcDay(20_777), Some(body));
        for lang in Lang::ALL {
            let context = Context::new(lang, global.clone()).expect("a directory is a home");
            let failure = expired(&context, &link, None, UtcDay(20_780));
            assert_eq!((failure.code(), failure.exit().code()), (codes::REQUEST_EXPIRED, 4));
            let said = lang.say(failure.message());
            assert!(said.contains('3') && said.contains("2026"), "{said}");
            let all = failure.details().iter().map(|d| lang.say(d)).collect::<String>();
            assert!(all.contains("Réparation de vélo"), "{all}");
            assert!(all.contains(&lang.t("pay-expired-unchecked")), "{all}");
            let fixes = failure.fixes();
            let fix = &fixes.first().expect("there is a way out").argv;
            // What the fix says must be readable again.
            assert_eq!(crate::amount::parse(&fix[3]), Ok(90));
            assert!(crate::person::parse(&fix[2]).is_some(), "{fix:?}");
            // And say nothing that somebody else wrote.
            assert_eq!(fix.len(), 4, "{fix:?}");
        }
    }

    #[test]
    fn what_the_last_answer_forbids_is_not_signed() {
        // Stands at 2 h, may go to −20 h, and counts quarter hours.
        let account = account(proto::ids::OrderId::NONE);
        for (waiting, minutes, code) in [
            (0, 22 * 60, None),
            (0, 22 * 60 + 15, Some(codes::BELOW_LIMIT)),
            (21 * 60, 60, None),
            (21 * 60, 75, Some(codes::BELOW_LIMIT)),
            (u64::MAX, 15, Some(codes::BELOW_LIMIT)),
            (0, 80, Some(codes::NOT_A_STEP)),
            (0, 2_000 * 60, Some(codes::TOO_MUCH)),
        ] {
            let said = within(&account, waiting, Minutes(minutes)).err();
            assert_eq!(said.map(|no| no.code()), code, "{waiting} {minutes}");
        }
    }

    #[test]
    fn words_are_plain_and_short_or_refused() {
        let odd = words("vélo\u{7}".to_owned(), String::new()).expect_err("it rings");
        assert_eq!(odd.code(), codes::TEXT_NOT_PLAIN);
        let odd = words("vélo".to_owned(), "c".repeat(33)).expect_err("33 bytes");
        assert_eq!(odd.code(), codes::TEXT_TOO_LONG);
        let body = words("vélo".to_owned(), String::new()).expect("short enough");
        assert_ne!(body.salt, words("vélo".to_owned(), String::new()).expect("short").salt);
        let failure = words("é".repeat(129), String::new()).expect_err("258 bytes");
        assert_eq!(failure.code(), codes::TEXT_TOO_LONG);
    }
}
