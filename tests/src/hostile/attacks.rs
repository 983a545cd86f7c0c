//! What one hostile peer does for as long as it is let: each attack abuses one protocol in one way, over as many
//! connections, streams and bytes as the victim takes.

use std::{io, time::Duration};

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::core::muxing::SubstreamBox;
use proto::{codec::Canonical as _, ids::CiteId, wire::Ask};
use tokio::time::{Instant, sleep};

use super::{
    Peer, Traffic,
    gossip::{announced, control, forged, framed, ids, subscribe, topic, unknown, varint},
};
use crate::samples;

/// Bytes of a frame that is far above every limit.
const HUGE: usize = 4 * 1_024 * 1_024;

/// Bytes of the longest frame of the exchange that a node reads.
const LONGEST: u32 = 512 * 1_024;

/// Streams that one connection tries to hold: more than the victim allows.
const STREAMS: usize = 64;

/// Pause of a peer that was turned away before it comes again.
const AGAIN: Duration = Duration::from_millis(50);

/// Time in which a victim that listens at all has read a frame.
const READ_WITHIN: Duration = Duration::from_secs(1);

/// One way to misbehave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attack {
    /// Frames of the exchange and of gossip that claim and send 4 MiB.
    Oversized,
    /// Requests of the longest length, all sent but for their last byte, which then come by one a second.
    Slow,
    /// Streams in which nothing is said, or half a name.
    HalfOpen,
    /// Gossip that is well-formed, with signatures that are not.
    Gossip,
    /// Subscriptions, grafts and prunes by the thousand.
    Control,
    /// Ids of messages that nobody has, offered and asked for.
    Ids,
    /// Gossip of no kind that anybody knows, each message another.
    Unknown,
    /// Where a cité listens, as its own node says it, each time a second later.
    Announced(&'static str),
    /// Requests as fast as they go, whose answers are read.
    Requests(CiteId),
    /// The same, whose answers are not read.
    Unread(CiteId),
}

impl Attack {
    /// Returns what it is called in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Oversized => "oversized frames",
            Self::Slow => "slow senders",
            Self::HalfOpen => "half-open streams",
            Self::Gossip => "forged gossip",
            Self::Control => "subscribe, graft, prune",
            Self::Ids => "IHAVE and IWANT",
            Self::Unknown => "unknown gossip",
            Self::Announced(_) => "announcements",
            Self::Requests(_) => "requests",
            Self::Unread(_) => "requests, answers unread",
        }
    }
}

/// Goes on with an attack on the node at `address` for some time, over two connections of one secret key, and comes back
/// whenever it is turned away. Returns how often a connection was begun.
pub async fn attack(
    attack: Attack,
    (address, secret): (String, [u8; 32]),
    lasts: Duration,
    traffic: Traffic,
) -> usize {
    let until = Instant::now() + lasts;
    let one = async || {
        let mut begun = 0;
        while Instant::now() < until {
            begun += 1;
            let go_on = async {
                let peer = Peer::connect(&address, secret, &traffic).await?;
                misbehave(attack, &peer).await
            };
            // Every error is the victim's defence; what counts is how the victim fares.
            let _ = tokio::time::timeout_at(until, go_on).await;
            tokio::time::timeout_at(until, sleep(AGAIN)).await.ok();
        }
        begun
    };
    let (first, second) = tokio::join!(one(), one());
    first + second
}

async fn misbehave(attack: Attack, peer: &Peer) -> io::Result<()> {
    match attack {
        Attack::Oversized => oversized(peer).await,
        Attack::Slow => slow(peer).await,
        Attack::HalfOpen => half_open(peer).await,
        Attack::Gossip => flood(peer, forged).await,
        Attack::Control => flood(peer, control).await,
        Attack::Ids => flood(peer, ids).await,
        Attack::Unknown => flood(peer, unknown).await,
        Attack::Announced(slug) => flood(peer, announced(slug)).await,
        Attack::Requests(cite) => requests(peer, cite, true).await,
        Attack::Unread(cite) => requests(peer, cite, false).await,
    }
}

async fn oversized(peer: &Peer) -> io::Result<()> {
    loop {
        let claim = u32::try_from(HUGE).expect("4 MiB").to_le_bytes();
        for (name, front) in [("exchange", claim.to_vec()), ("gossip", varint(HUGE))] {
            let mut stream = peer.stream(name).await?;
            // Refused somewhere on the way.
            let _ = write(&mut stream, &[front, vec![0; HUGE]].concat()).await;
            // The true length, of a frame that is itself as long as may be, and more behind it.
            let mut stream = peer.stream(name).await?;
            let _ =
                write(&mut stream, &[LONGEST.to_le_bytes().to_vec(), vec![0; HUGE]].concat()).await;
        }
    }
}

async fn slow(peer: &Peer) -> io::Result<()> {
    let longest = usize::try_from(LONGEST).expect("half a MiB");
    let body = [LONGEST.to_le_bytes().to_vec(), vec![0; longest - 64]].concat();
    let mut open = Vec::new();
    for _ in 0..STREAMS {
        match peer.stream("exchange").await {
            Ok(mut stream) => {
                // Further ones may be refused, or wait for the victim to read.
                let written = tokio::time::timeout(AGAIN * 4, write(&mut stream, &body)).await;
                if !matches!(written, Ok(Err(_))) {
                    open.push(stream);
                }
            }
            Err(error) if open.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    loop {
        sleep(Duration::from_secs(1)).await;
        let mut alive = false;
        for stream in &mut open {
            let written = tokio::time::timeout(AGAIN, write(stream, &[0])).await;
            alive |= !matches!(written, Ok(Err(_)));
        }
        if !alive {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}

async fn half_open(peer: &Peer) -> io::Result<()> {
    let mut open = Vec::new();
    loop {
        let mut stream = peer.silent().await?;
        if open.len() % 2 == 1 {
            write(&mut stream, b"\x13/multistr").await?;
        }
        open.push(stream);
        if open.len() > 16 * STREAMS {
            open.clear();
        }
    }
}

/// Sends one frame of gossip after the other, each made from its number.
async fn flood(peer: &Peer, frame: impl Fn(u64) -> Vec<u8>) -> io::Result<()> {
    let mut stream = peer.stream("gossip").await?;
    write(&mut stream, &framed(&subscribe(true, &topic()))).await?;
    for number in 0.. {
        write(&mut stream, &framed(&frame(number))).await?;
    }
    Ok(())
}

async fn requests(peer: &Peer, cite: CiteId, read: bool) -> io::Result<()> {
    let range = Ask::Range { cite, incarnation: 0, from: 0 }.encode();
    let others = samples::all().into_iter().filter(|sample| sample.is("ask between nodes"));
    let asks: Vec<Vec<u8>> = others.map(|sample| sample.bytes).chain([range]).collect();
    let mut unread = Vec::new();
    for ask in asks.iter().cycle() {
        let mut stream = peer.stream("exchange").await?;
        let length = u32::try_from(ask.len()).expect("a short request").to_le_bytes();
        write(&mut stream, &[&length[..], ask].concat()).await?;
        stream.close().await?;
        if read {
            let mut answer = Vec::new();
            let reading = stream.read_to_end(&mut answer);
            // A request above the limit is closed, which is an answer.
            let _ = tokio::time::timeout(super::STEP, reading).await;
        } else {
            unread.push(stream);
            if unread.len() >= STREAMS {
                unread.clear();
            }
        }
    }
    Ok(())
}

/// Writes bytes; a victim that reads them no more is an error, after which the peer comes again.
async fn write(stream: &mut SubstreamBox, bytes: &[u8]) -> io::Result<()> {
    let writing = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    tokio::time::timeout(READ_WITHIN, writing).await.map_err(|_| io::ErrorKind::TimedOut)?
}
