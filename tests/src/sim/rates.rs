//! What a run is like: how many cités, how bad the network, how often somebody stumbles. Each run draws its own
//! rates from its seed, so that some are nearly quiet and some are nearly hopeless.

use super::liars::{LIES, Lie};
use crate::disk::Chance;

/// What a run is like. Rates are so many of a hundred; times are in milliseconds.
#[derive(Clone, Debug)]
pub(super) struct Rates {
    /// Number of cités, each with one node that mirrors all others.
    pub(super) cites: usize,
    /// The shortest time that a frame takes.
    pub(super) way_ms: u64,
    /// How much longer a frame takes at most, when nothing holds it up.
    pub(super) jitter_ms: u64,
    /// A frame is lost.
    pub(super) lost: u64,
    /// A frame arrives twice.
    pub(super) doubled: u64,
    /// A frame is held up.
    pub(super) late: u64,
    /// For how long at most.
    pub(super) late_ms: u64,
    /// An answer is one that the same node gave to the same node before.
    pub(super) stale: u64,
    /// In a second some frame of before arrives again.
    pub(super) repeated: u64,
    /// Between two payments of one person, on average.
    pub(super) pace_ms: u64,
    /// Payments that cross a border.
    pub(super) abroad: u64,
    /// The most that a cité may owe another, in hours.
    pub(super) line_h: u32,
    /// A steward who could pay changes something.
    pub(super) changes: u64,
    /// Between two troubles, on average.
    pub(super) gap_ms: u64,
    /// How long a trouble lasts at most.
    pub(super) lasts_ms: u64,
    /// For how long there is trouble.
    pub(super) trouble_ms: u64,
    /// More is lost than the protocol promises to survive.
    pub(super) beyond: bool,
    /// Who is of bad will: with four cités a log is certified without one of its three mirrors.
    pub(super) liar: Option<(usize, Lie)>,
    /// How often each trouble strikes, beside the others.
    pub(super) weights: [u64; super::trouble::KINDS],
}

impl Rates {
    /// Returns the rates that `chance` draws.
    pub(super) fn drawn(chance: &mut Chance) -> Self {
        let mut up_to = |least: u64, most: u64| least + chance.below(most - least + 1);
        // Half of the runs have a network that only delays.
        let faulty = up_to(0, 1);
        let cites = usize::try_from(up_to(3, 5)).expect("few");
        let beyond = up_to(0, 9) == 0;
        Self {
            cites,
            beyond,
            way_ms: up_to(0, 60),
            jitter_ms: up_to(1, 400),
            lost: faulty * up_to(0, 40),
            doubled: faulty * up_to(0, 40),
            late: faulty * up_to(0, 50),
            late_ms: up_to(1_000, 30_000),
            stale: faulty * up_to(0, 10),
            repeated: faulty * up_to(0, 60),
            pace_ms: up_to(4_000, 60_000),
            abroad: up_to(10, 80),
            line_h: u32::try_from([1, 2, 10, 100][usize::try_from(up_to(0, 3)).expect("few")])
                .expect("few"),
            changes: up_to(0, 1) * up_to(2, 20),
            gap_ms: up_to(5_000, 60_000),
            lasts_ms: up_to(5_000, 120_000),
            trouble_ms: up_to(120_000, 600_000),
            weights: core::array::from_fn(|_| up_to(0, 3) * up_to(0, 3)),
            liar: (up_to(0, 2) == 0 && cites > 3 && !beyond)
                .then(|| (chance.index(cites), LIES[chance.index(LIES.len())])),
        }
    }
}
