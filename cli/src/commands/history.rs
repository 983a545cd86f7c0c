//! `pirate history`: the statement of the own account, with opening and closing balance and a control sum.
//! Does the sums itself: a statement that does not add up is said, not shown.

mod statement;
mod written;

use std::{collections::BTreeMap, path::Path};

use proto::{
    desk::{Call, Movement, Query, Reply},
    ids::{Account, CiteId, MemberId},
    minutes::Balance,
};

use self::{
    statement::{Line, Statement, Wrong, cut, sum},
    written::{csv, data, plain_text},
};
use super::Args;
use crate::{
    codes,
    context::Context,
    dates, dry,
    error::{Failure, file_failure},
    language::Value,
    output::{Done, Form, Screen, Table},
    refusals::brief,
    reply::unexpected,
    sealed, standing, text,
    wallet::session::Session,
};

/// How often the home is asked once more for what moved between its last page and its balance.
const TRIES_MAX: usize = 3;

/// Most movements that are read: a person who exchanges twenty times a day for a century.
const MOVEMENTS_MAX: usize = 1_000_000;

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let (from, to) = (args.day("from")?, args.day("to")?);
    if matches!((from, to), (Some(from), Some(to)) if to < from) {
        return Err(Failure::new(codes::DATE_UNREADABLE, text!("history-order")));
    }
    let mut session = Session::open(context)?;
    session.fresh_account()?;
    let (all, said) = read(context, &mut session)?;
    let statement = cut(all, said, from, to).map_err(|wrong| {
        let Wrong { opening, sum, closing } = wrong;
        let [opening, sum, closing] = [opening, sum, closing].map(Value::Minutes);
        Failure::new(
            codes::PROOF_FAILED,
            text!("history-sum-wrong", opening = opening, sum = sum, closing = closing),
        )
    })?;
    let names = Names::of(&mut session);
    let shown: Vec<&Line> = match args.text("with") {
        None => statement.entries.iter().collect(),
        Some(typed) => {
            let desk = session.desk.as_mut().map_err(|failure| failure.clone());
            let person = crate::person::find(&session.wallet, desk, typed)?;
            let with = |line: &&Line| {
                let m = &line.movement;
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
        (Some(path), _) if context.global.dry_run => {
            Ok(Done::new(data, dry::line(Screen::new(), &path)?))
        }
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

/// Returns the oldest of the own movements whose hours are on their way to another cité.
pub(super) fn oldest_open(session: &mut Session<'_>) -> Result<Option<Movement>, Failure> {
    let mut all = Vec::new();
    read_on(session, &mut all)?;
    Ok(all.into_iter().find(on_its_way))
}

/// Returns whether hours left for another cité and are neither known to be taken in nor returned.
fn on_its_way(movement: &Movement) -> bool {
    let abroad = matches!(movement.with, Account::Peer(_));
    abroad && movement.change.0 < 0 && standing::is_open(movement.standing)
}

/// Returns all that moved the account, and the balance that the home says it makes.
fn read(context: &Context, session: &mut Session<'_>) -> Result<(Vec<Movement>, Balance), Failure> {
    let _progress = context.progress(text!("reading-history"));
    let mut all: Vec<Movement> = Vec::new();
    let mut said = Balance::ZERO;
    for _ in 0..TRIES_MAX {
        read_on(session, &mut all)?;
        let Reply::Account(account) = session.private(Query::Account)? else {
            return Err(unexpected());
        };
        said = account.balance;
        if sum(&all) == Some(said) {
            break;
        }
    }
    Ok((all, said))
}

/// Reads what moved the account behind what is known.
fn read_on(session: &mut Session<'_>, all: &mut Vec<Movement>) -> Result<(), Failure> {
    while all.len() < MOVEMENTS_MAX {
        let from = all.last().map_or(0, |last| last.leaf.saturating_add(1));
        let Reply::History(page) = session.private(Query::History { from })? else {
            return Err(unexpected());
        };
        // A home that goes back would be asked for ever.
        let first = page.first().map(|movement| movement.leaf);
        match first {
            None => break,
            Some(leaf) if leaf < from => return Err(unexpected()),
            Some(_) => all.extend(page),
        }
    }
    Ok(())
}

/// Short names of the cités that the home exchanges with.
struct Names {
    own: String,
    slugs: BTreeMap<CiteId, String>,
    /// Numbers of the people elsewhere whom this wallet paid or asked.
    known: BTreeMap<(CiteId, MemberId), u32>,
}

impl Names {
    fn of(session: &mut Session<'_>) -> Self {
        let own = session.wallet.slug().to_owned();
        let payees = session.wallet.payees();
        let sheet = session.desk().and_then(|desk| desk.call(Call::Sheet));
        let told = match sheet {
            Ok(Reply::Sheet(sheet)) => sheet.peers,
            // What the wallet knows does, else identities instead of names.
            _ => Vec::new(),
        };
        let slugs = payees.iter().map(|payee| (payee.home, payee.slug.clone()));
        let slugs = slugs.chain(told.into_iter().map(|peer| (peer.cite, peer.slug))).collect();
        let known = payees.iter().map(|payee| ((payee.home, payee.member), payee.number));
        Self { own, slugs, known: known.collect() }
    }

    /// Returns the number of the other side, in its own cité.
    fn number(&self, movement: &Movement) -> Option<u32> {
        match (movement.with, movement.abroad) {
            (Account::Peer(cite), Some(member)) => self.known.get(&(cite, member)).copied(),
            _ => movement.with_number,
        }
    }

    fn with(&self, movement: &Movement) -> Value {
        match (movement.with, self.number(movement), movement.abroad) {
            (Account::Member(_), Some(number), _) => format!("{number}@{}", self.own).into(),
            (Account::Member(id), None, _) => by_id(id, &self.own),
            (Account::Commons, ..) => text!("person-commons", cite = self.own.as_str()).into(),
            (Account::Peer(cite), number, abroad) => {
                let known = self.slugs.get(&cite).cloned();
                let slug = known.unwrap_or_else(|| brief(&cite.to_string()));
                match (number, abroad) {
                    (Some(number), _) => format!("{number}@{slug}").into(),
                    (None, Some(member)) => by_id(member, &slug),
                    (None, None) => slug.into(),
                }
            }
        }
    }
}

/// Somebody without a known number: shortened for people, whole where it can be copied into a command.
fn by_id(member: MemberId, slug: &str) -> Value {
    let id = member.to_string();
    Value::Long { short: format!("{}@{slug}", brief(&id)), whole: format!("{id}@{slug}") }
}

/// Hours that left for another cité: they arrive, wait, or come back.
fn left(movement: &Movement) -> bool {
    matches!(movement.with, Account::Peer(_)) && movement.change.0 < 0
}

fn screen(statement: &Statement, shown: &[&Line], names: &Names) -> Screen {
    let mut table = Table::new(vec![
        text!("label-date"),
        text!("label-who"),
        text!("label-change"),
        text!("label-balance"),
        text!("label-text"),
        text!("label-state"),
    ]);
    for Line { movement, balance } in shown {
        let words: Value = match &movement.body {
            Some(body) => body.text.as_str().into(),
            None => "".into(),
        };
        table.row(vec![
            dates::iso_day(movement.time.day()).into(),
            names.with(movement),
            movement.change.into(),
            (*balance).into(),
            words,
            standing::words(movement.standing, left(movement), movement.time).into(),
        ]);
    }
    let body = if table.is_empty() {
        Screen::new().line(text!("history-empty"))
    } else {
        Screen::new().table(table)
    };
    let sum: i64 = shown.iter().map(|line| line.movement.change.0).sum();
    body.fact(text!("label-opening"), Value::Minutes(statement.opening))
        .fact(text!("label-sum"), Value::Minutes(sum))
        .fact(text!("label-closing"), Value::Minutes(statement.closing))
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
#[path = "history_tests.rs"]
mod tests;
