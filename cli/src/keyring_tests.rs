//! Key files: the same words give the same keys, and a file that is not right opens nothing.

use proto::time::UnixMillis;
use zeroize::Zeroizing;

use super::{Identity, Keyring, LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS, derive, hex, unhex};
use crate::{codes, language::Lang, sealed::Lock, words};

fn identity(byte: u8) -> Identity {
    Identity::new(
        Zeroizing::new([byte; 16]),
        Lang::Fr,
        "Zoé".to_owned(),
        UnixMillis(1_795_439_100_000),
    )
}

#[test]
fn words_in_same_keys_out() {
    let phrase = words::phrase(Lang::Fr, &[7; 16]).join(" ");
    let entropy = words::read(&phrase, None).expect("what was printed fits").entropy;
    let restored = Identity::new(entropy, Lang::Fr, "autre nom".to_owned(), UnixMillis(0));
    for label in [LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS] {
        assert_eq!(restored.key(label).public(), identity(7).key(label).public(), "{label}");
    }
}

#[test]
fn each_label_is_another_key() {
    let seeds: Vec<_> = [LABEL_DEVICE, LABEL_DEVICE_NEXT, LABEL_WORDS]
        .iter()
        .map(|label| *derive(&[7; 16], label))
        .collect();
    assert!(
        seeds
            .iter()
            .enumerate()
            .all(|(n, seed)| seeds.iter().skip(n + 1).all(|other| other != seed))
    );
}

/// BLAKE3 `derive_key` ("pirate/1 key from words") over sixteen `07` bytes and "device 0", made
/// with the reference Python package `blake3`; a change here would lock people out.
#[test]
fn the_derivation_is_frozen() {
    assert_eq!(hex(derive(&[7; 16], "device 0").as_slice()), FROZEN_DEVICE_SEED);
}

const FROZEN_DEVICE_SEED: &str = "c8cfdbef95e1ef1a65251879eb06a1055c2c490070c75c00cc478020f73ee124";

#[test]
fn kept_and_opened() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let keyring = Keyring::new(dir.path().join("keys"));
    assert_eq!(keyring.open("zoe", "p").err().map(|f| f.code()), Some(codes::NO_IDENTITY));
    keyring.create("zoe", &identity(7), None, "p", Lock::Test).expect("there is none yet");
    let opened = keyring.open("zoe", "p").expect("it was just kept");
    assert_eq!(
        (opened.alias(), opened.device_key().public()),
        ("Zoé", identity(7).device_key().public())
    );
    let plate = keyring.nameplate("zoe").expect("it was just kept");
    assert_eq!(plate.public(), Some(opened.device_key().public()));
    assert_eq!(keyring.open("zoe", "q").err().map(|f| f.code()), Some(codes::WRONG_PASSPHRASE));
    let again = keyring.create("zoe", &identity(8), None, "q", Lock::Test);
    assert_eq!(again.err().map(|f| f.code()), Some(codes::IDENTITY_EXISTS));
    let still = keyring.open("zoe", "p").expect("nothing was overwritten");
    assert_eq!(still.device_key().public(), identity(7).device_key().public());
}

#[test]
fn a_lost_nameplate_is_written_again() {
    let dir = tempfile::tempdir().expect("the temporary directory is writable");
    let keyring = Keyring::new(dir.path().to_path_buf());
    keyring.create("zoe", &identity(7), None, "p", Lock::Test).expect("there is none yet");
    std::fs::remove_file(dir.path().join("zoe.toml")).expect("it was just written");
    assert_eq!(keyring.nameplate("zoe"), None);
    keyring.open("zoe", "p").expect("the key file is whole");
    assert!(keyring.nameplate("zoe").is_some());
}

#[test]
fn hex_reads_back_and_nothing_else_does() {
    assert_eq!(unhex(&hex(&[0, 1, 0xfe, 0xff])), Some([0, 1, 0xfe, 0xff]));
    for wrong in ["", "0", "000102", "0001020g", "0001fefff", "é001fe"] {
        assert_eq!(unhex::<4>(wrong), None, "{wrong}");
    }
}
