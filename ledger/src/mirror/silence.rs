//! Silence: how long a mirror has heard nothing of a home whose heirs ask for its log. It counts only what it watched
//! itself, from their first petition on; one sign of life, and the count begins anew.

use proto::{codec::Canonical, founding::VerifiedFounding, ids::CiteId, time::UnixMillis};
use serde::{Deserialize, Serialize};

use super::{CONTACT_MAX_MS, MirrorError, MirrorLog};
use crate::{
    disk::{Disk, DiskError},
    notes::read_file,
};

/// How long a cité must be silent before its heirs may go on with its log, in milliseconds (`protocol` "Fence and
/// resume"): thirty days.
pub const SILENCE_MS: u64 = 30 * 86_400_000;

/// Time between two looks at the clock, in milliseconds: an hour. Each is a small synced write.
const LOOK_EVERY_MS: u64 = 3_600_000;

/// What was watched so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Silence {
    /// When the clock was looked at last.
    looked: UnixMillis,
    /// Milliseconds of silence. Between two looks at most [`CONTACT_MAX_MS`] count: a node that was off heard
    /// nothing, and a clock may leap.
    silent_ms: u64,
}

impl Canonical for Silence {
    const NAME: &'static str = "file of silence";
    const MAX: usize = 16;
}

impl Silence {
    /// Reads what was watched. A file that cannot be read is begun anew: heirs ask again, and wait longer.
    pub(super) fn open(disk: &dyn Disk, dir: &str) -> Result<Option<Self>, DiskError> {
        Ok(read_file(disk, &name(dir))?.and_then(|bytes| Self::decode(&bytes).ok()))
    }
}

fn name(dir: &str) -> String {
    format!("{dir}silence")
}

/// The home of a log gave a sign of life, of which the copy is closed: whatever silence was watched counts for nothing
/// when it is opened again.
///
/// # Errors
/// [`DiskError`] when it could not be kept.
pub fn is_alive_beside(disk: &dyn Disk, cite: CiteId, now: UnixMillis) -> Result<(), DiskError> {
    let dir = MirrorLog::dir(cite);
    match Silence::open(disk, &dir)? {
        Some(so_far) if so_far.silent_ms > 0 => {
            disk.replace(&name(&dir), &Silence { looked: now, silent_ms: 0 }.encode())
        }
        _ => Ok(()),
    }
}

impl MirrorLog {
    /// Returns whether those who are the heirs in this copy named the keys in a founding record.
    pub fn is_by_heirs(&self, founding: &VerifiedFounding) -> bool {
        let heirs = self.fold.state().heirs().map(|(_, heirs)| &heirs.will.heirs);
        founding.cite() == self.founding.cite() && heirs.is_some() && founding.heirs() == heirs
    }

    /// Returns for how many milliseconds the home was silent, while its heirs ask for the log.
    pub fn silent_ms(&self) -> Option<u64> {
        self.silence.map(|so_far| so_far.silent_ms)
    }

    /// Begins to watch whether the home is silent, where that was not begun; returns the milliseconds that are missing
    /// until its heirs may go on.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept.
    pub(super) fn watch(&mut self, now: UnixMillis) -> Result<u64, MirrorError> {
        if self.silence.is_none() {
            self.keep_silence(Silence { looked: now, silent_ms: 0 })?;
        }
        Ok(self.silence.map_or(SILENCE_MS, |so_far| SILENCE_MS.saturating_sub(so_far.silent_ms)))
    }

    /// Looks at the clock while the home is watched, and its node is not connected.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept.
    pub fn look(&mut self, now: UnixMillis) -> Result<(), MirrorError> {
        let Some(Silence { looked, silent_ms }) = self.silence else { return Ok(()) };
        let passed = now.since(looked);
        if passed < LOOK_EVERY_MS && now >= looked {
            return Ok(());
        }
        let silent_ms = silent_ms.saturating_add(passed.min(CONTACT_MAX_MS));
        self.keep_silence(Silence { looked: now, silent_ms })
    }

    /// The home gave a sign of life: whatever silence was watched counts for nothing.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept.
    pub fn is_alive(&mut self, now: UnixMillis) -> Result<(), MirrorError> {
        match self.silence {
            Some(so_far) if so_far.silent_ms > 0 => {
                self.keep_silence(Silence { looked: now, silent_ms: 0 })
            }
            _ => Ok(()),
        }
    }

    /// Ends the watch: the log goes on.
    pub(super) fn watch_no_more(&mut self) -> Result<(), MirrorError> {
        if self.silence.take().is_some() {
            self.disk.remove(&name(&self.dir))?;
        }
        Ok(())
    }

    fn keep_silence(&mut self, so_far: Silence) -> Result<(), MirrorError> {
        self.disk.replace(&name(&self.dir), &so_far.encode())?;
        self.silence = Some(so_far);
        Ok(())
    }
}
