//! Whether the clock may be written into the log. One seal in the far future would stop a log for ever, so
//! before the first seal, and after every jump, the clock is compared with those of the allies.

use std::{collections::BTreeMap, sync::Arc};

use ledger::{
    disk::{Disk, DiskError},
    mirror::SEAL_AHEAD_MAX_MS,
    notes::read_file,
};
use proto::{codec::Canonical, desk::ClockSheet, ids::CiteId, time::UnixMillis};
use serde::{Deserialize, Serialize};

use super::{Core, PeerKey, Writer, between, writer::ASK_MIRRORS_MS};

/// How far ahead of its allies' a clock may be, in milliseconds: half of what mirrors put up with, so that a
/// home and a mirror that are both this near the right time still agree.
pub const CLOCK_AHEAD_MAX_MS: u64 = SEAL_AHEAD_MAX_MS / 2;

/// The longest jump that nobody need vouch for, in milliseconds: six hours (`protocol` "Checkpoint").
pub const CLOCK_JUMP_MAX_MS: u64 = 6 * 3_600_000;

/// How long a hello may be under way for its clock to count, in milliseconds. What is read off it is wrong
/// by at most half of that: far less than the tolerance.
const ROUND_TRIP_MAX_MS: u64 = 10_000;

/// Time between two comparisons while the clock is doubted, in milliseconds: a clock that was put right is
/// believed that soon.
const COMPARE_AGAIN_MS: u64 = 10_000;

/// How often it is written down that the clock is trusted, in milliseconds. A machine that was off is thought
/// to have been off for at most this much longer.
const MARK_MS: u64 = 3_600_000;

/// From where on a clock is taken as set back, in milliseconds. What was put off waits that much longer, so it is
/// half of the shortest wait; a clock that is only slewed never goes back.
const SET_BACK_MS: u64 = 500;

/// From where on a clock that is not believed yet is taken to have leapt, in milliseconds: longer than a node goes
/// without a look at it, unless its machine stood still.
const LEAP_MS: u64 = 10_000;

const MARK: &str = "notes/clock";

/// Up to when the clock was trusted. Without the file the log's last entry counts alone.
#[derive(Serialize, Deserialize)]
struct Mark {
    trusted: UnixMillis,
}

impl Canonical for Mark {
    const NAME: &'static str = "file of the clock";
    const MAX: usize = 8;
}

/// Why the clock is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Doubt {
    /// It is ahead of those of more than half of the allies that answered; of the middle one by this much.
    Ahead { by_ms: i64 },
    /// It jumped from here, and not enough allies said whether that is right.
    Jumped { from: UnixMillis },
}

/// What more than half of the allies that are there say of the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Word {
    Right,
    /// It is ahead, of the middle one by this much.
    Ahead {
        by_ms: i64,
    },
    /// They did not answer yet, or disagree.
    None,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stand {
    /// The node just started; nobody was asked.
    Unasked,
    Trusted,
    Doubted(Doubt),
}

/// How a clock went on since it was looked at last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    On,
    /// It was set back.
    Back,
    /// It leapt forwards while it was not believed: what allies said of it before says nothing any more.
    Leap,
}

/// What a node thinks of its clock.
pub(crate) struct Clock {
    disk: Arc<dyn Disk>,
    /// Set by its operator, on a test network: whatever it shows is meant.
    by_hand: bool,
    stand: Stand,
    /// Up to when it was trusted.
    trusted: UnixMillis,
    marked: UnixMillis,
    /// What it showed last.
    seen: UnixMillis,
    /// Milliseconds that it is ahead of each ally's that is connected.
    ahead: BTreeMap<CiteId, i64>,
    /// Whoever runs the node said that it is right.
    vouched: bool,
    /// What it showed when it began to be doubted.
    doubted: UnixMillis,
    compare_again: UnixMillis,
}

impl Clock {
    /// Opens what was written down of the clock.
    pub(crate) fn open(disk: Arc<dyn Disk>, by_hand: bool) -> Result<Self, DiskError> {
        let mark = read_file(disk.as_ref(), MARK)?.and_then(|bytes| Mark::decode(&bytes).ok());
        let trusted = mark.map_or(UnixMillis(0), |mark| mark.trusted);
        Ok(Self {
            disk,
            by_hand,
            stand: Stand::Unasked,
            trusted,
            marked: trusted,
            seen: UnixMillis(0),
            ahead: BTreeMap::new(),
            vouched: false,
            doubted: UnixMillis(0),
            compare_again: UnixMillis(0),
        })
    }

    /// Returns what it showed last, if anybody looked at it since the start.
    pub(crate) fn seen(&self) -> Option<UnixMillis> {
        Some(self.seen).filter(|seen| *seen != UnixMillis(0))
    }

    /// Returns whether nothing may be entered because of the clock.
    pub(crate) const fn is_doubted(&self) -> bool {
        matches!(self.stand, Stand::Doubted(_))
    }

    /// Takes in what the clock shows; returns how it went on.
    fn look(&mut self, now: UnixMillis) -> Step {
        let believed = self.by_hand || self.stand == Stand::Trusted;
        let before = core::mem::replace(&mut self.seen, now);
        let leapt = !believed && before != UnixMillis(0) && now.since(before) > LEAP_MS;
        let step = match before.since(now) > SET_BACK_MS {
            true => Step::Back,
            false if leapt => Step::Leap,
            false => Step::On,
        };
        if step != Step::On {
            self.ahead.clear();
            self.compare_again = now;
            // What it showed before says nothing about how long the allies have been waited for.
            self.doubted = now;
            self.vouched &= now.since(before) <= CLOCK_JUMP_MAX_MS;
        }
        if self.by_hand || self.stand != Stand::Trusted {
            return step;
        }
        if now.since(self.trusted) > CLOCK_JUMP_MAX_MS {
            self.ahead.clear();
            self.vouched = false;
            self.compare_again = now;
            self.doubt(Doubt::Jumped { from: self.trusted });
        } else {
            self.trusted = now;
            if now.since(self.marked) >= MARK_MS || now < self.marked {
                self.mark();
            }
        }
        step
    }

    /// Returns whether what the clock shows may be written into the log, whose last entry is of `last`,
    /// while these allies are connected.
    fn judge(&mut self, now: UnixMillis, last: UnixMillis, allies: &[CiteId]) -> bool {
        if self.by_hand || self.stand == Stand::Trusted {
            return true;
        }
        let from = self.trusted.max(last);
        let doubt = match self.word_of(allies) {
            _ if self.vouched => None,
            Word::Right => None,
            Word::Ahead { by_ms } => Some(Doubt::Ahead { by_ms }),
            Word::None if now.since(from) > CLOCK_JUMP_MAX_MS => Some(Doubt::Jumped { from }),
            Word::None => None,
        };
        match doubt {
            Some(doubt) => self.doubt(doubt),
            None => {
                self.stand = Stand::Trusted;
                self.trusted = now;
                self.mark();
            }
        }
        doubt.is_none()
    }

    fn doubt(&mut self, doubt: Doubt) {
        if !self.is_doubted() {
            self.doubted = self.seen;
            tracing::error!(?doubt, "the clock is not believed: nothing is signed (P0601)");
        }
        self.stand = Stand::Doubted(doubt);
    }

    /// Returns what more than half of these allies say. It takes as many to let a jump pass as to silence a
    /// home, so neither whoever answers first nor one ally that lies decides alone beside two honest ones.
    fn word_of(&self, allies: &[CiteId]) -> Word {
        let said = allies.iter().filter_map(|ally| self.ahead.get(ally));
        let (ahead, right): (Vec<i64>, Vec<i64>) =
            said.copied().partition(|by_ms| *by_ms > as_signed(CLOCK_AHEAD_MAX_MS));
        let most = |votes: usize| votes.saturating_mul(2) > allies.len();
        match self.ahead_of_allies() {
            Some(by_ms) if most(ahead.len()) => Word::Ahead { by_ms },
            Some(_) if most(right.len()) => Word::Right,
            _ => Word::None,
        }
    }

    /// Returns by how much the clock is ahead of the middle one of the allies', of two middle ones the lower.
    fn ahead_of_allies(&self) -> Option<i64> {
        let mut ahead: Vec<i64> = self.ahead.values().copied().collect();
        ahead.sort_unstable();
        ahead.get(ahead.len().checked_sub(1)? / 2).copied()
    }

    /// Returns whether the clock need not be compared with an ally's any more.
    pub(crate) fn is_compared(&self, ally: &CiteId) -> bool {
        self.by_hand || self.ahead.contains_key(ally)
    }

    /// Forgets what an ally said that is not connected any more: it could not correct itself.
    pub(crate) fn forget(&mut self, ally: &CiteId) {
        self.ahead.remove(ally);
    }

    /// Writes down up to when the clock is trusted.
    pub(crate) fn mark(&mut self) {
        self.marked = self.trusted;
        let mark = Mark { trusted: self.trusted };
        if let Err(error) = self.disk.replace(MARK, &mark.encode()) {
            tracing::warn!(%error, "after a start without allies somebody must vouch for the clock");
        }
    }
}

impl Core {
    /// Looks at the clock before anything is done by it.
    pub(crate) fn look_at_clock(&mut self, now: UnixMillis) {
        match self.clock.look(now) {
            Step::Back => self.try_everything_again(now),
            Step::Leap => self.wait_for_allies_anew(now),
            Step::On => {}
        }
    }

    /// Gives the allies their ten seconds again before anything is signed for the first time.
    pub(crate) fn wait_for_allies_anew(&mut self, now: UnixMillis) {
        match &mut self.writer {
            Writer::Asleep { since, .. } => *since = now,
            Writer::Recovering(recovery) => recovery.wait_anew(now),
            _ => {}
        }
    }

    /// Returns whether all allies were compared with, or had ten seconds since then to come: whoever answers first
    /// does not decide alone. Somebody's word does.
    pub(crate) fn allies_had_time(&self, now: UnixMillis, since: UnixMillis) -> bool {
        self.clock.vouched
            || now.since(since) >= ASK_MIRRORS_MS
            || self.allies().iter().all(|ally| self.clock.is_compared(ally))
    }

    /// Returns whether the clock may be written into the log.
    pub(crate) fn clock_may_count(&mut self, now: UnixMillis) -> bool {
        let last = self.last_entry();
        let mut allies = self.allies();
        allies.retain(|ally| self.neighbours.node_of(ally).is_some());
        self.clock.judge(now, last, &allies)
    }

    /// While the clock is doubted: compares it with the allies' again, and goes on when it is right.
    pub(crate) fn watch_clock(&mut self, now: UnixMillis) {
        if !self.clock.is_doubted() {
            return;
        }
        // After a sleep the connections are new, too: as at a start all allies have ten seconds to come.
        let may_judge = self.allies_had_time(now, self.clock.doubted);
        if may_judge && matches!(self.writer, Writer::Signing(_)) && self.clock_may_count(now) {
            tracing::info!("the clock is believed again");
            return;
        }
        self.compare_with_allies(now);
    }

    /// Asks the allies what their clocks show, unless that was done a moment ago.
    fn compare_with_allies(&mut self, now: UnixMillis) {
        if self.clock.compare_again <= now {
            self.clock.compare_again = now.plus(COMPARE_AGAIN_MS);
            for ally in self.allies() {
                if let Some(peer) = self.neighbours.node_of(&ally) {
                    self.say_hello(now, peer);
                }
            }
        }
    }

    /// Compares the clock with the one of a peer, who answered at `now` what it was asked at `asked`.
    pub(crate) fn compare_clocks(
        &mut self,
        asked: UnixMillis,
        now: UnixMillis,
        peer: &PeerKey,
        theirs: UnixMillis,
    ) {
        let Some(cite) = self.neighbours.cite_of(peer) else { return };
        let on_the_way = now.since(asked);
        if asked <= now && on_the_way <= ROUND_TRIP_MAX_MS && self.allies().contains(&cite) {
            let ours = asked.plus(on_the_way / 2);
            self.clock.ahead.insert(cite, between(theirs, ours));
        }
    }

    /// Takes the word of whoever runs the node that the clock is right, until it jumps again.
    pub(crate) fn vouch_for_clock(&mut self, now: UnixMillis) {
        self.clock.vouched = true;
        self.wake(now);
        self.watch_clock(now);
    }

    /// Returns the clock beside those of the log and the allies.
    pub(crate) fn clock_sheet(&self, now: UnixMillis) -> ClockSheet {
        let last_entry = self.last_entry();
        ClockSheet {
            now,
            trusted: self.clock.trusted.max(last_entry),
            last_entry,
            allies: u32::try_from(self.clock.ahead.len()).unwrap_or(u32::MAX),
            ahead_ms: self.clock.ahead_of_allies(),
        }
    }

    /// Returns the cités whose clocks count: those with an account here, and the log's mirrors.
    pub(crate) fn allies(&self) -> Vec<CiteId> {
        let state = self.state();
        let mirrors = state.mirrors().map(|mirrors| mirrors.all()).unwrap_or_default();
        let mut allies: Vec<CiteId> = state.peers().map(|peer| peer.cite).collect();
        allies.extend(mirrors.iter().map(|mirror| mirror.cite));
        allies.sort_unstable();
        allies.dedup();
        allies
    }

    fn last_entry(&self) -> UnixMillis {
        self.state().clock().map_or(UnixMillis(0), |clock| clock.time)
    }
}

fn as_signed(millis: u64) -> i64 {
    i64::try_from(millis).unwrap_or(i64::MAX)
}
