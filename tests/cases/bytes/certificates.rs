//! How many mirrors make a certificate, who counts, and who does not.

use harness::{people, people::House, vectors};
use proto::{
    act::{Mirror, MirrorSet},
    certificate::{Certificate, CertificateError},
    checkpoint::{Checkpoint, Cosignature},
    codec::{Canonical as _, CodecError},
    keys::{KeyError, SigningKey},
};

/// Returns `n` cités in rising order of identity.
fn houses(n: usize) -> Vec<House> {
    let mut houses: Vec<House> =
        (0..n).map(|i| House::new(&format!("mirror-{i}"), "Un témoin", "Ailleurs", 1, 1)).collect();
    houses.sort_by_key(|house| house.id);
    houses
}

fn set(houses: &[House]) -> MirrorSet {
    MirrorSet { mirrors: houses.iter().map(House::as_mirror).collect() }
}

fn certificate(checkpoint: Checkpoint, houses: &[House]) -> Certificate {
    Certificate {
        checkpoint,
        cosignatures: houses
            .iter()
            .map(|house| cosigned(&checkpoint, house, &house.mirror))
            .collect(),
    }
}

fn cosigned(checkpoint: &Checkpoint, house: &House, key: &SigningKey) -> Cosignature {
    Cosignature::sign(checkpoint, house.id, 1_795_392_000, key)
}

/// Invariant C15.
#[test]
fn quorums_of_zero_to_seven_mirrors() {
    let houses = houses(7);
    let quorums: Vec<usize> = (0..=7).map(|n| set(&houses[..n]).quorum()).collect();
    assert_eq!(quorums, [0, 1, 2, 2, 3, 4, 4, 5]);
    for (n, q) in quorums.into_iter().enumerate().skip(1) {
        let faulty = (n - 1) / 3;
        assert!(2 * q > n + faulty, "two quorums of {n} share an honest mirror");
        assert!(q <= n - faulty, "the honest ones among {n} suffice");
    }
}

#[test]
fn a_quorum_certifies_and_one_less_does_not() {
    let log = vectors::example_log();
    let key = log.house.log.verifying();
    let houses = houses(7);
    for n in 1..=7 {
        let set = set(&houses[..n]);
        let need = set.quorum();
        let enough = certificate(log.first, &houses[..need]);
        assert!(enough.verify(&key, &[&set]).is_ok(), "{need} of {n}");
        let short = certificate(log.first, &houses[..need - 1]);
        let have = need - 1;
        let needed = need.max(1);
        let refused = short.verify(&key, &[&set]).map(|_| ());
        assert_eq!(refused, Err(CertificateError::Quorum { have, need: needed }));
    }
}

#[test]
fn without_mirrors_nothing_is_certified() {
    let log = vectors::example_log();
    let nobody = MirrorSet::default();
    let bare = certificate(log.first, &[]);
    let refused = bare.verify(&log.house.log.verifying(), &[&nobody]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Quorum { have: 0, need: 1 }));
}

#[test]
fn a_mirror_that_stands_twice_counts_once() {
    let log = vectors::example_log();
    let houses = houses(3);
    let mut doubled = certificate(log.first, &houses[..1]);
    doubled.cosignatures.push(doubled.cosignatures[0]);
    let refused = doubled.verify(&log.house.log.verifying(), &[&set(&houses)]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Quorum { have: 1, need: 2 }));
    let read = Certificate::decode(&doubled.encode());
    assert_eq!(read, Err(CodecError::OutOfBounds("certificate")));
}

#[test]
fn strangers_and_forgers_spoil_a_certificate() {
    let log = vectors::example_log();
    let key = log.house.log.verifying();
    let houses = houses(4);
    let three = set(&houses[..3]);
    let stranger = certificate(log.first, &houses);
    assert_eq!(stranger.verify(&key, &[&three]).map(|_| ()), Err(CertificateError::Stranger));
    let mut forged = certificate(log.first, &houses[..3]);
    forged.cosignatures[2] = cosigned(&log.first, &houses[2], &houses[3].mirror);
    let refused = forged.verify(&key, &[&three]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Key(KeyError::Signature)));
    let mut moved = certificate(log.first, &houses[..3]);
    moved.cosignatures[0].time_s += 1;
    let refused = moved.verify(&key, &[&three]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Key(KeyError::Signature)));
    let other = certificate(log.certificate.checkpoint, &houses[..3]);
    let mut swapped = certificate(log.first, &houses[..3]);
    swapped.cosignatures = other.cosignatures;
    assert!(swapped.verify(&key, &[&three]).is_err(), "cosignatures of another checkpoint");
    let wrong_log = certificate(log.first, &houses[..3]);
    let refused = wrong_log.verify(&houses[0].log.verifying(), &[&three]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Key(KeyError::Signature)));
}

/// Invariant C1.
#[test]
fn while_a_set_is_pending_both_must_have_their_quorum() {
    let log = vectors::example_log();
    let key = log.house.log.verifying();
    let houses = houses(6);
    let (old, new) = (set(&houses[..3]), set(&houses[3..]));
    let only_old = certificate(log.first, &houses[..3]);
    let refused = only_old.verify(&key, &[&old, &new]).map(|_| ());
    assert_eq!(refused, Err(CertificateError::Quorum { have: 0, need: 2 }));
    assert!(certificate(log.first, &houses[1..5]).verify(&key, &[&old, &new]).is_ok());
}

/// A log can name a cité that others trust with a key of its own in the pending set, beside the true one in force:
/// the certificate holds, and yet the true key signed nothing.
#[test]
fn who_signed_is_a_key_and_not_a_name() {
    let log = vectors::example_log();
    let houses = houses(3);
    let made_up = people::key("a key that the log made up");
    let named = Mirror { cite: houses[2].id, key: made_up.public() };
    let (current, pending) = (set(&houses), MirrorSet { mirrors: vec![named] });
    let mut certificate = certificate(log.first, &houses[..2]);
    certificate.cosignatures.push(cosigned(&log.first, &houses[2], &made_up));
    let verified = certificate.verify(&log.house.log.verifying(), &[&current, &pending]);
    let signers = verified.expect("two of three, and one of one").signers().to_vec();
    assert!(signers.contains(&named));
    assert!(!signers.contains(&houses[2].as_mirror()), "that key signed nothing");
}

/// A mirror whose key is replaced stands in both sets with different keys; its old key must not make
/// up the quorum of the new set, nor its new key that of the old.
#[test]
fn a_replaced_key_counts_only_for_the_set_that_has_it() {
    let log = vectors::example_log();
    let key = log.house.log.verifying();
    let houses = houses(1);
    let replaced = people::key("replaced mirror key");
    let old = set(&houses);
    let new = MirrorSet { mirrors: vec![Mirror { cite: houses[0].id, key: replaced.public() }] };
    let short = Err(CertificateError::Quorum { have: 0, need: 1 });
    for signer in [&houses[0].mirror, &replaced] {
        let certificate = Certificate {
            checkpoint: log.first,
            cosignatures: vec![cosigned(&log.first, &houses[0], signer)],
        };
        assert_eq!(certificate.verify(&key, &[&old, &new]).map(|_| ()), short);
        let alone = if signer.public() == replaced.public() { &new } else { &old };
        assert!(certificate.verify(&key, &[alone]).is_ok());
    }
}
