//! Whether a node's "recorded" is true: the entry holds exactly our order, its path leads to the root of a
//! checkpoint, and the checkpoint is signed by the log key that the wallet pinned. Believes nobody.

use ledger::proof::{check_checkpoint, check_path};
use proto::{
    desk::Receipt,
    entry::{Entry, Payload},
    founding::VerifiedFounding,
    ids::OrderId,
};

use crate::{codes, error::Failure, language::Text, text};

/// Why a receipt proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The entry is unreadable, or holds another order than ours.
    #[error("the entry does not hold this order")]
    Entry,
    /// The path does not lead to the checkpoint's root.
    #[error("the path does not lead to the root")]
    Path,
    /// The checkpoint is of another log, or not signed by the pinned key.
    #[error("the checkpoint is not the home's")]
    Checkpoint,
}

impl ReceiptError {
    fn part(self) -> Text {
        match self {
            Self::Entry => text!("proof-entry"),
            Self::Path => text!("receipt-path"),
            Self::Checkpoint => text!("proof-checkpoint"),
        }
    }

    /// Returns what to tell the person: P0311.
    pub fn failure(self) -> Failure {
        Failure::new(codes::PROOF_FAILED, text!("reply-proof", part = self.part()))
            .because(text!("reply-not-kept"))
    }
}

/// Succeeds if `receipt` proves that the order `id` is in the log of `home`.
pub fn verify(receipt: &Receipt, id: OrderId, home: &VerifiedFounding) -> Result<(), ReceiptError> {
    let entry = Entry::decode(&receipt.entry).map_err(|_| ReceiptError::Entry)?;
    let held = match &entry.payload {
        Payload::Order(order) | Payload::Export { order, .. } => order.id(),
        _ => return Err(ReceiptError::Entry),
    };
    if held != id {
        return Err(ReceiptError::Entry);
    }
    let checkpoint = &receipt.checkpoint;
    // What older keys sign counts for nothing since the root named newer ones: they may be stolen.
    if checkpoint.origin.incarnation != home.incarnation() {
        return Err(ReceiptError::Checkpoint);
    }
    check_checkpoint(home, checkpoint).map_err(|_| ReceiptError::Checkpoint)?;
    check_path(&receipt.entry, receipt.leaf, &receipt.path, &checkpoint.head)
        .map_err(|_| ReceiptError::Path)
}

#[cfg(test)]
mod tests {
    use proto::{
        checkpoint::{Checkpoint, Origin},
        codec::Bytes,
        desk::{Receipt, Standing},
        entry::{Entry, Payload},
        hash::{Hash, tree_leaf, tree_node},
        ids::OrderId,
        order::Head,
        time::UnixMillis,
    };

    use super::{ReceiptError, verify};
    use crate::wallet::tests::{home, home_at, join_of, key};

    fn receipt(id_seed: u8) -> (Receipt, OrderId) {
        let order = join_of(&home(), id_seed);
        let id = order.id();
        let entry = Entry { time: UnixMillis(5), payload: Payload::Order(order) }.encode();
        let before = Hash([3; 32]);
        let root = tree_node(&before, &tree_leaf(&entry));
        let founding = home().verify().expect("it is well signed");
        let origin = Origin { network: founding.network(), cite: founding.cite(), incarnation: 0 };
        let checkpoint = Checkpoint::sign(origin, Head { size: 2, root }, &key(2));
        let receipt = Receipt {
            entry: Bytes::from(entry),
            leaf: 1,
            path: vec![before],
            checkpoint,
            cosignatures: Vec::new(),
            standing: Standing::Recorded,
        };
        (receipt, id)
    }

    #[test]
    fn who_knows_newer_keys_believes_no_older_ones() {
        let (old, id) = receipt(6);
        let Checkpoint { origin, head, .. } = old.checkpoint;
        let new = Checkpoint::sign(Origin { incarnation: 1, ..origin }, head, &key(21));
        let new = Receipt { checkpoint: new, ..old.clone() };
        let [before, after] = [home(), home_at(1, 1)].map(|home| home.verify().expect("signed"));
        assert_eq!(verify(&new, id, &before), Err(ReceiptError::Checkpoint));
        assert_eq!(verify(&new, id, &after), Ok(()));
        assert_eq!(verify(&old, id, &after), Err(ReceiptError::Checkpoint));
    }

    #[test]
    fn a_true_receipt_is_believed_and_a_changed_one_is_not() {
        let founding = home().verify().expect("it is well signed");
        let (good, id) = receipt(6);
        assert_eq!(verify(&good, id, &founding), Ok(()));
        let (_, other) = receipt(7);
        assert_eq!(verify(&good, other, &founding), Err(ReceiptError::Entry));
        let bad = Receipt { leaf: 0, ..good.clone() };
        assert_eq!(verify(&bad, id, &founding), Err(ReceiptError::Path));
        let bad = Receipt { path: Vec::new(), ..good.clone() };
        assert_eq!(verify(&bad, id, &founding), Err(ReceiptError::Path));
        let mut bad = good.clone();
        bad.checkpoint = Checkpoint::sign(bad.checkpoint.origin, bad.checkpoint.head, &key(77));
        assert_eq!(verify(&bad, id, &founding), Err(ReceiptError::Checkpoint));
        let mut bad = good.clone();
        bad.checkpoint.origin.network.0 = Hash([1; 32]);
        assert_eq!(verify(&bad, id, &founding), Err(ReceiptError::Checkpoint));
        let mut bad = good;
        bad.entry = Bytes::from(vec![0; 4]);
        assert_eq!(verify(&bad, id, &founding), Err(ReceiptError::Entry));
    }
}
