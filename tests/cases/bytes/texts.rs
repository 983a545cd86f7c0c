//! What people write and others read on their screens: every text in everything that is sent holds plain
//! characters only, and the list of what is not plain is Unicode's.

use std::collections::BTreeSet;

use harness::samples;
use proto::{
    body::Body,
    codec::{Canonical as _, CodecError},
    text::{is_plain, plain},
};

/// Characters that are not plain, one of each length in bytes: they take the place of others without moving
/// what stands behind.
const NOT_PLAIN: [&str; 4] = ["\u{1b}", "\u{ad}", "\u{202e}", "\u{e0041}"];

/// Where texts stand. Whoever adds a text to what is sent adds it here, and bounds it.
const PLACES: [&str; 28] = [
    "Announce.addresses",
    "Application.alias",
    "Body.category",
    "Body.text",
    "Call::Apply.alias",
    "CutOff.slug",
    "Founding.name",
    "Founding.place",
    "Founding.slug",
    "Hello.addresses",
    "Invitation.addresses",
    "Known.addresses",
    "LetterContent::Declined.reason",
    "MemberItem.alias",
    "MirrorItem.slug",
    "Neighbour.addresses",
    "Network.name",
    "NodeStatus.listening",
    "NodeStatus.version",
    "Operator::Connect.addresses",
    "PeerItem.addresses",
    "PeerItem.slug",
    "PeerSheet.slug",
    "Query::Decline.reason",
    "RecoveryMirror.slug",
    "Reply::Invitation.addresses",
    "RequestItem.reason",
    "SilentWitness.slug",
];

/// S3: no text that is sent holds a character that a screen does not show as itself.
#[test]
fn every_text_in_everything_sent_is_plain() {
    let mut changed = BTreeSet::new();
    for sample in samples::all() {
        assert!((sample.read)(&sample.bytes).is_ok(), "{}", sample.name);
        for (place, texts) in &sample.seen.texts {
            for text in texts {
                for odd in NOT_PLAIN.into_iter().filter(|odd| text.is_char_boundary(odd.len())) {
                    if odd.len() > text.len() {
                        continue;
                    }
                    let bytes = replaced(&sample.bytes, text, odd);
                    let refused = (sample.read)(&bytes);
                    let bounded = matches!(refused, Err(CodecError::OutOfBounds(_)));
                    assert!(bounded, "{} {place}: {odd:?} in {text:?}: {refused:?}", sample.name);
                    changed.insert(place.clone());
                }
            }
        }
    }
    assert_eq!(changed.iter().map(String::as_str).collect::<Vec<_>>(), PLACES);
}

/// Returns the bytes with the beginning of every such text replaced; the text's length stands before it.
fn replaced(bytes: &[u8], text: &str, odd: &str) -> Vec<u8> {
    let mut written = (text.len() as u64).to_le_bytes().to_vec();
    written.extend_from_slice(text.as_bytes());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> =
        (0..bytes.len()).filter(|at| bytes[*at..].starts_with(&written)).collect();
    assert!(!places.is_empty(), "{text:?} is written with its length before it");
    for at in places {
        bytes[at + 8..at + 8 + odd.len()].copy_from_slice(odd.as_bytes());
    }
    bytes
}

/// `Default_Ignorable_Code_Point` of Unicode 14, as Perl's `Unicode::UCD` knows it, without the
/// variation selectors of ordinary emoji; then Zl, Zp and the annotation marks.
const UNICODE_IGNORABLE: &str = "AD-AD 34F-34F 61C-61C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E \
    2060-206F 3164-3164 FEFF-FEFF FFA0-FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF \
    2028-2029 FFF9-FFFB";

#[test]
fn what_is_not_plain_is_what_unicode_says_a_screen_does_not_show() {
    let hex = |text: &str| u32::from_str_radix(text, 16).expect("the list is hexadecimal");
    let ranges: Vec<(u32, u32)> = UNICODE_IGNORABLE
        .split_whitespace()
        .filter_map(|range| range.split_once('-'))
        .map(|(first, last)| (hex(first), hex(last)))
        .collect();
    for character in '\0'..=char::MAX {
        let at = u32::from(character);
        let control = at < 0x20 || (0x7f..0xa0).contains(&at);
        let ignorable = ranges.iter().any(|(first, last)| (*first..=*last).contains(&at));
        assert_eq!(is_plain(character), !control && !ignorable, "U+{at:04X}");
    }
}

/// What French, its neighbours and telephones write is plain.
#[test]
fn what_people_write_is_plain() {
    for text in [
        "Réparation de vélo\u{a0}: l’après-midi, «\u{a0}très\u{a0}» bien\u{202f}!",
        "Œuvre, cœur, Noël, Ærø, Łódź, Ελλάδα, Київ, עברית, العربية, 日本語",
        "e\u{301}te\u{301}",
        "merci \u{2764}\u{fe0f} 🥖👍🏽",
        "",
    ] {
        assert_eq!(plain("text", text, 256), Ok(()), "{text:?}");
        let body = Body { salt: [0; 32], text: text.to_owned(), category: String::new() };
        assert_eq!(Body::decode(&body.encode()), Ok(body));
    }
    assert_eq!(plain("text", "abcd", 3), Err(CodecError::OutOfBounds("text")));
}
