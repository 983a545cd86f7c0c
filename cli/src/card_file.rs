//! A carte pirate as a small text file: a heading, then base64 lines. Made to be mailed, printed and pasted.
//! Whether a card holds is checked elsewhere.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use proto::{codec::Canonical as _, desk::CardProof};

/// Characters of a line: what mail passes on unbroken (RFC 2045 section 6.8).
const LINE_CHARS: usize = 76;
/// Longest card file that is read, in bytes: the longest card in base64, with room for what mail adds.
pub const FILE_BYTES_MAX: u64 = 64 * 1_024;

/// Why a text is not a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CardFileError {
    /// It does not begin as a card does.
    #[error("the text does not begin with {}", CardProof::HEADING)]
    NotACard,
    /// It begins as a card and goes on otherwise.
    #[error("the card is cut or changed")]
    Damaged,
}

/// Returns the text of a card.
pub fn write(card: &CardProof) -> String {
    lines(CardProof::HEADING, &card.encode())
}

/// Returns bytes as base64 lines below a heading.
pub fn lines(heading: &str, bytes: &[u8]) -> String {
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

/// Returns the card of a text. What stands before the heading (a mail's greeting) is passed over, and
/// so are spaces and line ends.
///
/// # Errors
/// [`CardFileError`].
pub fn read(text: &str) -> Result<CardProof, CardFileError> {
    let after = below(CardProof::HEADING, text).ok_or(CardFileError::NotACard)?;
    let bytes = after.ok_or(CardFileError::Damaged)?;
    CardProof::decode(&bytes).map_err(|_| CardFileError::Damaged)
}

/// Returns the bytes in base64 below a heading, the inner `None` when they are none; `None` without the heading.
pub(crate) fn below(heading: &str, text: &str) -> Option<Option<Vec<u8>>> {
    let (_, after) = text.split_once(heading)?;
    let coded: String = after.chars().filter(|c| !c.is_whitespace()).collect();
    Some(STANDARD.decode(coded).ok())
}

#[cfg(test)]
mod tests {
    use proto::{
        certificate::StateProof,
        checkpoint::{Checkpoint, Origin},
        codec::Bytes,
        desk::{CardProof, CardWitness},
        hash::Hash,
        order::Head,
    };

    use super::{CardFileError, read, write};
    use crate::wallet::tests::{home, key};

    fn card() -> CardProof {
        let founding = home().verify().expect("it is well signed");
        let origin = Origin { network: founding.network(), cite: founding.cite(), incarnation: 0 };
        let head = Head { size: 9, root: Hash([3; 32]) };
        let witness = CardWitness::HomeOnly {
            founding: Bytes::from(vec![1; 300]),
            entry: Bytes::from(vec![2; 500]),
            leaf: 4,
            path: vec![Hash([5; 32]); 4],
            seal: Bytes::from(vec![6; 120]),
            seal_path: vec![Hash([7; 32]); 2],
            checkpoint: Box::new(Checkpoint::sign(origin, head, &key(2))),
        };
        let (leaf, path) = (Bytes::from(vec![8; 300]), vec![Hash([9; 32]); 3]);
        let member = StateProof { leaf, index: 5, leaves: 7, path };
        CardProof { act: None, witness, member }
    }

    #[test]
    fn a_card_survives_mail() {
        let text = write(&card());
        assert!(text.lines().all(|line| line.len() <= 76));
        let mailed = format!("Bonjour,\r\n\r\n{}", text.replace('\n', "\r\n  "));
        assert_eq!(read(&mailed), Ok(card()));
    }

    #[test]
    fn what_is_cut_is_damaged_and_the_rest_is_no_card() {
        let text = write(&card());
        for cut in [20, 100, text.len() - 2] {
            assert_eq!(read(&text[..cut]), Err(CardFileError::Damaged), "{cut}");
        }
        assert_eq!(read("pirate-card/2\n"), Err(CardFileError::NotACard));
        assert_eq!(read(""), Err(CardFileError::NotACard));
    }
}
