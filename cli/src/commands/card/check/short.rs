//! Verdicts on cards in their short form. A short card proves itself only to whoever has the founding record of its
//! cité; here that is the wallet, the log on this disk, the copies beside it, and what the node knows of others.

use std::{path::Path, time::Duration};

use proto::{
    card::{
        Challenge, Possession, ShortCard, ShortCardError, ShortCardTextError, SignedShortCard,
        VerifiedShortCard,
    },
    founding::{Network, VerifiedFounding},
    membership::Validity,
    time::UnixMillis,
};
use serde_json::{Value as Json, json};

use super::super::read_challenge;
use super::{
    Stands, forged,
    here::{Here, Known},
    news::Said,
    spoken, stands,
};
use crate::{
    codes,
    commands::Args,
    context::Context,
    dates,
    entries::{level, level_word},
    error::{Failure, file_failure},
    exit::Exit,
    input,
    keyring::hex,
    language::Text,
    output::{Done, Mark, Screen},
    qr::photo::{self, PhotoError},
    standing, text,
};

/// Returns the short card in a text: behind words of greeting, within brackets or quotes, or in lines, as a sheet of paper
/// has it.
pub(super) fn find(text: &str) -> Option<Result<SignedShortCard, ShortCardTextError>> {
    let words: Vec<&str> = text.split_whitespace().map(bare).collect();
    let start = words.iter().position(|word| SignedShortCard::looks_like(word))?;
    let words = words.get(start..).unwrap_or_default();
    let first = words.first().map(|word| SignedShortCard::read(word))?;
    Some(first.or_else(|error| SignedShortCard::read(&words.concat()).map_err(|_| error)))
}

/// Returns the part of a word that may be a card or a piece of one: letters and digits, from `pirate:` or the prefix on.
fn bare(word: &str) -> &str {
    let lower = word.to_ascii_lowercase();
    let heads = ["pirate:pcard1", "pcard1"];
    let start = heads.iter().find_map(|head| lower.find(head)).unwrap_or(0);
    let word = word.get(start..).unwrap_or_default();
    let end = word.find(|letter: char| letter != ':' && !letter.is_ascii_alphanumeric());
    word.get(..end.unwrap_or(word.len())).unwrap_or_default()
}

/// Returns the short card on a photo.
///
/// # Errors
/// P0202, P0216, P0507, P0503.
pub(super) fn photographed(path: &Path) -> Result<SignedShortCard, Failure> {
    use std::io::Read as _;
    let unreadable = |error: std::io::Error| file_failure(false, path, &error);
    let file = input::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(photo::BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let failure = |error: PhotoError| {
        Failure::new(codes::PHOTO, text!("photo-unread", path = path)).caused_by(&error)
    };
    if u64::try_from(bytes.len()).is_ok_and(|bytes| bytes > photo::BYTES_MAX) {
        return Err(unreadable(std::io::ErrorKind::FileTooLarge.into()));
    }
    let texts = photo::texts(bytes).map_err(failure)?;
    let found = texts.iter().find_map(|text| find(text));
    found
        .ok_or_else(|| Failure::new(codes::PHOTO, text!("photo-other", path = path)))?
        .map_err(unread)
}

/// Returns what to say of a text that is no whole short card.
pub(super) fn unread(error: ShortCardTextError) -> Failure {
    let failure = Failure::new(codes::CARD_UNREADABLE, text!("card-short-unreadable"));
    match error {
        ShortCardTextError::Text(error) => failure.caused_by(&error),
        ShortCardTextError::Codec(error) => failure.caused_by(&error),
    }
}

/// What was asked of whoever shows a card, and the answer.
pub(super) type Proof = (Challenge, Possession);

/// Returns what was asked and answered, as it was typed.
///
/// # Errors
/// P0503, P0001.
pub(super) fn proof(args: &Args<'_>) -> Result<Option<Proof>, Failure> {
    match (args.text("challenge"), args.text("answer")) {
        (None, None) => Ok(None),
        (Some(challenge), Some(answer)) => {
            let challenge = read_challenge(challenge)?;
            let answer = Possession::read(answer).map_err(|error| {
                Failure::new(codes::CARD_UNREADABLE, text!("card-answer-unreadable"))
                    .caused_by(&error)
            })?;
            Ok(Some((challenge, answer)))
        }
        _ => Err(Failure::new(codes::USAGE, text!("card-answer-alone"))),
    }
}

/// Returns the verdict on a short card.
pub(super) fn check(
    context: &Context,
    card: SignedShortCard,
    max: Option<Duration>,
    proof: Option<Proof>,
) -> Done {
    let here = Here::look(context, card.card().cite, card.card().member);
    judged(context.now(), card, here, (max, proof))
}

fn judged(
    now: UnixMillis,
    card: SignedShortCard,
    here: Here,
    (max, proof): (Option<Duration>, Option<Proof>),
) -> Done {
    let stated = *card.card();
    let Some(record) = &here.record else {
        let said = text!("card-short-unknown");
        return unproven(now, &stated, "unknown_cite", (Mark::Warn, said), Exit::Unanchored);
    };
    let of = &record.founding().network;
    if let Some(own) = here.network.as_ref().filter(|own| *own != of) {
        return other_network(now, &stated, of, own);
    }
    match card.verify(record) {
        Ok(card) => {
            let network = record.network();
            let held = proof.map(|(asked, answer)| card.is_held(&network, &asked, &answer).is_ok());
            verdict(now, &card, record, (max, held), &here)
        }
        Err(ShortCardError::OldKeys { .. }) => {
            let said = text!("card-old-keys");
            unproven(now, &stated, "old_keys", (Mark::Bad, said), Exit::Refused).warn(
                codes::CARD_KEYS,
                Text::new(codes::CARD_KEYS.page()),
                &[],
            )
        }
        Err(ShortCardError::UnknownKeys { .. }) => {
            let said = text!("card-unknown-keys");
            unproven(now, &stated, "unknown_keys", (Mark::Warn, said), Exit::Unanchored)
        }
        Err(ShortCardError::Key(error)) => forged(&error),
        Err(error @ ShortCardError::OtherCite) => forged(&error),
    }
}

fn other_network(now: UnixMillis, card: &ShortCard, of: &Network, own: &Network) -> Done {
    let said = text!("card-other-network", of = of.name.as_str(), own = own.name.as_str());
    unproven(now, card, "other_network", (Mark::Bad, said), Exit::Refused).warn(
        codes::OTHER_NETWORK,
        Text::new(codes::OTHER_NETWORK.page()),
        &[],
    )
}

/// The verdict on a card whose signature could not be looked at: what it says, anybody may have written.
fn unproven(
    now: UnixMillis,
    card: &ShortCard,
    state: &str,
    (mark, said): (Mark, Text),
    exit: Exit,
) -> Done {
    let open = [
        ("signature", text!("card-not-signature")),
        ("revocation", text!("card-not-revocation", sealed = card.stated)),
        ("holder", text!("card-not-holder")),
        ("cite", text!("card-not-cite")),
        ("label", text!("card-not-label")),
    ];
    let mut screen = Screen::new()
        .mark(mark, said)
        .fact(text!("label-identity"), card.cite.to_string())
        .fact(text!("label-member"), card.member.to_string())
        .fact(text!("label-news"), card.stated);
    for (_, what) in &open {
        screen = screen.mark(Mark::NotChecked, what.clone());
    }
    let names: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
    Done::new(data((now, card.stated), card, None, (state, false), &names), screen).exiting(exit)
}

fn verdict(
    now: UnixMillis,
    card: &VerifiedShortCard,
    record: &VerifiedFounding,
    (max, held): (Option<Duration>, Option<bool>),
    here: &Here,
) -> Done {
    let (card, known) = (card.card(), here.known);
    let (terms, serial) = (card.terms, card.serial);
    let said = Said { terms, validity: Validity::Good, serial, as_of: card.stated };
    let (how, as_of) = said.stands(now, here.news);
    let age = Duration::from_millis(now.since(as_of));
    let old = max.filter(|max| age > *max);
    let (mark, headline) = match (how, known) {
        (Stands::GOOD, _) if held == Some(false) => (Mark::Bad, text!("card-holder-other")),
        (Stands::GOOD, Known::No) => (Mark::Warn, text!("card-unanchored")),
        (Stands::GOOD, _) if old.is_some() => (Mark::Warn, text!("card-valid")),
        (Stands::GOOD, Known::Own | Known::Account) => (Mark::Good, text!("card-valid")),
        _ => (Mark::Bad, stands(how, &terms, as_of)),
    };
    let founding = record.founding();
    let place =
        text!("cite-with-place", name = founding.name.as_str(), place = founding.place.as_str());
    let mut screen = Screen::new()
        .mark(mark, headline)
        .fact(text!("label-identity"), card.cite.to_string())
        .fact(text!("label-member"), card.member.to_string())
        .fact(text!("label-cite"), place)
        .fact(text!("label-network"), standing::network(&founding.network))
        .fact(text!("label-level"), level(card.terms.level))
        .fact(text!("label-term"), text!("card-from-to", from = terms.from, until = terms.until))
        .fact(text!("label-card-no"), u64::from(card.serial))
        .fact(text!("label-news"), as_of);
    screen = match known {
        Known::Own => screen.mark(Mark::Good, text!("card-known-own")),
        Known::Account => screen.mark(Mark::Good, text!("card-known-account")),
        Known::No => screen,
    };
    let mut open = vec![("revocation", text!("card-not-revocation", sealed = as_of))];
    screen = match held {
        None => screen,
        Some(true) => screen.mark(Mark::Good, text!("card-holder-proved")),
        Some(false) if how == Stands::GOOD => screen,
        Some(false) => screen.mark(Mark::Bad, text!("card-holder-other")),
    };
    if held.is_none() {
        open.push(("holder", text!("card-not-holder")));
    }
    open.push(("witnesses", text!("card-not-witnesses")));
    if known == Known::No {
        open.push(("cite", text!("card-not-cite")));
    }
    open.push(("label", text!("card-not-label")));
    for (_, what) in &open {
        screen = screen.mark(Mark::NotChecked, what.clone());
    }
    let exit = match (how, known) {
        (Stands::GOOD, _) if held == Some(false) => Exit::Refused,
        (Stands::GOOD, Known::No) => Exit::Unanchored,
        (Stands::GOOD, _) if old.is_some() => Exit::FewWitnesses,
        (Stands::GOOD, _) => Exit::Done,
        _ => Exit::Refused,
    };
    let names: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
    let mut data =
        data((now, as_of), card, Some((record, known)), (how.word(), exit == Exit::Done), &names);
    if let Some(data) = data.as_object_mut() {
        data.insert("held".to_owned(), json!(held));
    }
    let done = Done::new(data, screen);
    let done = match (how.code(), old) {
        (Some(code), _) => done.warn(code, Text::new(code.page()), &[]),
        (None, Some(max)) => {
            let said = text!("card-old", age = spoken(age), max = spoken(max));
            done.warn(codes::CARD_NEWS_OLD, said, &[])
        }
        (None, None) => done,
    };
    let done = match held {
        Some(false) => done.warn(codes::CARD_HOLDER, Text::new(codes::CARD_HOLDER.page()), &[]),
        _ => done,
    };
    if exit == Exit::Done { done } else { done.exiting(exit) }
}

fn data(
    (now, as_of): (UnixMillis, UnixMillis),
    card: &ShortCard,
    record: Option<(&VerifiedFounding, Known)>,
    (state, valid): (&str, bool),
    open: &[&str],
) -> Json {
    let founding = record.map(|(record, _)| record.founding());
    json!({
        "member": card.member.to_string(),
        "number": card.number,
        "cite": card.cite.to_string(),
        "slug": founding.map(|founding| founding.slug.as_str()),
        "name": founding.map(|founding| founding.name.as_str()),
        "network": founding.map(|founding| founding.network.name.as_str()),
        "test": founding.map(|founding| founding.network.test),
        "valid": valid,
        "state": state,
        "level": level_word(card.terms.level),
        "valid_from": dates::iso_day(card.terms.from),
        "valid_to": dates::iso_day(card.terms.until),
        "label": { "state": null, "at": null },
        "news_at": dates::rfc3339(as_of),
        "revocation_age_s": now.since(as_of) / 1_000,
        "witnesses": [],
        "certified": false,
        "known_by": record.and_then(|(_, known)| known.neutral()),
        "namesake": null,
        "not_checked": open,
        "card": card.serial,
        "allowance_min": card.terms.allowance.0,
        "holder": hex(&card.holder.0),
        "held": null,
    })
}

#[cfg(test)]
#[path = "short_tests.rs"]
mod tests;
