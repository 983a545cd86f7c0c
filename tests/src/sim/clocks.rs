//! Clocks of machines that are wrong for a while, at a start or all of a sudden: by minutes, hours or years, ahead
//! or behind. Whatever a node makes of it, no time that nobody confirms may get into a log.

use ledger::mirror::SEAL_AHEAD_MAX_MS;
use node::core::{CLOCK_AHEAD_MAX_MS, CLOCK_JUMP_MAX_MS};
use proto::{entry::Entry, time::UnixMillis};

use super::{Event, Sim, Stop};

const MINUTE_MS: u64 = 60_000;
const YEAR_MS: u64 = 365 * 86_400_000;

/// How much longer a clock may be wrong by that allies put up with, in milliseconds: two of them, one ahead and one
/// behind, are still less apart than a mirror allows.
const SLIGHT_MS: u64 = CLOCK_AHEAD_MAX_MS - MINUTE_MS;

/// The most by which a clock is ahead that a node may believe where nobody tells it better, in milliseconds. Up to six
/// hours would do, but a log in which that stands is certified only once the time has come, and a run takes minutes.
const BELIEVED_MS: u64 = SEAL_AHEAD_MAX_MS + 5 * MINUTE_MS;

impl Sim {
    /// Lets a clock be wrong for a while.
    pub(super) fn mistime(&mut self, place: usize, lasts: u64) {
        let Some(by_ms) = self.wrong_by() else { return };
        let site = &mut self.sites[place];
        site.ahead = by_ms;
        site.believable_ms = site.believable_ms.max(believable(by_ms));
        self.trace.happened(self.now, place, &format!("its clock is wrong by {by_ms} ms"));
        if self.sites[place].runs() && self.sites[place].held.is_none() && self.chance.below(2) == 0
        {
            self.reached.note("a node started with a wrong clock");
            self.stop(place, Stop::Killed);
            self.due(1_000, Event::Start(place));
        } else {
            self.reached.note("a clock leapt");
        }
        self.due(1_000 + lasts, Event::PutRight(place));
    }

    /// Draws by how many milliseconds a clock is ahead, or behind. One clock at a time is wrong by more than a little:
    /// two that agree would be believed by a third.
    fn wrong_by(&mut self) -> Option<i64> {
        let slightly = |ahead: i64| ahead.unsigned_abs() <= SLIGHT_MS;
        let may_leap = self.sites.iter().all(|site| slightly(site.ahead));
        let mut up_to = |least: u64, most: u64| least + self.chance.below(most - least + 1);
        let (ahead, by_ms) = match up_to(0, 6) {
            0 => (true, up_to(1, SLIGHT_MS)),
            1 => (false, up_to(1, SLIGHT_MS)),
            2 => (true, up_to(CLOCK_AHEAD_MAX_MS, BELIEVED_MS)),
            3 => (true, CLOCK_JUMP_MAX_MS + up_to(60 * MINUTE_MS, YEAR_MS)),
            4 => (true, up_to(YEAR_MS, 20 * YEAR_MS)),
            5 => (false, up_to(5 * MINUTE_MS, YEAR_MS)),
            _ => (false, up_to(YEAR_MS, 20 * YEAR_MS)),
        };
        let by_ms = i64::try_from(by_ms).expect("some years");
        let by_ms = if ahead { by_ms } else { -by_ms };
        (may_leap || slightly(by_ms)).then_some(by_ms)
    }

    /// Puts a clock right again.
    pub(super) fn put_right(&mut self, place: usize) {
        if self.sites[place].ahead != 0 {
            self.trace.happened(self.now, place, "its clock is right again");
            self.sites[place].ahead = 0;
        }
    }

    /// Returns by how much a log may be ahead of its time.
    fn ahead_ms(&self) -> u64 {
        self.sites.iter().map(|site| site.believable_ms).max().unwrap_or(0)
    }

    /// Returns how long it takes at most until no mirror finds a log too far ahead of its time.
    pub(super) fn waits_for_time_ms(&self) -> u64 {
        self.ahead_ms().saturating_sub(SEAL_AHEAD_MAX_MS)
    }

    /// Looks whether the times in a log go on, and never went further than somebody may have believed.
    ///
    /// # Panics
    /// When they did.
    pub(super) fn times_are_right(&self, place: usize, entries: &[Vec<u8>]) {
        let most = self.now.plus(self.ahead_ms());
        let mut before = UnixMillis(0);
        for (leaf, bytes) in entries.iter().enumerate() {
            let Entry { time, .. } = Entry::decode(bytes).expect("every leaf is an entry");
            assert!(before <= time, "leaf {leaf} of log {place} lies before the one before it");
            assert!(time <= most, "leaf {leaf} of log {place} lies in the future");
            before = time;
        }
    }
}

/// Returns how far in the future an entry may lie for a clock that is ahead by so much.
fn believable(by_ms: i64) -> u64 {
    u64::try_from(by_ms).ok().filter(|by_ms| *by_ms <= BELIEVED_MS).unwrap_or(0)
}
