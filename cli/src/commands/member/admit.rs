//! `pirate member admit`: a steward admits those who asked; each gets a number and a card.

use proto::{
    act::{Act, Admit, Level},
    membership::Terms,
    time::UtcDay,
};
use serde_json::json;

use super::{Applicant, applicants, list, renew::allowance};
use crate::{
    codes,
    commands::Args,
    context::Context,
    dates,
    deciding::{self, Decided},
    entries::short,
    error::Failure,
    output::{Done, Mark, Screen},
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let waiting = applicants(&mut session)?;
    let chosen: Vec<&Applicant> = match (args.text("who"), args.flag("all")) {
        (Some(_), true) => {
            return Err(Failure::new(codes::USAGE, text!("admit-who-or-all")));
        }
        (Some(typed), false) => vec![find(&waiting, typed)?.unproposed()?],
        (None, true) => waiting.iter().filter(|one| one.proposed.is_none()).collect(),
        (None, false) => Vec::new(),
    };
    if chosen.is_empty() {
        let items: Vec<_> = waiting.iter().map(Applicant::json).collect();
        return Ok(list::applied(&waiting, json!({ "admitted": [], "waiting": items })));
    }
    let today = context.now().day();
    let until = term(&session, args, today)?;
    let level = if args.flag("steward") { Level::Steward } else { Level::Member };
    let most = session.account()?.rules.allowance_max;
    let allowance = allowance(args)?.unwrap_or(most);
    let terms = Terms { level, from: today, until, allowance };
    let acts: Vec<Act> = chosen
        .iter()
        .map(|applicant| Act::Admit(Admit { join: applicant.application.join.clone(), terms }))
        .collect();
    let mut screen = deciding::announced(&session, acts.first().expect("somebody was chosen"));
    for applicant in &chosen {
        screen = screen.inset(text!(
            "admit-who",
            alias = applicant.application.alias.as_str(),
            member = short(applicant.member)
        ));
    }
    if level == Level::Steward {
        screen = screen.mark(Mark::Warn, text!("admit-steward"));
    }
    context.show(&screen.line(text!("admit-undo")));
    if context.global.dry_run {
        let items: Vec<_> = chosen.iter().map(|applicant| applicant.json()).collect();
        return Ok(Done::new(
            json!({ "admitted": [], "waiting": items }),
            Screen::new().line(text!("nothing-signed")),
        ));
    }
    context.prompt.confirm(&text!("admit-confirm", count = chosen.len()), false)?;
    let mut decided: Vec<(&Applicant, Decided)> = Vec::new();
    for (applicant, act) in chosen.iter().zip(acts) {
        match deciding::decide(&mut session, act) {
            Ok(done) => decided.push((applicant, done)),
            // What was signed before stands; it is said before the failure.
            Err(failure) => {
                if !decided.is_empty() {
                    context.show(&admitted(&decided));
                }
                let alias = applicant.application.alias.as_str();
                return Err(failure.because(text!("admit-stopped-at", alias = alias)));
            }
        }
    }
    let data = json!({
        "admitted": decided.iter().map(|(applicant, decided)| {
            let mut item = applicant.json();
            if let (Some(object), Some(more)) = (item.as_object_mut(), decided.json().as_object()) {
                object.extend(more.clone());
                object.insert("card_to".to_owned(), json!(dates::iso_day(until)));
            }
            item
        }).collect::<Vec<_>>(),
    });
    let done = Done::new(data, admitted(&decided));
    Ok(match decided.first() {
        Some((_, first)) => first.hint(done),
        None => done,
    })
}

fn admitted(decided: &[(&Applicant, Decided)]) -> Screen {
    decided.iter().fold(Screen::new(), |screen, (applicant, decided)| {
        let alias = applicant.application.alias.as_str();
        // Nobody is admitted before the others agree.
        let done = match decided.waits() {
            true => text!("admit-proposed", alias = alias),
            false => text!("admit-done", alias = alias),
        };
        decided.show(screen, done)
    })
}

/// Returns the last day of the card: as asked, else as long as the rules allow.
pub(super) fn term(
    session: &Session<'_>,
    args: &Args<'_>,
    today: UtcDay,
) -> Result<UtcDay, Failure> {
    let days = u64::from(session.account()?.rules.card_days);
    match args.day("card-until")? {
        Some(until) if until < today => {
            Err(Failure::new(codes::USAGE, text!("admit-card-past", until = until)))
        }
        Some(until) => Ok(until),
        None => Ok(today.plus(days.saturating_sub(1))),
    }
}

/// Returns the only applicant of this name or identity (or the beginning of it).
pub(super) fn find<'a>(waiting: &'a [Applicant], typed: &str) -> Result<&'a Applicant, Failure> {
    let typed = typed.trim().trim_end_matches('…');
    let named = |applicant: &&Applicant| {
        applicant.application.alias.to_lowercase() == typed.to_lowercase()
            || (typed.starts_with("pmemb1") && applicant.member.to_string().starts_with(typed))
    };
    let mut found = waiting.iter().filter(named);
    let failure = match (found.next(), found.next()) {
        (Some(only), None) => return Ok(only),
        (Some(_), Some(_)) => {
            Failure::new(codes::NO_SUCH_APPLICATION, text!("application-two", typed = typed))
        }
        _ => Failure::new(codes::NO_SUCH_APPLICATION, text!("application-none", typed = typed)),
    };
    Err(failure.fix(&["pirate", "member", "list", "--state", "applied"]))
}
