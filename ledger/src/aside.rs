//! Setting damaged directories aside: what is damaged is never deleted, for whoever runs the node may want to look at
//! it, and it may hold what nobody else has.

use std::io::ErrorKind::QuotaExceeded;

use crate::disk::{Disk, DiskError, Failure, Operation};

/// Where it goes, within a node's directory.
pub const ASIDE: &str = "damaged";

/// How often something is set aside at most, until a person has looked: each may take as much room as the log that it
/// came from, and whose disk damages this much needs another disk first.
pub const ASIDE_MAX: usize = 16;

/// The lock of a log's writer is nothing that anybody misses.
pub(crate) const LOCK: &str = "lock";

/// Moves directories aside, under one number, and returns where they are; `None` where they hold nothing. In this order:
/// what comes last is still there after a crash in between, and says that it is damaged.
///
/// # Errors
/// [`DiskError`], also when so much was set aside already that a person must make room.
pub(crate) fn set_aside(disk: &dyn Disk, dirs: &[&str]) -> Result<Option<String>, DiskError> {
    let mut full = Vec::new();
    for dir in dirs {
        if disk.list(dir)?.iter().any(|name| name != LOCK) {
            full.push(*dir);
        }
    }
    if full.is_empty() {
        return Ok(None);
    }
    let place = free_place(disk)?;
    disk.create_dir(&place)?;
    for dir in full {
        disk.move_dir(dir, &format!("{place}/{}", dir.replace('/', "-")))?;
    }
    Ok(Some(place))
}

/// Deletes the files of a directory that was made in vain.
///
/// # Errors
/// [`DiskError`].
pub(crate) fn empty(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    let names = disk.list(dir)?;
    if names.is_empty() {
        return Ok(());
    }
    names.iter().try_for_each(|name| disk.remove(&format!("{dir}/{name}")))?;
    disk.sync_dir(dir)
}

/// Returns where nothing was put yet. Whoever gives something up before it is set aside looks here first.
///
/// # Errors
/// [`DiskError`], also when so much was set aside already that a person must make room.
pub(crate) fn free_place(disk: &dyn Disk) -> Result<String, DiskError> {
    free_number(disk).map(place)
}

/// Returns the first number under which nothing was put yet.
///
/// # Errors
/// [`DiskError`], also when so much was set aside already that a person must make room.
pub(crate) fn free_number(disk: &dyn Disk) -> Result<u8, DiskError> {
    let taken = disk.list(ASIDE)?;
    let is_free = |number: &u8| !taken.contains(&format!("{number:02}"));
    numbers().find(is_free).ok_or_else(|| DiskError {
        operation: Operation::Move,
        file: ASIDE.into(),
        failure: Failure::Io { kind: QuotaExceeded, errno: None },
    })
}

/// Returns the numbers under which something may be set aside.
pub(crate) fn numbers() -> impl Iterator<Item = u8> {
    (1..).take(ASIDE_MAX)
}

/// Returns the directory of what was set aside under a number, within that of the node.
pub fn place(number: u8) -> String {
    format!("{ASIDE}/{number:02}")
}
