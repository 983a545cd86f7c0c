//! Bodies: the free text of an order or a request, kept outside the log and erasable.
//! The log holds only a salted commitment; nothing that decides reads a body.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError},
    hash::{Hash, Use, digest},
    text::plain,
};

/// What a service was, in the words of those who exchanged it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Thirty-two random bytes; without them the commitment says nothing about the text.
    pub salt: [u8; 32],
    /// At most [`Body::TEXT_MAX`] bytes, plain.
    pub text: String,
    /// Category, at most [`Body::CATEGORY_MAX`] bytes, plain, empty when there is none.
    pub category: String,
}

impl Body {
    /// Longest text in bytes: two lines of a statement.
    pub const TEXT_MAX: usize = 256;
    /// Longest category in bytes: one word.
    pub const CATEGORY_MAX: usize = 32;

    /// Returns what an order or request commits to.
    pub fn commitment(&self) -> Hash {
        digest(Use::Body, &[&self.encode()])
    }
}

impl Canonical for Body {
    const NAME: &'static str = "text";
    const MAX: usize = 384;

    fn bounds(&self) -> Result<(), CodecError> {
        plain(Self::NAME, &self.text, Self::TEXT_MAX)?;
        plain(Self::NAME, &self.category, Self::CATEGORY_MAX)
    }
}
