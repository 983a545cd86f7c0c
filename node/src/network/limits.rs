//! Every bound of the network shell with its reason, and the meter of bytes per peer.
//! Nothing here is configurable, and nothing here knows what the bytes mean.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use libp2p::PeerId;

use super::places::Prefixes;
use super::usage::Usage;

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
/// bounds here is 112 strangers from as many addresses, each with a minute's bytes and a sixth of them in reception,
/// twice that where a frame grows: 1,045 MiB; an ordinary node stays below 200 MiB.
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

/// What all strangers of one IPv4 address or /64 may send per minute together. Whoever comes with many keys has
/// a minute's bytes for each, and may leave all of them in half-sent requests for [`DEADLINE`]: 64 keys made a node
/// grow by 87 MiB in three seconds. So at most these bytes and a sixth of them are in reception from one address,
/// twice that where a frame grows: 28 MiB. Honest members send some kilobytes.
pub const ADDRESS_BYTES_PER_MINUTE: u64 = 12 * 1024 * 1024;

/// What a stranger may send each minute whatever others of the address send: some tens of calls of a member, who may
/// live behind one router with a flood, or come through a proxy.
pub const UNSHARED_BYTES: u64 = 64 * 1024;

/// What all strangers of an address may send so per minute: the parts of 64, four times as many as keep a connection.
/// Without it, whoever says a part, hangs up and comes back with a new key would have a new part each time.
pub const UNSHARED_BYTES_PER_ADDRESS: u64 = 64 * UNSHARED_BYTES;

/// What each delivered request or gossip message costs beside its bytes: decoding one and checking a
/// signature takes as long as receiving this much. So a stranger has 68 tiny messages a second.
pub(super) const MESSAGE_COST_BYTES: usize = 1024;

/// What each gossip message of a known peer costs beside its bytes: so there are 512 at once and eight a second. Each takes the
/// core some signatures, behind which a payment waits, and gossipsub remembers its id for ten minutes, in some 200 bytes;
/// [`KNOWN_BYTES_PER_MINUTE`] alone would let in millions. Five hundred cités publish as many certificates a minute, and
/// whoever passes on more than that is read more slowly.
const KNOWN_GOSSIP_COST_BYTES: usize = 16 * 1024 * 1024;

/// Peers, and addresses, whose meter is kept, connected or gone for less than a minute.
const METERS_MAX: usize = 1024;

/// A reader that has used up its meter waits until this much is free again, so that it does not
/// wake for single bytes.
const READ_STEP_BYTES: i64 = 16 * 1024;

const MILLIS_PER_MINUTE: i64 = 60_000;

/// How many bytes each peer, and all strangers of an address together, may still send: a bucket that holds one minute's
/// bytes and refills steadily. Who used it up is not punished but read more slowly, and yamux's window then stops the
/// sender. Shared by the tasks of all connections.
#[derive(Clone)]
pub(super) struct Meter {
    buckets: Arc<Mutex<Buckets>>,
    /// What came through it, and went the other way: to look at.
    pub(super) usage: Usage,
}

#[derive(Default)]
struct Buckets {
    known: HashSet<PeerId>,
    by_peer: HashMap<PeerId, Bucket>,
    /// What each stranger has beside the budget of the address.
    unshared: HashMap<PeerId, Bucket>,
    /// What all of them have so, by the address.
    unshared_by_address: HashMap<u128, Bucket>,
    /// Of strangers, by the address of one customer ([`Prefixes::near`]).
    by_address: HashMap<u128, Bucket>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Bytes that may be read; below zero after a charge for a message.
    free: i64,
    at: Instant,
}

impl Meter {
    pub(super) fn new() -> Self {
        Self { buckets: Arc::default(), usage: Usage::new() }
    }

    /// Replaces the set of known peers.
    pub(super) fn set_known(&self, known: HashSet<PeerId>) {
        self.lock().known = known;
    }

    /// Returns how many bytes may be read from `peer` at an address now (at least 1), or how long to wait.
    pub(super) fn allowance(
        &self,
        peer: &PeerId,
        from: Prefixes,
        now: Instant,
    ) -> Result<usize, Duration> {
        let mut buckets = self.lock();
        let known = buckets.known.contains(peer);
        let own = free(buckets.of_peer(peer, now).free, budget(known))?;
        if known {
            return Ok(own);
        }
        let left = match usize::try_from(buckets.beside(peer, from, now)) {
            Ok(left) if left > 0 => left,
            _ => free(buckets.of_address(from, now).free, ADDRESS)?,
        };
        Ok(own.min(left))
    }

    /// Takes bytes that were read from `peer` at an address from what may be sent.
    pub(super) fn charge(&self, peer: &PeerId, from: Prefixes, bytes: usize, now: Instant) {
        self.cost(peer, bytes, now);
        let mut buckets = self.lock();
        if buckets.known.contains(peer) {
            return;
        }
        if buckets.beside(peer, from, now) > 0 {
            buckets.unshared_of(peer, now).take(bytes);
            buckets.unshared_at(from, now).take(bytes);
        } else {
            buckets.of_address(from, now).take(bytes);
        }
    }

    /// Takes what a gossip message costs from what `peer` may send.
    pub(super) fn gossiped(&self, peer: &PeerId, now: Instant) {
        let known = self.lock().known.contains(peer);
        self.cost(peer, if known { KNOWN_GOSSIP_COST_BYTES } else { MESSAGE_COST_BYTES }, now);
    }

    /// Takes from what `peer` may send.
    pub(super) fn cost(&self, peer: &PeerId, bytes: usize, now: Instant) {
        self.lock().of_peer(peer, now).take(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        // A panic elsewhere cannot leave a bucket half written: each change is one store.
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Budgets as buckets count: constants far below 2^63.
const fn signed(bytes: u64) -> i64 {
    bytes.cast_signed()
}

const ADDRESS: i64 = signed(ADDRESS_BYTES_PER_MINUTE);
const UNSHARED: i64 = signed(UNSHARED_BYTES);
const UNSHARED_AT: i64 = signed(UNSHARED_BYTES_PER_ADDRESS);

/// Returns what a peer may send per minute.
const fn budget(known: bool) -> i64 {
    signed(if known { KNOWN_BYTES_PER_MINUTE } else { UNKNOWN_BYTES_PER_MINUTE })
}

/// Returns the bytes that are free, at least 1, or how long to wait for some.
fn free(free: i64, per_minute: i64) -> Result<usize, Duration> {
    match usize::try_from(free) {
        Ok(free) if free > 0 => Ok(free),
        _ => {
            let millis = (READ_STEP_BYTES - free) * MILLIS_PER_MINUTE / per_minute + 1;
            Err(Duration::from_millis(u64::try_from(millis).unwrap_or(1)))
        }
    }
}

impl Bucket {
    fn take(&mut self, bytes: usize) {
        self.free = self.free.saturating_sub(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// Lets in what a time brought; never more than one minute's bytes.
    fn refill(&mut self, per_minute: i64, now: Instant) {
        let millis = now.saturating_duration_since(self.at).as_millis();
        let millis = i64::try_from(millis).unwrap_or(i64::MAX).min(MILLIS_PER_MINUTE);
        let gained = millis * per_minute / MILLIS_PER_MINUTE;
        // A gain of nothing keeps the old instant, else many small steps would never gain a byte.
        if gained > 0 {
            self.free = self.free.saturating_add(gained);
            self.at = now;
        }
        self.free = self.free.min(per_minute);
    }
}

impl Buckets {
    /// Returns the bucket of `peer`, refilled up to `now`; a new one is full.
    fn of_peer(&mut self, peer: &PeerId, now: Instant) -> &mut Bucket {
        let per_minute = budget(self.known.contains(peer));
        bucket(&mut self.by_peer, *peer, per_minute, now)
    }

    /// Returns the bucket of what a stranger may send whatever others of the address send.
    fn unshared_of(&mut self, peer: &PeerId, now: Instant) -> &mut Bucket {
        bucket(&mut self.unshared, *peer, UNSHARED, now)
    }

    /// Returns the bucket of what all strangers at an address may send so.
    fn unshared_at(&mut self, from: Prefixes, now: Instant) -> &mut Bucket {
        bucket(&mut self.unshared_by_address, from.near(), UNSHARED_AT, now)
    }

    /// Returns how many bytes a stranger has beside the budget of the address; none when it is not above zero.
    fn beside(&mut self, peer: &PeerId, from: Prefixes, now: Instant) -> i64 {
        self.unshared_of(peer, now).free.min(self.unshared_at(from, now).free)
    }

    /// Returns the bucket of the strangers at an address.
    fn of_address(&mut self, from: Prefixes, now: Instant) -> &mut Bucket {
        bucket(&mut self.by_address, from.near(), ADDRESS, now)
    }
}

fn bucket<K: Copy + Eq + Hash>(
    all: &mut HashMap<K, Bucket>,
    key: K,
    per_minute: i64,
    now: Instant,
) -> &mut Bucket {
    if !all.contains_key(&key) && all.len() >= METERS_MAX {
        make_room(all, now);
    }
    let bucket = all.entry(key).or_insert(Bucket { free: per_minute, at: now });
    bucket.refill(per_minute, now);
    bucket
}

/// Forgets those that are full again; if none is, the one with the most left.
fn make_room<K: Copy + Eq + Hash>(all: &mut HashMap<K, Bucket>, now: Instant) {
    let minute = Duration::from_secs(60);
    all.retain(|_, bucket| now.saturating_duration_since(bucket.at) < minute);
    if all.len() >= METERS_MAX {
        let richest = all.iter().max_by_key(|(_, bucket)| bucket.free).map(|(key, _)| *key);
        if let Some(key) = richest {
            all.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn at(last: u8) -> Prefixes {
        Prefixes::of(IpAddr::V4(Ipv4Addr::new(192, 0, 2, last)))
    }

    fn bytes(count: u64) -> usize {
        usize::try_from(count).expect("a budget fits in memory")
    }

    #[test]
    fn a_stranger_waits_when_a_minutes_bytes_are_used_up() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        assert_eq!(meter.allowance(&peer, at(1), start), Ok(bytes(UNSHARED_BYTES)));
        meter.cost(&peer, bytes(UNKNOWN_BYTES_PER_MINUTE), start);
        let wait = meter.allowance(&peer, at(1), start).expect_err("the bucket is empty");
        assert!(wait < Duration::from_secs(1), "{wait:?}");
        let free = meter.allowance(&peer, at(1), start + wait).expect("the wait was long enough");
        assert!(free >= 16 * 1024, "{free}");
        // A minute later it is full, and never more than full.
        let later = start + Duration::from_secs(600);
        assert_eq!(meter.allowance(&peer, at(1), later), Ok(bytes(UNSHARED_BYTES)));
    }

    #[test]
    fn a_known_peer_has_more_and_loses_it_with_the_standing() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        meter.set_known([peer].into());
        assert_eq!(meter.allowance(&peer, at(1), start), Ok(bytes(KNOWN_BYTES_PER_MINUTE)));
        meter.set_known(HashSet::new());
        assert_eq!(meter.allowance(&peer, at(1), start), Ok(bytes(UNSHARED_BYTES)));
    }

    /// Invariant N2: an ally may send a log in minutes, and has no more gossip remembered for it than a network tells.
    #[test]
    fn gossip_of_a_known_peer_is_bounded_by_count() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        meter.set_known([peer].into());
        let mut heard = 0;
        while meter.allowance(&peer, at(1), start).is_ok() {
            meter.gossiped(&peer, start);
            heard += 1;
        }
        assert_eq!(heard, 512);
        let later = start + Duration::from_secs(1);
        while meter.allowance(&peer, at(1), later).is_ok() {
            meter.gossiped(&peer, later);
            heard += 1;
        }
        assert!((512 + 8..512 + 11).contains(&heard), "{heard}");
        // Who is no friend pays what any message costs.
        let stranger = PeerId::random();
        meter.gossiped(&stranger, start);
        let free = meter.lock().of_peer(&stranger, start).free;
        assert_eq!(free, signed(UNKNOWN_BYTES_PER_MINUTE) - 1024);
    }

    #[test]
    fn asking_often_does_not_lose_the_refill() {
        let (meter, peer, start) = (Meter::new(), PeerId::random(), Instant::now());
        meter.cost(&peer, bytes(UNKNOWN_BYTES_PER_MINUTE), start);
        for micros in 0..10_000 {
            let _ = meter.allowance(&peer, at(1), start + Duration::from_micros(100 * micros));
        }
        let free = meter.lock().of_peer(&peer, start + Duration::from_secs(1)).free;
        assert!(free > signed(UNKNOWN_BYTES_PER_MINUTE) / 62, "{free}");
    }

    /// Invariant N2.
    #[test]
    fn meters_are_bounded_and_the_emptiest_is_kept() {
        let (meter, spender, now) = (Meter::new(), PeerId::random(), Instant::now());
        meter.cost(&spender, bytes(UNKNOWN_BYTES_PER_MINUTE), now);
        for _ in 0..METERS_MAX + 10 {
            meter.cost(&PeerId::random(), 1, now);
        }
        assert_eq!(meter.lock().by_peer.len(), METERS_MAX);
        assert!(
            meter.allowance(&spender, at(1), now).is_err(),
            "the spender's meter was forgotten"
        );
    }

    /// Invariant N9: many keys at one address have one budget, and whoever says little has its own beside it.
    #[test]
    fn the_keys_of_an_address_share_its_budget() {
        let (meter, start) = (Meter::new(), Instant::now());
        let mut read = 0;
        let mut crowd = |keys: usize| {
            for _ in 0..keys {
                let key = PeerId::random();
                while let Ok(allowed) = meter.allowance(&key, at(1), start) {
                    meter.charge(&key, at(1), allowed.min(16 * 1024), start);
                    read += allowed.min(16 * 1024);
                }
            }
            read
        };
        let before = crowd(ESTABLISHED_IN_NEAR_MAX);
        // A member behind the same router has something to say, and somebody elsewhere has everything.
        let member = PeerId::random();
        assert!(meter.allowance(&member, at(1), start).is_ok(), "{before} bytes");
        // Whoever hangs up after his part and comes back with a new key has no more for it.
        let read = crowd(10_000);
        let most = ADDRESS_BYTES_PER_MINUTE + UNSHARED_BYTES_PER_ADDRESS;
        assert!(read <= bytes(most) + 16 * 1024, "{read} bytes");
        assert!(meter.allowance(&member, at(1), start).is_err(), "the budget is used up");
        let elsewhere = PeerId::random();
        meter.charge(&elsewhere, at(2), bytes(UNSHARED_BYTES), start);
        assert!(meter.allowance(&elsewhere, at(2), start).is_ok());
        // Somebody known is not counted, and a minute brings everything again.
        meter.set_known([member].into());
        assert!(meter.allowance(&member, at(1), start).is_ok());
        meter.set_known(HashSet::new());
        assert!(meter.allowance(&member, at(1), start + Duration::from_secs(60)).is_ok());
    }
}
