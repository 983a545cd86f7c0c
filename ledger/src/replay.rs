//! Replay: verifying a log's entries in parallel and folding them in order. Used by mirrors, by a node
//! that catches up, and by the offline audit; all three run exactly this.

use proto::{
    entry::{Entry, Import, Payload},
    hash::{Hash, tree_leaf},
};
use rayon::prelude::*;

use crate::{
    fold::{Fault, FaultKind, Fold, PreparedContent, PreparedEntry, assigned},
    keybook::{Admitted, KeyBook},
    rules::Draft,
};

/// Entries prepared at a time while those before are folded: bounds the memory of a replay to about
/// 4 MiB, and is long enough to keep all cores busy.
pub const BATCH: usize = 2_048;

/// Entries prepared one after the other by one thread: half a millisecond of work, so that none waits long at the end of
/// a batch for what another has begun; and enough that handing them out costs nothing beside.
const AT_ONCE: usize = 16;

/// Verifies a run of entries in parallel. The book learns the keys of admissions among them first, so
/// that orders of people admitted in the same run verify.
pub fn prepare(book: &mut KeyBook, entries: &[Vec<u8>]) -> Vec<Result<PreparedEntry, FaultKind>> {
    let may_admit: Vec<&Vec<u8>> = entries.iter().filter(|bytes| Entry::may_admit(bytes)).collect();
    let admitted: Vec<Admitted> = may_admit
        .par_iter()
        .filter_map(|bytes| Admitted::by(&Entry::decode(bytes).ok()?))
        .collect();
    book.learn(admitted);
    let book = &*book;
    entries
        .par_iter()
        .with_max_len(AT_ONCE)
        .map(|bytes| prepare_entry(book, tree_leaf(bytes), Entry::decode(bytes)?))
        .collect()
}

fn prepare_entry(
    book: &KeyBook,
    leaf_hash: Hash,
    entry: Entry,
) -> Result<PreparedEntry, FaultKind> {
    let Entry { time, payload } = entry;
    let home = assigned(&payload);
    let draft = match payload {
        Payload::Seal(seal) => {
            return Ok(PreparedEntry { time, leaf_hash, content: PreparedContent::Seal(seal) });
        }
        Payload::Found(signed) => {
            let founding = signed.verify().map_err(FaultKind::Founding)?;
            Draft::Found(Box::new(founding), signed)
        }
        Payload::RootAct(act) => Draft::RootAct(act),
        Payload::Order(order) | Payload::Export { order, .. } => {
            let answered = book.answered_by(&order.order().statement);
            Draft::Order(book.verify(order)?, answered)
        }
        Payload::Import(Import { message, incarnation, leaf, .. }) => {
            let answered = book.answered_by_message(&message);
            Draft::Import { message, incarnation, leaf, answered }
        }
        Payload::Ack(header) => Draft::Ack(header.peer),
        Payload::Farewell(header) => Draft::Farewell(header.peer),
        Payload::KeyEpoch(record) => {
            let other = record.verify().map_err(FaultKind::Founding)?;
            Draft::KeyEpoch(Box::new(other), record)
        }
        Payload::Resume(resume) => {
            return Ok(PreparedEntry { time, leaf_hash, content: PreparedContent::Resume(resume) });
        }
    };
    Ok(PreparedEntry { time, leaf_hash, content: PreparedContent::Draft(Box::new(draft), home) })
}

/// Folds prepared entries in order, stopping at the first fault.
///
/// # Errors
/// [`Fault`] with its leaf; entries before it were folded.
pub fn fold(fold: &mut Fold, prepared: Vec<Result<PreparedEntry, FaultKind>>) -> Result<(), Fault> {
    for entry in prepared {
        let leaf = fold.frontier().size();
        fold.replay(entry.map_err(|kind| Fault { leaf, kind })?)?;
    }
    Ok(())
}

/// Replays all of `entries`, preparing one batch while the one before is folded.
///
/// `next` returns the next entries, none at the end, at most [`BATCH`] at a time; it is called in order.
///
/// # Errors
/// The first [`Fault`], or what `next` fails with.
pub fn replay_all<E: From<Fault> + Send>(
    state: &mut Fold,
    book: &mut KeyBook,
    mut next: impl FnMut() -> Result<Vec<Vec<u8>>, E> + Send,
) -> Result<(), E> {
    let mut ready = prepare(book, &next()?);
    while !ready.is_empty() {
        let (folded, prepared) = rayon::join(
            || fold(state, core::mem::take(&mut ready)),
            || next().map(|entries| prepare(book, &entries)),
        );
        folded?;
        ready = prepared?;
    }
    Ok(())
}
