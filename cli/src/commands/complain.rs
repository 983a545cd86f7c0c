//! `pirate complain`: hands the oldest order that the home does not take to the witnesses of its log, who see to it.
//! It signs nothing new, and asks the home nothing: the home is who is complained about.

use proto::{
    codec::Bytes,
    desk::{Call, ComplaintSheet, ComplaintState, Reply},
};
use serde_json::json;

use super::Args;
use crate::{
    codes,
    context::Context,
    dates,
    error::Failure,
    exit::Exit,
    output::{Done, Mark, Screen},
    reply::{is_no, is_silence, unexpected},
    text,
    waiting::Patience,
    wallet::{
        Wallet,
        desk::{Desk, Target},
        outbox::Waiting,
        session::described,
        ways::Way,
    },
};

/// What one witness answered.
struct Answered {
    way: Way,
    said: Result<ComplaintSheet, Failure>,
}

pub(super) fn run(context: &Context, _args: &Args<'_>) -> Result<Done, Failure> {
    let wallet = Wallet::load(context)?;
    let order = wallet
        .not_taken()?
        .ok_or_else(|| Failure::new(codes::NOTHING_TO_COMPLAIN, text!("complain-nothing")))?;
    let target = Target::of(wallet.founding(), wallet.addresses());
    let mut near = near(context, &target)?;
    let ways = witnesses(&wallet, near.as_mut())?;
    let names: Vec<&str> = ways.iter().map(|way| way.slug.as_str()).collect();
    let screen = Screen::new()
        .title(text!("complain-heading", cite = wallet.home_name()))
        .fact(text!("label-order"), described(&order))
        .fact(text!("label-valid-until"), order.order.order().valid_until)
        .fact(text!("label-witnesses"), names.join(", "));
    context.show(&screen);
    if context.global.dry_run {
        let data = data(&wallet, &order, &[], 0);
        return Ok(Done::new(data, Screen::new().line(text!("complain-dry"))));
    }
    context.prompt.confirm(&text!("complain-question"), false)?;
    let of = ways.len();
    let answers: Vec<Answered> = ways
        .into_iter()
        .zip((1..=of).rev())
        .map(|(way, left)| {
            let patience = context.patience.part(left);
            let said = hand_over(&target, near.as_mut(), &way, &order, &patience);
            Answered { way, said }
        })
        .collect();
    told(&wallet, &order, answers)
}

/// Returns the desk that passes calls on to the witnesses, where that is another than their own: the one that
/// `--node` names, or this machine's, whose home is on it.
fn near(context: &Context, target: &Target) -> Result<Option<Desk>, Failure> {
    if context.global.node.is_some() || target.addresses.is_empty() || context.global.offline {
        return Desk::reach(context, target).map(Some);
    }
    Ok(None)
}

/// Returns the nodes that may be witnesses: all that are known here but the home's. Which of them are, they say.
fn witnesses(wallet: &Wallet, near: Option<&mut Desk>) -> Result<Vec<Way>, Failure> {
    let known = match near.map(|desk| desk.call_here(Call::Cites)) {
        Some(Ok(Reply::Cites(known))) => known,
        Some(Ok(_)) => return Err(unexpected()),
        Some(Err(failure)) => return Err(failure),
        None => Vec::new(),
    };
    let mut ways = wallet.ways();
    for way in wallet.ways_of(&known) {
        if !ways.iter().any(|other| other.cite == way.cite) {
            ways.push(way);
        }
    }
    ways.retain(|way| way.cite != wallet.home());
    if ways.is_empty() {
        let cite = wallet.home_name();
        return Err(Failure::new(codes::NO_WITNESS, text!("complain-nobody", cite = cite)));
    }
    Ok(ways)
}

fn hand_over(
    target: &Target,
    near: Option<&mut Desk>,
    way: &Way,
    order: &Waiting,
    patience: &Patience,
) -> Result<ComplaintSheet, Failure> {
    let call = Call::Complain(Bytes::from(order.order.bytes().to_vec()));
    let reply = match near {
        Some(desk) => desk.call_at(way.cite, call)?,
        None => Desk::at(target, way, patience)?.call_at(way.cite, call)?,
    };
    match reply {
        Reply::Complaint(sheet) => Ok(sheet),
        _ => Err(unexpected()),
    }
}

/// Returns how many witnesses are needed: one more than may be silent while the others still certify.
fn needed(answers: &[Answered]) -> usize {
    let sheets = answers.iter().filter_map(|answer| answer.said.as_ref().ok());
    let most = sheets.map(|sheet| usize::from(sheet.witnesses)).max().unwrap_or_default();
    most / 3 + 1
}

fn told(wallet: &Wallet, order: &Waiting, answers: Vec<Answered>) -> Result<Done, Failure> {
    let is = |answer: &Answered, state| matches!(&answer.said, Ok(sheet) if sheet.state == state);
    let recorded = answers.iter().any(|answer| is(answer, ComplaintState::Recorded));
    let kept = answers.iter().filter(|answer| answer.said.is_ok()).count();
    let needed = needed(&answers);
    if kept == 0 {
        // A no of the rules is worth more than that somebody else is no witness or silent.
        let failures = || answers.iter().filter_map(|answer| answer.said.as_ref().err());
        let refused = failures().find(|failure| is_no(failure));
        let cite = wallet.home_name();
        let nobody = || Failure::new(codes::NO_WITNESS, text!("complain-nobody", cite = cite));
        let because = |all: Failure, one: &Failure| all.because(one.message().clone());
        return Err(refused.cloned().unwrap_or_else(|| failures().fold(nobody(), because)));
    }
    let mut screen = Screen::new();
    for Answered { way, said } in &answers {
        let slug = way.slug.as_str();
        screen = match said {
            Ok(sheet) => match sheet.state {
                ComplaintState::Recorded => {
                    screen.mark(Mark::Good, text!("complain-recorded", slug = slug))
                }
                ComplaintState::Kept => screen.mark(
                    Mark::Good,
                    text!("complain-kept", slug = slug, offers = u64::from(sheet.offers)),
                ),
                ComplaintState::HoldsBack => {
                    screen.mark(Mark::Good, text!("complain-holds-back", slug = slug))
                }
            },
            Err(failure) => {
                let why = failure.message().clone();
                let mark = if is_silence(failure) { Mark::Warn } else { Mark::Bad };
                screen.mark(mark, text!("complain-not", slug = slug, why = why))
            }
        };
    }
    let data = data(wallet, order, &answers, needed);
    if recorded {
        let screen = screen.line(text!("complain-in-log"));
        return Ok(Done::new(data, screen).hint(text!("complain-look"), &["pirate", "balance"]));
    }
    if kept >= needed {
        return Ok(Done::new(data, screen.line(text!("complain-enough"))));
    }
    let few = text!("complain-few", kept = kept, needed = needed);
    let again = ["pirate", "complain"];
    Ok(Done::new(data, screen).warn(codes::NO_WITNESS, few, &again).exiting(Exit::TryLater))
}

const fn word(state: ComplaintState) -> &'static str {
    match state {
        ComplaintState::Recorded => "recorded",
        ComplaintState::Kept => "kept",
        ComplaintState::HoldsBack => "holds-back",
    }
}

fn data(
    wallet: &Wallet,
    order: &Waiting,
    answers: &[Answered],
    needed: usize,
) -> serde_json::Value {
    let witness = |Answered { way, said }: &Answered| {
        let sheet = said.as_ref().ok();
        json!({
            "cite": way.cite.to_string(),
            "slug": way.slug,
            "state": sheet.map(|sheet| word(sheet.state)),
            "cause": said.as_ref().err().map(|failure| failure.code().name()),
            "since": sheet.and_then(|sheet| sheet.since).map(dates::rfc3339),
            "offers": sheet.map(|sheet| sheet.offers),
        })
    };
    json!({
        "cite": wallet.home().to_string(),
        "order": order.id().to_string(),
        "valid_until": dates::iso_day(order.order.order().valid_until),
        "needed": needed,
        "witnesses": answers.iter().map(witness).collect::<Vec<_>>(),
    })
}
