//! What anybody may see of a cité: its public sheet, what it has with others, which others its node knows.

use serde::{Deserialize, Serialize};

use crate::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Bytes,
    founding::Rules,
    heirs::Will,
    ids::{CiteId, MemberId},
    minutes::{Balance, Minutes},
    order::Head,
    time::{UnixMillis, UtcDay},
};

/// The public sheet of a cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sheet {
    /// Signed founding record.
    pub founding: Bytes,
    /// Rules in force.
    pub rules: Rules,
    /// Newest checkpoint.
    pub checkpoint: Checkpoint,
    /// Newest certificate, if the log has mirrors.
    pub certificate: Option<Certificate>,
    /// Head up to which the log is committed; the empty head while there is none.
    pub committed: Head,
    /// Number of members, without those who have left.
    pub members: u32,
    /// Number of members who may sign acts now.
    pub stewards: u32,
    /// Cités with an account here.
    pub peers: Vec<PeerSheet>,
    /// Mirrors of the log, those in force and those chosen to be.
    pub mirrors: Vec<CiteId>,
    /// Number of the last act of the root keys.
    pub root_seq: u32,
    /// Leaf of the act that closed the cité, if it is closed.
    pub closed: Option<u64>,
    /// Where the root named the heirs, if it did.
    pub will: Option<Will>,
    /// Incarnation that they opened, while it is the one in force.
    pub inherited: Option<u32>,
    /// The node's clock.
    pub now: UnixMillis,
}

/// What a cité has with another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerSheet {
    /// The other cité.
    pub cite: CiteId,
    /// Its short name.
    pub slug: String,
    /// Balance of `peer:X`: positive, this cité owes it.
    pub balance: Balance,
    /// The most that it may owe this cité.
    pub line: Minutes,
    /// Day on which that was decided; a line that is not decided again is 0 a year later.
    pub renewed: UtcDay,
    /// Messages sent to it.
    pub sent: u64,
    /// Messages taken in from it.
    pub received: u64,
    /// Transfers to it that are neither imported nor returned, as far as is known here.
    pub open: u32,
    /// Minutes in those.
    pub open_minutes: u64,
    /// When the oldest of those was entered.
    pub waiting_since: Option<UnixMillis>,
    /// Whether it opened an account for this cité, as far as is proved here.
    pub opened_there: bool,
    /// Whether the last message between the two was said: one of them is closed.
    pub ended: bool,
}

/// A cité that the node knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Known {
    /// Signed founding record.
    pub founding: Bytes,
    /// Addresses of its node.
    pub addresses: Vec<String>,
    /// Whether it has an account in the log of the node's cité.
    pub account: bool,
    /// Whether its node is connected now.
    pub connected: bool,
    /// When something was last heard.
    pub seen: Option<UnixMillis>,
    /// Newest certified head known.
    pub certified: Option<Head>,
    /// Whether it was proved to have signed two histories.
    pub convicted: bool,
    /// Where its root named its heirs, if its log is copied here and says so.
    pub will: Option<Will>,
}

/// A member as anybody may see one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Identity.
    pub member: MemberId,
    /// Number in the cité.
    pub number: u32,
}
