//! Evidence as a small text file (`.pirate-proof`). Whether it convicts is checked elsewhere.

use proto::{codec::Canonical as _, evidence::Evidence};

use crate::mailed::{self, MailedError};

/// How the text begins.
pub const HEADING: &str = "pirate-proof/1";

/// Returns the text of evidence.
pub fn write(evidence: &Evidence) -> String {
    mailed::write(HEADING, &evidence.encode())
}

/// Returns the evidence of a text.
///
/// # Errors
/// [`MailedError`].
pub fn read(text: &str) -> Result<Evidence, MailedError> {
    let bytes = mailed::read(HEADING, text)?;
    Evidence::decode(&bytes).map_err(|_| MailedError::Damaged)
}
