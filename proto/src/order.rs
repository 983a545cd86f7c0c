//! Orders: what a person signs. A node cannot move an hour without one.
//! Decoding says what an order is; whether it is allowed is the ledger's affair.

use serde::{Deserialize, Serialize};

use crate::{
    act::Act,
    codec::{Bytes, Canonical, CodecError, at_most},
    hash::{Hash, Use, digest, tree_empty},
    ids::{Account, CiteId, MemberId, NetworkId, OrderId},
    keys::{KeyError, PublicKey, Purpose, Signature, SigningKey, VerifyingKey},
    minutes::Minutes,
    time::UtcDay,
};

/// Longest signed order in bytes (`protocol` "Bytes").
pub const ORDER_MAX: usize = 4_096;

/// Set in a kind that a reader must understand or refuse. Every kind of version 1 sets it.
pub const MUST_UNDERSTAND: u16 = 0x8000;

/// Numbers of all orders of version 1, built or not. A number is never reused.
pub mod number {
    /// Join a cité.
    pub const JOIN: u16 = 1;
    /// Pay inside the cité.
    pub const PAY: u16 = 2;
    /// Reverse a mistaken entry.
    pub const CORRECT: u16 = 3;
    /// Pay a member of another cité.
    pub const EXPORT: u16 = 4;
    /// Open a guest's account.
    pub const OPEN_GUEST: u16 = 5;
    /// A traveller's promise while the home is unreachable.
    pub const ADVANCE: u16 = 6;
    /// Leave for another cité.
    pub const DEPART: u16 = 7;
    /// Replace a key.
    pub const ROTATE_KEY: u16 = 8;
    /// Recover an account.
    pub const RECOVER: u16 = 9;
    /// Choose guardians.
    pub const SET_GUARDIANS: u16 = 10;
    /// Promise hours.
    pub const PLEDGE_MAKE: u16 = 11;
    /// Declare promised hours done.
    pub const PLEDGE_DONE: u16 = 12;
    /// Withdraw a promise.
    pub const PLEDGE_CANCEL: u16 = 13;
    /// Propose a house rule.
    pub const PROPOSAL: u16 = 14;
    /// Vote.
    pub const BALLOT: u16 = 15;
    /// A steward's act.
    pub const ACT: u16 = 16;
    /// A steward's agreement to an act.
    pub const APPROVE: u16 = 17;
    /// Close one's account.
    pub const CLOSE: u16 = 18;
    /// Open, answer or close a dispute.
    pub const DISPUTE: u16 = 19;
    /// Greatest number known to version 1.
    pub const LAST: u16 = DISPUTE;
}

/// A size and root of a log: a point in its history.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Number of leaves.
    pub size: u64,
    /// RFC 6962 root of those leaves.
    pub root: Hash,
}

impl Head {
    /// Returns the head of the empty log.
    pub fn empty() -> Self {
        Self { size: 0, root: tree_empty() }
    }
}

/// A key of a member with its rank.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RankedKey {
    /// What the key may replace.
    pub rank: Rank,
    /// The key.
    pub key: PublicKey,
}

/// Ranks of a member's keys: a higher one replaces lower ones, for the future only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Rank {
    /// A device: signs every day, on a lane of its own.
    Device,
    /// The recovery words.
    Words,
}

/// A member's first record: its digest is the member.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberRecord {
    /// Sixteen random bytes.
    pub salt: [u8; 16],
    /// 1 to 4 keys, in rising order of rank; the first is a device's and gets lane 0.
    pub keys: Vec<RankedKey>,
    /// Digest of the key that comes next (pre-rotation).
    pub next_key: Hash,
    /// The first home.
    pub home: CiteId,
}

impl MemberRecord {
    /// Most keys in a first record: two devices, the words, and one to spare.
    pub const KEYS_MAX: usize = 4;

    /// Returns the identity of the member.
    pub fn id(&self) -> MemberId {
        MemberId(digest(Use::Member, &[&self.encode()]))
    }

    /// Returns the device key of lane 0.
    pub fn device_key(&self) -> Option<PublicKey> {
        self.keys.first().filter(|key| key.rank == Rank::Device).map(|key| key.key)
    }
}

impl Canonical for MemberRecord {
    const NAME: &'static str = "member record";
    const MAX: usize = 512;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.keys.len(), Self::KEYS_MAX)?;
        let ranked = self.keys.is_sorted_by(|a, b| a.rank <= b.rank);
        if ranked && self.device_key().is_some() {
            Ok(())
        } else {
            Err(CodecError::OutOfBounds(Self::NAME))
        }
    }
}

/// Join a cité: takes effect inside the act that admits it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Join {
    /// The first record; its digest is the author.
    pub record: MemberRecord,
    /// Version of the rules that the person accepts.
    pub rules: u32,
    /// Hours promised, for a year.
    pub pledge: Minutes,
}

/// Pay a member of the same cité, or its commons.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pay {
    /// Who receives the hours: a member or the commons.
    pub payee: Account,
    /// How much.
    pub minutes: Minutes,
    /// The payee's signed request, if this answers one; then both have signed.
    pub request: Option<Bytes>,
}

/// Pay a member of another cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Export {
    /// The other cité.
    pub to: CiteId,
    /// The member there.
    pub payee: MemberId,
    /// How much.
    pub minutes: Minutes,
    /// The payee's signed request, if this answers one.
    pub request: Option<Bytes>,
}

/// A steward's act: counts as its author's approval.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct ActFields {
    kind: u16,
    body: Bytes,
}

/// A steward's agreement to a pending act.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Approve {
    /// The act.
    pub act: OrderId,
}

macro_rules! canonical_fields {
    ($($type:ty, $name:literal;)*) => {$(
        impl Canonical for $type {
            const NAME: &'static str = $name;
            const MAX: usize = ORDER_MAX;
        }
    )*};
}

canonical_fields! {
    Pay, "payment";
    Export, "payment abroad";
    ActFields, "act";
    Approve, "approval";
}

impl Canonical for Join {
    const NAME: &'static str = "joining";
    const MAX: usize = ORDER_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        self.record.bounds()
    }
}

/// What an order orders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Statement {
    /// See [`Join`].
    Join(Join),
    /// See [`Pay`].
    Pay(Pay),
    /// See [`Export`].
    Export(Export),
    /// See [`Act`].
    Act(Act),
    /// See [`Approve`].
    Approve(Approve),
}

impl Statement {
    /// Returns the number of the kind, without [`MUST_UNDERSTAND`].
    pub const fn number(&self) -> u16 {
        match self {
            Self::Join(_) => number::JOIN,
            Self::Pay(_) => number::PAY,
            Self::Export(_) => number::EXPORT,
            Self::Act(_) => number::ACT,
            Self::Approve(_) => number::APPROVE,
        }
    }

    fn fields(&self) -> Vec<u8> {
        match self {
            Self::Join(join) => join.encode(),
            Self::Pay(pay) => pay.encode(),
            Self::Export(export) => export.encode(),
            Self::Act(act) => {
                ActFields { kind: act.number(), body: Bytes::from(act.body()) }.encode()
            }
            Self::Approve(approve) => approve.encode(),
        }
    }

    fn from_fields(kind: u16, fields: &[u8]) -> Result<Self, CodecError> {
        match kind & !MUST_UNDERSTAND {
            _ if kind & MUST_UNDERSTAND == 0 => Err(CodecError::Kind { what: "order", kind }),
            number::JOIN => Join::decode(fields).map(Self::Join),
            number::PAY => Pay::decode(fields).map(Self::Pay),
            number::EXPORT => Export::decode(fields).map(Self::Export),
            number::ACT => {
                let fields = ActFields::decode(fields)?;
                Act::from_body(fields.kind, &fields.body).map(Self::Act)
            }
            number::APPROVE => Approve::decode(fields).map(Self::Approve),
            number => Err(CodecError::Kind { what: "order", kind: number }),
        }
    }
}

/// An order, unsigned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Who orders.
    pub author: MemberId,
    /// Number of the author's key set, from 0, one more at every key change.
    pub epoch: u32,
    /// The network in which the order counts.
    pub network: NetworkId,
    /// The cité in whose log the order counts.
    pub home: CiteId,
    /// The author's device.
    pub lane: u16,
    /// 1 for the first order of a lane, then one more each.
    pub seq: u64,
    /// The order before it in the lane; [`OrderId::NONE`] before the first.
    pub prev: OrderId,
    /// The newest committed head of the home that the author's device verified.
    pub seen: Head,
    /// Last day on which the order may be entered.
    pub valid_until: UtcDay,
    /// What is ordered.
    pub statement: Statement,
    /// Commitment to a text kept outside the log.
    pub body: Option<Hash>,
}

/// The bytes of an order in the order of their fields.
#[derive(PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Envelope {
    version: u8,
    kind: u16,
    author: MemberId,
    epoch: u32,
    network: NetworkId,
    home: CiteId,
    lane: u16,
    seq: u64,
    prev: OrderId,
    seen: Head,
    valid_until: UtcDay,
    fields: Bytes,
    body: Option<Hash>,
}

impl Canonical for Envelope {
    const NAME: &'static str = "order";
    const MAX: usize = ORDER_MAX - Signature::LEN;

    fn bounds(&self) -> Result<(), CodecError> {
        if self.version == 1 { Ok(()) } else { Err(CodecError::Version(Self::NAME)) }
    }
}

impl Order {
    /// Returns the bytes that are signed.
    pub fn encode(&self) -> Vec<u8> {
        Envelope {
            version: 1,
            kind: self.statement.number() | MUST_UNDERSTAND,
            author: self.author,
            epoch: self.epoch,
            network: self.network,
            home: self.home,
            lane: self.lane,
            seq: self.seq,
            prev: self.prev,
            seen: self.seen,
            valid_until: self.valid_until,
            fields: Bytes::from(self.statement.fields()),
            body: self.body,
        }
        .encode()
    }

    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let envelope = Envelope::decode(bytes)?;
        Ok(Self {
            author: envelope.author,
            epoch: envelope.epoch,
            network: envelope.network,
            home: envelope.home,
            lane: envelope.lane,
            seq: envelope.seq,
            prev: envelope.prev,
            seen: envelope.seen,
            valid_until: envelope.valid_until,
            statement: Statement::from_fields(envelope.kind, &envelope.fields)?,
            body: envelope.body,
        })
    }

    /// Returns the order signed by `key`.
    pub fn sign(self, key: &SigningKey) -> SignedOrder {
        let mut bytes = self.encode();
        let id = OrderId(digest(Use::Order, &[&bytes]));
        let signature = key.sign(Purpose::Order, &self.network, &bytes);
        bytes.extend_from_slice(&signature.to_bytes());
        SignedOrder { order: self, id, signature, bytes }
    }
}

/// An order as it was received: well-formed and canonical, its signature not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedOrder {
    order: Order,
    id: OrderId,
    signature: Signature,
    bytes: Vec<u8>,
}

impl SignedOrder {
    /// Returns the order written in `bytes`: the unsigned bytes, then 64 bytes of signature.
    ///
    /// # Errors
    /// [`CodecError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let (unsigned, signature) = split_signed("order", ORDER_MAX, bytes)?;
        let order = Order::decode(unsigned)?;
        let id = OrderId(digest(Use::Order, &[unsigned]));
        Ok(Self { order, id, signature, bytes: bytes.to_vec() })
    }

    /// Returns the order.
    pub const fn order(&self) -> &Order {
        &self.order
    }

    /// Returns the identity of the order.
    pub const fn id(&self) -> OrderId {
        self.id
    }

    /// Returns the bytes exactly as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the order as one that `key` signed.
    ///
    /// # Errors
    /// [`KeyError::Signature`].
    pub fn verify(self, key: &VerifyingKey) -> Result<VerifiedOrder, KeyError> {
        let unsigned = self.bytes.len().saturating_sub(Signature::LEN);
        let payload = self.bytes.get(..unsigned).ok_or(KeyError::Signature)?;
        key.verify(Purpose::Order, &self.order.network, payload, &self.signature)?;
        Ok(VerifiedOrder { signed: self, key: key.public() })
    }
}

/// An order whose signature verified under a key; only [`SignedOrder::verify`] makes one. Whether
/// that key is the author's is for whoever knows the author's keys to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedOrder {
    signed: SignedOrder,
    key: PublicKey,
}

impl VerifiedOrder {
    /// Returns the order.
    pub const fn order(&self) -> &Order {
        &self.signed.order
    }

    /// Returns the identity of the order.
    pub const fn id(&self) -> OrderId {
        self.signed.id
    }

    /// Returns the key that signed.
    pub const fn key(&self) -> PublicKey {
        self.key
    }

    /// Returns the bytes exactly as received.
    pub fn bytes(&self) -> &[u8] {
        &self.signed.bytes
    }

    /// Returns the order as it was received, to be written down.
    pub fn into_signed(self) -> SignedOrder {
        self.signed
    }
}

/// Cuts `bytes` into what was signed and the signature behind it.
pub(crate) fn split_signed<'a>(
    what: &'static str,
    max: usize,
    bytes: &'a [u8],
) -> Result<(&'a [u8], Signature), CodecError> {
    if bytes.len() > max {
        return Err(CodecError::TooLong { len: bytes.len(), max });
    }
    let cut = bytes.len().checked_sub(Signature::LEN).ok_or(CodecError::Malformed(what))?;
    let (unsigned, signature) = bytes.split_at_checked(cut).ok_or(CodecError::Malformed(what))?;
    let signature = Signature::from_slice(signature).ok_or(CodecError::Malformed(what))?;
    Ok((unsigned, signature))
}
