//! `pirate member erase`: has the home destroy the name, texts and letters of a member, and ask the other cités to do the
//! same. Run again, it says how far that has come. Signs no act, and changes nothing in the log.

use proto::{
    desk::{Call, ErasureSheet, Query, Reply, Sheet},
    ids::{CiteId, MemberId},
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    dates,
    entries::short,
    error::Failure,
    language::Text,
    output::{Done, Mark, Screen},
    person::{self, Person},
    reply::unexpected,
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let mut session = Session::open(context)?;
    let (person, member) = member(&mut session, args.required("who"))?;
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

/// Returns whom a steward means: a member of the own cité.
fn member(session: &mut Session<'_>, typed: &str) -> Result<(Person, MemberId), Failure> {
    let desk = session.desk.as_mut().map_err(|failure| failure.clone());
    let person = person::find(&session.wallet, desk, typed)?;
    let member = person.member().ok_or_else(|| person::unreadable(typed))?;
    if person.home != session.wallet.home() {
        let elsewhere = text!("erase-elsewhere", who = person.shown());
        return Err(Failure::new(codes::NO_SUCH_MEMBER, elsewhere));
    }
    Ok((person, member))
}

fn ask(session: &mut Session<'_>, query: Query) -> Result<ErasureSheet, Failure> {
    match session.private(query)? {
        Reply::Erasure(sheet) => Ok(sheet),
        _ => Err(unexpected()),
    }
}

/// Returns the member with the name that the home has, so that nobody erases the wrong person by a slip of a number.
fn called(session: &mut Session<'_>, person: &Person, member: MemberId) -> Result<Text, Failure> {
    let from = person.number.unwrap_or_default();
    let Reply::Members(page) = session.private(Query::Members { from })? else {
        return Err(unexpected());
    };
    let alias = page.into_iter().find(|item| item.member == member).map(|item| item.alias);
    Ok(match alias.filter(|alias| !alias.is_empty()) {
        Some(alias) => text!("erase-who", who = person.shown(), alias = alias),
        None => text!("erase-who-unnamed", who = person.shown()),
    })
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
