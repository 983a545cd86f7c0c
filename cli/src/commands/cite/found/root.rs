//! The recovery words of a cité: the root key is derived from them and kept nowhere.
//! Shown once to a person, or written to a private file; never to stdout.

use std::path::Path;

use proto::keys::SigningKey;
use zeroize::Zeroizing;

use crate::{
    codes,
    context::Context,
    error::{Failure, file_failure},
    keyring::derive,
    language::Lang,
    output::{Mark, Screen},
    sealed::{self, SealError},
    text,
    words::{self, Entropy},
};

/// Label of the first root key of a cité.
const LABEL_ROOT: &str = "root 0";
/// The words asked back, by place from 1.
const ASKED_BACK: [usize; 3] = [2, 7, 12];
/// How often they are asked before the founding is given up.
const TRIES_MAX: usize = 3;

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
        context.show(&Screen::new().blank().line(text!("found-words")).verbatim(columns(&phrase)));
        let places = ASKED_BACK.map(|place| place.to_string()).join(", ");
        let question = text!("words-ask-back", places = places);
        for _ in 0..TRIES_MAX {
            let typed = context.prompt.line(&question, "--words-output")?;
            let typed: Vec<&str> =
                typed.split([' ', ',']).filter(|word| !word.is_empty()).collect();
            let right = typed.len() == ASKED_BACK.len()
                && ASKED_BACK.iter().zip(&typed).all(|(place, typed)| {
                    phrase
                        .get(place.saturating_sub(1))
                        .is_some_and(|word| words::same_word(self.lang, typed, word))
                });
            if right {
                return Ok(());
            }
            context.show(&Screen::new().mark(Mark::Bad, text!("words-not-these")));
        }
        Err(Failure::new(codes::WORDS_NOT_KEPT, text!("found-words-not-known-back")))
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

/// Three columns of four, read from top to bottom.
fn columns(phrase: &[String]) -> String {
    let cell = |place: usize| {
        phrase.get(place).map_or_else(String::new, |word| format!("{:>4} {word:<12}", place + 1))
    };
    (0..4)
        .map(|row| format!("{}\n", [row, row + 4, row + 8].map(cell).concat().trim_end()))
        .collect()
}
