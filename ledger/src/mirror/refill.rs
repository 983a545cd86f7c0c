//! A copy that lost what it had cosigned, while that is fetched anew. What was cosigned is known from the record of it,
//! which is kept apart from the copy and not touched here. Until the copy holds exactly that again there is nothing by
//! which it could cosign or promise: what it says next follows from what it said before.

use std::sync::Arc;

use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical},
    entry::{Entry, Payload},
    founding::VerifiedFounding,
    ids::CiteId,
    order::Head,
    time::UnixMillis,
    wire::Extend,
};
use serde::{Deserialize, Serialize};

use super::{MirrorError, MirrorLog, read_held};
use crate::{
    aside::set_aside,
    disk::{Disk, DiskError},
    notes::read_file,
    store::Store,
};

/// A copy that is fetched anew.
pub struct Refill {
    log: MirrorLog,
    /// The head that was cosigned, or where a later incarnation begins.
    goal: Head,
    /// Leaves that were on the disk before anything was fetched: whoever gives up what was fetched goes back to them.
    before: u64,
}

/// What a copy that is fetched anew has beside it, so that after a restart what was fetched is nothing that lay there
/// before: that is given up, and takes none of the places for what is damaged.
#[derive(Serialize, Deserialize)]
struct Note {
    before: u64,
}

impl Canonical for Note {
    const NAME: &'static str = "note of a copy that is fetched anew";
    const MAX: usize = 16;
}

impl Note {
    fn file(dir: &str) -> String {
        format!("{dir}fetched")
    }

    /// Returns how many leaves were there before. Where that is not known any more, all that is there was.
    fn look(disk: &dyn Disk, dir: &str) -> Result<Option<u64>, DiskError> {
        let bytes = read_file(disk, &Self::file(dir))?;
        Ok(bytes.and_then(|bytes| Self::decode(&bytes).ok()).map(|note| note.before))
    }
}

/// Forgets what was there before: the copy is whole, and all of it this node's own.
pub(super) fn forget(disk: &dyn Disk, dir: &str) -> Result<(), DiskError> {
    let file = Note::file(dir);
    if disk.length(&file)?.is_none() {
        return Ok(());
    }
    disk.remove(&file)?;
    disk.sync_dir(dir.trim_end_matches('/'))
}

/// What came of a range that somebody gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// The copy is further than it was.
    Further,
    /// Nothing: it is not what comes next, or no beginning of this log.
    Nothing,
    /// It does not follow on what is here, or the two together are something else than what was cosigned: one of them
    /// is a lie, and nobody knows which.
    Contradicts,
}

impl Refill {
    /// Begins with what is good of a damaged copy. Where that is not the beginning of what was cosigned, it is set
    /// aside; so it goes on from wherever a crash left it.
    ///
    /// # Errors
    /// [`MirrorError`], also where the record of what was cosigned is damaged: then nobody knows what this mirror may
    /// say.
    pub fn begin(disk: Arc<dyn Disk>, cite: CiteId) -> Result<Self, MirrorError> {
        match MirrorLog::open_at(Arc::clone(&disk), cite, u64::MAX) {
            Ok(Some(log)) => {
                let noted = Note::look(disk.as_ref(), &log.dir)?;
                let refill = Self::over(log, noted.unwrap_or(u64::MAX));
                if refill.leads_on() {
                    let refill = refill.back_to_seal()?;
                    refill.note()?;
                    return Ok(refill);
                }
                drop(refill);
                Self::anew(disk, cite)
            }
            Ok(None) => Err(MirrorError::Amnesia),
            Err(error) if error.is_damage() => Self::anew(disk, cite),
            Err(error) => Err(error),
        }
    }

    fn over(log: MirrorLog, before: u64) -> Self {
        let goal = log.held.head().unwrap_or_else(Head::empty);
        let before = log.store.len().min(before);
        Self { log, goal, before }
    }

    /// Notes, durably and before anything is fetched, what was there before; forgets it where nothing is missing.
    fn note(&self) -> Result<(), DiskError> {
        let (disk, dir) = (self.log.disk.as_ref(), &self.log.dir);
        if self.log.holds_cosigned() {
            return forget(disk, dir);
        }
        disk.replace(&Note::file(dir), &Note { before: self.before }.encode())
    }

    /// Returns whether what was re-executed may be the beginning of what was cosigned, or is that.
    fn leads_on(&self) -> bool {
        self.log.fold.head().size < self.goal.size || self.log.holds_cosigned()
    }

    /// Begins at the last seal that is here, and writes down the state there: whoever has what was fetched given up
    /// does not have all before it executed again.
    fn back_to_seal(self) -> Result<Self, MirrorError> {
        let sealed = self.log.fold.state().head().size;
        let mut refill = if sealed < self.log.store.len() { self.back_to(sealed)? } else { self };
        if sealed > 0 {
            refill.log.snapshot()?;
        }
        Ok(refill)
    }

    /// Sets the copy aside, its entries last: as long as they are there it counts as damaged. Begins an empty one.
    fn anew(disk: Arc<dyn Disk>, cite: CiteId) -> Result<Self, MirrorError> {
        let (dir, held, founding) = read_held(disk.as_ref(), cite)?.ok_or(MirrorError::Amnesia)?;
        let parts = ["index", "sidecars", "log"].map(|part| format!("{dir}{part}"));
        set_aside(disk.as_ref(), &parts.each_ref().map(String::as_str))?;
        Store::create(Arc::clone(&disk), &dir, cite.0).map(drop)?;
        let opened = Store::open_at(Arc::clone(&disk), &dir, cite.0, 0)?;
        let log = MirrorLog::assemble(disk, dir, founding, held, opened)?;
        let refill = Self::over(log, 0);
        refill.note()?;
        Ok(refill)
    }

    /// Returns how many leaves are here, and how many were cosigned.
    pub fn progress(&self) -> (u64, u64) {
        (self.log.store.len(), self.goal.size)
    }

    /// Returns the newest checkpoint that was cosigned: what a home that forgot it must hear, whatever is here.
    pub const fn checkpoint(&self) -> Option<&Checkpoint> {
        self.log.checkpoint()
    }

    /// Returns the signed founding record.
    pub const fn signed_founding(&self) -> &Bytes {
        self.log.signed_founding()
    }

    /// Returns the founding record, with the keys that this mirror knew last.
    pub const fn founding(&self) -> &VerifiedFounding {
        self.log.founding()
    }

    /// The home gave a sign of life: as for a copy that is [open](MirrorLog::is_alive).
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept.
    pub fn is_alive(&mut self, now: UnixMillis) -> Result<(), MirrorError> {
        self.log.is_alive(now)
    }

    /// Returns the short name of the cité.
    pub fn slug(&self) -> &str {
        &self.log.founding.founding().slug
    }

    /// Returns whether a cité is known to witness the log: it signed a certificate of it, which is kept with the record
    /// of what was cosigned. What was fetched may name anybody.
    pub fn is_witness(&self, cite: &CiteId) -> bool {
        let known = [self.log.certificate(), self.log.named_certificate()].into_iter().flatten();
        known.flat_map(|known| &known.cosignatures).any(|by| by.mirror == *cite)
    }

    /// Takes in entries that anybody gave, as far as what was cosigned goes: they follow from what is here, or are left
    /// out. Whether they are those that were cosigned shows at the end.
    ///
    /// # Errors
    /// [`MirrorError`] when the disk failed.
    pub fn take(mut self, extend: &Extend) -> Result<(Self, Taken), MirrorError> {
        let Some(part) = self.part(extend) else { return Ok((self, Taken::Nothing)) };
        // Twice the state for a moment, of which objects are shared: to come to it again all that is here would have to be
        // executed.
        let log = &self.log;
        let was = (log.fold.clone(), log.book.clone(), log.beside.clone());
        if let Ok(hashes) = self.log.execute(&part)
            && self.leads_on()
        {
            self.log.append(&part, hashes)?;
            if self.log.holds_cosigned() {
                forget(self.log.disk.as_ref(), &self.log.dir)?;
            }
            return Ok((self, Taken::Further));
        }
        (self.log.fold, self.log.book, self.log.beside) = was;
        // Where nothing is here nothing is contradicted.
        let taken = if part.from == 0 { Taken::Nothing } else { Taken::Contradicts };
        Ok((self, taken))
    }

    /// Gives up what was fetched; where nothing was, what was here before is set aside, and all is fetched.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn give_up(self) -> Result<Self, MirrorError> {
        let (here, before) = (self.log.store.len(), self.before);
        if before < here {
            return self.back_to(before);
        }
        if here == 0 {
            return Ok(self);
        }
        let (disk, cite) = (Arc::clone(&self.log.disk), self.log.founding.cite());
        // The lock on the copy must be free before it is moved.
        drop(self);
        Self::anew(disk, cite)
    }

    /// Returns the copy, if it holds what was cosigned.
    ///
    /// # Errors
    /// This again, if it does not yet.
    pub fn finish(self) -> Result<MirrorLog, Box<Self>> {
        if self.log.holds_cosigned() { Ok(self.log) } else { Err(Box::new(self)) }
    }

    /// Returns of a range what comes next here and was cosigned.
    fn part(&self, extend: &Extend) -> Option<Extend> {
        let (from, cite) = (self.log.store.len(), self.log.founding.cite());
        let left = self.goal.size.checked_sub(from).filter(|left| *left > 0)?;
        let founded = |bytes: &Bytes| match Entry::decode(bytes) {
            Ok(Entry { payload: Payload::Found(signed), .. }) => signed.founding.id() == cite,
            _ => false,
        };
        let comes_next = extend.from == from && extend.checkpoint.origin.cite == cite;
        if !comes_next || (from == 0 && !extend.entries.first().is_some_and(founded)) {
            return None;
        }
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(extend.entries.len());
        let entries = extend.entries.get(..count).filter(|entries| !entries.is_empty())?.to_vec();
        let sidecars =
            extend.sidecars.iter().filter(|sidecar| sidecar.leaf < self.goal.size).cloned();
        Some(Extend {
            checkpoint: Checkpoint { head: self.goal, ..extend.checkpoint },
            founding: extend.founding.clone(),
            from,
            entries,
            sidecars: sidecars.collect(),
            certificate: None,
        })
    }

    fn back_to(self, size: u64) -> Result<Self, MirrorError> {
        let (disk, cite) = (Arc::clone(&self.log.disk), self.log.founding.cite());
        let before = self.before;
        // The lock on the copy must be free before it is opened again.
        drop(self);
        let log = MirrorLog::open_at(disk, cite, size)?.ok_or(MirrorError::Amnesia)?;
        Ok(Self::over(log, before))
    }
}
