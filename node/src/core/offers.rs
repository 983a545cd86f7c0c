//! Who is asked for a log that is fetched, this node's own or one of which it lost its copy, and who is left alone for a
//! while. Goes by what peers claim, by what is known of them and by what asking them came to; asks nobody itself.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use proto::{
    certificate::EntryProof,
    codec::Canonical as _,
    entry::ENTRY_MAX,
    time::UnixMillis,
    wire::{CHUNK_BYTES_MAX, CHUNK_ENTRIES_MAX, Extend},
};

use super::{PeerKey, push::PUSH_BYTES_MAX};

/// How long nothing is fetched from a node that had nothing useful, in milliseconds; twice as long each time that it
/// had nothing again.
const PUT_OFF_MS: u64 = 60_000;

/// The longest time, in milliseconds: about a quarter of an hour, for a connection may have been bad.
const PUT_OFF_LONGEST_MS: u64 = 16 * PUT_OFF_MS;

/// Most nodes that are put off at a time, and most whose claims are noted: more than can be connected.
const PUT_OFF_MAX: usize = 256;

/// What is known of somebody who claims to hold entries; the later ones come first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Rank {
    /// Whoever it is did not say.
    Nobody,
    /// The node of some cité: anybody founds one.
    Cite,
    /// A mirror of the log, as far as it is here, or one that promised.
    Mirror,
    /// A node that whoever runs this one named.
    Friend,
    /// The node of the cité whose log it is.
    Home,
}

#[derive(Clone, Copy, Debug)]
struct Offer {
    incarnation: u32,
    size: u64,
    since: UnixMillis,
}

#[derive(Clone, Copy, Debug)]
struct PutOff {
    until: UnixMillis,
    ms: u64,
}

/// Returns whether somebody gives less than there is room for, and not all up to `until`: nobody who holds a log does, and
/// whoever makes one up could lead it on for days, entry by entry.
pub(super) fn is_drip(extend: &Extend, until: u64) -> bool {
    let Extend { from, entries, sidecars, .. } = extend;
    let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
    let reaches = from.checked_add(count).is_some_and(|end| end >= until);
    let bytes: usize = entries.iter().map(|entry| entry.len()).sum();
    let proofs: usize = sidecars.iter().map(|sidecar| sidecar.proof.encode().len()).sum();
    let full = entries.len() >= CHUNK_ENTRIES_MAX
        || bytes.saturating_add(ENTRY_MAX) > CHUNK_BYTES_MAX
        || bytes.saturating_add(proofs).saturating_add(ENTRY_MAX + EntryProof::MAX)
            > PUSH_BYTES_MAX;
    !(entries.is_empty() || reaches || full)
}

/// What connected nodes hold of the log, and who of them is put off.
#[derive(Default)]
pub(super) struct Offers {
    by_peer: BTreeMap<PeerKey, Offer>,
    put_off: BTreeMap<PeerKey, PutOff>,
    /// Who gave something of what is here.
    gave: BTreeSet<PeerKey>,
    /// Something was given up since the log key last answered for anything.
    in_vain: bool,
}

impl Offers {
    /// Notes what a peer says that it holds.
    pub(super) fn note(&mut self, now: UnixMillis, peer: PeerKey, incarnation: u32, size: u64) {
        let since = self.by_peer.get(&peer).map(|offer| offer.since);
        if since.is_some() || self.by_peer.len() < PUT_OFF_MAX {
            let since = since.unwrap_or(now);
            self.by_peer.insert(peer, Offer { incarnation, size, since });
        }
    }

    /// Forgets what a peer said.
    pub(super) fn withdraw(&mut self, peer: &PeerKey) {
        self.by_peer.remove(peer);
    }

    /// Returns the largest size that is offered.
    pub(super) fn largest(&self) -> Option<u64> {
        self.by_peer.values().map(|offer| offer.size).max()
    }

    /// Returns whom to ask, and for which incarnation. Anybody may claim to hold more: whoever is known better comes
    /// first, then whoever is `preferred`, then whoever claims most. Once somebody led nowhere it is whoever waited longest: new
    /// keys that claim more do not push in front.
    pub(super) fn best(
        &self,
        now: UnixMillis,
        preferred: impl Fn(&PeerKey) -> bool,
        wanted: impl Fn(u32, u64) -> bool,
        rank: impl Fn(&PeerKey) -> Rank,
    ) -> Option<(PeerKey, u32)> {
        let ready =
            |peer: &PeerKey| self.put_off.get(peer).is_none_or(|put_off| put_off.until <= now);
        let offers = self
            .by_peer
            .iter()
            .filter(|(peer, offer)| wanted(offer.incarnation, offer.size) && ready(peer));
        let best = offers.max_by_key(|(peer, offer)| {
            let waited = self.in_vain.then_some(Reverse(offer.since));
            (rank(peer), preferred(peer), waited, offer.incarnation, offer.size)
        });
        best.map(|(peer, offer)| (*peer, offer.incarnation))
    }

    /// Asks nothing of a peer for a while, twice as long as last time, whether or not it stays connected. Then others have
    /// waited longer.
    pub(super) fn put_off(&mut self, now: UnixMillis, peer: PeerKey) {
        if let Some(offer) = self.by_peer.get_mut(&peer) {
            offer.since = now;
        }
        let soonest = self.put_off.iter().min_by_key(|(_, put_off)| put_off.until);
        if self.put_off.len() >= PUT_OFF_MAX
            && let Some(soonest) = soonest.map(|(peer, _)| *peer)
        {
            self.put_off.remove(&soonest);
        }
        let before = self.put_off.get(&peer).map(|put_off| put_off.ms.saturating_mul(2));
        let ms = before.map_or(PUT_OFF_MS, |ms| ms.min(PUT_OFF_LONGEST_MS));
        self.put_off.insert(peer, PutOff { until: now.plus(ms), ms });
    }

    /// Takes note that a peer had something useful.
    pub(super) fn was_useful(&mut self, peer: &PeerKey) {
        self.put_off.remove(peer);
        if self.gave.len() < PUT_OFF_MAX {
            self.gave.insert(*peer);
        }
    }

    /// Asks nothing for a while of those who gave what is here, for others hold something else; and those others at once,
    /// whose did not follow on it.
    pub(super) fn put_givers_off(&mut self, now: UnixMillis) {
        for put_off in self.put_off.values_mut() {
            put_off.until = now;
        }
        for peer in core::mem::take(&mut self.gave) {
            self.put_off(now, peer);
        }
        self.led(false);
    }

    /// Takes note that what was fetched led nowhere, or that the log key answers for it.
    pub(super) const fn led(&mut self, somewhere: bool) {
        self.in_vain = !somewhere;
    }

    /// Makes everybody due who was put off.
    pub(super) fn try_again(&mut self) {
        self.put_off.clear();
    }
}

#[cfg(test)]
mod tests {
    use proto::{keys::PublicKey, time::UnixMillis};

    use super::{Offers, PUT_OFF_LONGEST_MS, PUT_OFF_MS, Rank};

    const fn peer(number: u8) -> PublicKey {
        PublicKey([number; 32])
    }

    fn best(offers: &Offers, now: u64) -> Option<PublicKey> {
        let rank = |peer: &PublicKey| match peer.0[0] {
            9 => Rank::Friend,
            8 => Rank::Mirror,
            _ => Rank::Cite,
        };
        offers.best(UnixMillis(now), |_| false, |_, _| true, rank).map(|(peer, _)| peer)
    }

    #[test]
    fn a_friend_comes_before_a_mirror_and_a_mirror_before_anybody() {
        let mut offers = Offers::default();
        for (number, size) in [(1, 1_000), (8, 10), (9, 1)] {
            offers.note(UnixMillis(0), peer(number), 0, size);
            assert_eq!(best(&offers, 0), Some(peer(number)));
        }
    }

    #[test]
    fn new_keys_that_claim_more_do_not_push_in_front_again_and_again() {
        let mut offers = Offers::default();
        offers.note(UnixMillis(0), peer(1), 0, 50);
        for new in 2..7 {
            let now = u64::from(new);
            offers.note(UnixMillis(now), peer(new), 0, 1_000);
        }
        assert_eq!(best(&offers, 7), Some(peer(6)));
        offers.put_off(UnixMillis(7), peer(6));
        offers.led(false);
        assert_eq!(best(&offers, 7), Some(peer(1)), "it waited longest");
        offers.led(true);
        assert_eq!(best(&offers, 7), Some(peer(5)));
    }

    #[test]
    fn whoever_has_nothing_is_put_off_twice_as_long_each_time() {
        let (mut offers, mut now) = (Offers::default(), 0);
        offers.note(UnixMillis(now), peer(1), 0, 5);
        for (offset, wait) in [1, 2, 4, 8, 16, 16].into_iter().enumerate() {
            offers.put_off(UnixMillis(now), peer(1));
            if offset % 2 == 0 {
                offers.withdraw(&peer(1));
                offers.note(UnixMillis(now), peer(1), 0, 5);
            }
            now += wait * PUT_OFF_MS;
            assert_eq!(best(&offers, now - 1), None, "{offset}");
            assert_eq!(best(&offers, now), Some(peer(1)), "{offset}");
        }
        assert!(now > PUT_OFF_LONGEST_MS);
        offers.was_useful(&peer(1));
        offers.put_off(UnixMillis(now), peer(1));
        assert_eq!(best(&offers, now + PUT_OFF_MS), Some(peer(1)));
    }
}
