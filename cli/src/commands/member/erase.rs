//! `pirate member erase`: has the home destroy the name, texts and letters of a member, and ask the other cités to do the
//! same. Run again, it says how far that has come. Signs no act, and changes nothing in the log.

use proto::{
    desk::{Call, ErasureSheet, Query, Reply, Sheet},
    ids::{CiteId, MemberId},
};
use serde_json::{Value as Json, json};

use super::{called, found};
use crate::{
    commands::Args,
    context::Context,
    dates,
    entries::short,
    error::Failure,
    language::Text,
    output::{Done, Mark, Screen},
    person::Person,
    reply::unexpected,
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = found(&mut session, args.required("who"))?;
    // Whoever may not erase is told so before anything else.
    let before = ask(&mut session, Query::Erasure { member })?;
    let sheet = match session.desk()?.call(Call::Sheet)? {
        Reply::Sheet(sheet) => *sheet,
        _ => return Err(unexpected()),
    };
    if before.since.is_some() {
        return Ok(standing(&person, member, &before, &sheet));
    }
    let who = called(&mut session, &person, member)?;
    context.show(&announced(who, &slugs(&sheet, &before.untold)));
    if context.global.dry_run {
        let data = data(&person, member, &before, &sheet);
        return Ok(Done::new(data, Screen::new().line(text!("erase-dry"))));
    }
    context.prompt.confirm(&text!("erase-confirm"), false)?;
    let after = ask(&mut session, Query::Erase { member })?;
    Ok(standing(&person, member, &after, &sheet))
}

fn ask(session: &mut Session<'_>, query: Query) -> Result<ErasureSheet, Failure> {
    match session.private(query)? {
        Reply::Erasure(sheet) => Ok(sheet),
        _ => Err(unexpected()),
    }
}

/// What is about to happen, before the question.
fn announced(who: Text, cites: &[String]) -> Screen {
    let screen = Screen::new().inset(who).line(text!("erase-goes"));
    let screen = match cites.is_empty() {
        true => screen,
        false => screen.line(text!("erase-asks", cites = cites.join(", "))),
    };
    screen
        .line(text!("erase-stays"))
        .line(text!("erase-copies"))
        .mark(Mark::Warn, text!("erase-for-good"))
}

/// How far an erasure has come.
fn standing(person: &Person, member: MemberId, erasure: &ErasureSheet, sheet: &Sheet) -> Done {
    let who = person.shown();
    let screen = match erasure.done {
        true => Screen::new().mark(Mark::Good, text!("erase-done", who = who)),
        false => Screen::new().mark(Mark::Warn, text!("erase-under-way", who = who)),
    };
    let cites = slugs(sheet, &erasure.untold);
    let screen = match cites.is_empty() {
        true => screen.line(text!("erase-all-told")),
        false => screen.line(text!("erase-waits", cites = cites.join(", "))),
    };
    let done = Done::new(data(person, member, erasure, sheet), screen);
    match erasure.done && cites.is_empty() {
        true => done,
        false => done.hint(text!("erase-next"), &["pirate", "member", "erase", &person.typed()]),
    }
}

/// Returns cités as people call them.
fn slugs(sheet: &Sheet, cites: &[CiteId]) -> Vec<String> {
    let slug = |cite: &CiteId| sheet.peers.iter().find(|peer| peer.cite == *cite);
    let called = |cite| slug(cite).map_or_else(|| short(cite), |peer| peer.slug.clone());
    cites.iter().map(called).collect()
}

fn data(person: &Person, member: MemberId, erasure: &ErasureSheet, sheet: &Sheet) -> Json {
    let state = match (erasure.since, erasure.done) {
        (None, _) => "none",
        (Some(_), false) => "under-way",
        (Some(_), true) => "erased",
    };
    json!({
        "member": member.to_string(),
        "number": person.number,
        "state": state,
        "asked_at": erasure.since.map(dates::rfc3339),
        "waiting": slugs(sheet, &erasure.untold),
    })
}
