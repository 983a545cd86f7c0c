//! A statement as data, as a table for spreadsheets, and as lines of text for a file.
//! Writes no file itself.

use proto::{desk::Movement, ids::Account, time::UtcDay};
use serde_json::json;

use super::{
    Names, left,
    statement::{Line, Statement},
};
use crate::{
    dates,
    language::{Lang, Value},
    standing, text,
};

pub(super) fn data(
    statement: &Statement,
    shown: &[&Line],
    names: &Names,
    from: Option<UtcDay>,
    to: Option<UtcDay>,
) -> serde_json::Value {
    let entries: Vec<_> = shown
        .iter()
        .map(|Line { movement, balance }| {
            let open = left(movement) && standing::is_open(movement.standing);
            json!({
                "id": movement.order.to_string(),
                "leaf": movement.leaf,
                "at": dates::rfc3339(movement.time),
                "with": account_json(movement),
                "with_number": names.number(movement),
                "cite": match movement.with {
                    Account::Peer(cite) => Some(cite.to_string()),
                    _ => None,
                },
                "name": Lang::En.show(&names.with(movement)),
                "minutes": movement.change.0,
                "balance_min": balance.0,
                "for": movement.body.as_ref().map(|body| body.text.as_str()),
                "category": movement.body.as_ref().map(|body| body.category.as_str())
                    .filter(|category| !category.is_empty()),
                "state": standing::level(movement.standing),
                "witnesses": standing::witnesses(movement.standing),
                "waiting_since": open.then(|| dates::rfc3339(movement.time)),
            })
        })
        .collect();
    let control: i64 = shown.iter().map(|line| line.movement.change.0).sum();
    json!({
        "from": from.map(dates::iso_day),
        "to": to.map(dates::iso_day),
        "opening_min": statement.opening,
        "closing_min": statement.closing,
        "entries": entries,
        "control_sum_min": control,
        "filtered": shown.len() != statement.entries.len(),
    })
}

fn account_json(movement: &Movement) -> String {
    match (movement.with, movement.abroad) {
        (Account::Member(id), _) | (Account::Peer(_), Some(id)) => id.to_string(),
        (Account::Peer(cite), None) => cite.to_string(),
        (Account::Commons, _) => "commons".to_owned(),
    }
}

/// RFC 4180: machine headings, integers in minutes, RFC 3339 instants.
pub(super) fn csv(shown: &[&Line], names: &Names) -> String {
    let mut text = String::from("at,id,leaf,with,name,minutes,balance_min,for,category,state\r\n");
    for Line { movement, balance } in shown {
        let body = movement.body.as_ref();
        let cells = [
            dates::rfc3339(movement.time),
            movement.order.to_string(),
            movement.leaf.to_string(),
            account_json(movement),
            Lang::En.show(&names.with(movement)),
            movement.change.0.to_string(),
            balance.0.to_string(),
            body.map(|body| body.text.clone()).unwrap_or_default(),
            body.map(|body| body.category.clone()).unwrap_or_default(),
            standing::level(movement.standing).to_owned(),
        ];
        text.push_str(&cells.map(|cell| cell_of(&cell)).join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell, quoted when it must be. Words that a spreadsheet would run as a formula are quoted with an
/// apostrophe in front (OWASP, CSV injection); numbers of ours are left as they are.
pub(super) fn cell_of(cell: &str) -> String {
    let number = cell.parse::<i64>().is_ok();
    let formula = !number && cell.starts_with(['=', '+', '-', '@', '\t']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

pub(super) fn plain_text(
    lang: Lang,
    shown: &[&Line],
    names: &Names,
    statement: &Statement,
) -> String {
    let mut lines: Vec<String> = shown
        .iter()
        .map(|Line { movement, balance }| {
            let body = movement.body.as_ref().map(|body| body.text.as_str()).unwrap_or_default();
            let state = standing::words(movement.standing, left(movement), movement.time);
            [
                dates::iso_day(movement.time.day()),
                lang.show_whole(&names.with(movement)),
                lang.show(&movement.change.into()),
                lang.show(&(*balance).into()),
                body.to_owned(),
                lang.say(&state),
            ]
            .join("\t")
        })
        .collect();
    for (label, minutes) in [
        (text!("label-opening"), statement.opening),
        (text!("label-sum"), statement.sum()),
        (text!("label-closing"), statement.closing),
    ] {
        lines.push(format!("{}\t{}", lang.say(&label), lang.show(&Value::Minutes(minutes))));
    }
    lines.join("\n") + "\n"
}
