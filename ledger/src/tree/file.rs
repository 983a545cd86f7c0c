//! The tree's hashes in a file, written once for each batch, with the tree's right edge in memory.
//! Rebuildable from the segments, so it is never the truth: it is not synced before anything is
//! signed.

use std::sync::Arc;

use proto::hash::Hash;
use proto::order::Head;

use super::{Frontier, HashStore, TreeError, size_stored_in, stored_by};
use crate::disk::Disk;

/// Length of a stored hash in bytes.
pub(crate) const HASH_BYTES: u64 = 32;

/// Hashes kept in memory at most before they are written: 256 KiB, as much as 4,000 leaves bring.
const UNWRITTEN_MAX: usize = 8_192;

/// A tree whose stored hashes are in one file: 64 bytes for each leaf.
pub struct TreeFile {
    disk: Arc<dyn Disk>,
    name: Box<str>,
    frontier: Frontier,
    /// Hashes in the file.
    written: u64,
    /// Hashes on their way into the file.
    unwritten: Vec<Hash>,
}

impl TreeFile {
    /// Returns an empty tree in a new file. An old one is thrown away.
    pub fn create(disk: Arc<dyn Disk>, name: &str) -> Result<Self, TreeError> {
        disk.replace(name, &[])?;
        Self::open(disk, name)
    }

    /// Returns the tree of as many leaves as the file holds whole; a missing file holds none.
    ///
    /// After a power cut a file of the right length may hold other hashes than were written: the
    /// caller compares [`TreeFile::head`], or the root at a size that was signed, and truncates to
    /// 0 where it differs.
    pub fn open(disk: Arc<dyn Disk>, name: &str) -> Result<Self, TreeError> {
        let hashes = disk.length(name)?.unwrap_or(0) / HASH_BYTES;
        let size = size_stored_in(hashes);
        let (frontier, unwritten) = (Frontier::default(), Vec::new());
        let written = stored_by(size);
        let mut tree = Self { disk, name: name.into(), frontier, written, unwritten };
        tree.frontier = Frontier::at(&tree, size)?;
        Ok(tree)
    }

    /// Cuts the tree to its first `size` leaves.
    pub fn truncate(&mut self, size: u64) -> Result<(), TreeError> {
        if size > self.size() {
            return Err(TreeError::OutOfRange { index: size, size: self.size() });
        }
        self.flush()?;
        self.frontier = Frontier::at(self, size)?;
        self.written = stored_by(size);
        Ok(self.disk.truncate(&self.name, self.written.saturating_mul(HASH_BYTES))?)
    }

    /// Returns the number of leaves.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Returns size and root.
    pub fn head(&self) -> Head {
        self.frontier.head()
    }

    /// Returns the right edge of the tree.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Appends a leaf by its hash. It may be in memory only until [`TreeFile::flush`].
    pub fn push(&mut self, leaf: Hash) -> Result<(), TreeError> {
        self.frontier.push_stored(leaf, &mut self.unwritten);
        if self.unwritten.len() < UNWRITTEN_MAX { Ok(()) } else { self.flush() }
    }

    /// Writes what was appended since the last time, in one piece.
    pub fn flush(&mut self) -> Result<(), TreeError> {
        let bytes: Vec<u8> = self.unwritten.iter().flat_map(|hash| hash.0).collect();
        self.disk.write_at(&self.name, self.written.saturating_mul(HASH_BYTES), &bytes)?;
        self.written = stored_by(self.frontier.size());
        self.unwritten.clear();
        Ok(())
    }

    /// Writes what was appended and makes the file durable, for a snapshot that rests on it.
    pub fn sync(&mut self) -> Result<(), TreeError> {
        self.flush()?;
        Ok(self.disk.sync(&self.name)?)
    }
}

impl HashStore for TreeFile {
    fn hash(&self, stored: u64) -> Result<Hash, TreeError> {
        if let Some(at) = stored.checked_sub(self.written) {
            return self.unwritten.hash(at).map_err(|_| TreeError::Missing { stored });
        }
        let mut bytes = [0; 32];
        let at = stored.saturating_mul(HASH_BYTES);
        match self.disk.read_at(&self.name, at, &mut bytes)? {
            32 => Ok(Hash(bytes)),
            _ => Err(TreeError::Missing { stored }),
        }
    }
}
