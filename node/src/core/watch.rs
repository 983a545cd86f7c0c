//! The numbers by which this node is watched from outside: put together from what the shell measures and what is known of
//! the witnesses. It decides nothing, and nothing depends on it.

use std::time::Duration;

use proto::{
    desk::{SILENT_MAX, SilentWitness, WatchSheet},
    time::UnixMillis,
};

use super::{Core, PeerKey, scaled};

/// Memory that a node is given, in bytes: `MemoryHigh=256M` of the unit in `docs/operations.md`, above which the system
/// slows it down. At rest it holds some 60 MiB (`docs/reliability-hostile.md`).
pub const MEMORY_BUDGET_BYTES: u64 = 256 * 1_024 * 1_024;

/// A wait for the disk that is longer than this is slow. SD cards may be busy with one write for 250 ms, SDXC for 500 ms
/// (SD Physical Layer Simplified Specification, 4.6.2.2), and a sync is two at least: what was written, and the file
/// system's journal. A good disk takes some milliseconds.
pub const SYNC_SLOW: Duration = Duration::from_secs(1);

impl Core {
    /// Notes that a connected node was there until now, whether or not it spoke: pings found it alive.
    pub(crate) fn was_there(&mut self, now: UnixMillis, peer: &PeerKey) {
        if let Some(cite) = self.neighbours.cite_of(peer) {
            self.neighbours.heard(cite, now);
        }
    }

    /// Returns how this node fares, in numbers.
    pub(crate) fn watch_sheet(&self) -> WatchSheet {
        let (memory, syncs) = self.measured;
        let sum = |count: fn(&super::PeerUse) -> u64| {
            self.used.values().map(count).fold(0, u64::saturating_add)
        };
        WatchSheet {
            memory,
            syncs,
            messages: sum(|by| by.used.messages),
            invalid: sum(|by| by.used.invalid),
            silent: self.silent_witnesses(),
            unconfirmed: self.unconfirmed(),
        }
    }

    /// Returns since when entries wait for the witnesses: those of this start, for what waited before was told before.
    fn unconfirmed(&self) -> Option<UnixMillis> {
        let home = self.home().filter(|home| !home.state().cosigners().is_empty())?;
        let proved = home.certificate().map_or(0, |certificate| certificate.checkpoint.head.size);
        let certified = home.state().clock().map_or(0, |clock| clock.certified_size).max(proved);
        let first = (certified < home.checkpoint().head.size).then(|| home.entry(certified))?;
        // What cannot be read is damaged, and said elsewhere.
        Some(first.ok()?.time.max(scaled(self.started, self.ahead)))
    }

    fn silent_witnesses(&self) -> Vec<SilentWitness> {
        let mirrors = self.state().mirrors().map(|mirrors| mirrors.all()).unwrap_or_default();
        let away = mirrors.iter().filter(|at| self.neighbours.node_of(&at.cite).is_none());
        let started = scaled(self.started, self.ahead);
        let named = away.map(|mirror| {
            let known = self.neighbours.get(&mirror.cite);
            SilentWitness {
                cite: mirror.cite,
                slug: known.map(|known| known.slug()).unwrap_or_default(),
                since: known.and_then(|known| known.seen).unwrap_or(started).max(started),
            }
        });
        named.take(SILENT_MAX).collect()
    }
}
