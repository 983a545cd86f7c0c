//! Hours as whole minutes: what is paid, and what an account stands at.
//! One hour is one hour whoever gives it; nothing here rounds, weighs or converts.

use serde::{Deserialize, Serialize};

/// An amount of service time, in whole minutes, never negative.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Minutes(pub u32);

impl Minutes {
    /// The most that one payment can carry: 1,000 h. The longest exchange on record in 156 time
    /// banks is far below; the bound keeps every sum of a log inside `i64` (2^63 / 60,000 payments).
    pub const PAYMENT_MAX: Self = Self(60_000);

    /// Returns `hours` as minutes, or `None` when it does not fit.
    pub const fn from_hours(hours: u32) -> Option<Self> {
        match hours.checked_mul(60) {
            Some(minutes) => Some(Self(minutes)),
            None => None,
        }
    }

    /// Returns the amount as a balance of the same size.
    pub const fn as_balance(self) -> Balance {
        // `i64::from` is not const; every u32 fits.
        Balance(from_u32(self.0))
    }
}

/// What an account stands at, in whole minutes: positive when it has given more than it received.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Balance(pub i64);

impl Balance {
    /// An account that is even.
    pub const ZERO: Self = Self(0);

    /// Returns this balance after `minutes` came in; `None` on overflow.
    pub const fn credited(self, minutes: Minutes) -> Option<Self> {
        match self.0.checked_add(from_u32(minutes.0)) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Returns this balance after `minutes` went out; `None` on overflow.
    pub const fn debited(self, minutes: Minutes) -> Option<Self> {
        match self.0.checked_sub(from_u32(minutes.0)) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }

    /// Returns the sum of two balances; `None` on overflow.
    pub const fn plus(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// Returns the balance with its sign turned; `None` on overflow.
    pub const fn negated(self) -> Option<Self> {
        match self.0.checked_neg() {
            Some(value) => Some(Self(value)),
            None => None,
        }
    }
}

#[expect(clippy::as_conversions, reason = "every u32 is an i64, and From is not const")]
const fn from_u32(value: u32) -> i64 {
    value as i64
}
