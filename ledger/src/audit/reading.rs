//! Reading a bundle's entries for the replay: batch by batch, the imports among them proved, counted on
//! the way. Decides about imports only; entries are the fold's affair.

use std::{
    collections::{BTreeMap, btree_map},
    io::Read,
};

use proto::{
    codec::Bytes,
    entry::{Entry, Payload, number},
    founding::VerifiedFounding,
    hash::Hash,
    ids::CiteId,
    keys::PublicKey,
    time::UnixMillis,
    wire::Sidecar,
};
use rayon::prelude::*;

use super::{AuditFault, Progress, forks::Heads};
use crate::{
    bundle::{Chunk, Reader, Section},
    evidence::{self, Conviction},
    mirror::check_imports,
    proof::verify_founding,
    replay,
};

/// How many entries of a log are of which kind, as far as it was read.
#[derive(Clone, Copy, Default)]
pub(super) struct Kinds {
    pub(super) entries: u64,
    pub(super) signed: u64,
    pub(super) imports: u64,
    pub(super) seals: u64,
}

impl Kinds {
    fn count(&mut self, kind: u16) {
        let one = |wanted: bool| u64::from(wanted);
        let signed =
            matches!(kind, number::FOUND | number::ROOT_ACT | number::ORDER | number::EXPORT);
        self.entries = self.entries.saturating_add(1);
        self.signed = self.signed.saturating_add(one(signed));
        self.imports = self.imports.saturating_add(one(kind == number::IMPORT));
        self.seals = self.seals.saturating_add(one(kind == number::SEAL));
    }
}

/// What was seen while the entries were read.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) kinds: Kinds,
    /// Entries other than seals behind the certificate.
    pub(super) uncertified: u64,
    /// State root in the certified seal.
    pub(super) certified_root: Option<Hash>,
    /// Time of the first entry.
    pub(super) from: UnixMillis,
    /// Evidence that stood behind the entries.
    pub(super) evidence: Vec<Conviction>,
    /// Mirror keys of founding records under the proofs of imports.
    pub(super) mirror_keys: BTreeMap<CiteId, PublicKey>,
}

/// The entries of one bundle, read in order.
pub(super) struct Reading<'a, R> {
    pub(super) reader: Reader<R>,
    pub(super) founding: &'a VerifiedFounding,
    /// The chunk that comes next; `None` behind the last.
    pub(super) next: Option<Chunk>,
    /// Entries that the bundle promises.
    pub(super) size: u64,
    /// Size of the newest certificate, 0 without.
    pub(super) certified: u64,
    pub(super) heads: &'a mut Heads,
    pub(super) progress: &'a Progress<'a>,
    pub(super) seen: Seen,
    /// A fault behind the batch that was handed out last.
    pub(super) pending: Option<AuditFault>,
}

impl<R: Read> Reading<'_, R> {
    /// Returns the next entries, at most [`replay::BATCH`], none at the end.
    ///
    /// # Errors
    /// The first fault in the order of the log: entries before it are handed out first.
    pub(super) fn next_batch(&mut self) -> Result<Vec<Vec<u8>>, AuditFault> {
        if let Some(fault) = self.pending.take() {
            return Err(fault);
        }
        let chunks = self.read_chunks()?;
        let founding = self.founding;
        let unproved = chunks
            .par_iter()
            .filter_map(|chunk| {
                check_imports(chunk.from, &chunk.entries, &chunk.sidecars, founding).err()
            })
            .min();
        let mut batch = Vec::new();
        for Chunk { from, entries, sidecars } in chunks {
            // Signatures under the proofs were verified with them.
            if unproved.is_none() {
                self.learn_heads(&sidecars);
            }
            for (leaf, entry) in (from..).zip(entries) {
                if unproved.is_some_and(|unproved| leaf >= unproved) {
                    break;
                }
                self.see(leaf, &entry);
                batch.push(entry.into_vec());
            }
        }
        (self.progress)(self.seen.kinds.entries, self.size);
        match unproved.map(|leaf| AuditFault::Import { leaf }) {
            Some(fault) if batch.is_empty() => Err(fault),
            fault => {
                self.pending = fault;
                Ok(batch)
            }
        }
    }

    /// Reads about a batch of entries; behind the last chunk, the rest of the bundle.
    fn read_chunks(&mut self) -> Result<Vec<Chunk>, AuditFault> {
        let mut chunks = Vec::new();
        let mut room = replay::BATCH;
        while let Some(chunk) = self.next.take_if(|chunk| chunk.entries.len() <= room) {
            room = room.saturating_sub(chunk.entries.len());
            chunks.push(chunk);
            while let Some(section) = self.reader.next_section()? {
                match section {
                    Section::Chunk(chunk) => {
                        self.next = Some(chunk);
                        break;
                    }
                    Section::Evidence(known) => {
                        let known = evidence::verify(&known).map_err(AuditFault::Evidence)?;
                        self.seen.evidence.push(known);
                    }
                    _ => {}
                }
            }
        }
        Ok(chunks)
    }

    fn see(&mut self, leaf: u64, entry: &Bytes) {
        let kind = Entry::kind_of(entry).unwrap_or(0);
        self.seen.kinds.count(kind);
        if leaf == 0 {
            self.seen.from = Entry::decode(entry).map(|entry| entry.time).unwrap_or_default();
        }
        if leaf.checked_add(1) == Some(self.certified)
            && let Ok(Entry { payload: Payload::Seal(seal), .. }) = Entry::decode(entry)
        {
            self.seen.certified_root = Some(seal.state_root);
        }
        if leaf >= self.certified && kind != number::SEAL {
            self.seen.uncertified = self.seen.uncertified.saturating_add(1);
        }
    }

    fn learn_heads(&mut self, sidecars: &[Sidecar]) {
        for Sidecar { proof, .. } in sidecars {
            let checkpoint = proof.certificate.checkpoint;
            self.heads.learn(&proof.founding, checkpoint);
            let place = self.seen.mirror_keys.entry(checkpoint.origin.cite);
            if let btree_map::Entry::Vacant(place) = place
                && let Ok(founding) = verify_founding(&proof.founding)
            {
                place.insert(founding.keys().mirror);
            }
        }
    }
}
