//! Recovery words: the published vector, forgiven spellings, and phrases that open nothing.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::{WordsError, fingerprint, folded, known, phrase, read, same_word};
use crate::language::Lang;

/// Sixteen `07` bytes in the French list.
const SEVENS: &str = "affiche corniche problème annonce gélatine insulter bermuda soulever affiche corniche problème appareil";

#[test]
fn the_vector_of_sixteen_sevens() {
    assert_eq!(phrase(Lang::Fr, &[7; 16]).join(" "), SEVENS);
    assert_eq!(*read(SEVENS, None).expect("the vector fits").entropy, [7; 16]);
}

/// From the English vectors of BIP-39 (trezor/python-mnemonic, vectors.json).
#[test]
fn published_english_vectors() {
    for (byte, words) in [
        (
            0x00,
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
        ),
        (0x7f, "legal winner thank year wave sausage worth useful legal winner thank yellow"),
        (0x80, "letter advice cage absurd amount doctor acoustic avoid letter advice cage above"),
        (0xff, "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong"),
    ] {
        let reading = read(words, None).expect("a published vector fits");
        assert_eq!((*reading.entropy, reading.lang), ([byte; 16], Lang::En));
        assert_eq!(phrase(Lang::En, &[byte; 16]).join(" "), words);
    }
}

#[test]
fn accents_capitals_numbers_commas_and_cut_words_are_forgiven() {
    let decomposed: String = SEVENS.nfd().collect();
    for typed in [
        decomposed.as_str(),
        "AFFICHE CORNICHE PROBLEME ANNONCE GELATINE INSULTER BERMUDA SOULEVER AFFICHE CORNICHE PROBLEME APPAREIL",
        "1. affiche, 2. corniche, 3. problème, 4. annonce, 5. gélatine, 6. insulter, 7. bermuda, 8. soulever, 9. affiche, 10. corniche, 11. problème, 12. appareil.",
        "1 affiche\n2) corniche\n3-probleme 4 anno gela insu berm soul affi corn prob appa",
    ] {
        let reading = read(typed, None).expect("a forgiven spelling fits");
        assert_eq!((*reading.entropy, reading.lang), ([7; 16], Lang::Fr), "{typed}");
    }
    let cut = read(
        "affi corniche problème annonce gélatine insulter bermuda soulever affiche corniche problème appareil",
        None,
    );
    assert_eq!(
        cut.expect("four letters are enough").corrected,
        [(1, "affi".to_owned(), "affiche".to_owned())]
    );
}

#[test]
fn a_wrong_phrase_opens_nothing() {
    let swapped = SEVENS.replacen("affiche corniche", "corniche affiche", 1);
    assert_eq!(read(&swapped, None).err(), Some(WordsError::Checksum));
    let unknown = SEVENS.replace("gélatine", "xylophage");
    assert_eq!(
        read(&unknown, None).err(),
        Some(WordsError::Unknown { place: 5, typed: "xylophage".to_owned() })
    );
    for slip in ["gélatinne", "gelatne", "gélotine", "géaltine"] {
        let said = read(&SEVENS.replace("gélatine", slip), None).err().map(WordsError::failure);
        let details: Vec<String> = said
            .iter()
            .flat_map(|said| said.details())
            .map(|detail| Lang::Fr.say(detail))
            .collect();
        assert!(details.iter().any(|detail| detail.contains("gélatine")), "{slip}: {details:?}");
    }
    let half = SEVENS.replace("insulter", "zebra");
    assert_eq!(read(&half, None).err(), Some(WordsError::Mixed), "each word is in a list");
    assert_eq!(read("affiche corniche", None).err(), Some(WordsError::Count(2)));
    assert_eq!(read("", None).err(), Some(WordsError::Count(0)));
    assert!(matches!(read(SEVENS, Some(Lang::En)).err(), Some(WordsError::Unknown { .. })));
}

#[test]
fn both_lists_keep_2048_words_apart_without_accents_and_by_four_letters() {
    for lang in Lang::ALL {
        let words = known(lang);
        assert_eq!(words.len(), 2048);
        let mut cut: Vec<String> =
            words.keys().map(|word| word.chars().take(4).collect()).collect();
        cut.dedup();
        assert_eq!(cut.len(), 2048, "{lang:?}");
    }
}

#[test]
fn checking_words_after_they_were_shown() {
    assert!(
        same_word(Lang::Fr, " Soul ", "soulever") && same_word(Lang::Fr, "probleme", "problème")
    );
    assert!(!same_word(Lang::Fr, "affiche", "problème") && !same_word(Lang::Fr, "pro", "problème"));
}

proptest! {
    #[test]
    fn every_secret_reads_back_in_both_languages(entropy in any::<[u8; 16]>(), cut in any::<bool>()) {
        for lang in Lang::ALL {
            let words: Vec<String> = phrase(lang, &entropy)
                .iter()
                .map(|word| if cut { folded(word).chars().take(4).collect() } else { word.to_uppercase() })
                .collect();
            let reading = read(&words.join(", "), Some(lang));
            prop_assert_eq!(*reading.expect("what was printed fits").entropy, entropy);
        }
    }

    #[test]
    fn no_text_panics(typed in "\\PC{0,120}") {
        let _ = read(&typed, None);
    }

    #[test]
    fn a_fingerprint_holds_exactly_66_bits(bytes in any::<[u8; 32]>(), bit in 0_usize..256) {
        let mut other = bytes;
        if let Some(byte) = other.get_mut(bit / 8) {
            *byte ^= 0x80 >> (bit % 8);
        }
        for lang in Lang::ALL {
            prop_assert_eq!(fingerprint(lang, &bytes) != fingerprint(lang, &other), bit < 66);
        }
    }
}
