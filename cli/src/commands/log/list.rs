//! `pirate log list`: entries in words, newest first; JSON Lines with `--json`.
//! Reads only as many as are shown, besides what the numbers of members need.

use ledger::segments::SegmentsReader;
use proto::{entry::Entry, hash::tree_leaf, time::UnixMillis};

use crate::{
    codes,
    commands::{Args, log},
    context::Context,
    dates,
    entries::{self, Names},
    error::Failure,
    local::LocalLog,
    output::{Done, Screen},
    text,
};

/// Entries shown when nobody says how many: what a screen holds.
const LIMIT: u64 = 20;
/// More than a log has.
const LIMIT_MAX: u64 = 1_000_000_000;
/// Entries read at a time, going backwards.
const CHUNK: u64 = 256;
/// Version of the data of one entry.
pub(super) const ENTRY_SCHEMA: &str = "pirate.log.entry/1";

/// A run of entries with the leaf of the first.
pub(super) type Chunk = (u64, Vec<Vec<u8>>);

/// One end of what is asked for.
#[derive(Clone, Copy)]
enum End {
    Leaf(u64),
    Time(UnixMillis),
}

/// What is asked for.
struct Wanted<'a> {
    from: Option<End>,
    to: Option<End>,
    kind: Option<&'a str>,
    member: Option<proto::ids::MemberId>,
}

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let log = LocalLog::named(&context.paths, args.text("cite"))?;
    let read = log.entries()?;
    let fold = log::names_source(context, &log, &read);
    let names = Names::new(fold.as_ref().map(|fold| fold.state()));
    let member = args.text("member").map(|named| log::member(named, fold.as_ref())).transpose()?;
    let wanted = Wanted {
        from: args.text("from").map(|typed| end(typed, false)).transpose()?,
        to: args.text("to").map(|typed| end(typed, true)).transpose()?,
        kind: args.text("type").map(kind).transpose()?,
        member,
    };
    let mut left = args.number("limit", 1..=LIMIT_MAX)?.unwrap_or(LIMIT);
    let mut until = match wanted.to {
        Some(End::Leaf(last)) => read.len().min(last.saturating_add(1)),
        _ => read.len(),
    };
    let mut shown = 0_u64;
    while let Some((from, chunk)) = before(&log, &read, until)? {
        for (leaf, bytes) in (from..until).rev().zip(chunk.into_iter().rev()) {
            let entry = Entry::decode(&bytes).map_err(|error| {
                log.segments_failure(&ledger::segments::SegmentsError::Damaged { index: leaf })
                    .caused_by(&error)
            })?;
            if left == 0 || wanted.ends_before(leaf, &entry) {
                return Ok(done(shown));
            }
            if wanted.fits(&entry) {
                let data = entries::entry_json(leaf, &tree_leaf(&bytes), &entry, &names);
                let line = text!(
                    "entry-line",
                    leaf = leaf.to_string(),
                    time = entry.time,
                    says = entries::sentence(&entry, &names)
                );
                context.printer.item(ENTRY_SCHEMA, &data, &Screen::new().line(line))?;
                left -= 1;
                shown += 1;
            }
        }
        until = from;
    }
    Ok(done(shown))
}

fn kind(typed: &str) -> Result<&str, Failure> {
    if entries::KINDS.contains(&typed) {
        return Ok(typed);
    }
    let accepted = entries::KINDS.join(", ");
    Err(Failure::new(
        codes::USAGE,
        text!("usage-value", typed = typed, arg = "--type", accepted = accepted),
    ))
}

fn done(shown: u64) -> Done {
    let done = Done::streamed();
    if shown == 0 { done.hint(text!("log-nothing-fits"), &[]) } else { done }
}

/// Returns the entries just before leaf `until`, and the first one's leaf; `None` at the beginning.
pub(super) fn before(
    log: &LocalLog,
    read: &SegmentsReader,
    until: u64,
) -> Result<Option<Chunk>, Failure> {
    if until == 0 {
        return Ok(None);
    }
    let from = until.saturating_sub(CHUNK);
    let count = usize::try_from(until - from).unwrap_or(usize::MAX);
    let chunk =
        read.read_range(from, count, usize::MAX).map_err(|error| log.segments_failure(&error))?;
    Ok(Some((from, chunk)))
}

/// Returns what `4812` or `2026-11-23` stands for; a last day is wanted to its end.
fn end(typed: &str, last: bool) -> Result<End, Failure> {
    if let Ok(leaf) = typed.trim().parse() {
        return Ok(End::Leaf(leaf));
    }
    let day = dates::parse_day(typed).map_err(|_| {
        Failure::new(codes::DATE_UNREADABLE, text!("log-end-unreadable", typed = typed))
    })?;
    Ok(End::Time(if last {
        UnixMillis(day.plus(1).start().0.saturating_sub(1))
    } else {
        day.start()
    }))
}

impl Wanted<'_> {
    /// Going backwards, everything from here on lies before what is asked for.
    fn ends_before(&self, leaf: u64, entry: &Entry) -> bool {
        match self.from {
            Some(End::Leaf(first)) => leaf < first,
            Some(End::Time(first)) => entry.time < first,
            None => false,
        }
    }

    fn fits(&self, entry: &Entry) -> bool {
        let in_time = !matches!(self.to, Some(End::Time(last)) if entry.time > last);
        in_time
            && self.kind.is_none_or(|kind| entries::kind(entry) == kind)
            && self.member.is_none_or(|member| entries::concerns(entry, &member))
    }
}
