//! What a run reached: rare states, by name, with how often. A simulator that never gets there shows nothing about
//! them, so a set of runs fails in which one of them was never reached.

use std::collections::BTreeMap;

/// What must be reached at least once in a set of runs.
pub const RARE: [&str; 50] = [
    "a bit of a log rotted",
    "a card was issued anew",
    "a certificate was made",
    "a clock leapt",
    "a complaint brought an order into the log",
    "a connection was given up",
    "a convicted home was frozen everywhere",
    "a copy of a node signed nothing beside it",
    "a disk read something wrong",
    "a disk was full",
    "a disk was lost while another node was not well",
    "a disk was lost",
    "a disk was nearly full",
    "a home did not hear a member",
    "a home that heard again was cosigned again",
    "a line was changed",
    "a log came before its time to a mirror",
    "a log that rotted was mended with what others hold",
    "a log was certified without one of its mirrors",
    "a log was true where more was lost than can be spared",
    "a log went on in a new incarnation",
    "a member left",
    "a member was suspended",
    "a mirror cosigned no more because of a complaint",
    "a mirror cosigned what it did not look at",
    "a mirror refused to cosign",
    "a mirror was left out",
    "a mirror was shown a resume that was made up",
    "a mirror was shown two histories of a log",
    "a mirror was taken in again",
    "a node did not believe its clock",
    "a node did not start on a full disk",
    "a node did not start on a log that rotted",
    "a node started with a wrong clock",
    "a node stood still",
    "a node stopped saying yes, and was started again",
    "a node was killed",
    "a payment came back at a line",
    "a payment was refused at a limit",
    "a suspension was lifted",
    "a way was closed in one direction",
    "a write landed in the wrong place",
    "an older answer stood for a new one",
    "an older image signed nothing",
    "an older image that had rotted was put back",
    "every node was cut off from one",
    "hours were taken in abroad",
    "the network was halved",
    "the power failed inside a call",
    "what rotted was well again after a start",
];

/// How often each state was reached.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Reached(BTreeMap<&'static str, u64>);

impl Reached {
    /// Counts one.
    ///
    /// # Panics
    /// When it is no state of [`RARE`].
    pub(super) fn note(&mut self, what: &'static str) {
        assert!(RARE.contains(&what), "{what} is in the list");
        *self.0.entry(what).or_default() += 1;
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    /// Returns each state with how often it was reached.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RARE.into_iter().map(|what| (what, self.0.get(what).copied().unwrap_or(0)))
    }

    /// Returns what was never reached.
    pub fn missing(&self) -> Vec<&'static str> {
        self.counts().filter(|(_, count)| *count == 0).map(|(what, _)| what).collect()
    }
}
