//! Entries: one leaf of a log each. An order, or something that the home adds; a seal comes last
//! under every checkpoint. The leaf's bytes are exactly these; nothing here decides about them.

use serde::{Deserialize, Serialize};

use crate::{
    act::Act,
    codec::{Bytes, Canonical, CodecError, at_most},
    founding::{RootKeys, RootSignature, SignedFounding},
    hash::Hash,
    ids::CiteId,
    order::{self, Head, MUST_UNDERSTAND, ORDER_MAX, SignedOrder, Statement},
    resume::Resume,
    stream::{Content, StreamHeader, StreamMessage, Transfer},
    time::UnixMillis,
};

/// Longest entry in bytes: a longest resume (`docs/decisions`, 33) with what an entry adds to it, rounded up. An order
/// is shorter.
pub const ENTRY_MAX: usize = 7_680;

/// Numbers of all entries of version 1, built or not. A number is never reused.
pub mod number {
    /// The founding record; leaf 0, nowhere else.
    pub const FOUND: u16 = 1;
    /// An act of the root keys.
    pub const ROOT_ACT: u16 = 2;
    /// A person's order that stays inside the log.
    pub const ORDER: u16 = 3;
    /// A person's order that leaves on a stream.
    pub const EXPORT: u16 = 4;
    /// A stream message of another cité, taken in.
    pub const IMPORT: u16 = 5;
    /// An acknowledgement that leaves on a stream.
    pub const ACK: u16 = 6;
    /// Keys that the root of another cité named for a new incarnation, taken in.
    pub const KEY_EPOCH: u16 = 7;
    /// First leaf of a new incarnation.
    pub const RESUME: u16 = 8;
    /// A seal.
    pub const SEAL: u16 = 9;
    /// An act of the public authority that concerns this cité.
    pub const AUTHORITY: u16 = 10;
    /// The last message on a stream, of a cité that is closed.
    pub const FAREWELL: u16 = 11;
    /// Greatest number known to version 1.
    pub const LAST: u16 = FAREWELL;
}

/// An act signed by the root keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootAct {
    /// The cité that it is for.
    pub cite: CiteId,
    /// 1 for the first act of the root in this log, then one more each.
    pub seq: u32,
    /// What it does.
    pub act: Act,
    /// Signatures of at least `threshold` root keys over [`RootAct::payload`].
    pub signatures: Vec<RootSignature>,
}

#[derive(Serialize, Deserialize)]
struct RootActRaw {
    cite: CiteId,
    seq: u32,
    kind: u16,
    body: Bytes,
    signatures: Vec<RootSignature>,
}

impl Canonical for RootActRaw {
    const NAME: &'static str = "act of the root keys";
    const MAX: usize = ORDER_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.signatures.len(), RootKeys::KEYS_MAX)
    }
}

impl RootAct {
    /// Returns the bytes that the root keys sign: the act without signatures.
    pub fn payload(cite: CiteId, seq: u32, act: &Act) -> Vec<u8> {
        let raw = RootActRaw {
            cite,
            seq,
            kind: act.number(),
            body: Bytes::from(act.body()),
            signatures: Vec::new(),
        };
        raw.encode()
    }

    /// Returns the act with its signatures, as an entry carries it.
    pub fn encode(&self) -> Vec<u8> {
        RootActRaw {
            cite: self.cite,
            seq: self.seq,
            kind: self.act.number(),
            body: Bytes::from(self.act.body()),
            signatures: self.signatures.clone(),
        }
        .encode()
    }

    /// Returns the act written in bytes.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let raw = RootActRaw::decode(bytes)?;
        let act = Act::from_body(raw.kind, &raw.body)?;
        Ok(Self { cite: raw.cite, seq: raw.seq, act, signatures: raw.signatures })
    }
}

/// What became of a stream message that was taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Outcome {
    /// The transfer was credited to its payee, or the return or acknowledgement was booked.
    Taken,
    /// The transfer is sent back, in this same entry.
    Returned {
        /// Place of the return on the stream back.
        header: StreamHeader,
        /// Number of the refusal.
        reason: u16,
    },
}

/// A stream message taken in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Import {
    /// The message.
    pub message: StreamMessage,
    /// Incarnation of the log that it came from.
    pub incarnation: u32,
    /// Leaf of that log that says it.
    pub leaf: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Canonical for Import {
    const NAME: &'static str = "import";
    const MAX: usize = ORDER_MAX;
}

/// The last entry under every checkpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seal {
    /// 1 for the first seal of a log, then one more each.
    pub seq: u64,
    /// Largest size of this incarnation that the home holds a certificate for; 0 before the first.
    pub certified_size: u64,
    /// Root of the state after all entries before this seal.
    pub state_root: Hash,
    /// The checkpoint before; the empty head before the first.
    pub previous: Head,
}

impl Canonical for Seal {
    const NAME: &'static str = "seal";
    const MAX: usize = 128;
}

/// What an entry says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Payload {
    /// The founding record.
    Found(SignedFounding),
    /// An act of the root keys.
    RootAct(RootAct),
    /// An order that stays inside the log.
    Order(SignedOrder),
    /// An order whose hours leave on a stream, at the place that the home gives it.
    Export {
        /// Place on the stream.
        header: StreamHeader,
        /// The payer's order.
        order: SignedOrder,
    },
    /// A stream message taken in.
    Import(Import),
    /// An acknowledgement sent on a stream.
    Ack(StreamHeader),
    /// The last message sent on a stream: this cité is closed.
    Farewell(StreamHeader),
    /// Another cité's root named new keys: its founding record, with the key epoch.
    KeyEpoch(Box<SignedFounding>),
    /// The log goes on in a new incarnation.
    Resume(Box<Resume>),
    /// A seal.
    Seal(Seal),
}

/// One leaf of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// When the home entered it: never decreasing within a log, never after its seal.
    pub time: UnixMillis,
    /// What it says.
    pub payload: Payload,
}

/// The bytes of an entry in the order of their fields; [`parts`] reads them without copying.
#[derive(Serialize, Deserialize)]
struct EntryRaw {
    time: UnixMillis,
    kind: u16,
    payload: Bytes,
}

impl Canonical for EntryRaw {
    const NAME: &'static str = "entry";
    const MAX: usize = ENTRY_MAX;
}

impl Entry {
    /// Returns the leaf's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, payload) = match &self.payload {
            Payload::Found(founding) => (number::FOUND, founding.encode()),
            Payload::RootAct(act) => (number::ROOT_ACT, act.encode()),
            Payload::Order(order) => (number::ORDER, order.bytes().to_vec()),
            Payload::Export { header, order } => {
                let mut bytes = header.encode();
                bytes.extend_from_slice(order.bytes());
                (number::EXPORT, bytes)
            }
            Payload::Import(import) => (number::IMPORT, import.encode()),
            Payload::Ack(header) => (number::ACK, header.encode()),
            Payload::Farewell(header) => (number::FAREWELL, header.encode()),
            Payload::KeyEpoch(record) => (number::KEY_EPOCH, record.encode()),
            Payload::Resume(resume) => (number::RESUME, resume.encode()),
            Payload::Seal(seal) => (number::SEAL, seal.encode()),
        };
        EntryRaw { time: self.time, kind, payload: Bytes::from(payload) }.encode()
    }

    /// Returns the entry written in a leaf's bytes.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let (time, kind, payload) = parts(bytes)?;
        let payload = match kind {
            number::FOUND => {
                let founding = SignedFounding::decode(payload)?;
                if founding.epoch.is_some() {
                    return Err(CodecError::Malformed("entry"));
                }
                Payload::Found(founding)
            }
            number::ROOT_ACT => RootAct::decode(payload).map(Payload::RootAct)?,
            number::ORDER => {
                let order = SignedOrder::decode(payload)?;
                if matches!(order.order().statement, Statement::Export(_)) {
                    return Err(CodecError::Malformed("entry"));
                }
                Payload::Order(order)
            }
            number::EXPORT => {
                let (header, order) = payload
                    .split_at_checked(StreamHeader::LEN)
                    .ok_or(CodecError::Malformed("entry"))?;
                let order = SignedOrder::decode(order)?;
                if !matches!(order.order().statement, Statement::Export(_)) {
                    return Err(CodecError::Malformed("entry"));
                }
                Payload::Export { header: StreamHeader::decode(header)?, order }
            }
            number::IMPORT => Import::decode(payload).map(Payload::Import)?,
            number::ACK => StreamHeader::decode(payload).map(Payload::Ack)?,
            number::FAREWELL => StreamHeader::decode(payload).map(Payload::Farewell)?,
            number::KEY_EPOCH => {
                let record = SignedFounding::decode(payload)?;
                if record.epoch.is_none() {
                    return Err(CodecError::Malformed("entry"));
                }
                Payload::KeyEpoch(Box::new(record))
            }
            number::RESUME => Payload::Resume(Box::new(Resume::decode(payload)?)),
            number::SEAL => Seal::decode(payload).map(Payload::Seal)?,
            kind => {
                return Err(CodecError::Kind { what: "entry", kind });
            }
        };
        Ok(Self { time, payload })
    }

    /// Returns the number of the kind that a leaf's bytes name, without looking at the rest: whether they
    /// are an entry is for [`Entry::decode`] to say.
    pub fn kind_of(bytes: &[u8]) -> Option<u16> {
        let kind = bytes.get(8..10)?;
        Some(u16::from_le_bytes(kind.try_into().ok()?))
    }

    /// Returns whether a leaf's bytes may admit somebody, by the numbers of their kinds alone: an act of
    /// the root keys, or an order that is a steward's act.
    pub fn may_admit(bytes: &[u8]) -> bool {
        // Time, kind and the payload's length; then the order's version and kind.
        let order = bytes.get(19..21).and_then(|kind| kind.try_into().ok()).map(u16::from_le_bytes);
        match Self::kind_of(bytes) {
            Some(number::ROOT_ACT) => true,
            Some(number::ORDER) => order == Some(order::number::ACT | MUST_UNDERSTAND),
            _ => false,
        }
    }

    /// Returns the stream message that this entry of `from`'s log sends, if it sends one. The
    /// message is nothing but another reading of the entry, so whoever proves the entry proves it.
    pub fn message(&self, from: CiteId) -> Option<StreamMessage> {
        let (header, content) = match &self.payload {
            Payload::Export { header, order } => {
                let Statement::Export(export) = &order.order().statement else {
                    return None;
                };
                let transfer = Transfer {
                    order: order.id(),
                    payer: order.order().author,
                    payee: export.payee,
                    minutes: export.minutes,
                    request: export.request.clone(),
                    body: order.order().body,
                };
                (*header, Content::Transfer(transfer))
            }
            Payload::Import(Import {
                message: StreamMessage { counter, .. },
                outcome: Outcome::Returned { header, reason },
                ..
            }) => (*header, Content::Return { counter: *counter, reason: *reason }),
            Payload::Ack(header) => (*header, Content::Ack),
            Payload::Farewell(header) => (*header, Content::Farewell),
            _ => return None,
        };
        Some(StreamMessage {
            from,
            to: header.peer,
            counter: header.counter,
            received: header.received,
            content,
        })
    }
}

/// Returns time, kind and payload of an [`EntryRaw`]: three fields of which each has one byte form, so
/// that whatever fits the lengths is canonical.
fn parts(bytes: &[u8]) -> Result<(UnixMillis, u16, &[u8]), CodecError> {
    let max = ENTRY_MAX;
    if bytes.len() > max {
        return Err(CodecError::TooLong { len: bytes.len(), max });
    }
    let cut = || {
        let (time, rest) = bytes.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let (length, payload) = rest.split_first_chunk()?;
        let whole = usize::try_from(u64::from_le_bytes(*length)) == Ok(payload.len());
        let time = UnixMillis(u64::from_le_bytes(*time));
        whole.then_some((time, u16::from_le_bytes(*kind), payload))
    };
    cut().ok_or(CodecError::Malformed(EntryRaw::NAME))
}
