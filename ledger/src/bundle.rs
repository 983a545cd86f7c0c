//! Audit bundles: one log in one file, for somebody who has never seen a node. The same log up to the
//! same checkpoint gives the same bytes; the last 32 are a digest of all the others.
//!
//! ```text
//! file      "pirate-audit/1\n" ‖ sections ‖ digest 32
//! section   kind u8 ‖ length u32 ‖ payload
//! ```
//!
//! Sections stand in rising order of their kinds; only chunks and evidence may stand several times. A
//! kind with the high bit must be understood; another that is unknown is passed over, so the form can
//! grow. Writer and reader hold one section at a time. Nothing here decides whether a log is right.

mod reader;
mod source;
mod writer;

use proto::{
    certificate::{Certificate, EntryProof, StateProof},
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical, CodecError, at_most},
    entry::ENTRY_MAX,
    hash::Hash,
    keys::PublicKey,
    wire::Sidecar,
};
use serde::{Deserialize, Serialize};

use crate::object::Object;

pub use reader::{Reader, Section, check_digest};
#[cfg(feature = "index")]
pub(crate) use source::keep_checkpoint;
pub use source::{LogFiles, SourceError};
pub use writer::{Front, Writer};

/// What a bundle begins with: the form and its version.
pub const MAGIC: [u8; 15] = *b"pirate-audit/1\n";

/// Bytes of the digest at the end.
pub const DIGEST_BYTES: usize = 32;

/// Longest section in bytes that is ever read: a full chunk, its last entry and its last sidecar.
pub const SECTION_MAX: usize = CHUNK_BYTES + ENTRY_MAX + EntryProof::MAX + 1_024;

/// Bytes of entries and sidecars after which a chunk is closed.
const CHUNK_BYTES: usize = 256 * 1_024;

/// Entries after which a chunk is closed.
const CHUNK_ENTRIES: usize = 1_024;

/// Longest note in bytes: a checkpoint with the cosignatures of two mirror sets is about 4 KiB.
const NOTE_MAX: usize = 8_192;

/// Pieces of evidence in a bundle: as many as a node keeps, in at most 8 MiB.
pub const EVIDENCE_MAX: usize = 2_048;

/// Set in a kind that a reader must understand or refuse.
pub const MUST_UNDERSTAND: u8 = 0x80;

/// Numbers of all sections of version 1. A number is never reused.
pub mod kind {
    /// The signed founding record.
    pub const FOUNDING: u8 = 0x81;
    /// The checkpoint up to which the bundle goes.
    pub const CHECKPOINT: u8 = 0x82;
    /// The newest certificate; absent when there is none.
    pub const WITNESSED: u8 = 0x83;
    /// The newest certified checkpoint, else the checkpoint, as a C2SP signed note for stock tools.
    pub const NOTE: u8 = 0x84;
    /// Entries with the proofs of the imports among them.
    pub const CHUNK: u8 = 0x85;
    /// Evidence that the writer knows, each in a section, in rising order of bytes.
    pub const EVIDENCE: u8 = 0x86;
    /// How much there was of everything; nothing but the digest follows.
    pub const END: u8 = 0x87;
}

/// Why bytes are no bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    Io(std::io::ErrorKind),
    /// The last 32 bytes are not the digest of the others: bytes were lost or changed.
    #[error("damaged: the digest at its end is not that of its bytes")]
    Digest,
    /// It does not begin as a bundle of this version does.
    #[error("not an audit bundle of this version")]
    NotABundle,
    /// A section is not what it must be.
    #[error("section at byte {at}: {fault}")]
    Section {
        /// Where it begins.
        at: u64,
        /// What is wrong with it.
        fault: SectionFault,
    },
}

/// What is wrong with a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SectionFault {
    /// Its bytes are not canonical.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// Longer than any section may be.
    #[error("{len} bytes, at most {SECTION_MAX} are allowed")]
    TooLong {
        /// Its length.
        len: u32,
    },
    /// The file ends within it.
    #[error("the file ends within it")]
    Truncated,
    /// A kind that must be understood and is not known.
    #[error("unknown kind {kind:#04x}")]
    Unknown {
        /// The kind.
        kind: u8,
    },
    /// A section of this kind may not stand here.
    #[error("kind {kind:#04x} does not belong here")]
    Order {
        /// The kind.
        kind: u8,
    },
    /// A chunk does not go on where the one before ended.
    #[error("begins with entry {from} where {expected} is next")]
    Gap {
        /// First entry in it.
        from: u64,
        /// The entry that is next.
        expected: u64,
    },
    /// One more piece of evidence than a bundle may have.
    #[error("more than {EVIDENCE_MAX} pieces of evidence")]
    TooMuchEvidence,
    /// Not as many entries, sidecars or pieces of evidence as the end says.
    #[error("the end counts something else than there was")]
    Totals,
    /// Bytes follow the digest.
    #[error("bytes follow the end")]
    Trailing,
}

/// Up to where a bundle goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Cover {
    checkpoint: Checkpoint,
}

impl Canonical for Cover {
    const NAME: &'static str = "checkpoint of a bundle";
    const MAX: usize = 512;
}

/// The newest certificate of a log, with the proof of who may cosign where the writer has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Witnessed {
    /// The certificate.
    pub certificate: Certificate,
    /// Keys and mirrors in force, under the certified seal's state root.
    pub mirrors: Option<StateProof>,
}

impl Canonical for Witnessed {
    const NAME: &'static str = "certificate of a bundle";
    const MAX: usize = 16 * 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        self.certificate.bounds()
    }
}

/// Consecutive entries of a log, and the proofs that the imports among them rest on.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Chunk {
    /// First leaf.
    pub from: u64,
    /// The entries' bytes.
    pub entries: Vec<Bytes>,
    /// In rising order of their leaves.
    pub sidecars: Vec<Sidecar>,
}

impl Canonical for Chunk {
    const NAME: &'static str = "chunk of a bundle";
    const MAX: usize = SECTION_MAX;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.entries.len(), CHUNK_ENTRIES)?;
        if self.entries.is_empty() {
            return Err(CodecError::OutOfBounds(Self::NAME));
        }
        self.sidecars.iter().try_for_each(|sidecar| sidecar.proof.bounds())
    }
}

/// A note as bytes of UTF-8.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Note {
    text: String,
}

impl Canonical for Note {
    const NAME: &'static str = "note of a bundle";
    const MAX: usize = NOTE_MAX;
}

/// How much of everything a bundle holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Entries.
    pub entries: u64,
    /// Proofs of imports.
    pub sidecars: u64,
    /// Pieces of evidence.
    pub evidence: u64,
}

impl Canonical for Totals {
    const NAME: &'static str = "end of a bundle";
    const MAX: usize = 24;
}

/// A bundle that was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Written {
    /// Its bytes, the digest included.
    pub bytes: u64,
    /// The digest at its end.
    pub digest: Hash,
    /// What it holds.
    pub totals: Totals,
}

/// Returns the note of a bundle: of the certified checkpoint with its cosignatures, else of the bundle's
/// own. A cosignature whose key the certificate's proof does not show is left out.
pub fn note(log_key: PublicKey, checkpoint: &Checkpoint, witnessed: Option<&Witnessed>) -> String {
    let Some(Witnessed { certificate, mirrors }) = witnessed else {
        return checkpoint.note(log_key, &[], |_| None);
    };
    let shown = mirrors.as_ref().and_then(|proof| match Object::decode(&proof.leaf) {
        Ok(Object::Mirrors(mirrors)) => Some(mirrors.all()),
        _ => None,
    });
    let key_of = |cite: &_| shown.as_ref()?.iter().find(|m| m.cite == *cite).map(|m| m.key);
    certificate.checkpoint.note(log_key, &certificate.cosignatures, key_of)
}
