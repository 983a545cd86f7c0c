//! Peers that break the rules on purpose, for tests against real nodes: TCP, Noise and yamux are libp2p's, every
//! byte inside a stream is written by hand. Nothing in here decides whether a case passes.

mod attacks;
mod counted;
mod gossip;

pub use attacks::{Attack, attack};
pub use counted::Traffic;

use std::{future::poll_fn, io, task::Poll, time::Duration};

use futures::{AsyncReadExt as _, AsyncWriteExt as _};
use libp2p::{
    Transport as _,
    core::{
        muxing::{StreamMuxerBox, StreamMuxerExt as _, SubstreamBox},
        transport::{DialOpts, PortUse},
        upgrade::Version,
    },
    identity::Keypair,
    noise, tcp, yamux,
};
use tokio::sync::{mpsc, oneshot};

use crate::people::network;

/// How long one step may take; a victim that is slower than this is not waited for.
const STEP: Duration = Duration::from_secs(5);

/// Streams that are asked for and not opened yet.
const ASKED_MAX: usize = 16;

/// The names of the protocols of a network: all digits for Noise, eight of them for streams.
fn names() -> (String, String) {
    let id = network().id();
    let hex: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let short = hex.get(..8).expect("64 digits");
    (format!("/pirate/1/{hex}"), format!("/pirate/1/{short}"))
}

/// One connection with a victim.
pub struct Peer {
    streams: mpsc::Sender<oneshot::Sender<SubstreamBox>>,
}

impl Peer {
    /// Connects with the node at `address`, as whoever has this secret key. What the victim opens is answered politely: pings
    /// come back, everything else is read and forgotten.
    ///
    /// # Errors
    /// The victim, or the time that a step may take.
    pub async fn connect(address: &str, secret: [u8; 32], traffic: &Traffic) -> io::Result<Self> {
        let key = Keypair::ed25519_from_bytes(secret).expect("32 bytes are a key");
        let noise = noise::Config::new(&key)
            .expect("an ed25519 key signs the static key of Noise")
            .with_prologue(names().0.into_bytes());
        let traffic = traffic.clone();
        let mut transport = tcp::tokio::Transport::new(tcp::Config::new().nodelay(true))
            .map(move |stream, _| traffic.count(stream))
            .upgrade(Version::V1)
            .authenticate(noise)
            .multiplex(yamux::Config::default())
            .boxed();
        let (ip, port) = address.rsplit_once(':').expect("an address with a port");
        let at = format!("/ip4/{ip}/tcp/{port}").parse().expect("figures");
        let options = DialOpts { role: libp2p::core::Endpoint::Dialer, port_use: PortUse::New };
        let dialled = transport.dial(at, options).map_err(io::Error::other)?;
        let (_, muxer) = in_time(async { dialled.await.map_err(io::Error::other) }).await?;
        let (streams, asked) = mpsc::channel(ASKED_MAX);
        tokio::spawn(drive(muxer, asked));
        Ok(Self { streams })
    }

    /// Opens a stream in which nothing was said yet.
    ///
    /// # Errors
    /// The connection is closed, or the victim takes no more streams in time.
    pub async fn silent(&self) -> io::Result<SubstreamBox> {
        let (here, there) = oneshot::channel();
        let gone = |_| io::ErrorKind::ConnectionReset;
        in_time(async {
            self.streams.send(here).await.map_err(|_| io::ErrorKind::ConnectionReset)?;
            Ok(there.await.map_err(gone)?)
        })
        .await
    }

    /// Opens a stream of the network's protocol `name` (`exchange`, `gossip`).
    ///
    /// # Errors
    /// As [`Self::silent`], or the victim does not speak it.
    pub async fn stream(&self, name: &str) -> io::Result<SubstreamBox> {
        let mut stream = self.silent().await?;
        let protocol = format!("{}/{name}\n", names().1);
        let mut said = b"\x13/multistream/1.0.0\n".to_vec();
        said.push(u8::try_from(protocol.len()).expect("a short name"));
        said.extend_from_slice(protocol.as_bytes());
        in_time(async {
            stream.write_all(&said).await?;
            stream.flush().await?;
            line(&mut stream).await?;
            match line(&mut stream).await? {
                answer if answer == protocol.as_bytes() => Ok(stream),
                _ => Err(io::ErrorKind::Unsupported.into()),
            }
        })
        .await
    }
}

async fn in_time<T>(step: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(STEP, step).await.map_err(|_| io::ErrorKind::TimedOut)?
}

/// Reads one line of multistream-select: a byte with its length, and the line.
async fn line(stream: &mut SubstreamBox) -> io::Result<Vec<u8>> {
    let mut length = [0];
    stream.read_exact(&mut length).await?;
    let mut line = vec![0; usize::from(length[0])];
    stream.read_exact(&mut line).await?;
    Ok(line)
}

/// Keeps a connection going until it is closed, or nobody wants streams of it any more.
async fn drive(
    mut muxer: StreamMuxerBox,
    mut asked: mpsc::Receiver<oneshot::Sender<SubstreamBox>>,
) {
    let mut wanted: Option<oneshot::Sender<SubstreamBox>> = None;
    poll_fn(|cx| {
        loop {
            if wanted.is_none() {
                match asked.poll_recv(cx) {
                    Poll::Ready(None) => return Poll::Ready(()),
                    Poll::Ready(one) => wanted = one,
                    Poll::Pending => {}
                }
            }
            if wanted.is_some() {
                match muxer.poll_outbound_unpin(cx) {
                    Poll::Ready(Ok(stream)) => {
                        // Whoever waited too long does not want it any more.
                        let _ = wanted.take().map(|wanted| wanted.send(stream));
                        continue;
                    }
                    Poll::Ready(Err(_)) => return Poll::Ready(()),
                    Poll::Pending => {}
                }
            }
            match muxer.poll_inbound_unpin(cx) {
                Poll::Ready(Ok(stream)) => {
                    tokio::spawn(accept(stream));
                    continue;
                }
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => {}
            }
            match muxer.poll_unpin(cx) {
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Pending => return Poll::Pending,
            }
        }
    })
    .await;
}

/// Agrees to whatever protocol the victim wants, answers pings, and reads the rest.
async fn accept(mut stream: SubstreamBox) -> io::Result<()> {
    line(&mut stream).await?;
    let protocol = line(&mut stream).await?;
    let length = u8::try_from(protocol.len()).map_err(io::Error::other)?;
    let said = [b"\x13/multistream/1.0.0\n", &[length][..], &protocol].concat();
    stream.write_all(&said).await?;
    stream.flush().await?;
    let is_ping = protocol.starts_with(b"/ipfs/ping/");
    let mut bytes = [0; 4_096];
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        if is_ping {
            stream.write_all(bytes.get(..count).unwrap_or_default()).await?;
            stream.flush().await?;
        }
    }
}
