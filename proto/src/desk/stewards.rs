//! What stewards see: members, who asked to be admitted, acts that wait for approvals, and how far an erasure has come.

use serde::{Deserialize, Serialize};

use crate::{
    codec::Bytes,
    ids::{CiteId, MemberId},
    membership::{Terms, Validity},
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
    /// Terms of the card in force.
    pub terms: Terms,
    /// Number of that card among the member's, from 1.
    pub serial: u32,
    /// Whether the membership holds.
    pub validity: Validity,
    /// Balance.
    pub balance: Balance,
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

/// How far the erasure of a member has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErasureSheet {
    /// When a steward asked for it; `None` when nobody did.
    pub since: Option<UnixMillis>,
    /// Whether all is destroyed at home.
    pub done: bool,
    /// Cités that have not answered yet that they do the same; while nobody asked, those that would be told.
    pub untold: Vec<CiteId>,
}
