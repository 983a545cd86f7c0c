//! Bodies: the free text of an order or a request, kept outside the log and erasable.
//! The log holds only a salted commitment; nothing that decides reads a body.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError, at_most},
    hash::{Hash, Use, digest},
};

/// What a service was, in the words of those who exchanged it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Body {
    /// Thirty-two random bytes; without them the commitment says nothing about the text.
    pub salt: [u8; 32],
    /// At most [`Body::TEXT_MAX`] bytes.
    pub text: String,
    /// Category, at most 32 bytes, empty when there is none.
    pub category: String,
}

impl Body {
    /// Longest text in bytes: two lines of a statement.
    pub const TEXT_MAX: usize = 256;

    /// Returns what an order or request commits to.
    pub fn commitment(&self) -> Hash {
        digest(Use::Body, &[&self.encode()])
    }
}

impl Canonical for Body {
    const NAME: &'static str = "text";
    const MAX: usize = 384;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.text.len(), Self::TEXT_MAX)?;
        at_most(Self::NAME, self.category.len(), 32)?;
        let plain = |text: &str| !text.chars().any(char::is_control);
        if plain(&self.text) && plain(&self.category) {
            Ok(())
        } else {
            Err(CodecError::OutOfBounds(Self::NAME))
        }
    }
}
