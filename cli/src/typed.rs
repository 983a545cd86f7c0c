//! What a person typed to be read by others: a name, a reason, the text of an order. Checked at the door, so
//! that nobody is asked for a passphrase first and told afterwards; changes nothing but white space around.

use proto::text::is_plain;
use unicode_normalization::UnicodeNormalization as _;

use crate::{codes, error::Failure, text};

/// Returns `given` in composed form (NFC) and without white space around, once it is one line of plain
/// characters and at most `bytes_max` bytes.
///
/// # Errors
/// P0435, P0436.
pub(crate) fn plain(given: &str, bytes_max: usize) -> Result<String, Failure> {
    let said: String = given.trim().nfc().collect();
    if !said.chars().all(is_plain) {
        let typed = said.as_str();
        return Err(Failure::new(codes::TEXT_NOT_PLAIN, text!("text-not-plain", typed = typed))
            .because(text!("text-not-plain-why")));
    }
    if said.len() > bytes_max {
        let message = text!("text-too-long", bytes = said.len(), max = bytes_max);
        return Err(Failure::new(codes::TEXT_TOO_LONG, message));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::plain;
    use crate::{codes, language::Lang};

    #[test]
    fn what_is_typed_is_plain_and_short_or_refused_by_number() {
        assert_eq!(plain(" e\u{301}té\u{a0}!\n", 64).ok().as_deref(), Some("été\u{a0}!"));
        let code = |given: &str, max| plain(given, max).map_err(|failure| failure.code()).err();
        assert_eq!(code("été", 5), None);
        assert_eq!(code("été", 4), Some(codes::TEXT_TOO_LONG));
        for odd in ["vélo\ncuisine", "a\u{1b}[2J", "a\u{202e}b", "a\u{200b}b", "a\tb"] {
            assert_eq!(code(odd, 64), Some(codes::TEXT_NOT_PLAIN), "{odd:?}");
        }
    }

    #[test]
    fn the_refusal_shows_what_cannot_be_seen() {
        let failure = plain("a\u{202e}b", 64).expect_err("it turns writing round");
        for lang in Lang::ALL {
            let said = lang.say(failure.message());
            assert!(said.contains("a<U+202E>b"), "{said}");
        }
    }
}
