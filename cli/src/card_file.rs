//! A carte pirate as a small text file. Whether a card holds is checked elsewhere.

use proto::{codec::Canonical as _, desk::CardProof};

use crate::mailed::{self, MailedError};

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
    mailed::write(CardProof::HEADING, &card.encode())
}

/// Returns the card of a text.
///
/// # Errors
/// [`CardFileError`].
pub fn read(text: &str) -> Result<CardProof, CardFileError> {
    let bytes = mailed::read(CardProof::HEADING, text).map_err(|error| match error {
        MailedError::Heading => CardFileError::NotACard,
        MailedError::Damaged => CardFileError::Damaged,
    })?;
    CardProof::decode(&bytes).map_err(|_| CardFileError::Damaged)
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
