//! Backups: a log in one file, with the locked key files of people, from which a node's directory can be made
//! again. What a backup holds can sign nothing: neither the keys of the node's roles nor the guard are in it, so a
//! restored log goes on only when its root has named new keys for a new incarnation.
//!
//! ```text
//! file      "pirate-backup/1\n" ‖ length u32 ‖ front ‖ digest 32 ‖ audit bundle
//! ```
//!
//! The digest is of the front; the bundle has its own. So whoever can audit a log can audit its backup.

use std::{
    io::{self, ErrorKind, Read, Write},
    sync::Arc,
};

use proto::{
    codec::{Bytes, Canonical, CodecError, at_most},
    hash::{Hash, Use, digest},
    ids::CiteId,
    order::Head,
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};

use crate::{
    bundle::{BundleError, LogFiles, Reader, Section, SourceError, Written},
    disk::{Disk, DiskError},
    notes::{CertifiedSeal, Notes, NotesError},
    proof::{ProofError, verify_founding},
    segments::{Record, Segments, SegmentsError},
    sidecars::Sidecars,
    tree::Frontier,
};

/// What a backup begins with: the form and its version.
pub const MAGIC: [u8; 16] = *b"pirate-backup/1\n";

/// Key files in a backup at most: more people than share a machine.
const KEYS_MAX: usize = 64;

/// Longest key file in bytes; ours have a few hundred.
const KEY_BYTES_MAX: usize = 4_096;

/// Longest name of a key file in bytes.
const NAME_BYTES_MAX: usize = 80;

/// A key file as it stood on the disk, locked by its passphrase.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyFile {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// What stands before the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Front {
    /// When it was made.
    pub made: UnixMillis,
    /// Whose log it is.
    pub cite: CiteId,
    /// Key files of people.
    pub keys: Vec<KeyFile>,
}

impl Canonical for Front {
    const NAME: &'static str = "front of a backup";
    const MAX: usize = KEYS_MAX * (KEY_BYTES_MAX + NAME_BYTES_MAX + 16) + 64;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.keys.len(), KEYS_MAX)?;
        self.keys.iter().try_for_each(|key| {
            at_most(Self::NAME, key.bytes.len(), KEY_BYTES_MAX)?;
            // Names of files here: no way out of the directory that they are restored to.
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            let inside = !key.name.starts_with('.') && key.name.bytes().all(plain);
            match inside && (1..=NAME_BYTES_MAX).contains(&key.name.len()) {
                true => Ok(()),
                false => Err(CodecError::OutOfBounds(Self::NAME)),
            }
        })
    }
}

/// Why a file is no backup, or could not be restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// It could not be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It does not begin as a backup of this version does.
    #[error("not a backup of this version")]
    NotABackup,
    /// The front is damaged.
    #[error("damaged: the digest of its front is not that of its bytes")]
    Digest,
    /// The front is not canonical.
    #[error(transparent)]
    Front(#[from] CodecError),
    /// The log in it is damaged.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The founding record is not one.
    #[error(transparent)]
    Founding(#[from] ProofError),
    /// The log in it is another cité's than its front says.
    #[error("the log is not the one that the front names")]
    OtherLog,
    /// The entries do not lead to the checkpoint in it.
    #[error("the entries do not lead to the checkpoint of {size} entries")]
    Root {
        /// Size of the checkpoint.
        size: u64,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The log could not be written.
    #[error(transparent)]
    Segments(#[from] SegmentsError),
    /// The notes could not be written.
    #[error(transparent)]
    Notes(#[from] NotesError),
}

/// Writes a backup, telling `progress` how many entries are done.
///
/// # Errors
/// [`SourceError`]; what was written then is no backup.
pub fn write(
    mut output: impl Write,
    front: &Front,
    log: &LogFiles,
    progress: impl FnMut(u64),
) -> Result<Written, SourceError> {
    let bytes = front.encode();
    let length = u32::try_from(bytes.len()).expect("a front is bounded far below 4 GiB");
    output.write_all(&MAGIC)?;
    output.write_all(&length.to_le_bytes())?;
    output.write_all(&bytes)?;
    output.write_all(digest(Use::Bundle, &[&MAGIC, &bytes]).as_bytes())?;
    log.write(output, progress)
}

/// Returns what stands before the log, and leaves `input` where the log begins, an audit bundle.
///
/// # Errors
/// [`BackupError`].
pub fn front(input: &mut impl Read) -> Result<Front, BackupError> {
    let mut magic = [0; MAGIC.len()];
    match input.read_exact(&mut magic) {
        Ok(()) if magic == MAGIC => {}
        Ok(()) => return Err(BackupError::NotABackup),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            return Err(BackupError::NotABackup);
        }
        Err(error) => return Err(error.into()),
    }
    let mut length = [0; 4];
    input.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > Front::MAX {
        return Err(BackupError::NotABackup);
    }
    let (mut bytes, mut check) = (vec![0; length], [0; 32]);
    input.read_exact(&mut bytes)?;
    input.read_exact(&mut check)?;
    if digest(Use::Bundle, &[&MAGIC, &bytes]) != Hash(check) {
        return Err(BackupError::Digest);
    }
    Ok(Front::decode(&bytes)?)
}

/// Makes the directory of a node from a backup, but for the file that says which cité lives there: log, proofs of
/// imports, certificate and evidence. Neither a guard nor keys: the log can be read, and signed only in a new
/// incarnation. The directory holds no log yet.
///
/// # Errors
/// [`BackupError`]; what was written then is of no use.
pub fn restore(disk: &Arc<dyn Disk>, mut input: impl Read) -> Result<(Front, Head), BackupError> {
    let front = front(&mut input)?;
    let identity = front.cite.0;
    let mut log = Segments::create_new(Arc::clone(disk), "log", identity)?;
    let mut sidecars = Sidecars::open(Arc::clone(disk), "notes/sidecars", identity, &|_| true)?;
    let mut notes = Notes::open(Arc::clone(disk))?;
    let (mut tree, mut head) = (Frontier::default(), None);
    let mut reader = Reader::open(input)?;
    while let Some(section) = reader.next_section()? {
        match section {
            Section::Founding(signed) => {
                if verify_founding(&signed)?.cite() != front.cite {
                    return Err(BackupError::OtherLog);
                }
            }
            Section::Checkpoint(checkpoint) => head = Some(checkpoint.head),
            Section::Witnessed(witnessed) => {
                let certificate = witnessed.certificate;
                if let Some(mirrors) = witnessed.mirrors {
                    notes.keep_certificate(CertifiedSeal { certificate, mirrors })?;
                }
            }
            Section::Chunk(chunk) => {
                let records: Vec<Record<'_>> =
                    chunk.entries.iter().map(|entry| Record::of(entry)).collect();
                sidecars.keep(&chunk.sidecars)?;
                log.append(&records)?;
                log.sync()?;
                records.iter().for_each(|record| tree.push(record.leaf));
            }
            Section::Evidence(evidence) => {
                notes.keep_evidence(&evidence)?;
            }
            Section::Note(_) | Section::End(_) => {}
        }
    }
    match head {
        Some(head) if head == tree.head() => Ok((front, head)),
        head => Err(BackupError::Root { size: head.map_or(0, |head| head.size) }),
    }
}
