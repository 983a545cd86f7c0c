//! `pirate card show`: the own carte pirate, checked here before it is shown; `-o` writes it to a file, and `--qr` shows
//! its short form. What it proves, anybody can check without asking anybody: `pirate card check`.

use ledger::card::{self, CheckedCard};
use proto::desk::{Query, Reply};
use serde_json::json;

use super::{
    check::{Stands, stands},
    own::{Picture, Short},
    vouched,
};
use crate::{
    card_file, codes,
    commands::Args,
    context::Context,
    dates, dry,
    entries::{level, level_word},
    error::{Failure, file_failure},
    output::{Done, Mark, Screen},
    reply::unexpected,
    sealed::{self, SealError},
    text,
    wallet::{Membership, Wallet, session::Session},
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    session.fresh_account()?;
    if session.wallet.membership() != Membership::Admitted {
        return Err(session.not_admitted());
    }
    let Reply::Card(proof) = session.private(Query::Card)? else { return Err(unexpected()) };
    let failure =
        || Failure::new(codes::PROOF_FAILED, text!("card-forged")).because(text!("reply-not-kept"));
    let checked = card::check(&proof).map_err(|error| failure().caused_by(&error))?;
    if checked.member() != session.wallet.member()
        || checked.founding().cite() != session.wallet.home()
    {
        return Err(failure());
    }
    let picture = args.path("output").and_then(|path| Picture::of(&path));
    let short = match args.flag("qr") || picture.is_some() {
        true => Some(Short::of(&mut session)?),
        false => None,
    };
    let written = card_file::write(&proof);
    let data = data(context, &session.wallet, &checked, (&written, short.as_ref()));
    let mut screen = match &short {
        None => screen(context, &session.wallet, &checked),
        Some(short) => short_screen(screen_head(context, &session.wallet, &checked), short),
    };
    if let Some(path) = args.path("output").filter(|_| context.global.dry_run) {
        return Ok(Done::new(data, dry::line(screen, &path)?));
    }
    if let Some(path) = args.path("output") {
        let founding = session.wallet.founding().founding();
        let bytes = match (picture, &short) {
            (Some(picture), Some(short)) => picture.bytes(context.lang, founding, short),
            _ => written.into_bytes(),
        };
        sealed::write_new(&path, &bytes).map_err(|error| match error {
            SealError::Io(error) => file_failure(true, &path, &error),
            other => Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = &path))
                .caused_by(&other),
        })?;
        screen = screen.mark(Mark::Good, text!("card-written", path = &path));
        let path = path.display().to_string();
        let check: &[&str] = match picture {
            None => &["pirate", "card", "check", path.as_str()],
            Some(Picture::Png) => &["pirate", "card", "check", "--image", path.as_str()],
            Some(_) => &["pirate", "card", "check", "--image", "…"],
        };
        return Ok(Done::new(data, screen).hint_for_others(text!("card-check-how"), check));
    }
    if let Some(short) = short.filter(|_| args.flag("qr")) {
        // The code comes last: what stands below it would push it off the screen.
        return Ok(Done::new(data, screen.code(short.code())));
    }
    let example = ["pirate", "card", "show", "-o", "card.pirate-card"];
    Ok(Done::new(data, screen).hint(text!("card-save-how"), &example))
}

fn screen(context: &Context, wallet: &Wallet, card: &CheckedCard) -> Screen {
    screen_head(context, wallet, card).fact(text!("label-witnesses"), vouched(card))
}

/// What the short form says; then its text.
fn short_screen(screen: Screen, short: &Short) -> Screen {
    screen
        .mark(Mark::NotChecked, text!("card-not-revocation", sealed = short.card.card().stated))
        .said(short.signed.to_text())
}

fn screen_head(context: &Context, wallet: &Wallet, card: &CheckedCard) -> Screen {
    let terms = card.terms();
    let number = wallet.number().map(|number| number.to_string()).unwrap_or_default();
    Screen::new()
        .title(text!("card-heading", cite = wallet.home_name()))
        .inset(text!("card-number", number = number))
        .fact(text!("label-alias"), wallet.alias())
        .fact(text!("label-level"), level(terms.level))
        .fact(text!("label-term"), text!("card-from-to", from = terms.from, until = terms.until))
        .fact(text!("label-card-no"), u64::from(card.serial()))
        .fact(text!("label-state"), stands(term(context, card), &terms, card.sealed()))
}

fn data(
    context: &Context,
    wallet: &Wallet,
    card: &CheckedCard,
    (written, short): (&str, Option<&Short>),
) -> serde_json::Value {
    let terms = card.terms();
    json!({
        "member": card.member().to_string(),
        "number": wallet.number(),
        "cite": card.founding().cite().to_string(),
        "slug": wallet.slug(),
        "level": level_word(terms.level),
        "valid_from": dates::iso_day(terms.from),
        "valid_to": dates::iso_day(terms.until),
        "card": card.serial(),
        "allowance_min": terms.allowance.0,
        "state": term(context, card).word(),
        "label": null,
        "witnesses": card.witnesses().len(),
        "news_at": dates::rfc3339(card.sealed()),
        "proof": written,
        "qr": short.map(|short| short.signed.to_text()),
    })
}

/// Returns how the own card stands, as it says itself.
fn term(context: &Context, card: &CheckedCard) -> Stands {
    Stands::As(card.term(context.now().day()))
}
