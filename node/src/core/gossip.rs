//! Gossip: certificates, evidence and addresses that everybody may hear. Each is checked before it is
//! passed on; entries and bodies never travel this way.

use std::collections::BTreeSet;

use ledger::{
    evidence::{self, same_size},
    home::HomeError,
    mirror::MirrorLog,
    proof::{check_checkpoint, verify_founding},
};
use proto::{
    certificate::Certificate,
    checkpoint::{Checkpoint, Origin},
    codec::{Bytes, Canonical as _},
    evidence::Evidence,
    founding::VerifiedFounding,
    ids::CiteId,
    keys::Purpose,
    time::UnixMillis,
    wire::{Announce, Answer, Ask, Gossip, Neighbour, decline},
};

use super::{
    Asked, Core, CoreError, MessageId, Output, PeerKey, Verdict, Writer, neighbours::Said,
};

/// Least time between two certificates of this log that are published, in milliseconds. Mirrors and
/// destinations are told at once; gossip is for everybody else.
const PUBLISH_EVERY_MS: u64 = 60_000;

/// Evidence told to a peer at one hello at most: 4 KiB each, and the next hello tells more.
const TOLD_AT_ONCE: usize = 8;

/// What was published when.
#[derive(Debug, Default)]
pub(crate) struct Published {
    certificate: UnixMillis,
    /// Evidence that connected peers were handed, by the cité it is about.
    told: BTreeSet<(PeerKey, CiteId)>,
}

impl Core {
    /// Publishes something of this node's own; certificates at most once a minute.
    pub(crate) fn publish(&mut self, now: UnixMillis, gossip: Gossip) {
        if matches!(gossip, Gossip::Certificate { .. }) {
            let first = self.published.certificate == UnixMillis(0);
            if !first && now.since(self.published.certificate) < PUBLISH_EVERY_MS {
                return;
            }
            self.published.certificate = now;
        }
        self.out.push(Output::Publish(gossip.encode()));
    }

    /// Judges what a peer passed on.
    pub(crate) fn gossiped(&mut self, now: UnixMillis, peer: PeerKey, id: MessageId, frame: &[u8]) {
        let verdict = match Gossip::decode(frame) {
            Ok(Gossip::Certificate { founding, certificate }) => {
                self.heard_certificate(now, &founding, &certificate)
            }
            Ok(Gossip::Evidence(evidence)) => self.heard_evidence(&evidence),
            Ok(Gossip::Announce(announce)) => self.heard_announce(now, announce),
            Err(_) => Verdict::Reject,
        };
        self.out.push(Output::Judge { peer, id, verdict });
    }

    fn heard_certificate(
        &mut self,
        now: UnixMillis,
        signed: &Bytes,
        certificate: &Certificate,
    ) -> Verdict {
        let checkpoint = certificate.checkpoint;
        let Some(founding) = genuine(signed, &checkpoint) else { return Verdict::Reject };
        if founding.network() != self.network() {
            return Verdict::Reject;
        }
        let cite = founding.cite();
        if !self.cosigners_agree(certificate) {
            return Verdict::Reject;
        }
        if cite == self.cite() {
            self.compare_own(&founding, &checkpoint);
            return Verdict::Ignore;
        }
        let known = Neighbour { founding: signed.clone(), addresses: Vec::new() };
        // Its log key signed the checkpoint: it speaks for itself.
        if self.learn(known, Said::ByItself).is_none() {
            return Verdict::Ignore;
        }
        self.neighbours.heard(cite, now);
        self.compare(now, signed, checkpoint);
        if let Some(log) = self.mirrors.get_mut(&cite)
            && let Err(error) = log.certify(certificate)
        {
            tracing::warn!(%error, "a certificate was not kept");
        }
        let head = self.neighbours.get(&cite).and_then(|neighbour| neighbour.head);
        if head.is_some_and(|head| head.place() >= checkpoint.place()) {
            return Verdict::Ignore;
        }
        self.neighbours.note_head(cite, checkpoint);
        Verdict::Accept
    }

    /// Returns whether every cosignature by a cité that is known here is genuine. Those of strangers are
    /// judged by whoever follows the log and knows its mirrors.
    fn cosigners_agree(&self, certificate: &Certificate) -> bool {
        certificate.cosignatures.iter().all(|cosignature| {
            let known = self.neighbours.get(&cosignature.mirror);
            known.is_none_or(|neighbour| {
                // It may have cosigned before its root named other keys.
                let record = &neighbour.founding;
                [record.keys().mirror, record.founding().mirror_key].iter().any(|key| {
                    let key = key.check();
                    key.is_ok_and(|key| cosignature.verify(&certificate.checkpoint, &key).is_ok())
                })
            })
        })
    }

    /// Compares a genuine head of another log with what is known of it; two histories convict its key.
    fn compare(&mut self, now: UnixMillis, signed: &Bytes, checkpoint: Checkpoint) {
        let cite = checkpoint.origin.cite;
        let known = self.neighbours.get(&cite).and_then(|neighbour| neighbour.head);
        let with_known = known.and_then(|known| same_size(signed, known, checkpoint));
        let with_copy = self.mirrors.get(&cite).and_then(|log| log.contradicted_by(&checkpoint));
        if let Some(evidence) = with_known.or(with_copy) {
            self.convict_and_tell(now, evidence);
        }
    }

    fn heard_evidence(&mut self, evidence: &Evidence) -> Verdict {
        let cite = evidence.heads().0.origin.cite;
        if self.convicted.contains_key(&cite) || !self.concerns(evidence) {
            return Verdict::Ignore;
        }
        if self.convict(evidence.clone()) { Verdict::Accept } else { Verdict::Reject }
    }

    fn heard_announce(&mut self, now: UnixMillis, announce: Announce) -> Verdict {
        let Ok(founding) = verify_founding(&announce.founding) else { return Verdict::Reject };
        let cite = founding.cite();
        let payload = Announce::payload(&cite, &announce.addresses, announce.since_s);
        let network = founding.network();
        let signed = founding.keys().network.check().is_ok_and(|key| {
            key.verify(Purpose::Announce, &network, &payload, &announce.signature).is_ok()
        });
        if !signed || network != self.network() {
            return Verdict::Reject;
        }
        let newest = self.neighbours.get(&cite).map_or(0, |neighbour| neighbour.announced_s);
        if announce.since_s <= newest {
            return Verdict::Ignore;
        }
        let known = Neighbour { founding: announce.founding, addresses: announce.addresses };
        if self.learn(known, Said::ByItself).is_none() {
            return Verdict::Ignore;
        }
        self.neighbours.announced(cite, announce.since_s);
        self.neighbours.heard(cite, now);
        Verdict::Accept
    }

    /// Says where this node listens.
    pub(crate) fn announce(&mut self, now: UnixMillis) {
        let cite = self.cite();
        let addresses: Vec<String> = self.listening.iter().take(4).cloned().collect();
        let since_s = now.0 / 1_000;
        let payload = Announce::payload(&cite, &addresses, since_s);
        let signature = self.keys.network.sign(Purpose::Announce, &self.network(), &payload);
        let founding = self.signed_founding.clone();
        self.publish(now, Gossip::Announce(Announce { founding, addresses, since_s, signature }));
    }

    /// Returns whether evidence concerns this node: against a neighbour, an ally, a cité whose log is copied here,
    /// for anybody can found cités by the thousand and convict them; and not against a key that is retired.
    fn concerns(&self, evidence: &Evidence) -> bool {
        let Origin { cite, incarnation, .. } = evidence.heads().0.origin;
        let known = self.neighbours.get(&cite).is_some()
            || self.mirrors.contains_key(&cite)
            || self.state().peer(&cite).is_some();
        known && !self.is_retired(&cite, incarnation)
    }

    /// Returns whether the keys of an incarnation count for nothing any more: its root named later ones, or the
    /// mirror here left it alone. Who has them may have stolen them, and signs with them what he likes.
    fn is_retired(&self, cite: &CiteId, incarnation: u32) -> bool {
        let named = self.neighbours.get(cite).map(|known| known.founding.incarnation());
        let fenced = self.mirrors.get(cite).map(MirrorLog::below);
        named.max(fenced).is_some_and(|least| incarnation < least)
    }

    /// Believes evidence if it convicts: keeps it and freezes the log. Returns whether it does.
    pub(crate) fn convict(&mut self, evidence: Evidence) -> bool {
        let Ok(conviction) = evidence::verify(&evidence) else { return false };
        let cite = conviction.founding().cite();
        if conviction.founding().network() != self.network() {
            return false;
        }
        if self.convicted.contains_key(&cite) {
            return true;
        }
        if !self.concerns(&evidence) {
            return false;
        }
        tracing::warn!(cite = %cite, "a cité signed two histories; exchanges with it are suspended");
        // Caution waits for no disk: what is not kept is told again by neighbours after a start.
        if let Some(log) = self.mirrors.get_mut(&cite) {
            log.freeze();
        }
        self.convicted.insert(cite, evidence);
        self.keep_evidence();
        true
    }

    /// Makes all evidence durable, where this node may write. What was kept before is not written again.
    pub(crate) fn keep_evidence(&mut self) {
        let Writer::Signing(home) = &mut self.writer else { return };
        for evidence in self.convicted.values() {
            if let Err(error) = home.keep_evidence(evidence) {
                tracing::error!(%error, "evidence could not be kept");
            }
        }
    }

    /// Hands a peer the evidence that it was not handed since it connected: gossip tells once, and
    /// whoever was away then would go on trusting a cité that cheated.
    pub(crate) fn tell_evidence(&mut self, now: UnixMillis, peer: PeerKey) {
        let untold: Vec<(CiteId, Evidence)> = self
            .convicted
            .iter()
            .filter(|(cite, _)| !self.published.told.contains(&(peer, **cite)))
            .take(TOLD_AT_ONCE)
            .map(|(cite, evidence)| (*cite, evidence.clone()))
            .collect();
        for (cite, evidence) in untold {
            if self.ask(now, peer, &Ask::Evidence(Box::new(evidence)), Asked::Evidence) {
                self.published.told.insert((peer, cite));
            }
        }
    }

    /// Forgets what a peer was handed.
    pub(crate) fn forget_told(&mut self, peer: &PeerKey) {
        self.published.told.retain(|(told, _)| told != peer);
    }

    /// Takes evidence that a peer hands over; returns the answer.
    pub(crate) fn handed_evidence(&mut self, now: UnixMillis, evidence: Evidence) -> Answer {
        let cite = evidence.heads().0.origin.cite;
        let concerns = self.concerns(&evidence);
        self.convict_and_tell(now, evidence);
        match (self.convicted.contains_key(&cite), concerns) {
            (true, _) => Answer::Kept,
            (false, true) => Answer::Declined { reason: decline::SIGNATURE, at: 0 },
            (false, false) => Answer::Declined { reason: decline::NOT_A_MIRROR, at: 0 },
        }
    }

    /// Convicts, and tells everybody.
    pub(crate) fn convict_and_tell(&mut self, now: UnixMillis, evidence: Evidence) {
        let cite = evidence.heads().0.origin.cite;
        if !self.convicted.contains_key(&cite) && self.convict(evidence.clone()) {
            self.publish(now, Gossip::Evidence(evidence));
        }
    }

    /// Reads the evidence that was kept.
    pub(crate) fn open_evidence(&mut self) -> Result<(), CoreError> {
        for evidence in ledger::notes::evidence(self.disk.as_ref()).map_err(HomeError::from)? {
            if let Ok(conviction) = evidence::verify(&evidence) {
                self.convicted.insert(conviction.founding().cite(), evidence);
            }
        }
        Ok(())
    }
}

/// Returns the founding record if it is genuine and its log key signed the checkpoint.
fn genuine(signed: &Bytes, checkpoint: &Checkpoint) -> Option<VerifiedFounding> {
    let founding = verify_founding(signed).ok()?;
    check_checkpoint(&founding, checkpoint).ok()?;
    Some(founding)
}
