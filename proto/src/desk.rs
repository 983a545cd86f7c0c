//! What a client (the `pirate` command of a member, a steward, whoever runs the node) says to a node.
//! Answers prove themselves where it matters: a receipt is a checkpoint and a path.
//!
//! Read top to bottom: every call beside the reply to it. What is in the replies lies in one file for each reader.

mod account;
mod blocks;
mod bounds;
mod cites;
mod query;
mod receipt;
mod refused;
mod status;
mod stewards;
mod watch;

use serde::{Deserialize, Serialize};

use crate::{
    body::Body,
    codec::Bytes,
    ids::{CiteId, MemberId},
    keys::PublicKey,
    time::UnixMillis,
    wire::Letter,
};

pub use account::{AccountSheet, LaneSheet, Movement, RequestItem, RequestState, Standing};
pub use blocks::{
    BLOCKED_MAX, Blocked, BlockedItem, CUT_OFF_MAX, CutOff, Ip, NoSubnet, Subnet, USE_MINUTES, Use,
};
pub use cites::{Known, PeerSheet, Person, Sheet};
pub use query::{Query, SignedQuery};
pub use receipt::{CardProof, CardWitness, Receipt};
pub use refused::{Fact, Refused, Unavailable};
pub use status::{
    ClockSheet, ComplaintSheet, ComplaintState, CopyState, MirrorItem, NodeStatus, Obstacle,
    OwnBranch, PeerItem, RecoveryMirror, RecoverySheet, ScrubSheet,
};
pub use stewards::{Application, ErasureSheet, LastMove, MemberItem, PendingAct};
pub use watch::{SILENT_MAX, SilentWitness, Syncs, WatchSheet};

/// Longest call in bytes: a longest order with its text.
pub const CALL_MAX: usize = 16 * 1_024;

/// Longest reply in bytes: a page of a list.
pub const REPLY_MAX: usize = 256 * 1_024;

/// Most items in one page of a list.
pub const PAGE_MAX: usize = 256;

/// Longest name that somebody gives to the stewards, in bytes: a line of a screen beside its label.
pub const ALIAS_MAX: usize = 64;

/// A frame from a client: what is asked, and of which cité's node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The home that must answer; `None`: whichever node reads this.
    pub home: Option<CiteId>,
    /// The call.
    pub call: Call,
}

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Call {
    /// The public sheet of the cité. Anybody.
    Sheet,
    /// The cités that the node knows. Anybody.
    Cites,
    /// The member behind a number or an id. Anybody.
    Resolve(Name),
    /// A fresh challenge to answer a private query with. Anybody.
    Challenge,
    /// A private query with its answered challenge.
    Private(Box<SignedQuery>),
    /// Enter an order. Whoever signed it.
    Submit {
        /// The signed order.
        order: Bytes,
        /// Its text.
        body: Option<Body>,
    },
    /// Ask to be admitted, with an invitation's token. Anybody who holds one.
    Apply {
        /// The token.
        token: [u8; 16],
        /// The signed Join order.
        join: Bytes,
        /// Name for the stewards' eyes, erasable; at most [`ALIAS_MAX`] bytes, plain.
        alias: String,
    },
    /// Take a letter to a member, here or elsewhere.
    Letter(Letter),
    /// Of whoever runs the node: only through the machine's own socket.
    Operator(Operator),
    /// Keep this signed order, which its home does not take, and see that it does. To a mirror of that home's log;
    /// anybody.
    Complain(Bytes),
    /// The state of this signed request, at the home of its payee: whoever holds it whole may ask, and no number or
    /// identity is enough.
    Request(Bytes),
}

/// How a person is named in commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Name {
    /// Number in the cité.
    Number(u32),
    /// Identity.
    Id(MemberId),
}

/// Calls of whoever runs the node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Operator {
    /// State of the node.
    Status,
    /// Peers of the node.
    Peers,
    /// Learn a network's addresses and keep in touch.
    Connect {
        /// Network key of the other node.
        node: PublicKey,
        /// Its addresses.
        addresses: Vec<String>,
    },
    /// Set the clock. Test networks only.
    Clock(UnixMillis),
    /// Stop cleanly.
    Stop,
    /// The word of whoever runs the node that its clock shows the right time.
    ClockIsRight,
    /// Read all data now, and mend what is damaged.
    Scrub,
    /// Close the cité, for good, or name its heirs: an act of the root keys, as signed.
    RootAct(Bytes),
    /// Have nothing to do with these any more; at most [`BLOCKED_MAX`].
    Block(Blocked),
    /// Have to do with these again.
    Lift(Blocked),
    /// With whom the node has nothing to do.
    Blocked,
}

/// What a desk replies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Call::Sheet`].
    Sheet(Box<Sheet>),
    /// To [`Call::Cites`].
    Cites(Vec<Known>),
    /// To [`Call::Resolve`].
    Person(Option<Person>),
    /// To [`Call::Challenge`].
    Challenge([u8; 32]),
    /// To [`Query::Account`].
    Account(Box<AccountSheet>),
    /// To [`Query::History`].
    History(Vec<Movement>),
    /// To [`Query::Requests`].
    Requests(Vec<RequestItem>),
    /// To [`Query::Card`]: the admission, proved by the newest certificate, or by the newest
    /// checkpoint when the log has no mirrors.
    Card(Box<CardProof>),
    /// To [`Query::Members`].
    Members(Vec<MemberItem>),
    /// To [`Query::Invite`].
    Invitation {
        /// The token.
        token: [u8; 16],
        /// Addresses of the node.
        addresses: Vec<String>,
        /// Network key of the node.
        node: PublicKey,
    },
    /// To [`Query::Applications`].
    Applications(Vec<Application>),
    /// To [`Query::Acts`].
    Acts(Vec<PendingAct>),
    /// To [`Call::Submit`] and [`Query::Order`]: durable, with the proof.
    Recorded(Box<Receipt>),
    /// To [`Query::Order`]: not in the log.
    NotRecorded,
    /// To [`Call::Apply`], [`Call::Letter`], operators' calls and queries that decline: done.
    Done,
    /// To [`Operator::Status`].
    Status(Box<NodeStatus>),
    /// To [`Operator::Peers`].
    Peers(Vec<PeerItem>),
    /// A numbered no.
    Refused(Refused),
    /// The node cannot answer now.
    Unavailable(Unavailable),
    /// To [`Call::Complain`].
    Complaint(ComplaintSheet),
    /// To [`Call::Request`].
    Request(RequestState),
    /// To [`Operator::Block`], [`Operator::Lift`] and [`Operator::Blocked`]: the whole list.
    Blocked(Vec<BlockedItem>),
    /// To [`Query::Erase`] and [`Query::Erasure`].
    Erasure(ErasureSheet),
    /// To [`Query::ShortCard`]: as [`SignedShortCard::bytes`](crate::card::SignedShortCard::bytes) has it.
    ShortCard(Bytes),
}
