//! `pirate node scrub`: reads everything that this machine keeps of ledgers, its own and the copies of
//! others, and says what is no longer as it was written and signed. Beside a running node or without one;
//! it changes nothing. With `--repair` the running node reads everything first, and mends it with what others hold.

use std::time::Duration;

use ledger::{
    disk::DiskError,
    scrub::{Part, Report, Scrub},
    segments::Flaw,
};
use node::home_dir::HomeDirError;
use proto::{
    desk::{Call, Operator, Reply},
    ids::CiteId,
};
use serde_json::{Value as Json, json};

use crate::{
    codes,
    commands::Args,
    context::Context,
    entries::short,
    error::Failure,
    exit::Exit,
    language::Text,
    local::{LocalLog, WINDOW_BYTES, home_failure},
    output::{Done, Mark, Screen},
    own_node::OwnNode,
    reply, text,
};

/// How often a node that reads is asked whether it is done: its own step.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let log = LocalLog::own(&context.paths)?;
    let mended = match args.flag("repair") && !context.global.dry_run {
        true => Some(repair(context)?),
        false => None,
    };
    // Held, so that no node begins to write meanwhile; one that runs may go on.
    let claimed = match log.home().claim(context.now().0) {
        Ok(claimed) => Some(claimed),
        Err(HomeDirError::Held { .. }) => None,
        Err(error) => return Err(home_failure(log.home(), &error)),
    };
    let beside = claimed.is_none();
    let progress = context.progress(text!("scrubbing"));
    let reports = look(&log, beside).map_err(|error| {
        let path = log.home().root();
        Failure::new(codes::CANNOT_READ, text!("cannot-read", path = path)).caused_by(&error)
    })?;
    drop(progress);
    let names: Vec<(CiteId, String)> = log
        .copies()
        .iter()
        .filter_map(|copy| Some((copy.cite(), copy.founding().ok()?.founding.slug)))
        .collect();
    let good = reports.iter().all(|report| report.flaws.is_empty());
    let bytes = reports.iter().fold(0, |sum, report| u64::saturating_add(sum, report.bytes));
    let data = json!({
        "good": good,
        "running": beside,
        "bytes": bytes,
        "mended": mended,
        "logs": reports.iter().map(as_json).collect::<Vec<_>>(),
    });
    let named = |cite: CiteId| {
        let known = names.iter().find(|(known, _)| *known == cite);
        known.map_or_else(|| short(cite), |(_, slug)| slug.clone())
    };
    let screen = reports.iter().fold(Screen::new(), |screen, report| show(screen, report, &named));
    let screen = match mended {
        Some(files) => screen.mark(Mark::Good, text!("scrub-mended", files = files)),
        None => screen,
    };
    let screen = screen.fact(text!("label-read"), text!("scrub-read", kb = bytes.div_ceil(1_000)));
    let done = Done::new(data, screen);
    Ok(match what_helps(&reports, beside && mended.is_none()) {
        None => done,
        Some((why, command)) => done.exiting(Exit::Failed).hint(why, command),
    })
}

/// Has the running node read and mend, waits for it, and returns how many files it wrote anew.
fn repair(context: &Context) -> Result<u32, Failure> {
    let mut node = OwnNode::need(context)?;
    match node.ask(Call::Operator(Operator::Scrub))? {
        Reply::Done => {}
        _ => return Err(reply::unexpected()),
    }
    let progress = context.progress(text!("scrubbing"));
    loop {
        let scrub = node.status()?.scrub;
        if !scrub.running {
            drop(progress);
            return Ok(scrub.mended);
        }
        if context.patience.left().is_zero() {
            // The node goes on without anybody who waits.
            return Err(reply::late(&context.paths.socket().display().to_string()));
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

fn look(log: &LocalLog, beside: bool) -> Result<Vec<Report>, DiskError> {
    let mut scrub = Scrub::begin(log.disk().clone(), log.cite(), beside)?;
    while scrub.step(WINDOW_BYTES)? {}
    Ok(scrub.reports().to_vec())
}

/// Returns the command that helps, with what it does; `None` where all is well.
fn what_helps(reports: &[Report], repairable: bool) -> Option<(Text, &'static [&'static str])> {
    let flaws = || reports.iter().flat_map(|report| report.flaws.iter());
    flaws().next()?;
    let damaged = || reports.iter().filter(|report| !report.flaws.is_empty());
    let own = |report: &Report| !report.copy && report.part == Part::Entries;
    Some(match flaws().all(|flaw| matches!(flaw, Flaw::Tree { .. })) {
        true if damaged().all(own) => (text!("scrub-do-rebuild"), &["pirate", "node", "rebuild"]),
        _ if repairable => (text!("scrub-do-repair"), &["pirate", "node", "scrub", "--repair"]),
        _ if damaged().all(mends_at_a_start) => {
            (text!("scrub-do-start"), &["pirate", "node", "run"])
        }
        _ => (text!("scrub-do"), &["pirate", "node", "recover"]),
    })
}

/// Returns whether what is damaged is not the node's own log, and what was vouched for is known.
fn mends_at_a_start(report: &Report) -> bool {
    let other = report.copy || report.part == Part::Proofs;
    other && !report.flaws.contains(&Flaw::Word)
}

fn show(screen: Screen, report: &Report, named: &impl Fn(CiteId) -> String) -> Screen {
    // Most logs have no imports, and nobody misses proofs that are not there.
    if report.part == Part::Proofs && report.records == 0 && report.flaws.is_empty() {
        return screen;
    }
    let mark = if report.flaws.is_empty() { Mark::Good } else { Mark::Bad };
    let records = report.records;
    let of = match report.copy {
        true => text!("scrub-copy", cite = named(report.cite)),
        false => text!("scrub-own"),
    };
    let said = match report.part {
        Part::Entries => {
            text!("scrub-entries", of = of, records = records, proven = report.proven)
        }
        Part::Proofs => text!("scrub-proofs", of = of, records = records),
    };
    let screen = screen.mark(mark, said);
    report.flaws.iter().fold(screen, |screen, flaw| screen.inset(flaw_text(report.part, flaw)))
}

fn flaw_text(part: Part, flaw: &Flaw) -> Text {
    match *flaw {
        Flaw::Header { segment } => text!("flaw-header", file = file(segment)),
        Flaw::Records { segment, from, until: Some(until) } if until.saturating_sub(from) == 1 => {
            text!("flaw-record", file = file(segment), from = from)
        }
        Flaw::Records { segment, from, until: Some(until) } => {
            let last = until.saturating_sub(1);
            text!("flaw-records", file = file(segment), from = from, last = last)
        }
        Flaw::Records { segment, from, until: None } => {
            text!("flaw-records-open", file = file(segment), from = from)
        }
        Flaw::Table { segment } => text!("flaw-table", file = file(segment)),
        Flaw::Stray { segment, bytes } => {
            text!("flaw-stray", file = file(segment), bytes = bytes)
        }
        Flaw::Short { len, least } if part == Part::Proofs => {
            text!("flaw-proofs-short", len = len, least = least)
        }
        Flaw::Short { len, least } => text!("flaw-short", len = len, least = least),
        Flaw::Root { size } => text!("flaw-root", size = size),
        Flaw::Tree { .. } => text!("flaw-tree"),
        Flaw::Word => text!("flaw-word"),
    }
}

/// Returns the name of a segment file, as it stands in its directory.
fn file(segment: usize) -> String {
    format!("{segment:08}.seg")
}

fn as_json(report: &Report) -> Json {
    json!({
        "cite": report.cite.to_string(),
        "copy": report.copy,
        "part": match report.part {
            Part::Entries => "entries",
            Part::Proofs => "proofs",
        },
        "records": report.records,
        "bytes": report.bytes,
        "proven": report.proven,
        "flaws": report.flaws.iter().map(flaw_json).collect::<Vec<_>>(),
    })
}

fn flaw_json(flaw: &Flaw) -> Json {
    let (kind, file, from, until) = match *flaw {
        Flaw::Header { segment } => ("header", Some(segment), None, None),
        Flaw::Records { segment, from, until } => ("records", Some(segment), Some(from), until),
        Flaw::Table { segment } => ("table", Some(segment), None, None),
        Flaw::Stray { segment, .. } => ("stray", Some(segment), None, None),
        Flaw::Short { len, least } => ("short", None, Some(len), Some(least)),
        Flaw::Root { size } => ("root", None, None, Some(size)),
        Flaw::Tree { .. } => ("tree", None, None, None),
        Flaw::Word => ("word", None, None, None),
    };
    json!({ "kind": kind, "file": file.map(self::file), "from": from, "until": until })
}
