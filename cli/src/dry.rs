//! Files that `--dry-run` would have written: said, and not made.

use std::{io, path::Path};

use serde_json::json;

use crate::{
    error::{Failure, file_failure},
    output::{Done, Screen},
    text,
};

/// Returns what to say instead of writing a new file.
///
/// # Errors
/// P0201 when the name is taken, as it would be in earnest.
pub(crate) fn file(path: &Path) -> Result<Done, Failure> {
    let screen = line(Screen::new(), path)?;
    Ok(Done::new(json!({ "path": path.display().to_string(), "written": false }), screen))
}

/// Adds to a screen what would have been written.
///
/// # Errors
/// As [`file`].
pub(crate) fn line(screen: Screen, path: &Path) -> Result<Screen, Failure> {
    if path.symlink_metadata().is_ok() {
        return Err(file_failure(true, path, &io::ErrorKind::AlreadyExists.into()));
    }
    Ok(screen.line(text!("file-dry-run", path = path)))
}
