//! How much each peer uses: bytes and messages of the last minutes, and how many of them were wrong. For whoever runs
//! the node to look at; it limits nobody (that is `limits.rs`), and nothing of it is written down.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;
use proto::desk::{Ip, Use};

use super::PeerKey;
use crate::last_minutes::LastMinutes;

/// Peers whose use is counted, connected or gone for less than ten minutes: as many as have a meter. Of more the one
/// that used least is forgotten, so that whoever comes with new keys all the time hides nobody who uses much.
const PEERS_MAX: usize = 1_024;

const MINUTE: Duration = Duration::from_secs(60);

/// What a peer used lately.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Used {
    /// Who.
    pub peer: PeerKey,
    /// Where its last connection comes from, or leads to, if that is known in figures.
    pub at: Option<Ip>,
    /// How much.
    pub used: Use,
}

/// The counts of all peers. Shared by the tasks of all connections.
#[derive(Clone, Debug)]
pub struct Usage(Arc<Mutex<Book>>);

#[derive(Debug)]
struct Book {
    begun: Instant,
    peers: HashMap<PeerId, Track>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Track {
    at: Option<Ip>,
    minutes: LastMinutes<Use>,
}

impl Usage {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Book { begun: Instant::now(), peers: HashMap::new() })))
    }

    /// Counts bytes that a peer sent.
    pub(super) fn read(&self, peer: &PeerId, bytes: usize, now: Instant) {
        self.count(peer, now, |used| used.bytes_in = used.bytes_in.saturating_add(long(bytes)));
    }

    /// Counts bytes that a peer was sent.
    pub(super) fn wrote(&self, peer: &PeerId, bytes: usize, now: Instant) {
        self.count(peer, now, |used| used.bytes_out = used.bytes_out.saturating_add(long(bytes)));
    }

    /// Counts a request or a gossip message of a peer.
    pub(super) fn said(&self, peer: &PeerId, now: Instant) {
        self.count(peer, now, |used| used.messages = used.messages.saturating_add(1));
    }

    /// Counts that one of a peer's messages was wrong.
    pub(super) fn was_wrong(&self, peer: &PeerId, now: Instant) {
        self.count(peer, now, |used| used.invalid = used.invalid.saturating_add(1));
    }

    /// Remembers where a peer is.
    pub(super) fn is_at(&self, peer: &PeerId, at: Option<IpAddr>, now: Instant) {
        let mut book = self.lock();
        let minute = book.minute(now);
        let track = book.track(peer, minute);
        track.at = at.map(Ip::from);
        // Whoever says nothing is seen all the same.
        track.minutes.count(minute, |_| {});
    }

    /// Returns what all peers used in the last minutes, in the order of their keys. At most [`PEERS_MAX`].
    pub fn table(&self, now: Instant) -> Vec<Used> {
        let mut book = self.lock();
        let minute = book.minute(now);
        book.peers.retain(|_, track| track.minutes.lately(minute));
        let mut table: Vec<Used> = book
            .peers
            .iter()
            .filter_map(|(id, track)| {
                Some(Used { peer: PeerKey::of(id)?, at: track.at, used: track.sum(minute) })
            })
            .collect();
        table.sort_unstable_by_key(|used| used.peer);
        table
    }

    fn count(&self, peer: &PeerId, now: Instant, add: impl FnOnce(&mut Use)) {
        let mut book = self.lock();
        let minute = book.minute(now);
        book.track(peer, minute).minutes.count(minute, add);
    }

    fn lock(&self) -> MutexGuard<'_, Book> {
        // A panic elsewhere leaves at worst a count that is one short.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn minute(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.begun).as_secs() / MINUTE.as_secs()
    }

    /// Returns the counts of a peer.
    fn track(&mut self, peer: &PeerId, minute: u64) -> &mut Track {
        if !self.peers.contains_key(peer) && self.peers.len() >= PEERS_MAX {
            self.make_room(minute);
        }
        self.peers.entry(*peer).or_default()
    }

    /// Forgets those who did nothing lately; if all did, the one who used least.
    fn make_room(&mut self, minute: u64) {
        self.peers.retain(|_, track| track.minutes.lately(minute));
        if self.peers.len() >= PEERS_MAX {
            let weight = |track: &Track| {
                let used = track.sum(minute);
                (used.bytes_in.saturating_add(used.bytes_out), used.messages)
            };
            let least = self.peers.iter().min_by_key(|(_, track)| weight(track));
            if let Some(least) = least.map(|(peer, _)| *peer) {
                self.peers.remove(&least);
            }
        }
    }
}

impl Track {
    fn sum(&self, minute: u64) -> Use {
        self.minutes.all(minute).iter().fold(Use::default(), |sum, slot| Use {
            bytes_in: sum.bytes_in.saturating_add(slot.bytes_in),
            bytes_out: sum.bytes_out.saturating_add(slot.bytes_out),
            messages: sum.messages.saturating_add(slot.messages),
            invalid: sum.invalid.saturating_add(slot.invalid),
        })
    }
}

fn long(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use libp2p::identity::Keypair;

    use super::*;

    fn peer(seed: u16) -> PeerId {
        let mut secret = [7; 32];
        secret[..2].copy_from_slice(&seed.to_le_bytes());
        let key = Keypair::ed25519_from_bytes(secret).expect("32 bytes are a seed");
        key.public().to_peer_id()
    }

    fn sent(usage: &Usage, peer: &PeerId, now: Instant) -> u64 {
        let key = PeerKey::of(peer).expect("an ed25519 key");
        let table = usage.table(now);
        table.iter().find(|used| used.peer == key).map_or(0, |used| used.used.bytes_in)
    }

    #[test]
    fn what_a_peer_used_is_forgotten_after_ten_minutes() {
        let (usage, start, someone) = (Usage::new(), Instant::now(), peer(1));
        usage.read(&someone, 1_000, start);
        usage.wrote(&someone, 1, start);
        usage.said(&someone, start);
        usage.was_wrong(&someone, start + MINUTE * 9);
        let table = usage.table(start + MINUTE * 9);
        let used = Use { bytes_in: 1_000, bytes_out: 1, messages: 1, invalid: 1 };
        assert_eq!(table.first().map(|first| first.used), Some(used));
        // One minute later the first one has passed, and what was wrong in the tenth has not.
        let table = usage.table(start + MINUTE * 10);
        let used = Use { invalid: 1, ..Use::default() };
        assert_eq!(table.first().map(|first| first.used), Some(used));
        assert!(usage.table(start + MINUTE * 19).is_empty());
    }

    /// Invariant N2.
    #[test]
    fn counts_are_bounded_and_whoever_uses_much_is_not_hidden() {
        let (usage, now, spender) = (Usage::new(), Instant::now(), peer(0));
        usage.read(&spender, 1_000_000, now);
        for seed in 1..1_200 {
            usage.read(&peer(seed), 10, now);
        }
        assert_eq!(usage.lock().peers.len(), PEERS_MAX);
        assert_eq!(sent(&usage, &spender, now), 1_000_000);
    }
}
