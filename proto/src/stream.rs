//! Streams: the numbered messages from one cité to another, each said by one entry of the sender's
//! log. They carry hours, returns, acknowledgements and a last word; what they cause is the ledger's affair.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Bytes, Canonical},
    hash::Hash,
    ids::{CiteId, MemberId, OrderId},
    minutes::Minutes,
};

/// Place of a message on the stream to another cité.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamHeader {
    /// The other cité.
    pub peer: CiteId,
    /// 1 for the first message to it, then one more each.
    pub counter: u64,
    /// The last message taken in from it; 0 before the first.
    pub received: u64,
}

impl StreamHeader {
    /// Bytes of a header.
    pub const LEN: usize = 48;
}

impl Canonical for StreamHeader {
    const NAME: &'static str = "stream header";
    const MAX: usize = Self::LEN;
}

/// Hours on their way to another cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Transfer {
    /// The payer's order.
    pub order: OrderId,
    /// Who pays.
    pub payer: MemberId,
    /// Who is paid, at the receiving cité.
    pub payee: MemberId,
    /// How much.
    pub minutes: Minutes,
    /// The payee's signed request, if the payment answers one.
    pub request: Option<Bytes>,
    /// Commitment to a text kept outside the log.
    pub body: Option<Hash>,
}

/// What a stream message says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Content {
    /// Hours for a member.
    Transfer(Transfer),
    /// Hours of an earlier transfer come back.
    Return {
        /// Counter of that transfer.
        counter: u64,
        /// Number of the refusal.
        reason: u16,
    },
    /// Nothing but the cursor.
    Ack,
    /// The sender is closed: it takes in nothing behind its cursor, and sends nothing more.
    Farewell,
}

/// One message of a stream.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamMessage {
    /// The sending cité.
    pub from: CiteId,
    /// The receiving cité.
    pub to: CiteId,
    /// Number on the stream, from 1.
    pub counter: u64,
    /// The sender's cursor for the other direction.
    pub received: u64,
    /// What it says.
    pub content: Content,
}
