//! What the shell measures of its machine, for whoever runs the node: the memory of this process, and how long the disk
//! takes to make things durable. Payments wait for nothing else as long; a card that wears out shows here first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ledger::disk::{Birth, Disk, DiskError, Lock, MachineId};
use proto::desk::Syncs;

use crate::core::SYNC_SLOW;
use crate::last_minutes::LastMinutes;

/// The waits for the disk in the last minutes. Shared by the writer, which waits, and the shell, which tells.
#[derive(Clone)]
pub(super) struct SyncTimes(Arc<Mutex<Times>>);

struct Times {
    begun: Instant,
    minutes: LastMinutes<Syncs>,
}

impl SyncTimes {
    pub(super) fn new() -> Self {
        let begun = Instant::now();
        Self(Arc::new(Mutex::new(Times { begun, minutes: LastMinutes::default() })))
    }

    /// Counts a wait that ended now.
    fn note(&self, took: Duration, now: Instant) {
        let mut times = self.lock();
        let minute = times.minute(now);
        times.minutes.count(minute, |syncs| {
            syncs.count = syncs.count.saturating_add(1);
            syncs.slow = syncs.slow.saturating_add(u64::from(took > SYNC_SLOW));
            let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            syncs.longest_ms = syncs.longest_ms.max(millis);
        });
    }

    /// Returns the waits of the last minutes.
    pub(super) fn lately(&self, now: Instant) -> Syncs {
        let times = self.lock();
        let minutes = times.minutes.all(times.minute(now));
        minutes.iter().fold(Syncs::default(), |sum, minute| Syncs {
            count: sum.count.saturating_add(minute.count),
            slow: sum.slow.saturating_add(minute.slow),
            longest_ms: sum.longest_ms.max(minute.longest_ms),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Times> {
        // A panic elsewhere leaves at worst a count that is one short.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.begun).as_secs() / 60
    }
}

/// A disk whose waits are timed.
pub(super) struct TimedDisk {
    disk: Arc<dyn Disk>,
    times: SyncTimes,
}

impl TimedDisk {
    /// Returns the disk, timed from now on, and the times.
    pub(super) fn of(disk: Arc<dyn Disk>) -> (Arc<Self>, SyncTimes) {
        let times = SyncTimes::new();
        (Arc::new(Self { disk, times: times.clone() }), times)
    }

    fn timed<T>(&self, wait: impl FnOnce(&dyn Disk) -> T) -> T {
        let start = Instant::now();
        let outcome = wait(self.disk.as_ref());
        let now = Instant::now();
        self.times.note(now.saturating_duration_since(start), now);
        outcome
    }
}

impl Disk for TimedDisk {
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        self.disk.read_at(name, offset, buffer)
    }

    fn write_at(&self, name: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.disk.write_at(name, offset, bytes)
    }

    fn allocate(&self, name: &str, length: u64) -> Result<(), DiskError> {
        self.disk.allocate(name, length)
    }

    fn truncate(&self, name: &str, length: u64) -> Result<(), DiskError> {
        self.disk.truncate(name, length)
    }

    fn sync(&self, name: &str) -> Result<(), DiskError> {
        self.timed(|disk| disk.sync(name))
    }

    fn sync_dir(&self, name: &str) -> Result<(), DiskError> {
        self.timed(|disk| disk.sync_dir(name))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        self.timed(|disk| disk.replace(name, bytes))
    }

    fn length(&self, name: &str) -> Result<Option<u64>, DiskError> {
        self.disk.length(name)
    }

    fn list(&self, name: &str) -> Result<Vec<String>, DiskError> {
        self.disk.list(name)
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        self.disk.remove(name)
    }

    fn move_dir(&self, from: &str, to: &str) -> Result<(), DiskError> {
        self.disk.move_dir(from, to)
    }

    fn create_dir(&self, name: &str) -> Result<(), DiskError> {
        self.disk.create_dir(name)
    }

    fn birth(&self, name: &str) -> Result<Birth, DiskError> {
        self.disk.birth(name)
    }

    fn machine(&self) -> MachineId {
        self.disk.machine()
    }

    fn lock(&self, name: &str) -> Result<Lock, DiskError> {
        self.disk.lock(name)
    }
}

/// Returns the memory that this process holds, in bytes, as its system counts it (`VmRSS` of proc(5)); `None` where it
/// does not say.
pub(super) fn memory_bytes() -> Option<u64> {
    let said = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = said.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_counted_for_ten_minutes_and_the_slow_ones_beside() {
        let (times, start) = (SyncTimes::new(), Instant::now());
        let minute = Duration::from_secs(60);
        times.note(Duration::from_millis(3), start);
        times.note(SYNC_SLOW, start + minute);
        times.note(SYNC_SLOW + Duration::from_millis(1), start + minute * 2);
        let slow = u64::try_from(SYNC_SLOW.as_millis()).expect("a second or so");
        let all = Syncs { count: 3, slow: 1, longest_ms: slow + 1 };
        assert_eq!(times.lately(start + minute * 9), all);
        assert_eq!(times.lately(start + minute * 10).count, 2);
        assert_eq!(times.lately(start + minute * 12), Syncs::default());
    }

    #[test]
    fn a_process_knows_its_memory() {
        let bytes = memory_bytes().expect("Linux says so");
        assert!((1_024 * 1_024..1 << 40).contains(&bytes), "{bytes}");
    }
}
