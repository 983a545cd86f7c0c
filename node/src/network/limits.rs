//! Every bound of the network shell with its reason, and the meter of bytes per peer.
//! Nothing here is configurable, and nothing here knows what the bytes mean.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;

/// Longest request or answer in bytes: a push carries up to 256 KiB of entries (protocol section 11)
/// with paths and sidecars beside them.
pub const FRAME_BYTES_MAX: u32 = 512 * 1024;

/// Longest gossip frame in bytes: certificates, evidence and announcements stay below 8 KiB each.
pub const GOSSIP_BYTES_MAX: usize = 64 * 1024;

/// Requests of one peer that the node works on at a time; more are closed unanswered, so one peer
/// never holds more than two frames of the core's time (Ethereum's p2p specification has the same).
pub const INBOUND_PER_PEER_MAX: usize = 2;

/// Own requests on the way to one peer at a time: what an honest peer answers.
pub const OUTBOUND_PER_PEER_MAX: usize = 2;

/// Own requests waiting for their turn with one peer; beyond it they fail at once. 4 MiB at most.
pub const WAITING_PER_PEER_MAX: usize = 8;

/// Exchange streams of one connection: two each way, and as many whose last bytes still travel.
pub(super) const EXCHANGE_STREAMS_MAX: usize = 8;

/// Streams of one connection. yamux's window of 1 GiB per connection cannot be lowered, the number
/// of streams can: 32 first windows of 256 KiB are 8 MiB that a peer may send unread.
pub(super) const YAMUX_STREAMS_MAX: usize = 32;

/// Inbound streams whose protocol is not yet agreed on.
pub(super) const NEGOTIATING_STREAMS_MAX: usize = 32;

/// Connections in the handshake, which nobody has a name in yet: each costs a socket, some kilobytes, a
/// Diffie-Hellman, and [`HANDSHAKE`] at most. Of 256, a few addresses that open connections and say
/// nothing take only their shares.
pub(super) const PENDING_IN_MAX: usize = 256;

/// Of these from one IPv4 address or one /64: a handshake takes a few round trips, so that in a village
/// behind one router some twenty members get in each second, six at a time.
pub(super) const PENDING_IN_NEAR_MAX: usize = 6;

/// Of these from one /24 or one /48, which is what one customer of a hoster can get easily: all places
/// together take 22 such networks, as [`CROWD_FACTOR`] asks of those who hold connections.
pub(super) const PENDING_IN_WIDE_MAX: usize = 12;

/// Own calls to strangers that are not answered yet.
pub(super) const PENDING_OUT_MAX: usize = 16;

/// Connections of strangers who called. These are fewer than all, so that a crowd of strangers can never
/// take the places of those whom the node itself calls.
pub(super) const ESTABLISHED_IN_MAX: usize = 64;

/// From this many on a newcomer takes the place of the stranger who was silent for longest. The other 16
/// are for those who come while everybody speaks.
pub(super) const ESTABLISHED_IN_MARK: usize = 48;

/// Of these from one IPv4 address or one /64: a quarter; beyond it they give way to one another.
pub(super) const ESTABLISHED_IN_NEAR_MAX: usize = 16;

/// Of these from one /24 or one /48: a half.
pub(super) const ESTABLISHED_IN_WIDE_MAX: usize = 32;

/// When all places are taken and nobody is silent, somebody of the /24 or /48 with the most connections
/// gives way to a newcomer whose own has fewer than a fourth of them. So places that are kept by asking
/// for nothing all the time take some twenty such networks, and a few members of one are left alone.
pub(super) const CROWD_FACTOR: usize = 4;

/// Connections that were told to give way and are not closed yet, which takes [`CLOSE_WITHIN`] at most.
/// While there are so many, nobody else gives way, and a newcomer without a place is refused.
pub(super) const LEAVING_MAX: usize = 16;

/// Connections with strangers whom the node called.
pub(super) const ESTABLISHED_OUT_MAX: usize = 32;

/// Connections with one peer: two, because both sides may dial at the same moment.
pub(super) const ESTABLISHED_PER_PEER_MAX: u32 = 2;

/// Explicit peers, who are exempt from the limits above and not counted: every ally of a large cité.
pub const EXPLICIT_PEERS_MAX: usize = 64;

/// Addresses kept for one explicit peer.
pub const ADDRESSES_PER_PEER_MAX: usize = 8;

/// Resident memory of the process above which no new connection is taken. The worst case of the
/// bounds above is 112 strangers × (8 MiB + 8 × 0.5 MiB) = 1,344 MiB; an ordinary node stays below
/// 200 MiB.
pub(super) const MEMORY_BYTES_MAX: usize = 1024 * 1024 * 1024;

/// Requests and answers must be done within this time.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);

/// From the moment in which a connection is accepted or called, everything must be agreed on within this
/// time: Noise, who the peer is, and yamux.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);

/// A stranger who was silent for less gives way to nobody (but see [`CROWD_FACTOR`]): within this time
/// every call ends, so no flood of newcomers cuts one off.
pub(super) const QUIET: Duration = DEADLINE;

/// Last words of a connection that is closed must have gone within this time. Without it a peer that
/// reads nothing would keep it, because yamux sends all that waits before it says goodbye.
pub(super) const CLOSE_WITHIN: Duration = Duration::from_secs(1);

/// A connection without any open stream is closed after this time.
pub(super) const IDLE: Duration = Duration::from_secs(60);

/// Events that the owner has not fetched yet. While one more waits, the network is not read.
pub(super) const EVENTS_MAX: usize = 64;

/// Commands that the shell has not read yet.
pub(super) const COMMANDS_MAX: usize = 64;

/// Events held back while the owner is busy; beyond it the shell reads no more commands either.
pub(super) const BACKLOG_MAX: usize = 256;

/// What a known peer (an explicit one) may send per minute: 8 GiB, 143 MB a second. A mirror that
/// catches up is to be bounded by what it verifies, not by this: a million entries with their seals
/// and proofs are some 400 MB, and a budget for ordinary days would stretch that over many minutes.
/// What bounds an ally besides: two requests at a time of at most [`FRAME_BYTES_MAX`], answers only to
/// what was asked for, and that the network is not read while the core has no room.
pub const KNOWN_BYTES_PER_MINUTE: u64 = 8 * 1024 * 1024 * 1024;

/// What a stranger may send per minute: enough to ask and to hand over evidence, not to fill disks.
pub const UNKNOWN_BYTES_PER_MINUTE: u64 = 4 * 1024 * 1024;

/// What each delivered request or gossip message costs beside its bytes: decoding one and checking a
/// signature takes as long as receiving this much. So a stranger has 68 tiny messages a second.
pub(super) const MESSAGE_COST_BYTES: usize = 1024;

/// Peers whose meter is kept, connected or gone for less than a minute.
const METERS_MAX: usize = 1024;

/// A reader that has used up its meter waits until this much is free again, so that it does not
/// wake for single bytes.
const READ_STEP_BYTES: i64 = 16 * 1024;

const MILLIS_PER_MINUTE: i64 = 60_000;

/// How many bytes each peer may still send: a bucket that holds one minute's bytes and refills
/// steadily. Who used it up is not punished but read more slowly, and yamux's window then stops the
/// sender. Shared by the tasks of all connections.
#[derive(Clone)]
pub(super) struct Meter(Arc<Mutex<Buckets>>);

struct Buckets {
    known: HashSet<PeerId>,
    by_peer: HashMap<PeerId, Bucket>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Bytes that may be read; below zero after a charge for a message.
    free: i64,
    at: Instant,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Buckets { known: HashSet::new(), by_peer: HashMap::new() })))
    }

    /// Replaces the set of known peers.
    pub(super) fn set_known(&self, known: HashSet<PeerId>) {
        self.lock().known = known;
    }

    /// Returns how many bytes may be read from `peer` now (at least 1), or how long to wait.
    pub(super) fn allowance(&self, peer: &PeerId, now: Instant) -> Result<usize, Duration> {
        let mut buckets = self.lock();
        let per_minute = buckets.per_minute(peer);
        let free = buckets.refilled(peer, now).free;
        match usize::try_from(free) {
            Ok(free) if free > 0 => Ok(free),
            _ => {
                let millis = (READ_STEP_BYTES - free) * MILLIS_PER_MINUTE / per_minute + 1;
                Err(Duration::from_millis(u64::try_from(millis).unwrap_or(1)))
            }
        }
    }

    /// Takes `bytes` from what `peer` may send.
    pub(super) fn charge(&self, peer: &PeerId, bytes: usize, now: Instant) {
        let mut buckets = self.lock();
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let bucket = buckets.refilled(peer, now);
        bucket.free = bucket.free.saturating_sub(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        // A panic elsewhere cannot leave a bucket half written: each change is one store.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Buckets {
    fn per_minute(&self, peer: &PeerId) -> i64 {
        let known = self.known.contains(peer);
        let bytes = if known { KNOWN_BYTES_PER_MINUTE } else { UNKNOWN_BYTES_PER_MINUTE };
        i64::try_from(bytes).expect("both budgets are constants far below 2^63")
    }

    /// Returns the bucket of `peer`, refilled up to `now`; a new one is full.
    fn refilled(&mut self, peer: &PeerId, now: Instant) -> &mut Bucket {
        let per_minute = self.per_minute(peer);
        if !self.by_peer.contains_key(peer) && self.by_peer.len() >= METERS_MAX {
            self.make_room(now);
        }
        let full = Bucket { free: per_minute, at: now };
        let bucket = self.by_peer.entry(*peer).or_insert(full);
        let millis = now.saturating_duration_since(bucket.at).as_millis();
        let millis = i64::try_from(millis).unwrap_or(i64::MAX).min(MILLIS_PER_MINUTE);
        let gained = millis * per_minute / MILLIS_PER_MINUTE;
        // A gain of nothing keeps the old instant, else many small steps would never gain a byte.
        if gained > 0 {
            bucket.free = bucket.free.saturating_add(gained);
            bucket.at = now;
        }
        bucket.free = bucket.free.min(per_minute);
        bucket
    }

    /// Forgets those that are full again; if none is, the one with the most left.
    fn make_room(&mut self, now: Instant) {
        let minute = Duration::from_secs(60);
        self.by_peer.retain(|_, bucket| now.saturating_duration_since(bucket.at) < minute);
        if self.by_peer.len() >= METERS_MAX {
            let richest = self.by_peer.iter().max_by_key(|(_, bucket)| bucket.free);
            if let Some(peer) = richest.map(|(peer, _)| *peer) {
                self.by_peer.remove(&peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(count: u64) -> usize {
        usize::try_from(count).expect("a budget fits in memory")
    }

    #[test]
    fn a_stranger_waits_when_a_minutes_bytes_are_used_up() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        assert_eq!(meter.allowance(&peer, start), Ok(bytes(UNKNOWN_BYTES_PER_MINUTE)));
        meter.charge(&peer, bytes(UNKNOWN_BYTES_PER_MINUTE), start);
        let wait = meter.allowance(&peer, start).expect_err("the bucket is empty");
        assert!(wait < Duration::from_secs(1), "{wait:?}");
        let free = meter.allowance(&peer, start + wait).expect("the wait was long enough");
        assert!(free >= 16 * 1024, "{free}");
        // A minute later it is full, and never more than full.
        let later = start + Duration::from_secs(600);
        assert_eq!(meter.allowance(&peer, later), Ok(bytes(UNKNOWN_BYTES_PER_MINUTE)));
    }

    #[test]
    fn a_known_peer_has_more_and_loses_it_with_the_standing() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        meter.set_known([peer].into());
        assert_eq!(meter.allowance(&peer, start), Ok(bytes(KNOWN_BYTES_PER_MINUTE)));
        meter.set_known(HashSet::new());
        assert_eq!(meter.allowance(&peer, start), Ok(bytes(UNKNOWN_BYTES_PER_MINUTE)));
    }

    #[test]
    fn asking_often_does_not_lose_the_refill() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        meter.charge(&peer, bytes(UNKNOWN_BYTES_PER_MINUTE), start);
        for micros in 0..10_000 {
            let _ = meter.allowance(&peer, start + Duration::from_micros(100 * micros));
        }
        let free = meter.allowance(&peer, start + Duration::from_secs(1)).expect("a second passed");
        assert!(free > bytes(UNKNOWN_BYTES_PER_MINUTE) / 62, "{free}");
    }

    /// Invariant N2.
    #[test]
    fn meters_are_bounded_and_the_emptiest_is_kept() {
        let (meter, spender, now) = (Meter::new(), PeerId::random(), Instant::now());
        meter.charge(&spender, bytes(UNKNOWN_BYTES_PER_MINUTE), now);
        for _ in 0..METERS_MAX + 10 {
            meter.charge(&PeerId::random(), 1, now);
        }
        assert_eq!(meter.lock().by_peer.len(), METERS_MAX);
        assert!(meter.allowance(&spender, now).is_err(), "the spender's meter was forgotten");
    }
}
