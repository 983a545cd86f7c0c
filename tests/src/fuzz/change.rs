//! Inputs made from inputs: random bytes rarely pass the first check, so what is tried is a good input in
//! which a little was changed. The same number makes the same inputs, on every machine.

use crate::disk::Chance;

/// Changes made to one input at most: few, for each further one is less likely to matter.
const CHANGES_MAX: u64 = 4;

/// Longest range that is removed, repeated or taken from another input, in bytes.
const RANGE_MAX: u64 = 64;

/// Lengths and counts that are written where one stands, beside those a little off.
const LENGTHS: [u64; 8] = [0, 1, 0xff, 0xffff, 1 << 31, u32::MAX as u64, 1 << 40, u64::MAX];

/// Bytes that mean something to readers of texts.
const TELLING: &[u8] =
    b"\0\n\r\t \"#%+,-./0159:;=@AZ[\\]_az{}~\x7f\xc2\xa0\xe2\x80\xaf\xcc\x81\xff";

/// An endless row of inputs made from some inputs.
pub struct Changes<'a> {
    seeds: &'a [Vec<u8>],
    chance: Chance,
}

impl<'a> Changes<'a> {
    /// Returns the row of a number. There is at least one seed.
    pub fn new(seeds: &'a [Vec<u8>], number: u64) -> Self {
        Self { seeds, chance: Chance(number) }
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(u64::MAX);
        usize::try_from(self.chance.below(bound)).unwrap_or(0)
    }

    fn seed(&mut self) -> &'a [u8] {
        let at = self.below(self.seeds.len());
        self.seeds.get(at).map_or(&[], Vec::as_slice)
    }

    /// Returns where a short range of `len` bytes begins and ends.
    fn range(&mut self, len: usize) -> core::ops::Range<usize> {
        let from = self.below(len);
        let size = 1 + usize::try_from(self.chance.below(RANGE_MAX)).unwrap_or(0);
        from..(from + size).min(len)
    }

    /// Returns the places where eight or four bytes look like a length or a count of what follows.
    fn lengths(bytes: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        for (width, step) in [(8, 1), (4, 1)] {
            for at in (0..bytes.len().saturating_sub(width - 1)).step_by(step) {
                let number = little_endian(&bytes[at..at + width]);
                let rest = u64::try_from(bytes.len() - at - width).unwrap_or(u64::MAX);
                if (1..=rest).contains(&number) {
                    found.push((at, width));
                }
            }
        }
        found
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let len = bytes.len();
        match self.chance.below(12) {
            0 | 1 if len > 0 => {
                let at = self.below(len);
                bytes[at] ^= 1 << self.below(8);
            }
            2 if len > 0 => {
                let at = self.below(len);
                bytes[at] = TELLING[self.below(TELLING.len())];
            }
            3 if len > 0 => {
                let at = self.below(len);
                bytes[at] = u8::try_from(self.chance.below(256)).unwrap_or(0);
            }
            4 => bytes.truncate(self.below(len)),
            5 => {
                let range = self.range(len);
                bytes.drain(range);
            }
            6 => {
                let range = self.range(len);
                let part = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, part);
            }
            7 => {
                let range = self.range(len);
                bytes[range].fill(0);
            }
            8 => {
                let (at, telling) = (self.below(len + 1), TELLING[self.below(TELLING.len())]);
                bytes.insert(at, telling);
            }
            9 => {
                // The beginning of this one and the end of another.
                let other = self.seed();
                let (here, there) = (self.below(len + 1), self.below(other.len() + 1));
                bytes.truncate(here);
                bytes.extend_from_slice(&other[there..]);
            }
            10 => {
                // A part of another one, in the place of as much here.
                let other = self.seed();
                let part = self.range(other.len());
                let at = self.below(len + 1);
                let to = (at + part.len()).min(len);
                bytes.splice(at..to, other[part].iter().copied());
            }
            _ => self.change_length(bytes),
        }
    }

    fn change_length(&mut self, bytes: &mut [u8]) {
        let places = Self::lengths(bytes);
        if places.is_empty() {
            return;
        }
        let (at, width) = places[self.below(places.len())];
        let old = little_endian(&bytes[at..at + width]);
        let new = match self.chance.below(4) {
            0 => old - 1,
            1 => old + 1,
            2 => old.wrapping_mul(2),
            _ => LENGTHS[self.below(LENGTHS.len())],
        };
        bytes[at..at + width].copy_from_slice(&new.to_le_bytes()[..width]);
    }
}

fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl Iterator for Changes<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.seed().to_vec();
        for _ in 0..=self.chance.below(CHANGES_MAX) {
            self.change(&mut bytes);
        }
        Some(bytes)
    }
}
