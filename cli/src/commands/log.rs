//! `pirate log …`: the log, entry by entry, read from the disk beside a running node or without one.
//! Never asks the node, takes no lock, writes nothing.

pub(super) mod list;
pub(super) mod show;

use ledger::fold::Fold;
use ledger::segments::SegmentsReader;
use proto::ids::{MemberId, OrderId};

use crate::{codes, context::Context, entries, error::Failure, local::LocalLog, text};

/// Returns the state for numbers and short names; without it (a damaged log) identities still speak.
fn names_source(context: &Context, log: &LocalLog, read: &SegmentsReader) -> Option<Fold> {
    log.fold(context, read).ok()
}

/// Returns the member that `42`, `42@tisserandes` or `pmemb1…` stands for in this log.
fn member(named: &str, fold: Option<&Fold>) -> Result<MemberId, Failure> {
    if let Ok(id) = named.trim().parse::<MemberId>() {
        return Ok(id);
    }
    let number = named.split('@').next().and_then(|number| number.trim().parse::<u32>().ok());
    number
        .and_then(|number| fold.and_then(|fold| fold.state().numbered(number)))
        .map(|member| member.id)
        .ok_or_else(|| {
            Failure::new(codes::NO_SUCH_MEMBER, text!("log-no-such-member", named = named))
        })
}

/// Returns the leaf of an order, looked for from the newest entry backwards.
fn leaf_of(
    context: &Context,
    log: &LocalLog,
    read: &SegmentsReader,
    order: OrderId,
) -> Result<Option<u64>, Failure> {
    let progress = context.progress(text!("reading-log"));
    progress.total(read.len());
    let mut until = read.len();
    while let Some((from, entries)) = list::before(log, read, until)? {
        for (leaf, entry) in (from..until).zip(&entries) {
            let found = proto::entry::Entry::decode(entry);
            if found.is_ok_and(|entry| entries::order_of(&entry).map(|o| o.id()) == Some(order)) {
                return Ok(Some(leaf));
            }
        }
        progress.at(read.len().saturating_sub(from));
        until = from;
    }
    Ok(None)
}
