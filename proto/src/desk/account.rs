//! What a member sees of the own account: where it stands, what moved it, what is asked of it.

use serde::{Deserialize, Serialize};

use crate::{
    body::Body,
    codec::Bytes,
    founding::Rules,
    ids::{Account, MemberId, OrderId},
    keys::PublicKey,
    membership::{Terms, Validity},
    minutes::Balance,
    order::Head,
    time::UnixMillis,
};

/// A member's own account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountSheet {
    /// Number in the cité.
    pub number: u32,
    /// Terms of the card in force.
    pub terms: Terms,
    /// Number of that card among the member's, from 1.
    pub serial: u32,
    /// Whether the membership holds.
    pub validity: Validity,
    /// Where it stands in what is durable.
    pub balance: Balance,
    /// Lowest balance allowed.
    pub floor: Balance,
    /// Highest balance allowed.
    pub ceiling: Balance,
    /// Minutes in transfers abroad that are still open.
    pub abroad: u64,
    /// Number of the key set.
    pub epoch: u32,
    /// Devices, with the last order of each.
    pub lanes: Vec<LaneSheet>,
    /// What the next order should name as seen.
    pub seen: Head,
    /// The cité's rules.
    pub rules: Rules,
    /// The node's clock.
    pub now: UnixMillis,
}

/// A device of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaneSheet {
    /// Number of the lane.
    pub lane: u16,
    /// Its key.
    pub key: PublicKey,
    /// Its last order's number.
    pub seq: u64,
    /// Its last order.
    pub last: OrderId,
}

/// How far an entry has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Under a checkpoint of the home.
    Recorded,
    /// Some mirrors hold and checked it.
    Witnessed {
        /// How many.
        have: u8,
        /// Of how many.
        of: u8,
    },
    /// Survives any recovery.
    Committed,
    /// Taken in by the other cité.
    Arrived,
    /// Sent back by the other cité, for this reason.
    Returned(u16),
}

/// One movement of an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Movement {
    /// Leaf of the log.
    pub leaf: u64,
    /// When it was entered.
    pub time: UnixMillis,
    /// The order behind it.
    pub order: OrderId,
    /// The account on the other side.
    pub with: Account,
    /// Number of that member here, when it is one.
    pub with_number: Option<u32>,
    /// The other member, when the other side is a cité.
    pub abroad: Option<MemberId>,
    /// Minutes: positive when they came in.
    pub change: Balance,
    /// The text, unless it was erased.
    pub body: Option<Body>,
    /// How far it has come.
    pub standing: Standing,
}

/// State of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RequestState {
    /// May be paid.
    Open,
    /// Was paid.
    Paid,
    /// Was declined.
    Declined,
    /// Its last day has passed.
    Expired,
    /// The home of whoever is asked does not take the letter. It may still be handed over otherwise.
    Undelivered,
    /// The letter waits here until the home of whoever is asked answers. It may be handed over otherwise.
    UnderWay,
}

/// A request in somebody's list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestItem {
    /// The signed request.
    pub request: Bytes,
    /// Its text.
    pub body: Option<Body>,
    /// Whether the reader is the one who is asked.
    pub received: bool,
    /// Number of the payee at the payee's home, if that is here.
    pub payee_number: Option<u32>,
    /// Its state, as far as is known here.
    pub state: RequestState,
    /// Why it was declined.
    pub reason: String,
}
