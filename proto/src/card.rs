//! The short form of a carte pirate: small enough for a QR code, signed by the card key of the home that states it.
//! It proves what that home said at one instant, and nothing of its log: that is what the long form is for.

mod possession;

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError},
    founding::VerifiedFounding,
    ids::{CiteId, IdError, MemberId, NetworkId, from_text, to_text},
    keys::{KeyError, PublicKey, Purpose, Signature, SigningKey},
    membership::Terms,
    order::split_signed,
    time::UnixMillis,
};

pub use possession::{Challenge, Possession};

/// What a home states of a member's card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShortCard {
    /// Version of the format: 1.
    pub version: u8,
    /// The home.
    pub cite: CiteId,
    /// The incarnation of its log whose card key signs.
    pub incarnation: u32,
    /// Whose card it is.
    pub member: MemberId,
    /// The member's number there.
    pub number: u32,
    /// Terms of the card.
    pub terms: Terms,
    /// Number of the card among the member's, from 1: a later one takes the place of this.
    pub serial: u32,
    /// Key of the device that carries it: whoever shows it proves to hold this key.
    pub holder: PublicKey,
    /// When the home stated this: nothing newer is known.
    pub stated: UnixMillis,
}

impl ShortCard {
    /// Longest signed card in bytes: with the characters of its text a QR code of 61 modules.
    pub const SIGNED_MAX: usize = 220;
    /// Human-readable part of the text form.
    pub const PREFIX: &'static str = "pcard";

    /// Returns the card signed by the home's card key.
    pub fn sign(self, network: &NetworkId, key: &SigningKey) -> SignedShortCard {
        let mut bytes = self.encode();
        let signature = key.sign(Purpose::ShortCard, network, &bytes);
        bytes.extend_from_slice(&signature.to_bytes());
        SignedShortCard { card: self, signature, bytes }
    }
}

impl Canonical for ShortCard {
    const NAME: &'static str = "short card";
    const MAX: usize = Self::SIGNED_MAX - Signature::LEN;

    fn bounds(&self) -> Result<(), CodecError> {
        if self.version != 1 {
            return Err(CodecError::Version(Self::NAME));
        }
        if self.terms.from <= self.terms.until {
            Ok(())
        } else {
            Err(CodecError::OutOfBounds(Self::NAME))
        }
    }
}

/// A short card as received: well-formed, its signature not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedShortCard {
    card: ShortCard,
    signature: Signature,
    bytes: Vec<u8>,
}

/// Why a text is not a short card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShortCardTextError {
    /// Mistyped, cut, or something else.
    #[error(transparent)]
    Text(#[from] IdError),
    /// The characters are those that were written, and no card.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// Why a short card cannot be believed, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ShortCardError {
    /// The founding record is another cité's.
    #[error("the card is another cité's")]
    OtherCite,
    /// The root named newer keys than those that signed: what the old ones say is not believed any more.
    #[error("the card was signed with keys of incarnation {signed}, and {known} is known")]
    OldKeys {
        /// The incarnation whose key signed.
        signed: u32,
        /// The newest one that is known.
        known: u32,
    },
    /// Signed with keys of an incarnation that is not known yet: nobody here can say.
    #[error(
        "the card was signed with keys of incarnation {signed}, of which only {known} is known"
    )]
    UnknownKeys {
        /// The incarnation whose key signed.
        signed: u32,
        /// The newest one that is known.
        known: u32,
    },
    /// The card key of the cité did not sign this.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl SignedShortCard {
    /// Returns the card written in `bytes`: the unsigned bytes, then 64 bytes of signature.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let (unsigned, signature) = split_signed(ShortCard::NAME, ShortCard::SIGNED_MAX, bytes)?;
        Ok(Self { card: ShortCard::decode(unsigned)?, signature, bytes: bytes.to_vec() })
    }

    /// Returns the bytes exactly as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the card, which anybody may have written.
    pub const fn card(&self) -> &ShortCard {
        &self.card
    }

    /// Returns the text: `PIRATE:PCARD1…`, in the capitals that take least room in a QR code.
    pub fn to_text(&self) -> String {
        format!("pirate:{}", to_text(ShortCard::PREFIX, &self.bytes)).to_ascii_uppercase()
    }

    /// Returns whether a text looks like a short card, whole or not.
    pub fn looks_like(text: &str) -> bool {
        let head = bare(text).as_bytes().get(..6);
        head.is_some_and(|head| head.eq_ignore_ascii_case(b"pcard1"))
    }

    /// Returns the card of a text, with or without `pirate:` in front, in capitals or not.
    ///
    /// # Errors
    /// [`ShortCardTextError`].
    pub fn read(text: &str) -> Result<Self, ShortCardTextError> {
        Ok(Self::decode(&from_text(ShortCard::PREFIX, bare(text))?)?)
    }

    /// Returns the card as one that the cité of `founding` stated: its card key of the newest incarnation that is
    /// known with the record signed it. Takes no record of where the member stands by now.
    ///
    /// # Errors
    /// [`ShortCardError`].
    pub fn verify(self, founding: &VerifiedFounding) -> Result<VerifiedShortCard, ShortCardError> {
        if self.card.cite != founding.cite() {
            return Err(ShortCardError::OtherCite);
        }
        let (signed, known) = (self.card.incarnation, founding.incarnation());
        if signed < known {
            return Err(ShortCardError::OldKeys { signed, known });
        }
        if signed > known {
            return Err(ShortCardError::UnknownKeys { signed, known });
        }
        let unsigned = self.bytes.len().saturating_sub(Signature::LEN);
        let payload = self.bytes.get(..unsigned).ok_or(KeyError::Signature)?;
        let key = founding.keys().card.check()?;
        key.verify(Purpose::ShortCard, &founding.network(), payload, &self.signature)?;
        Ok(VerifiedShortCard { card: self.card })
    }
}

/// A short card that its home signed; only [`SignedShortCard::verify`] makes one. Whether it holds on a day, and
/// whether whoever shows it holds its key, is not said by that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifiedShortCard {
    card: ShortCard,
}

impl VerifiedShortCard {
    /// Returns what the home stated.
    pub const fn card(&self) -> &ShortCard {
        &self.card
    }
}

/// Returns a text without white space around it and without its scheme.
fn bare(text: &str) -> &str {
    let text = text.trim();
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("pirate:") => text.get(7..).unwrap_or_default(),
        _ => text,
    }
}
