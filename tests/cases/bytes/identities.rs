//! Texts of identities: each has one, any mistyped character is refused, and one sort never passes for
//! another.

use std::str::FromStr as _;

use harness::people;
use proto::{
    hash::Hash,
    ids::{CiteId, IdError, MemberId, NetworkId, OrderId, RequestId, from_text, to_text},
    wire::{Invitation, InvitationError},
};

const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

#[test]
fn identities_come_back_from_their_texts_in_either_case() {
    for label in ["one", "two", "three"] {
        let hash = Hash(people::seed(label));
        macro_rules! round {
            ($($id:ident)*) => {$(
                let id = $id(hash);
                let text = id.to_string();
                assert!(text.starts_with(concat_prefix($id::PREFIX).as_str()), "{text}");
                assert_eq!($id::from_str(&text), Ok(id));
                assert_eq!($id::from_str(&text.to_uppercase()), Ok(id));
                assert_eq!($id::from_str(&format!("  {text}\n")), Ok(id));
            )*};
        }
        round!(NetworkId CiteId MemberId OrderId RequestId);
    }
}

fn concat_prefix(prefix: &str) -> String {
    format!("{prefix}1")
}

#[test]
fn any_one_mistyped_character_is_refused() {
    let text = CiteId(Hash(people::seed("typed"))).to_string();
    for at in 0..text.len() {
        for letter in LETTERS.chars().chain("bio1-B".chars()) {
            let mut typed: Vec<char> = text.chars().collect();
            if typed[at] == letter {
                continue;
            }
            typed[at] = letter;
            let typed: String = typed.into_iter().collect();
            assert!(CiteId::from_str(&typed).is_err(), "{typed}");
        }
    }
}

#[test]
fn any_two_swapped_neighbours_are_refused() {
    let text = MemberId(Hash(people::seed("swapped"))).to_string();
    let typed: Vec<char> = text.chars().collect();
    for at in 1..typed.len() {
        let mut typed = typed.clone();
        typed.swap(at - 1, at);
        let swapped: String = typed.into_iter().collect();
        assert!(swapped == text || MemberId::from_str(&swapped).is_err(), "{swapped}");
    }
}

#[test]
fn one_sort_never_passes_for_another() {
    let hash = Hash(people::seed("sort"));
    let member = MemberId(hash).to_string();
    assert_eq!(CiteId::from_str(&member), Err(IdError::OtherSort("pcite")));
    assert_eq!(OrderId::from_str(&RequestId(hash).to_string()), Err(IdError::OtherSort("pord")));
    assert_eq!(NetworkId::from_str(""), Err(IdError::Mistyped));
}

#[test]
fn lengths_other_than_32_bytes_are_refused() {
    for len in [0_usize, 1, 31, 33, 64] {
        let text = to_text("pcite", &vec![7; len]);
        assert_eq!(CiteId::from_str(&text), Err(IdError::Length), "{len} bytes");
    }
}

/// The last character of 32 bytes carries one bit and four of padding: fifteen other texts with right
/// check characters would say the same bytes.
#[test]
fn padding_that_is_not_zero_is_refused() {
    let bytes = people::seed("padded");
    let text = to_text("pcite", &bytes);
    let data: Vec<u8> = text["pcite1".len()..text.len() - 6].chars().map(five_bits).collect();
    for padding in 1..16 {
        let mut data = data.clone();
        *data.last_mut().expect("52 characters") |= padding;
        let typed = bech32m("pcite", &data);
        assert_eq!(from_text("pcite", &typed), Err(IdError::Mistyped), "{typed}");
    }
    let mut longer = data.clone();
    longer.push(0);
    assert_eq!(CiteId::from_str(&bech32m("pcite", &longer)), Err(IdError::Length));
    longer.pop();
    longer.extend([0, 0]);
    assert_eq!(CiteId::from_str(&bech32m("pcite", &longer)), Err(IdError::Mistyped));
    assert_eq!(bech32m("pcite", &data), text, "the oracle below writes what we write");
}

#[test]
fn checksums_of_the_older_bech32_are_refused() {
    let data: Vec<u8> = vec![3; 52];
    assert_eq!(from_text("pcite", &with_constant("pcite", &data, 1)), Err(IdError::Mistyped));
}

#[test]
fn invitations_come_back_from_their_texts() {
    let house = people::tisserandes();
    let mut invitation = Invitation {
        network: people::network(),
        cite: house.id,
        node: house.network_key.public(),
        addresses: vec!["x".repeat(96); 4],
        token: Some(people::salt("token")),
    };
    invitation.network.name = "n".repeat(32);
    let text = invitation.to_text();
    assert!(text.len() <= 1_023, "{}", text.len());
    for written in
        [text.clone(), format!("pirate:{text}"), format!("PIRATE:{}", text.to_uppercase())]
    {
        assert_eq!(Invitation::from_text(&written), Ok(invitation.clone()));
    }
    let other = house.id.to_string();
    let refused = Invitation::from_text(&other);
    assert_eq!(refused, Err(InvitationError::Text(IdError::OtherSort("pinv"))));
}

fn five_bits(letter: char) -> u8 {
    let at = LETTERS.find(letter).expect("a letter of Bech32");
    u8::try_from(at).expect("there are 32 letters")
}

/// Writes five-bit groups as Bech32m, straight from BIP 350.
fn bech32m(prefix: &str, data: &[u8]) -> String {
    with_constant(prefix, data, 0x2bc8_30a3)
}

fn with_constant(prefix: &str, data: &[u8], constant: u32) -> String {
    let mut values: Vec<u8> = prefix.bytes().map(|byte| byte >> 5).collect();
    values.push(0);
    values.extend(prefix.bytes().map(|byte| byte & 31));
    values.extend(data);
    values.extend([0; 6]);
    let check = polymod(&values) ^ constant;
    let letters: Vec<char> = LETTERS.chars().collect();
    let letter = |value: u32| letters[usize::try_from(value & 31).expect("five bits")];
    let mut text = format!("{prefix}1");
    text.extend(data.iter().map(|value| letter(u32::from(*value))));
    text.extend((0..6).map(|i| letter(check >> (5 * (5 - i)))));
    text
}

fn polymod(values: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.iter().fold(1_u32, |check, value| {
        let top = check >> 25;
        let next = ((check & 0x01ff_ffff) << 5) ^ u32::from(*value);
        GENERATOR.iter().enumerate().fold(next, |sum, (bit, generator)| {
            if (top >> bit) & 1 == 1 { sum ^ generator } else { sum }
        })
    })
}
