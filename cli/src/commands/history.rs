//! `pirate history`: the statement of the own account, with opening and closing balance and a control sum.
//! Does the sums itself: a statement that does not add up is said, not shown.

use std::{collections::BTreeMap, path::Path};

use proto::{
    desk::{Call, Movement, Query, Reply},
    ids::{Account, CiteId},
    time::UtcDay,
};
use serde_json::json;

use super::Args;
use crate::{
    codes,
    context::Context,
    dates,
    error::{Failure, file_failure},
    language::{Lang, Value},
    output::{Done, Form, Screen, Table},
    refusals::brief,
    reply::unexpected,
    sealed, standing, text,
    wallet::session::Session,
};

/// Most movements that are read: a person who exchanges twenty times a day for a century.
const MOVEMENTS_MAX: usize = 1_000_000;

/// The part of a statement that was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Statement {
    opening: i64,
    closing: i64,
    entries: Vec<Movement>,
}

impl Statement {
    fn sum(&self) -> i64 {
        self.entries.iter().map(|movement| movement.change.0).sum()
    }
}

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let (from, to) = (args.day("from")?, args.day("to")?);
    if matches!((from, to), (Some(from), Some(to)) if to < from) {
        return Err(Failure::new(codes::DATE_UNREADABLE, text!("history-order")));
    }
    let mut session = Session::open(context)?;
    session.fresh_account()?;
    let all = read(context, &mut session)?;
    let statement = cut(all, from, to).map_err(|wrong| {
        let Wrong { opening, sum, closing } = wrong;
        let [opening, sum, closing] = [opening, sum, closing].map(Value::Minutes);
        Failure::new(
            codes::PROOF_FAILED,
            text!("history-sum-wrong", opening = opening, sum = sum, closing = closing),
        )
    })?;
    let names = Names::of(&mut session);
    let shown: Vec<&Movement> = match args.text("with") {
        None => statement.entries.iter().collect(),
        Some(typed) => {
            let desk = session.desk.as_mut().map_err(|failure| failure.clone());
            let person = crate::person::find(&session.wallet, desk, typed)?;
            let with = |m: &&Movement| {
                m.with == person.account || (m.abroad.is_some() && m.abroad == person.member())
            };
            statement.entries.iter().filter(with).collect()
        }
    };
    let data = data(&statement, &shown, &names, from, to);
    let format = args.text("format").unwrap_or("text");
    let written = match format {
        "csv" => Some(csv(&shown, &names)),
        "json" => Some(format!("{data:#}\n")),
        _ => None,
    };
    match (args.path("output"), written) {
        (Some(path), written) => {
            let plain = || plain_text(context.lang, &shown, &names, &statement);
            save(&path, &written.unwrap_or_else(plain))?;
            let count = shown.len();
            let said = text!("history-written", path = &path, count = count);
            Ok(Done::new(data, Screen::new().line(said)))
        }
        (None, Some(written)) if context.printer.form() != Form::Json => Ok(Done::raw(written)),
        (None, _) => Ok(Done::new(data, screen(&statement, &shown, &names))),
    }
}

fn read(context: &Context, session: &mut Session<'_>) -> Result<Vec<Movement>, Failure> {
    let _progress = context.progress(text!("reading-history"));
    let mut all: Vec<Movement> = Vec::new();
    loop {
        let skip = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let Reply::History(page) = session.private(Query::History { skip })? else {
            return Err(unexpected());
        };
        if page.is_empty() || all.len() >= MOVEMENTS_MAX {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// A statement whose sums do not fit.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    opening: i64,
    sum: i64,
    closing: i64,
}

/// Returns the movements from the first day to the last, both inclusive, once every balance follows
/// from the one before it.
fn cut(all: Vec<Movement>, from: Option<UtcDay>, to: Option<UtcDay>) -> Result<Statement, Wrong> {
    let mut balance: Option<i64> = None;
    let (mut opening, mut closing) = (0, 0);
    let mut entries = Vec::new();
    for movement in all {
        let before = balance.unwrap_or(0);
        let (sum, after) = (movement.change.0, movement.balance.0);
        // An account begins at nothing, and every balance follows from the one before.
        if before.checked_add(sum) != Some(after) {
            return Err(Wrong { opening: before, sum, closing: after });
        }
        balance = Some(after);
        let day = movement.time.day();
        if from.is_some_and(|from| day < from) {
            (opening, closing) = (after, after);
        } else if to.is_none_or(|to| day <= to) {
            closing = after;
            entries.push(movement);
        }
    }
    Ok(Statement { opening, closing, entries })
}

/// Short names of the cités that the home exchanges with.
struct Names {
    own: String,
    slugs: BTreeMap<CiteId, String>,
}

impl Names {
    fn of(session: &mut Session<'_>) -> Self {
        let own = session.wallet.slug().to_owned();
        let sheet = session.desk().and_then(|desk| desk.call(Call::Sheet));
        let slugs = match sheet {
            Ok(Reply::Sheet(sheet)) => {
                sheet.peers.into_iter().map(|peer| (peer.cite, peer.slug)).collect()
            }
            // Identities do instead of names.
            _ => BTreeMap::new(),
        };
        Self { own, slugs }
    }

    fn with(&self, movement: &Movement) -> Value {
        match (movement.with, movement.with_number, movement.abroad) {
            (Account::Member(_), Some(number), _) => format!("{number}@{}", self.own).into(),
            (Account::Member(id), None, _) => brief(&id.to_string()).into(),
            (Account::Commons, ..) => text!("person-commons", cite = self.own.as_str()).into(),
            (Account::Peer(cite), _, abroad) => {
                let known = self.slugs.get(&cite).cloned();
                let slug = known.unwrap_or_else(|| brief(&cite.to_string()));
                match abroad {
                    Some(member) => format!("{}@{slug}", brief(&member.to_string())).into(),
                    None => slug.into(),
                }
            }
        }
    }
}

/// Hours that left for another cité: they arrive, wait, or come back.
fn left(movement: &Movement) -> bool {
    matches!(movement.with, Account::Peer(_)) && movement.change.0 < 0
}

fn screen(statement: &Statement, shown: &[&Movement], names: &Names) -> Screen {
    let mut table = Table::new(vec![
        text!("label-date"),
        text!("label-who"),
        text!("label-change"),
        text!("label-balance"),
        text!("label-text"),
        text!("label-state"),
    ]);
    for movement in shown {
        let words: Value = match &movement.body {
            Some(body) => body.text.as_str().into(),
            None => "".into(),
        };
        table.row(vec![
            dates::iso_day(movement.time.day()).into(),
            names.with(movement),
            movement.change.into(),
            movement.balance.into(),
            words,
            standing::words(movement.standing, left(movement), movement.time).into(),
        ]);
    }
    let body = if table.is_empty() {
        Screen::new().line(text!("history-empty"))
    } else {
        Screen::new().table(table)
    };
    let sum: i64 = shown.iter().map(|movement| movement.change.0).sum();
    body.fact(text!("label-opening"), Value::Minutes(statement.opening))
        .fact(text!("label-sum"), Value::Minutes(sum))
        .fact(text!("label-closing"), Value::Minutes(statement.closing))
}

fn data(
    statement: &Statement,
    shown: &[&Movement],
    names: &Names,
    from: Option<UtcDay>,
    to: Option<UtcDay>,
) -> serde_json::Value {
    let entries: Vec<_> = shown
        .iter()
        .map(|movement| {
            let open = left(movement) && standing::is_open(movement.standing);
            json!({
                "id": movement.order.to_string(),
                "leaf": movement.leaf,
                "at": dates::rfc3339(movement.time),
                "with": account_json(movement),
                "with_number": movement.with_number,
                "cite": match movement.with {
                    Account::Peer(cite) => Some(cite.to_string()),
                    _ => None,
                },
                "name": Lang::En.show(&names.with(movement)),
                "minutes": movement.change.0,
                "balance_min": movement.balance.0,
                "for": movement.body.as_ref().map(|body| body.text.as_str()),
                "category": movement.body.as_ref().map(|body| body.category.as_str())
                    .filter(|category| !category.is_empty()),
                "state": standing::level(movement.standing),
                "witnesses": standing::witnesses(movement.standing),
                "waiting_since": open.then(|| dates::rfc3339(movement.time)),
            })
        })
        .collect();
    let control: i64 = shown.iter().map(|movement| movement.change.0).sum();
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
fn csv(shown: &[&Movement], names: &Names) -> String {
    let mut text = String::from("at,id,leaf,with,name,minutes,balance_min,for,category,state\r\n");
    for movement in shown {
        let body = movement.body.as_ref();
        let cells = [
            dates::rfc3339(movement.time),
            movement.order.to_string(),
            movement.leaf.to_string(),
            account_json(movement),
            Lang::En.show(&names.with(movement)),
            movement.change.0.to_string(),
            movement.balance.0.to_string(),
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
fn cell_of(cell: &str) -> String {
    let number = cell.parse::<i64>().is_ok();
    let formula = !number && cell.starts_with(['=', '+', '-', '@', '\t']);
    let cell = if formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

fn plain_text(lang: Lang, shown: &[&Movement], names: &Names, statement: &Statement) -> String {
    let mut lines: Vec<String> = shown
        .iter()
        .map(|movement| {
            let body = movement.body.as_ref().map(|body| body.text.as_str()).unwrap_or_default();
            let state = standing::words(movement.standing, left(movement), movement.time);
            [
                dates::iso_day(movement.time.day()),
                lang.show(&names.with(movement)),
                lang.show(&movement.change.into()),
                lang.show(&movement.balance.into()),
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

fn save(path: &Path, text: &str) -> Result<(), Failure> {
    sealed::write_new(path, text.as_bytes()).map_err(|error| match error {
        sealed::SealError::Io(error) => file_failure(true, path, &error),
        other => {
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path)).caused_by(&other)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proto::{
        body::Body,
        desk::{Movement, Standing},
        hash::Hash,
        ids::{Account, CiteId, MemberId, OrderId},
        minutes::Balance,
        time::UtcDay,
    };

    use super::{Names, Wrong, cell_of, csv, cut, data, screen};
    use crate::language::Lang;

    const DAY: UtcDay = UtcDay(20_780);

    fn moved(day: u64, change: i64, balance: i64) -> Movement {
        Movement {
            leaf: day,
            time: UtcDay(DAY.0 + day).start(),
            order: OrderId(Hash([1; 32])),
            with: Account::Member(MemberId(Hash([2; 32]))),
            with_number: Some(42),
            abroad: None,
            change: Balance(change),
            balance: Balance(balance),
            body: None,
            standing: Standing::Recorded,
        }
    }

    fn names() -> Names {
        Names { own: "tisserandes".to_owned(), slugs: BTreeMap::new() }
    }

    fn all() -> Vec<Movement> {
        vec![moved(0, 60, 60), moved(1, -15, 45), moved(2, 30, 75), moved(9, -75, 0)]
    }

    #[test]
    fn opening_and_movements_make_the_closing_balance() {
        let day = |n| Some(UtcDay(DAY.0 + n));
        for (from, to, opening, closing, count) in [
            (None, None, 0, 0, 4),
            (day(1), day(2), 60, 75, 2),
            (day(3), day(8), 75, 75, 0),
            (day(9), None, 75, 0, 1),
            (day(20), None, 0, 0, 0),
            (None, day(0), 0, 60, 1),
        ] {
            let statement = cut(all(), from, to).expect("the sums fit");
            assert_eq!((statement.opening, statement.closing), (opening, closing), "{from:?}");
            assert_eq!(statement.entries.len(), count, "{from:?}");
            assert_eq!(statement.opening + statement.sum(), statement.closing, "{from:?}");
        }
        assert_eq!(cut(Vec::new(), None, None).map(|s| s.closing), Ok(0));
    }

    #[test]
    fn a_statement_that_does_not_add_up_is_refused() {
        let mut bad = all();
        bad[2].balance = Balance(76);
        assert_eq!(cut(bad, None, None), Err(Wrong { opening: 45, sum: 30, closing: 76 }));
        let mut bad = all();
        bad.remove(0);
        assert!(cut(bad, None, None).is_err(), "an account begins at nothing");
        let bad = vec![moved(0, i64::MAX, i64::MAX), moved(1, 1, i64::MIN)];
        assert!(cut(bad, None, None).is_err());
    }

    #[test]
    fn csv_is_for_machines_and_runs_nothing_in_a_spreadsheet() {
        for (cell, written) in [
            ("-15", "-15"),
            ("vélo", "vélo"),
            ("a,b", "\"a,b\""),
            ("dit \"oui\"", "\"dit \"\"oui\"\"\""),
            ("=1+1", "'=1+1"),
            ("@x,y", "\"'@x,y\""),
        ] {
            assert_eq!(cell_of(cell), written);
        }
        let rows = all();
        let text = csv(&rows.iter().collect::<Vec<_>>(), &names());
        assert_eq!(text.lines().count(), 5);
        assert!(text.contains(",-15,45,,,recorded\r\n"), "{text}");
    }

    #[test]
    fn hours_abroad_say_since_when_they_wait() {
        let mut away = moved(0, -60, -60);
        away.with = Account::Peer(CiteId(Hash([3; 32])));
        away.abroad = Some(MemberId(Hash([4; 32])));
        away.with_number = None;
        away.standing = Standing::Committed;
        away.body = Some(Body {
            salt: [0; 32],
            text: "Réparation de vélo et de bien d’autres choses encore".to_owned(),
            category: String::new(),
        });
        let statement = cut(vec![away], None, None).expect("the sums fit");
        let shown: Vec<&Movement> = statement.entries.iter().collect();
        let object = data(&statement, &shown, &names(), None, None);
        assert_eq!(object["entries"][0]["state"], "committed");
        assert!(object["entries"][0]["waiting_since"].is_string());
        for lang in Lang::ALL {
            let said =
                screen(&statement, &shown, &names()).render(lang, crate::output::Form::Human, 80);
            assert!(said.contains("✓✓"), "{said}");
            assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
        }
    }
}
