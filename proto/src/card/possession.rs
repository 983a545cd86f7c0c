//! Proving to hold a card: who checks it asks with fresh bytes, the device that carries the card signs them. Whoever
//! asks keeps what was asked, and takes an answer to nothing else.

use super::{VerifiedShortCard, bare};
use crate::{
    ids::{CiteId, IdError, MemberId, NetworkId, from_text, to_text},
    keys::{KeyError, Purpose, Signature, SigningKey},
};

/// What is asked of whoever shows a card: bytes that nobody could guess, used once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Challenge(pub [u8; 32]);

impl Challenge {
    /// Human-readable part of the text form.
    pub const PREFIX: &'static str = "pask";

    /// Returns the text: `PIRATE:PASK1…`.
    pub fn to_text(&self) -> String {
        format!("pirate:{}", to_text(Self::PREFIX, &self.0)).to_ascii_uppercase()
    }

    /// Returns the challenge of a text, with or without `pirate:` in front.
    ///
    /// # Errors
    /// [`IdError`].
    pub fn read(text: &str) -> Result<Self, IdError> {
        let bytes = from_text(Self::PREFIX, bare(text))?;
        bytes.try_into().map(Self).map_err(|_| IdError::Length)
    }

    fn payload(&self, cite: &CiteId, member: &MemberId) -> Vec<u8> {
        [self.0.as_slice(), cite.as_bytes(), member.as_bytes()].concat()
    }

    /// Returns the answer of a member's device.
    pub fn answer(
        &self,
        network: &NetworkId,
        cite: &CiteId,
        member: &MemberId,
        device: &SigningKey,
    ) -> Possession {
        Possession(device.sign(Purpose::Card, network, &self.payload(cite, member)))
    }
}

/// The answer to a challenge: a signature, nothing checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Possession(Signature);

impl Possession {
    /// Human-readable part of the text form.
    pub const PREFIX: &'static str = "pans";

    /// Returns the text: `PIRATE:PANS1…`.
    pub fn to_text(&self) -> String {
        let bytes = self.0.to_bytes();
        format!("pirate:{}", to_text(Self::PREFIX, &bytes)).to_ascii_uppercase()
    }

    /// Returns the answer of a text, with or without `pirate:` in front.
    ///
    /// # Errors
    /// [`IdError`].
    pub fn read(text: &str) -> Result<Self, IdError> {
        let bytes = from_text(Self::PREFIX, bare(text))?;
        Signature::from_slice(&bytes).map(Self).ok_or(IdError::Length)
    }
}

impl VerifiedShortCard {
    /// Checks that the device that carries the card answered this very challenge.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn is_held(
        &self,
        network: &NetworkId,
        challenge: &Challenge,
        answer: &Possession,
    ) -> Result<(), KeyError> {
        let payload = challenge.payload(&self.card.cite, &self.card.member);
        self.card.holder.check()?.verify(Purpose::Card, network, &payload, &answer.0)
    }
}
