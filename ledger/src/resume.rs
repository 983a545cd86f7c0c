//! Resume: whether a log may go on in another incarnation where somebody says so. The same bytes give the same
//! answer to a mirror, to whoever imports from it, and to an auditor: an entry carries all that it rests on.

use proto::{
    act::{Mirror, MirrorSet},
    certificate::{Certificate, CertificateError},
    checkpoint::{Checkpoint, Origin},
    entry::{Entry, Payload, number},
    epoch::SignedKeyEpoch,
    founding::RootKeys,
    ids::{CiteId, NetworkId},
    keys::PublicKey,
    order::Head,
    resume::{Resume, SignedFence},
};

use crate::{
    object::MirrorsState,
    refusal::Refusal,
    segments::{SegmentsError, SegmentsReader},
};

/// A log where it is to go on.
pub struct Place<'a> {
    /// The network.
    pub network: NetworkId,
    /// The cité.
    pub cite: CiteId,
    /// Its root keys.
    pub root: &'a RootKeys,
    /// Keys and mirrors in force there.
    pub mirrors: &'a MirrorsState,
    /// The head there.
    pub head: Head,
    /// The size that the seal there names as certified in this incarnation; 0 is none.
    pub named: u64,
    /// Keys and mirrors under the seal of a size.
    pub mirrors_under: &'a dyn Fn(u64) -> Option<MirrorsState>,
    /// Whether a head that is not larger lies on this branch.
    pub has: &'a dyn Fn(&Head) -> bool,
}

/// A resume that was checked; only [`check`] makes one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedResume(Box<Resume>);

impl VerifiedResume {
    /// Returns the resume.
    pub const fn resume(&self) -> &Resume {
        &self.0
    }

    /// Returns it as it is entered.
    pub fn into_inner(self) -> Box<Resume> {
        self.0
    }
}

/// Returns the keys that a log went on with last, by the first entry of its newest incarnation. Reads the whole
/// log, believes it, and checks no signature.
///
/// # Errors
/// [`SegmentsError`].
pub fn newest_epoch(entries: &SegmentsReader) -> Result<Option<SignedKeyEpoch>, SegmentsError> {
    let mut newest = None;
    let mut records = entries.records(0)?;
    while let Some(record) = records.next_record()? {
        if Entry::kind_of(record.payload) == Some(number::RESUME)
            && let Ok(Entry { payload: Payload::Resume(resume), .. }) =
                Entry::decode(record.payload)
        {
            newest = Some(resume.epoch);
        }
    }
    Ok(newest)
}

/// Checks that a log may go on so: the root or its heirs named the incarnation's keys, a quorum of every set of mirrors
/// fenced all before, none of those holds more than the base or another history, and nothing that was certified is left
/// out. The certificate that the last seal names exists: mirrors of a liar's choice could be in force in its log
/// otherwise, and their promises alone would do.
///
/// # Errors
/// The first [`Refusal`] of 80 to 87, 89 and 104. Whether the heirs are those in force is for the rules to say.
pub fn check(resume: Box<Resume>, place: &Place<'_>) -> Result<VerifiedResume, Refusal> {
    let Place { network, cite, root, mirrors, head, .. } = place;
    resume.epoch.verify(*cite, network, root).map_err(|_| Refusal::ResumeKeys)?;
    if resume.epoch.epoch.incarnation <= mirrors.incarnation {
        return Err(Refusal::ResumeIncarnation { current: mirrors.incarnation });
    }
    if resume.base != *head || head.size == 0 {
        return Err(Refusal::ResumeBase { size: head.size });
    }
    if resume.epoch.will.is_some() && mirrors.all().is_empty() {
        return Err(Refusal::HeirsUnwatched);
    }
    for fence in &resume.fences {
        check_fence(fence, resume.epoch.epoch.incarnation, place)?;
    }
    for set in mirrors.sets() {
        let have = promised(set, network, &resume.fences);
        if have < set.quorum() {
            let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
            return Err(Refusal::FencesMissing { have: count(have), need: count(set.quorum()) });
        }
    }
    check_certificate(&resume, place)?;
    let shown = resume.named.as_ref();
    let named = shown.map_or(0, |shown| shown.checkpoint.head.size);
    if named != place.named || !shown.is_none_or(|shown| is_certified(shown, place)) {
        return Err(Refusal::ResumeNamed { size: place.named });
    }
    Ok(VerifiedResume(resume))
}

/// Returns how many of a set promised, each with the key that this set gives it: another set may name the same cité
/// with a key that is not its own.
pub(crate) fn promised<'a>(
    set: &MirrorSet,
    network: &NetworkId,
    fences: impl IntoIterator<Item = &'a SignedFence> + Clone,
) -> usize {
    let by = |mirror: &&Mirror| {
        let mut by = fences.clone().into_iter().filter(|fence| fence.fence.mirror == mirror.cite);
        let key = mirror.key.check();
        key.is_ok_and(|key| by.any(|fence| fence.verify(network, &key).is_ok()))
    };
    set.mirrors.iter().filter(by).count()
}

/// Checks one mirror's promise, and that what it holds stays.
///
/// # Errors
/// [`Refusal::FenceStranger`], [`Refusal::FenceSignature`], [`Refusal::FenceAhead`].
pub fn check_fence(fence: &SignedFence, below: u32, place: &Place<'_>) -> Result<(), Refusal> {
    let Place { network, cite, mirrors, head, .. } = place;
    let said = &fence.fence;
    let keys: Vec<PublicKey> =
        mirrors.sets().iter().filter_map(|set| set.key_of(&said.mirror)).collect();
    if keys.is_empty() || said.cite != *cite || said.below != below {
        return Err(Refusal::FenceStranger { cite: said.mirror });
    }
    let signed = |key: &PublicKey| key.check().is_ok_and(|key| fence.verify(network, &key).is_ok());
    if !keys.iter().any(signed) {
        return Err(Refusal::FenceSignature { cite: said.mirror });
    }
    // What was held of an incarnation before this one was left behind when this one began.
    let Some(held) = said.held.filter(|held| held.incarnation >= mirrors.incarnation) else {
        return Ok(());
    };
    let ahead = Refusal::FenceAhead { cite: said.mirror, size: held.head.size };
    if held.incarnation > mirrors.incarnation || held.head.size > head.size {
        return Err(ahead);
    }
    let log_key = mirrors.log_key.check().map_err(|_| Refusal::ResumeKeys)?;
    if held.checkpoint(*network, *cite).verify(&log_key).is_err() {
        return Err(Refusal::FenceSignature { cite: said.mirror });
    }
    if (place.has)(&held.head) { Ok(()) } else { Err(ahead) }
}

/// Checks that the newest certificate that the fences know is shown, genuine, and of this branch.
fn check_certificate(resume: &Resume, place: &Place<'_>) -> Result<(), Refusal> {
    let current = place.mirrors.incarnation;
    let known = resume.fences.iter().filter_map(|fence| fence.fence.certified);
    let newest = known
        .filter(|(incarnation, _)| *incarnation == current)
        .map(|(_, head)| head)
        .max_by_key(|head| head.size);
    let (head, certificate) = match (newest, &resume.certificate) {
        (None, None) => return Ok(()),
        (Some(head), Some(certificate)) => (head, certificate),
        _ => return Err(Refusal::ResumeCertificate),
    };
    if certificate.checkpoint.head == head && is_certified(certificate, place) {
        Ok(())
    } else {
        Err(Refusal::ResumeCertificate)
    }
}

/// Returns whether a certificate is genuine, of the incarnation in force, and of this branch.
pub(crate) fn is_certified(certificate: &Certificate, place: &Place<'_>) -> bool {
    let origin =
        Origin { network: place.network, cite: place.cite, incarnation: place.mirrors.incarnation };
    let Checkpoint { origin: said, head, .. } = certificate.checkpoint;
    let verify = || {
        let mirrors = (place.mirrors_under)(head.size).ok_or(CertificateError::Stranger)?;
        let log_key = place.mirrors.log_key.check()?;
        certificate.verify(&log_key, &mirrors.sets())
    };
    said == origin && head.size <= place.head.size && (place.has)(&head) && verify().is_ok()
}
