//! Peers that break the rules on purpose, against a whole shell.
//! They use the node's own transport, so that nothing but their manners differs.

use std::convert::Infallible;
use std::io;
use std::iter;
use std::time::{Duration, Instant};

use futures::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, StreamExt as _};
use libp2p::request_response::{self, Message, ProtocolSupport};
use libp2p::swarm::SwarmEvent;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{PeerId, StreamProtocol, Swarm};
use tokio::time::timeout;

use super::{HURRIED, NETWORK, Node, PATIENCE};
use crate::network::ally::Pace;
use crate::network::behaviour::{self, Names};
use crate::network::limits::{self, FRAME_BYTES_MAX, Meter};
use crate::network::{Address, Command, Event, PeerKey, RequestFailure, keypair};

/// A codec without rules: writes exactly what it is told, reads whatever comes.
#[derive(Clone)]
struct Raw;

async fn read_all<T: AsyncRead + Unpin + Send>(io: &mut T) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

impl request_response::Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = Vec<u8>;
    type Response = Vec<u8>;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_all(io).await
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Vec<u8>>
    where
        T: AsyncRead + Unpin + Send,
    {
        read_all(io).await
    }

    async fn write_request<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }

    async fn write_response<T>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Vec<u8>,
    ) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        io.write_all(&bytes).await
    }
}

type RawSwarm = Swarm<request_response::Behaviour<Raw>>;

/// Returns a peer that speaks only the exchange, and that without rules.
fn raw_swarm(seed: u8, meter: &Meter) -> RawSwarm {
    let (names, key) = (Names::new(&NETWORK), keypair(&[seed; 32]));
    let protocols = iter::once((names.exchange(), ProtocolSupport::Full));
    let config = request_response::Config::default().with_request_timeout(PATIENCE);
    let behaviour = request_response::Behaviour::with_codec(Raw, protocols, config);
    let transport = behaviour::transport(&key, &names, meter, PATIENCE);
    let config =
        libp2p::swarm::Config::with_tokio_executor().with_idle_connection_timeout(PATIENCE);
    Swarm::new(transport, behaviour, key.public().to_peer_id(), config)
}

/// Connects `raw` to `node` and returns both keys.
async fn connect_raw(raw: &mut RawSwarm, node: &mut Node) -> (PeerKey, PeerId) {
    let address: Address = node.address.parse().expect("the shell prints what it reads");
    let options = DialOpts::unknown_peer_id().address(address.multiaddr()).build();
    raw.dial(options).expect("no limit stands against one call");
    let other = raw_until(raw, |event| match event {
        SwarmEvent::ConnectionEstablished { peer_id, .. } => Some(peer_id),
        _ => None,
    })
    .await;
    let me = PeerKey::of(raw.local_peer_id()).expect("the seed gives an ed25519 key");
    node.until_event(Event::Connected { peer: me }).await;
    (me, other)
}

type RawEvent = SwarmEvent<request_response::Event<Vec<u8>, Vec<u8>>>;

async fn raw_until<T>(raw: &mut RawSwarm, mut pick: impl FnMut(RawEvent) -> Option<T>) -> T {
    timeout(PATIENCE, async {
        loop {
            if let Some(found) = pick(raw.select_next_some().await) {
                return found;
            }
        }
    })
    .await
    .expect("the event comes in time")
}

/// Keeps `raw` going while something else is waited for.
async fn drive(raw: &mut RawSwarm) -> Infallible {
    loop {
        raw.select_next_some().await;
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short body");
    [&length.to_le_bytes(), body].concat()
}

#[tokio::test]
async fn malformed_requests_of_others_are_refused_and_good_ones_pass() {
    let mut node = Node::start(1).await;
    let mut raw = raw_swarm(2, &Meter::new());
    let (me, other) = connect_raw(&mut raw, &mut node).await;
    let announced_too_long = (FRAME_BYTES_MAX + 1).to_le_bytes().to_vec();
    let trailing = [framed(b"body"), vec![0]].concat();
    let cut = framed(b"body").into_iter().take(6).collect();
    for bad in [announced_too_long, u32::MAX.to_le_bytes().to_vec(), trailing, cut, Vec::new()] {
        raw.behaviour_mut().send_request(&other, bad);
        // The reader of `Raw` takes the closed stream for an empty answer.
        raw_until(&mut raw, |event| match event {
            SwarmEvent::Behaviour(request_response::Event::Message {
                message: Message::Response { response, .. },
                ..
            }) => {
                assert!(response.is_empty(), "{response:?}");
                Some(())
            }
            SwarmEvent::Behaviour(request_response::Event::OutboundFailure { .. }) => Some(()),
            _ => None,
        })
        .await;
    }
    raw.behaviour_mut().send_request(&other, framed(b"body"));
    let asked = tokio::select! {
        asked = node.until_request() => asked,
        never = drive(&mut raw) => match never {},
    };
    assert_eq!((asked.0, asked.1), (me, b"body".to_vec()), "the first request that arrives");
}

#[tokio::test]
async fn malformed_answers_of_others_are_failures() {
    let mut node = Node::start(1).await;
    let mut raw = raw_swarm(2, &Meter::new());
    let (me, _) = connect_raw(&mut raw, &mut node).await;
    for (token, (answer, why)) in (0_u64..).zip([
        ((FRAME_BYTES_MAX + 1).to_le_bytes().to_vec(), RequestFailure::Malformed),
        ([framed(b"yes"), vec![0]].concat(), RequestFailure::Malformed),
        (framed(b"yes").into_iter().take(5).collect(), RequestFailure::Refused),
        (Vec::new(), RequestFailure::Refused),
    ]) {
        node.ask(me, b"well?", token).await;
        let channel = raw_until(&mut raw, |event| match event {
            SwarmEvent::Behaviour(request_response::Event::Message {
                message: Message::Request { request, channel, .. },
                ..
            }) => {
                assert_eq!(request, framed(b"well?"));
                Some(channel)
            }
            _ => None,
        })
        .await;
        raw.behaviour_mut().send_response(channel, answer).expect("the asker still waits");
        tokio::select! {
            () = node.until_event(Event::RequestFailed { token, why }) => {}
            never = drive(&mut raw) => match never {},
        }
    }
}

#[tokio::test]
async fn two_requests_of_a_peer_are_at_work_and_more_are_closed() {
    let mut node = Node::start(1).await;
    let mut raw = raw_swarm(2, &Meter::new());
    let (_, other) = connect_raw(&mut raw, &mut node).await;
    for number in 0..4 {
        raw.behaviour_mut().send_request(&other, framed(&[number]));
    }
    let (mut refused, mut answered) = (0, 0);
    let mut waiting = Vec::new();
    while refused + answered < 4 {
        tokio::select! {
            (_, _, reply_to) = node.until_request() => waiting.push(reply_to),
            response = raw_until(&mut raw, |event| match event {
                SwarmEvent::Behaviour(request_response::Event::Message {
                    message: Message::Response { response, .. },
                    ..
                }) => Some(response),
                _ => None,
            }) => if response.is_empty() {
                refused += 1;
            } else {
                assert_eq!(response, framed(b"done"));
                answered += 1;
            },
        }
        // Answers are given only when both are at work and the two others were closed.
        if refused == 2 && waiting.len() == 2 {
            for reply_to in waiting.drain(..) {
                node.tell(Command::Respond { reply_to, frame: b"done".to_vec() }).await;
            }
        }
    }
    assert_eq!((refused, answered), (2, 2));
}

#[tokio::test]
async fn silent_strangers_are_dropped_and_allies_are_kept() {
    let pace = Pace { idle: Duration::from_millis(100), ..HURRIED };
    let mut node = Node::start_with(1, NETWORK, "127.0.0.1:0", pace).await;
    let mut ally = Node::start_with(2, NETWORK, "127.0.0.1:0", pace).await;
    node.set_peers(&[(ally.me(), &ally.address)]).await;
    node.until_event(Event::Connected { peer: ally.me() }).await;
    node.until_event(Event::Subscribed { peer: ally.me() }).await;
    let mut raw = raw_swarm(3, &Meter::new());
    let (stranger, _) = connect_raw(&mut raw, &mut node).await;
    tokio::select! {
        () = node.until_event(Event::Disconnected { peer: stranger }) => {}
        never = drive(&mut raw) => match never {},
    }
    // The ally was silent for as long, and is still there.
    node.ask(ally.me(), b"there?", 1).await;
    let (_, _, reply_to) = ally.until_request().await;
    ally.tell(Command::Respond { reply_to, frame: b"yes".to_vec() }).await;
    node.until_event(Event::Response { token: 1, frame: b"yes".to_vec() }).await;
    let lost = Event::Disconnected { peer: ally.me() };
    assert!(!node.seen.contains(&lost), "{:?}", node.seen);
}

#[tokio::test]
async fn a_peer_that_used_up_its_bytes_is_read_slowly_and_not_dropped() {
    let (meter, key) = (Meter::new(), keypair(&[2; 32]).public().to_peer_id());
    let mut reader = raw_swarm(1, &meter);
    reader
        .listen_on("127.0.0.1:0".parse::<Address>().expect("an address").multiaddr())
        .expect("loopback can be listened on");
    let at = raw_until(&mut reader, |event| match event {
        SwarmEvent::NewListenAddr { address, .. } => Some(address),
        _ => None,
    })
    .await;
    let mut sender = raw_swarm(2, &Meter::new());
    sender.dial(at).expect("no limit stands against one call");
    let other = *reader.local_peer_id();
    tokio::select! {
        _ = raw_until(&mut sender, |event| match event {
            SwarmEvent::ConnectionEstablished { .. } => Some(()),
            _ => None,
        }) => {}
        never = drive(&mut reader) => match never {},
    }
    // Half a second's worth below nothing.
    let minute = usize::try_from(limits::UNKNOWN_BYTES_PER_MINUTE).expect("fits in memory");
    meter.cost(&key, minute + minute / 120, Instant::now());
    let start = Instant::now();
    sender.behaviour_mut().send_request(&other, framed(b"slowly"));
    let request = tokio::select! {
        request = raw_until(&mut reader, |event| match event {
            SwarmEvent::Behaviour(request_response::Event::Message {
                message: Message::Request { request, .. },
                ..
            }) => Some(request),
            _ => None,
        }) => request,
        never = drive(&mut sender) => match never {},
    };
    assert_eq!(request, framed(b"slowly"));
    assert!(start.elapsed() >= Duration::from_millis(500), "{:?}", start.elapsed());
}
