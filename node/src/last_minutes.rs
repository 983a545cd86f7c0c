//! Counts of the last ten minutes, a slot for each: what is told of them is of nine to ten minutes. It reads no clock.

use proto::desk::USE_MINUTES;

const SLOTS: usize = 10;
#[allow(clippy::as_conversions, reason = "a constant, compared while this compiles")]
const _: () = assert!(SLOTS as u64 == USE_MINUTES, "a slot for each minute");

/// One count for each of the last minutes.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct LastMinutes<T> {
    /// The minute that was counted in last.
    minute: u64,
    /// By the minute's number, modulo their count.
    slots: [T; SLOTS],
}

impl<T: Copy + Default> LastMinutes<T> {
    /// Changes the count of a minute, which is the newest or begins now.
    pub(crate) fn count(&mut self, minute: u64, add: impl FnOnce(&mut T)) {
        self.begin(minute);
        if let Some(slot) = self.slots.get_mut(place(minute)) {
            add(slot);
        }
    }

    /// Returns whether something was counted in the last minutes.
    pub(crate) fn lately(&self, minute: u64) -> bool {
        minute.saturating_sub(self.minute) < USE_MINUTES
    }

    /// Returns the counts of the last minutes, up to this one.
    pub(crate) fn all(&self, minute: u64) -> [T; SLOTS] {
        let mut copy = *self;
        copy.begin(minute);
        copy.slots
    }

    /// Empties the slots of the minutes that have passed since the last one.
    fn begin(&mut self, minute: u64) {
        let passed = minute.saturating_sub(self.minute).min(USE_MINUTES);
        for past in 0..passed {
            if let Some(slot) = self.slots.get_mut(place(minute.saturating_sub(past))) {
                *slot = T::default();
            }
        }
        self.minute = self.minute.max(minute);
    }
}

fn place(minute: u64) -> usize {
    usize::try_from(minute % USE_MINUTES).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::LastMinutes;

    #[test]
    fn minutes_pass_and_are_forgotten() {
        let mut counts = LastMinutes::<u64>::default();
        let sum = |counts: &LastMinutes<u64>, minute| counts.all(minute).iter().sum::<u64>();
        for minute in [0, 0, 4, 9] {
            counts.count(minute, |count| *count += 1);
        }
        for (minute, left) in [(9, 4), (10, 2), (13, 2), (14, 1), (18, 1), (19, 0), (1_000, 0)] {
            assert_eq!(sum(&counts, minute), left, "{minute}");
        }
        assert!(counts.lately(18) && !counts.lately(19));
        // After a long time without a word nothing of before is there.
        counts.count(40, |count| *count += 1);
        assert_eq!((sum(&counts, 40), sum(&counts, 49), sum(&counts, 50)), (1, 1, 0));
    }
}
