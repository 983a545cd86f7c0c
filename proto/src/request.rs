//! Requests for hours: what a payee signs, to be carried inside the payment that answers it.
//! A request moves nothing by itself.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Canonical, CodecError},
    hash::{Hash, Use, digest},
    ids::{CiteId, MemberId, NetworkId, RequestId},
    keys::{KeyError, PublicKey, Purpose, Signature, SigningKey, VerifyingKey},
    minutes::Minutes,
    order::split_signed,
    time::UtcDay,
};

/// A payee's request, unsigned.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Version of the format: 1.
    pub version: u8,
    /// The network in which it counts.
    pub network: NetworkId,
    /// The payee's home, where it is used once.
    pub home: CiteId,
    /// Who asks.
    pub payee: MemberId,
    /// Number of the payee's key set.
    pub epoch: u32,
    /// The payee's device.
    pub lane: u16,
    /// Who is asked; `None`: whoever holds the request.
    pub payer: Option<MemberId>,
    /// How much.
    pub minutes: Minutes,
    /// Sixteen random bytes, so that two like requests differ.
    pub serial: [u8; 16],
    /// Last day on which it may be paid.
    pub valid_until: UtcDay,
    /// Commitment to a text kept outside the log.
    pub body: Option<Hash>,
}

impl Request {
    /// Longest signed request in bytes.
    pub const SIGNED_MAX: usize = 384;

    /// Returns the request signed by the payee's device key.
    pub fn sign(self, key: &SigningKey) -> SignedRequest {
        let mut bytes = self.encode();
        let id = RequestId(digest(Use::Request, &[&bytes]));
        let signature = key.sign(Purpose::Request, &self.network, &bytes);
        bytes.extend_from_slice(&signature.to_bytes());
        SignedRequest { request: self, id, signature, bytes }
    }
}

impl Canonical for Request {
    const NAME: &'static str = "request";
    const MAX: usize = Self::SIGNED_MAX - Signature::LEN;

    fn bounds(&self) -> Result<(), CodecError> {
        if self.version == 1 { Ok(()) } else { Err(CodecError::Version(Self::NAME)) }
    }
}

/// A request as received: well-formed, its signature not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedRequest {
    request: Request,
    id: RequestId,
    signature: Signature,
    bytes: Vec<u8>,
}

impl SignedRequest {
    /// Returns the request written in `bytes`: the unsigned bytes, then 64 bytes of signature.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let (unsigned, signature) = split_signed("request", Request::SIGNED_MAX, bytes)?;
        let request = Request::decode(unsigned)?;
        let id = RequestId(digest(Use::Request, &[unsigned]));
        Ok(Self { request, id, signature, bytes: bytes.to_vec() })
    }

    /// Returns the request.
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Returns the identity of the request.
    pub const fn id(&self) -> RequestId {
        self.id
    }

    /// Returns the bytes exactly as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the request as one that `key` signed.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(self, key: &VerifyingKey) -> Result<VerifiedRequest, KeyError> {
        let unsigned = self.bytes.len().saturating_sub(Signature::LEN);
        let payload = self.bytes.get(..unsigned).ok_or(KeyError::Signature)?;
        key.verify(Purpose::Request, &self.request.network, payload, &self.signature)?;
        Ok(VerifiedRequest { signed: self, key: key.public() })
    }
}

/// A request whose signature verified under a key; only [`SignedRequest::verify`] makes one. Whether
/// that key is the payee's is for whoever knows the payee's keys to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedRequest {
    signed: SignedRequest,
    key: PublicKey,
}

impl VerifiedRequest {
    /// Returns the request.
    pub const fn request(&self) -> &Request {
        &self.signed.request
    }

    /// Returns the identity of the request.
    pub const fn id(&self) -> RequestId {
        self.signed.id
    }

    /// Returns the key that signed.
    pub const fn key(&self) -> PublicKey {
        self.key
    }
}
