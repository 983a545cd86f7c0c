//! How a client reaches a desk: through the socket of its own machine, or as a stranger over the
//! network. It believes nothing, keeps nothing, and never asks twice by itself.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use proto::codec::{Bytes, Canonical as _, CodecError};
use proto::desk::{Frame, Reply};
use proto::ids::{CiteId, NetworkId};
use proto::wire::{Answer, Ask, Passed};
use tokio::runtime::Runtime;
use tokio::time::{Instant, timeout_at};
use zeroize::Zeroizing;

use crate::core::PeerKey;
use crate::network::{
    self, Command, DialFailure, Event, Network, NetworkError, RequestFailure, Settings,
};
use crate::socket::{self, SocketError};

/// Threads of a client's network: its one connection.
const NETWORK_THREADS: usize = 1;

/// The way to a node.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reach {
    /// The socket of a node on this machine.
    Socket(PathBuf),
    /// A node elsewhere.
    Network {
        /// Its network key; nobody else is talked to.
        node: PeerKey,
        /// Where it listens: `host:port` or multiaddr.
        addresses: Vec<String>,
        /// The network; nodes of others do not answer.
        network: NetworkId,
        /// The cité whose desk is wanted; its home may be another node.
        home: CiteId,
    },
}

/// Why there is no reply. Whether the call was worked on is unknown, except where the name tells: an
/// order can be sent again as it is.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No node runs behind the socket.
    #[error("no node runs behind {}", .path.display())]
    NotRunning {
        /// The socket.
        path: PathBuf,
    },
    /// Nobody answers at the node's addresses.
    #[error("the node cannot be reached: {0}")]
    Unreachable(DialFailure),
    /// No reply in time.
    #[error("the node did not reply in time")]
    Timeout,
    /// The node has too much to do, or no way to the home.
    #[error("the node takes no more calls now")]
    Busy,
    /// The connection ended or failed before there was an answer.
    #[error("the node did not answer: {0}")]
    Request(RequestFailure),
    /// The call is longer than any desk takes.
    #[error("the call is longer than any desk takes")]
    TooLong,
    /// What came back is no reply.
    #[error("what came back is no reply: {0}")]
    NotAReply(CodecError),
    /// What came back answers something else.
    #[error("what came back answers something else")]
    OtherAnswer,
    /// The socket failed.
    #[error(transparent)]
    Socket(SocketError),
    /// This machine does not let the network start.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// The system gives no threads.
    #[error("the system gives no threads: {0}")]
    System(std::io::Error),
    /// The system has no randomness to give.
    #[error("the system gives no random bytes: {0}")]
    Chance(getrandom::Error),
}

/// A connection to a desk. It blocks.
pub struct Client {
    way: Way,
    patience: Duration,
}

enum Way {
    Socket(socket::Client),
    Network(Box<Far>),
}

/// A node elsewhere, through a network shell with a key made for this connection alone: a member who
/// asks for a balance is nobody whom a node could know again.
struct Far {
    network: Network,
    runtime: Runtime,
    node: network::PeerKey,
    home: CiteId,
    connected: bool,
    next_token: u64,
}

impl Client {
    /// Returns a connection to a node. This and each call wait at most `patience`.
    /// Errors: nobody there, no answer in time, this machine's system.
    pub fn connect(reach: &Reach, patience: Duration) -> Result<Self, ClientError> {
        let way = match reach {
            Reach::Socket(path) => {
                Way::Socket(socket::Client::connect(path, patience).map_err(near)?)
            }
            Reach::Network { node, addresses, network, home } => {
                let far = Far::connect(*node, addresses, *network, *home, patience)?;
                Way::Network(Box::new(far))
            }
        };
        Ok(Self { way, patience })
    }

    /// Returns the desk's reply. Errors: no reply, or none that can be read.
    pub fn call(&mut self, frame: &Frame) -> Result<Reply, ClientError> {
        self.call_within(frame, self.patience)
    }

    /// Returns the desk's reply, waited for at most `patience`. Errors: those of [`Self::call`].
    pub fn call_within(&mut self, frame: &Frame, patience: Duration) -> Result<Reply, ClientError> {
        let bytes = frame.encode();
        if bytes.len() > Frame::MAX {
            return Err(ClientError::TooLong);
        }
        let reply = match &mut self.way {
            Way::Socket(socket) => socket.ask_within(&bytes, patience).map_err(near)?,
            Way::Network(far) => far.call(frame.home, bytes, patience)?,
        };
        Reply::decode(&reply).map_err(ClientError::NotAReply)
    }
}

fn near(error: SocketError) -> ClientError {
    match error {
        SocketError::NotRunning { path } => ClientError::NotRunning { path },
        SocketError::Timeout => ClientError::Timeout,
        SocketError::TooLong => ClientError::TooLong,
        other => ClientError::Socket(other),
    }
}

impl Far {
    fn connect(
        node: PeerKey,
        addresses: &[String],
        network: NetworkId,
        home: CiteId,
        patience: Duration,
    ) -> Result<Self, ClientError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(NETWORK_THREADS)
            .enable_all()
            .build()
            .map_err(ClientError::System)?;
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(ClientError::Chance)?;
        // Listens nowhere: a client is called by nobody.
        let network = *network.as_bytes();
        let settings = Settings { seed, network, listen: Vec::new(), mdns: false };
        let network = runtime.block_on(async { Network::start(settings) })?;
        let node = network::PeerKey(node.0);
        let mut far = Self { network, runtime, node, home, connected: false, next_token: 0 };
        let peers = vec![(node, addresses.to_vec())];
        far.wait(patience, async |far, until| {
            far.tell(Command::SetPeers { peers }, until).await?;
            far.connected(until).await
        })?;
        Ok(far)
    }

    fn call(
        &mut self,
        home: Option<CiteId>,
        call: Vec<u8>,
        patience: Duration,
    ) -> Result<Vec<u8>, ClientError> {
        let passed = Passed { home: home.unwrap_or(self.home), call: Bytes::from(call) };
        let frame = Ask::Desk { passed, hops: Ask::HOPS_MAX }.encode();
        self.next_token += 1;
        let (peer, token) = (self.node, self.next_token);
        let answer = self.wait(patience, async |far, until| {
            far.connected(until).await?;
            far.tell(Command::Request { peer, frame, token }, until).await?;
            far.answer(token, until).await
        })?;
        match Answer::decode(&answer).map_err(ClientError::NotAReply)? {
            Answer::Desk(reply) => Ok(reply.into_vec()),
            Answer::Busy => Err(ClientError::Busy),
            _ => Err(ClientError::OtherAnswer),
        }
    }

    /// Does something with the network, with the time at which patience ends.
    fn wait<T>(
        &mut self,
        patience: Duration,
        work: impl AsyncFnOnce(&mut Self, Instant) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let runtime = self.runtime.handle().clone();
        runtime.block_on(async { work(self, Instant::now() + patience).await })
    }

    /// Waits until the node is connected. The shell calls it again by itself, but a first failure at
    /// all its addresses is told at once: a person waits.
    async fn connected(&mut self, until: Instant) -> Result<(), ClientError> {
        // What happened since the last call was not listened to yet.
        while let Ok(event) = self.network.events.try_recv() {
            self.notice(&event);
        }
        while !self.connected {
            if let Event::DialFailed { why, .. } = self.event(until).await? {
                return Err(ClientError::Unreachable(why));
            }
        }
        Ok(())
    }

    async fn answer(&mut self, token: u64, until: Instant) -> Result<Vec<u8>, ClientError> {
        loop {
            match self.event(until).await? {
                Event::Response { token: of, frame } if of == token => return Ok(frame),
                Event::RequestFailed { token: of, why } if of == token => {
                    return Err(match why {
                        RequestFailure::Timeout => ClientError::Timeout,
                        RequestFailure::TooLong => ClientError::TooLong,
                        RequestFailure::TooMany | RequestFailure::Refused => ClientError::Busy,
                        other => ClientError::Request(other),
                    });
                }
                _ => {}
            }
        }
    }

    async fn tell(&mut self, command: Command, until: Instant) -> Result<(), ClientError> {
        match timeout_at(until, self.network.commands.send(command)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(ClientError::Request(RequestFailure::Disconnected)),
            Err(_) => Err(ClientError::Timeout),
        }
    }

    async fn event(&mut self, until: Instant) -> Result<Event, ClientError> {
        match timeout_at(until, self.network.events.recv()).await {
            Ok(Some(event)) => {
                self.notice(&event);
                Ok(event)
            }
            Ok(None) => Err(ClientError::Request(RequestFailure::Disconnected)),
            Err(_) => Err(ClientError::Timeout),
        }
    }

    fn notice(&mut self, event: &Event) {
        match event {
            Event::Connected { peer } if *peer == self.node => self.connected = true,
            Event::Disconnected { peer } if *peer == self.node => self.connected = false,
            _ => {}
        }
    }
}
