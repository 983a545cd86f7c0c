//! Heirs: when keys that heirs named count here, who may read for them, and whether a home that they ask for is silent.
//! Enough heirs together can sign at any time; so what they sign counts nowhere before mirrors promised.

use ledger::mirror::MirrorLog;
use proto::{
    certificate::Certificate,
    codec::{Bytes, Canonical as _},
    founding::{SignedFounding, VerifiedFounding},
    ids::CiteId,
    time::UnixMillis,
    wire::{Announce, Neighbour},
};

use super::{Core, PeerKey, neighbours::Said};

/// How old what a home said may be to be a sign of life, in milliseconds: an hour. Others may keep it and say it again.
const FRESH_MS: u64 = 3_600_000;

impl Core {
    /// Returns whether the keys in a record count: by the root always. By heirs where this mirror promised to leave
    /// the incarnations before alone, or allies were seen to cosign the new one; and where nothing was known before.
    pub(crate) fn counts(&self, record: &VerifiedFounding) -> bool {
        if record.heirs().is_none() {
            return true;
        }
        let cite = record.cite();
        let known = self.neighbours.get(&cite).map(|known| &known.founding);
        let copied = self.mirrors.get(&cite).map(MirrorLog::founding);
        let entered = self.state().peer(&cite).map(|(_, peer)| peer);
        let same = |held: &VerifiedFounding| {
            (held.incarnation(), held.keys()) == (record.incarnation(), record.keys())
        };
        if cite == self.cite() {
            return same(&self.founding);
        }
        known.into_iter().chain(copied).any(same)
            || entered.is_some_and(|peer| {
                let keys = record.keys();
                (peer.epoch, peer.network_key, peer.mirror_key)
                    == (record.incarnation(), keys.network, keys.mirror)
            })
            || (known.is_none() && copied.is_none() && entered.is_none())
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

    /// Returns whether an ally cosigned, with the key that this log has of it: one honest mirror cosigns an
    /// incarnation of heirs only when the time had come.
    pub(crate) fn is_cosigned_by_an_ally(&self, certificate: &Certificate) -> bool {
        certificate.cosignatures.iter().any(|cosignature| {
            let ally = self.state().peer(&cosignature.mirror);
            let key = ally.and_then(|(_, ally)| ally.mirror_key.check().ok());
            key.is_some_and(|key| cosignature.verify(&certificate.checkpoint, &key).is_ok())
        })
    }

    /// Notes that the node with this key reads for the heirs of a log that is copied here: they must have it before
    /// anybody can promise.
    pub(crate) fn meet_heirs(&mut self, peer: PeerKey, record: &VerifiedFounding) {
        let log = self.mirrors.get(&record.cite());
        if record.keys().network == peer && log.is_some_and(|log| log.is_by_heirs(record)) {
            self.heirs.insert(peer, record.cite());
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

    /// Counts the silence of homes whose heirs ask, and the signs of life of those that are connected.
    pub(crate) fn watch_for_heirs(&mut self, now: UnixMillis) {
        // A clock that nobody believes counts nothing.
        if self.cannot_write().is_some() {
            return;
        }
        let Self { mirrors, neighbours, .. } = self;
        let mut failed = Vec::new();
        for (cite, log) in mirrors.iter_mut() {
            let watched = match neighbours.node_of(cite) {
                Some(_) => log.is_alive(now),
                None => log.look(now),
            };
            if let Err(error) = watched {
                failed.push((*cite, error));
            }
        }
        for (cite, error) in failed {
            self.close_copy(cite, &error);
        }
    }

    /// Takes what a home said to everybody for a sign of life, if it said so just now.
    pub(crate) fn heard_alive(&mut self, now: UnixMillis, cite: CiteId, announce: &Announce) {
        let said = UnixMillis(announce.since_s.saturating_mul(1_000));
        if now.since(said) >= FRESH_MS {
            return;
        }
        if let Some(log) = self.mirrors.get_mut(&cite)
            && let Err(error) = log.is_alive(now)
        {
            self.close_copy(cite, &error);
        }
    }
}
