//! One purpose, one network, one home for each signature; and the known ways of bending Ed25519, each
//! built here with the group's own arithmetic, refused.

use curve25519_dalek::{
    EdwardsPoint, Scalar,
    constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION},
    edwards::CompressedEdwardsY,
    scalar::clamp_integer,
    traits::Identity as _,
};
use harness::{people, people::Person, vectors};
use proto::{
    checkpoint::Cosignature,
    desk::{Query, SignedQuery},
    founding::Network,
    hash::Hash,
    ids::{CiteId, NetworkId},
    keys::{KeyError, PublicKey, Purpose, Signature, SigningKey, signed_bytes},
    order::{Order, SignedOrder},
    request::SignedRequest,
};
use sha2::Digest as _;

const PURPOSES: [Purpose; 11] = [
    Purpose::Order,
    Purpose::Request,
    Purpose::Found,
    Purpose::RootAct,
    Purpose::KeyEpoch,
    Purpose::Petition,
    Purpose::Fence,
    Purpose::Announce,
    Purpose::Desk,
    Purpose::Card,
    Purpose::ShortCard,
];

/// Order of the group of the base point, little-endian (RFC 8032 section 5.1).
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The secret scalar of a key (RFC 8032 section 5.1.5).
fn scalar(key: &SigningKey) -> Scalar {
    let digest: [u8; 64] = sha2::Sha512::digest(key.seed().as_slice()).into();
    let mut low = [0; 32];
    low.copy_from_slice(&digest[..32]);
    Scalar::from_bytes_mod_order(clamp_integer(low))
}

/// The challenge `SHA-512(R ‖ A ‖ M)` modulo the order.
fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let mut sha = sha2::Sha512::new();
    sha.update(r);
    sha.update(key);
    sha.update(message);
    Scalar::from_bytes_mod_order_wide(&sha.finalize().into())
}

/// Signs with the nonce `r` and `extra` added to the point R.
fn bent(key: &SigningKey, message: &[u8], r: Scalar, extra: EdwardsPoint) -> Signature {
    let point = (ED25519_BASEPOINT_POINT * r + extra).compress().to_bytes();
    with_r(key, message, r, point)
}

fn with_r(key: &SigningKey, message: &[u8], r: Scalar, point: [u8; 32]) -> Signature {
    let s = r + challenge(&point, &key.public().0, message) * scalar(key);
    Signature { r: point, s: s.to_bytes() }
}

#[test]
fn the_oracle_of_these_tests_signs_like_the_program() {
    let key = people::key("oracle");
    let signature = bent(&key, b"m", Scalar::from(7_u8), EdwardsPoint::identity());
    assert_eq!(key.verifying().verify_raw(b"m", &signature), Ok(()));
    let public = (ED25519_BASEPOINT_POINT * scalar(&key)).compress().to_bytes();
    assert_eq!(public, key.public().0);
}

/// Invariant B3.
#[test]
fn a_signature_for_one_purpose_or_network_verifies_for_no_other() {
    let key = people::key("purposes");
    let network = people::network().id();
    let counts = Network { test: false, ..people::network() };
    for signed in PURPOSES {
        let signature = key.sign(signed, &network, b"payload");
        for asked in PURPOSES {
            let verdict = key.verifying().verify(asked, &network, b"payload", &signature);
            assert_eq!(verdict.is_ok(), asked == signed, "{signed:?} as {asked:?}");
        }
        let other = counts.id();
        let verdict = key.verifying().verify(signed, &other, b"payload", &signature);
        assert_eq!(verdict, Err(KeyError::Signature), "{signed:?} where hours count");
        let raw = key.verifying().verify_raw(b"payload", &signature);
        assert_eq!(raw, Err(KeyError::Signature), "{signed:?} without its prefix");
    }
}

#[test]
fn what_is_signed_can_be_cut_in_one_way_only() {
    let network = NetworkId(Hash([b'x'; 32]));
    let all: Vec<Vec<u8>> = PURPOSES.map(|purpose| signed_bytes(purpose, &network, b"")).into();
    for (i, one) in all.iter().enumerate() {
        for (j, other) in all.iter().enumerate() {
            assert!(i == j || !one.starts_with(other), "{i} begins like {j}");
        }
    }
    assert!(PURPOSES.iter().all(|purpose| !purpose.label().contains('\0')));
}

/// Returns Alice's payment and the bytes of the same order with its home exchanged.
fn order() -> (Person, Order, SignedOrder) {
    let alice = Person::new("alice", &people::tisserandes());
    let (_, _, statement) = vectors::statements().swap_remove(1);
    let order = alice.order(2, alice.join().id(), statement);
    let signed = order.clone().sign(&alice.device);
    (alice, order, signed)
}

/// Invariant B5.
#[test]
fn an_order_signed_for_one_home_or_network_is_none_for_another() {
    let (alice, order, signed) = order();
    let key = alice.device.verifying();
    assert!(signed.clone().verify(&key).is_ok());
    let elsewhere: [fn(&mut Order); 4] = [
        |order| order.home = CiteId(Hash([9; 32])),
        |order| order.network = NetworkId(Hash([9; 32])),
        |order| order.lane = 1,
        |order| order.epoch = 1,
    ];
    let signature = &signed.bytes()[signed.bytes().len() - 64..];
    for change in elsewhere {
        let mut changed = order.clone();
        change(&mut changed);
        let mut bytes = changed.encode();
        bytes.extend_from_slice(signature);
        let moved = SignedOrder::decode(&bytes).expect("well-formed");
        assert_eq!(moved.verify(&key), Err(KeyError::Signature));
    }
    let stranger = people::key("stranger").verifying();
    assert_eq!(signed.verify(&stranger), Err(KeyError::Signature));
}

/// Invariant B2.
#[test]
fn another_signature_never_makes_another_id() {
    let (alice, order, signed) = order();
    let unsigned = signed.bytes().len() - 64;
    for bit in 0..64 * 8 {
        let mut bytes = signed.bytes().to_vec();
        bytes[unsigned + bit / 8] ^= 1 << (bit % 8);
        let changed = SignedOrder::decode(&bytes).expect("signatures are not looked at here");
        assert_eq!(changed.id(), signed.id());
        assert_eq!(changed.verify(&alice.device.verifying()), Err(KeyError::Signature));
    }
    assert_eq!(order.sign(&alice.words).id(), signed.id());
    let request = vectors::request();
    let mut bytes = request.bytes().to_vec();
    *bytes.last_mut().expect("a request has bytes") ^= 1;
    let changed = SignedRequest::decode(&bytes).expect("signatures are not looked at here");
    assert_eq!(changed.id(), request.id());
}

#[test]
fn every_bit_of_the_signed_bytes_counts() {
    let (alice, _, signed) = order();
    let unsigned = signed.bytes().len() - 64;
    for bit in 0..unsigned * 8 {
        let mut bytes = signed.bytes().to_vec();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(changed) = SignedOrder::decode(&bytes) else {
            continue;
        };
        assert_ne!(changed.id(), signed.id());
        assert!(changed.verify(&alice.device.verifying()).is_err(), "bit {bit}");
    }
}

#[test]
fn a_cosignature_is_for_one_checkpoint_at_one_time() {
    let log = vectors::example_log();
    let cosignature = log.certificate.cosignatures[0];
    let key = log.mirrors.key_of(&cosignature.mirror).expect("a mirror");
    let key = key.check().expect("an acceptable key");
    let checkpoint = log.certificate.checkpoint;
    assert_eq!(cosignature.verify(&checkpoint, &key), Ok(()));
    assert!(cosignature.verify(&log.first, &key).is_err(), "another head");
    let mut later = cosignature;
    later.time_s += 1;
    assert!(later.verify(&checkpoint, &key).is_err(), "another time");
    let mut next = checkpoint;
    next.origin.incarnation = 1;
    assert!(cosignature.verify(&next, &key).is_err(), "another incarnation");
    let as_log = Cosignature { signature: checkpoint.signature, ..cosignature };
    let log_key = log.house.log.verifying();
    assert!(as_log.verify(&checkpoint, &log_key).is_err(), "a checkpoint's own signature");
}

#[test]
fn a_desk_query_is_for_one_home_challenge_and_question() {
    let house = people::tisserandes();
    let alice = Person::new("alice", &house);
    let device = (0, 0);
    let (network, challenge) = (house.network, [1; 32]);
    let signed = SignedQuery::sign(
        &network,
        &house.id,
        alice.id,
        device,
        challenge,
        Query::Account,
        &alice.device,
    );
    let verify = |home: &CiteId, challenge: &[u8; 32], query: &Query| {
        let payload = SignedQuery::payload(home, challenge, &alice.id, query);
        let key = alice.device.verifying();
        key.verify(Purpose::Desk, &network, &payload, &signed.signature)
    };
    let other = people::mariniers().id;
    assert_eq!(verify(&house.id, &[1; 32], &Query::Account), Ok(()));
    assert!(verify(&other, &[1; 32], &Query::Account).is_err());
    assert!(verify(&house.id, &[2; 32], &Query::Account).is_err());
    assert!(verify(&house.id, &[1; 32], &Query::Card).is_err());
}

#[test]
fn adding_the_order_of_the_group_to_s_is_refused() {
    let key = people::key("malleable");
    let mut signature = key.sign_raw(b"m");
    let mut carry = 0_u16;
    for (byte, add) in signature.s.iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).expect("one byte");
        carry = sum >> 8;
    }
    assert_eq!(carry, 0, "S + L still has 32 bytes");
    assert_eq!(key.verifying().verify_raw(b"m", &signature), Err(KeyError::Signature));
}

#[test]
fn a_small_order_r_is_refused_even_where_the_equation_holds() {
    let key = people::key("small r");
    for point in encodings_of_small_points() {
        let signature = with_r(&key, b"m", Scalar::ZERO, point);
        assert_eq!(key.verifying().verify_raw(b"m", &signature), Err(KeyError::Signature));
    }
    let holds = with_r(&key, b"m", Scalar::ZERO, EdwardsPoint::identity().compress().to_bytes());
    let lenient = ED25519_BASEPOINT_POINT
        * Scalar::from_canonical_bytes(holds.s).into_option().expect("canonical");
    let right = challenge(&holds.r, &key.public().0, b"m") * scalar(&key);
    assert_eq!(lenient, ED25519_BASEPOINT_POINT * right, "only strictness refuses this one");
}

#[test]
fn an_r_with_a_torsion_part_is_refused() {
    let key = people::key("torsion r");
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        let signature = bent(&key, b"m", Scalar::from(11_u8), *torsion);
        let verdict = key.verifying().verify_raw(b"m", &signature);
        assert_eq!(verdict.is_ok(), i == 0, "torsion point {i}");
    }
}

#[test]
fn keys_with_a_torsion_part_are_refused() {
    let public = ED25519_BASEPOINT_POINT * scalar(&people::key("torsion key"));
    for (i, torsion) in EIGHT_TORSION.iter().enumerate() {
        let key = PublicKey((public + torsion).compress().to_bytes());
        assert_eq!(key.check().is_ok(), i == 0, "torsion point {i}");
    }
}

#[test]
fn keys_of_small_order_are_refused() {
    for point in encodings_of_small_points() {
        assert_eq!(PublicKey(point).check(), Err(KeyError::Key), "{point:02x?}");
    }
}

/// The field has 19 values of y with a second encoding below 2^255; each with either sign. None is a key.
#[test]
fn keys_in_a_second_encoding_are_refused() {
    let mut decoded = 0;
    for low in 0xed..=0xff_u8 {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            decoded += usize::from(CompressedEdwardsY(bytes).decompress().is_some());
            assert_eq!(PublicKey(bytes).check(), Err(KeyError::Key), "{bytes:02x?}");
        }
    }
    assert!(decoded > 0, "the curve's own library reads some of these as points");
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    let refused = (0_u8..=255).filter(|low| {
        let mut bytes = people::seed("no point");
        bytes[0] = *low;
        PublicKey(bytes).check().is_err()
    });
    assert!(refused.count() > 200, "half are no points, most others have a torsion part");
    assert_eq!(PublicKey([0; 32]).check(), Err(KeyError::Key));
}

/// The eight points of small order, each in every encoding that some library reads.
fn encodings_of_small_points() -> Vec<[u8; 32]> {
    let mut all: Vec<[u8; 32]> = EIGHT_TORSION.iter().map(|p| p.compress().to_bytes()).collect();
    assert_eq!(all.len(), 8);
    let mut one = [0; 32];
    one[0] = 1;
    one[31] = 0x80;
    let mut minus_one = EIGHT_TORSION[4].compress().to_bytes();
    minus_one[31] ^= 0x80;
    all.extend([one, minus_one]);
    for low in [0xed, 0xee] {
        for high in [0x7f, 0xff] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            all.push(bytes);
        }
    }
    all
}
