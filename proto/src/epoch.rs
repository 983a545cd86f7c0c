//! Key epochs: the keys that the root of a cité, or its heirs, name for a new incarnation of its log. Who knows the
//! newest epoch believes no older key about anything that comes after.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError, at_most},
    founding::{RootKeys, RootSignature},
    heirs::{Heirs, Will},
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

/// A key epoch as it was signed and received: by the root keys, or by the heirs whom they named.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedKeyEpoch {
    /// The epoch.
    pub epoch: KeyEpoch,
    /// Signatures over the epoch's bytes: of at least `threshold` root keys, or of as many heirs as the will says.
    pub signatures: Vec<RootSignature>,
    /// Where the root named the heirs, if it is they who signed.
    pub will: Option<Will>,
}

impl Canonical for SignedKeyEpoch {
    const NAME: &'static str = "signed key epoch";
    // 628 bytes by seven root keys; 1,135 by five heirs, whom seven root keys named.
    const MAX: usize = 1_152;

    fn bounds(&self) -> Result<(), CodecError> {
        let signers = if self.will.is_some() { Heirs::KEYS_MAX } else { RootKeys::KEYS_MAX };
        at_most(Self::NAME, self.signatures.len(), signers)?;
        self.will.iter().try_for_each(Canonical::bounds)?;
        if self.will.is_some() && self.epoch.incarnation > Self::PETITION_MAX {
            return Err(CodecError::OutOfBounds(Self::NAME));
        }
        self.epoch.bounds()
    }
}

impl SignedKeyEpoch {
    /// The last incarnation that heirs may ask for: half of all, so that the root, which stands above them, always has
    /// later ones.
    pub const PETITION_MAX: u32 = u32::MAX >> 1;

    /// Signs an epoch with `roots`, given in the order of the set from its first key on.
    pub fn sign(epoch: KeyEpoch, network: &NetworkId, roots: &[SigningKey]) -> Self {
        let payload = epoch.encode();
        let sign = |(key, root): (u8, &SigningKey)| RootSignature {
            key,
            signature: root.sign(Purpose::KeyEpoch, network, &payload),
        };
        Self { epoch, signatures: (0u8..).zip(roots).map(sign).collect(), will: None }
    }

    /// Returns the same keys asked for by the heirs of a will, of whom nobody has signed yet.
    pub const fn petition(epoch: KeyEpoch, will: Will) -> Self {
        Self { epoch, signatures: Vec::new(), will: Some(will) }
    }

    /// Signs a petition with the key of an heir; returns whether it is one, and had not signed.
    pub fn sign_as_heir(&mut self, network: &NetworkId, heir: &SigningKey) -> bool {
        let Some(will) = &self.will else { return false };
        let mut keys = (0u8..).zip(&will.heirs.keys.keys);
        let Some((key, _)) = keys.find(|(_, key)| **key == heir.public()) else { return false };
        let Err(place) = self.signatures.binary_search_by_key(&key, |signed| signed.key) else {
            return false;
        };
        let signature = heir.sign(Purpose::Petition, network, &self.epoch.encode());
        self.signatures.insert(place, RootSignature { key, signature });
        true
    }

    /// Checks that the root keys of a cité named these keys, or heirs whom the root named. Only the log tells whether
    /// they are the heirs still, and only its mirrors whether their time has come.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify(
        &self,
        cite: CiteId,
        network: &NetworkId,
        root: &RootKeys,
    ) -> Result<(), KeyError> {
        self.verify_so_far(cite, network, root)?;
        let signers = self.will.as_ref().map_or(root, |will| &will.heirs.keys);
        let enough = self.signatures.len() >= usize::from(signers.threshold);
        if enough { Ok(()) } else { Err(KeyError::Signature) }
    }

    /// Checks the same of those who signed so far, however few they are.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn verify_so_far(
        &self,
        cite: CiteId,
        network: &NetworkId,
        root: &RootKeys,
    ) -> Result<(), KeyError> {
        if self.epoch.cite != cite {
            return Err(KeyError::Signature);
        }
        self.epoch.keys.check()?;
        let payload = self.epoch.encode();
        let (purpose, signers) = match &self.will {
            None => (Purpose::KeyEpoch, root),
            Some(will) => {
                will.verify(cite, network, root)?;
                (Purpose::Petition, &will.heirs.keys)
            }
        };
        let any = RootKeys { threshold: 0, keys: signers.keys.clone() };
        any.verify(purpose, network, &payload, &self.signatures)
    }
}
