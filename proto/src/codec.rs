//! The one codec for everything that is hashed, signed, stored or sent between programs.
//! The only file that knows bincode. It never accepts two byte strings for one value.

mod arrival;

use core::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};

use arrival::Arriving;
use bincode::Options as _;

/// A byte string with an eight-byte little-endian length in front.
pub type Bytes = serde_bytes::ByteBuf;

/// Why bytes were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// Longer than the type may ever be; nothing was read.
    #[error("{len} bytes, at most {max} are allowed")]
    TooLong {
        /// Bytes received.
        len: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Truncated, trailing bytes, an unknown variant, or a length that cannot be.
    #[error("not a well-formed {0}")]
    Malformed(&'static str),
    /// Decodes, but would be written in another way.
    #[error("not the canonical form of a {0}")]
    NotCanonical(&'static str),
    /// A part is longer than its own bound (texts, lists).
    #[error("a part of this {0} is out of bounds")]
    OutOfBounds(&'static str),
    /// A version of the format that this program does not know.
    #[error("unknown version of {0}")]
    Version(&'static str),
    /// A numbered kind that version 1 knows but this program does not build, or does not know.
    #[error("unknown kind {kind} of {what}")]
    Kind {
        /// What has the kind.
        what: &'static str,
        /// The number received.
        kind: u16,
    },
}

/// A value with exactly one byte form: bincode 1.3.3, fixed-width little-endian integers, no
/// trailing bytes, at most [`Canonical::MAX`] bytes (`protocol` "Bytes"; measured 2026-11-23: every
/// default of bincode and postcard accepts several byte strings for one value).
pub trait Canonical: Serialize + DeserializeOwned {
    /// Name of the type in errors.
    const NAME: &'static str;
    /// Longest encoding in bytes that is ever read.
    const MAX: usize;
    /// Most parts of a list in it that are ever read, refused before the first is. Said where a peer may send
    /// a list whose parts take more memory than bytes.
    const LIST_MAX: usize = usize::MAX;

    /// Checks bounds that the shape of the type does not express. Called after decoding.
    ///
    /// # Errors
    /// [`CodecError::OutOfBounds`] or [`CodecError::Version`].
    fn bounds(&self) -> Result<(), CodecError> {
        Ok(())
    }

    /// Returns the one byte form.
    fn encode(&self) -> Vec<u8> {
        options(u64::MAX)
            .serialize(self)
            .expect("integers, arrays, byte vectors, strings, options and enums always serialize")
    }

    /// Puts the one byte form behind what is in `buffer`: for those who encode many and keep none.
    fn encode_into(&self, buffer: &mut Vec<u8>) {
        unlimited()
            .serialize_into(buffer, self)
            .expect("integers, arrays, byte vectors, strings, options and enums always serialize");
    }

    /// Returns the value whose one byte form is `bytes`. Memory follows what is there, not what is claimed to
    /// be.
    ///
    /// # Errors
    /// [`CodecError`] when `bytes` are too long, malformed, trailing, out of bounds, or not what
    /// [`Canonical::encode`] would write for the value they decode to.
    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        if bytes.len() > Self::MAX {
            return Err(CodecError::TooLong { len: bytes.len(), max: Self::MAX });
        }
        let limit = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let seed = Arriving { part: PhantomData::<Self>, longest: Self::LIST_MAX };
        let value: Self = options(limit)
            .deserialize_seed(seed, bytes)
            .map_err(|_| CodecError::Malformed(Self::NAME))?;
        value.bounds()?;
        if !writes(&value, bytes) {
            return Err(CodecError::NotCanonical(Self::NAME));
        }
        Ok(value)
    }
}

/// Returns `Err(OutOfBounds)` unless `len` is at most `max`.
pub fn at_most(what: &'static str, len: usize, max: usize) -> Result<(), CodecError> {
    if len > max { Err(CodecError::OutOfBounds(what)) } else { Ok(()) }
}

/// Returns whether `value` is written as exactly `bytes`, comparing on the way: every entry of an audit
/// passes here several times, and writing them all down again cost it a twentieth of its time.
fn writes(value: &impl Serialize, bytes: &[u8]) -> bool {
    let mut expected = Expected(bytes);
    let same = unlimited().serialize_into(&mut expected, value).is_ok();
    same && expected.0.is_empty()
}

/// A writer that accepts nothing but the bytes that it expects.
struct Expected<'a>(&'a [u8]);

impl std::io::Write for Expected<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.strip_prefix(bytes).ok_or(std::io::ErrorKind::InvalidData)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The options without a limit, which would have the value measured before it is written.
fn unlimited() -> impl bincode::Options {
    bincode::DefaultOptions::new().with_fixint_encoding().with_little_endian().with_no_limit()
}

fn options(limit: u64) -> impl bincode::Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .reject_trailing_bytes()
        .with_limit(limit)
}
