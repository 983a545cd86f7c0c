//! `pirate card check CARD`: does this card hold today, who vouches, and what was not checked. The card is a file, the
//! text of a short one, or on a photo.
//! Asks no node and needs no keys; it knows the own cité, and those with an account in the log on this disk.

mod here;
mod news;
mod short;

use std::{io::Read as _, path::Path, time::Duration};

use ledger::card::{self, CheckedCard, NotChecked, Term};
use proto::{card::SignedShortCard, ids::CiteId, membership::Terms, time::UnixMillis};
use serde_json::json;

pub(super) use self::news::Stands;
use self::{
    here::{Here, Known},
    news::Said,
};
use super::{not_checked, vouched};
use crate::{
    card_file::{self, CardFileError},
    codes,
    commands::Args,
    context::Context,
    dates,
    entries::{level, level_word},
    error::{Failure, cause, file_failure},
    exit::Exit,
    input,
    language::{Text, Value},
    mailed,
    output::{Done, Mark, Screen},
    standing, text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let max_age = args.span("max-age")?;
    let proof = short::proof(args)?;
    let written = match (args.text("card"), args.path("image")) {
        (None, Some(image)) => {
            return Ok(short::check(context, short::photographed(&image)?, max_age, proof));
        }
        (Some(card), None) if SignedShortCard::looks_like(card) => card.to_owned(),
        (Some(name), None) => read(name)?,
        _ => return Err(Failure::new(codes::USAGE, text!("card-check-which"))),
    };
    if let Some(card) = short::find(&written) {
        return Ok(short::check(context, card.map_err(short::unread)?, max_age, proof));
    }
    if proof.is_some() {
        return Err(Failure::new(codes::USAGE, text!("card-answer-alone")));
    }
    let whole = match card_file::read(&written) {
        Ok(proof) => proof,
        Err(error @ CardFileError::NotACard) => {
            return Err(
                Failure::new(codes::CARD_UNREADABLE, text!("card-unreadable")).caused_by(&error)
            );
        }
        Err(error @ CardFileError::Damaged) => return Ok(forged(&error)),
    };
    match card::check(&whole) {
        Ok(card) => {
            let here = Here::look(context, card.founding().cite(), card.member());
            let known = (here.known, here.namesake(card.founding().founding()));
            Ok(verdict(&card, context.now(), max_age, known, &here))
        }
        Err(error) => Ok(forged(&error)),
    }
}

fn read(name: &str) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| file_failure(false, Path::new(name), &error);
    let source = input::open_or_stdin(name)?;
    let mut bytes = Vec::new();
    source.take(mailed::FILE_BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
    // What is not text is no card; the heading will be missing.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How far a card that holds today may be relied on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// A known cité's, which others vouch for; or one's own.
    Sound,
    /// A known cité's, for which nobody else vouches.
    Alone,
    /// Of a cité that nothing here anchors: whoever founds one can make it, witnesses and all.
    Unanchored,
}

impl Standing {
    fn of(card: &CheckedCard, known: Known) -> Self {
        match known {
            Known::Own => Self::Sound,
            Known::No => Self::Unanchored,
            Known::Account if card.not_checked().contains(&NotChecked::Witnesses) => Self::Alone,
            Known::Account => Self::Sound,
        }
    }

    /// Returns the first line of a card that holds today.
    fn headline(self, card: &CheckedCard) -> (Mark, Text) {
        match self {
            Self::Sound => (Mark::Good, text!("card-valid")),
            Self::Alone => (Mark::Warn, text!("card-valid-alone")),
            Self::Unanchored if card.witnesses().is_empty() => {
                (Mark::Warn, text!("card-unanchored-alone"))
            }
            Self::Unanchored => (Mark::Warn, text!("card-unanchored")),
        }
    }

    fn exit(self) -> Exit {
        match self {
            Self::Sound => Exit::Done,
            Self::Alone => Exit::FewWitnesses,
            Self::Unanchored => Exit::Unanchored,
        }
    }
}

fn forged(why: &(dyn std::error::Error + 'static)) -> Done {
    let data = json!({
        "member": null, "cite": null, "valid": false, "state": "forged", "cause": why.to_string(),
        "label": { "state": null, "at": null }, "revocation_age_s": null, "not_checked": [],
    });
    let screen = Screen::new().mark(Mark::Bad, text!("card-forged")).inset(cause::of(why));
    Done::new(data, screen)
        .warn(codes::CARD_INVALID, Text::new(codes::CARD_INVALID.page()), &[])
        .exiting(Exit::Invalid)
}

/// Returns how a card stands, in words.
pub(super) fn stands(how: Stands, terms: &Terms, as_of: UnixMillis) -> Text {
    match how {
        Stands::As(Term::Valid) => text!("card-valid"),
        Stands::As(Term::Expired) => text!("card-expired-since", until = terms.until),
        Stands::As(Term::NotYet) => text!("card-not-yet", from = terms.from),
        Stands::As(Term::Suspended) => text!("card-suspended", sealed = as_of),
        Stands::As(Term::Left) => text!("card-left", sealed = as_of),
        Stands::Replaced => text!("card-replaced", sealed = as_of),
        Stands::Contradicted => text!("card-contradicted", sealed = as_of),
        Stands::Ahead => text!("card-ahead", sealed = as_of),
        Stands::OldKeys => text!("card-old-keys"),
    }
}

/// How old the news is that the card rests on, and whether that is too old.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Age {
    /// Nobody asked, or young enough.
    Fine,
    /// Older than was asked for.
    Old(Duration),
}

fn age(as_of: UnixMillis, now: UnixMillis, max: Option<Duration>) -> Age {
    let age = Duration::from_millis(now.since(as_of));
    match max {
        Some(max) if age > max => Age::Old(age),
        _ => Age::Fine,
    }
}

fn verdict(
    card: &CheckedCard,
    now: UnixMillis,
    max: Option<Duration>,
    (known, namesake): (Known, Option<CiteId>),
    here: &Here,
) -> Done {
    let said = Said {
        terms: card.terms(),
        validity: card.validity(),
        serial: card.serial(),
        as_of: card.sealed(),
    };
    let (how, as_of) = match here.is_past(card.founding().incarnation()) {
        true => (Stands::OldKeys, card.sealed()),
        false => said.stands(now, here.news),
    };
    let age = age(as_of, now, max);
    let (standing, terms) = (Standing::of(card, known), card.terms());
    let (mark, headline) = match how {
        Stands::GOOD => standing.headline(card),
        _ => (Mark::Bad, stands(how, &terms, as_of)),
    };
    let record = card.founding().founding();
    let cite = text!("cite-with-place", name = record.name.as_str(), place = record.place.as_str());
    // Identities stand apart from wider labels: they are whole lines, to be compared and copied.
    let mut screen = Screen::new().mark(mark, headline);
    if let Some(other) = namesake {
        screen = screen.mark(Mark::Bad, text!("card-namesake", other = other.to_string()));
    }
    screen = screen
        .fact(text!("label-identity"), card.founding().cite().to_string())
        .fact(text!("label-member"), card.member().to_string())
        .mark(if card.witnesses().is_empty() { Mark::Warn } else { Mark::Good }, vouched(card))
        .fact(text!("label-cite"), cite)
        .fact(text!("label-network"), standing::network(&record.network))
        .fact(text!("label-level"), level(terms.level))
        .fact(text!("label-term"), text!("card-from-to", from = terms.from, until = terms.until))
        .fact(text!("label-card-no"), u64::from(card.serial()))
        .fact(text!("label-issued"), card.issued())
        .fact(text!("label-news"), as_of);
    screen = match known {
        Known::Own => screen.mark(Mark::Good, text!("card-known-own")),
        Known::Account => screen.mark(Mark::Good, text!("card-known-account")),
        Known::No => screen,
    };
    let open = open(card, as_of, known);
    for (_, what) in &open {
        screen = screen.mark(Mark::NotChecked, what.clone());
    }
    let exit = match (how, standing.exit()) {
        (Stands::GOOD, Exit::Done) if age != Age::Fine => Exit::FewWitnesses,
        (Stands::GOOD, exit) => exit,
        _ => Exit::Refused,
    };
    let mut data = data(card, (now, as_of), (how, exit == Exit::Done), known, &open);
    if let Some(data) = data.as_object_mut() {
        data.insert("namesake".to_owned(), json!(namesake.map(|other| other.to_string())));
    }
    let done = Done::new(data, screen);
    let done = match (how.code(), age, max) {
        (Some(code), ..) => warned(done, code),
        (None, Age::Old(age), Some(max)) => {
            let said = text!("card-old", age = spoken(age), max = spoken(max));
            done.warn(codes::CARD_NEWS_OLD, said, &[])
        }
        _ => done,
    };
    if exit == Exit::Done { done } else { done.exiting(exit) }
}

fn warned(done: Done, code: codes::Code) -> Done {
    done.warn(code, Text::new(code.page()), &[])
}

/// What is left open, as programs and as people read it.
fn open(card: &CheckedCard, as_of: UnixMillis, known: Known) -> Vec<(&'static str, Text)> {
    let mut open: Vec<_> =
        card.not_checked().into_iter().map(|what| not_checked(as_of, what)).collect();
    if known == Known::No {
        open.push(("cite", text!("card-not-cite")));
    }
    open.push(("label", text!("card-not-label")));
    open
}

/// A span in whole days, hours below two days, minutes below two hours, or seconds below two minutes.
fn spoken(span: Duration) -> Value {
    match span.as_secs() {
        seconds if seconds < 120 => text!("age-seconds", count = seconds).into(),
        seconds if seconds < 2 * 3_600 => text!("age-minutes", count = seconds / 60).into(),
        seconds if seconds < 48 * 3_600 => text!("age-hours", count = seconds / 3_600).into(),
        seconds => text!("age-days", count = seconds / 86_400).into(),
    }
}

fn data(
    card: &CheckedCard,
    (now, as_of): (UnixMillis, UnixMillis),
    (how, valid): (Stands, bool),
    known: Known,
    open: &[(&'static str, Text)],
) -> serde_json::Value {
    let names: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
    let record = card.founding().founding();
    let terms = card.terms();
    json!({
        "member": card.member().to_string(),
        "number": card.number(),
        "cite": card.founding().cite().to_string(),
        "slug": record.slug,
        "name": record.name,
        "network": record.network.name,
        "test": record.network.test,
        "valid": valid,
        "state": how.word(),
        "level": level_word(terms.level),
        "valid_from": dates::iso_day(terms.from),
        "valid_to": dates::iso_day(terms.until),
        "label": { "state": null, "at": null },
        "card": card.serial(),
        "allowance_min": terms.allowance.0,
        "issued_at": dates::rfc3339(card.issued()),
        "leaf": card.leaf(),
        "news_at": dates::rfc3339(as_of),
        "revocation_age_s": now.since(as_of) / 1_000,
        "witnesses": card.witnesses().iter().map(|cite| cite.to_string()).collect::<Vec<_>>(),
        "certified": !card.not_checked().contains(&NotChecked::Witnesses),
        "known_by": known.neutral(),
        "not_checked": names,
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
