//! Anchors: whom an auditor trusts, learnt elsewhere than from the bundles. A text file, one cité a line:
//!
//! ```text
//! # Anything behind a hash is for people.
//! cite pcite1…
//! cite pcite1… 3b6a27bc…            (the mirror key in hexadecimal)
//! cite pcite1… pirate/1/pnet1…/pcite1…/mirror+0a1b2c3d+BO…   (the same as a C2SP verifier key)
//! ```
//!
//! Without a key, the key in the cité's own founding record counts, whose digest the identity is; with one,
//! that key alone. Nothing here verifies a signature.

use std::collections::BTreeMap;

use proto::{checkpoint::parse_verifier_key, ids::CiteId, keys::PublicKey};

/// Longest file in bytes: some thousand cités.
pub const ANCHORS_BYTES_MAX: usize = 1_048_576;

/// Whom an auditor trusts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anchors {
    cites: BTreeMap<CiteId, Anchor>,
}

/// How a trusted cité's cosignatures are known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Anchor {
    /// By the mirror key of its founding record.
    Founding,
    /// By these keys.
    Keys(Vec<PublicKey>),
}

/// Why a text is no list of anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// The file is too long.
    #[error("longer than {ANCHORS_BYTES_MAX} bytes")]
    TooLong,
    /// A line that says nothing known.
    #[error("line {line} is not `cite IDENTITY [KEY]`")]
    Line {
        /// From 1.
        line: usize,
    },
    /// The identity is mistyped.
    #[error("line {line}: the identity of the cité is mistyped")]
    Cite {
        /// From 1.
        line: usize,
    },
    /// The key is neither 64 hexadecimal digits nor a mirror's verifier key of this cité, or no
    /// acceptable Ed25519 key.
    #[error("line {line}: not a mirror key of this cité")]
    Key {
        /// From 1.
        line: usize,
    },
    /// Nobody is trusted.
    #[error("no cité is named")]
    Empty,
}

impl Anchors {
    /// Returns the anchors written in a text.
    ///
    /// # Errors
    /// [`AnchorError`].
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        if text.len() > ANCHORS_BYTES_MAX {
            return Err(AnchorError::TooLong);
        }
        let mut cites = BTreeMap::new();
        for (line, written) in (1..).zip(text.lines()) {
            let said = written.split_once('#').map_or(written, |(said, _)| said);
            let words: Vec<&str> = said.split_whitespace().collect();
            let (cite, key) = match *words.as_slice() {
                [] => continue,
                ["cite", cite] => (cite, None),
                ["cite", cite, key] => (cite, Some(key)),
                _ => return Err(AnchorError::Line { line }),
            };
            let cite: CiteId = cite.parse().map_err(|_| AnchorError::Cite { line })?;
            let key = match key {
                Some(key) => Some(parse_key(&cite, key).ok_or(AnchorError::Key { line })?),
                None => None,
            };
            match (cites.entry(cite).or_insert(Anchor::Founding), key) {
                (Anchor::Keys(keys), Some(key)) => keys.push(key),
                (anchor @ Anchor::Founding, Some(key)) => *anchor = Anchor::Keys(vec![key]),
                (_, None) => {}
            }
        }
        if cites.is_empty() { Err(AnchorError::Empty) } else { Ok(Self { cites }) }
    }

    /// Returns whether the auditor named a cité.
    pub fn names(&self, cite: &CiteId) -> bool {
        self.cites.contains_key(cite)
    }

    /// Returns whether the auditor trusts a cité's cosignatures under a key. `founding_key` is the
    /// mirror key of its founding record, where that was seen and verified.
    pub fn trusts(&self, cite: &CiteId, key: &PublicKey, founding_key: Option<&PublicKey>) -> bool {
        match self.cites.get(cite) {
            None => false,
            Some(Anchor::Founding) => founding_key == Some(key),
            Some(Anchor::Keys(keys)) => keys.contains(key),
        }
    }
}

fn parse_key(cite: &CiteId, written: &str) -> Option<PublicKey> {
    let key = match parse_verifier_key(written) {
        Some((name, key)) => name.ends_with(&format!("/{cite}/mirror")).then_some(key)?,
        None => PublicKey(from_hex(written)?),
    };
    key.check().is_ok().then_some(key)
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0_u8, |byte, digit| byte.wrapping_shl(4) | digit))
        .collect();
    (digits.len() == 64).then_some(())?;
    bytes.try_into().ok()
}
