//! Ed25519 keys and signatures: one purpose, one network, one key role for each signature.
//! The only file that knows ed25519-dalek. `verify_strict` decides everywhere; `verify_batch` nowhere.

#[cfg(feature = "memo")]
pub mod memo;

use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};

use crate::{
    hash::{Hash, bytes32},
    ids::NetworkId,
};

/// What a signature is for. Part of the signed bytes, so that a signature made for one purpose
/// verifies for no other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// An order of a person.
    Order,
    /// A payee's request for hours.
    Request,
    /// The founding record of a cité, by its root keys.
    Found,
    /// An act of the root keys.
    RootAct,
    /// The keys of a new incarnation, by the root keys.
    KeyEpoch,
    /// The keys of a new incarnation, by the heirs of a cité that is silent.
    Petition,
    /// A mirror's promise to cosign an incarnation no more, by its mirror key.
    Fence,
    /// The addresses of a node, by its network key.
    Announce,
    /// A member's answer to a desk's challenge.
    Desk,
    /// A card holder's answer to whoever checks the card.
    Card,
    /// A short card, by the card key of a cité.
    ShortCard,
}

impl Purpose {
    /// Returns the bytes that stand for the purpose. Frozen with version 1 of the format.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Request => "request",
            Self::Found => "found",
            Self::RootAct => "root-act",
            Self::KeyEpoch => "key-epoch",
            Self::Petition => "petition",
            Self::Fence => "fence",
            Self::Announce => "announce",
            Self::Desk => "desk",
            Self::Card => "card",
            Self::ShortCard => "short-card",
        }
    }
}

/// Why a key or a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not the canonical bytes of a point, of small order, or outside the prime-order group.
    #[error("not an acceptable Ed25519 key")]
    Key,
    /// `verify_strict` says no.
    #[error("the signature does not verify")]
    Signature,
}

/// A public key as it was received: 32 bytes, nothing checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PublicKey(#[serde(with = "bytes32")] pub [u8; 32]);

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&Hash(self.0), f)
    }
}

impl PublicKey {
    /// Returns the key ready to verify: canonical, not weak, torsion-free, decompressed once
    /// (`from_bytes` alone accepts 24 of 38 non-canonical encodings, measured 2026-11-23).
    ///
    /// # Errors
    /// [`KeyError::Key`].
    pub fn check(&self) -> Result<VerifyingKey, KeyError> {
        #[cfg(feature = "memo")]
        return memo::check(self, || self.compute());
        #[cfg(not(feature = "memo"))]
        self.compute()
    }

    fn compute(&self) -> Result<VerifyingKey, KeyError> {
        let inner = ed25519_dalek::VerifyingKey::from_bytes(&self.0).map_err(|_| KeyError::Key)?;
        let point = inner.to_edwards();
        let canonical = point.compress().to_bytes() == self.0;
        if !canonical || inner.is_weak() || !point.is_torsion_free() {
            return Err(KeyError::Key);
        }
        Ok(VerifyingKey { inner })
    }
}

/// A public key that passed [`PublicKey::check`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VerifyingKey {
    inner: ed25519_dalek::VerifyingKey,
}

impl VerifyingKey {
    /// Returns the key as it is written.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.inner.to_bytes())
    }

    /// Verifies a signature over [`signed_bytes`].
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(
        &self,
        purpose: Purpose,
        network: &NetworkId,
        payload: &[u8],
        signature: &Signature,
    ) -> Result<(), KeyError> {
        self.verify_raw(&signed_bytes(purpose, network, payload), signature)
    }

    /// Verifies a signature over exactly `message`: the C2SP texts, which carry their own purpose.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify_raw(&self, message: &[u8], signature: &Signature) -> Result<(), KeyError> {
        #[cfg(feature = "memo")]
        return memo::verify(&self.public(), message, signature, || {
            self.compute(message, signature)
        });
        #[cfg(not(feature = "memo"))]
        self.compute(message, signature)
    }

    fn compute(&self, message: &[u8], signature: &Signature) -> Result<(), KeyError> {
        let signature = ed25519_dalek::Signature::from_components(signature.r, signature.s);
        self.inner.verify_strict(message, &signature).map_err(|_| KeyError::Signature)
    }
}

/// An Ed25519 signature (RFC 8032): 64 bytes, nothing checked.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature {
    /// First half: the point R.
    #[serde(with = "bytes32")]
    pub r: [u8; 32],
    /// Second half: the scalar S.
    #[serde(with = "bytes32")]
    pub s: [u8; 32],
}

impl Signature {
    /// Bytes of a signature.
    pub const LEN: usize = 64;

    /// Returns the signature written in `bytes`, or `None` when they are not 64.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let (r, s) = bytes.split_at_checked(32)?;
        Some(Self { r: r.try_into().ok()?, s: s.try_into().ok()? })
    }

    /// Returns the 64 bytes.
    pub fn to_bytes(self) -> [u8; 64] {
        let mut bytes = [0; 64];
        let (r, s) = bytes.split_at_mut(32);
        r.copy_from_slice(&self.r);
        s.copy_from_slice(&self.s);
        bytes
    }
}

impl core::fmt::Debug for Signature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}{}", Hash(self.r), Hash(self.s))
    }
}

/// A secret key. Wiped from memory when dropped; never printed, never encoded.
#[derive(Clone)]
pub struct SigningKey {
    inner: ed25519_dalek::SigningKey,
}

impl core::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "SigningKey({:?})", self.public())
    }
}

impl SigningKey {
    /// Returns the key of a 32-byte seed (RFC 8032 section 5.1.5). The public half is always derived
    /// from the seed, never taken from a caller (RUSTSEC-2022-0093).
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self { inner: ed25519_dalek::SigningKey::from_bytes(seed) }
    }

    /// Returns the seed, for key files only.
    pub fn seed(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.inner.to_bytes())
    }

    /// Returns the public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.inner.verifying_key().to_bytes())
    }

    /// Returns the public half, ready to verify.
    pub fn verifying(&self) -> VerifyingKey {
        VerifyingKey { inner: self.inner.verifying_key() }
    }

    /// Returns the signature over [`signed_bytes`].
    pub fn sign(&self, purpose: Purpose, network: &NetworkId, payload: &[u8]) -> Signature {
        self.sign_raw(&signed_bytes(purpose, network, payload))
    }

    /// Returns the signature over exactly `message`: the C2SP texts, which carry their own purpose.
    pub fn sign_raw(&self, message: &[u8]) -> Signature {
        let signature = self.inner.sign(message);
        Signature { r: *signature.r_bytes(), s: *signature.s_bytes() }
    }
}

/// Returns `"pirate/1\0" ‖ purpose ‖ "\0" ‖ network id ‖ payload`: what is signed.
pub fn signed_bytes(purpose: Purpose, network: &NetworkId, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(payload.len().saturating_add(64));
    bytes.extend_from_slice(b"pirate/1\0");
    bytes.extend_from_slice(purpose.label().as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(network.as_bytes());
    bytes.extend_from_slice(payload);
    bytes
}
