//! Gossip: certificates, evidence and addresses that everybody may hear. Each is checked before it is
//! passed on; entries and bodies never travel this way.

use std::collections::BTreeMap;

use ledger::{
    evidence::{self, EvidenceError, same_size},
    home::HomeError,
    mirror::MirrorLog,
    proof::{ProofError, check_checkpoint, verify_founding},
};
use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical as _},
    epoch::RoleKeys,
    evidence::{Evidence, Party},
    founding::VerifiedFounding,
    ids::CiteId,
    keys::Purpose,
    time::UnixMillis,
    wire::{Announce, Answer, Ask, Gossip, Neighbour, decline},
};

use super::{
    Asked, CLOCK_JUMP_MAX_MS, Core, CoreError, MessageId, Output, PeerKey, Verdict, Writer,
    convicted::Matters, copies::freeze, hello::ROUND_MS, neighbours::Said,
};

/// Least time between two certificates of this log that are published, in milliseconds. Mirrors and
/// destinations are told at once; gossip is for everybody else.
const PUBLISH_EVERY_MS: u64 = 60_000;

/// Evidence told to a peer at one hello at most: 4 KiB each, and the next hello tells more.
const TOLD_AT_ONCE: usize = 8;

/// How long what a peer did not keep is left alone, in milliseconds: the least time between two rounds of anti-entropy.
const TELL_AGAIN_MS: u64 = ROUND_MS;

/// What was published when.
#[derive(Debug, Default)]
pub(crate) struct Published {
    certificate: UnixMillis,
    /// Evidence that connected peers were handed, by the key that it is about.
    told: BTreeMap<(PeerKey, Party), Told>,
}

/// What became of evidence that a peer was handed. What it did not keep sorts behind what it was never handed, the
/// oldest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Told {
    /// It keeps it, or is being asked to.
    Kept,
    /// Not so when it was handed it last: it did not concern it, there was no room, or nothing came back.
    NotKept(UnixMillis),
}

/// What becomes of evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Judged {
    /// It convicts, and is news.
    Convicts,
    /// The key is convicted already.
    Known,
    /// It is no concern of this node.
    NoConcern,
    /// Too much against cités that do not matter here came before it.
    NoRoom,
    /// It convicts nobody.
    Wrong(EvidenceError),
}

impl Core {
    /// Publishes something of this node's own; certificates at most once a minute.
    pub(crate) fn publish(&mut self, now: UnixMillis, gossip: Gossip) {
        if matches!(gossip, Gossip::Certificate { .. }) {
            // After the clock was set back the last one may lie days ahead.
            let last = self.published.certificate;
            if (last..last.plus(PUBLISH_EVERY_MS)).contains(&now) {
                return;
            }
            self.published.certificate = now;
        }
        self.out.push(Output::Publish(gossip.encode()));
    }

    /// Judges what a peer passed on. A rejection punishes the peer, who may have believed it, so it takes a fault
    /// that the message itself shows to everybody. What only this node finds wrong, by what it knows of others or
    /// because it does not know a newer form, is ignored.
    pub(crate) fn gossiped(&mut self, now: UnixMillis, peer: PeerKey, id: MessageId, frame: &[u8]) {
        let verdict = match Gossip::decode(frame) {
            Ok(Gossip::Certificate { founding, certificate }) => {
                self.heard_certificate(now, &founding, &certificate)
            }
            Ok(Gossip::Evidence(evidence)) => self.heard_evidence(now, *evidence),
            Ok(Gossip::Announce(announce)) => self.heard_announce(now, announce),
            // A newer program may know the kind. Garbage costs its sender as much as anything does: the meter.
            Err(_) => {
                self.out.push(Output::WasWrong(peer));
                Verdict::Ignore
            }
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
        // Both signatures are by keys that the message names.
        let founding = match genuine(signed, &checkpoint) {
            Ok(founding) => founding,
            Err(error) => return blame(&error),
        };
        // The topic is the network's: whoever hears this is of it.
        if founding.network() != self.network() {
            return Verdict::Reject;
        }
        let cite = founding.cite();
        // The mirrors' keys are not in the message, and this node may be the last to hear that a root named others.
        if !self.cosigners_agree(certificate) {
            return Verdict::Ignore;
        }
        if cite == self.cite() {
            let by = self.own_cosigners(certificate);
            self.compare_own(&founding, &checkpoint, &by);
            return Verdict::Ignore;
        }
        if !self.counts(&founding) && !self.confirm(&founding, certificate) {
            return Verdict::Ignore;
        }
        self.convict_false_witnesses(now, certificate);
        let known = Neighbour { founding: signed.clone(), addresses: Vec::new() };
        // Its log key signed the checkpoint: it speaks for itself.
        if self.take_in(known, Said::ByItself).is_none() {
            return Verdict::Ignore;
        }
        self.neighbours.heard(cite, now);
        self.compare(now, signed, checkpoint);
        self.certify_copy(cite, certificate);
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
    pub(crate) fn compare(&mut self, now: UnixMillis, signed: &Bytes, checkpoint: Checkpoint) {
        let cite = checkpoint.origin.cite;
        let known = self.neighbours.get(&cite).and_then(|neighbour| neighbour.head);
        let with_known = known.and_then(|known| same_size(signed, known, checkpoint));
        let with_copy = self.mirrors.get(&cite).and_then(|log| log.contradicted_by(&checkpoint));
        if let Some(evidence) = with_known.or(with_copy) {
            self.convict_and_tell(now, evidence);
        }
    }

    /// Convicts mirrors that cosigned what they should not, as the copy of the log shows.
    pub(crate) fn convict_false_witnesses(&mut self, now: UnixMillis, certificate: &Certificate) {
        let Some(log) = self.mirrors.get(&certificate.checkpoint.origin.cite) else { return };
        let record_of =
            |cite: &CiteId| self.neighbours.get(cite).map(|known| (&known.founding, &known.signed));
        for evidence in log.false_witnesses(certificate, record_of) {
            self.convict_and_tell(now, evidence);
        }
    }

    fn heard_evidence(&mut self, now: UnixMillis, evidence: Evidence) -> Verdict {
        match self.convict(now, evidence) {
            Judged::Convicts => Verdict::Accept,
            Judged::Known | Judged::NoConcern | Judged::NoRoom => Verdict::Ignore,
            // It is checked from nothing but its bytes.
            Judged::Wrong(EvidenceError::Proof(error)) => blame(&error),
            Judged::Wrong(_) => Verdict::Reject,
        }
    }

    fn heard_announce(&mut self, now: UnixMillis, announce: Announce) -> Verdict {
        let founding = match verify_founding(&announce.founding) {
            Ok(founding) => founding,
            Err(error) => return blame(&error),
        };
        let cite = founding.cite();
        let payload = Announce::payload(&cite, &announce.addresses, announce.since_s);
        let network = founding.network();
        let signed = founding.keys().network.check().is_ok_and(|key| {
            key.verify(Purpose::Announce, &network, &payload, &announce.signature).is_ok()
        });
        // The message names the key, and the topic is the network's.
        if !signed || network != self.network() {
            return Verdict::Reject;
        }
        let newest = self.neighbours.get(&cite).map_or(0, |neighbour| neighbour.announced_s);
        // Nothing that it says once its clock is right again would be newer than what a clock far ahead said.
        let ahead_s = announce.since_s.saturating_sub(now.0 / 1_000);
        if announce.since_s <= newest || ahead_s > CLOCK_JUMP_MAX_MS / 1_000 {
            return Verdict::Ignore;
        }
        let known = Neighbour {
            founding: announce.founding.clone(),
            addresses: announce.addresses.clone(),
        };
        self.heard_alive(now, &founding, &announce);
        if self.learn(known, Said::ByItself).is_none() {
            return Verdict::Ignore;
        }
        self.neighbours.announced(cite, announce.since_s);
        self.neighbours.heard(cite, now);
        Verdict::Accept
    }

    /// Says where this node listens, if it is the cité's: one that is asleep may yet turn out to be a copy, and everybody
    /// would keep the address of that. The keys of one that recovers are those that the root named.
    pub(crate) fn announce(&mut self, now: UnixMillis) {
        if !matches!(self.writer, Writer::Signing(_) | Writer::Recovering(_)) {
            return;
        }
        let cite = self.cite();
        let addresses = self.addresses();
        let since_s = now.0 / 1_000;
        let payload = Announce::payload(&cite, &addresses, since_s);
        let signature = self.keys.network.sign(Purpose::Announce, &self.network(), &payload);
        let founding = self.signed_founding.clone();
        self.publish(now, Gossip::Announce(Announce { founding, addresses, since_s, signature }));
    }

    /// Returns whether evidence concerns this node: against a neighbour, an ally, a cité whose log is copied here,
    /// for anybody can found cités by the thousand and convict them; and not against a key that is retired.
    fn concerns(&self, party: &Party, incarnation: u32) -> bool {
        let cite = party.cite();
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

    /// Returns the keys in force at a cité, as far as is known here.
    fn keys_of(&self, cite: &CiteId) -> Option<RoleKeys> {
        let named = self.neighbours.get(cite).map(|known| &known.founding);
        let copied = self.mirrors.get(cite).map(MirrorLog::founding);
        let newest = named.into_iter().chain(copied).max_by_key(|record| record.incarnation());
        newest.map(VerifiedFounding::keys)
    }

    /// Returns whether the log key in force at a cité is convicted.
    pub(crate) fn is_convicted(&self, cite: &CiteId) -> bool {
        let keys = self.keys_of(cite);
        keys.is_some_and(|RoleKeys { log: key, .. }| {
            self.convicted.contains(&Party::Log { cite: *cite, key })
        })
    }

    /// Returns to whom a cité matters.
    fn matters(&self, cite: &CiteId) -> Matters {
        let state = self.state();
        let here = state.peer(cite).is_some() || state.mirrors().is_some_and(|at| at.names(cite));
        if here || self.mirrors.contains_key(cite) {
            return Matters::Here;
        }
        match self.mirrors.values().any(|log| log.state().peer(cite).is_some()) {
            true => Matters::ToAnAlly,
            false => Matters::ToNobody,
        }
    }

    /// Believes evidence if it convicts a key in force: keeps it, and believes nothing that this key signs.
    pub(crate) fn convict(&mut self, now: UnixMillis, evidence: Evidence) -> Judged {
        let incarnation = evidence.incarnation();
        let Some(party) = evidence.party() else {
            return Judged::Wrong(ProofError::Incarnation(incarnation).into());
        };
        if self.is_own_log_key(&party) {
            return self.accused(&evidence);
        }
        let cite = party.cite();
        if self.convicted.contains(&party) {
            return Judged::Known;
        }
        if !self.concerns(&party, incarnation) {
            return Judged::NoConcern;
        }
        // The record that its identity is the hash of names the network, and it is known here: of this one.
        if let Err(error) = evidence::verify(&evidence) {
            return Judged::Wrong(error);
        }
        // Newer keys count whoever brings them; of two that a root named for one incarnation those heard first.
        let record = Neighbour { founding: evidence.founding().clone(), addresses: Vec::new() };
        self.learn(record, Said::ByAnother);
        let in_force = self.keys_of(&cite).is_none_or(|keys| match party {
            Party::Log { key, .. } => key == keys.log,
            Party::Mirror { key, .. } => key == keys.mirror,
        });
        if !in_force {
            return Judged::NoConcern;
        }
        let matters = self.matters(&cite);
        if !self.convicted.has_turn(now, matters) {
            return Judged::NoRoom;
        }
        let mut convicted = core::mem::take(&mut self.convicted);
        let number = evidence.number();
        let gone = convicted.keep(party, evidence, |party| self.matters(&party.cite()));
        self.convicted = convicted;
        self.published.told.retain(|(_, told), _| self.convicted.contains(told));
        if gone == Some(party) {
            return Judged::NoRoom;
        }
        if matters == Matters::Here {
            tracing::warn!(%cite, number, "evidence convicts a cité; nothing that this key signs is believed any more");
        }
        // Caution waits for no disk: what is not kept is told again by neighbours after a start.
        if let Some(log) = self.mirrors.get_mut(&cite) {
            freeze(log, &party);
        }
        if matters == Matters::Here {
            self.keep_evidence();
        }
        Judged::Convicts
    }

    /// Makes the evidence durable that matters here, where this node may write. What was kept before is not written
    /// again.
    pub(crate) fn keep_evidence(&mut self) {
        let here = |party: &Party| self.matters(&party.cite()) == Matters::Here;
        let all = self.convicted.all().filter(|(party, _)| here(party));
        let all: Vec<Evidence> = all.map(|(_, evidence)| evidence.clone()).collect();
        let Writer::Signing(home) = &mut self.writer else { return };
        for evidence in &all {
            if let Err(error) = home.keep_evidence(evidence) {
                tracing::error!(%error, "evidence could not be kept");
            }
        }
    }

    /// Hands a peer the evidence that it was not handed since it connected: gossip tells once, and
    /// whoever was away then would go on trusting a cité that cheated. First what matters most here. What it did not
    /// keep is told again: it may open an account with that cité, or have room, by now.
    pub(crate) fn tell_evidence(&mut self, now: UnixMillis, peer: PeerKey) {
        let told = |party: &Party| self.published.told.get(&(peer, *party)).copied();
        let due = |party: &Party| match told(party) {
            None => true,
            Some(Told::Kept) => false,
            Some(Told::NotKept(last)) => now.since(last) >= TELL_AGAIN_MS || now < last,
        };
        let due = self.convicted.all().filter(|(party, _)| due(party));
        let mut untold: Vec<(Party, Evidence)> =
            due.map(|(party, evidence)| (*party, evidence.clone())).collect();
        untold.sort_by_key(|(party, _)| {
            (told(party), core::cmp::Reverse(self.matters(&party.cite())))
        });
        for (party, evidence) in untold.into_iter().take(TOLD_AT_ONCE) {
            let what = Asked::Evidence(peer, party);
            if self.ask(now, peer, &Ask::Evidence(Box::new(evidence)), what) {
                self.published.told.insert((peer, party), Told::Kept);
            }
        }
    }

    /// Takes in whether a peer keeps the evidence that it was handed. What it finds wrong it will not take as long as it
    /// is connected: its program does not change meanwhile.
    pub(crate) fn was_told(
        &mut self,
        now: UnixMillis,
        peer: PeerKey,
        party: Party,
        answer: Option<&Answer>,
    ) {
        let wrong = decline::SIGNATURE;
        let done = matches!(answer, Some(Answer::Kept))
            || matches!(answer, Some(Answer::Declined { reason, .. }) if *reason == wrong);
        // Nothing is noted of one that is not connected any more.
        if let Some(told) = self.published.told.get_mut(&(peer, party)) {
            *told = if done { Told::Kept } else { Told::NotKept(now) };
        }
    }

    /// Forgets what a peer was handed.
    pub(crate) fn forget_told(&mut self, peer: &PeerKey) {
        self.published.told.retain(|(told, _), _| told != peer);
    }

    /// Takes evidence that a peer hands over; returns the answer.
    pub(crate) fn handed_evidence(&mut self, now: UnixMillis, evidence: Evidence) -> Answer {
        match self.convict_and_tell(now, evidence) {
            Judged::Convicts | Judged::Known => Answer::Kept,
            Judged::Wrong(_) => Answer::Declined { reason: decline::SIGNATURE, at: 0 },
            Judged::NoConcern => Answer::Declined { reason: decline::NOT_A_MIRROR, at: 0 },
            Judged::NoRoom => Answer::Busy,
        }
    }

    /// Convicts, and tells everybody.
    pub(crate) fn convict_and_tell(&mut self, now: UnixMillis, evidence: Evidence) -> Judged {
        let judged = self.convict(now, evidence.clone());
        if judged == Judged::Convicts {
            self.publish(now, Gossip::Evidence(Box::new(evidence)));
        }
        judged
    }

    /// Reads the evidence that was kept.
    pub(crate) fn open_evidence(&mut self) -> Result<(), CoreError> {
        let kept = ledger::notes::evidence(self.disk.as_ref()).map_err(HomeError::from)?;
        let convicts = |evidence: Evidence| {
            let conviction = evidence::verify(&evidence).ok()?;
            Some((conviction.party(), evidence))
        };
        self.convicted.read(kept.into_iter().filter_map(convicts).collect());
        Ok(())
    }
}

/// Returns the founding record if it is genuine and its log key signed the checkpoint.
fn genuine(signed: &Bytes, checkpoint: &Checkpoint) -> Result<VerifiedFounding, ProofError> {
    let founding = verify_founding(signed)?;
    check_checkpoint(&founding, checkpoint)?;
    Ok(founding)
}

/// Returns the verdict on what does not verify, from its own bytes, unless it is of a form that a newer program may
/// know.
const fn blame(error: &ProofError) -> Verdict {
    match error {
        ProofError::Codec(_) => Verdict::Ignore,
        _ => Verdict::Reject,
    }
}
