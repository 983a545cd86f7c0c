//! In which form a node's directory is kept: a program that does not know it reads nothing of it, and writes nothing into
//! it. What another one wrote would look like damage to it.

use ledger::disk::{Disk, DiskError};

/// The form that this program reads and writes. What it changes without a new number, an older program must still read.
/// Form 1 had a member's hours and terms in one slot of the state, so each seal of such a log names other roots.
pub const FORMAT: u32 = 2;

/// The file that says it, as text.
const FILE: &str = "format";

/// Longest such file that is read.
const BYTES_MAX: usize = 16;

/// Returns the form of a directory; `None` where the file says none. A cité's from before there was such a file is of the
/// first form, and one in which nothing is kept yet is of any.
///
/// # Errors
/// [`DiskError`].
pub(super) fn of(disk: &dyn Disk) -> Result<Option<u32>, DiskError> {
    if disk.length(FILE)?.is_none() {
        let settled = disk.length(super::CITE)?.is_some();
        return Ok(Some(if settled { 1 } else { FORMAT }));
    }
    let mut bytes = [0; BYTES_MAX];
    let count = disk.read_at(FILE, 0, &mut bytes)?;
    let text = bytes.get(..count).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Ok(text.and_then(|text| text.trim_end().parse().ok()))
}

/// Writes down, durably, that a directory is kept in the form of this program.
///
/// # Errors
/// [`DiskError`].
pub(super) fn note(disk: &dyn Disk) -> Result<(), DiskError> {
    if disk.length(FILE)?.is_some() {
        return Ok(());
    }
    disk.replace(FILE, format!("{FORMAT}\n").as_bytes())
}
