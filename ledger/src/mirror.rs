//! The mirror: the only cosigner of another cité's log. It stores the log, re-executes every entry, and
//! only when all of it is durable does it cosign. It never takes the home's word for anything.
//!
//! Here is what a copy is, and how it is begun and opened; what it does with a push is in `extend`.

mod complaints;
mod error;
mod extend;
mod fence;
mod held;
mod imports;
mod mend;
mod refill;
mod silence;
mod witness;

use std::sync::Arc;

pub use complaints::{
    COMPLAINTS_MAX, CONTACT_MAX_MS, NotKept, OFFER_AGAIN_MS, OFFER_EVERY_MS, PATIENCE_MS, SEALS,
    Standing,
};
pub use error::MirrorError;
pub use extend::{Extended, SEAL_AHEAD_MAX_MS};
pub use fence::Fenced;
use held::{Held, read_held};
pub(crate) use held::{RECORDS, look};
pub use imports::check_imports;
use proto::{
    certificate::Certificate, checkpoint::Checkpoint, codec::Bytes, evidence::Evidence,
    founding::VerifiedFounding, ids::CiteId, keys::PublicKey, order::Head,
};
pub use refill::{Refill, Taken};
pub use silence::{SILENCE_MS, is_alive_beside};

use crate::{
    disk::{Disk, DiskError},
    fold::Fold,
    keybook::KeyBook,
    segments::{SegmentsError, SegmentsReader},
    sidecars::Sidecars,
    snapshot::Beside,
    state::State,
    store::{OpenedStore, Store, StoreError},
};

/// A copy of another cité's log.
pub struct MirrorLog {
    disk: Arc<dyn Disk>,
    dir: String,
    founding: VerifiedFounding,
    store: Store,
    sidecars: Sidecars,
    fold: Fold,
    book: KeyBook,
    beside: Beside,
    held: Held,
    complaints: complaints::Complaints,
    /// How long the home was silent, while its heirs ask for the log.
    silence: Option<silence::Silence>,
    /// Log keys that evidence convicts: nothing that they signed is cosigned.
    frozen: Vec<PublicKey>,
    astray: bool,
}

impl MirrorLog {
    /// Returns the directory of the copy of a cité's log.
    fn dir(cite: CiteId) -> String {
        format!("mirrors/{}/", cite.0)
    }

    /// Begins an empty copy.
    ///
    /// # Errors
    /// [`MirrorError`], also when there is a copy already, or was one by which this mirror cosigned.
    pub fn create(
        disk: Arc<dyn Disk>,
        founding: VerifiedFounding,
        signed: Bytes,
    ) -> Result<Self, MirrorError> {
        let cite = founding.cite();
        if read_held(disk.as_ref(), cite)?.is_some() {
            return Err(MirrorError::Amnesia);
        }
        disk.create_dir(RECORDS)?;
        let dir = Self::dir(cite);
        let opened = Self::begin(&disk, &dir, cite)?;
        let held = Held {
            founding: signed,
            checkpoint: None,
            certificate: None,
            named: None,
            below: 0,
            cut: None,
        };
        held.keep(disk.as_ref(), cite)?;
        Self::assemble(disk, dir, founding, held, opened)
    }

    /// Makes the empty log of a copy, or goes on with one whose making was interrupted: before the record of what is held
    /// is written, nothing is taken in.
    fn begin(disk: &Arc<dyn Disk>, dir: &str, cite: CiteId) -> Result<OpenedStore, MirrorError> {
        match Store::create(Arc::clone(disk), dir, cite.0) {
            Ok(store) => Ok(OpenedStore {
                store,
                fold: Fold::default(),
                book: KeyBook::default(),
                beside: Beside::default(),
            }),
            Err(StoreError::Segments(SegmentsError::AlreadyThere)) => {
                // Entries are here only where it was cosigned that they are.
                match SegmentsReader::open(Arc::clone(disk), &format!("{dir}log"), cite.0) {
                    Ok(log) if log.is_empty() => {
                        Ok(Store::open_at(Arc::clone(disk), dir, cite.0, 0)?)
                    }
                    Err(SegmentsError::Disk(error)) => Err(error.into()),
                    Ok(_) | Err(_) => Err(MirrorError::Gone),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Opens a copy: everything behind what was cosigned is forgotten, for nobody vouched for it.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn open(disk: Arc<dyn Disk>, cite: CiteId) -> Result<Option<Self>, MirrorError> {
        match Self::open_at(disk, cite, u64::MAX)? {
            Some(log) if !log.holds_cosigned() => Err(MirrorError::Amnesia),
            Some(log) => {
                refill::forget(log.disk.as_ref(), &log.dir)?;
                Ok(Some(log))
            }
            None => Ok(None),
        }
    }

    /// Opens a copy of which the end may be missing, cut to at most so many leaves.
    fn open_at(disk: Arc<dyn Disk>, cite: CiteId, most: u64) -> Result<Option<Self>, MirrorError> {
        let Some((dir, held, founding)) = read_held(disk.as_ref(), cite)? else { return Ok(None) };
        // A snapshot is made of what was cosigned, behind the record of it: it never goes further.
        let snapshot = Store::snapshot_place(disk.as_ref(), &dir)?;
        if snapshot.is_some_and(|place| place > held.place()) {
            return Err(MirrorError::SetBack);
        }
        let size = held.head().map_or(0, |head| head.size).min(most);
        let opened = Store::open_at(Arc::clone(&disk), &dir, cite.0, size)?;
        Self::assemble(disk, dir, founding, held, opened).map(Some)
    }

    fn assemble(
        disk: Arc<dyn Disk>,
        dir: String,
        founding: VerifiedFounding,
        held: Held,
        opened: OpenedStore,
    ) -> Result<Self, MirrorError> {
        let OpenedStore { store, fold, book, beside } = opened;
        let name = format!("{dir}sidecars");
        let is_import = |leaf| store.may_be_import(leaf);
        let sidecars = Sidecars::open(Arc::clone(&disk), &name, founding.cite().0, &is_import)
            .map_err(StoreError::from)?;
        let complaints = complaints::Complaints::open(disk.as_ref(), &Self::complaints_name(&dir))?;
        let silence = silence::Silence::open(disk.as_ref(), &dir)?;
        Ok(Self {
            disk,
            dir,
            founding,
            store,
            sidecars,
            fold,
            book,
            beside,
            held,
            complaints,
            silence,
            frozen: Vec::new(),
            astray: false,
        })
    }

    /// Returns whether the copy holds all that was cosigned, and nothing else.
    fn holds_cosigned(&self) -> bool {
        self.held.head().is_none_or(|held| held == self.fold.head())
    }

    /// Returns the cité whose log this is.
    pub const fn founding(&self) -> &VerifiedFounding {
        &self.founding
    }

    /// Returns the signed founding record.
    pub const fn signed_founding(&self) -> &Bytes {
        &self.held.founding
    }

    /// Returns the newest checkpoint that was cosigned or followed.
    pub const fn checkpoint(&self) -> Option<&Checkpoint> {
        self.held.checkpoint.as_ref()
    }

    /// Returns the newest certificate known of this log.
    pub const fn certificate(&self) -> Option<&Certificate> {
        self.held.certificate.as_ref()
    }

    /// Returns the certificate that the last seal under the checkpoint names: what the next mirror needs.
    pub const fn named_certificate(&self) -> Option<&Certificate> {
        self.held.named.as_ref()
    }

    /// Returns the number of leaves under the newest checkpoint.
    pub fn size(&self) -> u64 {
        self.held.checkpoint.map_or(0, |checkpoint| checkpoint.head.size)
    }

    /// Returns whether a head lies on the branch that was cosigned.
    pub fn vouches_for(&self, head: &Head) -> bool {
        head.size <= self.size()
            && self.store.root_at(head.size).is_ok_and(|root| root == head.root)
    }

    /// Returns the log's state, at or behind the newest checkpoint.
    pub const fn state(&self) -> &State {
        self.fold.state()
    }

    /// Returns the copy.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Takes note of a certificate of this log.
    ///
    /// # Errors
    /// [`MirrorError`] when it could not be kept. Returns whether it verified and is newer.
    pub fn certify(&mut self, certificate: &Certificate) -> Result<bool, MirrorError> {
        let place = |certificate: &Certificate| {
            let checkpoint = certificate.checkpoint;
            (checkpoint.origin.incarnation, checkpoint.head.size)
        };
        let known = self.certificate().map(place);
        if Some(place(certificate)) <= known || self.verify_certificate(certificate).is_none() {
            return Ok(false);
        }
        self.held.certificate = Some(certificate.clone());
        self.keep()?;
        Ok(true)
    }

    /// Returns the evidence that a genuine checkpoint of this log makes with what is held, if it does.
    pub fn contradicted_by(&self, checkpoint: &Checkpoint) -> Option<Evidence> {
        match self.compare(checkpoint) {
            Ok(Some(Extended::Convicts(evidence))) => Some(*evidence),
            _ => None,
        }
    }

    fn keep(&self) -> Result<(), DiskError> {
        self.held.keep(self.disk.as_ref(), self.founding.cite())
    }

    /// Goes back to what was cosigned.
    ///
    /// # Errors
    /// [`MirrorError`].
    pub fn reopen(mut self) -> Result<Self, MirrorError> {
        let (disk, cite) = (Arc::clone(&self.disk), self.founding.cite());
        // The lock on the copy must be free before it is opened again.
        let frozen = core::mem::take(&mut self.frozen);
        drop(self);
        let mut fresh = Self::open(disk, cite)?.ok_or(MirrorError::Amnesia)?;
        fresh.frozen = frozen;
        Ok(fresh)
    }
}
