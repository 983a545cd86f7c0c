//! The task that owns the swarm: commands become calls of libp2p, its events become ours.
//! It never waits for one peer while others are there, and keeps nothing about a peer that is gone.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::time::Instant;

use futures::StreamExt as _;
use libp2p::gossipsub::{self, MessageAcceptance, TopicHash};
use libp2p::request_response::{self, InboundRequestId, OutboundRequestId};
use libp2p::swarm::{ConnectionId, SwarmEvent};
use libp2p::{PeerId, Swarm, TransportError, mdns, ping};
use tokio::sync::mpsc;

use super::address::Address;
use super::ally::{Ally, Pace};
use super::behaviour::{self, Behaviour, BehaviourEvent, Names};
use super::gate::ip_of;
use super::limits::{self, Meter};
use super::{Command, Event, MessageId, Network, NetworkError, PeerKey, Settings, Verdict};

pub(super) type ResponseChannel = request_response::ResponseChannel<Vec<u8>>;

/// Starts the task and returns its two channels.
pub(super) fn start(settings: Settings, pace: Pace) -> Result<Network, NetworkError> {
    let names = Names::new(&settings.network);
    let meter = Meter::new();
    let usage = meter.usage.clone();
    let key = super::keypair(&settings.seed);
    let mut swarm = behaviour::swarm(key, &names, &meter, &pace, settings.mdns)
        .map_err(|source| NetworkError::Mdns { source })?;
    for (position, text) in settings.listen.iter().enumerate() {
        let address: Address =
            text.parse().map_err(|source| NetworkError::ListenAddress { position, source })?;
        if let Err(source) = listen(&mut swarm, &address) {
            return Err(NetworkError::Listen { position, address, source });
        }
    }
    let me = PeerKey::from_seed(&settings.seed);
    let (commands, commands_in) = mpsc::channel(limits::COMMANDS_MAX);
    let (events_out, events) = mpsc::channel(limits::EVENTS_MAX);
    let actor = Actor {
        swarm,
        topic: names.topic.hash(),
        meter,
        pace,
        backlog: VecDeque::new(),
        peers: HashMap::new(),
        allies: BTreeMap::new(),
        calls: HashMap::new(),
        sent: HashMap::new(),
        asked: BTreeMap::new(),
        next_reply: 0,
    };
    tokio::spawn(actor.run(commands_in, events_out));
    Ok(Network { me, commands, events, usage })
}

/// Listens at `address`. libp2p shares ports (SO_REUSEPORT), so a second node at the same address
/// would silently take half of the first one's calls: whether it is free is asked without sharing.
fn listen(swarm: &mut Swarm<Behaviour>, address: &Address) -> io::Result<()> {
    let socket = address.socket().ok_or(io::ErrorKind::Unsupported)?;
    if socket.port() != 0 {
        drop(std::net::TcpListener::bind(socket)?);
    }
    match swarm.listen_on(address.multiaddr()) {
        Ok(_) => Ok(()),
        Err(TransportError::MultiaddrNotSupported(_)) => Err(io::ErrorKind::Unsupported.into()),
        Err(TransportError::Other(source)) => Err(source),
    }
}

pub(super) struct Actor {
    pub(super) swarm: Swarm<Behaviour>,
    pub(super) topic: TopicHash,
    pub(super) meter: Meter,
    pub(super) pace: Pace,
    /// Events that found no room in the channel.
    pub(super) backlog: VecDeque<Event>,
    /// Connected peers. Bounded by the limits on connections.
    pub(super) peers: HashMap<PeerId, Peer>,
    pub(super) allies: BTreeMap<PeerKey, Ally>,
    /// Calls of [`Command::Dial`] under way. Bounded by the limit on pending connections.
    pub(super) calls: HashMap<ConnectionId, (Option<PeerKey>, String)>,
    /// Own requests on their way: at most two per connected peer.
    pub(super) sent: HashMap<OutboundRequestId, (PeerId, u64)>,
    /// Requests of others that the core works on: at most two per connected peer.
    pub(super) asked: BTreeMap<u64, (PeerId, InboundRequestId, ResponseChannel)>,
    pub(super) next_reply: u64,
}

pub(super) struct Peer {
    pub(super) key: PeerKey,
    /// Requests that wait until fewer than two are on their way.
    pub(super) waiting: VecDeque<(u64, Vec<u8>)>,
}

impl Actor {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, events: mpsc::Sender<Event>) {
        loop {
            let due = self.allies.values().filter_map(Ally::due).min();
            let due = due.map(tokio::time::Instant::from_std);
            // The choice among ready branches is random and has to be: in a fixed order a flood on one
            // side would starve the other.
            tokio::select! {
                room = events.reserve(), if !self.backlog.is_empty() => {
                    let Ok(room) = room else { break };
                    if let Some(event) = self.backlog.pop_front() {
                        room.send(event);
                    }
                }
                event = self.swarm.select_next_some(), if self.backlog.is_empty() => {
                    self.on_swarm(event);
                }
                command = commands.recv(), if self.backlog.len() < limits::BACKLOG_MAX => {
                    match command {
                        None | Some(Command::Shutdown) => break,
                        Some(command) => self.on_command(command),
                    }
                }
                () = sleep_until(due), if due.is_some() => self.call_allies(),
                () = events.closed() => break,
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Dial { addresses } => {
                for text in addresses {
                    self.dial(text);
                }
            }
            Command::Request { peer, frame, token } => self.request(&peer, frame, token),
            Command::Respond { reply_to, frame } => self.respond(reply_to, frame),
            Command::Publish { frame } => self.publish(frame),
            Command::Judge { id, peer, verdict } => self.judge(&id, &peer, verdict),
            Command::SetPeers { peers } => self.set_peers(peers),
            Command::Disconnect { peer } => {
                if let Some(id) = peer.peer_id() {
                    // An error only says that there is no connection.
                    let _ = self.swarm.disconnect_peer_id(id);
                }
            }
            Command::WasWrong { peer } => self.was_wrong(&peer),
            Command::Block { list } => self.block(&list),
            // Ends the loop before it comes here.
            Command::Shutdown => {}
        }
    }

    fn publish(&mut self, frame: Vec<u8>) {
        if let Err(error) = self.swarm.behaviour_mut().gossip.publish(self.topic.clone(), frame) {
            tracing::debug!(%error, "a message was not published");
        }
    }

    fn judge(&mut self, MessageId(id): &MessageId, peer: &PeerKey, verdict: Verdict) {
        if verdict == Verdict::Reject {
            self.was_wrong(peer);
        }
        let Some(peer) = peer.peer_id() else { return };
        let acceptance = match verdict {
            Verdict::Accept => MessageAcceptance::Accept,
            Verdict::Reject => MessageAcceptance::Reject,
            Verdict::Ignore => MessageAcceptance::Ignore,
        };
        let id = gossipsub::MessageId::new(id);
        let gossip = &mut self.swarm.behaviour_mut().gossip;
        gossip.report_message_validation_result(&id, &peer, acceptance);
    }

    fn was_wrong(&self, peer: &PeerKey) {
        if let Some(id) = peer.peer_id() {
            self.meter.usage.was_wrong(&id, Instant::now());
        }
    }

    fn on_swarm(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::NewListenAddr { address, .. } => {
                if let Ok(address) = Address::from_multiaddr(&address) {
                    self.backlog.push_back(Event::Listening { address: address.to_string() });
                }
            }
            SwarmEvent::ConnectionEstablished {
                peer_id,
                connection_id,
                num_established,
                endpoint,
                ..
            } => {
                let at = ip_of(endpoint.get_remote_address());
                self.meter.usage.is_at(&peer_id, at, Instant::now());
                self.on_connected(peer_id, connection_id, num_established.get());
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, cause, .. } => {
                tracing::debug!(?cause, "a connection closed");
                self.on_disconnected(&peer_id);
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                self.on_dial_error(connection_id, &error);
            }
            SwarmEvent::ListenerClosed { reason, .. } => {
                tracing::error!(?reason, "the node no longer listens at one of its addresses");
            }
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Exchange(event) => self.on_exchange(event),
            BehaviourEvent::Gossip(event) => self.on_gossip(event),
            BehaviourEvent::Mdns(mdns::Event::Discovered(found)) => {
                for (id, multi) in found {
                    // The address names the peer, so that nobody who is connected is called.
                    let named = Address::from_multiaddr(&multi).is_ok_and(|a| a.peer().is_some());
                    if let (Some(peer), true) = (PeerKey::of(&id), named) {
                        let address = multi.to_string();
                        self.backlog.push_back(Event::Discovered { peer, address });
                    }
                }
            }
            BehaviourEvent::Ping(ping::Event { connection, result, .. }) => {
                // Only pings find a peer whose machine is gone without a word.
                if matches!(result, Err(ping::Failure::Timeout | ping::Failure::Other { .. })) {
                    self.swarm.close_connection(connection);
                }
            }
            BehaviourEvent::Mdns(_) | BehaviourEvent::Identify(_) => {}
        }
    }

    fn on_gossip(&mut self, event: gossipsub::Event) {
        match event {
            gossipsub::Event::Message { propagation_source, message_id, message } => {
                let now = Instant::now();
                self.meter.gossiped(&propagation_source, now);
                self.meter.usage.said(&propagation_source, now);
                let peer = self.peers.get(&propagation_source).map(|peer| peer.key);
                let id = <[u8; 32]>::try_from(message_id.0).ok();
                if let (Some(peer), Some(id), true) = (peer, id, message.topic == self.topic) {
                    let id = MessageId(id);
                    self.backlog.push_back(Event::Gossip { peer, id, frame: message.data });
                }
            }
            gossipsub::Event::Subscribed { peer_id, topic, .. } if topic == self.topic => {
                if let Some(peer) = self.peers.get(&peer_id).map(|peer| peer.key) {
                    self.backlog.push_back(Event::Subscribed { peer });
                }
            }
            _ => {}
        }
    }
}

/// Ends at `due`; never, without one.
async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
