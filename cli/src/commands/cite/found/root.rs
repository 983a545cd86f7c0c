//! The recovery words of a cité: the root key is derived from them and kept nowhere.
//! Shown once to a person, or written to a private file; never to stdout.

use std::path::Path;

use proto::keys::SigningKey;
use zeroize::Zeroizing;

use crate::{
    asked_back, codes,
    context::Context,
    error::{Failure, file_failure},
    keyring::derive,
    language::Lang,
    sealed::{self, SealError},
    text,
    words::{self, Entropy},
};

/// Label of the first root key of a cité.
const LABEL_ROOT: &str = "root 0";

/// Returns the root key that twelve words stand for.
pub(in crate::commands) fn root_key_of(entropy: &Entropy) -> SigningKey {
    SigningKey::from_seed(&derive(entropy, LABEL_ROOT))
}

/// Twelve words that stand for the root key.
pub(super) struct RootWords {
    entropy: Entropy,
    lang: Lang,
}

impl RootWords {
    pub(super) fn fresh(lang: Lang) -> Result<Self, Failure> {
        Ok(Self { entropy: super::secret()?, lang })
    }

    pub(super) fn root_key(&self) -> SigningKey {
        root_key_of(&self.entropy)
    }

    /// Shows the words and asks three of them back, so that no cité is founded whose words nobody has.
    pub(super) fn show_and_check(&self, context: &Context) -> Result<(), Failure> {
        let phrase = words::phrase(self.lang, &self.entropy);
        let unknown = Failure::new(codes::WORDS_NOT_KEPT, text!("found-words-not-known-back"));
        let heading = text!("found-words");
        asked_back::show(context, (self.lang, &phrase), &heading, unknown)
    }

    /// Writes the words to a new private file.
    pub(super) fn write(&self, path: &Path) -> Result<(), Failure> {
        let phrase = words::phrase(self.lang, &self.entropy);
        let line = Zeroizing::new(format!("{}\n", phrase.join(" ")));
        sealed::write_new(path, line.as_bytes()).map_err(|error| match error {
            SealError::Io(error) => file_failure(true, path, &error),
            other => Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = path))
                .caused_by(&other),
        })
    }
}
