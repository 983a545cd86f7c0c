//! Chance that can be played again: the same seed gives the same numbers on every machine, for ever.
//! Guessable on purpose: whatever is drawn from it is a rehearsal and must never hold hours that count.

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): one 64-bit state, every step a fixed mixing.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// Returns the numbers of a seed.
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns the next number.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `bound`; 0 when that is 0. The remainder favours small numbers by less
    /// than one in 2^50, far below what a season could show.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        let drawn = self.next().checked_rem(bound).unwrap_or(0);
        usize::try_from(drawn).expect("it is below a bound that was a usize")
    }

    /// Returns whether something happens that happens `percent` times in a hundred.
    pub(super) fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            for (to, from) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *to = from;
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;

    #[test]
    fn it_is_the_published_generator() {
        // First outputs for the seed 1234567, as in the reference implementation's own example.
        let mut chance = Chance::new(1_234_567);
        let drawn: Vec<u64> = (0..3).map(|_| chance.next()).collect();
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (chance.below(41), chance.happens(20), chance.bytes::<12>())
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert_eq!(Chance::new(3).below(0), 0);
    }
}
