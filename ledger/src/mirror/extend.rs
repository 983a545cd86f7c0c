//! What a mirror does with a push: from the first look at it to the cosignature. It takes the entries in, re-executes
//! them, and writes down what it vouches for before it does. It never takes the home's word for anything.

use proto::{
    certificate::{Certificate, VerifiedCertificate},
    checkpoint::{Checkpoint, Cosignature},
    evidence::Evidence,
    hash::Hash,
    ids::CiteId,
    keys::SigningKey,
    time::UnixMillis,
    wire::{Extend, decline},
};

use super::{MirrorError, MirrorLog, check_imports};
use crate::{
    evidence::{inconsistent, same_size},
    fold::{Fault, FaultKind},
    proof::{self, check_checkpoint},
    replay,
    segments::Record,
    snapshot::Beside,
    state::MIRRORS,
    store::StoreError,
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

impl MirrorLog {
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
                // What was taken in and not cosigned may be what it does not follow from: that goes first.
                Err(_) => {
                    self.astray |= self.store.len() > self.size();
                    return declined(decline::BAD_ENTRY, extend.from);
                }
            }
        }
        if head.size > self.size() {
            if extend.from != self.store.len() {
                return holds(self);
            }
            if head.size < self.store.len() {
                // What was taken in is of no history that the home signed.
                if later == self.incarnation() && self.store.root_at(head.size)? != head.root {
                    self.astray = true;
                    return declined(decline::SIGNATURE, head.size);
                }
                // What was taken in before and not vouched for is there already.
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
            let named = match self.complete(now, extend) {
                Ok(named) => named,
                Err((reason, at)) => return Ok(self.led_astray(extend, reason, at)),
            };
            // The copy goes on all the same: only so can it tell when the order is in the log.
            if self.holds_back(now)? {
                return declined(decline::COMPLAINT, head.size);
            }
            // Not before: whoever is given what was cosigned needs the certificate that the last seal of that names.
            self.held.named = named.or(self.held.named.take());
        }
        if !self.re_executed(&checkpoint) {
            return holds(self);
        }
        self.cosign(now, checkpoint, own, mirror_key)
    }

    /// Compares a genuine checkpoint that is not larger than what is held; `None` when it is new.
    pub(super) fn compare(&self, checkpoint: &Checkpoint) -> Result<Option<Extended>, MirrorError> {
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
    pub(super) fn take(&mut self, extend: &Extend) -> Result<Result<(), (u16, u64)>, MirrorError> {
        match self.execute(extend) {
            Ok(hashes) => self.append(extend, hashes).map(Ok),
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Re-executes a chunk and returns the hashes of its leaves. Nothing is written; the state goes on, also where the
    /// chunk is faulty further on.
    pub(super) fn execute(&mut self, extend: &Extend) -> Result<Vec<Hash>, (u16, u64)> {
        let from = extend.from;
        let end = extend.checkpoint.head.size;
        let count = u64::try_from(extend.entries.len()).unwrap_or(u64::MAX);
        if count == 0 || from.saturating_add(count) > end {
            return Err((decline::BAD_ENTRY, from));
        }
        check_imports(from, &extend.entries, &extend.sidecars, &self.founding)
            .map_err(|leaf| (decline::IMPORT, leaf))?;
        let entries: Vec<Vec<u8>> = extend.entries.iter().map(|entry| entry.to_vec()).collect();
        let mut prepared = replay::prepare(&mut self.book, &entries);
        let hashes = prepared.iter().flatten().map(|entry| entry.leaf_hash).collect();
        let reason = |fault: Fault| reason(fault.kind, fault.leaf);
        // The proof of the mirrors under the last seal needs the state just before it.
        if from.saturating_add(count) == end {
            let last = prepared.pop();
            replay::fold(&mut self.fold, prepared).map_err(reason)?;
            self.beside.mirrors = self.fold.state_mut().prove(MIRRORS);
            prepared = last.into_iter().collect();
        }
        replay::fold(&mut self.fold, prepared).map_err(reason)?;
        Ok(hashes)
    }

    /// Appends a chunk that was re-executed, with the proofs that it rests on.
    pub(super) fn append(&mut self, extend: &Extend, hashes: Vec<Hash>) -> Result<(), MirrorError> {
        let written = extend.entries.iter().zip(hashes);
        let records: Vec<Record<'_>> =
            written.map(|(payload, leaf)| Record { payload, leaf }).collect();
        self.sidecars.keep(&extend.sidecars).map_err(StoreError::from)?;
        self.store.append(&records)?;
        Ok(())
    }

    /// Checks what must hold when the last entry of a checkpoint was taken in. Returns the certificate that the last seal
    /// names, if it names one.
    fn complete(
        &mut self,
        now: UnixMillis,
        extend: &Extend,
    ) -> Result<Option<Certificate>, (u16, u64)> {
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
        match clock.certified_size {
            0 => Ok(None),
            size => self.check_named(size, extend).map(Some).ok_or((decline::CERTIFICATE, last)),
        }
    }

    /// Checks that the certificate that the last seal names is held, genuine, and of this branch.
    fn check_named(&mut self, size: u64, extend: &Extend) -> Option<Certificate> {
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
        Some(named)
    }

    pub(super) fn verify_certificate(
        &self,
        certificate: &Certificate,
    ) -> Option<VerifiedCertificate> {
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
        if let Err(error) = self.check_word(own, mirror_key) {
            // The certificate may have come with this push: a start must know it, too.
            self.keep()?;
            return Err(error);
        }
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
                self.snapshot()?;
            }
        }
        let time_s = now.0 / 1_000;
        Ok(Extended::Cosigned(Cosignature::sign(&checkpoint, own, time_s, mirror_key)))
    }

    /// Writes down the state, which stands at a seal, so that the next opening begins there. Never one that goes further
    /// than this mirror's word: what lies beyond is anybody's, and would say that the record of that word is an older one.
    pub(super) fn snapshot(&mut self) -> Result<(), MirrorError> {
        if (self.incarnation(), self.store.len()) > self.held.place() {
            return Ok(());
        }
        let beside = Beside {
            mirrors: self.beside.mirrors.clone(),
            before: Vec::new(),
            earlier: self.fold.mirrors_noted().to_vec(),
        };
        Ok(self.store.snapshot(&self.fold, beside)?)
    }
}

/// Returns the number under which a mirror declines a faulty entry.
const fn reason(kind: FaultKind, leaf: u64) -> (u16, u64) {
    match kind {
        FaultKind::StateRoot => (decline::STATE, leaf),
        _ => (decline::BAD_ENTRY, leaf),
    }
}
