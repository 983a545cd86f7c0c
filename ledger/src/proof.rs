//! Proofs of entries of other logs: what a mirror, an importer and whoever checks a card believe, and
//! why. Same bytes, same answer everywhere; whom one likes to rely on is decided elsewhere.

use proto::{
    act::Mirror,
    certificate::{CertificateError, EntryProof},
    checkpoint::Checkpoint,
    codec::{Canonical as _, CodecError},
    entry::{Entry, Payload, Seal},
    founding::{SignedFounding, VerifiedFounding},
    hash::tree_leaf,
    keys::{KeyError, VerifyingKey},
    order::Head,
    time::UnixMillis,
};

use crate::{
    object::{MirrorsState, Object},
    state::MIRRORS,
    state_tree::proved_root,
    tree::verify_inclusion,
};

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// A part is not well-formed.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The founding record is not signed by its root keys, or a key is not acceptable.
    #[error("founding record: {0}")]
    Founding(KeyError),
    /// The checkpoint is of another cité or network than the founding record.
    #[error("the checkpoint is of another log")]
    OtherLog,
    /// The checkpoint is of an incarnation whose keys the founding record does not have.
    #[error("the record does not have the keys of incarnation {0}")]
    Incarnation(u32),
    /// The log key did not sign the checkpoint.
    #[error("checkpoint: {0}")]
    Checkpoint(KeyError),
    /// A path does not lead to the root.
    #[error("a path does not lead to the root")]
    Path,
    /// The last leaf of the certified tree is not the seal shown.
    #[error("the last entry is not the seal shown")]
    Seal,
    /// The mirrors shown are not those under the seal's state root.
    #[error("the mirrors shown are not those in force")]
    Mirrors,
    /// The certificate does not certify.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The entry is not yet committed.
    #[error("entry {leaf} is not committed: only {certified_size} entries are named as certified")]
    NotCommitted {
        /// The entry's leaf.
        leaf: u64,
        /// What the certified seal names.
        certified_size: u64,
    },
}

/// An entry of another log that is committed there; only [`verify`] makes one.
#[derive(Clone, Debug)]
pub struct ProvedEntry {
    founding: VerifiedFounding,
    leaf: u64,
    entry: Entry,
    checkpoint: Checkpoint,
    seal: Seal,
    sealed: UnixMillis,
    mirrors: MirrorsState,
    signers: Vec<Mirror>,
}

impl ProvedEntry {
    /// Returns the cité whose log holds the entry.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns the leaf.
    pub const fn leaf(&self) -> u64 {
        self.leaf
    }

    /// Returns the entry.
    pub const fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns the certified checkpoint.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the seal that ends the certified tree.
    pub const fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Returns the time of that seal.
    pub const fn sealed(&self) -> UnixMillis {
        self.sealed
    }

    /// Returns keys and mirrors in force under that checkpoint.
    pub const fn mirrors(&self) -> &MirrorsState {
        &self.mirrors
    }

    /// Returns the mirrors that cosigned, each with the key that it signed with.
    pub fn signers(&self) -> &[Mirror] {
        &self.signers
    }
}

/// Verifies a proof from nothing but its bytes.
///
/// # Errors
/// [`ProofError`].
pub fn verify(proof: &EntryProof) -> Result<ProvedEntry, ProofError> {
    let founding = verify_founding(&proof.founding)?;
    let checkpoint = proof.certificate.checkpoint;
    let log_key = log_key(&founding, &checkpoint)?;
    let head = checkpoint.head;
    let (seal, sealed) = check_seal(&proof.seal, &proof.seal_path, &head)?;
    if proved_root(&proof.mirrors) != Some(seal.state_root) {
        return Err(ProofError::Mirrors);
    }
    let at_mirrors = usize::try_from(proof.mirrors.index) == Ok(MIRRORS);
    let mirrors = match Object::decode(&proof.mirrors.leaf)? {
        Object::Mirrors(mirrors) if at_mirrors => mirrors,
        _ => return Err(ProofError::Mirrors),
    };
    let fits = mirrors.incarnation == checkpoint.origin.incarnation;
    if !fits || mirrors.log_key != log_key.public() {
        return Err(ProofError::Mirrors);
    }
    let certificate = proof.certificate.verify(&log_key, &mirrors.sets())?;
    if proof.leaf >= seal.certified_size {
        let certified_size = seal.certified_size;
        return Err(ProofError::NotCommitted { leaf: proof.leaf, certified_size });
    }
    check_path(&proof.entry, proof.leaf, &proof.path, &head)?;
    Ok(ProvedEntry {
        founding,
        leaf: proof.leaf,
        entry: Entry::decode(&proof.entry)?,
        checkpoint,
        seal,
        sealed,
        mirrors,
        signers: certificate.signers().to_vec(),
    })
}

/// Decodes and verifies a signed founding record.
///
/// # Errors
/// [`ProofError::Codec`], [`ProofError::Founding`].
pub fn verify_founding(bytes: &[u8]) -> Result<VerifiedFounding, ProofError> {
    SignedFounding::decode(bytes)?.verify().map_err(ProofError::Founding)
}

/// Returns the key that has to have signed a checkpoint of a cité's log.
///
/// # Errors
/// [`ProofError::OtherLog`], [`ProofError::Incarnation`].
pub fn log_key(
    founding: &VerifiedFounding,
    checkpoint: &Checkpoint,
) -> Result<VerifyingKey, ProofError> {
    let origin = checkpoint.origin;
    if origin.cite != founding.cite() || origin.network != founding.network() {
        return Err(ProofError::OtherLog);
    }
    let keys =
        founding.keys_at(origin.incarnation).ok_or(ProofError::Incarnation(origin.incarnation))?;
    keys.log.check().map_err(ProofError::Founding)
}

/// Checks that a checkpoint is of the log of a cité, and signed by its log key.
///
/// # Errors
/// [`ProofError::OtherLog`], [`ProofError::Incarnation`], [`ProofError::Checkpoint`].
pub fn check_checkpoint(
    founding: &VerifiedFounding,
    checkpoint: &Checkpoint,
) -> Result<(), ProofError> {
    checkpoint.verify(&log_key(founding, checkpoint)?).map_err(ProofError::Checkpoint)
}

/// Checks that an entry stands at a leaf under a head.
///
/// # Errors
/// [`ProofError::Path`].
pub fn check_path(
    entry: &[u8],
    leaf: u64,
    path: &[proto::hash::Hash],
    head: &Head,
) -> Result<(), ProofError> {
    verify_inclusion(tree_leaf(entry), leaf, head.size, path, head.root)
        .map_err(|_| ProofError::Path)
}

/// Checks that a seal is the last entry under a head; returns it with its time.
///
/// # Errors
/// [`ProofError::Seal`], [`ProofError::Path`], [`ProofError::Codec`].
pub fn check_seal(
    bytes: &[u8],
    path: &[proto::hash::Hash],
    head: &Head,
) -> Result<(Seal, UnixMillis), ProofError> {
    let last = head.size.checked_sub(1).ok_or(ProofError::Seal)?;
    check_path(bytes, last, path, head)?;
    match Entry::decode(bytes)? {
        Entry { time, payload: Payload::Seal(seal) } => Ok((seal, time)),
        _ => Err(ProofError::Seal),
    }
}
