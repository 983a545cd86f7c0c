//! Membership: on what terms somebody is a member, and whether that holds now. Stewards decide both, by acts;
//! which acts may change what is the ledger's affair.

use serde::{Deserialize, Serialize};

use crate::{minutes::Minutes, time::UtcDay};

/// What a member may do in the cité.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Level {
    /// An ordinary member.
    Member,
    /// A member who may sign acts.
    Steward,
}

/// Terms of a card: decided when somebody is admitted, and again with every new card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// Level of the membership.
    pub level: Level,
    /// First day of the card.
    pub from: UtcDay,
    /// Last day of the card.
    pub until: UtcDay,
    /// The most that another cité may lend the holder while the home cannot be reached.
    pub allowance: Minutes,
}

/// Whether a membership holds, apart from the days of its card.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Validity {
    /// It does.
    Good,
    /// Stewards stopped it, and may lift that again: the holder orders nothing, and is no steward.
    Suspended {
        /// Leaf of the act.
        leaf: u64,
        /// Last day of it; `None`: until it is lifted. Afterwards the holder orders again; to be a steward again takes
        /// the lifting.
        until: Option<UtcDay>,
    },
    /// The membership ended. What the account holds stays there.
    Left {
        /// Leaf of the act.
        leaf: u64,
    },
}

impl Validity {
    /// Returns whether the holder may order something on a day: not while suspended, nor after leaving.
    pub fn is_good_on(&self, today: UtcDay) -> bool {
        match self {
            Self::Good => true,
            Self::Suspended { until, .. } => until.is_some_and(|until| today > until),
            Self::Left { .. } => false,
        }
    }
}
