//! The index: where in the log an order, an account's movements or a message stand. The only file that knows sled.
//! It is never the truth: all of it can be thrown away and noted again from the segments.
//!
//! sled never calls `fsync` and panics when it opens what a power cut left behind (measured 2026-11-23: in 20 simulated cuts 12
//! lost everything and 8 would not open). So a damaged index is thrown away without a question, and
//! [`Index::indexed`] says from which leaf on the caller notes anew.
//!
//! Keys are short because sled keeps them about twice: an identity is cut to 8 bytes, so a lookup returns candidates and the
//! caller looks at the entry itself. It has its own directory beside the [`crate::disk::Disk`], since sled opens files by itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use proto::ids::{CiteId, OrderId};

/// Memory that sled may use for pages, in bytes. Its own default is 1 GiB.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;
/// How often sled writes out what it holds, in milliseconds. What a crash loses is noted again from the segments.
const WRITE_OUT_EVERY_MS: u64 = 30_000;
/// Under this key stands how many leaves are indexed. Changed when the layout of the keys changes: an old index then counts as empty.
const INDEXED: &[u8] = b"indexed/1";

/// The index failed. Throwing it away and starting again is the remedy.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IndexError {
    /// sled refused or panicked, or did so at an earlier lookup.
    #[error("the index failed; it can be thrown away, it is rebuilt at the next start")]
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
    /// A seal closed the log at a size.
    Seal {
        /// Number of the seal.
        seq: u64,
        /// Leaves up to and with the seal.
        size: u64,
    },
}

/// First byte of each kind of key.
mod kind {
    pub(super) const ACCOUNT: u8 = b'a';
    pub(super) const ORDER: u8 = b'o';
    pub(super) const MESSAGE: u8 = b'm';
    pub(super) const RETURNED: u8 = b'r';
    pub(super) const SEAL: u8 = b's';
}

impl Note {
    /// Returns key and value. Numbers stand big-endian in keys, so that leaves come in order.
    fn pair(&self) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Account { number, leaf } => (with_leaf(account_key(*number), *leaf), Vec::new()),
            Self::Order { order, leaf } => (with_leaf(order_key(order), *leaf), Vec::new()),
            Self::Message {
                peer,
                counter,
                leaf,
            } => (with_leaf(message_key(peer, *counter), *leaf), Vec::new()),
            Self::Returned {
                peer,
                counter,
                reason,
            } => (returned_key(peer, *counter), reason.to_be_bytes().to_vec()),
            Self::Seal { seq, size } => (seal_key(*seq), size.to_be_bytes().to_vec()),
        }
    }
}

fn with_leaf(mut key: Vec<u8>, leaf: u64) -> Vec<u8> {
    key.extend(leaf.to_be_bytes());
    key
}

fn account_key(number: u32) -> Vec<u8> {
    key(kind::ACCOUNT, &[&number.to_be_bytes()])
}

fn order_key(order: &OrderId) -> Vec<u8> {
    key(kind::ORDER, &[short(order.as_bytes())])
}

fn message_key(peer: &CiteId, counter: u64) -> Vec<u8> {
    key(
        kind::MESSAGE,
        &[short(peer.as_bytes()), &counter.to_be_bytes()],
    )
}

/// Whole, because nobody looks at an entry to check it; returns are rare.
fn returned_key(peer: &CiteId, counter: u64) -> Vec<u8> {
    key(kind::RETURNED, &[peer.as_bytes(), &counter.to_be_bytes()])
}

fn seal_key(seq: u64) -> Vec<u8> {
    key(kind::SEAL, &[&seq.to_be_bytes()])
}

fn key(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![kind];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

fn short(identity: &[u8; 32]) -> &[u8] {
    identity.first_chunk::<8>().expect("32 bytes begin with 8")
}

/// The index of one log.
pub struct Index {
    db: sled::Db,
    thrown_away: bool,
    /// A lookup failed. It found nothing, which may be wrong, so the next write says so.
    failed: AtomicBool,
}

impl Index {
    /// Returns the index in the directory `path`, for this process alone. One that sled cannot open, or that holds no count of leaves,
    /// is thrown away and begun anew.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        if let Some(index) = Self::try_open(path, false) {
            return Ok(index);
        }
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(IndexError::NotRemoved(error.kind()))
            }
            _ => Self::try_open(path, true).ok_or(IndexError::Failed),
        }
    }

    fn try_open(path: &Path, thrown_away: bool) -> Option<Self> {
        let config = sled::Config::new()
            .path(path)
            .cache_capacity(CACHE_BYTES)
            .mode(sled::Mode::LowSpace)
            .flush_every_ms(Some(WRITE_OUT_EVERY_MS));
        let db = guarded(|| config.open())?;
        let index = Self {
            db,
            thrown_away,
            failed: AtomicBool::new(false),
        };
        let counted = guarded(|| index.db.get(INDEXED))?.is_some();
        // Without a count the rest says nothing; only a new index may lack it.
        (counted || guarded(|| Ok(index.db.is_empty()))?).then_some(index)
    }

    /// Returns whether opening met a damaged index and threw it away.
    pub fn was_thrown_away(&self) -> bool {
        self.thrown_away
    }

    /// Returns how many leaves, from the first on, are noted.
    pub fn indexed(&self) -> u64 {
        self.number_at(INDEXED).unwrap_or(0)
    }

    /// Notes what the leaves below `next` brought, all or nothing.
    pub fn write(&mut self, notes: &[Note], next: u64) -> Result<(), IndexError> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(IndexError::Failed);
        }
        let mut batch = sled::Batch::default();
        for (key, value) in notes.iter().map(Note::pair) {
            batch.insert(key, value);
        }
        batch.insert(INDEXED, next.to_be_bytes().to_vec());
        guarded(|| self.db.apply_batch(batch)).ok_or(IndexError::Failed)
    }

    /// Writes out what sled holds, for a clean stop. It is no promise: see the top of this file.
    pub fn flush(&mut self) -> Result<(), IndexError> {
        guarded(|| self.db.flush())
            .map(|_bytes| ())
            .ok_or(IndexError::Failed)
    }

    /// Forgets everything.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        guarded(|| self.db.clear()).ok_or(IndexError::Failed)?;
        self.write(&[], 0)
    }

    /// Returns the leaves that may be this order, in order.
    pub fn orders(&self, order: &OrderId) -> Vec<u64> {
        self.leaves(&order_key(order))
    }

    /// Returns the leaves that moved the account of member `number`, in order.
    pub fn account(&self, number: u32) -> Vec<u64> {
        self.leaves(&account_key(number))
    }

    /// Returns the leaves that may say message `counter` to `peer`, in order.
    pub fn messages(&self, peer: &CiteId, counter: u64) -> Vec<u64> {
        self.leaves(&message_key(peer, counter))
    }

    /// Returns why `peer` returned transfer `counter`, if it did.
    pub fn returned(&self, peer: &CiteId, counter: u64) -> Option<u16> {
        let value = self.value_at(&returned_key(peer, counter))?;
        Some(u16::from_be_bytes(value.as_ref().try_into().ok()?))
    }

    /// Returns the size of the log at seal `seq`.
    pub fn seal(&self, seq: u64) -> Option<u64> {
        self.number_at(&seal_key(seq))
    }

    fn leaves(&self, key: &[u8]) -> Vec<u64> {
        let leaf = |key: sled::IVec| key.last_chunk().map(|leaf| u64::from_be_bytes(*leaf));
        let found = guarded(|| {
            self.db
                .scan_prefix(key)
                .keys()
                .collect::<Result<Vec<_>, _>>()
        });
        self.noticed(found)
            .unwrap_or_default()
            .into_iter()
            .filter_map(leaf)
            .collect()
    }

    fn number_at(&self, key: &[u8]) -> Option<u64> {
        Some(u64::from_be_bytes(
            self.value_at(key)?.as_ref().try_into().ok()?,
        ))
    }

    fn value_at(&self, key: &[u8]) -> Option<sled::IVec> {
        self.noticed(guarded(|| self.db.get(key))).flatten()
    }

    fn noticed<T>(&self, found: Option<T>) -> Option<T> {
        if found.is_none() {
            self.failed.store(true, Ordering::Relaxed);
        }
        found
    }
}

/// Returns what sled answers, or `None` where it refuses or panics. Nothing of ours is changed inside, so nothing
/// can be left half changed.
fn guarded<T>(ask: impl FnOnce() -> sled::Result<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(ask)).ok()?.ok()
}

#[cfg(test)]
mod tests;
