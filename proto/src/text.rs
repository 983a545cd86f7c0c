//! Plain text: which characters a text of people may hold, wherever one is signed, sent or kept.
//! Says nothing of what a text means, and changes none: what is not plain is refused.

use crate::codec::{CodecError, at_most};

/// Characters that a text of people may not hold, besides the control characters (Unicode's Cc: escapes,
/// tabs, every sort of line end): what a screen shows as nothing, and what moves or hides its neighbours.
/// With them a name shows as another one, a text continues a steward's screen with lines of its own, and
/// two texts that look the same are not.
///
/// These are Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), which UTS 39 takes out
/// of identifiers; `Bidi_Control` is part of it (UTR 36 on spoofing with bidirectional text). With them go
/// the two separators that end lines (Zl, Zp) and the marks of interlinear annotation. The variation
/// selectors U+FE00 to U+FE0F are left out: telephones put one behind ordinary emoji, and they move
/// nothing. The price is known: emoji joined of several are refused, and so are the joiners with which
/// some words of Persian and of Indian languages are written. No-break spaces (U+00A0, U+202F), which
/// French needs, are spaces like others, and plain.
///
/// The list is written down and not asked of a library: programs of every version of Unicode agree on it.
const INVISIBLE: [(char, char); 16] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Returns whether a screen shows `character` as itself and nothing else changes by it.
pub fn is_plain(character: char) -> bool {
    !character.is_control()
        && !INVISIBLE.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

/// Checks that `text` is at most `bytes_max` bytes of plain characters: one line, as it looks.
///
/// # Errors
/// [`CodecError::OutOfBounds`] of `what`.
pub fn plain(what: &'static str, text: &str, bytes_max: usize) -> Result<(), CodecError> {
    at_most(what, text.len(), bytes_max)?;
    if text.chars().all(is_plain) { Ok(()) } else { Err(CodecError::OutOfBounds(what)) }
}
