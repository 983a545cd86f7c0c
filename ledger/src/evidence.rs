//! Evidence: made from what a key signed, checked by anybody from its own bytes. Silence is never evidence; a correct
//! home, whatever crashes it suffers, can never be convicted, nor can a correct mirror or member.

use core::cmp::Ordering;

use proto::{
    checkpoint::{Checkpoint, Origin},
    codec::Bytes,
    entry::{Entry, Payload, number},
    evidence::{CosignedHead, Evidence, Party},
    founding::VerifiedFounding,
    hash::Hash,
    keys::VerifyingKey,
    order::{Head, MemberRecord},
    resume::SignedFence,
};

use crate::{
    proof::{ProofError, check_checkpoint, check_path, verify_founding},
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
    /// An honest key may have signed all of it.
    #[error("an honest key may have signed all of it")]
    Consistent,
    /// The opening is not one of the larger tree.
    #[error("the opening is not one of the larger tree")]
    Opening,
}

/// Evidence that was checked; only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conviction {
    founding: VerifiedFounding,
    party: Party,
    evidence: Evidence,
}

impl Conviction {
    /// Returns the founding record that binds the key.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns whose key is convicted.
    pub const fn party(&self) -> Party {
        self.party
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

/// Returns the evidence that an entry makes which can stand in no log (E3); `None` when it is too long for any.
/// Whether it convicts is for [`verify`] to say.
pub fn bad_entry(
    founding: &[u8],
    head: Checkpoint,
    leaf: u64,
    entry: &[u8],
    path: Vec<Hash>,
    record: Option<MemberRecord>,
) -> Option<Evidence> {
    let fits = entry.len() <= Evidence::ENTRY_MAX && path.len() <= Evidence::PATH_MAX;
    let founding = Bytes::from(founding.to_vec());
    let entry = Bytes::from(entry.to_vec());
    fits.then_some(Evidence::BadEntry { founding, head, leaf, entry, path, record })
}

/// Returns the evidence that two heads make which one mirror cosigned (E4), the one of the smaller tree first.
/// Whether it convicts is for [`verify`] to say.
pub fn two_cosigned(
    record: &VerifiedFounding,
    founding: &[u8],
    log: Origin,
    heads: [CosignedHead; 2],
    opening: Vec<Hash>,
) -> Option<Evidence> {
    let [mut first, mut second] = heads;
    if first.head.size == second.head.size && first.head.root > second.head.root {
        (first, second) = (second, first);
    }
    let incarnation = signer(record, |key| first.verify(&log, key).is_ok())?;
    let founding = Bytes::from(founding.to_vec());
    Some(Evidence::TwoCosigned { founding, incarnation, log, first, second, opening })
}

/// Returns the evidence that a promise makes with what its mirror cosigned all the same (E5). Whether it convicts is
/// for [`verify`] to say.
pub fn after_fence(
    record: &VerifiedFounding,
    founding: &[u8],
    fence: SignedFence,
    cosigned: CosignedHead,
) -> Option<Evidence> {
    let network = record.network();
    let incarnation = signer(record, |key| fence.verify(&network, key).is_ok())?;
    let founding = Bytes::from(founding.to_vec());
    Some(Evidence::AfterFence { founding, incarnation, fence, cosigned })
}

/// Returns the incarnation whose mirror key signed something.
fn signer(record: &VerifiedFounding, signed: impl Fn(&VerifyingKey) -> bool) -> Option<u32> {
    [record.incarnation(), 0].into_iter().find(|incarnation| {
        let keys = record.keys_at(*incarnation);
        keys.and_then(|keys| keys.mirror.check().ok()).is_some_and(|key| signed(&key))
    })
}

/// Checks evidence from nothing but its bytes.
///
/// # Errors
/// [`EvidenceError`].
pub fn verify(evidence: &Evidence) -> Result<Conviction, EvidenceError> {
    let founding = verify_founding(evidence.founding())?;
    let incarnation = evidence.incarnation();
    let keys = founding.keys_at(incarnation).ok_or(ProofError::Incarnation(incarnation))?;
    let mirror_key = keys.mirror.check().map_err(ProofError::Founding)?;
    match evidence {
        Evidence::SameSize { first, second, .. } => {
            check_heads(&founding, first, second)?;
            check_inconsistent(&first.head, &second.head, &[])?;
        }
        Evidence::Inconsistent { smaller, larger, opening, .. } => {
            check_heads(&founding, smaller, larger)?;
            if smaller.head.size >= larger.head.size {
                return Err(EvidenceError::Order);
            }
            check_inconsistent(&smaller.head, &larger.head, opening)?;
        }
        Evidence::BadEntry { head, leaf, entry, path, record, .. } => {
            check_checkpoint(&founding, head)?;
            check_path(entry, *leaf, path, &head.head)?;
            check_entry(&head.origin, &head.head, *leaf, entry, record.as_ref())?;
        }
        Evidence::TwoCosigned { log, first, second, opening, .. } => {
            for cosigned in [first, second] {
                cosigned.verify(log, &mirror_key).map_err(ProofError::Checkpoint)?;
            }
            if log.network != founding.network() {
                return Err(ProofError::OtherLog.into());
            }
            check_inconsistent(&first.head, &second.head, opening)?;
        }
        Evidence::AfterFence { fence, cosigned, .. } => {
            if fence.fence.mirror != founding.cite() {
                return Err(ProofError::OtherLog.into());
            }
            check_after(&founding, fence, cosigned, &mirror_key)?;
        }
    }
    let party = evidence.party().ok_or(ProofError::Incarnation(incarnation))?;
    Ok(Conviction { founding, party, evidence: evidence.clone() })
}

/// Checks that the log key of a cité signed two heads of one incarnation.
fn check_heads(
    founding: &VerifiedFounding,
    a: &Checkpoint,
    b: &Checkpoint,
) -> Result<(), EvidenceError> {
    for checkpoint in [a, b] {
        check_checkpoint(founding, checkpoint)?;
    }
    if a.origin == b.origin { Ok(()) } else { Err(EvidenceError::Order) }
}

/// Checks that no log has both heads: two roots at one size, or an opening of the larger tree that gives another
/// root at the smaller size.
fn check_inconsistent(a: &Head, b: &Head, opening: &[Hash]) -> Result<(), EvidenceError> {
    if a.size == b.size && opening.is_empty() {
        return match a.root.cmp(&b.root) {
            Ordering::Less => Ok(()),
            Ordering::Equal => Err(EvidenceError::Consistent),
            Ordering::Greater => Err(EvidenceError::Order),
        };
    }
    if a.size >= b.size || a.size == 0 {
        return Err(EvidenceError::Order);
    }
    let (below, whole) = fold_opening(a.size, b.size, opening).ok_or(EvidenceError::Opening)?;
    if whole != b.root {
        return Err(EvidenceError::Opening);
    }
    if below == a.root {
        return Err(EvidenceError::Consistent);
    }
    Ok(())
}

/// Checks that an entry can stand at a leaf of no log, whatever stands before it: the last one under a checkpoint is
/// no seal, an order is for another log, or its author never signed it. Only what every version of the rules refuses
/// is here: a home that knows later kinds of entries must not be convicted for one of them.
fn check_entry(
    origin: &Origin,
    head: &Head,
    leaf: u64,
    entry: &[u8],
    record: Option<&MemberRecord>,
) -> Result<(), EvidenceError> {
    let is_last = leaf.checked_add(1) == Some(head.size);
    if is_last && Entry::kind_of(entry) != Some(number::SEAL) {
        return Ok(());
    }
    let order = match Entry::decode(entry) {
        Ok(Entry { payload: Payload::Order(order) | Payload::Export { order, .. }, .. }) => order,
        _ => return Err(EvidenceError::Consistent),
    };
    let said = order.order();
    if (said.network, said.home) != (origin.network, origin.cite) {
        return Ok(());
    }
    // The member is the digest of the record, and the first key set is in it: nothing else binds lane 0 of it.
    let of_record =
        record.filter(|record| said.author == record.id() && (said.epoch, said.lane) == (0, 0));
    let key = of_record.and_then(MemberRecord::device_key).and_then(|key| key.check().ok());
    match key.map(|key| order.verify(&key)) {
        Some(Err(_)) => Ok(()),
        Some(Ok(_)) | None => Err(EvidenceError::Consistent),
    }
}

/// Checks that a mirror cosigned more of the incarnation before its promise than the promise says that it held. Its
/// record of what it cosigned is durable before each cosignature, and only a resume of the next incarnation takes it
/// back, behind which no promise for that one is given: so an honest mirror has signed no such two.
fn check_after(
    founding: &VerifiedFounding,
    fence: &SignedFence,
    cosigned: &CosignedHead,
    key: &VerifyingKey,
) -> Result<(), EvidenceError> {
    let network = founding.network();
    let said = &fence.fence;
    let incarnation = said.below.checked_sub(1).ok_or(EvidenceError::Order)?;
    let log = Origin { network, cite: said.cite, incarnation };
    fence.verify(&network, key).map_err(ProofError::Checkpoint)?;
    cosigned.verify(&log, key).map_err(ProofError::Checkpoint)?;
    let held = said.held.map(|held| (held.incarnation, held.head.size));
    if Some((incarnation, cosigned.head.size)) > held {
        Ok(())
    } else {
        Err(EvidenceError::Consistent)
    }
}
