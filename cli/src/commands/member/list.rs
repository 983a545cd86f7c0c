//! `pirate member list`: the members as stewards see them, or those who asked to be admitted.

use proto::{
    desk::{LastMove, MemberItem, PAGE_MAX, Query, Reply},
    membership::Validity,
};
use serde_json::{Value as Json, json};

use super::{Applicant, applicants};
use crate::{
    commands::Args,
    context::Context,
    dates,
    entries::{self, level_word, short, validity_word},
    error::Failure,
    language::Value,
    output::{Done, Screen, Table},
    reply::unexpected,
    text,
    wallet::session::Session,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let csv = args.text("format") == Some("csv");
    let mut session = Session::open(context)?;
    if args.text("state") == Some("applied") {
        let applicants = applicants(&mut session)?;
        if csv && !context.global.json {
            return Ok(Done::raw(applied_csv(&applicants)));
        }
        let items: Vec<_> = applicants.iter().map(Applicant::json).collect();
        return Ok(applied(&applicants, json!({ "items": items })));
    }
    let members: Vec<MemberItem> = match args.text("state") {
        None => members(&mut session)?,
        Some(wanted) => {
            let fits = |member: &MemberItem| validity_word(&member.validity) == wanted;
            members(&mut session)?.into_iter().filter(fits).collect()
        }
    };
    let limits = session.account().ok().map(|own| (own.floor.0, own.ceiling.0));
    let items: Vec<Json> = members.iter().map(|member| item(member, limits)).collect();
    if csv && !context.global.json {
        return Ok(Done::raw(member_csv(&members)));
    }
    let mut table = Table::new(vec![
        text!("label-no"),
        text!("label-name"),
        text!("label-level"),
        text!("label-balance"),
        text!("label-card-until"),
        text!("label-last-move"),
    ]);
    for member in &members {
        table.row(vec![
            i64::from(member.number).into(),
            name(member),
            entries::level(member.terms.level).into(),
            Value::Minutes(member.balance.0),
            card(member),
            last_move(member.moved),
        ]);
    }
    let data = json!({ "items": items });
    Ok(Done::new(data, Screen::new().table(table)))
}

/// Returns all members, page by page.
fn members(session: &mut Session<'_>) -> Result<Vec<MemberItem>, Failure> {
    let mut members: Vec<MemberItem> = Vec::new();
    loop {
        let from = members.last().map_or(1, |last| last.number.saturating_add(1));
        let Reply::Members(page) = session.private(Query::Members { from })? else {
            return Err(unexpected());
        };
        // A home that repeats itself must not keep us here for ever.
        let fresh: Vec<_> = page.into_iter().filter(|member| member.number >= from).collect();
        let last_page = fresh.len() < PAGE_MAX;
        let none = fresh.is_empty();
        members.extend(fresh);
        if none || (last_page && members.len() < PAGE_MAX) {
            return Ok(members);
        }
    }
}

/// Returns until when the card is good, for the table; or why it is not.
fn card(member: &MemberItem) -> Value {
    match member.validity {
        Validity::Good => dates::iso_day(member.terms.until).into(),
        Validity::Suspended { until: None, .. } => text!("card-is-suspended").into(),
        Validity::Suspended { until: Some(until), .. } => {
            text!("card-is-suspended-until", until = dates::iso_day(until)).into()
        }
        Validity::Left { .. } => text!("card-has-left").into(),
    }
}

/// Returns the name for the table: the home keeps none of whoever was admitted before its disk was lost.
fn name(member: &MemberItem) -> Value {
    match member.alias.as_str() {
        "" => text!("unknown").into(),
        name => name.into(),
    }
}

/// Returns when the account last moved, for the table. A node that can only read does not know, and "never"
/// would be a lie.
fn last_move(moved: LastMove) -> Value {
    match moved {
        LastMove::Unknown => text!("unknown").into(),
        LastMove::Never => text!("never").into(),
        LastMove::At(time) => dates::table_day(time).into(),
    }
}

fn moved_at(moved: LastMove) -> Option<String> {
    match moved {
        LastMove::At(time) => Some(dates::rfc3339(time)),
        LastMove::Unknown | LastMove::Never => None,
    }
}

/// Returns whether the account ever moved, if the node knows.
fn exchanged(moved: LastMove) -> Option<bool> {
    match moved {
        LastMove::Unknown => None,
        LastMove::Never => Some(false),
        LastMove::At(_) => Some(true),
    }
}

fn item(member: &MemberItem, limits: Option<(i64, i64)>) -> Json {
    let near = limits.map(|(floor, ceiling)| {
        // Within a tenth of the way from zero to the limit.
        member.balance.0 <= floor - floor / 10 || member.balance.0 >= ceiling - ceiling / 10
    });
    json!({
        "number": member.number,
        "member": member.member.to_string(),
        "alias": Some(member.alias.as_str()).filter(|alias| !alias.is_empty()),
        "level": level_word(member.terms.level),
        "state": validity_word(&member.validity),
        "card": member.serial,
        "card_to": dates::iso_day(member.terms.until),
        "balance_min": member.balance.0,
        "exchanged": exchanged(member.moved),
        "last_exchange_at": moved_at(member.moved),
        "near_limit": near,
    })
}

fn applied_csv(applicants: &[Applicant]) -> String {
    let rows = applicants.iter().map(|applicant| {
        let Applicant { member, application, .. } = applicant;
        format!("{member},{},{}\r\n", cell(&application.alias), dates::rfc3339(application.time))
    });
    std::iter::once("member,alias,applied_at\r\n".to_owned()).chain(rows).collect()
}

/// Returns those who wait as `data` and as a table, and what helps them on: a decision, or the signatures that are
/// missing.
pub(super) fn applied(applicants: &[Applicant], data: Json) -> Done {
    let done = Done::new(data, table(applicants));
    let to_decide = applicants.iter().any(|applicant| applicant.proposed.is_none());
    match (applicants.is_empty(), to_decide) {
        (true, _) => done,
        (false, true) => done.hint(text!("next-admit"), &["pirate", "member", "admit", "…"]),
        (false, false) => {
            done.hint(text!("next-approve"), &["pirate", "cite", "approve", "--list"])
        }
    }
}

fn table(applicants: &[Applicant]) -> Screen {
    if applicants.is_empty() {
        return Screen::new().line(text!("applications-none"));
    }
    let mut table = Table::new(vec![
        text!("label-name"),
        text!("label-member-id"),
        text!("label-since"),
        text!("label-state"),
    ]);
    for applicant in applicants {
        let state = match applicant.proposed {
            Some(_) => text!("applicant-proposed"),
            None => text!("applicant-waits"),
        };
        table.row(vec![
            applicant.application.alias.as_str().into(),
            short(applicant.member).into(),
            dates::table_day(applicant.application.time).into(),
            state.into(),
        ]);
    }
    Screen::new().table(table)
}

fn member_csv(members: &[MemberItem]) -> String {
    let head =
        "number,member,alias,level,state,card_to,balance_min,last_exchange_at\r\n".to_owned();
    let rows = members.iter().map(|member| {
        format!(
            "{},{},{},{},{},{},{},{}\r\n",
            member.number,
            member.member,
            cell(&member.alias),
            level_word(member.terms.level),
            validity_word(&member.validity),
            dates::iso_day(member.terms.until),
            member.balance.0,
            match member.moved {
                LastMove::Unknown => "unknown".to_owned(),
                moved => moved_at(moved).unwrap_or_default(),
            },
        )
    });
    std::iter::once(head).chain(rows).collect()
}

/// Returns a cell of RFC 4180; what a spreadsheet would take for a formula is made text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        act::Level,
        desk::{LastMove, MemberItem},
        hash::Hash,
        ids::MemberId,
        membership::{Terms, Validity},
        minutes::{Balance, Minutes},
        time::{UnixMillis, UtcDay},
    };
    use serde_json::{Value as Json, json};

    use super::{cell, item, last_move, member_csv};
    use crate::{language::Lang, text};

    #[test]
    fn what_the_node_cannot_look_up_is_unknown_and_not_never() {
        let member = |moved| MemberItem {
            member: MemberId(Hash([7; 32])),
            number: 1,
            alias: "Zoé".to_owned(),
            terms: Terms {
                level: Level::Member,
                from: UtcDay(20_415),
                until: UtcDay(20_780),
                allowance: Minutes(60),
            },
            serial: 1,
            validity: Validity::Good,
            balance: Balance(-15),
            moved,
        };
        for (moved, said, exchanged, at) in [
            (LastMove::Unknown, "inconnu", Json::Null, "unknown"),
            (LastMove::Never, "jamais", json!(false), ""),
            (LastMove::At(UnixMillis(0)), "1970", json!(true), "1970-01-01T00:00:00.000Z"),
        ] {
            let shown = Lang::Fr.say(&text!("said", said = last_move(moved)));
            assert!(shown.contains(said), "{shown}");
            let object = item(&member(moved), None);
            let known = if exchanged == json!(true) { json!(at) } else { Json::Null };
            assert_eq!((&object["exchanged"], &object["last_exchange_at"]), (&exchanged, &known));
            let csv = member_csv(&[member(moved)]);
            assert!(csv.ends_with(&format!(",-15,{at}\r\n")), "{csv}");
        }
    }

    #[test]
    fn a_name_never_becomes_a_formula_or_a_second_cell() {
        for (name, written) in [
            ("Zoé", "Zoé"),
            ("=1+1", "'=1+1"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("@SUM(A1)", "'@SUM(A1)"),
        ] {
            assert_eq!(cell(name), written);
        }
    }
}
