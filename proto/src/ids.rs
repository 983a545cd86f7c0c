//! Identities: each its own type, each the digest of what it names, each with one text form.
//! An identity never changes when a key does, and never holds a name of a person.

use bech32::{Bech32m, Hrp};
use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// Why a text is not an identity of the wanted sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not Bech32m, or a mistyped character.
    #[error("mistyped: the check characters do not fit")]
    Mistyped,
    /// An identity of another sort.
    #[error("this does not begin with {0}1")]
    OtherSort(&'static str),
    /// Not 32 bytes long.
    #[error("not 32 bytes long")]
    Length,
}

macro_rules! identity {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub Hash);

        impl $name {
            /// Human-readable part of the text form (Bech32m, BIP 350).
            pub const PREFIX: &'static str = $prefix;

            /// Returns the 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                self.0.as_bytes()
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&to_text(Self::PREFIX, self.0.as_bytes()))
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(self, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let bytes = from_text(Self::PREFIX, text)?;
                let bytes: [u8; 32] = bytes.try_into().map_err(|_| IdError::Length)?;
                Ok(Self(Hash(bytes)))
            }
        }
    };
}

identity!(
    /// A network of cités: digest of its name and of whether its hours count.
    NetworkId,
    "pnet"
);
identity!(
    /// A cité: digest of its founding record.
    CiteId,
    "pcite"
);
identity!(
    /// A member: digest of the first record. Survives key changes and moves.
    MemberId,
    "pmemb"
);
identity!(
    /// An order: digest of its unsigned bytes, so that another signature never makes another id.
    OrderId,
    "pord"
);
identity!(
    /// A payee's request for hours: digest of its unsigned bytes.
    RequestId,
    "preq"
);

impl OrderId {
    /// What the first order of a lane names as the order before it.
    pub const NONE: Self = Self(Hash::ZERO);
}

/// An account in one log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Account {
    /// A member's.
    Member(MemberId),
    /// The cité's own.
    Commons,
    /// What this cité owes another (positive) or is owed by it (negative).
    Peer(CiteId),
}

/// Returns `bytes` as Bech32m text, lower case.
pub fn to_text(prefix: &'static str, bytes: &[u8]) -> String {
    let prefix = Hrp::parse(prefix).expect("prefixes are lower-case ASCII literals");
    bech32::encode::<Bech32m>(prefix, bytes)
        .expect("callers keep within the 1,023 characters of Bech32m")
}

/// Returns the bytes of a Bech32m text, all lower or all upper case. Padding bits that are not zero
/// are refused (the check characters do not cover their meaning), so that one value has one text.
///
/// # Errors
/// [`IdError`] when it is mistyped or of another sort.
pub fn from_text(prefix: &'static str, text: &str) -> Result<Vec<u8>, IdError> {
    let text = text.trim();
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text)
        .map_err(|_| IdError::Mistyped)?;
    if !checked.hrp().as_str().eq_ignore_ascii_case(prefix) {
        return Err(IdError::OtherSort(prefix));
    }
    let bytes: Vec<u8> = checked.byte_iter().collect();
    if to_text(prefix, &bytes).eq_ignore_ascii_case(text) {
        Ok(bytes)
    } else {
        Err(IdError::Mistyped)
    }
}
