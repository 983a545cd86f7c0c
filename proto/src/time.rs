//! Instants and days as values; they arrive as arguments, nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// Returns the UTC day in which this instant lies.
    pub const fn day(self) -> UtcDay {
        UtcDay(self.0 / DAY_MS)
    }

    /// Returns the instant `millis` later, or the last one that can be written.
    pub const fn plus(self, millis: u64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Returns how many milliseconds lie between `earlier` and this instant, 0 when it lies later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// Days since 1970-01-01, in UTC.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct UtcDay(pub u64);

impl UtcDay {
    /// Returns the first instant of the day.
    pub const fn start(self) -> UnixMillis {
        UnixMillis(self.0.saturating_mul(DAY_MS))
    }

    /// Returns the day `days` later.
    pub const fn plus(self, days: u64) -> Self {
        Self(self.0.saturating_add(days))
    }
}

/// Milliseconds in a UTC day (leap seconds are smeared by the clocks that we are handed).
pub const DAY_MS: u64 = 86_400_000;
