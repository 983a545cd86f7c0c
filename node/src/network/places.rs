//! Who holds a connection, and who gives way to whom when there are many.
//! It opens and closes nothing and reads no clock: the gate (`gate.rs`) does what it says.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, Instant};

use libp2p::PeerId;
use libp2p::swarm::ConnectionId;
use thiserror::Error;

use super::limits;

/// Why a connection finds no place. Words for log lines only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(super) enum Full {
    #[error("too many connections from there are in the handshake")]
    Handshakes,
    #[error("too many calls are under way")]
    Calls,
    #[error("too many connections with this peer")]
    Peer,
    #[error("too many connections with strangers, and none of them is silent")]
    Strangers,
}

/// Where somebody calls from, in the two steps in which addresses are handed out. One customer has an
/// IPv4 address or the /64 of an IPv6 network, easily; and a whole /24 or /48, with some more effort.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Prefixes {
    near: u128,
    wide: u128,
    /// From this very machine: a proxy or an onion service, behind which anybody may be. A share would
    /// say nothing about those there, and leave them a quarter of the places.
    here: bool,
}

impl Prefixes {
    /// Returns the address of one customer.
    pub(super) const fn near(&self) -> u128 {
        self.near
    }

    pub(super) fn of(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        let here = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)].contains(&ip);
        let (bits, near, wide) = match ip {
            IpAddr::V4(ip) => (ip.to_ipv6_mapped().to_bits(), 0, 8),
            IpAddr::V6(ip) => (ip.to_bits(), 64, 80),
        };
        Self { near: bits >> near << near, wide: bits >> wide << wide, here }
    }
}

/// One established connection.
struct Place {
    peer: PeerId,
    /// Where the peer called from; `None` when this node called.
    from: Option<Prefixes>,
    /// When the last request or answer went either way, or the connection began.
    spoke: Instant,
    /// It was told to close.
    leaving: bool,
}

/// A stranger's connection that this node did not ask for.
struct Guest {
    id: ConnectionId,
    from: Prefixes,
    spoke: Instant,
}

/// All connections. Nobody whom the node knows is counted or gives way.
pub(super) struct Places {
    /// For how long a connection that gives way must have been silent.
    quiet: Duration,
    known: HashSet<PeerId>,
    handshakes: HashMap<ConnectionId, Prefixes>,
    calls: HashSet<ConnectionId>,
    held: HashMap<ConnectionId, Place>,
}

impl Places {
    pub(super) fn new(quiet: Duration) -> Self {
        Self {
            quiet,
            known: HashSet::new(),
            handshakes: HashMap::new(),
            calls: HashSet::new(),
            held: HashMap::new(),
        }
    }

    /// Replaces the set of known peers.
    pub(super) fn set_known(&mut self, known: HashSet<PeerId>) {
        self.known = known;
    }

    /// Takes a place among the handshakes for a connection from `from`.
    pub(super) fn shake_hands(&mut self, id: ConnectionId, from: Prefixes) -> Result<(), Full> {
        let near = self.handshakes.values().filter(|other| other.near == from.near).count();
        let wide = self.handshakes.values().filter(|other| other.wide == from.wide).count();
        let share = near >= limits::PENDING_IN_NEAR_MAX || wide >= limits::PENDING_IN_WIDE_MAX;
        if share && !from.here || self.handshakes.len() >= limits::PENDING_IN_MAX {
            return Err(Full::Handshakes);
        }
        self.handshakes.insert(id, from);
        Ok(())
    }

    /// Takes a place among the own calls, to `peer` if it is known who that should be.
    pub(super) fn call(&mut self, id: ConnectionId, peer: Option<&PeerId>) -> Result<(), Full> {
        if peer.is_some_and(|peer| self.known.contains(peer)) {
            return Ok(());
        }
        if self.calls.len() >= limits::PENDING_OUT_MAX {
            return Err(Full::Calls);
        }
        self.calls.insert(id);
        Ok(())
    }

    /// The handshake or call `id` is over, however it ended.
    pub(super) fn over(&mut self, id: ConnectionId) {
        self.handshakes.remove(&id);
        self.calls.remove(&id);
    }

    /// Returns whether this node's own connection with `peer` finds a place.
    pub(super) fn has_called(&self, peer: &PeerId) -> Result<(), Full> {
        if self.known.contains(peer) {
            return Ok(());
        }
        self.check_peer(peer)?;
        let called = self.held.values().filter(|place| place.from.is_none());
        match called.filter(|place| self.is_stranger(place)).count() {
            count if count < limits::ESTABLISHED_OUT_MAX => Ok(()),
            _ => Err(Full::Strangers),
        }
    }

    /// Returns who gives way to `peer`, who called from `from`; `None` when there is room. Whoever is
    /// returned counts as leaving from now on.
    pub(super) fn was_called(
        &mut self,
        peer: &PeerId,
        from: Prefixes,
        now: Instant,
    ) -> Result<Option<(PeerId, ConnectionId)>, Full> {
        if self.known.contains(peer) {
            return Ok(None);
        }
        self.check_peer(peer)?;
        let guests = self.guests();
        let near: Vec<&Guest> = guests.iter().filter(|g| g.from.near == from.near).collect();
        let wide: Vec<&Guest> = guests.iter().filter(|g| g.from.wide == from.wide).collect();
        let silent = |guest: &&Guest| now.saturating_duration_since(guest.spoke) >= self.quiet;
        let (gives_way, is_full) = if !from.here && near.len() >= limits::ESTABLISHED_IN_NEAR_MAX {
            (quietest(near.into_iter().filter(silent)), true)
        } else if !from.here && wide.len() >= limits::ESTABLISHED_IN_WIDE_MAX {
            (quietest(wide.into_iter().filter(silent)), true)
        } else if guests.len() >= limits::ESTABLISHED_IN_MAX {
            let one = quietest(guests.iter().filter(silent));
            (one.or_else(|| quietest(crowd(&guests, wide.len()).into_iter())), true)
        } else if guests.len() >= limits::ESTABLISHED_IN_MARK {
            (quietest(guests.iter().filter(silent)), false)
        } else {
            (None, false)
        };
        let leaving = self.held.values().filter(|place| place.leaving).count();
        let gives_way = gives_way.filter(|_| leaving < limits::LEAVING_MAX);
        match gives_way.and_then(|id| Some((id, self.held.get_mut(&id)?))) {
            Some((id, place)) => {
                place.leaving = true;
                Ok(Some((place.peer, id)))
            }
            None if is_full => Err(Full::Strangers),
            None => Ok(None),
        }
    }

    /// Returns the strangers who called and stay.
    fn guests(&self) -> Vec<Guest> {
        let staying = self.held.iter().filter(|(_, p)| !p.leaving && self.is_stranger(p));
        staying
            .filter_map(|(id, p)| p.from.map(|from| Guest { id: *id, from, spoke: p.spoke }))
            .collect()
    }

    /// Remembers an established connection; `from` is `None` when this node called.
    pub(super) fn hold(
        &mut self,
        id: ConnectionId,
        peer: PeerId,
        from: Option<Prefixes>,
        now: Instant,
    ) {
        self.over(id);
        self.held.insert(id, Place { peer, from, spoke: now, leaving: false });
    }

    /// A connection is closed.
    pub(super) fn leave(&mut self, id: ConnectionId) {
        self.held.remove(&id);
    }

    /// A request or an answer came from `peer` or went there.
    pub(super) fn spoke(&mut self, peer: &PeerId, now: Instant) {
        for place in self.held.values_mut().filter(|place| place.peer == *peer) {
            place.spoke = now;
        }
    }

    fn is_stranger(&self, place: &Place) -> bool {
        !self.known.contains(&place.peer)
    }

    fn check_peer(&self, peer: &PeerId) -> Result<(), Full> {
        let count = self.held.values().filter(|place| place.peer == *peer).count();
        match u32::try_from(count) {
            Ok(count) if count < limits::ESTABLISHED_PER_PEER_MAX => Ok(()),
            _ => Err(Full::Peer),
        }
    }
}

fn quietest<'a>(guests: impl Iterator<Item = &'a Guest>) -> Option<ConnectionId> {
    guests.min_by_key(|guest| guest.spoke).map(|guest| guest.id)
}

/// Returns those who come from where most come from, if that is many more than the `others` who come
/// from somewhere else; nobody, if not.
fn crowd(guests: &[Guest], others: usize) -> Vec<&Guest> {
    let mut counts: HashMap<u128, usize> = HashMap::new();
    for guest in guests {
        *counts.entry(guest.from.wide).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    let most = most.filter(|(_, count)| *count >= limits::CROWD_FACTOR * (others + 1));
    let wide = most.map(|(wide, _)| wide);
    guests.iter().filter(|guest| Some(guest.from.wide) == wide).collect()
}

#[cfg(test)]
mod tests;
