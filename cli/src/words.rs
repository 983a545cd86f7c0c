//! Recovery words (BIP-39, 12 words, 16 bytes) and six-word fingerprints, in French and in English.
//! Reads what people write forgivingly; the checksum decides, and a phrase that does not fit opens nothing.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use bip39::{Language, Mnemonic};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use zeroize::Zeroizing;

use crate::{codes, error::Failure, language::Lang, text};

/// Words of a recovery phrase: 128 bits and 4 bits of checksum, 11 bits a word (BIP-39).
pub const WORDS: usize = 12;
/// Words of a fingerprint read aloud: 66 bits.
pub const FINGERPRINT_WORDS: usize = 6;
/// Letters that are enough to know a word of either list (BIP-39 word lists).
const PREFIX_LETTERS: usize = 4;

/// Sixteen secret bytes from which every key of a person is derived. Wiped when dropped.
pub type Entropy = Zeroizing<[u8; 16]>;

/// A phrase that fits, and how it was read.
#[derive(Debug)]
pub struct Reading {
    /// The secret.
    pub entropy: Entropy,
    /// The language of the whole phrase.
    pub lang: Lang,
    /// Words that were not typed exactly: place from 1, as typed, as read.
    pub corrected: Vec<(usize, String, String)>,
}

/// Why a phrase is not one. No variant holds a whole phrase.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WordsError {
    /// Not twelve words.
    #[error("{0} words instead of 12")]
    Count(usize),
    /// A word of neither list; its place from 1.
    #[error("word {place} is in no list")]
    Unknown {
        /// Place, from 1.
        place: usize,
        /// As typed.
        typed: String,
    },
    /// Every word is known, but they do not fit together.
    #[error("the words do not fit together")]
    Checksum,
    /// Each word is of one of the lists, and no list has them all.
    #[error("words of two languages")]
    Mixed,
    /// Fits in both languages, as two different secrets.
    #[error("fits in two languages")]
    TwoLanguages,
}

impl WordsError {
    /// Returns what to tell the person.
    pub fn failure(self) -> Failure {
        match self {
            Self::Count(count) => {
                Failure::new(codes::WORDS_COUNT, text!("words-count", count = count))
            }
            Self::Unknown { place, typed } => {
                let near = near(&typed).join(", ");
                let said = text!("words-unknown", place = place, typed = typed);
                let failure = Failure::new(codes::UNKNOWN_WORD, said);
                if near.is_empty() {
                    return failure;
                }
                failure.because(text!("words-near", words = near))
            }
            Self::Checksum => Failure::new(codes::WORDS_DO_NOT_FIT, text!("words-do-not-fit"))
                .because(text!("words-nothing-opened")),
            Self::Mixed => Failure::new(codes::WORDS_TWO_LANGUAGES, text!("words-mixed")),
            Self::TwoLanguages => {
                Failure::new(codes::WORDS_TWO_LANGUAGES, text!("words-two-languages"))
            }
        }
    }
}

fn list(lang: Lang) -> Language {
    match lang {
        Lang::Fr => Language::French,
        Lang::En => Language::English,
    }
}

/// Returns the twelve words of a secret, as people write them (accents composed).
pub fn phrase(lang: Lang, entropy: &[u8; 16]) -> Zeroizing<Vec<String>> {
    let mnemonic = Mnemonic::from_entropy_in(list(lang), entropy)
        .expect("BIP-39 takes 16 bytes of entropy, whatever they are");
    Zeroizing::new(mnemonic.words().map(|word| word.nfc().collect()).collect())
}

/// Returns six words for the first 66 bits of a key or an identity, to compare aloud.
pub fn fingerprint(lang: Lang, bytes: &[u8; 32]) -> [String; FINGERPRINT_WORDS] {
    let words = list(lang).word_list();
    std::array::from_fn(|word| {
        let index = (word * 11..word * 11 + 11).fold(0, |index: usize, bit| {
            let byte = bytes.get(bit / 8).copied().unwrap_or_default();
            index << 1 | usize::from(byte >> (7 - bit % 8) & 1)
        });
        words.get(index).map(|word| word.nfc().collect()).unwrap_or_default()
    })
}

/// Small letters without accents: what a word is found by.
fn folded(word: &str) -> String {
    word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// Folded word → its spelling in the list, in order, so that a prefix is a range.
fn known(lang: Lang) -> &'static BTreeMap<String, &'static str> {
    static FR: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    static EN: OnceLock<BTreeMap<String, &'static str>> = OnceLock::new();
    let map = match lang {
        Lang::Fr => &FR,
        Lang::En => &EN,
    };
    map.get_or_init(|| list(lang).word_list().iter().map(|word| (folded(word), *word)).collect())
}

/// Returns the word of the list that `typed` (folded) stands for: itself, or the only word that begins
/// so when four letters or more were typed.
fn find(lang: Lang, typed: &str) -> Option<&'static str> {
    let words = known(lang);
    if let Some(word) = words.get(typed) {
        return Some(word);
    }
    if typed.chars().count() < PREFIX_LETTERS {
        return None;
    }
    let mut begin = words.range(typed.to_owned()..).take_while(|(word, _)| word.starts_with(typed));
    match (begin.next(), begin.next()) {
        (Some((_, only)), None) => Some(only),
        _ => None,
    }
}

/// Returns the words of both lists that one slip of the hand away from `typed` were meant: a letter too many, too
/// few, another, or two that changed places.
fn near(typed: &str) -> Vec<String> {
    let typed = folded(typed);
    let lists = Lang::ALL.into_iter().flat_map(known);
    let meant = lists.filter(|(word, _)| strsim::osa_distance(word, &typed) == 1);
    meant.map(|(_, word)| word.nfc().collect()).collect()
}

/// Cuts `3. problème, insulter` into words: spaces, punctuation and order numbers part them.
pub(crate) fn split(typed: &str) -> Vec<&str> {
    typed
        .split(|c: char| !c.is_alphabetic() && !is_combining_mark(c))
        .filter(|w| !w.is_empty())
        .collect()
}

/// Returns the secret of a phrase in either language. Forgiven: capitals, missing accents, composed or
/// decomposed accents, commas, order numbers, words cut after four letters. `only` restricts the
/// language; else it is chosen on the whole phrase.
///
/// # Errors
/// [`WordsError`].
pub fn read(typed: &str, only: Option<Lang>) -> Result<Reading, WordsError> {
    let typed_words = split(typed);
    if typed_words.len() != WORDS {
        return Err(WordsError::Count(typed_words.len()));
    }
    let folds: Zeroizing<Vec<String>> =
        Zeroizing::new(typed_words.iter().map(|word| folded(word)).collect());
    let langs = Lang::ALL.into_iter().filter(|lang| only.is_none_or(|only| only == *lang));
    let mut readings = Vec::new();
    let mut furthest: Option<WordsError> = None;
    for lang in langs {
        match read_in(lang, &typed_words, &folds) {
            Ok(reading) => readings.push(reading),
            Err(error) => furthest = Some(further(furthest, error)),
        }
    }
    match (readings.len(), readings.pop(), furthest) {
        (0, _, error) => {
            let error = error.unwrap_or(WordsError::Checksum);
            Err(if only.is_none() { mixed(error, &folds) } else { error })
        }
        (1, Some(reading), _) => Ok(reading),
        _ => Err(WordsError::TwoLanguages),
    }
}

/// A word that one list lacks and the other has says that the phrase is written in both.
fn mixed(error: WordsError, folds: &[String]) -> WordsError {
    let known = |fold: &String| Lang::ALL.iter().any(|lang| find(*lang, fold).is_some());
    match error {
        WordsError::Unknown { .. } if folds.iter().all(known) => WordsError::Mixed,
        other => other,
    }
}

/// The error of the language in which more of the phrase was known.
fn further(held: Option<WordsError>, new: WordsError) -> WordsError {
    let reach = |error: &WordsError| match error {
        WordsError::Unknown { place, .. } => *place,
        _ => usize::MAX,
    };
    match held {
        Some(held) if reach(&held) >= reach(&new) => held,
        _ => new,
    }
}

fn read_in(lang: Lang, typed: &[&str], folds: &[String]) -> Result<Reading, WordsError> {
    let mut words: Zeroizing<String> = Zeroizing::new(String::with_capacity(WORDS * 16));
    let mut corrected = Vec::new();
    for (place, (typed, fold)) in typed.iter().zip(folds).enumerate() {
        let unknown = || WordsError::Unknown { place: place + 1, typed: (*typed).to_owned() };
        let word = find(lang, fold).ok_or_else(unknown)?;
        if folded(word) != *fold {
            corrected.push((place + 1, (*typed).to_owned(), word.nfc().collect()));
        }
        if place > 0 {
            words.push(' ');
        }
        words.push_str(word);
    }
    let mnemonic =
        Mnemonic::parse_in_normalized(list(lang), &words).map_err(|_| WordsError::Checksum)?;
    let (bytes, _) = mnemonic.to_entropy_array();
    let bytes = Zeroizing::new(bytes);
    let mut entropy = Zeroizing::new([0; 16]);
    for (to, from) in entropy.iter_mut().zip(bytes.iter()) {
        *to = *from;
    }
    Ok(Reading { entropy, lang, corrected })
}

/// Returns whether `typed` names the word `word` of a phrase just shown (whole, without accents, or
/// its first four letters).
pub fn same_word(lang: Lang, typed: &str, word: &str) -> bool {
    find(lang, &folded(typed.trim())).is_some_and(|found| folded(found) == folded(word))
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
