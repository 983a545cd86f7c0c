//! The index: where in the log an order, an account's movements or a message stand. The only file
//! that knows sled. It is never the truth: all of it can be thrown away and noted again from the
//! segments.
//!
//! sled never calls `fsync` and panics when it opens what a power cut left behind (measured
//! 2026-11-23: in 20 simulated cuts 12 lost everything and 8 would not open). Others it opens, and
//! finds later that a page is damaged (seen 2026-11-28, after some hundreds of cuts). So a damaged
//! index is thrown away without a question, at once or at the next start, and [`Index::indexed`]
//! says from which leaf on the caller notes anew.
//!
//! Notes are collected in memory and written out as a [`run`] of a few thousand leaves: sled is
//! dear for each row. Of an order seven bytes are kept, so a lookup returns candidates and the
//! caller looks at the entry itself. The index has its own directory beside the
//! [`crate::disk::Disk`], since sled opens files by itself.

mod run;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use proto::ids::{CiteId, OrderId};

use run::{
    Run, account_key, leaves_of_account, leaves_of_order, message_key, number, order_key,
    with_number,
};

/// Memory that sled may use for pages, in bytes. Its own default is 1 GiB.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// Leaves after which a run is written out. More make rows cheaper, and a start after a crash
/// slower, which notes as many anew.
const RUN_LEAVES: u64 = 16_384;
/// Under this key stands how many leaves are indexed. Changed when the layout of the keys changes:
/// an old index then counts as empty.
const INDEXED: &[u8] = b"indexed/1";

/// The index failed. It is thrown away for that; the next start notes anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IndexError {
    /// sled refused or panicked, or did so at an earlier lookup.
    #[error("the index failed and was thrown away; the next start makes it anew")]
    Failed,
    /// The damaged index could not be removed.
    #[error("the damaged index could not be removed: {0}")]
    NotRemoved(std::io::ErrorKind),
}

/// One thing to find again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Note {
    /// An entry moved an account.
    Account {
        /// Number of the member in the cité.
        number: u32,
        /// Number of the entry.
        leaf: u64,
    },
    /// An entry is an order.
    Order {
        /// The order.
        order: OrderId,
        /// Number of the entry.
        leaf: u64,
    },
    /// An entry says a message to another cité.
    Message {
        /// The other cité.
        peer: CiteId,
        /// Number of the message on its stream.
        counter: u64,
        /// Number of the entry.
        leaf: u64,
    },
    /// Another cité returned a transfer.
    Returned {
        /// The other cité.
        peer: CiteId,
        /// Number of the transfer on its stream.
        counter: u64,
        /// Why, as the other cité numbers its refusals.
        reason: u16,
    },
}

/// The index of one log.
pub struct Index {
    path: PathBuf,
    db: sled::Db,
    /// What is not in sled yet.
    run: Run,
    next: u64,
    thrown_away: bool,
    /// A lookup failed. It found nothing, which may be wrong, so the next write says so.
    failed: AtomicBool,
}

impl Index {
    /// Returns the index in the directory `path`, for this process alone. One that sled cannot
    /// open, or that holds no count of leaves, is thrown away and begun anew.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        if let Some(index) = Self::try_open(path, false) {
            return Ok(index);
        }
        Self::anew(path)
    }

    /// Returns an empty index in the directory `path`, whatever is there.
    pub fn anew(path: &Path) -> Result<Self, IndexError> {
        remove(path)?;
        Self::try_open(path, true).ok_or(IndexError::Failed)
    }

    /// Throws it away and begins anew with nothing.
    pub fn begin_anew(&mut self) -> Result<(), IndexError> {
        let anew = Self::anew(&self.path)?;
        let old = core::mem::replace(self, anew);
        // What sled still writes for it goes to files that are gone, and may find a page damaged once more.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(old)));
        Ok(())
    }

    fn try_open(path: &Path, thrown_away: bool) -> Option<Self> {
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::LowSpace)
            .flush_every_ms(None);
        let db = guarded(|| config.open())?;
        let next = match guarded(|| db.get(INDEXED))? {
            Some(count) => number(&count)?,
            // Rows without a count are of another layout, or what is left of an index.
            None => guarded(|| Ok(db.is_empty()))?.then_some(0)?,
        };
        let (run, failed) = (Run::new(next), AtomicBool::new(false));
        Some(Self { path: path.to_owned(), db, run, next, thrown_away, failed })
    }

    /// Returns whether opening met a damaged index and threw it away.
    pub fn was_thrown_away(&self) -> bool {
        self.thrown_away
    }

    /// Returns how many leaves, from the first on, are noted. After a crash it may be fewer than
    /// before.
    pub fn indexed(&self) -> u64 {
        self.next
    }

    /// Notes what the leaves below `next` brought.
    pub fn write(&mut self, notes: &[Note], next: u64) -> Result<(), IndexError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(self.given_up());
        }
        notes.iter().for_each(|note| self.run.note(note));
        self.next = next;
        if next.saturating_sub(self.run.first()) < RUN_LEAVES { Ok(()) } else { self.flush() }
    }

    /// Writes out what is in memory; also for a clean stop. It is no promise: see the top of this
    /// file.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        if self.write_run().is_none() {
            return Err(self.given_up());
        }
        self.run = Run::new(self.next);
        Ok(())
    }

    /// Removes what failed: sled would open it at the next start as it did at this one, and fail again.
    fn given_up(&self) -> IndexError {
        match remove(&self.path) {
            Ok(()) => IndexError::Failed,
            Err(error) => error,
        }
    }

    /// The count follows the rows: what it covers is there.
    fn write_run(&self) -> Option<()> {
        if self.run.first() == self.next {
            return Some(());
        }
        for (key, value) in self.run.rows() {
            guarded(|| self.db.insert(key, value))?;
        }
        guarded(|| self.db.insert(INDEXED, &self.next.to_be_bytes()))?;
        guarded(|| self.db.flush()).map(|_bytes| ())
    }

    /// Returns whether a lookup failed: what was not found may be there.
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Returns the leaves that may be this order.
    pub fn orders(&self, order: &OrderId) -> Vec<u64> {
        let rows = self.rows(&order_key(order));
        let written = rows.iter().flat_map(|row| leaves_of_order(row, order));
        written.chain(self.run.order(order)).collect()
    }

    /// Returns the leaves that moved the account of member `number`, in order, from leaf `from` on and at most `most`.
    /// However long the account is, it reads no more than a row for each leaf, and one.
    pub fn account(&self, number: u32, from: u64, most: usize) -> Vec<u64> {
        let prefix = account_key(number);
        let found = guarded(|| {
            // The row that `from` is in, if any: it begins no later.
            let first =
                self.db.range(prefix.clone()..=with_number(prefix.clone(), from)).next_back();
            let first = first.transpose()?.map_or_else(|| prefix.clone(), |(key, _)| key.to_vec());
            let mut leaves = Vec::new();
            for row in self.db.range(first..) {
                let (key, row) = row?;
                if leaves.len() >= most || !key.starts_with(&prefix) {
                    break;
                }
                leaves.extend(leaves_of_account(&row).filter(|leaf| *leaf >= from));
            }
            Ok(leaves)
        });
        let mut leaves = self.noticed(found).unwrap_or_default();
        leaves.extend(self.run.account(number).iter().filter(|leaf| **leaf >= from));
        leaves.truncate(most);
        leaves
    }

    /// Returns the last leaf that moved the account of member `number`.
    pub fn account_last(&self, number: u32) -> Option<u64> {
        let written = || {
            let rows = self.db.scan_prefix(account_key(number)).next_back();
            let row = self.noticed(guarded(|| rows.transpose()))??.1;
            leaves_of_account(&row).last()
        };
        self.run.account(number).last().copied().or_else(written)
    }

    /// Returns the leaf that says message `counter` to `peer`, if there is one.
    pub fn message(&self, peer: &CiteId, counter: u64) -> Option<u64> {
        let written = || number(&self.row(&message_key(peer, counter))?);
        self.run.message(peer, counter).or_else(written)
    }

    /// Returns why `peer` returned transfer `counter`, if it did.
    pub fn returned(&self, peer: &CiteId, counter: u64) -> Option<u16> {
        let written = || {
            let row = self.row(&run::returned_key(peer, counter))?;
            Some(u16::from_be_bytes(row.as_ref().try_into().ok()?))
        };
        self.run.returned(peer, counter).or_else(written)
    }

    fn rows(&self, prefix: &[u8]) -> Vec<sled::IVec> {
        let found = guarded(|| self.db.scan_prefix(prefix).values().collect());
        self.noticed(found).unwrap_or_default()
    }

    fn row(&self, key: &[u8]) -> Option<sled::IVec> {
        self.noticed(guarded(|| self.db.get(key))).flatten()
    }

    fn noticed<T>(&self, found: Option<T>) -> Option<T> {
        if found.is_none() {
            self.failed.store(true, Ordering::Relaxed);
        }
        found
    }
}

fn remove(path: &Path) -> Result<(), IndexError> {
    match std::fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(IndexError::NotRemoved(error.kind()))
        }
        _ => Ok(()),
    }
}

/// Returns what sled answers, or `None` where it refuses or panics. Nothing of ours is changed
/// inside, so nothing can be left half changed.
fn guarded<T>(ask: impl FnOnce() -> sled::Result<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(ask)).ok()?.ok()
}

#[cfg(test)]
mod tests;
