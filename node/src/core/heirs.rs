//! Heirs: when keys that heirs named count here, who may read for them, and whether a home that they ask for is silent.
//! Enough heirs together can sign at any time; so what they sign counts nowhere before mirrors promised.

use std::collections::{BTreeMap, BTreeSet};

use ledger::{
    mirror::{MirrorLog, is_alive_beside},
    proof,
};
use proto::{
    act::MirrorSet,
    certificate::Certificate,
    codec::{Bytes, Canonical as _},
    epoch::RoleKeys,
    founding::{SignedFounding, VerifiedFounding},
    ids::CiteId,
    time::UnixMillis,
    wire::{Announce, Neighbour},
};

use super::{Core, PeerKey, neighbours::Said};

/// How far from now what a home said may be to be a sign of life, in milliseconds: an hour. Others may keep it and say it
/// again.
const FRESH_MS: u64 = 3_600_000;

/// What is known of heirs beside what the copies of their logs say.
#[derive(Debug, Default)]
pub(crate) struct Heirs {
    /// Connected nodes that read for the heirs of a log that is copied here.
    pub(crate) readers: BTreeMap<PeerKey, CiteId>,
    /// Incarnation and keys under which a quorum of its mirrors was seen to certify a log: of cités whose mirrors are
    /// known here.
    certified: BTreeMap<CiteId, (u32, RoleKeys)>,
    /// Mirrors of this log that said that its heirs go on with it.
    said: BTreeSet<CiteId>,
}

impl Core {
    /// Returns whether the keys in a record count: by the root always, by heirs where that is
    /// [confirmed](Self::is_confirmed). To whom a cité is nothing, no account and no copy, the first keys that he hears of
    /// are as good as others, until the root's come.
    pub(crate) fn counts(&self, record: &VerifiedFounding) -> bool {
        let cite = record.cite();
        let matters = cite == self.cite()
            || self.mirrors.contains_key(&cite)
            || self.state().peer(&cite).is_some();
        let known = self.neighbours.get(&cite).map(|known| &known.founding);
        record.heirs().is_none()
            || self.is_confirmed(record)
            || (!matters && known.is_none_or(|known| same_keys(known, record)))
    }

    /// Returns whether the keys that heirs named are in force as this node knows it: it promised to leave the
    /// incarnations before alone, or follows the log on; it saw a certificate by a quorum of mirrors; or they stand in its
    /// own log.
    pub(crate) fn is_confirmed(&self, record: &VerifiedFounding) -> bool {
        let cite = record.cite();
        if cite == self.cite() {
            return same_keys(&self.founding, record);
        }
        let (incarnation, keys) = (record.incarnation(), record.keys());
        let copied = self.mirrors.get(&cite).map(MirrorLog::founding);
        copied.is_some_and(|copied| same_keys(copied, record))
            || self.heirs.certified.get(&cite) == Some(&(incarnation, keys))
            || self.state().peer(&cite).is_some_and(|(_, peer)| {
                let entered = (peer.epoch, peer.network_key, peer.mirror_key);
                entered == (incarnation, keys.network, keys.mirror)
            })
    }

    /// Confirms keys that heirs named if a quorum of the log's mirrors cosigned with them: those in the copy here, or
    /// those whom its home proved last. Fewer may lie, and a cité may call mirrors whom it likes.
    pub(crate) fn confirm(&mut self, record: &VerifiedFounding, certificate: &Certificate) -> bool {
        let (cite, checkpoint) = (record.cite(), &certificate.checkpoint);
        let copied = self.mirrors.get(&cite).and_then(|log| log.state().mirrors());
        let Some(mirrors) = copied.or_else(|| self.openings.mirrors(&cite)) else { return false };
        // The record has the keys of the first incarnation, too, and everybody has certificates under those.
        let is_of_heirs = checkpoint.origin.incarnation == record.incarnation();
        let key = proof::log_key(record, checkpoint).ok().filter(|_| is_of_heirs);
        let confirms = key.is_some_and(|key| certificate.verify(&key, &mirrors.sets()).is_ok());
        if confirms {
            self.heirs.certified.insert(cite, (record.incarnation(), record.keys()));
        }
        confirms
    }

    /// Notes that mirrors of this log said that its heirs go on with it; returns whether so many did that one of them is
    /// honest. One alone is not enough where there are others: with two or three a single one could silence the log.
    pub(crate) fn heirs_go_on(&mut self, by: &[CiteId]) -> bool {
        let mirrors = self.writer.state().mirrors();
        let by = by.iter().filter(|cite| mirrors.is_some_and(|mirrors| mirrors.names(cite)));
        self.heirs.said.extend(by);
        let said = |set: &MirrorSet| {
            let all = set.mirrors.len();
            let said = set.mirrors.iter().filter(|by| self.heirs.said.contains(&by.cite)).count();
            said == all || said > (all.saturating_sub(1) / 3).max(1)
        };
        let enough = mirrors.is_some_and(|mirrors| mirrors.sets().into_iter().all(said));
        enough && !self.heirs.said.is_empty()
    }

    /// Returns those mirrors of this log that cosigned a certificate, with a key that the log has of them.
    pub(crate) fn own_cosigners(&self, certificate: &Certificate) -> Vec<CiteId> {
        let sets = self.state().mirrors().map(|mirrors| mirrors.sets()).unwrap_or_default();
        let signed = certificate.cosignatures.iter().filter(|cosignature| {
            let keys = sets.iter().filter_map(|set| set.key_of(&cosignature.mirror));
            keys.filter_map(|key| key.check().ok())
                .any(|key| cosignature.verify(&certificate.checkpoint, &key).is_ok())
        });
        signed.map(|cosignature| cosignature.mirror).collect()
    }

    /// Forgets the keys that heirs named where nothing confirms them, when a record comes that the root alone signed.
    pub(crate) fn prefer_the_root(&mut self, signed: &Bytes) {
        let Ok(record) = SignedFounding::decode(signed) else { return };
        let cite = record.founding.id();
        let known = self.neighbours.get(&cite).map(|known| &known.founding);
        let doubtful =
            known.is_some_and(|known| known.heirs().is_some() && !self.is_confirmed(known));
        if doubtful && record.verify().is_ok_and(|record| record.heirs().is_none()) {
            self.neighbours.forget(&cite);
        }
    }

    /// Returns the same of a record as signed. One that says nothing of heirs is verified where it is taken in, and
    /// comes with every push.
    pub(crate) fn signed_counts(&self, signed: &Bytes) -> bool {
        let by_heirs = |record: &SignedFounding| {
            record.epoch.as_ref().is_some_and(|epoch| epoch.will.is_some())
        };
        SignedFounding::decode(signed).is_ok_and(|record| {
            !by_heirs(&record) || record.verify().is_ok_and(|record| self.counts(&record))
        })
    }

    /// Notes that the node with this key reads for the heirs of a log that is copied here: they must have it before
    /// anybody can promise.
    pub(crate) fn meet_heirs(&mut self, peer: PeerKey, record: &VerifiedFounding) {
        let log = self.mirrors.get(&record.cite());
        if record.keys().network == peer && log.is_some_and(|log| log.is_by_heirs(record)) {
            self.heirs.readers.insert(peer, record.cite());
        }
    }

    /// Learns the keys that heirs named, now that they count, and whose node that is. They go into this log at once: the
    /// node cosigns it with them from now on.
    pub(crate) fn go_on_with_heirs(&mut self, now: UnixMillis, peer: PeerKey, signed: &Bytes) {
        let known = Neighbour { founding: signed.clone(), addresses: Vec::new() };
        if let Some(cite) = self.learn(known, Said::ByItself) {
            self.neighbours.identify(peer, cite, now);
            self.learn_keys(now);
        }
    }

    /// Counts the silence of homes whose heirs ask, and the signs of life of those that are connected: these also while
    /// the copy is not there, which watches nothing then.
    pub(crate) fn watch_for_heirs(&mut self, now: UnixMillis) {
        // A clock that nobody believes counts no silence.
        let counts = self.cannot_write().is_none();
        let copies = self.mirrors.keys().chain(self.refills.keys()).chain(self.closed.keys());
        let copies: Vec<CiteId> = copies.copied().collect();
        for cite in copies {
            if self.is_there(&cite) {
                self.is_alive(now, cite);
            } else if let Some(log) = self.mirrors.get_mut(&cite).filter(|_| counts)
                && let Err(error) = log.look(now)
            {
                self.close_copy(cite, &error);
            }
        }
    }

    /// Returns whether the node of a home is connected whose log is copied here.
    fn is_there(&self, cite: &CiteId) -> bool {
        // Who has the keys in force is alive, whatever others say that is in force.
        let itself = self
            .copied_founding(cite)
            .is_some_and(|founding| self.neighbours.is_connected(&founding.keys().network));
        let known = self.neighbours.get(cite).filter(|known| known.founding.heirs().is_none());
        itself || known.and_then(|_| self.neighbours.node_of(cite)).is_some()
    }

    /// Returns the founding record in the copy of a log. Where that is closed it is what is known of the cité, unless heirs
    /// said so whom nothing confirms.
    fn copied_founding(&self, cite: &CiteId) -> Option<&VerifiedFounding> {
        let refill = || self.refills.get(cite).map(|refilling| refilling.refill.founding());
        let counts =
            |record: &&VerifiedFounding| record.heirs().is_none() || self.is_confirmed(record);
        let known = || self.neighbours.get(cite).map(|known| &known.founding).filter(counts);
        self.mirrors.get(cite).map(MirrorLog::founding).or_else(refill).or_else(known)
    }

    /// Takes note of a sign of life of a home, whatever became of the copy of its log.
    fn is_alive(&mut self, now: UnixMillis, cite: CiteId) {
        let noted = if let Some(log) = self.mirrors.get_mut(&cite) {
            log.is_alive(now)
        } else if let Some(refilling) = self.refills.get_mut(&cite) {
            refilling.refill.is_alive(now)
        } else {
            // Where this fails the disk does, as was told when the copy was closed; the next sign of life tries again.
            let _ = is_alive_beside(self.disk.as_ref(), cite, now);
            Ok(())
        };
        if let Err(error) = noted {
            self.close_copy(cite, &error);
        }
    }

    /// Takes what a home said to everybody for a sign of life, if it said so just now, with keys that are in force. By a
    /// clock that was ahead it could be said again for years.
    pub(crate) fn heard_alive(
        &mut self,
        now: UnixMillis,
        record: &VerifiedFounding,
        announce: &Announce,
    ) {
        let said = UnixMillis(announce.since_s.saturating_mul(1_000));
        if now.since(said).max(said.since(now)) >= FRESH_MS {
            return;
        }
        let cite = record.cite();
        let is_copied = self.mirrors.contains_key(&cite)
            || self.refills.contains_key(&cite)
            || self.closed.contains_key(&cite);
        let in_force = self.copied_founding(&cite).is_some_and(|copied| {
            same_keys(copied, record) || is_later_by_the_root(copied, record)
        });
        if is_copied && in_force {
            self.is_alive(now, cite);
        }
    }
}

/// Returns whether the root of a log named keys since those that are known in its copy.
fn is_later_by_the_root(copied: &VerifiedFounding, record: &VerifiedFounding) -> bool {
    record.heirs().is_none() && record.incarnation() > copied.incarnation()
}

/// Returns whether two records name the same keys for the same incarnation.
fn same_keys(one: &VerifiedFounding, other: &VerifiedFounding) -> bool {
    (one.incarnation(), one.keys()) == (other.incarnation(), other.keys())
}
