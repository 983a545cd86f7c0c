//! A node's directory as the source of a bundle: reads the node's own log, or its copy of another, while
//! the node runs or not. It takes no lock, signs nothing, and writes nothing there.

use std::{io::Write, sync::Arc};

use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical, CodecError},
    entry::{Entry, Payload, number},
    evidence::Evidence,
    ids::CiteId,
    keys::VerifyingKey,
    wire::Sidecar,
};
use serde::{Deserialize, Serialize};

use super::{Front, Witnessed, Writer, Written, note};
use crate::{
    disk::{Disk, DiskError},
    fold::{Fault, FaultKind},
    mirror::{self, MirrorError},
    notes::{Notes, NotesError, read_file},
    proof::{self, ProofError, check_checkpoint, verify_founding},
    resume::newest_epoch,
    segments::{Records, SegmentsError, SegmentsReader},
    sidecars,
    tree::Frontier,
};

/// The newest checkpoint that the home kept for readers. A cache: certificates hold signed checkpoints
/// as well, and the home signs a new one at every start.
const CHECKPOINT: &str = "index/checkpoint";

/// Proofs that the imports of the own log rest on.
const OWN_SIDECARS: &str = "notes/sidecars";

#[derive(Serialize, Deserialize)]
struct Kept {
    checkpoint: Checkpoint,
}

impl Canonical for Kept {
    const NAME: &'static str = "kept checkpoint";
    const MAX: usize = 512;
}

/// Keeps the newest checkpoint where readers find it, before anything under it is acknowledged. Not
/// synced, for it is a cache: a killed process leaves it whole, a power cut an older one or none, and
/// whoever reads it checks its signature.
///
/// # Errors
/// [`DiskError`].
#[cfg(feature = "index")]
pub(crate) fn keep_checkpoint(disk: &dyn Disk, checkpoint: &Checkpoint) -> Result<(), DiskError> {
    disk.write_at(CHECKPOINT, 0, &Kept { checkpoint: *checkpoint }.encode())
}

/// Why a log could not be put into a bundle.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// There is no such log here.
    #[error("there is no such log here")]
    NoLog,
    /// No signed checkpoint of the log is kept here yet.
    #[error("no signed checkpoint of this log is kept here yet")]
    NoCheckpoint,
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The segments refused.
    #[error(transparent)]
    Segments(#[from] SegmentsError),
    /// The notes refused.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// The copy of another log refused.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// A kept file does not hold what it must.
    #[error("{file}: {error}")]
    Damaged {
        /// The file.
        file: &'static str,
        /// What is wrong.
        error: CodecError,
    },
    /// The founding record is not one.
    #[error(transparent)]
    Founding(#[from] ProofError),
    /// The first entry is not a founding record.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The entries do not lead to the checkpoint.
    #[error("the entries do not lead to the checkpoint of {size} entries")]
    Root {
        /// Size of the checkpoint.
        size: u64,
    },
    /// The proof of an import is missing.
    #[error("the proof of the import at entry {leaf} is missing")]
    Sidecar {
        /// The import.
        leaf: u64,
    },
    /// The bundle could not be written.
    #[error("the bundle cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// A log in a node's directory, up to its newest kept checkpoint.
pub struct LogFiles {
    entries: SegmentsReader,
    sidecars: Option<SegmentsReader>,
    founding: Bytes,
    cite: CiteId,
    slug: String,
    log_key: VerifyingKey,
    checkpoint: Checkpoint,
    witnessed: Option<Witnessed>,
    evidence: Vec<Evidence>,
}

impl LogFiles {
    /// Opens the node's own log.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn own(disk: Arc<dyn Disk>) -> Result<Self, SourceError> {
        // Before the entries: what is read behind it then reaches as far as it says.
        let kept = match read_file(disk.as_ref(), CHECKPOINT)? {
            Some(bytes) => Kept::decode(&bytes).ok().map(|kept| kept.checkpoint),
            None => None,
        };
        let entries = found(SegmentsReader::open_found(Arc::clone(&disk), "log"))?
            .ok_or(SourceError::NoLog)?;
        let first = entries.read(0)?;
        let at_first = |kind| Fault { leaf: 0, kind };
        let Payload::Found(mut signed) =
            Entry::decode(&first).map_err(|e| at_first(e.into()))?.payload
        else {
            return Err(at_first(FaultKind::Assigned).into());
        };
        if kept.is_none_or(|kept| kept.origin.incarnation > 0) {
            signed.epoch = newest_epoch(&entries)?;
        }
        let notes = Notes::look(Arc::clone(&disk))?;
        let witnessed = notes.newest().map(|certified| Witnessed {
            certificate: certified.certificate.clone(),
            mirrors: Some(certified.mirrors.clone()),
        });
        let sidecars = found(SegmentsReader::open(disk, OWN_SIDECARS, entries.identity()))?;
        let founding = Bytes::from(signed.encode());
        Self::assemble(entries, sidecars, founding, kept, witnessed, notes.evidence()?)
    }

    /// Opens the node's copy of another cité's log.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn copy_of(disk: Arc<dyn Disk>, cite: CiteId) -> Result<Self, SourceError> {
        let held = mirror::look(disk.as_ref(), cite)?.ok_or(SourceError::NoLog)?;
        let dir = held.dir;
        let entries = found(SegmentsReader::open(Arc::clone(&disk), &format!("{dir}log"), cite.0))?
            .ok_or(SourceError::NoLog)?;
        let sidecars =
            found(SegmentsReader::open(Arc::clone(&disk), &format!("{dir}sidecars"), cite.0))?;
        let witnessed =
            held.certificate.map(|certificate| Witnessed { certificate, mirrors: None });
        let evidence = Notes::look(disk)?.evidence()?;
        Self::assemble(entries, sidecars, held.founding, held.checkpoint, witnessed, evidence)
    }

    /// Chooses the newest genuine checkpoint that the entries reach.
    fn assemble(
        entries: SegmentsReader,
        sidecars: Option<SegmentsReader>,
        founding: Bytes,
        kept: Option<Checkpoint>,
        witnessed: Option<Witnessed>,
        evidence: Vec<Evidence>,
    ) -> Result<Self, SourceError> {
        let verified = verify_founding(&founding)?;
        let genuine = |checkpoint: &Checkpoint| check_checkpoint(&verified, checkpoint).is_ok();
        let reached = |checkpoint: &Checkpoint| checkpoint.head.size <= entries.len();
        let certified = witnessed.as_ref().map(|Witnessed { certificate, .. }| {
            let Certificate { checkpoint, .. } = certificate;
            *checkpoint
        });
        let checkpoint = [kept, certified]
            .into_iter()
            .flatten()
            .filter(|checkpoint| genuine(checkpoint) && reached(checkpoint))
            .max_by_key(|checkpoint| checkpoint.head.size)
            .ok_or(SourceError::NoCheckpoint)?;
        let log_key = proof::log_key(&verified, &checkpoint)?;
        let size = checkpoint.head.size;
        let witnessed = witnessed.filter(|known| known.certificate.checkpoint.head.size <= size);
        Ok(Self {
            entries,
            sidecars,
            founding,
            cite: verified.cite(),
            slug: verified.founding().slug.clone(),
            log_key,
            checkpoint,
            witnessed,
            evidence,
        })
    }

    /// Returns the cité whose log this is.
    pub const fn cite(&self) -> CiteId {
        self.cite
    }

    /// Returns its short name, for the name of a file.
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// Returns the checkpoint up to which the bundle will go.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Returns the newest certificate that goes into the bundle.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.witnessed.as_ref().map(|witnessed| &witnessed.certificate)
    }

    /// Writes the bundle, telling `progress` how many entries are done.
    ///
    /// # Errors
    /// [`SourceError`]; what was written then is no bundle.
    pub fn write(
        &self,
        output: impl Write,
        mut progress: impl FnMut(u64),
    ) -> Result<Written, SourceError> {
        let note = note(self.log_key.public(), &self.checkpoint, self.witnessed.as_ref());
        let front = Front {
            founding: &self.founding,
            checkpoint: &self.checkpoint,
            witnessed: self.witnessed.as_ref(),
            note: &note,
        };
        let mut writer = Writer::begin(output, &front)?;
        let mut entries = self.entries.records(0)?;
        let mut sidecars = match &self.sidecars {
            Some(sidecars) => Some(sidecars.records(0)?),
            None => None,
        };
        let mut tree = Frontier::default();
        let size = self.checkpoint.head.size;
        while tree.size() < size {
            let leaf = tree.size();
            let Some(entry) = entries.next_record()? else { break };
            tree.push(entry.leaf);
            let entry = entry.payload.to_vec();
            let proof = match Entry::kind_of(&entry) {
                Some(number::IMPORT) => {
                    let sidecar = next_sidecar(&mut sidecars)?;
                    let sidecar = sidecar.filter(|sidecar| sidecar.leaf == leaf);
                    Some(sidecar.ok_or(SourceError::Sidecar { leaf })?.proof)
                }
                _ => None,
            };
            writer.entry(entry, proof)?;
            progress(tree.size());
        }
        if tree.head() != self.checkpoint.head {
            return Err(SourceError::Root { size });
        }
        Ok(writer.finish(&self.evidence)?)
    }
}

fn next_sidecar(records: &mut Option<Records<'_>>) -> Result<Option<Sidecar>, SourceError> {
    let Some(records) = records else { return Ok(None) };
    let Some(record) = records.next_record()? else { return Ok(None) };
    let decoded = sidecars::decode(record.payload);
    decoded.map(Some).map_err(|error| SourceError::Damaged { file: OWN_SIDECARS, error })
}

fn found(
    opened: Result<SegmentsReader, SegmentsError>,
) -> Result<Option<SegmentsReader>, SourceError> {
    match opened {
        Ok(reader) => Ok(Some(reader)),
        Err(SegmentsError::NoLog) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
