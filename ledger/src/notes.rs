//! Notes: what a home keeps beside its log and cannot rebuild: certificates and evidence. Synced before anything is said that rests on them.

use std::{collections::BTreeMap, sync::Arc};

use proto::{
    certificate::{Certificate, StateProof},
    codec::{Canonical, CodecError, at_most},
    evidence::Evidence,
    hash::{Hash, tree_leaf},
};
use serde::{Deserialize, Serialize};

use crate::disk::{Disk, DiskError};

/// Certificates kept: the one that the last seal names, the newest, and a few between.
const CERTIFICATES_MAX: usize = 8;

/// Evidence kept: one for each cité that a node could be allied with, and as much again for mirrors of its log
/// that are no allies. Evidence against others is not handed over to be kept.
const EVIDENCE_MAX: usize = 2_048;

const CERTIFICATES: &str = "notes/certificates";
const EVIDENCE: &str = "notes/evidence";

/// A certificate with the proof of the mirrors in force under its seal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CertifiedSeal {
    /// The certificate.
    pub certificate: Certificate,
    /// Keys and mirrors in force, under the seal's state root.
    pub mirrors: StateProof,
}

#[derive(Default, Serialize, Deserialize)]
struct Certificates {
    newest_last: Vec<CertifiedSeal>,
}

impl Certificates {
    /// Returns those on a disk, or the bytes of damaged ones. These are none: witnesses confirm the next seal, and a home
    /// goes on without.
    fn kept(disk: &dyn Disk) -> Result<Result<Self, Vec<u8>>, DiskError> {
        let bytes = read_file(disk, CERTIFICATES)?;
        Ok(bytes
            .map_or_else(|| Ok(Self::default()), |bytes| Self::decode(&bytes).map_err(|_| bytes)))
    }
}

impl Canonical for Certificates {
    const NAME: &'static str = "file of certificates";
    const MAX: usize = 64 * 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.newest_last.len(), CERTIFICATES_MAX)
    }
}

/// Why notes could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum NotesError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A file does not hold what it must.
    #[error("{file}: {error}")]
    Damaged {
        /// The file.
        file: &'static str,
        /// What is wrong.
        error: CodecError,
    },
}

/// The notes of a home.
pub struct Notes {
    disk: Arc<dyn Disk>,
    certificates: Certificates,
    /// Files of evidence, at most [`EVIDENCE_MAX`], with the hash of what each holds once that was read or written: the
    /// same evidence comes again and again.
    evidence: BTreeMap<String, Option<Hash>>,
}

impl Notes {
    /// Opens the notes of a home, making them where they are missing. Certificates that are damaged are set aside.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, NotesError> {
        disk.create_dir(EVIDENCE)?;
        let certificates = match Certificates::kept(disk.as_ref())? {
            Ok(certificates) => certificates,
            Err(damaged) => {
                disk.replace(&format!("{CERTIFICATES}.damaged"), &damaged)?;
                disk.remove(CERTIFICATES)?;
                Certificates::default()
            }
        };
        let names = disk.list(EVIDENCE)?;
        let evidence = names.into_iter().map(|name| (name, None)).collect();
        Ok(Self { disk, certificates, evidence })
    }

    /// Opens the notes of a home for reading only: makes nothing.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn look(disk: Arc<dyn Disk>) -> Result<Self, NotesError> {
        let certificates = Certificates::kept(disk.as_ref())?.unwrap_or_default();
        Ok(Self { disk, certificates, evidence: BTreeMap::new() })
    }

    /// Returns the newest certificate.
    pub fn newest(&self) -> Option<&CertifiedSeal> {
        self.certificates.newest_last.last()
    }

    /// Returns the certificate of exactly `size` leaves, if it is still kept.
    pub fn certificate(&self, size: u64) -> Option<&CertifiedSeal> {
        self.certificates
            .newest_last
            .iter()
            .find(|certified| certified.certificate.checkpoint.head.size == size)
    }

    /// Keeps a newer certificate, durably.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn keep_certificate(&mut self, certified: CertifiedSeal) -> Result<(), NotesError> {
        let mut newest_last = self.certificates.newest_last.clone();
        newest_last.push(certified);
        let surplus = newest_last.len().saturating_sub(CERTIFICATES_MAX);
        newest_last.drain(..surplus);
        let certificates = Certificates { newest_last };
        self.disk.replace(CERTIFICATES, &certificates.encode())?;
        self.certificates = certificates;
        Ok(())
    }

    /// Forgets certificates of more than `size` leaves: of a history that nobody goes on with.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn forget_beyond(&mut self, size: u64) -> Result<(), NotesError> {
        let stays = |known: &CertifiedSeal| known.certificate.checkpoint.head.size <= size;
        let newest_last: Vec<_> =
            self.certificates.newest_last.iter().filter(|known| stays(known)).cloned().collect();
        if newest_last.len() < self.certificates.newest_last.len() {
            let certificates = Certificates { newest_last };
            self.disk.replace(CERTIFICATES, &certificates.encode())?;
            self.certificates = certificates;
        }
        Ok(())
    }

    /// Keeps evidence, durably, one piece for each cité in each role, the last; returns whether it is new and there was
    /// room.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn keep_evidence(&mut self, evidence: &Evidence) -> Result<bool, NotesError> {
        let Some(party) = evidence.party() else { return Ok(false) };
        let bytes = evidence.encode();
        let (name, hash) = (party.to_string(), tree_leaf(&bytes));
        let file = format!("{EVIDENCE}/{name}");
        let full = self.evidence.len() >= EVIDENCE_MAX;
        let same = match self.evidence.get(&name) {
            Some(Some(known)) => *known == hash,
            Some(None) => read_file(self.disk.as_ref(), &file)?.as_ref() == Some(&bytes),
            None if full => return Ok(false),
            None => false,
        };
        if !same {
            self.disk.replace(&file, &bytes)?;
        }
        self.evidence.insert(name, Some(hash));
        Ok(!same)
    }

    /// Returns all evidence kept.
    ///
    /// # Errors
    /// [`NotesError`].
    pub fn evidence(&self) -> Result<Vec<Evidence>, NotesError> {
        evidence(self.disk.as_ref())
    }
}

/// Returns a small file whole, or `None` where there is none.
///
/// # Errors
/// [`DiskError`].
pub fn read_file(disk: &dyn Disk, name: &str) -> Result<Option<Vec<u8>>, DiskError> {
    let Some(length) = disk.length(name)? else { return Ok(None) };
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
    let read = disk.read_at(name, 0, &mut bytes)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

/// Returns all evidence that a node keeps on a disk.
///
/// # Errors
/// [`NotesError`].
pub fn evidence(disk: &dyn Disk) -> Result<Vec<Evidence>, NotesError> {
    let mut all = Vec::new();
    for name in disk.list(EVIDENCE)? {
        if let Some(bytes) = read_file(disk, &format!("{EVIDENCE}/{name}"))? {
            // What a crash left half written is no evidence; it must not stop a home either.
            all.extend(Evidence::decode(&bytes).ok());
        }
    }
    Ok(all)
}
