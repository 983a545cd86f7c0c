//! Chance: unguessable bytes from one seed that the shell took from the operating system. The same seed
//! gives the same bytes, so that a simulated node can be played again.

use proto::hash::{Use, digest};

/// A source of unguessable bytes.
#[derive(Debug)]
pub(crate) struct Chance {
    seed: [u8; 32],
    counter: u64,
}

impl Chance {
    /// Returns the source of a seed.
    pub(crate) const fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    /// Returns 32 bytes that nobody else can guess.
    pub(crate) fn bytes(&mut self) -> [u8; 32] {
        self.counter = self.counter.wrapping_add(1);
        digest(Use::Chance, &[&self.seed, &self.counter.to_le_bytes()]).0
    }

    /// Returns a number below `bound`, or 0 when that is 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.bytes();
        u64::from_le_bytes([a, b, c, d, e, f, g, h]).checked_rem(bound).unwrap_or(0)
    }
}
