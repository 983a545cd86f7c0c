//! Writing a bundle: entry after entry, one chunk in memory. It writes what it is handed; whether that
//! is a log is for the reader of the bundle to find out.

use std::io::{self, Write};

use proto::{
    certificate::EntryProof,
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    evidence::Evidence,
    hash::{Hasher, Use},
    wire::Sidecar,
};

use super::{
    CHUNK_BYTES, CHUNK_ENTRIES, Chunk, Cover, DIGEST_BYTES, EVIDENCE_MAX, MAGIC, Note, Totals,
    Witnessed, Written, kind,
};

/// What stands before the entries of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct Front<'a> {
    /// The signed founding record's bytes.
    pub founding: &'a [u8],
    /// Up to where the bundle goes.
    pub checkpoint: &'a Checkpoint,
    /// The newest certificate.
    pub witnessed: Option<&'a Witnessed>,
    /// The note for stock tools ([`super::note`]).
    pub note: &'a str,
}

/// A bundle that is being written.
pub struct Writer<W> {
    output: W,
    hasher: Hasher,
    bytes: u64,
    chunk: Chunk,
    chunk_bytes: usize,
    totals: Totals,
}

impl<W: Write> Writer<W> {
    /// Begins a bundle.
    ///
    /// # Errors
    /// Those of `output`.
    pub fn begin(output: W, front: &Front<'_>) -> io::Result<Self> {
        let mut writer = Self {
            output,
            hasher: Hasher::new(Use::Bundle),
            bytes: 0,
            chunk: Chunk::default(),
            chunk_bytes: 0,
            totals: Totals::default(),
        };
        writer.put(&MAGIC)?;
        writer.section(kind::FOUNDING, front.founding)?;
        let cover = Cover { checkpoint: *front.checkpoint };
        writer.section(kind::CHECKPOINT, &cover.encode())?;
        if let Some(witnessed) = front.witnessed {
            writer.section(kind::WITNESSED, &witnessed.encode())?;
        }
        let note = Note { text: front.note.to_owned() };
        writer.section(kind::NOTE, &note.encode())?;
        Ok(writer)
    }

    /// Writes the next entry, and the proof that it rests on when it is an import.
    ///
    /// # Errors
    /// Those of the output.
    pub fn entry(&mut self, entry: Vec<u8>, proof: Option<EntryProof>) -> io::Result<()> {
        self.chunk_bytes = self.chunk_bytes.saturating_add(entry.len());
        if let Some(proof) = proof {
            self.chunk_bytes = self.chunk_bytes.saturating_add(proof.encode().len());
            let leaf = self.totals.entries;
            self.chunk.sidecars.push(Sidecar { leaf, proof });
            self.totals.sidecars = self.totals.sidecars.saturating_add(1);
        }
        self.chunk.entries.push(Bytes::from(entry));
        self.totals.entries = self.totals.entries.saturating_add(1);
        // Eight bytes of length go with each entry; sixteen cover a sidecar's leaf as well.
        let framing =
            self.chunk.entries.len().saturating_add(self.chunk.sidecars.len()).saturating_mul(16);
        let full = self.chunk_bytes.saturating_add(framing) >= CHUNK_BYTES;
        if full || self.chunk.entries.len() == CHUNK_ENTRIES {
            self.close_chunk()?;
        }
        Ok(())
    }

    /// Ends the bundle with evidence, in any order; what is more than a bundle may have is left out.
    ///
    /// # Errors
    /// Those of the output.
    pub fn finish(mut self, evidence: &[Evidence]) -> io::Result<Written> {
        self.close_chunk()?;
        let mut known: Vec<Vec<u8>> = evidence.iter().map(Evidence::encode).collect();
        known.sort_unstable();
        known.dedup();
        for bytes in known.into_iter().take(EVIDENCE_MAX) {
            self.section(kind::EVIDENCE, &bytes)?;
            self.totals.evidence = self.totals.evidence.saturating_add(1);
        }
        let totals = self.totals;
        self.section(kind::END, &totals.encode())?;
        let digest = self.hasher.finish();
        self.output.write_all(digest.as_bytes())?;
        self.output.flush()?;
        let tail = u64::try_from(DIGEST_BYTES).unwrap_or(u64::MAX);
        Ok(Written { bytes: self.bytes.saturating_add(tail), digest, totals })
    }

    fn close_chunk(&mut self) -> io::Result<()> {
        let next = Chunk { from: self.totals.entries, ..Chunk::default() };
        let chunk = core::mem::replace(&mut self.chunk, next);
        self.chunk_bytes = 0;
        if chunk.entries.is_empty() { Ok(()) } else { self.section(kind::CHUNK, &chunk.encode()) }
    }

    fn section(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let len = u32::try_from(payload.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
        self.put(&[kind])?;
        self.put(&len.to_le_bytes())?;
        self.put(payload)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.hasher.update(bytes);
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        Ok(())
    }
}
