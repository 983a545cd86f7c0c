//! Chance that a seed decides.

/// Chance from a seed: splitmix64 (Steele, Lea, Flood 2014), enough to choose which sectors survive.
pub struct Chance(pub u64);

impl Chance {
    /// Returns a number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    /// Returns a place in a list of `count`.
    ///
    /// # Panics
    /// When the list is empty.
    pub fn index(&mut self, count: usize) -> usize {
        let bound = u64::try_from(count).expect("a machine has 64 bits");
        usize::try_from(self.below(bound)).expect("below a usize")
    }
}
