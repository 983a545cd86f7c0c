//! What a desk says no with: a numbered refusal of the rules, or why it cannot answer now.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CiteId, MemberId, OrderId},
    time::UtcDay,
};

/// A numbered refusal with its values; the catalogues of each language say it in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Number of the refusal (`ledger::refusal`).
    pub number: u16,
    /// Values, in the order of the refusal's fields.
    pub facts: Vec<Fact>,
}

/// A value of a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A balance, limit or shortfall.
    Minutes(i64),
    /// A count, size, number or version.
    Number(u64),
    /// A day.
    Day(UtcDay),
    /// A member.
    Member(MemberId),
    /// A cité.
    Cite(CiteId),
    /// An order.
    Order(OrderId),
}

/// Why a node cannot answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Unavailable {
    /// Too many calls at once.
    Busy,
    /// The home is not reachable from here.
    HomeUnreachable,
    /// This home signs nothing: its image was restored or copied.
    Restored,
    /// Writing failed; the node stopped saying yes.
    CannotWrite,
    /// The disk is nearly full.
    DiskFull,
    /// The call was not understood.
    Malformed,
    /// Challenge unknown or used, or the signature does not verify.
    NotYou,
    /// Only for stewards.
    StewardsOnly,
    /// Only through the machine's own socket.
    LocalOnly,
    /// The invitation is unknown, used up or out of date.
    Invitation,
    /// The mailbox is full.
    MailboxFull,
    /// Only on a test network.
    TestOnly,
    /// No cité was founded or joined here.
    NoCite,
    /// The home doubts its clock, and signs nothing.
    Clock,
    /// The home is on its way to a new incarnation, and signs nothing until it is there.
    Recovering,
    /// This node is no mirror of that log.
    NotAWitness,
    /// The member or the home has as many complaints as are kept.
    ComplaintsFull,
    /// Who asks applied to be admitted, and no steward has answered yet.
    Applied,
    /// Who asks applied to be admitted, and a steward declined it.
    Declined,
    /// A steward proposed this admission already: it waits for signatures, and is not declined any more.
    Proposed,
    /// The list of those to block is full.
    BlockedFull,
    /// The home has only just started: it asks its mirrors whether they hold more before it signs.
    Waking,
    /// Who asks has no card that holds today.
    NoCard,
}
