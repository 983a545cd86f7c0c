//! Evidence that a log key signed two histories: made from two heads, checked by anybody from its own
//! bytes. Silence is never evidence; a correct home, whatever crashes it suffers, can never be convicted.

use proto::{
    checkpoint::Checkpoint, codec::Bytes, evidence::Evidence, founding::VerifiedFounding,
    hash::Hash,
};

use crate::{
    proof::{ProofError, check_checkpoint, verify_founding},
    tree::fold_opening,
};

/// Why bytes convict nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The founding record or the heads' origins do not fit.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The heads are of different incarnations, or in the wrong order.
    #[error("the heads are not two of one incarnation, in order")]
    Order,
    /// The heads do not contradict one another.
    #[error("the heads do not contradict one another")]
    Consistent,
    /// The opening is not one of the larger tree.
    #[error("the opening is not one of the larger tree")]
    Opening,
}

/// Evidence that was checked; only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    founding: VerifiedFounding,
    evidence: Evidence,
}

impl Conviction {
    /// Returns the cité whose log key signed two histories.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns the evidence.
    pub const fn evidence(&self) -> &Evidence {
        &self.evidence
    }
}

/// Returns the evidence that two heads of one size and different roots make (E1), or `None` when they
/// do not contradict one another.
pub fn same_size(founding: &[u8], a: Checkpoint, b: Checkpoint) -> Option<Evidence> {
    let contradict =
        a.origin == b.origin && a.head.size == b.head.size && a.head.root != b.head.root;
    let (first, second) = if a.head.root < b.head.root { (a, b) } else { (b, a) };
    contradict.then(|| Evidence::SameSize {
        founding: Bytes::from(founding.to_vec()),
        first,
        second,
    })
}

/// Returns the evidence that two heads of different sizes make with an opening of the larger tree
/// (E2). Whether it convicts is for [`verify`] to say.
pub fn inconsistent(
    founding: &[u8],
    smaller: Checkpoint,
    larger: Checkpoint,
    opening: Vec<Hash>,
) -> Evidence {
    Evidence::Inconsistent { founding: Bytes::from(founding.to_vec()), smaller, larger, opening }
}

/// Checks evidence from nothing but its bytes.
///
/// # Errors
/// [`EvidenceError`].
pub fn verify(evidence: &Evidence) -> Result<Conviction, EvidenceError> {
    let founding = verify_founding(evidence.founding())?;
    let (a, b) = evidence.heads();
    for checkpoint in [a, b] {
        check_checkpoint(&founding, checkpoint)?;
    }
    if a.origin != b.origin {
        return Err(EvidenceError::Order);
    }
    match evidence {
        Evidence::SameSize { .. } => {
            if a.head.size != b.head.size || a.head.root > b.head.root {
                return Err(EvidenceError::Order);
            }
            if a.head.root == b.head.root {
                return Err(EvidenceError::Consistent);
            }
        }
        Evidence::Inconsistent { opening, .. } => {
            if a.head.size >= b.head.size || a.head.size == 0 {
                return Err(EvidenceError::Order);
            }
            let (below, whole) =
                fold_opening(a.head.size, b.head.size, opening).ok_or(EvidenceError::Opening)?;
            if whole != b.head.root {
                return Err(EvidenceError::Opening);
            }
            if below == a.head.root {
                return Err(EvidenceError::Consistent);
            }
        }
    }
    Ok(Conviction { founding, evidence: evidence.clone() })
}
