//! Storage as a capability that is handed in: the few things the ledger asks of a disk.
//! It never interprets what it stores, and it never tries a failed sync again.
//!
//! Files are named by short relative paths such as `log/00000000.seg`, not by handles: a disk with
//! faults in memory is then a map from names to bytes, and what went wrong with a file is
//! remembered for its name, so that opening it again cannot wash the failure away.

mod real;

use std::any::Any;
use std::io::{
    self,
    ErrorKind::{QuotaExceeded, StorageFull},
};

pub use real::RealDisk;

/// What every disk must keep to, the faulty twin of the tests included:
///
/// - what was written is durable only after [`Disk::sync`] of the file returned, and the name of a
///   new file only after [`Disk::sync_dir`] of its directory returned;
/// - after a failed write or sync the file is **poisoned**: every later write or sync of it fails with
///   [`Failure::Poisoned`]. A kernel may drop the pages of a failed sync and let the next one
///   succeed (PostgreSQL wiki, "Fsync Errors"; Rebello et al., ATC 2020), so a second try proves nothing;
/// - one thread writes a file; readers may read it at the same time.
pub trait Disk: Send + Sync {
    /// Fills `buffer` from `offset` and returns how many bytes the file had: fewer than asked only
    /// at its end.
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError>;

    /// Writes all `bytes` at `offset`. A missing file is made first, a gap before `offset` reads as
    /// zeros.
    fn write_at(&self, name: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError>;

    /// Makes the file at least `length` bytes long, zeros at the end, and reserves the space where
    /// the file system can. Failing here (a full disk) poisons nothing, because nothing is half
    /// written.
    fn allocate(&self, name: &str, length: u64) -> Result<(), DiskError>;

    /// Cuts the file to `length` bytes.
    fn truncate(&self, name: &str, length: u64) -> Result<(), DiskError>;

    /// Makes the contents and the length of the file durable (`fdatasync`).
    fn sync(&self, name: &str) -> Result<(), DiskError>;

    /// Makes the names in a directory durable. The root itself is `""`.
    fn sync_dir(&self, name: &str) -> Result<(), DiskError>;

    /// Puts a small file in place as a whole: after a crash there is the old one or the new one,
    /// never a mixture. Durable when it returns.
    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError>;

    /// Returns the length of the file in bytes, or `None` where there is no such file.
    fn length(&self, name: &str) -> Result<Option<u64>, DiskError>;

    /// Returns the names in a directory, sorted, without the directory; empty where it is missing.
    fn list(&self, name: &str) -> Result<Vec<String>, DiskError>;

    /// Removes a file. One that is missing is no error.
    fn remove(&self, name: &str) -> Result<(), DiskError>;

    /// Moves a directory with all that is in it to a name that nothing has but an empty directory. After a crash it is at
    /// the one place or the other; durable when it returns. One that is missing is no error.
    fn move_dir(&self, from: &str, to: &str) -> Result<(), DiskError>;

    /// Makes a directory, with those above it, for its owner only. One that exists is no error.
    fn create_dir(&self, name: &str) -> Result<(), DiskError>;

    /// Returns what tells this file from a copy of it.
    fn birth(&self, name: &str) -> Result<Birth, DiskError>;

    /// Returns the machine that this disk is in, as whoever opened the disk named it.
    fn machine(&self) -> MachineId;

    /// Takes a lock for this process and holds it until the value is dropped. Where somebody else
    /// has it the error is [`Failure::Held`] and says who.
    fn lock(&self, name: &str) -> Result<Lock, DiskError>;
}

/// Names one machine; on Linux the 32 hexadecimal digits of `/etc/machine-id` as they stand there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MachineId(pub [u8; 32]);

/// What a file has from its making and no copy or restored backup of it shares.
///
/// The device number is left out on purpose: LVM, btrfs and NVMe renumber devices when a machine
/// starts, and an alarm after every restart would teach people to override it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Birth {
    /// Number of the file in its file system.
    pub inode: u64,
    /// When the file was made, in nanoseconds since 1970; 0 where the file system does not know.
    pub born_ns: u64,
}

/// A lock on a disk, held until dropped.
pub struct Lock {
    _held: Box<dyn Any + Send + Sync>,
}

impl Lock {
    /// Returns a lock that is held as long as `held` lives.
    pub fn new(held: impl Any + Send + Sync) -> Self {
        Self { _held: Box::new(held) }
    }
}

/// An operation on a disk failed.
#[derive(Debug, thiserror::Error)]
#[error("{operation:?} of \"{file}\": {failure}")]
pub struct DiskError {
    /// What was tried.
    pub operation: Operation,
    /// The file or directory, relative to the root of the disk.
    pub file: Box<str>,
    /// What went wrong.
    #[source]
    pub failure: Failure,
}

/// What was asked of a disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operation {
    /// Reading contents, length, names or birth.
    Read,
    /// Writing or cutting contents.
    Write,
    /// Reserving space.
    Allocate,
    /// Making contents durable.
    Sync,
    /// Making names durable.
    SyncDir,
    /// Replacing a file as a whole.
    Replace,
    /// Removing a file.
    Remove,
    /// Moving a directory.
    Move,
    /// Making a directory.
    CreateDir,
    /// Taking a lock.
    Lock,
}

/// Why an operation on a disk failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// The operating system refused.
    #[error("{kind} (errno {errno:?})")]
    Io {
        /// The kind of refusal.
        kind: io::ErrorKind,
        /// The number of the operating system, where it gave one.
        errno: Option<i32>,
    },
    /// An earlier write or sync of this file failed, so nothing about it can be promised any more.
    #[error("an earlier write or sync failed; restart and let the log be checked")]
    Poisoned,
    /// Another process holds the lock.
    #[error("held by {0:?}")]
    Held(Option<Holder>),
    /// The name leaves the root or is empty.
    #[error("not a name inside this directory")]
    BadName,
}

impl Failure {
    /// Returns whether nothing but room was missing.
    pub(crate) const fn is_for_room(&self) -> bool {
        matches!(self, Self::Io { kind: StorageFull | QuotaExceeded, .. })
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io { kind: error.kind(), errno: error.raw_os_error() }
    }
}

/// The process that holds a lock, as it wrote itself into the lock file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    /// Process id.
    pub pid: u32,
    /// When the process started, in milliseconds since 1970.
    pub started_ms: u64,
}

#[cfg(test)]
pub(crate) mod tests;
