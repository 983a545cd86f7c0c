//! Certificates: which checkpoint the home seeks cosignatures for, what came in, and when a seal is
//! needed so that a certificate is itself named and what it covers becomes committed.

use std::collections::{BTreeMap, VecDeque};

use proto::{
    certificate::{Certificate, CertificateError},
    checkpoint::{Checkpoint, Cosignature},
    codec::Canonical as _,
    ids::CiteId,
    time::UnixMillis,
};

use crate::{
    home::{Home, HomeError, Sealed},
    notes::CertifiedSeal,
    object::{MirrorsState, Object},
};

/// After how many milliseconds a home gives up an uncertified checkpoint for a newer one.
pub const SEEK_AGAIN_MS: u64 = 30_000;

/// Seals with content that are not yet named as certified: more than a day's at four a second would
/// only make one seal too many.
const UNNAMED_MAX: usize = 4_096;

/// What a home knows about the certificates of its own log.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    target: Option<Target>,
    /// Sizes of seals that cover an entry other than a seal and are not yet named as certified.
    unnamed: VecDeque<u64>,
}

#[derive(Debug)]
struct Target {
    sealed: Sealed,
    mirrors: MirrorsState,
    since: UnixMillis,
    cosignatures: BTreeMap<CiteId, Cosignature>,
}

impl Witness {
    /// Notes a seal of `size` leaves that names `certified_size`.
    pub(crate) fn sealed(&mut self, size: u64, content: bool, certified_size: u64) {
        while self.unnamed.front().is_some_and(|unnamed| *unnamed <= certified_size) {
            self.unnamed.pop_front();
        }
        if content && self.unnamed.len() < UNNAMED_MAX {
            self.unnamed.push_back(size);
        }
    }
}

/// What became of a cosignature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cosigned {
    /// Not of the checkpoint that is sought, or already had.
    Idle,
    /// Counted; more are needed.
    Counted,
    /// It completed a certificate, which is now kept.
    Certified(Certificate),
}

impl Home {
    /// Returns the checkpoint for which cosignatures are sought: one at a time, the newest when the one
    /// before was certified or is 30 s old. `None` while there is nobody to ask or nothing new.
    pub fn target(&mut self, now: UnixMillis) -> Option<Checkpoint> {
        let newest = self.sealed.checkpoint;
        // One that is old and still the newest keeps the cosignatures that came in for it: whoever
        // gave one is not asked for it again.
        let current = self
            .witness
            .target
            .as_ref()
            .map(|target| (target.sealed.checkpoint, target.since))
            .filter(|(checkpoint, since)| {
                now.since(*since) < SEEK_AGAIN_MS || *checkpoint == newest
            });
        if let Some((checkpoint, _)) = current {
            return Some(checkpoint);
        }
        if newest.head.size <= self.certified_size() {
            return None;
        }
        let mirrors = decode_mirrors(&self.sealed)?;
        if mirrors.sets().iter().all(|set| set.mirrors.is_empty()) {
            return None;
        }
        self.witness.target = Some(Target {
            sealed: self.sealed.clone(),
            mirrors,
            since: now,
            cosignatures: BTreeMap::new(),
        });
        Some(newest)
    }

    /// Returns the mirrors that may cosign the checkpoint that is sought, or the newest one.
    pub fn cosigners(&self) -> Vec<proto::act::Mirror> {
        match &self.witness.target {
            Some(target) => target.mirrors.all(),
            None => decode_mirrors(&self.sealed).map(|mirrors| mirrors.all()).unwrap_or_default(),
        }
    }

    /// Counts a mirror's cosignature of the checkpoint that is sought.
    ///
    /// # Errors
    /// [`HomeError`] when a certificate could not be kept. A cosignature that does not verify is idle.
    pub fn cosigned(&mut self, size: u64, cosignature: Cosignature) -> Result<Cosigned, HomeError> {
        let Some(target) = &mut self.witness.target else { return Ok(Cosigned::Idle) };
        let checkpoint = target.sealed.checkpoint;
        if checkpoint.head.size != size {
            return Ok(Cosigned::Idle);
        }
        if target.cosignatures.contains_key(&cosignature.mirror) {
            return Ok(Cosigned::Counted);
        }
        let key = target.mirrors.all().into_iter().find(|m| m.cite == cosignature.mirror);
        let Some(Ok(key)) = key.map(|mirror| mirror.key.check()) else { return Ok(Cosigned::Idle) };
        if cosignature.verify(&checkpoint, &key).is_err() {
            return Ok(Cosigned::Idle);
        }
        target.cosignatures.insert(cosignature.mirror, cosignature);
        let certificate = Certificate {
            checkpoint,
            cosignatures: target.cosignatures.values().copied().collect(),
        };
        let log_key = self.log_key.verifying();
        match certificate.verify(&log_key, &target.mirrors.sets()) {
            Ok(_) => {}
            Err(CertificateError::Quorum { .. }) => return Ok(Cosigned::Counted),
            Err(CertificateError::Key(_) | CertificateError::Stranger) => {
                return Ok(Cosigned::Idle);
            }
        }
        let mirrors = target.sealed.mirrors.clone();
        let state = target.sealed.state.clone();
        self.notes.keep_certificate(CertifiedSeal { certificate: certificate.clone(), mirrors })?;
        self.witness.target = None;
        self.certified = state.map(|state| (size, state));
        Ok(Cosigned::Certified(certificate))
    }

    /// Returns whether one of the mirrors cosigned the newest checkpoint with this.
    pub fn is_cosigned_by(&self, cosignature: &Cosignature) -> bool {
        let mirrors = decode_mirrors(&self.sealed).map(|mirrors| mirrors.all()).unwrap_or_default();
        let key = mirrors.iter().find(|mirror| mirror.cite == cosignature.mirror);
        let key = key.and_then(|mirror| mirror.key.check().ok());
        key.is_some_and(|key| cosignature.verify(&self.sealed.checkpoint, &key).is_ok())
    }

    /// Returns the cosignatures that came in for the checkpoint of `size` leaves.
    pub fn cosignatures(&self, size: u64) -> Vec<Cosignature> {
        match &self.witness.target {
            Some(target) if target.sealed.checkpoint.head.size == size => {
                target.cosignatures.values().copied().collect()
            }
            _ => self
                .notes
                .certificate(size)
                .map(|certified| certified.certificate.cosignatures.clone())
                .unwrap_or_default(),
        }
    }

    /// Returns the newest certificate.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.notes.newest().map(|certified| &certified.certificate)
    }

    /// Returns the certificate of exactly `size` leaves, if it is still kept.
    pub fn certificate_of(&self, size: u64) -> Option<&Certificate> {
        self.notes.certificate(size).map(|certified| &certified.certificate)
    }

    /// Returns where the log left an incarnation: the base of the first one after it, with which whoever knows that
    /// one alone must begin. `None` while it is in force.
    pub fn left(&self, incarnation: u32) -> Option<u64> {
        let mut base = None;
        let mut mirrors = self.durable.mirrors();
        while let Some(later) = mirrors.filter(|mirrors| mirrors.incarnation > incarnation) {
            base = Some(later.base);
            // Under the seal that ends at a base the incarnation before is in force.
            mirrors = self.tentative.mirrors_under(later.base);
        }
        base
    }

    /// Returns the largest size of this incarnation that a certificate covers.
    pub fn certified_size(&self) -> u64 {
        let own = |certificate: &&Certificate| certificate.checkpoint.origin == self.origin;
        self.certificate().filter(own).map_or(0, |certificate| certificate.checkpoint.head.size)
    }

    /// Returns the certified size that the next seal names: only one that the rules still remember, or
    /// nobody could replay the seal.
    pub(crate) fn nameable(&self) -> u64 {
        let certified = self.certified_size();
        self.tentative.state().recent(certified).map_or(0, |recent| recent.head.size)
    }

    /// Returns whether an empty seal is due that names a certificate which no seal names yet: because the
    /// certificate covers an entry other than a seal, or because a change of mirrors waits to be committed.
    pub(crate) fn wants_seal(&self) -> bool {
        let certified = self.nameable();
        let named = self.durable.clock().map_or(0, |clock| clock.certified_size);
        let covers = self.witness.unnamed.front().is_some_and(|size| *size <= certified);
        let changing = || self.durable.mirrors().is_some_and(|mirrors| mirrors.pending.is_some());
        certified > named && (covers || changing())
    }
}

fn decode_mirrors(sealed: &Sealed) -> Option<MirrorsState> {
    match Object::decode(&sealed.mirrors.leaf) {
        Ok(Object::Mirrors(mirrors)) => Some(mirrors),
        _ => None,
    }
}
