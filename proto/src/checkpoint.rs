//! Checkpoints and cosignatures in the C2SP texts (signed-note, tlog-checkpoint, tlog-cosignature),
//! so that stock tools verify them. What is signed is the text; the struct only names its parts.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

use crate::{
    hash::{Hash, sha256},
    ids::{CiteId, NetworkId},
    keys::{KeyError, PublicKey, Signature, SigningKey, VerifyingKey},
    order::Head,
};

/// Type byte of an Ed25519 note signature in its key id (C2SP signed-note).
const NOTE_ED25519: u8 = 0x01;
/// Type byte of a `cosignature/v1` in its key id (C2SP tlog-cosignature).
const NOTE_COSIGNATURE: u8 = 0x04;

/// Which log a checkpoint is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Origin {
    /// The network.
    pub network: NetworkId,
    /// The cité.
    pub cite: CiteId,
    /// 0 for the first incarnation, then one more each.
    pub incarnation: u32,
}

impl core::fmt::Display for Origin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "pirate/1/{}/{}/{}", self.network, self.cite, self.incarnation)
    }
}

impl Origin {
    /// Returns the text of the checkpoint of this log at `head`: three lines, no extension.
    pub fn text(&self, head: &Head) -> String {
        format!("{self}\n{}\n{}\n", head.size, STANDARD.encode(head.root.0))
    }
}

/// A head signed by a log key, not yet verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The log.
    pub origin: Origin,
    /// Its head.
    pub head: Head,
    /// The log key's signature over [`Origin::text`].
    pub signature: Signature,
}

impl Checkpoint {
    /// Signs a head. Only a home that made it durable and raised its guard calls this.
    pub fn sign(origin: Origin, head: Head, log_key: &SigningKey) -> Self {
        let signature = log_key.sign_raw(origin.text(&head).as_bytes());
        Self { origin, head, signature }
    }

    /// Returns incarnation and size: of two honest checkpoints of a log the later one has the larger.
    pub const fn place(&self) -> (u32, u64) {
        (self.origin.incarnation, self.head.size)
    }

    /// Checks the log key's signature.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(&self, log_key: &VerifyingKey) -> Result<(), KeyError> {
        log_key.verify_raw(self.origin.text(&self.head).as_bytes(), &self.signature)
    }

    /// Returns the signed note of this checkpoint with `cosignatures`, whose mirrors' keys are given
    /// by `key_of`; a cosignature without a key is left out.
    pub fn note(
        &self,
        log_key: PublicKey,
        cosignatures: &[Cosignature],
        key_of: impl Fn(&CiteId) -> Option<PublicKey>,
    ) -> String {
        let mut note = self.origin.text(&self.head);
        note.push('\n');
        let name = self.origin.to_string();
        note.push_str(&line(&name, NOTE_ED25519, log_key, &self.signature.to_bytes()));
        for cosignature in cosignatures {
            if let Some(key) = key_of(&cosignature.mirror) {
                let name = mirror_name(&self.origin.network, &cosignature.mirror);
                let mut bytes = cosignature.time_s.to_be_bytes().to_vec();
                bytes.extend_from_slice(&cosignature.signature.to_bytes());
                note.push_str(&line(&name, NOTE_COSIGNATURE, key, &bytes));
            }
        }
        note
    }
}

/// A mirror's word that it holds and re-executed a log up to a checkpoint (`cosignature/v1`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cosignature {
    /// The mirror.
    pub mirror: CiteId,
    /// When it cosigned: seconds since 1970-01-01T00:00:00Z.
    pub time_s: u64,
    /// The mirror key's signature over the text that names time and checkpoint.
    pub signature: Signature,
}

impl Cosignature {
    /// Cosigns a checkpoint. Only a mirror that persisted what it covers calls this.
    pub fn sign(checkpoint: &Checkpoint, mirror: CiteId, time_s: u64, key: &SigningKey) -> Self {
        let text = cosigned_text(checkpoint, time_s);
        Self { mirror, time_s, signature: key.sign_raw(text.as_bytes()) }
    }

    /// Checks the mirror key's signature over `checkpoint`.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(&self, checkpoint: &Checkpoint, key: &VerifyingKey) -> Result<(), KeyError> {
        key.verify_raw(cosigned_text(checkpoint, self.time_s).as_bytes(), &self.signature)
    }
}

/// Returns the key name of a mirror in notes.
pub fn mirror_name(network: &NetworkId, mirror: &CiteId) -> String {
    format!("pirate/1/{network}/{mirror}/mirror")
}

/// Returns a verifier key line for stock tools: `name+keyid+base64(type ‖ key)` (C2SP signed-note).
pub fn verifier_key(name: &str, cosigner: bool, key: PublicKey) -> String {
    let kind = if cosigner { NOTE_COSIGNATURE } else { NOTE_ED25519 };
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&key.0);
    let id: String = key_id(name, kind, key).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{name}+{id}+{}", STANDARD.encode(bytes))
}

/// Returns name and key of a mirror's verifier key line, or `None` unless it is the one way in which
/// [`verifier_key`] writes them.
pub fn parse_verifier_key(line: &str) -> Option<(&str, PublicKey)> {
    let mut parts = line.splitn(3, '+');
    let (name, _, encoded) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = STANDARD.decode(encoded).ok()?;
    let (_, key) = bytes.split_first()?;
    let key = PublicKey(key.try_into().ok()?);
    (verifier_key(name, true, key) == line).then_some((name, key))
}

fn cosigned_text(checkpoint: &Checkpoint, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{}", checkpoint.origin.text(&checkpoint.head))
}

/// First four bytes of SHA-256 of `name ‖ "\n" ‖ type ‖ key` (C2SP signed-note).
fn key_id(name: &str, kind: u8, key: PublicKey) -> [u8; 4] {
    let mut bytes = name.as_bytes().to_vec();
    bytes.push(b'\n');
    bytes.push(kind);
    bytes.extend_from_slice(&key.0);
    let Hash([a, b, c, d, ..]) = sha256(&bytes);
    [a, b, c, d]
}

fn line(name: &str, kind: u8, key: PublicKey, signature: &[u8]) -> String {
    let mut bytes = key_id(name, kind, key).to_vec();
    bytes.extend_from_slice(signature);
    format!("\u{2014} {name} {}\n", STANDARD.encode(bytes))
}
