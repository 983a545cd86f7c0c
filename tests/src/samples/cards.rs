//! Samples of cards, whole and short.

use proto::{
    card::{ShortCard, SignedShortCard},
    codec::Canonical as _,
    desk::{CardProof, CardWitness},
    hash::Hash,
};

use super::{Sample, founding, leaf, proof, state_proof};
use crate::{variants::variants_in, vectors};

/// Returns cards with both kinds of witnesses.
pub(super) fn whole() -> Vec<CardProof> {
    let log = vectors::example_log();
    let home_only = CardWitness::HomeOnly {
        founding: founding(),
        entry: leaf(),
        leaf: 1,
        path: vec![Hash([1; 32])],
        seal: leaf(),
        seal_path: vec![Hash([3; 32])],
        checkpoint: Box::new(log.first),
    };
    let certified = CardWitness::Certified(Box::new(proof()));
    vec![
        CardProof { act: None, witness: certified, member: state_proof() },
        CardProof { act: Some(leaf()), witness: home_only, member: state_proof() },
    ]
}

/// Returns a short card with its signature.
pub(super) fn short() -> Sample {
    Sample {
        name: "signed short card".to_owned(),
        bytes: vectors::short_card().bytes().to_vec(),
        max: ShortCard::SIGNED_MAX,
        read: |bytes| {
            let card = SignedShortCard::decode(bytes)?;
            let mut again = card.card().encode();
            again.extend_from_slice(&bytes[bytes.len() - 64..]);
            Ok(again)
        },
        seen: variants_in(vectors::short_card().card()),
    }
}
