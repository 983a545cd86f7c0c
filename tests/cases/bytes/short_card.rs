//! Short cards: small enough, read back from what a photo or a keyboard gives, and believed only under the keys that
//! the cité has now.

use harness::{people, vectors};
use proto::{
    act::Level,
    card::{ShortCard, ShortCardError, ShortCardTextError, SignedShortCard},
    codec::CodecError,
    founding::VerifiedFounding,
    ids::IdError,
    keys::KeyError,
    minutes::Minutes,
    time::{UnixMillis, UtcDay},
};

fn weavers(incarnation: u32) -> VerifiedFounding {
    let house = people::tisserandes();
    let signed =
        if incarnation == 0 { house.founding.clone() } else { house.founding_at(incarnation) };
    signed.verify().expect("the root keys signed")
}

fn changed(change: impl FnOnce(&mut ShortCard)) -> SignedShortCard {
    let house = people::tisserandes();
    let mut card = *vectors::short_card().card();
    change(&mut card);
    card.sign(&house.network, &house.card)
}

#[test]
fn the_longest_short_card_fits() {
    let longest = changed(|card| {
        card.number = u32::MAX;
        card.terms.level = Level::Steward;
        (card.terms.from, card.terms.until) = (UtcDay(u64::MAX), UtcDay(u64::MAX));
        (card.serial, card.terms.allowance) = (u32::MAX, Minutes(u32::MAX));
        card.stated = UnixMillis(u64::MAX);
    });
    assert_eq!(longest.bytes().len(), 205);
    let text = longest.to_text();
    assert_eq!(text.len(), 347);
    assert!(text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ':'));
    assert_eq!(SignedShortCard::read(&text), Ok(longest));
}

#[test]
fn a_text_is_read_as_it_comes_and_not_when_it_is_cut_or_mistyped() {
    let card = vectors::short_card();
    let text = card.to_text();
    let bare = text.strip_prefix("PIRATE:").expect("it begins so").to_owned();
    for text in [text.clone(), text.to_lowercase(), bare.clone(), format!("\n  {bare}\r\n")] {
        assert!(SignedShortCard::looks_like(&text));
        assert_eq!(SignedShortCard::read(&text).as_ref(), Ok(&card));
    }
    let mistyped = Err(ShortCardTextError::Text(IdError::Mistyped));
    assert_eq!(SignedShortCard::read(&text[..300]), mistyped);
    assert_eq!(SignedShortCard::read(&text.replacen('Q', "P", 1)), mistyped);
    let other = SignedShortCard::read(&people::tisserandes().id.to_string());
    assert_eq!(other, Err(ShortCardTextError::Text(IdError::OtherSort("pcard"))));
    assert!(!SignedShortCard::looks_like("pirate:ppay1q") && !SignedShortCard::looks_like("é"));
}

/// Invariant A7: a thief of an old card key makes no card that whoever knows of the new keys believes.
#[test]
fn only_the_card_key_of_the_newest_incarnation_is_believed() {
    let house = people::tisserandes();
    assert!(vectors::short_card().verify(&weavers(0)).is_ok());
    let old = ShortCardError::OldKeys { signed: 0, known: 2 };
    assert_eq!(vectors::short_card().verify(&weavers(2)).err(), Some(old));
    let unknown = ShortCardError::UnknownKeys { signed: 3, known: 0 };
    assert_eq!(changed(|card| card.incarnation = 3).verify(&weavers(0)).err(), Some(unknown));
    let mariniers = people::mariniers().founding.verify().expect("the root keys signed");
    assert_eq!(vectors::short_card().verify(&mariniers).err(), Some(ShortCardError::OtherCite));
    // Another key of the same cité, and another network.
    let forged = Some(ShortCardError::Key(KeyError::Signature));
    let card = *vectors::short_card().card();
    assert_eq!(card.sign(&house.network, &house.log).verify(&weavers(0)).err(), forged);
    let elsewhere = proto::founding::Network { name: "ailleurs".to_owned(), test: true }.id();
    assert_eq!(card.sign(&elsewhere, &house.card).verify(&weavers(0)).err(), forged);
    // A later day, with the signature of the earlier one.
    let mut bytes = vectors::short_card().bytes().to_vec();
    let until = 1 + 32 + 4 + 32 + 4 + 4 + 8;
    bytes[until] = bytes[until].wrapping_add(1);
    let changed = SignedShortCard::decode(&bytes).expect("signatures are not looked at here");
    assert_eq!(changed.verify(&weavers(0)).err(), forged);
}

#[test]
fn a_card_that_ends_before_it_begins_is_none() {
    let backwards = changed(|card| card.terms.until = UtcDay(card.terms.from.0 - 1));
    let refused = Err(CodecError::OutOfBounds("short card"));
    assert_eq!(SignedShortCard::decode(backwards.bytes()), refused);
    let later = changed(|card| card.version = 2);
    let refused = Err(CodecError::Version("short card"));
    assert_eq!(SignedShortCard::decode(later.bytes()), refused);
}
