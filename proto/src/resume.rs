//! Fence and resume: how a log goes on in another incarnation after its home was lost, restored or robbed of its
//! keys. Mirrors promise to leave the old incarnation alone; a quorum of promises says where the new one begins.
//! Whether they suffice is decided in the ledger.

use serde::{Deserialize, Serialize};

use crate::{
    act::MirrorSet,
    certificate::Certificate,
    checkpoint::{Checkpoint, Origin},
    codec::{Canonical, CodecError, at_most},
    epoch::SignedKeyEpoch,
    ids::{CiteId, NetworkId},
    keys::{KeyError, Purpose, Signature, SigningKey, VerifyingKey},
    order::Head,
};

/// A head of one incarnation that its log key signed: a checkpoint without network and cité, which whoever carries it
/// names anyway.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeldHead {
    /// The incarnation.
    pub incarnation: u32,
    /// Size and root.
    pub head: Head,
    /// The log key's signature over the checkpoint's text.
    pub signature: Signature,
}

impl HeldHead {
    /// Returns what is carried of a checkpoint.
    pub const fn of(checkpoint: &Checkpoint) -> Self {
        let Checkpoint { origin, head, signature } = *checkpoint;
        Self { incarnation: origin.incarnation, head, signature }
    }

    /// Returns the checkpoint of a cité's log.
    pub const fn checkpoint(&self, network: NetworkId, cite: CiteId) -> Checkpoint {
        let origin = Origin { network, cite, incarnation: self.incarnation };
        Checkpoint { origin, head: self.head, signature: self.signature }
    }
}

/// A mirror's promise to cosign no incarnation before `below` any more, and what it holds. Persisted before it is
/// signed, and kept for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Fence {
    /// The cité whose log is fenced.
    pub cite: CiteId,
    /// The first incarnation that may still be cosigned.
    pub below: u32,
    /// The mirror.
    pub mirror: CiteId,
    /// The newest checkpoint that it cosigned; `None` when it never did.
    pub held: Option<HeldHead>,
    /// Incarnation and head of the newest certificate that it knows.
    pub certified: Option<(u32, Head)>,
}

impl Canonical for Fence {
    const NAME: &'static str = "fence";
    const MAX: usize = 256;
}

/// A fence with the mirror's signature, not yet verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedFence {
    /// The promise.
    pub fence: Fence,
    /// The mirror key's signature over its bytes.
    pub signature: Signature,
}

impl SignedFence {
    /// Signs a promise. Only a mirror that persisted it calls this.
    pub fn sign(fence: Fence, network: &NetworkId, key: &SigningKey) -> Self {
        Self { signature: key.sign(Purpose::Fence, network, &fence.encode()), fence }
    }

    /// Checks the mirror key's signature.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(&self, network: &NetworkId, key: &VerifyingKey) -> Result<(), KeyError> {
        key.verify(Purpose::Fence, network, &self.fence.encode(), &self.signature)
    }
}

/// The first entry of a new incarnation. It stands right behind its base, and carries all that shows why the log
/// goes on there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Resume {
    /// The incarnation and its keys, named by the root or by heirs.
    pub epoch: SignedKeyEpoch,
    /// The last checkpoint's head that stays.
    pub base: Head,
    /// The certificate that the seal under the base names; `None` when it names none.
    pub named: Option<Certificate>,
    /// The newest certificate that the fences know of the incarnation before.
    pub certificate: Option<Certificate>,
    /// Promises of a quorum of mirrors, in rising order of mirrors; none when there is no mirror.
    pub fences: Vec<SignedFence>,
}

impl Resume {
    /// Most fences: a quorum of the mirrors in force, and one of those that replace them.
    pub const FENCES_MAX: usize = 2 * MirrorSet::QUORUM_MAX;
}

impl Canonical for Resume {
    const NAME: &'static str = "resume";
    // Epoch, base, two certificates of fourteen cosignatures and ten fences: 7,330 bytes.
    const MAX: usize = 7_424;

    fn bounds(&self) -> Result<(), CodecError> {
        self.epoch.bounds()?;
        [&self.named, &self.certificate].into_iter().flatten().try_for_each(Canonical::bounds)?;
        at_most(Self::NAME, self.fences.len(), Self::FENCES_MAX)?;
        let in_order = self.fences.is_sorted_by(|a, b| a.fence.mirror < b.fence.mirror);
        if in_order { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}
