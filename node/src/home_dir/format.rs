//! In which form a node's directory is kept: a program that does not know it yet reads nothing of it, and writes nothing into
//! it. What a later program wrote would look like damage to it.

use ledger::disk::{Disk, DiskError};

/// The form that this program reads and writes. What it changes without a new number, an older program must still read.
pub const FORMAT: u32 = 1;

/// The file that says it, as text; directories from before there was one are of the first form.
const FILE: &str = "format";

/// Longest such file that is read.
const BYTES_MAX: usize = 16;

/// Returns the form of a directory; `None` where the file says none.
///
/// # Errors
/// [`DiskError`].
pub(super) fn of(disk: &dyn Disk) -> Result<Option<u32>, DiskError> {
    if disk.length(FILE)?.is_none() {
        return Ok(Some(1));
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
