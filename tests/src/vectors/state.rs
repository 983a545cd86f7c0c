//! Vectors of the state: every slot at a few places of the example log, proofs of single slots, and the
//! proof of an entry as an importing home keeps it.

use ledger::{
    bundle::Witnessed,
    fold::Fold,
    keybook::KeyBook,
    replay,
    state::{MIRRORS, State},
};
use proto::{
    certificate::{Certificate, StateProof},
    codec::Canonical as _,
};

use super::{
    Vector,
    log::{ExampleLog, example_log},
    story::story,
};

/// Entries before which the state is shown, and why.
const SHOWN: [(&str, &str); 4] = [
    ("order-approve", "An act waits for a second steward"),
    ("seal-5", "The act took effect, and a used request stands in its slot"),
    ("seal-7", "Two transfers to the boatmen are open"),
    ("seal-11", "One transfer came back, the other arrived: their slots are vacant"),
];

pub(super) fn vectors() -> Vec<Vector> {
    let log = example_log();
    let mut vectors: Vec<Vector> = SHOWN
        .into_iter()
        .map(|(before, about)| {
            let leaf = log.leaf(before);
            slots(format!("state/before-{leaf:02}-{before}"), about, &mut state_before(&log, leaf))
        })
        .collect();
    let last = u64::try_from(log.entries.len() - 1).expect("a handful of leaves");
    let mut state = state_before(&log, last);
    for (name, slot) in [("mirrors", MIRRORS), ("alice", 4)] {
        vectors.push(proof(name, slot, &mut state, &log.certificate));
    }
    vectors.push(entry_proof());
    vectors
}

/// Returns the state that a log's entries below a leaf lead to.
fn state_before(log: &ExampleLog, leaf: u64) -> State {
    let (mut book, mut fold) = (KeyBook::default(), Fold::default());
    let below = &log.leaves()[..usize::try_from(leaf).expect("a handful of leaves")];
    let prepared = replay::prepare(&mut book, below);
    replay::fold(&mut fold, prepared).expect("homes write what the rules allow");
    fold.state().clone()
}

fn slots(name: String, about: &str, state: &mut State) -> Vector {
    let root = state.root();
    let count = state.prove(0).map_or(0, |proof| proof.leaves);
    let vector = Vector::new(name, about).hex("root", root.as_bytes());
    (0..count).fold(vector, |vector, slot| {
        let at = usize::try_from(slot).expect("a handful of slots");
        // A vacant slot has no bytes.
        let bytes = state.prove(at).map(|proof| proof.leaf.to_vec()).unwrap_or_default();
        vector.hex(format!("slot_{slot}"), &bytes)
    })
}

fn proof(name: &str, slot: usize, state: &mut State, certificate: &Certificate) -> Vector {
    let proof = state.prove(slot).expect("the slot is taken");
    let joined: Vec<u8> = proof.path.iter().flat_map(|hash| hash.0).collect();
    Vector::new(
        format!("state-proof/{name}"),
        "A slot under the state root of the example log's last seal",
    )
    .hex("leaf", &proof.leaf)
    .text("index", proof.index.to_string())
    .text("leaves", proof.leaves.to_string())
    .hex("path", &joined)
    .hex("root", state.root().as_bytes())
    .hex("bytes", &encoded(proof, certificate))
}

/// Returns the bytes of a proof, which stands alone nowhere, out of a bundle's section.
fn encoded(proof: StateProof, certificate: &Certificate) -> Vec<u8> {
    let before = certificate.encode().len() + 1;
    let witnessed = Witnessed { certificate: certificate.clone(), mirrors: Some(proof) };
    witnessed.encode().split_off(before)
}

fn entry_proof() -> Vector {
    let proof = &story().sidecar;
    let joined =
        |path: &[proto::hash::Hash]| -> Vec<u8> { path.iter().flat_map(|hash| hash.0).collect() };
    Vector::new("entry-proof", "The weavers' second payment abroad, as the boatmen keep its proof")
        .hex("founding", &proof.founding)
        .hex("entry", &proof.entry)
        .text("leaf", proof.leaf.to_string())
        .hex("path", &joined(&proof.path))
        .hex("seal", &proof.seal)
        .hex("seal_path", &joined(&proof.seal_path))
        .hex("certificate", &proof.certificate.encode())
        .hex("mirrors", &encoded(proof.mirrors.clone(), &proof.certificate))
        .hex("bytes", &proof.encode())
}
