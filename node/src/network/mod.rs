//! The network shell: frames in, frames out, between peers known by their ed25519 keys.
//! It never decodes a frame and never decides what is true; no type of libp2p leaves this folder.
//!
//! One task owns the swarm. Commands come in and events go out through bounded channels; when the
//! owner is slow to fetch events, the network is read more slowly and the peers feel it.

mod actor;
mod address;
mod ally;
mod behaviour;
mod calls;
mod codec;
mod gate;
pub mod limits;
mod metered;
mod places;
mod requests;
#[cfg(test)]
mod tests;
mod usage;

use std::fmt;
use std::io;

use libp2p::PeerId;
use libp2p::identity::{self, Keypair};
use proto::desk::Blocked;
use tokio::sync::mpsc;
use zeroize::Zeroizing;

pub use address::{ADDRESS_BYTES_MAX, Address, AddressError};
pub use usage::{Usage, Used};

/// A peer: the ed25519 public key of its node's network role (protocol section 3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub [u8; 32]);

/// Identity of a gossip message: the digest of its bytes for `Use::Gossip`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MessageId(pub [u8; 32]);

/// The right to answer one request, once. It lapses after [`limits`]' 10 s or with the connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ReplyTo(u64);

/// What the shell is started with.
pub struct Settings {
    /// Secret seed of the node's network key; wiped when dropped.
    pub seed: Zeroizing<[u8; 32]>,
    /// Identity of the network; nodes of other networks cannot connect.
    pub network: [u8; 32],
    /// Where to listen: `host:port` or multiaddr, the host in figures. Port 0 lets the system choose.
    pub listen: Vec<String>,
    /// Whether to look for nodes in the local network (mDNS). Tells everybody there that one runs.
    pub mdns: bool,
}

/// What the shell can be told to do.
#[derive(Debug)]
pub enum Command {
    /// Call each of these addresses once; the outcome is [`Event::Connected`] or
    /// [`Event::DialFailed`].
    Dial {
        /// `host:port` or multiaddr; with `/p2p/…` only that peer is accepted.
        addresses: Vec<String>,
    },
    /// Send a request to a connected peer; the outcome is [`Event::Response`] or
    /// [`Event::RequestFailed`] with the same token.
    Request {
        /// To whom.
        peer: PeerKey,
        /// At most [`limits::FRAME_BYTES_MAX`] bytes.
        frame: Vec<u8>,
        /// Chosen by the owner, given back with the outcome.
        token: u64,
    },
    /// Answer a request. Nothing happens when the right has lapsed or the frame is too long.
    Respond {
        /// From [`Event::Request`].
        reply_to: ReplyTo,
        /// At most [`limits::FRAME_BYTES_MAX`] bytes.
        frame: Vec<u8>,
    },
    /// Tell everybody, as far as anybody listens: no outcome is reported, anti-entropy does the rest.
    Publish {
        /// At most [`limits::GOSSIP_BYTES_MAX`] bytes.
        frame: Vec<u8>,
    },
    /// Judge a gossip message; until then it is not passed on. To be given within 3 s.
    Judge {
        /// From [`Event::Gossip`].
        id: MessageId,
        /// From [`Event::Gossip`].
        peer: PeerKey,
        /// The judgement.
        verdict: Verdict,
    },
    /// Replace the explicit peers: kept connected, read faster, exempt from limits and pruning.
    SetPeers {
        /// Each with the addresses where to call it; without any it has to call. At most
        /// [`limits::EXPLICIT_PEERS_MAX`] and [`limits::ADDRESSES_PER_PEER_MAX`], the rest is ignored.
        peers: Vec<(PeerKey, Vec<String>)>,
    },
    /// Close all connections with a peer. An explicit one is called again after a pause.
    Disconnect {
        /// With whom.
        peer: PeerKey,
    },
    /// Count that one of a peer's messages was wrong. What is rejected ([`Verdict::Reject`]) counts by itself.
    WasWrong {
        /// Whose.
        peer: PeerKey,
    },
    /// Replace the list of those to have nothing to do with: connections with them are closed at once, theirs are not
    /// accepted, and they are not called. Explicit peers are no exception. At most [`proto::desk::BLOCKED_MAX`], the rest
    /// is ignored.
    Block {
        /// All of them.
        list: Vec<Blocked>,
    },
    /// Stop. The channel of events closes when everything is closed.
    Shutdown,
}

/// What to do with a gossip message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Pass it on.
    Accept,
    /// Drop it and hold it against the sender: only for what is provably invalid.
    Reject,
    /// Drop it: old, known, or not yet to be judged.
    Ignore,
}

/// What happened.
#[derive(PartialEq, Eq, Debug)]
pub enum Event {
    /// The node can be reached here, as `host:port`.
    Listening {
        /// With the port that the system chose.
        address: String,
    },
    /// The first connection with a peer stands.
    Connected {
        /// With whom.
        peer: PeerKey,
    },
    /// The last connection with a peer is gone.
    Disconnected {
        /// With whom.
        peer: PeerKey,
    },
    /// A call failed. Explicit peers are called again by themselves.
    DialFailed {
        /// Whom, if that was known.
        peer: Option<PeerKey>,
        /// Where, as it was given; `None` for explicit peers, who are called at all their addresses.
        address: Option<String>,
        /// Why.
        why: DialFailure,
    },
    /// A peer asks.
    Request {
        /// Who asks.
        peer: PeerKey,
        /// What.
        frame: Vec<u8>,
        /// For [`Command::Respond`].
        reply_to: ReplyTo,
    },
    /// A peer answered.
    Response {
        /// The token of the request.
        token: u64,
        /// The answer.
        frame: Vec<u8>,
    },
    /// A request has no answer and will have none. Whether it was worked on is unknown.
    RequestFailed {
        /// The token of the request.
        token: u64,
        /// Why.
        why: RequestFailure,
    },
    /// A peer takes part in gossip from now on.
    Subscribed {
        /// Who.
        peer: PeerKey,
    },
    /// A gossip message that was not seen before; to be judged with [`Command::Judge`].
    Gossip {
        /// Who passed it on, not who wrote it.
        peer: PeerKey,
        /// Its identity.
        id: MessageId,
        /// Its bytes.
        frame: Vec<u8>,
    },
    /// Somebody in the local network claims to be this peer at this address (mDNS). Nothing proves it
    /// before a connection stands.
    Discovered {
        /// The claimed key.
        peer: PeerKey,
        /// The claimed address, which names the key.
        address: String,
    },
}

/// Why a request has no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestFailure {
    /// The peer is not connected.
    #[error("the peer is not connected")]
    NotConnected,
    /// Too many requests wait for this peer already.
    #[error("too many requests wait for this peer")]
    TooMany,
    /// The frame is longer than [`limits::FRAME_BYTES_MAX`].
    #[error("the request is too long")]
    TooLong,
    /// No answer within 10 s.
    #[error("the peer did not answer in time")]
    Timeout,
    /// The peer closed the stream without a whole answer: it is busy or does not want to.
    #[error("the peer closed the request without an answer")]
    Refused,
    /// The connection closed first.
    #[error("the connection closed before the answer")]
    Disconnected,
    /// The peer does not speak this protocol.
    #[error("the peer does not speak this protocol")]
    Unsupported,
    /// The answer was announced as too long, or followed by more bytes.
    #[error("the answer is malformed")]
    Malformed,
}

/// Why a call failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DialFailure {
    /// The text is not an address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The 32 bytes are not an ed25519 key.
    #[error("the key is not an ed25519 key")]
    BadKey,
    /// The node called itself.
    #[error("this address is the node itself")]
    Itself,
    /// Somebody else answers there.
    #[error("another node answers at this address: {0}")]
    WrongPeer(PeerKey),
    /// A limit of this node forbids it.
    #[error("this node has too many connections")]
    Limit,
    /// Whoever runs this node wants it to have nothing to do with that one.
    #[error("whoever runs this node blocked that one")]
    Blocked,
    /// Nobody answers, or somebody who is not of this network.
    #[error("nobody of this network answers at this address")]
    Unreachable,
}

/// Why the shell did not start. The operator must act.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// An address to listen on cannot be read.
    #[error("address {position} to listen on cannot be read: {source}")]
    ListenAddress {
        /// Which one, from 0.
        position: usize,
        /// Why.
        source: AddressError,
    },
    /// The system does not let the node listen.
    #[error("the node cannot listen at {address}: {source}")]
    Listen {
        /// Which one, from 0.
        position: usize,
        /// The address.
        address: Address,
        /// What the system said.
        source: io::Error,
    },
    /// mDNS was asked for and its sockets cannot be opened.
    #[error("the local network cannot be searched: {source}")]
    Mdns {
        /// What the system said.
        source: io::Error,
    },
}

/// The running shell: two channels, the own key, and what peers use. The shell stops with the command or when either
/// channel is dropped.
#[derive(Debug)]
pub struct Network {
    /// The own key.
    pub me: PeerKey,
    /// At most 64 commands wait. Whoever waits to send must go on fetching events meanwhile, or both
    /// sides wait for each other.
    pub commands: mpsc::Sender<Command>,
    /// At most 64 events wait.
    pub events: mpsc::Receiver<Event>,
    /// How much each peer uses.
    pub usage: Usage,
}

impl Network {
    /// Returns the running shell, already listening. Errors: an address that cannot be read or
    /// listened on, or mDNS without sockets. Panics outside of a tokio runtime.
    pub fn start(settings: Settings) -> Result<Self, NetworkError> {
        actor::start(settings, ally::Pace::default())
    }
}

impl PeerKey {
    /// Returns the public key of a secret seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self::of(&keypair(seed).public().to_peer_id())
            .expect("the peer id of an ed25519 key contains the key")
    }

    /// Returns the key inside of a peer id; `None` for ids of other keys, which are only digests.
    fn of(id: &PeerId) -> Option<Self> {
        let key = identity::PublicKey::try_decode_protobuf(id.as_ref().digest()).ok()?;
        Some(Self(key.try_into_ed25519().ok()?.to_bytes()))
    }

    /// Returns the peer id of the key; `None` when the bytes are no point of the curve.
    fn peer_id(&self) -> Option<PeerId> {
        let key = identity::ed25519::PublicKey::try_from_bytes(&self.0).ok()?;
        Some(identity::PublicKey::from(key).to_peer_id())
    }
}

impl fmt::Display for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Returns the key pair of a seed. libp2p wipes the copy that it is handed.
fn keypair(seed: &[u8; 32]) -> Keypair {
    let mut copy = Zeroizing::new(*seed);
    Keypair::ed25519_from_bytes(copy.as_mut_slice()).expect("any 32 bytes are a seed of ed25519")
}
