//! Files that `--dry-run` would have written: said, and not made.

use std::path::Path;

use serde_json::json;

use crate::{
    error::Failure,
    output::{Done, Screen},
    text, whole,
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
    whole::must_be_free(path)?;
    Ok(screen.line(text!("file-dry-run", path = path)))
}
