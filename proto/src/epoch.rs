//! Key epochs: the keys that the root of a cité names for a new incarnation of its log. Who knows the newest epoch
//! believes no older key about anything that comes after.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError, at_most},
    founding::{RootKeys, RootSignature},
    ids::{CiteId, NetworkId},
    keys::{KeyError, PublicKey, Purpose, SigningKey},
};

/// The keys of a cité's roles, one for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoleKeys {
    /// Signs checkpoints.
    pub log: PublicKey,
    /// Cosigns other logs.
    pub mirror: PublicKey,
    /// Signs short cards.
    pub card: PublicKey,
    /// Identity of the node on the network.
    pub network: PublicKey,
}

impl RoleKeys {
    /// Checks that all are acceptable.
    ///
    /// # Errors
    /// [`KeyError::Key`].
    pub fn check(&self) -> Result<(), KeyError> {
        [self.log, self.mirror, self.card, self.network]
            .iter()
            .try_for_each(|key| key.check().map(drop))
    }
}

/// The keys of one incarnation of a log, from its first leaf on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyEpoch {
    /// The cité.
    pub cite: CiteId,
    /// The incarnation, at least 1: the keys of the first one are in the founding record.
    pub incarnation: u32,
    /// Its keys.
    pub keys: RoleKeys,
}

impl Canonical for KeyEpoch {
    const NAME: &'static str = "key epoch";
    const MAX: usize = 164;

    fn bounds(&self) -> Result<(), CodecError> {
        if self.incarnation >= 1 { Ok(()) } else { Err(CodecError::OutOfBounds(Self::NAME)) }
    }
}

/// A key epoch with the signatures of the root keys, as received.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedKeyEpoch {
    /// The epoch.
    pub epoch: KeyEpoch,
    /// Signatures of at least `threshold` root keys over the epoch's bytes.
    pub signatures: Vec<RootSignature>,
}

impl Canonical for SignedKeyEpoch {
    const NAME: &'static str = "signed key epoch";
    const MAX: usize = 640;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.signatures.len(), RootKeys::KEYS_MAX)?;
        self.epoch.bounds()
    }
}

impl SignedKeyEpoch {
    /// Signs an epoch with `roots`, given in the order of the set from its first key on.
    pub fn sign(epoch: KeyEpoch, network: &NetworkId, roots: &[SigningKey]) -> Self {
        let payload = epoch.encode();
        let sign = |(key, root): (u8, &SigningKey)| RootSignature {
            key,
            signature: root.sign(Purpose::KeyEpoch, network, &payload),
        };
        Self { epoch, signatures: (0u8..).zip(roots).map(sign).collect() }
    }

    /// Checks that the root keys of a cité named these keys.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify(
        &self,
        cite: CiteId,
        network: &NetworkId,
        root: &RootKeys,
    ) -> Result<(), KeyError> {
        if self.epoch.cite != cite {
            return Err(KeyError::Signature);
        }
        self.epoch.keys.check()?;
        root.verify(Purpose::KeyEpoch, network, &self.epoch.encode(), &self.signatures)
    }
}
