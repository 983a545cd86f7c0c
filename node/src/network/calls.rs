//! Who is connected: calls, allies called again, connections that come and go.
//! It never sends a frame and never drops an ally for being slow.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{ConnectionDenied, ConnectionId, DialError};
use libp2p::{PeerId, allow_block_list};
use proto::desk::{BLOCKED_MAX, Blocked};

use super::actor::{Actor, Peer};
use super::address::Address;
use super::ally::Ally;
use super::gate::{self, Gate};
use super::limits;
use super::{DialFailure, Event, PeerKey, RequestFailure};

impl Actor {
    pub(super) fn dial(&mut self, text: String) {
        let address: Address = match text.parse() {
            Ok(address) => address,
            Err(error) => return self.dial_failed(None, Some(text), error.into()),
        };
        if is_blocked(&self.swarm.behaviour().gate, &address) {
            return self.dial_failed(address.peer(), Some(text), DialFailure::Blocked);
        }
        let expected = address.peer();
        let multi = address.multiaddr();
        // Ports are not reused for calls (see `listen`), else a call right after a lost one may find
        // its pair of addresses still taken.
        let options = match expected.and_then(|key| key.peer_id()) {
            // With whatever else mDNS told of this peer: one call, not one for each address.
            Some(id) => DialOpts::peer_id(id)
                .addresses(vec![multi])
                .extend_addresses_through_behaviour()
                .allocate_new_port()
                .build(),
            None => DialOpts::unknown_peer_id().address(multi).allocate_new_port().build(),
        };
        let id = options.connection_id();
        match self.swarm.dial(options) {
            Ok(()) => {
                self.calls.insert(id, (expected, text));
            }
            // Connected already, or about to be: as good as done.
            Err(DialError::DialPeerConditionFalse(_)) => {}
            Err(error) => self.dial_failed(expected, Some(text), dial_failure(&error)),
        }
    }

    pub(super) fn dial_failed(
        &mut self,
        peer: Option<PeerKey>,
        address: Option<String>,
        why: DialFailure,
    ) {
        self.backlog.push_back(Event::DialFailed { peer, address, why });
    }

    pub(super) fn set_peers(&mut self, peers: Vec<(PeerKey, Vec<String>)>) {
        let now = Instant::now();
        let mut before = std::mem::take(&mut self.allies);
        let mut ids = HashSet::new();
        for (key, texts) in peers.into_iter().take(limits::EXPLICIT_PEERS_MAX) {
            let Some(id) = key.peer_id() else {
                self.dial_failed(Some(key), None, DialFailure::BadKey);
                continue;
            };
            if id == *self.swarm.local_peer_id() {
                self.dial_failed(Some(key), None, DialFailure::Itself);
                continue;
            }
            let mut addresses = Vec::new();
            for text in texts.into_iter().take(limits::ADDRESSES_PER_PEER_MAX) {
                match text.parse::<Address>() {
                    Ok(address) => addresses.push(address),
                    Err(error) => self.dial_failed(Some(key), Some(text), error.into()),
                }
            }
            let connected = self.peers.contains_key(&id);
            let ally = match before.remove(&key) {
                Some(ally) => ally.moved_to(addresses),
                None => Ally::new(addresses, connected, now),
            };
            self.allies.insert(key, ally);
            ids.insert(id);
            self.swarm.behaviour_mut().gossip.add_explicit_peer(&id);
        }
        for id in before.keys().filter_map(PeerKey::peer_id) {
            self.swarm.behaviour_mut().gossip.remove_explicit_peer(&id);
        }
        self.swarm.behaviour_mut().gate.set_known(ids.clone());
        self.meter.set_known(ids);
    }

    /// Has nothing to do with these any more, nor with those of before that are not among them.
    pub(super) fn block(&mut self, list: &[Blocked]) {
        let list = list.get(..list.len().min(BLOCKED_MAX)).unwrap_or_default();
        let behaviour = self.swarm.behaviour_mut();
        let keys = list.iter().filter_map(|blocked| match blocked {
            Blocked::Node(key) => PeerKey(key.0).peer_id(),
            Blocked::Subnet(_) => None,
        });
        let keys: HashSet<PeerId> = keys.collect();
        let lifted: Vec<PeerId> =
            behaviour.blocked.blocked_peers().difference(&keys).copied().collect();
        for id in lifted {
            behaviour.blocked.unblock_peer(id);
        }
        for id in keys {
            behaviour.blocked.block_peer(id);
        }
        let subnets = list.iter().filter_map(|blocked| match blocked {
            Blocked::Subnet(subnet) => Some(*subnet),
            Blocked::Node(_) => None,
        });
        behaviour.gate.set_blocked(subnets.collect());
    }

    /// Calls every ally whose pause is over.
    pub(super) fn call_allies(&mut self) {
        let now = Instant::now();
        let mut failed = Vec::new();
        let Self { allies, swarm, pace, .. } = self;
        for (key, ally) in allies {
            if ally.due().is_none_or(|due| due > now) {
                continue;
            }
            let Some(id) = key.peer_id() else { continue };
            let gate = &swarm.behaviour().gate;
            let open = ally.addresses.iter().filter(|address| !is_blocked(gate, address));
            let open: Vec<_> = open.map(Address::multiaddr).collect();
            let all_blocked = open.is_empty() && !ally.addresses.is_empty();
            let options = DialOpts::peer_id(id)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(open)
                .allocate_new_port()
                .build();
            ally.calling(options.connection_id());
            if let Err(error) = swarm.dial(options) {
                ally.lost(pace, chance(), now);
                let why = match dial_failure(&error) {
                    DialFailure::Unreachable if all_blocked => DialFailure::Blocked,
                    why => why,
                };
                failed.push((*key, why));
            }
        }
        for (key, why) in failed {
            self.dial_failed(Some(key), None, why);
        }
    }

    pub(super) fn on_connected(&mut self, id: PeerId, connection: ConnectionId, established: u32) {
        self.calls.remove(&connection);
        let Some(key) = PeerKey::of(&id) else {
            let _ = self.swarm.disconnect_peer_id(id);
            return;
        };
        if established > limits::ESTABLISHED_PER_PEER_MAX {
            // Explicit peers pass the gate unasked, but nobody needs a third connection.
            self.swarm.close_connection(connection);
        }
        if let Some(ally) = self.allies.get_mut(&key) {
            ally.connected(Instant::now());
        }
        if established == 1 {
            self.peers.insert(id, Peer { key, waiting: VecDeque::new() });
            self.backlog.push_back(Event::Connected { peer: key });
        }
    }

    pub(super) fn on_disconnected(&mut self, id: &PeerId) {
        let Some(peer) = self.peers.remove(id) else {
            return;
        };
        for (token, _) in peer.waiting {
            self.request_failed(token, RequestFailure::Disconnected);
        }
        self.asked.retain(|_, (asker, _, _)| asker != id);
        if let Some(ally) = self.allies.get_mut(&peer.key) {
            ally.lost(&self.pace, chance(), Instant::now());
        }
        self.backlog.push_back(Event::Disconnected { peer: peer.key });
    }

    pub(super) fn on_dial_error(&mut self, connection: ConnectionId, error: &DialError) {
        tracing::debug!(%error, "a call failed");
        if let Some((peer, text)) = self.calls.remove(&connection) {
            self.dial_failed(peer, Some(text), dial_failure(error));
        }
        let called = self.allies.iter_mut().find(|(_, ally)| ally.is_calling(connection));
        if let Some((key, ally)) = called {
            let key = *key;
            ally.lost(&self.pace, chance(), Instant::now());
            self.dial_failed(Some(key), None, dial_failure(error));
        }
    }
}

/// Returns whether an address in figures is blocked. What a name leads to is known to the resolver alone: whoever is called
/// by a name is blocked by key.
fn is_blocked(gate: &Gate, address: &Address) -> bool {
    address.socket().is_some_and(|socket| gate.blocks(socket.ip()))
}

/// Returns whether a connection is refused because whoever runs the node blocked the other one, by its key or its address.
fn is_blocking(cause: &ConnectionDenied) -> bool {
    cause.downcast_ref::<allow_block_list::Blocked>().is_some()
        || cause.downcast_ref::<gate::Blocked>().is_some()
}

/// Returns a random number for a pause; a constant if the system has none, which only means that
/// pauses do not vary.
fn chance() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

fn dial_failure(error: &DialError) -> DialFailure {
    match error {
        DialError::LocalPeerId { .. } => DialFailure::Itself,
        DialError::WrongPeerId { obtained, .. } => {
            PeerKey::of(obtained).map_or(DialFailure::Unreachable, DialFailure::WrongPeer)
        }
        DialError::Denied { cause } if is_blocking(cause) => DialFailure::Blocked,
        DialError::Denied { .. } => DialFailure::Limit,
        _ => DialFailure::Unreachable,
    }
}
