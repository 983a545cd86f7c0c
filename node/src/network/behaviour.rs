//! What libp2p is told to do: every protocol, every setting that is unsafe by default, one transport.
//! It decides nothing and holds no state of its own; the names of all protocols contain the network.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::iter;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::core::ConnectedPoint;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::upgrade::Version;
use libp2p::gossipsub::{self, IdentTopic, IdentityTransform};
use libp2p::gossipsub::{MaxCountSubscriptionFilter, WhitelistSubscriptionFilter};
use libp2p::identity::Keypair;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::{self, NetworkBehaviour};
use libp2p::{PeerId, StreamProtocol, Swarm, Transport as _};
use libp2p::{dns, identify, mdns, noise, ping, tcp, yamux};
use libp2p::{memory_connection_limits, request_response};
use proto::hash::{self, Use};

use super::ally::Pace;
use super::codec::FrameCodec;
use super::gate::{Gate, prefixes};
use super::limits::{self, Meter};
use super::metered::{ClosedInTime, MeteredYamux};

/// Gossip with the fixed topic as its only subscription.
type Gossip = gossipsub::Behaviour<
    IdentityTransform,
    MaxCountSubscriptionFilter<WhitelistSubscriptionFilter>,
>;

/// All protocols of a node. The gate stands before all that speak: what it refuses, nobody else sees. Those whom whoever
/// runs the node blocked do not even come there, for at the gate somebody may have to give way to a newcomer.
#[derive(NetworkBehaviour)]
pub(super) struct Behaviour {
    pub(super) blocked: allow_block_list::Behaviour<BlockedPeers>,
    pub(super) gate: Gate,
    pub(super) memory: memory_connection_limits::Behaviour,
    pub(super) gossip: Gossip,
    pub(super) exchange: request_response::Behaviour<FrameCodec>,
    pub(super) identify: identify::Behaviour,
    pub(super) ping: ping::Behaviour,
    pub(super) mdns: Toggle<mdns::tokio::Behaviour>,
}

/// The names under which two nodes of one network meet. Nodes of other networks fail already in the
/// handshake, because the name is part of what Noise hashes (its prologue).
#[derive(Clone)]
pub(super) struct Names {
    /// `/pirate/1/` and the first 8 hexadecimal digits of the network's id.
    short: String,
    /// `/pirate/1/` and all 64 digits.
    long: String,
    /// The one topic of gossip: all 64 digits.
    pub(super) topic: IdentTopic,
}

impl Names {
    pub(super) fn new(network: &[u8; 32]) -> Self {
        let hex = network.iter().fold(String::with_capacity(64), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("writing to a string cannot fail");
            hex
        });
        let short: String = hex.chars().take(8).collect();
        Self {
            short: format!("/pirate/1/{short}"),
            long: format!("/pirate/1/{hex}"),
            topic: IdentTopic::new(hex),
        }
    }

    /// Returns the name of the protocol of requests and answers.
    pub(super) fn exchange(&self) -> StreamProtocol {
        StreamProtocol::try_from_owned(format!("{}/exchange", self.short))
            .expect("the name begins with a slash")
    }
}

/// Returns the swarm of a node. Errors: only of mDNS, whose sockets are opened here.
pub(super) fn swarm(
    key: Keypair,
    names: &Names,
    meter: &Meter,
    pace: &Pace,
    with_mdns: bool,
) -> io::Result<Swarm<Behaviour>> {
    let me = key.public().to_peer_id();
    let mdns = if with_mdns {
        Some(mdns::tokio::Behaviour::new(mdns::Config::default(), me)?)
    } else {
        None
    };
    let behaviour = Behaviour {
        blocked: allow_block_list::Behaviour::default(),
        gate: Gate::new(pace.quiet),
        memory: memory_connection_limits::Behaviour::with_max_bytes(limits::MEMORY_BYTES_MAX),
        gossip: gossip(names),
        exchange: exchange(names),
        identify: identify::Behaviour::new(
            // Listen addresses are announced by the cité itself, signed; what a library guesses
            // about the machine's interfaces is nobody's business.
            identify::Config::new(names.short.clone(), key.public())
                .with_agent_version("pirate".into())
                .with_hide_listen_addrs(true)
                .with_push_listen_addr_updates(false)
                .with_cache_size(0),
        ),
        ping: ping::Behaviour::new(ping::Config::new().with_timeout(limits::DEADLINE)),
        mdns: mdns.into(),
    };
    let config = swarm::Config::with_tokio_executor()
        .with_idle_connection_timeout(pace.idle)
        .with_max_negotiating_inbound_streams(limits::NEGOTIATING_STREAMS_MAX);
    Ok(Swarm::new(transport(&key, names, meter, pace.handshake), behaviour, me, config))
}

/// Returns the transport: names, TCP without Nagle's delay, Noise bound to the network, yamux with
/// few streams, and the meter around all of it.
pub(super) fn transport(
    key: &Keypair,
    names: &Names,
    meter: &Meter,
    handshake: Duration,
) -> Boxed<(PeerId, StreamMuxerBox)> {
    let tcp = || tcp::tokio::Transport::new(tcp::Config::new().nodelay(true));
    let named = dns::tokio::Transport::system(tcp()).unwrap_or_else(|error| {
        // A machine without a resolver still reaches addresses in figures; it never falls back on
        // somebody else's public resolver.
        tracing::warn!(%error, "no usable resolver on this machine: host names will not resolve");
        let nobody = dns::ResolverConfig::from_parts(None, Vec::new(), Vec::new());
        dns::tokio::Transport::custom(tcp(), nobody, dns::ResolverOpts::default())
    });
    let noise = noise::Config::new(key)
        .expect("an ed25519 key signs the static key of Noise")
        .with_prologue(names.long.clone().into_bytes());
    let mut yamux = yamux::Config::default();
    yamux.set_max_num_streams(limits::YAMUX_STREAMS_MAX);
    let meter = meter.clone();
    let metered = move |peer: &PeerId, endpoint: &ConnectedPoint| MeteredYamux {
        yamux,
        meter,
        peer: *peer,
        from: prefixes(endpoint.get_remote_address()),
    };
    named
        .upgrade(Version::V1Lazy)
        .authenticate(noise)
        .multiplex_ext(metered)
        // Around all of it: the clock starts when the connection is accepted, not with its first byte.
        .timeout(handshake)
        .map(|(peer, muxer), _| {
            let muxer = ClosedInTime::new(StreamMuxerBox::new(muxer));
            (peer, StreamMuxerBox::new(muxer))
        })
        .boxed()
}

fn exchange(names: &Names) -> request_response::Behaviour<FrameCodec> {
    request_response::Behaviour::with_codec(
        FrameCodec,
        iter::once((names.exchange(), request_response::ProtocolSupport::Full)),
        request_response::Config::default()
            .with_request_timeout(limits::DEADLINE)
            .with_max_concurrent_streams(limits::EXCHANGE_STREAMS_MAX),
    )
}

/// Returns gossip as protocol section 11 wants it: nobody's name on a message, the digest of the
/// bytes as its id (else one could give the same bytes a thousand ids), and nothing passed on before
/// the core has judged it.
fn gossip(names: &Names) -> Gossip {
    let config = gossipsub::ConfigBuilder::default()
        .protocol_id(format!("{}/gossip", names.short), gossipsub::Version::V1_1)
        .validation_mode(gossipsub::ValidationMode::Anonymous)
        .message_id_fn(|message| {
            let digest = hash::digest(Use::Gossip, &[&message.data]);
            gossipsub::MessageId::new(digest.as_bytes())
        })
        .validate_messages()
        .max_transmit_size(limits::GOSSIP_BYTES_MAX)
        .max_publish_messages(64)
        .max_control_messages_sent(512)
        .max_ihave_messages_heartbeat(4)
        .connection_handler_queue_len(256)
        .flood_publish(true)
        // No peer exchange: whom to call is said by the configuration and by signed announcements.
        .prune_peers(0)
        // Ids of ten minutes, so that a message on its way round a slow network is judged once.
        .duplicate_cache_time(Duration::from_secs(600))
        .build()
        .expect("the settings above are constants that agree with each other");
    let filter = MaxCountSubscriptionFilter {
        filter: WhitelistSubscriptionFilter(HashSet::from([names.topic.hash()])),
        max_subscribed_topics: 1,
        max_subscriptions_per_request: 4,
    };
    let anonymous = gossipsub::MessageAuthenticity::Anonymous;
    let mut gossip = Gossip::new_with_subscription_filter(anonymous, config, filter)
        .expect("anonymous messages and anonymous validation agree");
    gossip
        .with_peer_score(score(&names.topic), gossipsub::PeerScoreThresholds::default())
        .expect("the scores are constants within their bounds, set once");
    gossip.subscribe(&names.topic).expect("the filter allows this very topic");
    gossip
}

/// Returns how gossip scores its peers. Modest on purpose: scoring is the riskiest part of gossipsub
/// (Least Authority's audit, 2020) and no defence against censorship (CVE-2022-47547). It only sheds
/// those who send what is provably invalid: from the third such message on a peer is not listened to
/// until the count has faded (to a tenth in ten minutes). Traffic is sparse, so nobody is punished
/// for delivering little.
fn score(topic: &IdentTopic) -> gossipsub::PeerScoreParams {
    let decay = |seconds| gossipsub::score_parameter_decay(Duration::from_secs(seconds));
    let of_topic = gossipsub::TopicScoreParams {
        topic_weight: 1.0,
        time_in_mesh_weight: 0.01,
        time_in_mesh_quantum: Duration::from_secs(1),
        time_in_mesh_cap: 600.0,
        first_message_deliveries_weight: 0.5,
        first_message_deliveries_decay: decay(600),
        first_message_deliveries_cap: 20.0,
        mesh_message_deliveries_weight: 0.0,
        mesh_failure_penalty_weight: 0.0,
        invalid_message_deliveries_weight: -20.0,
        invalid_message_deliveries_decay: decay(600),
        ..gossipsub::TopicScoreParams::default()
    };
    gossipsub::PeerScoreParams {
        topics: iter::once((topic.hash(), of_topic)).collect(),
        topic_score_cap: 20.0,
        app_specific_weight: 0.0,
        // Several cités may share one connection to the world; all of a test's share one machine.
        ip_colocation_factor_threshold: 10.0,
        ip_colocation_factor_whitelist: HashSet::from([
            IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(Ipv6Addr::LOCALHOST),
        ]),
        ..gossipsub::PeerScoreParams::default()
    }
}
