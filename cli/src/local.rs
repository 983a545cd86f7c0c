//! What stands on this machine's disk of a cité's log, read without its node.
//! Takes no lock and writes nothing, so it may run beside the node; it never opens the index, which locks.

mod failures;
mod image;

use std::{
    io::{Error, ErrorKind},
    sync::Arc,
};

use ledger::{
    disk::{Disk, DiskError},
    fold::{Fault, FaultKind, Fold},
    keybook::KeyBook,
    notes::{CertifiedSeal, Notes},
    replay::{self, BATCH},
    resume::newest_epoch,
    scrub::Scrub,
    segments::{Flaw, SegmentsError, SegmentsReader},
    snapshot,
    tree::Frontier,
};
use node::{core::named_record, home_dir::HomeDir};
use proto::{
    entry::{Entry, Payload},
    founding::{SignedFounding, VerifiedFounding},
    hash::Hash,
    ids::CiteId,
};
use serde_json::json;

pub use self::{
    failures::{home_failure, no_cite_here, no_such_cite},
    image::Silent,
};
use crate::{
    codes,
    context::Context,
    error::{Failure, is_there},
    keyring::unhex,
    paths::Paths,
    text,
};

/// Bytes read at a time: enough that the calls to the disk are lost among what they bring.
pub(crate) const WINDOW_BYTES: usize = 1024 * 1024;

/// Where a node keeps the logs of other cités, one directory each.
const MIRRORS: &str = "mirrors";

/// A log on this machine: the own cité's, or the copy of another's.
#[derive(Clone)]
pub struct LocalLog {
    home: HomeDir,
    disk: Arc<dyn Disk>,
    cite: CiteId,
    /// Empty for the own log, else `mirrors/<cité in hex>/`.
    dir: String,
}

/// Why a log could not be folded.
#[derive(Debug, thiserror::Error)]
enum FoldError {
    #[error(transparent)]
    Segments(#[from] SegmentsError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl LocalLog {
    /// Returns the log of the cité that lives here, `None` when none was founded. Makes nothing.
    ///
    /// # Errors
    /// P0202, P0204, P0215.
    pub fn find(paths: &Paths) -> Result<Option<Self>, Failure> {
        let home = HomeDir::new(paths.node());
        if !is_there(home.root())? {
            return Ok(None);
        }
        let disk: Arc<dyn Disk> = home.look().map_err(|error| home_failure(&home, &error))?;
        let cite = home.cite(disk.as_ref()).map_err(|error| home_failure(&home, &error))?;
        Ok(cite.map(|cite| Self { home, disk, cite, dir: String::new() }))
    }

    /// Returns the log of the cité that lives here.
    ///
    /// # Errors
    /// P0705 when none was founded, and those of [`Self::find`].
    pub fn own(paths: &Paths) -> Result<Self, Failure> {
        Self::find(paths)?.ok_or_else(|| no_cite_here(paths))
    }

    /// Returns the log that `named` stands for: the own one for `None`, else that of the cité with this
    /// short name or identity, own or copied.
    ///
    /// # Errors
    /// P0702 when no log of that name is here, and those of [`Self::own`].
    pub fn named(paths: &Paths, named: Option<&str>) -> Result<Self, Failure> {
        let own = Self::own(paths)?;
        let Some(named) = named.map(str::trim) else { return Ok(own) };
        if own.is_called(named) {
            return Ok(own);
        }
        own.copies()
            .into_iter()
            .find(|copy| copy.is_called(named))
            .ok_or_else(|| no_such_cite(named))
    }

    /// Returns the copies of other cités' logs that the node keeps.
    pub fn copies(&self) -> Vec<Self> {
        let names = self.disk.list(MIRRORS).unwrap_or_default();
        let cites = names.iter().filter_map(|name| unhex(name).map(|bytes| CiteId(Hash(bytes))));
        cites
            .map(|cite| Self { cite, dir: format!("{MIRRORS}/{}/", cite.0), ..self.clone() })
            .collect()
    }

    /// Returns whether this is the log of the cité with this short name or identity.
    pub fn is_called(&self, named: &str) -> bool {
        named.parse() == Ok(self.cite)
            || self.founding().is_ok_and(|signed| signed.founding.slug == named)
    }

    /// Returns the cité.
    pub fn cite(&self) -> CiteId {
        self.cite
    }

    /// Returns the node's directory.
    pub fn home(&self) -> &HomeDir {
        &self.home
    }

    /// Returns the disk that the log stands on.
    pub fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    /// Returns the entries that stand there now.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn entries(&self) -> Result<SegmentsReader, Failure> {
        let dir = format!("{}log", self.dir);
        let entries = SegmentsReader::open(Arc::clone(&self.disk), &dir, self.cite.0)
            .map_err(|error| self.segments_failure(&error))?;
        // A log begins with its founding; one that seems empty lost it.
        if entries.is_empty() { Err(self.damaged(0)) } else { Ok(entries) }
    }

    /// Returns the signed founding record, verified to be this cité's: of the first entry, or of what its
    /// root named where a lost log is being recovered. Whose keys are in force, [`Self::record`] says.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn founding(&self) -> Result<SignedFounding, Failure> {
        if self.is_lost() {
            return self.record_named()?.map(|(_, signed)| signed).ok_or_else(|| self.damaged(0));
        }
        let entry = self.entry(&self.entries()?, 0)?;
        match entry.payload {
            Payload::Found(signed)
                if signed.verify().is_ok_and(|verified| verified.cite() == self.cite) =>
            {
                Ok(signed)
            }
            _ => Err(self.damaged(0)),
        }
    }

    /// Returns the founding record with the keys that are in force at the end of these entries, verified and
    /// as signed. Reads the whole log.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn record(
        &self,
        entries: &SegmentsReader,
    ) -> Result<(VerifiedFounding, SignedFounding), Failure> {
        let Payload::Found(mut signed) = self.entry(entries, 0)?.payload else {
            return Err(self.damaged(0));
        };
        signed.epoch = newest_epoch(entries).map_err(|error| self.segments_failure(&error))?;
        self.own_record(Some(signed)).ok_or_else(|| self.damaged(0))
    }

    /// Returns the record with the keys that the root named for a new incarnation, if somebody put one here.
    ///
    /// # Errors
    /// P0202.
    pub fn record_named(&self) -> Result<Option<(VerifiedFounding, SignedFounding)>, Failure> {
        // Those of copies are their homes'.
        if !self.dir.is_empty() {
            return Ok(None);
        }
        let signed = named_record(self.disk.as_ref()).map_err(|error| self.unreadable(&error))?;
        Ok(self.own_record(signed))
    }

    fn own_record(
        &self,
        signed: Option<SignedFounding>,
    ) -> Option<(VerifiedFounding, SignedFounding)> {
        let signed = signed?;
        let verified = signed.verify().ok().filter(|record| record.cite() == self.cite)?;
        Some((verified, signed))
    }

    /// Returns whether nothing is here of the log: no file of it, or one without an entry.
    pub fn is_lost(&self) -> bool {
        let dir = format!("{}log", self.dir);
        match SegmentsReader::open(Arc::clone(&self.disk), &dir, self.cite.0) {
            Ok(entries) => entries.is_empty(),
            Err(error) => matches!(error, SegmentsError::NoLog),
        }
    }

    /// Returns an entry.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn entry(&self, entries: &SegmentsReader, leaf: u64) -> Result<Entry, Failure> {
        let bytes = entries.read(leaf).map_err(|error| self.segments_failure(&error))?;
        Entry::decode(&bytes).map_err(|error| self.damaged(leaf).caused_by(&error))
    }

    /// Returns how many entries stand under the last seal: what follows was promised to nobody.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn sealed(&self, entries: &SegmentsReader) -> Result<u64, Failure> {
        let mut size = entries.len();
        while let Some(last) = size.checked_sub(1) {
            if matches!(self.entry(entries, last)?.payload, Payload::Seal(_)) {
                break;
            }
            size = last;
        }
        Ok(size)
    }

    /// Returns the newest certificate with the mirrors behind it, if the node holds one.
    pub fn certified(&self) -> Option<CertifiedSeal> {
        // Only the own log has notes; those of copies are their homes'.
        let own = self.dir.is_empty().then(|| Notes::look(Arc::clone(&self.disk)));
        own?.ok()?.newest().cloned()
    }

    /// Returns the state after the last seal: from the snapshot where there is one that fits, and
    /// everything behind it decided again.
    ///
    /// # Errors
    /// P0202, P0204 with the first entry that does not follow.
    pub fn fold(&self, context: &Context, entries: &SegmentsReader) -> Result<Fold, Failure> {
        let start = self.snapshot(entries)?.unwrap_or_default();
        self.replay(context, entries, start)
    }

    /// Returns the state after the last seal, everything decided again from the first entry on.
    ///
    /// # Errors
    /// P0202, P0204 with the first entry that does not follow.
    pub fn fold_all(&self, context: &Context, entries: &SegmentsReader) -> Result<Fold, Failure> {
        self.replay(context, entries, Fold::default())
    }

    fn replay(
        &self,
        context: &Context,
        entries: &SegmentsReader,
        mut fold: Fold,
    ) -> Result<Fold, Failure> {
        let progress = context.progress(text!("reading-log"));
        let until = self.sealed(entries)?;
        progress.total(until);
        let mut book = KeyBook::of(fold.state());
        let mut at = fold.frontier().size();
        let done: Result<(), FoldError> =
            entries.records(at.min(until)).map_err(FoldError::from).and_then(|mut records| {
                replay::replay_all(&mut fold, &mut book, || {
                    let mut batch = Vec::new();
                    while at < until && batch.len() < BATCH {
                        let Some(record) = records.next_record()? else { break };
                        batch.push(record.payload.to_vec());
                        at += 1;
                    }
                    progress.at(at);
                    Ok(batch)
                })
            });
        match done {
            Ok(()) => Ok(fold),
            Err(FoldError::Segments(error)) => Err(self.segments_failure(&error)),
            Err(FoldError::Fault(fault)) => Err(self.fault(&fault)),
        }
    }

    /// Returns whether what is kept for a fast start, as far as it is there, is what the entries say: the state of the
    /// snapshot, and the hashes of the tree. What looks orders up is not read.
    ///
    /// # Errors
    /// P0202, P0204.
    pub fn index_fits(&self, entries: &SegmentsReader) -> Result<bool, Failure> {
        // A link that leads nowhere is there, too.
        let is_dir = |name: &str| {
            let path = self.home.root().join(&self.dir).join(name);
            let absent = |error: Error| error.kind() == ErrorKind::NotFound;
            path.symlink_metadata().is_err_and(absent) || path.is_dir()
        };
        if !["index", "index/sled"].into_iter().all(is_dir) {
            return Ok(false);
        }
        let state = match self.disk.length(&format!("{}index/snapshot", self.dir)) {
            Ok(None) => true,
            Ok(Some(_)) => self.snapshot(entries)?.is_some(),
            Err(_) => false,
        };
        let tree = || -> Result<bool, DiskError> {
            let mut scrub = Scrub::begin(Arc::clone(&self.disk), self.cite, true)?;
            // The own entries come first.
            while scrub.reports().is_empty() && scrub.step(WINDOW_BYTES)? {}
            let mut flaws = scrub.reports().iter().take(1).flat_map(|report| &report.flaws);
            Ok(!flaws.any(|flaw| matches!(flaw, Flaw::Tree { .. })))
        };
        // A tree that cannot be read is none.
        Ok(state && tree().unwrap_or(false))
    }

    /// Returns the fold at the node's last snapshot, checked against the entries themselves.
    fn snapshot(&self, entries: &SegmentsReader) -> Result<Option<Fold>, Failure> {
        let read = snapshot::read(self.disk.as_ref(), &format!("{}index/snapshot", self.dir));
        let Ok(Some((state, beside))) = read else { return Ok(None) };
        let head = state.head();
        if head.size > entries.len() {
            return Ok(None);
        }
        let mut frontier = Frontier::default();
        let mut records = entries.records(0).map_err(|error| self.segments_failure(&error))?;
        while frontier.size() < head.size {
            match records.next_record().map_err(|error| self.segments_failure(&error))? {
                Some(record) => frontier.push(record.leaf),
                None => return Ok(None),
            }
        }
        let fits = frontier.head() == head;
        Ok(fits.then(|| Fold::at(state, frontier, beside.earlier)).flatten())
    }

    /// Returns what to say about segments that cannot be read.
    pub fn segments_failure(&self, error: &SegmentsError) -> Failure {
        match error {
            SegmentsError::Disk(error) => self.unreadable(error),
            SegmentsError::Damaged { index } => self.damaged(*index).caused_by(error),
            _ => self.damaged(0).caused_by(error),
        }
    }

    /// Returns what to say about an entry that does not follow from those before it.
    pub fn fault(&self, fault: &Fault) -> Failure {
        let failure = self.damaged(fault.leaf);
        match fault.kind {
            FaultKind::Refused(refusal) => {
                failure.because(text!("log-entry-refused", number = u64::from(refusal.number())))
            }
            _ => failure.caused_by(fault),
        }
    }

    fn damaged(&self, leaf: u64) -> Failure {
        Failure::new(codes::LEDGER_DAMAGED, text!("log-damaged", leaf = leaf))
            .because(text!("log-damaged-nothing"))
            .data(json!({ "cite": self.cite.to_string(), "entry": leaf }))
    }

    fn unreadable(&self, error: &DiskError) -> Failure {
        let path = self.home.root().join(&*error.file);
        Failure::new(codes::CANNOT_READ, text!("cannot-read", path = &path)).caused_by(error)
    }
}
