//! Bytes as a small text: a heading, then base64 lines. Made to be mailed, printed and pasted. What the bytes are is the
//! affair of whoever reads them.

use std::{
    io::{self, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::whole::{self, Readers};

/// Characters of a line: what mail passes on unbroken (RFC 2045 section 6.8).
const LINE_CHARS: usize = 76;
/// Longest such text that is read, in bytes: the longest card in base64, with room for what mail adds.
pub const FILE_BYTES_MAX: u64 = 64 * 1_024;

/// Why a text does not hold such bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailedError {
    /// It does not begin with the heading.
    #[error("the text has another heading, or none")]
    Heading,
    /// It begins so and goes on otherwise.
    #[error("the text is cut or changed")]
    Damaged,
}

/// Returns the text of bytes.
pub fn write(heading: &str, bytes: &[u8]) -> String {
    let coded = STANDARD.encode(bytes);
    let mut text = format!("{heading}\n");
    let mut rest = coded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_CHARS));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text
}

/// Returns the bytes of a text. What stands before the heading (a mail's greeting) is passed over, and
/// so are spaces and line ends.
///
/// # Errors
/// [`MailedError`].
pub fn read(heading: &str, text: &str) -> Result<Vec<u8>, MailedError> {
    let (_, after) = text.split_once(heading).ok_or(MailedError::Heading)?;
    let coded: String = after.chars().filter(|c| !c.is_whitespace()).collect();
    STANDARD.decode(coded).map_err(|_| MailedError::Damaged)
}

/// Puts a text in the place of a file: it is there whole, or what was there before is. It is a new file, whatever link
/// somebody left at its name.
///
/// # Errors
/// Of the system.
pub(crate) fn put(path: &Path, text: &str) -> io::Result<()> {
    whole::put(path, Readers::Any, |error| error, |mut file| file.write_all(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::put;

    #[test]
    fn a_text_takes_the_place_of_a_file_and_follows_no_link() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let (path, elsewhere) = (dir.path().join("petition"), dir.path().join("elsewhere"));
        symlink(&elsewhere, dir.path().join("petition.part")).expect("it is ours");
        for text in ["one", "two"] {
            put(&path, text).expect("it is ours");
            assert_eq!(fs::read_to_string(&path).expect("it is there"), text);
        }
        assert!(!elsewhere.exists());
        assert_eq!(
            fs::read_dir(dir.path()).expect("it is ours").count(),
            1,
            "nothing is left over"
        );
    }
}
