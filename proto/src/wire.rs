//! What nodes say to one another: one ask, one answer, both bounded. Nothing in here is believed
//! because of who said it; whatever matters carries its own signatures and paths.

use serde::{Deserialize, Serialize};

use crate::{
    body::Body,
    certificate::{Certificate, EntryProof},
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical, CodecError, at_most},
    evidence::Evidence,
    founding::SignedFounding,
    ids::{CiteId, MemberId, RequestId},
    keys::PublicKey,
    resume::SignedFence,
    text::plain,
    time::UnixMillis,
};

/// Longest ask or answer in bytes: a full chunk of entries with the proofs that imports rest on.
pub const FRAME_MAX: usize = 512 * 1_024;

/// Most entries in one chunk (`protocol` "Who sends what to whom").
pub const CHUNK_ENTRIES_MAX: usize = 256;

/// Most bytes of entries in one chunk.
pub const CHUNK_BYTES_MAX: usize = 256 * 1_024;

/// Who a node is and what it holds, said on connecting and at every round of anti-entropy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Signed founding record of the node's cité.
    pub founding: Bytes,
    /// Addresses at which the node listens, at most 4, as `host:port`.
    pub addresses: Vec<String>,
    /// Logs that the node holds, at most [`Hello::HELD_MAX`]: its own first, then those it mirrors.
    pub held: Vec<Held>,
    /// Signed founding records of other cités that it knows, at most 16 a time.
    pub others: Vec<Neighbour>,
    /// What the node's clock shows. Allies compare; nothing else rests on it.
    pub now: UnixMillis,
}

impl Hello {
    /// Most logs named: those that a node with the most mirrors of the most allies could hold.
    pub const HELD_MAX: usize = 64;
    /// Most neighbours named at a time.
    pub const OTHERS_MAX: usize = 16;
}

/// How much of a log a node holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    /// The cité.
    pub cite: CiteId,
    /// The incarnation.
    pub incarnation: u32,
    /// Number of leaves under the newest checkpoint held.
    pub size: u64,
}

/// A cité that somebody knows of, and where its node listens.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Neighbour {
    /// Signed founding record.
    pub founding: Bytes,
    /// Addresses, at most 4.
    pub addresses: Vec<String>,
}

/// Entries of a log for a mirror or follower, with the checkpoint that they lead to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extend {
    /// Signed founding record of the log's cité: a mirror that never met it needs no other word.
    pub founding: Bytes,
    /// The newest checkpoint of the home.
    pub checkpoint: Checkpoint,
    /// First leaf in `entries`.
    pub from: u64,
    /// Consecutive entries, at most [`CHUNK_ENTRIES_MAX`] and [`CHUNK_BYTES_MAX`].
    pub entries: Vec<Bytes>,
    /// The certificate of the size that the last seal names, unless the mirror has it.
    pub certificate: Option<Certificate>,
    /// Proofs for the imports among `entries`: their leaf here, the proof from the other log.
    pub sidecars: Vec<Sidecar>,
}

/// What an import rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sidecar {
    /// Leaf of the import.
    pub leaf: u64,
    /// Proof that the other log says the message and that it is committed.
    pub proof: EntryProof,
}

/// A stream message on its way, with its proof and the text that belongs to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Proof of the entry that says the message.
    pub proof: EntryProof,
    /// The text, if the sender's home holds one.
    pub body: Option<Body>,
}

/// Something for a member of another cité that is not an entry: kept until read, erasable.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// The member's home; where a member is erased, another cité.
    pub home: CiteId,
    /// The member.
    pub to: MemberId,
    /// What it says.
    pub content: LetterContent,
}

/// What a letter says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LetterContent {
    /// A request for hours.
    Request {
        /// The payee's signed request.
        request: Bytes,
        /// Its text.
        body: Option<Body>,
    },
    /// An answer to a request of the receiver: no.
    Declined {
        /// The request.
        request: RequestId,
        /// Why, at most [`Body::TEXT_MAX`] bytes, plain.
        reason: String,
    },
    /// Destroy all that the member wrote. It counts for members of the cité whose own node brings it, and for no others;
    /// once it is answered with [`Answer::Kept`] it will be done, whatever happens.
    Erase,
}

/// A desk call on its way to the home that it is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Passed {
    /// The home.
    pub home: CiteId,
    /// The call, encoded (see [`crate::desk`]).
    pub call: Bytes,
}

/// What a node asks of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Who are you, what do you hold.
    Hello(Hello),
    /// Take these entries and cosign.
    Extend(Box<Extend>),
    /// Give entries of a log.
    Range {
        /// The log's cité.
        cite: CiteId,
        /// Its incarnation.
        incarnation: u32,
        /// First leaf.
        from: u64,
    },
    /// Take this stream message.
    Deliver(Box<Delivery>),
    /// Prove that you opened an account for me.
    Opening {
        /// The asking cité.
        towards: CiteId,
    },
    /// Give the proof behind an import of your log.
    Sidecar {
        /// Leaf of the import.
        leaf: u64,
    },
    /// Keep this for a member of yours.
    Letter(Letter),
    /// Answer this desk call, or pass it on if `hops` is left.
    Desk {
        /// The call.
        passed: Passed,
        /// How often it may still be passed on; at most [`Ask::HOPS_MAX`].
        hops: u8,
    },
    /// Know that somebody cheated.
    Evidence(Box<Evidence>),
    /// Cosign no incarnation any more before the one whose keys this founding record names, by the root or by heirs.
    Fence(Bytes),
}

impl Ask {
    /// A call goes from the member's node to the home, or through one other.
    pub const HOPS_MAX: u8 = 2;
}

/// What a node answers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Ask::Hello`].
    Hello(Hello),
    /// To [`Ask::Extend`]: checked and persisted.
    Cosigned(Cosignature),
    /// To [`Ask::Extend`]: this is the size that I hold; go on from there. To a smaller checkpoint
    /// than held it carries the head, the amnesia alarm of a restored home.
    Holds {
        /// Leaves held.
        size: u64,
        /// The newest checkpoint held, if any.
        head: Option<Checkpoint>,
        /// The incarnation that they are of: where a later one begins stands in that one.
        incarnation: u32,
    },
    /// To [`Ask::Extend`], [`Ask::Deliver`] or [`Ask::Letter`]: no, and why; the numbers are in [`decline`].
    Declined {
        /// Number of the reason.
        reason: u16,
        /// What the reason is about: a leaf, a size, a counter.
        at: u64,
    },
    /// To [`Ask::Range`]: what a home would push from there on; `None` when nothing is held.
    Entries(Option<Box<Extend>>),
    /// To [`Ask::Deliver`]: taken in (or already had), here is my cursor for your stream.
    Cursor {
        /// Last counter taken in.
        received: u64,
    },
    /// To [`Ask::Opening`] and [`Ask::Sidecar`].
    Proof(Option<Box<EntryProof>>),
    /// To [`Ask::Letter`] and [`Ask::Evidence`]: kept.
    Kept,
    /// To [`Ask::Fence`]: promised, with the certificate that the promise names.
    Fenced {
        /// The promise.
        fence: Box<SignedFence>,
        /// The newest certificate known of the log.
        certificate: Option<Certificate>,
    },
    /// To [`Ask::Desk`]: the desk's reply, encoded.
    Desk(Bytes),
    /// Not now: too many at once, or the way to the home is not open.
    Busy,
}

/// Reasons of [`Answer::Declined`]; a number is never reused.
pub mod decline {
    /// Not a mirror of this log, and not following it.
    pub const NOT_A_MIRROR: u16 = 1;
    /// The checkpoint or certificate does not verify.
    pub const SIGNATURE: u16 = 2;
    /// The checkpoint contradicts one that is held: evidence was made.
    pub const FORK: u16 = 3;
    /// An entry is malformed, forged, or refused by the rules. `at`: its leaf.
    pub const BAD_ENTRY: u16 = 4;
    /// The state root of a seal is not what re-execution gives. `at`: its leaf.
    pub const STATE: u16 = 5;
    /// An import without proof, or with one that does not prove it. `at`: its leaf.
    pub const IMPORT: u16 = 6;
    /// A seal lies more than ten minutes ahead of this clock. `at`: its leaf.
    pub const FUTURE: u16 = 7;
    /// The certificate that a seal names is missing or of another branch.
    pub const CERTIFICATE: u16 = 8;
    /// The log is frozen by evidence, or fenced.
    pub const FROZEN: u16 = 9;
    /// A stream message out of turn. `at`: the cursor.
    pub const OUT_OF_TURN: u16 = 10;
    /// A stream message that is not committed, or of a cité without an account here.
    pub const NOT_COMMITTED: u16 = 11;
    /// This node cannot write.
    pub const CANNOT_WRITE: u16 = 12;
    /// No ally of this cité witnessed it.
    pub const NO_ALLY: u16 = 13;
    /// A letter is not taken now: the mailbox is full, or the cité that brings it has no account here.
    pub const MAILBOX: u16 = 14;
    /// A letter will never be taken: the member is unknown here, or the request malformed, out of date, or
    /// not between those whom the letter names.
    pub const LETTER: u16 = 15;
    /// Members complained here that valid orders of theirs were not taken, and they still are not in the log.
    pub const COMPLAINT: u16 = 16;
    /// Keys named by cités that are not the heirs in this log now.
    pub const NOT_THE_HEIRS: u16 = 17;
    /// Heirs ask, and the cité was not silent for long enough. `at`: the milliseconds that are missing.
    pub const NOT_SILENT: u16 = 18;
}

/// What is told to everybody who listens; checked before it is passed on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Gossip {
    /// A newer certificate of a log, with the record that binds its keys and its mirrors in force.
    Certificate {
        /// Signed founding record.
        founding: Bytes,
        /// The certificate.
        certificate: Certificate,
    },
    /// Proof that somebody cheated.
    Evidence(Box<Evidence>),
    /// Where a cité's node listens.
    Announce(Announce),
}

/// Addresses of a node, signed by its network key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Announce {
    /// Signed founding record.
    pub founding: Bytes,
    /// Addresses, at most 4, as `host:port`.
    pub addresses: Vec<String>,
    /// Rises with every change: seconds since 1970.
    pub since_s: u64,
    /// The network key's signature over [`Announce::payload`].
    pub signature: crate::keys::Signature,
}

impl Announce {
    /// Returns what the network key signs.
    pub fn payload(cite: &CiteId, addresses: &[String], since_s: u64) -> Vec<u8> {
        let mut bytes = cite.as_bytes().to_vec();
        bytes.extend_from_slice(&since_s.to_le_bytes());
        for address in addresses {
            bytes.extend_from_slice(address.as_bytes());
            bytes.push(0);
        }
        bytes
    }
}

/// How to reach a network and a cité in it: what `federation join` and `join` are handed. Not secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// The network.
    pub network: crate::founding::Network,
    /// The cité that invites.
    pub cite: CiteId,
    /// Network key of its node.
    pub node: PublicKey,
    /// Addresses of its node, at most 4.
    pub addresses: Vec<String>,
    /// Sixteen random bytes that admit to the waiting list, when a member is invited.
    pub token: Option<[u8; 16]>,
}

impl Invitation {
    /// Human-readable part of the text form.
    pub const PREFIX: &'static str = "pinv";

    /// Returns the text form.
    pub fn to_text(&self) -> String {
        crate::ids::to_text(Self::PREFIX, &self.encode())
    }

    /// Returns the invitation written in a text, with or without `pirate:` in front.
    ///
    /// # Errors
    /// [`InvitationError`].
    pub fn from_text(text: &str) -> Result<Self, InvitationError> {
        let text = text.trim();
        let text =
            text.strip_prefix("pirate:").or_else(|| text.strip_prefix("PIRATE:")).unwrap_or(text);
        Ok(Self::decode(&crate::ids::from_text(Self::PREFIX, text)?)?)
    }
}

/// Why a text is not an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvitationError {
    /// Mistyped, or of another sort.
    #[error(transparent)]
    Text(#[from] crate::ids::IdError),
    /// Well typed, but not an invitation.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

/// Checks at most 4 addresses of 1 to 96 visible ASCII characters: no NUL, which ends an address in
/// [`Announce::payload`], so that one payload stands for one list.
pub(crate) fn addresses_bounds(what: &'static str, addresses: &[String]) -> Result<(), CodecError> {
    at_most(what, addresses.len(), 4)?;
    addresses.iter().try_for_each(|address| address_bounds(what, address))
}

/// Checks one address.
pub(crate) fn address_bounds(what: &'static str, address: &str) -> Result<(), CodecError> {
    at_most(what, address.len(), 96)?;
    let visible = !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_graphic());
    if visible { Ok(()) } else { Err(CodecError::OutOfBounds(what)) }
}

fn neighbour_bounds(what: &'static str, neighbour: &Neighbour) -> Result<(), CodecError> {
    at_most(what, neighbour.founding.len(), SignedFounding::MAX)?;
    addresses_bounds(what, &neighbour.addresses)
}

fn hello_bounds(what: &'static str, hello: &Hello) -> Result<(), CodecError> {
    at_most(what, hello.founding.len(), SignedFounding::MAX)?;
    addresses_bounds(what, &hello.addresses)?;
    at_most(what, hello.held.len(), Hello::HELD_MAX)?;
    at_most(what, hello.others.len(), Hello::OTHERS_MAX)?;
    hello.others.iter().try_for_each(|other| neighbour_bounds(what, other))
}

impl Canonical for Ask {
    const NAME: &'static str = "ask between nodes";
    const MAX: usize = FRAME_MAX;
    const LIST_MAX: usize = CHUNK_ENTRIES_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        match self {
            Self::Hello(hello) => hello_bounds(Self::NAME, hello),
            Self::Extend(extend) => extend_bounds(Self::NAME, extend),
            Self::Deliver(delivery) => {
                delivery.body.iter().try_for_each(Canonical::bounds)?;
                delivery.proof.bounds()
            }
            Self::Letter(letter) => letter_bounds(Self::NAME, letter),
            Self::Evidence(evidence) => evidence.bounds(),
            Self::Fence(founding) => at_most(Self::NAME, founding.len(), SignedFounding::MAX),
            Self::Desk { passed, hops } => {
                at_most(Self::NAME, usize::from(*hops), usize::from(Self::HOPS_MAX))?;
                at_most(Self::NAME, passed.call.len(), crate::desk::CALL_MAX)
            }
            Self::Range { .. } | Self::Opening { .. } | Self::Sidecar { .. } => Ok(()),
        }
    }
}

fn extend_bounds(what: &'static str, extend: &Extend) -> Result<(), CodecError> {
    at_most(what, extend.founding.len(), SignedFounding::MAX)?;
    at_most(what, extend.entries.len(), CHUNK_ENTRIES_MAX)?;
    extend.certificate.iter().try_for_each(Canonical::bounds)?;
    extend.sidecars.iter().try_for_each(|sidecar| sidecar.proof.bounds())
}

/// Checks the parts of a letter.
pub(crate) fn letter_bounds(what: &'static str, letter: &Letter) -> Result<(), CodecError> {
    match &letter.content {
        LetterContent::Request { request, body } => {
            at_most(what, request.len(), crate::request::Request::SIGNED_MAX)?;
            body.iter().try_for_each(Canonical::bounds)
        }
        LetterContent::Declined { reason, .. } => plain(what, reason, Body::TEXT_MAX),
        LetterContent::Erase => Ok(()),
    }
}

impl Canonical for Answer {
    const NAME: &'static str = "answer between nodes";
    const MAX: usize = FRAME_MAX;
    const LIST_MAX: usize = CHUNK_ENTRIES_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        match self {
            Self::Hello(hello) => hello_bounds(Self::NAME, hello),
            Self::Entries(Some(extend)) => extend_bounds(Self::NAME, extend),
            Self::Proof(Some(proof)) => proof.bounds(),
            Self::Fenced { certificate, .. } => certificate.iter().try_for_each(Canonical::bounds),
            _ => Ok(()),
        }
    }
}

impl Canonical for Letter {
    const NAME: &'static str = "letter";
    const MAX: usize = 2_048;

    fn bounds(&self) -> Result<(), CodecError> {
        letter_bounds(Self::NAME, self)
    }
}

impl Canonical for Gossip {
    const NAME: &'static str = "gossip";
    const MAX: usize = 16_384;

    fn bounds(&self) -> Result<(), CodecError> {
        match self {
            Self::Certificate { founding, certificate } => {
                at_most(Self::NAME, founding.len(), SignedFounding::MAX)?;
                certificate.bounds()
            }
            Self::Evidence(evidence) => evidence.bounds(),
            Self::Announce(announce) => {
                at_most(Self::NAME, announce.founding.len(), SignedFounding::MAX)?;
                addresses_bounds(Self::NAME, &announce.addresses)
            }
        }
    }
}

impl Canonical for Invitation {
    const NAME: &'static str = "invitation";
    // Bech32m texts end at 1,023 characters: 600 bytes leave room for prefix and checksum.
    const MAX: usize = 600;

    fn bounds(&self) -> Result<(), CodecError> {
        self.network.bounds()?;
        addresses_bounds(Self::NAME, &self.addresses)
    }
}
