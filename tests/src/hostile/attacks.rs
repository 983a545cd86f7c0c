//! What one hostile peer does for as long as it is let: each attack abuses one protocol in one way, over as many
//! connections, streams and bytes as the victim takes. The protobuf of gossipsub is written by hand.

use std::{io, time::Duration};

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::core::muxing::SubstreamBox;
use proto::{codec::Canonical as _, ids::CiteId, wire::Ask};
use tokio::time::{Instant, sleep};

use super::{Peer, Traffic};
use crate::{people::network, samples};

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

/// Parts of a frame of gossip, in turn: what an honest node may send, and ever more.
const PARTS: [u64; 4] = [1, 4, 60, 700];

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
            Self::Requests(_) => "requests",
            Self::Unread(_) => "requests, answers unread",
        }
    }
}

/// Goes on with an attack on the node at `address` for some time, over two connections of the key of `seed`, and comes back
/// whenever it is turned away. Returns how often a connection was begun.
pub async fn attack(
    attack: Attack,
    (address, seed): (String, u8),
    lasts: Duration,
    traffic: Traffic,
) -> usize {
    let until = Instant::now() + lasts;
    let one = async || {
        let mut begun = 0;
        while Instant::now() < until {
            begun += 1;
            let go_on = async {
                let peer = Peer::connect(&address, seed, &traffic).await?;
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

fn topic() -> String {
    network().id().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A certificate, announcement or piece of evidence that decodes, each with another last byte or two.
fn forged(number: u64) -> Vec<u8> {
    let known: Vec<Vec<u8>> = samples_of_gossip();
    let turn = usize::try_from(number).expect("few") % known.len();
    let mut data = known.into_iter().nth(turn).expect("there are samples");
    let end = data.len().saturating_sub(8);
    data.get_mut(end..).expect("a signature ends it").copy_from_slice(&number.to_le_bytes());
    field(2, &[field(2, &data), field(4, topic().as_bytes())].concat())
}

fn samples_of_gossip() -> Vec<Vec<u8>> {
    static KNOWN: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(|| {
        let all = samples::all().into_iter().filter(|sample| sample.is("gossip"));
        all.map(|sample| sample.bytes).collect()
    });
    KNOWN.clone()
}

/// Up to hundreds of subscriptions, grafts and prunes: of the topic and of others.
fn control(number: u64) -> Vec<u8> {
    let mut frame = Vec::new();
    let mut meshes = Vec::new();
    for part in 0..parts(number).min(300) {
        let other = format!("{number}/{part}");
        let name = if part % 2 == 0 { topic() } else { other };
        frame.extend(subscribe(part % 3 != 0, &name));
        let name = field(1, name.as_bytes());
        meshes.extend(field(3, &name));
        meshes.extend(field(4, &[name, [&[0x18][..], &varint(3_600)].concat()].concat()));
    }
    frame.extend(field(3, &meshes));
    frame
}

fn parts(number: u64) -> u64 {
    let turn = usize::try_from(number).expect("few") % PARTS.len();
    PARTS[turn]
}

/// Ids that nobody has heard of, offered and wanted.
fn ids(number: u64) -> Vec<u8> {
    let (mut offered, mut wanted) = (field(1, topic().as_bytes()), Vec::new());
    for part in 0..parts(number) {
        let mut id = [0; 32];
        let (front, rest) = id.split_at_mut(8);
        front.copy_from_slice(&number.to_le_bytes());
        rest[..8].copy_from_slice(&part.to_le_bytes());
        offered.extend(field(2, &id));
        wanted.extend(field(1, &id));
    }
    field(3, &[field(1, &offered), field(2, &wanted)].concat())
}

/// A frame of gossipsub: its length as a varint, then its bytes.
fn framed(rpc: &[u8]) -> Vec<u8> {
    [varint(rpc.len()), rpc.to_vec()].concat()
}

/// A subscription, or its end: field 1 of a frame.
fn subscribe(begin: bool, topic: &str) -> Vec<u8> {
    field(1, &[vec![0x08, u8::from(begin)], field(2, topic.as_bytes())].concat())
}

/// A field of protobuf that has a length.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    [vec![number << 3 | 2], varint(bytes.len()), bytes.to_vec()].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
