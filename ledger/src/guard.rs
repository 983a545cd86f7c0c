//! The guard: a small synced file that says how far this machine has signed, written before each
//! signature. It never goes down, and a copy or a restored image of it lets nobody sign.
//!
//! Two slots of fixed size are written in turn, each on a page of its own, so that a torn write
//! spoils only the one that was being written, for which no permit was given yet. The good slot
//! with the higher number counts.

mod slot;

use std::sync::Arc;

use proto::hash::Hash;
use proto::order::Head;
use proto::time::UnixMillis;

use crate::disk::{Birth, Disk, DiskError, MachineId};
use slot::{SLOT_BYTES, SLOT_SPACING_BYTES, Slot};

/// What a guard is bound to. None of it is the same in a copy on another machine or in a restored
/// backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat {
    /// The machine.
    pub machine: MachineId,
    /// The file of the log's first segment.
    pub birth: Birth,
    /// The log.
    pub identity: Hash,
    /// The run of the log by one writer.
    pub incarnation: u32,
}

impl Seat {
    /// Returns the seat of the log `identity` whose first segment is `file` on this disk.
    pub fn of(
        disk: &dyn Disk,
        file: &str,
        identity: Hash,
        incarnation: u32,
    ) -> Result<Self, DiskError> {
        Ok(Self { machine: disk.machine(), birth: disk.birth(file)?, identity, incarnation })
    }
}

/// Why this image of a node must not sign: it may be a restored or copied one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Distrust {
    /// There is no guard.
    #[error("the guard is missing")]
    Missing,
    /// Neither slot is good.
    #[error("the guard is damaged")]
    Damaged,
    /// The guard was written on another machine.
    #[error("the guard comes from another machine")]
    OtherMachine,
    /// The log's file was made anew since: copied or restored.
    #[error("the log was copied or restored since the guard was written")]
    OtherFile,
    /// The guard is another log's.
    #[error("the guard belongs to another log")]
    OtherLog,
    /// The guard is another incarnation's.
    #[error("the guard belongs to incarnation {guard}, the log is at {log}")]
    OtherIncarnation {
        /// Incarnation in the guard.
        guard: u32,
        /// Incarnation of the log.
        log: u32,
    },
    /// More was signed than the log holds.
    #[error("{signed} entries were signed and the log holds fewer")]
    AboveLog {
        /// Largest size signed.
        signed: u64,
    },
    /// The log has another root at the size that was signed.
    #[error("at {signed} entries the log is not the one that was signed")]
    OtherBranch {
        /// Largest size signed.
        signed: u64,
    },
}

/// Nothing may be signed.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    /// The disk failed. The guard may have been written or not, so nothing is signed until the next
    /// start.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A larger size was signed before.
    #[error("{signed} entries were signed already, not {asked}")]
    Lower {
        /// Largest size signed.
        signed: u64,
        /// Size that was to be signed.
        asked: u64,
    },
    /// Another root was signed at this size.
    #[error("another root was signed at {size} entries")]
    OtherRoot {
        /// The size.
        size: u64,
    },
    /// The seal is older than the one signed before.
    #[error("the last seal signed is newer")]
    Earlier,
    /// There is a guard already, of this or a later incarnation.
    #[error("there is a guard already")]
    AlreadyThere,
}

/// What opening a guard found.
pub enum Opened {
    /// All matches: this is the machine and the log that signed before.
    Trusted(Guard),
    /// Sign nothing; ask the mirrors and open a new incarnation.
    Distrusted(Distrust),
}

/// Leave to sign one head: it is durable that this machine signs it. Only [`Guard::raise`] makes
/// one.
#[derive(Debug)]
#[must_use]
pub struct SignPermit {
    identity: Hash,
    incarnation: u32,
    head: Head,
}

impl SignPermit {
    /// Returns the log.
    pub fn identity(&self) -> Hash {
        self.identity
    }

    /// Returns the incarnation.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// Returns the size and root that may be signed.
    pub fn head(&self) -> Head {
        self.head
    }
}

/// The watermark of one log on one machine. Whoever has it has shown that machine, log and
/// watermark belong together.
pub struct Guard {
    disk: Arc<dyn Disk>,
    name: Box<str>,
    slot: Slot,
}

impl Guard {
    /// Makes the guard of a log that was never signed. One that exists is refused, whatever it
    /// says.
    pub fn create(disk: Arc<dyn Disk>, name: &str, seat: Seat) -> Result<Self, GuardError> {
        match disk.length(name)? {
            None => Self::begin(disk, name, seat),
            Some(_) => Err(GuardError::AlreadyThere),
        }
    }

    /// Makes the guard of a new incarnation, over whatever guard is there, but never over one of
    /// the same log and the same or a later incarnation, unless it is of this very seat and nothing was signed
    /// under it. Opening an incarnation is what lets a restored image sign again.
    pub fn succeed(disk: Arc<dyn Disk>, name: &str, seat: Seat) -> Result<Self, GuardError> {
        if let Some(slot) = read_slots(&*disk, name)?
            && slot.seat.identity == seat.identity
            && slot.seat.incarnation >= seat.incarnation
            && (slot.seat != seat || slot.head.size > 0)
        {
            return Err(GuardError::AlreadyThere);
        }
        Self::begin(disk, name, seat)
    }

    fn begin(disk: Arc<dyn Disk>, name: &str, seat: Seat) -> Result<Self, GuardError> {
        let slot = Slot::first(seat);
        disk.replace(name, &slot.file())?;
        Ok(Self { disk, name: name.into(), slot })
    }

    /// Opens the guard and compares it with the seat `here` and with the log, of which `root_at`
    /// returns the root at a size, or `None` where the log is shorter (protocol section 10,
    /// start-up rule).
    pub fn open<E: From<DiskError>>(
        disk: Arc<dyn Disk>,
        name: &str,
        here: Seat,
        root_at: impl FnOnce(u64) -> Result<Option<Hash>, E>,
    ) -> Result<Opened, E> {
        if disk.length(name)?.is_none() {
            return Ok(Opened::Distrusted(Distrust::Missing));
        }
        let Some(slot) = read_slots(&*disk, name)? else {
            return Ok(Opened::Distrusted(Distrust::Damaged));
        };
        let distrust = match foreign(&slot.seat, &here) {
            Some(distrust) => Some(distrust),
            None => out_of_step(&slot.head, root_at(slot.head.size)?),
        };
        Ok(match distrust {
            Some(distrust) => Opened::Distrusted(distrust),
            None => Opened::Trusted(Self { disk, name: name.into(), slot }),
        })
    }

    /// Returns the largest size signed, with its root.
    pub fn head(&self) -> Head {
        self.slot.head
    }

    /// Returns the time of the last seal signed.
    pub fn time(&self) -> UnixMillis {
        self.slot.time
    }

    /// Raises the watermark to `head`, whose seal is of `time`, and returns the leave to sign it.
    /// Durable before it returns. The head that was signed last may be signed again.
    pub fn raise(&mut self, head: Head, time: UnixMillis) -> Result<SignPermit, GuardError> {
        let last = self.slot.head;
        if head.size < last.size {
            return Err(GuardError::Lower { signed: last.size, asked: head.size });
        }
        if head.size == last.size && head.root != last.root {
            return Err(GuardError::OtherRoot { size: head.size });
        }
        if time < self.slot.time {
            return Err(GuardError::Earlier);
        }
        let next = self.slot.next(head, time);
        self.disk.write_at(&self.name, next.place(), &next.bytes())?;
        self.disk.sync(&self.name)?;
        self.slot = next;
        let Seat { identity, incarnation, .. } = next.seat;
        Ok(SignPermit { identity, incarnation, head })
    }
}

/// Returns the head that a guard says was signed last, for those who only read; `None` where there is no
/// guard, or none that is whole.
///
/// # Errors
/// [`DiskError`].
pub fn signed_last(disk: &dyn Disk, name: &str) -> Result<Option<Head>, DiskError> {
    Ok(read_slots(disk, name)?.map(|slot| slot.head))
}

fn foreign(guard: &Seat, here: &Seat) -> Option<Distrust> {
    if guard.machine != here.machine {
        Some(Distrust::OtherMachine)
    } else if guard.identity != here.identity {
        Some(Distrust::OtherLog)
    } else if guard.birth != here.birth {
        Some(Distrust::OtherFile)
    } else if guard.incarnation != here.incarnation {
        let (guard, log) = (guard.incarnation, here.incarnation);
        Some(Distrust::OtherIncarnation { guard, log })
    } else {
        None
    }
}

fn out_of_step(signed: &Head, root_in_log: Option<Hash>) -> Option<Distrust> {
    match root_in_log {
        None => Some(Distrust::AboveLog { signed: signed.size }),
        Some(root) if root != signed.root => Some(Distrust::OtherBranch { signed: signed.size }),
        Some(_) => None,
    }
}

fn read_slots(disk: &dyn Disk, name: &str) -> Result<Option<Slot>, DiskError> {
    if disk.length(name)?.is_none() {
        return Ok(None);
    }
    let mut newest: Option<Slot> = None;
    for place in [0, SLOT_SPACING_BYTES] {
        let mut bytes = [0; SLOT_BYTES];
        let read = disk.read_at(name, place, &mut bytes)?;
        let slot = Slot::read(bytes.get(..read).unwrap_or_default());
        newest = newest.into_iter().chain(slot).max_by_key(|slot| slot.number);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests;
