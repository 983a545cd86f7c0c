//! Answers that prove themselves: that an order is in the log, and that a member is in force.

use serde::{Deserialize, Serialize};

use super::Standing;
use crate::{
    certificate::{EntryProof, StateProof},
    checkpoint::{Checkpoint, Cosignature},
    codec::Bytes,
    hash::Hash,
};

/// Proof that an order is in the log. Whoever has an order's bytes may send it again, and they go round: to
/// mirrors, and with the hours to the other cité. So it says nothing of the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The entry's bytes.
    pub entry: Bytes,
    /// Its leaf.
    pub leaf: u64,
    /// Its path under the checkpoint.
    pub path: Vec<Hash>,
    /// A checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// Cosignatures of that checkpoint, if any came in already.
    pub cosignatures: Vec<Cosignature>,
    /// How far it has come.
    pub standing: Standing,
}

/// A carte pirate in its long form: the admission, and the member as the log's state has it under the
/// seal that ends the tree, both below one checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardProof {
    /// The steward's signed act, where the entry that is proved is the approval that completed it.
    pub act: Option<Bytes>,
    /// The proof of the entry.
    pub witness: CardWitness,
    /// The member, under the state root of that proof's seal. The hours stand in another slot, which is not shown.
    pub member: StateProof,
}

/// What vouches for a card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CardWitness {
    /// Mirrors certified it.
    Certified(Box<EntryProof>),
    /// The log has no mirrors, or they have not certified it yet: only the home's own word.
    HomeOnly {
        /// Signed founding record.
        founding: Bytes,
        /// The entry.
        entry: Bytes,
        /// Its leaf.
        leaf: u64,
        /// Its path.
        path: Vec<Hash>,
        /// Bytes of the last leaf below the checkpoint: a seal.
        seal: Bytes,
        /// Its path.
        seal_path: Vec<Hash>,
        /// The home's checkpoint.
        checkpoint: Box<Checkpoint>,
    },
}

impl CardProof {
    /// Human-readable part of the text form's first line.
    pub const HEADING: &'static str = "pirate-card/1";
}
