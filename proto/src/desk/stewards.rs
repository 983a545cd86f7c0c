//! What stewards see: members, who asked to be admitted, and acts that wait for approvals.

use serde::{Deserialize, Serialize};

use crate::{
    act::Level,
    codec::Bytes,
    ids::MemberId,
    minutes::Balance,
    time::{UnixMillis, UtcDay},
};

/// A member as stewards see one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberItem {
    /// Identity.
    pub member: MemberId,
    /// Number.
    pub number: u32,
    /// Name given on joining, unless erased.
    pub alias: String,
    /// Level.
    pub level: Level,
    /// Balance.
    pub balance: Balance,
    /// Last day of the card.
    pub until: UtcDay,
    /// When the account last moved.
    pub moved: LastMove,
}

/// When an account last moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LastMove {
    /// The node cannot look it up now.
    Unknown,
    /// It never did.
    Never,
    /// At this time.
    At(UnixMillis),
}

/// Somebody who asked to be admitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Application {
    /// The signed Join order.
    pub join: Bytes,
    /// Name given, at most [`ALIAS_MAX`](super::ALIAS_MAX) bytes, plain.
    pub alias: String,
    /// When it came.
    pub time: UnixMillis,
}

/// An act that waits for approvals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingAct {
    /// The act's order.
    pub order: Bytes,
    /// Who agreed so far.
    pub approved_by: Vec<MemberId>,
    /// How many must agree.
    pub need: u8,
    /// When it lapses.
    pub until: UtcDay,
}
