//! Certificates: a checkpoint with enough cosignatures, and proofs that rest on one.
//! Verifying paths is the ledger's affair; this file checks who signed.

use serde::{Deserialize, Serialize};

use crate::{
    act::{Mirror, MirrorSet},
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical, CodecError, at_most},
    entry::ENTRY_MAX,
    founding::SignedFounding,
    hash::Hash,
    keys::{KeyError, VerifyingKey},
};

/// A checkpoint with cosignatures, as received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Certificate {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// In rising order of their mirrors, each once; at most two mirror sets together.
    pub cosignatures: Vec<Cosignature>,
}

/// Why a certificate does not certify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The log key did not sign the checkpoint, or a mirror did not sign what it is said to.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A cosignature by a cité that is no mirror of this log.
    #[error("cosigned by a cité that is not a mirror of this log")]
    Stranger,
    /// Fewer cosignatures than the quorum.
    #[error("{have} cosignatures of the {need} needed")]
    Quorum {
        /// Cosignatures of the set.
        have: usize,
        /// The set's quorum.
        need: usize,
    },
}

impl Certificate {
    /// Most cosignatures in one certificate: the mirrors in force and those that replace them.
    pub const COSIGNATURES_MAX: usize = 2 * MirrorSet::MIRRORS_MAX;

    /// Returns the certificate as one that the log key and a quorum of `sets` (the one in force and,
    /// while there is one, the pending one) signed.
    ///
    /// # Errors
    /// [`CertificateError`]. Which log the checkpoint is of is for the caller to compare.
    pub fn verify(
        &self,
        log_key: &VerifyingKey,
        sets: &[&MirrorSet],
    ) -> Result<VerifiedCertificate, CertificateError> {
        self.checkpoint.verify(log_key)?;
        let mut signed = Vec::with_capacity(self.cosignatures.len());
        for cosignature in &self.cosignatures {
            signed.push(self.signed_with(cosignature, sets)?);
        }
        for set in sets {
            let need = set.quorum();
            // Mirrors are counted, not cosignatures: one that stands twice counts once.
            let have = set.mirrors.iter().filter(|m| signed.contains(m)).count();
            if have < need {
                return Err(CertificateError::Quorum { have, need });
            }
        }
        if self.cosignatures.is_empty() {
            return Err(CertificateError::Quorum { have: 0, need: 1 });
        }
        Ok(VerifiedCertificate { certificate: self.clone(), signers: signed })
    }

    /// Returns the mirror, with the key that made the cosignature: a cité whose key changes between
    /// two sets counts only for the set that has the key it signed with.
    fn signed_with(
        &self,
        cosignature: &Cosignature,
        sets: &[&MirrorSet],
    ) -> Result<Mirror, CertificateError> {
        let mut refused = CertificateError::Stranger;
        for key in sets.iter().filter_map(|set| set.key_of(&cosignature.mirror)) {
            match cosignature.verify(&self.checkpoint, &key.check()?) {
                Ok(()) => {
                    return Ok(Mirror { cite: cosignature.mirror, key });
                }
                Err(error) => refused = error.into(),
            }
        }
        Err(refused)
    }
}

impl Canonical for Certificate {
    const NAME: &'static str = "certificate";
    const MAX: usize = 2_048;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.cosignatures.len(), Self::COSIGNATURES_MAX)?;
        let in_order = self.cosignatures.is_sorted_by(|a, b| a.mirror < b.mirror);
        if in_order { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}

/// A certificate whose signatures were verified; only [`Certificate::verify`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedCertificate {
    certificate: Certificate,
    signers: Vec<Mirror>,
}

impl VerifiedCertificate {
    /// Returns the certificate.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Returns the checkpoint that is certified.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.certificate.checkpoint
    }

    /// Returns who cosigned, each with the key that made the cosignature: whoever trusts a mirror trusts a key, and
    /// two sets may name a cité with two keys.
    pub fn signers(&self) -> &[Mirror] {
        &self.signers
    }
}

/// Proof that a leaf of the state tree stands under a state root.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StateProof {
    /// The leaf's bytes.
    pub leaf: Bytes,
    /// Its place.
    pub index: u64,
    /// Number of leaves of the tree.
    pub leaves: u64,
    /// Siblings from the leaf to the root.
    pub path: Vec<Hash>,
}

impl StateProof {
    /// Most bytes of a slot.
    pub const LEAF_MAX: usize = 4_096;
    /// Most bytes in the codec's form: the slot, its path, four numbers.
    pub const BYTES_MAX: usize = Self::LEAF_MAX + 32 * PATH_MAX + 32;

    /// Checks the lengths of slot and path.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn bounds(&self, what: &'static str) -> Result<(), CodecError> {
        at_most(what, self.leaf.len(), Self::LEAF_MAX)?;
        at_most(what, self.path.len(), PATH_MAX)
    }
}

/// Longest path in a tree of at most 2^63 leaves.
pub const PATH_MAX: usize = 63;

/// Everything that shows, to somebody who trusts neither log nor messenger, that an entry of another
/// cité's log is committed: entry and path; the seal that is the last leaf of the certified tree, and
/// its path; the certificate; the mirrors in force under that seal; the founding record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryProof {
    /// Signed founding record of the log's cité.
    pub founding: Bytes,
    /// The entry's bytes.
    pub entry: Bytes,
    /// Its leaf.
    pub leaf: u64,
    /// Its path in the certified tree.
    pub path: Vec<Hash>,
    /// Bytes of the last leaf of the certified tree: a seal.
    pub seal: Bytes,
    /// Its path.
    pub seal_path: Vec<Hash>,
    /// The certificate.
    pub certificate: Certificate,
    /// Keys and mirrors in force, under the seal's state root.
    pub mirrors: StateProof,
}

impl Canonical for EntryProof {
    const NAME: &'static str = "proof of an entry";
    // Entry and seal, three paths, certificate, record, mirrors; far less in practice (about 2 KiB).
    const MAX: usize = 15 * 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.founding.len(), SignedFounding::MAX)?;
        at_most(Self::NAME, self.entry.len(), ENTRY_MAX)?;
        at_most(Self::NAME, self.seal.len(), ENTRY_MAX)?;
        at_most(Self::NAME, self.path.len(), PATH_MAX)?;
        at_most(Self::NAME, self.seal_path.len(), PATH_MAX)?;
        self.mirrors.bounds(Self::NAME)?;
        self.certificate.bounds()
    }
}
