//! The mirror: the only cosigner of another cité's log. It stores the log, re-executes every entry, and
//! only when all of it is durable does it cosign. It never takes the home's word for anything.

mod complaints;
mod error;
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
pub use fence::Fenced;
pub(crate) use held::RECORDS;
pub(crate) use held::look;
use held::{Held, read_held};
pub use imports::check_imports;
use proto::{
    certificate::{Certificate, VerifiedCertificate},
    checkpoint::{Checkpoint, Cosignature},
    codec::Bytes,
    evidence::Evidence,
    founding::VerifiedFounding,
    hash::Hash,
    ids::CiteId,
    keys::{PublicKey, SigningKey},
    order::Head,
    time::UnixMillis,
    wire::{Extend, decline},
};
pub use refill::Refill;
pub use silence::SILENCE_MS;

use crate::{
    disk::{Disk, DiskError},
    evidence::{inconsistent, same_size},
    fold::{FaultKind, Fold},
    keybook::KeyBook,
    proof::{self, check_checkpoint},
    replay,
    segments::{Record, SegmentsError, SegmentsReader},
    sidecars::Sidecars,
    snapshot::Beside,
    state::{MIRRORS, State},
    store::{OpenedStore, Store, StoreError},
};

/// How far ahead of a mirror's clock a seal may lie, in milliseconds: ten minutes.
pub const SEAL_AHEAD_MAX_MS: u64 = 600_000;

/// What a mirror answers a home.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Extended {
    /// All of it is held, checked and durable.
    Cosigned(Cosignature),
    /// This much is held, of this incarnation; go on from there, or from where a later one begins.
    Holds {
        /// Leaves.
        size: u64,
        /// Incarnation.
        incarnation: u32,
    },
    /// The checkpoint is older than what is held, on the same branch: the home forgot something.
    Ahead(Checkpoint),
    /// No, for this reason, at this leaf.
    Declined {
        /// Number of the reason ([`decline`]).
        reason: u16,
        /// Leaf or size that it is about.
        at: u64,
    },
    /// What the home signed convicts it: two histories, or an entry that can stand in no log.
    Convicts(Box<Evidence>),
}

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
            opened => Ok(opened),
        }
    }

    /// Opens a copy of which the end may be missing, cut to at most so many leaves.
    fn open_at(disk: Arc<dyn Disk>, cite: CiteId, most: u64) -> Result<Option<Self>, MirrorError> {
        let Some((dir, held, founding)) = read_held(disk.as_ref(), cite)? else { return Ok(None) };
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
        let sidecars = Sidecars::open(Arc::clone(&disk), &name, founding.cite().0, store.len())
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

    /// Takes in a chunk of entries and, when it completes the checkpoint, cosigns.
    ///
    /// # Errors
    /// [`MirrorError`] when the disk failed; what the home did wrong is an answer.
    pub fn extend(
        &mut self,
        now: UnixMillis,
        extend: &Extend,
        own: CiteId,
        mirror_key: &SigningKey,
    ) -> Result<Extended, MirrorError> {
        let checkpoint = extend.checkpoint;
        let head = checkpoint.head;
        let declined = |reason, at| Ok(Extended::Declined { reason, at });
        let holds = |copy: &Self| {
            Ok(Extended::Holds { size: copy.store.len(), incarnation: copy.incarnation() })
        };
        if checkpoint.origin.incarnation < self.held.below {
            return declined(decline::FROZEN, self.size());
        }
        self.learn_keys(&extend.founding);
        if check_checkpoint(&self.founding, &checkpoint).is_err() {
            return declined(decline::SIGNATURE, head.size);
        }
        if self.is_frozen(checkpoint.origin.incarnation) {
            return declined(decline::FROZEN, self.size());
        }
        if let Some(answer) = self.compare(&checkpoint)? {
            return Ok(answer);
        }
        let later = checkpoint.origin.incarnation;
        if later > self.incarnation() {
            match self.cut_for(extend) {
                Ok(Some(resume)) => {
                    self.cut_to(&resume, later)?;
                    return Ok(Extended::Holds {
                        size: resume.resume().base.size,
                        incarnation: self.incarnation(),
                    });
                }
                Ok(None) => {}
                Err(_) => return declined(decline::BAD_ENTRY, extend.from),
            }
        }
        if head.size > self.size() {
            if extend.from != self.store.len() {
                return holds(self);
            }
            // What was taken in before and not vouched for is there already.
            if head.size < self.store.len() {
                return declined(decline::COMPLAINT, head.size);
            }
            if head.size > self.store.len()
                && let Err((reason, at)) = self.take(extend)?
            {
                return Ok(self.led_astray(extend, reason, at));
            }
            if self.store.len() < head.size {
                return holds(self);
            }
            if let Err((reason, at)) = self.complete(now, extend) {
                return Ok(self.led_astray(extend, reason, at));
            }
            // The copy goes on all the same: only so can it tell when the order is in the log.
            if self.holds_back(now)? {
                return declined(decline::COMPLAINT, head.size);
            }
        }
        if !self.re_executed(&checkpoint) {
            return holds(self);
        }
        self.cosign(now, checkpoint, own, mirror_key)
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

    /// Compares a genuine checkpoint that is not larger than what is held; `None` when it is new.
    fn compare(&self, checkpoint: &Checkpoint) -> Result<Option<Extended>, MirrorError> {
        let Some(held) = self.held.checkpoint else { return Ok(None) };
        let head = checkpoint.head;
        // Heads of two incarnations never contradict one another: the later one says where it begins.
        if checkpoint.origin != held.origin {
            return Ok(None);
        }
        if head.size > held.head.size {
            return Ok(None);
        }
        if head.size == held.head.size {
            let evidence = same_size(&self.held.founding, held, *checkpoint);
            return Ok(evidence.map(|evidence| Extended::Convicts(Box::new(evidence))));
        }
        if head.size > 0 && self.store.root_at(head.size)? == head.root {
            return Ok(Some(Extended::Ahead(held)));
        }
        let opening = self.store.opening(head.size, held.head.size)?;
        let evidence = inconsistent(&self.held.founding, *checkpoint, held, opening);
        Ok(Some(Extended::Convicts(Box::new(evidence))))
    }

    /// Re-executes a chunk and appends it. The inner error is the home's fault.
    fn take(&mut self, extend: &Extend) -> Result<Result<(), (u16, u64)>, MirrorError> {
        let from = extend.from;
        let end = extend.checkpoint.head.size;
        let count = u64::try_from(extend.entries.len()).unwrap_or(u64::MAX);
        if count == 0 || from.saturating_add(count) > end {
            return Ok(Err((decline::BAD_ENTRY, from)));
        }
        if let Err(leaf) = check_imports(from, &extend.entries, &extend.sidecars, &self.founding) {
            return Ok(Err((decline::IMPORT, leaf)));
        }
        let entries: Vec<Vec<u8>> = extend.entries.iter().map(|entry| entry.to_vec()).collect();
        let prepared = replay::prepare(&mut self.book, &entries);
        let hashes: Vec<Hash> = prepared.iter().flatten().map(|entry| entry.leaf_hash).collect();
        // The proof of the mirrors under the last seal needs the state just before it.
        if from.saturating_add(count) == end {
            let mut prepared = prepared;
            let last = prepared.pop();
            if let Err(fault) = replay::fold(&mut self.fold, prepared) {
                return Ok(Err(reason(fault.kind, fault.leaf)));
            }
            self.beside.mirrors = self.fold.state_mut().prove(MIRRORS);
            if let Err(fault) = replay::fold(&mut self.fold, last.into_iter().collect()) {
                return Ok(Err(reason(fault.kind, fault.leaf)));
            }
        } else if let Err(fault) = replay::fold(&mut self.fold, prepared) {
            return Ok(Err(reason(fault.kind, fault.leaf)));
        }
        let written = entries.iter().zip(hashes);
        let records: Vec<Record<'_>> =
            written.map(|(payload, leaf)| Record { payload, leaf }).collect();
        self.sidecars.keep(&extend.sidecars).map_err(StoreError::from)?;
        self.store.append(&records)?;
        Ok(Ok(()))
    }

    /// Checks what must hold when the last entry of a checkpoint was taken in.
    fn complete(&mut self, now: UnixMillis, extend: &Extend) -> Result<(), (u16, u64)> {
        let head = extend.checkpoint.head;
        let last = head.size.saturating_sub(1);
        if self.fold.head() != head || self.store.head() != head {
            return Err((decline::SIGNATURE, head.size));
        }
        let clock = *self.fold.state().clock().ok_or((decline::BAD_ENTRY, last))?;
        if clock.head != head || self.incarnation() != extend.checkpoint.origin.incarnation {
            return Err((decline::BAD_ENTRY, last));
        }
        if clock.time.since(now) > SEAL_AHEAD_MAX_MS {
            return Err((decline::FUTURE, last));
        }
        self.check_named(clock.certified_size, extend).ok_or((decline::CERTIFICATE, last))
    }

    /// Checks that the certificate that the last seal names is held, genuine, and of this branch.
    fn check_named(&mut self, size: u64, extend: &Extend) -> Option<()> {
        if size == 0 {
            return Some(());
        }
        let known = [self.certificate(), self.named_certificate()];
        let known = known.into_iter().flatten().find(|known| known.checkpoint.head.size == size);
        let named = match known {
            Some(known) => known.clone(),
            None => extend.certificate.clone().filter(|c| c.checkpoint.head.size == size)?,
        };
        self.verify_certificate(&named)?;
        (self.store.root_at(size).ok()? == named.checkpoint.head.root).then_some(())?;
        if self.certificate().is_none_or(|known| known.checkpoint.head.size < size) {
            self.held.certificate = Some(named.clone());
        }
        self.held.named = Some(named);
        Some(())
    }

    fn verify_certificate(&self, certificate: &Certificate) -> Option<VerifiedCertificate> {
        let log_key = proof::log_key(&self.founding, &certificate.checkpoint).ok()?;
        let mirrors = self.fold.mirrors_under(certificate.checkpoint.head.size)?;
        let fits = mirrors.incarnation == certificate.checkpoint.origin.incarnation;
        certificate.verify(&log_key, &mirrors.sets()).ok().filter(|_| fits)
    }

    /// Writes down what is vouched for, and only then vouches for it.
    fn cosign(
        &mut self,
        now: UnixMillis,
        checkpoint: Checkpoint,
        own: CiteId,
        mirror_key: &SigningKey,
    ) -> Result<Extended, MirrorError> {
        if self.held.checkpoint != Some(checkpoint) {
            // The files of a copy that was deleted meanwhile can be written, and are lost all the same.
            if !self.store.is_there()? {
                return Err(MirrorError::Amnesia);
            }
            self.held.checkpoint = Some(checkpoint);
            self.held.below = self.held.below.max(checkpoint.origin.incarnation);
            self.held.cut = None;
            self.keep()?;
            if self.store.snapshot_due() {
                let beside = Beside {
                    mirrors: self.beside.mirrors.clone(),
                    before: Vec::new(),
                    earlier: self.fold.mirrors_noted().to_vec(),
                };
                self.store.snapshot(&self.fold, beside)?;
            }
        }
        let time_s = now.0 / 1_000;
        Ok(Extended::Cosigned(Cosignature::sign(&checkpoint, own, time_s, mirror_key)))
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

/// Returns the number under which a mirror declines a faulty entry.
const fn reason(kind: FaultKind, leaf: u64) -> (u16, u64) {
    match kind {
        FaultKind::StateRoot => (decline::STATE, leaf),
        _ => (decline::BAD_ENTRY, leaf),
    }
}
