//! The gate: what libp2p asks before a connection and tells after it. It asks `places.rs` in turn, and
//! closes those who give way. It speaks with nobody.

use std::collections::{HashMap, HashSet, VecDeque};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use libp2p::core::transport::PortUse;
use libp2p::core::{ConnectedPoint, Endpoint};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{
    CloseConnection, ConnectionClosed, ConnectionDenied, ConnectionId, DialFailure, FromSwarm,
    ListenFailure, NetworkBehaviour, THandler, THandlerInEvent, THandlerOutEvent, ToSwarm,
    behaviour::ConnectionEstablished, dummy,
};
use libp2p::{Multiaddr, PeerId};
use proto::desk::Subnet;

use super::places::{Places, Prefixes};

/// The first of all behaviours: what it refuses, nobody else sees.
pub(super) struct Gate {
    places: Places,
    /// Those who give way and were not told so yet: at most [`super::limits::LEAVING_MAX`], and those who were blocked.
    leaving: VecDeque<(PeerId, ConnectionId)>,
    /// Addresses that whoever runs the node blocked; keys are `allow_block_list`'s.
    blocked: Vec<Subnet>,
    /// With whom connections stand that have an address in figures, and where.
    at: HashMap<ConnectionId, (PeerId, IpAddr)>,
}

/// Why a connection is refused.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("whoever runs this node blocked this address")]
pub(super) struct Blocked;

impl Gate {
    /// Returns a gate at which strangers give way when they have been silent for `quiet`.
    pub(super) fn new(quiet: Duration) -> Self {
        Self {
            places: Places::new(quiet),
            leaving: VecDeque::new(),
            blocked: Vec::new(),
            at: HashMap::new(),
        }
    }

    /// Replaces the set of known peers.
    pub(super) fn set_known(&mut self, known: HashSet<PeerId>) {
        self.places.set_known(known);
    }

    /// Replaces the addresses with which there are to be no connections, and closes those that stand.
    pub(super) fn set_blocked(&mut self, blocked: Vec<Subnet>) {
        self.blocked = blocked;
        let held = self.at.iter().filter(|(_, (_, ip))| self.blocks(*ip));
        self.leaving.extend(held.map(|(id, (peer, _))| (*peer, *id)).collect::<Vec<_>>());
    }

    /// Returns whether there are to be no connections with this address.
    pub(super) fn blocks(&self, ip: IpAddr) -> bool {
        self.blocked.iter().any(|subnet| subnet.contains(ip))
    }

    fn admit(&self, remote: &Multiaddr) -> Result<(), ConnectionDenied> {
        match ip_of(remote) {
            Some(ip) if self.blocks(ip) => Err(ConnectionDenied::new(Blocked)),
            _ => Ok(()),
        }
    }

    /// A request or an answer came from `peer` or went there.
    pub(super) fn spoke(&mut self, peer: &PeerId) {
        self.places.spoke(peer, Instant::now());
    }
}

/// Returns where a connection comes from. All of them are TCP; what had no IP address would share one.
pub(super) fn prefixes(remote: &Multiaddr) -> Prefixes {
    Prefixes::of(ip_of(remote).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)))
}

/// Returns the address in figures, if it is one.
pub(super) fn ip_of(remote: &Multiaddr) -> Option<IpAddr> {
    remote.iter().find_map(|part| match part {
        Protocol::Ip4(ip) => Some(IpAddr::V4(ip)),
        Protocol::Ip6(ip) => Some(IpAddr::V6(ip)),
        _ => None,
    })
}

impl NetworkBehaviour for Gate {
    type ConnectionHandler = dummy::ConnectionHandler;
    type ToSwarm = Infallible;

    fn handle_pending_inbound_connection(
        &mut self,
        id: ConnectionId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<(), ConnectionDenied> {
        self.admit(remote)?;
        self.places.shake_hands(id, prefixes(remote)).map_err(ConnectionDenied::new)
    }

    fn handle_established_inbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        _: &Multiaddr,
        remote: &Multiaddr,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        // It may have been blocked since its handshake began.
        self.admit(remote)?;
        let gives_way = self.places.was_called(&peer, prefixes(remote), Instant::now());
        self.leaving.extend(gives_way.map_err(ConnectionDenied::new)?);
        Ok(dummy::ConnectionHandler)
    }

    fn handle_pending_outbound_connection(
        &mut self,
        id: ConnectionId,
        peer: Option<PeerId>,
        _: &[Multiaddr],
        _: Endpoint,
    ) -> Result<Vec<Multiaddr>, ConnectionDenied> {
        self.places.call(id, peer.as_ref()).map_err(ConnectionDenied::new)?;
        Ok(Vec::new())
    }

    fn handle_established_outbound_connection(
        &mut self,
        _: ConnectionId,
        peer: PeerId,
        remote: &Multiaddr,
        _: Endpoint,
        _: PortUse,
    ) -> Result<THandler<Self>, ConnectionDenied> {
        self.admit(remote)?;
        self.places.has_called(&peer).map_err(ConnectionDenied::new)?;
        Ok(dummy::ConnectionHandler)
    }

    fn on_swarm_event(&mut self, event: FromSwarm) {
        match event {
            FromSwarm::ConnectionEstablished(ConnectionEstablished {
                peer_id,
                connection_id,
                endpoint,
                ..
            }) => {
                let from = match endpoint {
                    ConnectedPoint::Listener { send_back_addr, .. } => {
                        Some(prefixes(send_back_addr))
                    }
                    ConnectedPoint::Dialer { .. } => None,
                };
                if let Some(ip) = ip_of(endpoint.get_remote_address()) {
                    self.at.insert(connection_id, (peer_id, ip));
                }
                self.places.hold(connection_id, peer_id, from, Instant::now());
            }
            FromSwarm::ConnectionClosed(ConnectionClosed { connection_id, .. }) => {
                self.at.remove(&connection_id);
                self.places.leave(connection_id);
            }
            // Also when this or another behaviour refused.
            FromSwarm::DialFailure(DialFailure { connection_id, .. })
            | FromSwarm::ListenFailure(ListenFailure { connection_id, .. }) => {
                self.places.over(connection_id);
            }
            _ => {}
        }
    }

    fn on_connection_handler_event(
        &mut self,
        _: PeerId,
        _: ConnectionId,
        event: THandlerOutEvent<Self>,
    ) {
        match event {}
    }

    // Nobody has to be woken: the swarm polls after each of the calls above.
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<ToSwarm<Infallible, THandlerInEvent<Self>>> {
        let Some((peer_id, id)) = self.leaving.pop_front() else { return Poll::Pending };
        tracing::debug!(%peer_id, "gives way to another, or is blocked");
        Poll::Ready(ToSwarm::CloseConnection { peer_id, connection: CloseConnection::One(id) })
    }
}
