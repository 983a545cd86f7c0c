//! The desk's Unix socket: frames of `u32` little endian and bytes, one answer for each request.
//! It never decodes a frame; whoever runs as another user of the machine is not served.

mod client;
mod path;
#[cfg(test)]
mod tests;

use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::time::timeout;

pub use client::Client;
use path::{ShortPath, parent, remove_stale};

/// Longest frame in bytes, both ways: a sheet of a thousand entries of at most 1 KiB as shown.
pub const FRAME_BYTES_MAX: u32 = 1024 * 1024;

/// Connections served at a time, each with one frame in memory; one more is told "busy".
pub const CONNECTIONS_MAX: usize = 64;

/// Longest path that a Unix socket address holds: `sun_path` has 108 bytes (unix(7)), one of them
/// for the final zero. Longer ones are reached through the folder's descriptor.
pub const PATH_BYTES_MAX: usize = 107;

/// A connection that asks nothing for this long is closed.
const IDLE: Duration = Duration::from_secs(60);

/// From its first byte a frame must arrive, and an answer must be taken, within this time.
const TRANSFER: Duration = Duration::from_secs(10);

/// The desk has this long to answer: an order may wait for its batch and for its home.
const ANSWER: Duration = Duration::from_secs(120);

/// Why the socket cannot be used. The operator must act, except where the peer is named.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The path has no file name or no folder.
    #[error("this path cannot be a socket: {}", .path.display())]
    BadPath {
        /// The path as given.
        path: PathBuf,
    },
    /// The file name alone is too long for any socket address.
    #[error("the name of the socket is too long for this system: {}", .path.display())]
    NameTooLong {
        /// The path as given.
        path: PathBuf,
    },
    /// Something that is not a socket is in the way; it is left alone.
    #[error("something else than a socket is at {}", .path.display())]
    NotASocket {
        /// The path as given.
        path: PathBuf,
    },
    /// A node answers at this path already.
    #[error("a node is running already: {} answers", .path.display())]
    Running {
        /// The path as given.
        path: PathBuf,
    },
    /// No node answers at this path.
    #[error("no node answers at {}", .path.display())]
    NotRunning {
        /// The path as given.
        path: PathBuf,
    },
    /// The other side did not send or take its bytes in time.
    #[error("the node did not answer in time")]
    Timeout,
    /// A frame is longer than [`FRAME_BYTES_MAX`].
    #[error("the message is longer than {FRAME_BYTES_MAX} bytes")]
    TooLong,
    /// The other side closed before the frame was complete.
    #[error("the node closed the connection before its answer was complete")]
    Closed,
    /// The system refused.
    #[error("the socket {} cannot be used: {source}", .path.display())]
    Io {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// One request and the way to answer it. Dropping `reply` closes the connection unanswered.
#[derive(Debug)]
pub struct Request {
    /// What was asked: at most [`FRAME_BYTES_MAX`] bytes.
    pub frame: Vec<u8>,
    /// Takes the answer: at most [`FRAME_BYTES_MAX`] bytes.
    pub reply: oneshot::Sender<Vec<u8>>,
}

/// The listening socket. Dropping it removes the file, if it is still its own.
#[derive(Debug)]
pub struct Server {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode of the file, to know it again.
    file: (u64, u64),
    /// The user who owns it, and whose requests are served.
    owner: u32,
}

impl Server {
    /// Returns a socket listening at `path`, readable and writable by this user only. A folder that
    /// is missing is made with mode 0700. A socket file that nobody answers at is replaced.
    /// Errors: a running node, something else in the way, a bad path, the system. Panics outside of
    /// a tokio runtime.
    pub fn bind(path: &Path) -> Result<Self, SocketError> {
        let failed = |source| SocketError::Io { path: path.into(), source };
        let folder = parent(path)?;
        if !folder.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        }
        let short = ShortPath::of(path)?;
        remove_stale(path, &short.path)?;
        let listener = UnixListener::bind(&short.path).map_err(failed)?;
        // Between these two lines the file has the rights of the umask; who comes in then is still
        // asked for the user's id at `accept`.
        std::fs::set_permissions(&short.path, Permissions::from_mode(0o600)).map_err(failed)?;
        let metadata = std::fs::symlink_metadata(&short.path).map_err(failed)?;
        let file = (metadata.dev(), metadata.ino());
        Ok(Self { listener, path: path.into(), file, owner: metadata.uid() })
    }

    /// Serves until every receiver of `requests` is gone. A request that finds the channel full, and
    /// a connection above [`CONNECTIONS_MAX`], is answered with `busy`.
    pub async fn serve(self, requests: mpsc::Sender<Request>, busy: Vec<u8>) {
        let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let busy = Arc::new(busy);
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = requests.closed() => return,
            };
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, most likely: trying again at once would only spin.
                    tracing::warn!(%error, "a connection to the desk was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            if !self.may_ask(&stream) {
                continue;
            }
            match Arc::clone(&places).try_acquire_owned() {
                Ok(place) => {
                    let (requests, busy) = (requests.clone(), Arc::clone(&busy));
                    tokio::spawn(async move {
                        if let Err(error) = converse(stream, requests, &busy, place).await {
                            tracing::debug!(%error, "a connection to the desk ended");
                        }
                    });
                }
                Err(_) => say_busy(&stream, &busy),
            }
        }
    }

    /// Returns whether the other side runs as the owner of the socket or as root, who could read the
    /// node's files anyway.
    fn may_ask(&self, stream: &UnixStream) -> bool {
        let user = stream.peer_cred().map(|credentials| credentials.uid());
        let may = user.as_ref().is_ok_and(|user| *user == self.owner || *user == 0);
        if !may {
            tracing::warn!(?user, "another user of this machine was turned away from the desk");
        }
        may
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let own = std::fs::symlink_metadata(&self.path)
            .is_ok_and(|found| (found.dev(), found.ino()) == self.file);
        if own {
            // A file that stays is found stale by the next start.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Answers one connection's requests one after another until it closes, falls silent or errs.
async fn converse(
    mut stream: UnixStream,
    requests: mpsc::Sender<Request>,
    busy: &[u8],
    _place: OwnedSemaphorePermit,
) -> io::Result<()> {
    while let Some(frame) = read_frame(&mut stream).await? {
        let (reply, answer) = oneshot::channel();
        let answer = match requests.try_send(Request { frame, reply }) {
            Ok(()) => {
                timeout(ANSWER, answer).await?.map_err(|_| io::ErrorKind::ConnectionAborted)?
            }
            Err(mpsc::error::TrySendError::Full(_)) => busy.to_vec(),
            Err(mpsc::error::TrySendError::Closed(_)) => return Ok(()),
        };
        let length = length_of(&answer).ok_or(io::ErrorKind::InvalidInput)?;
        timeout(TRANSFER, async {
            stream.write_all(&length).await?;
            stream.write_all(&answer).await
        })
        .await??;
    }
    Ok(())
}

/// Returns the next frame, or `None` when the other side closed between two frames. Memory grows
/// with the bytes that arrive. Errors: a length above the limit, a cut frame, silence.
async fn read_frame(stream: &mut UnixStream) -> io::Result<Option<Vec<u8>>> {
    let mut first = [0; 1];
    if timeout(IDLE, stream.read(&mut first)).await?? == 0 {
        return Ok(None);
    }
    timeout(TRANSFER, async {
        let mut rest = [0; 3];
        stream.read_exact(&mut rest).await?;
        let ([a], [b, c, d]) = (first, rest);
        let length = u32::from_le_bytes([a, b, c, d]);
        if length > FRAME_BYTES_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut frame = Vec::new();
        let taken = stream.take(u64::from(length)).read_to_end(&mut frame).await?;
        if u32::try_from(taken) == Ok(length) {
            Ok(Some(frame))
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    })
    .await?
}

/// Writes the busy frame as far as the socket takes it at once; nobody waits for a full house.
fn say_busy(stream: &UnixStream, busy: &[u8]) {
    if let Some(length) = length_of(busy) {
        let _ = stream.try_write(&[&length[..], busy].concat());
    }
}

/// Returns the length in front of a frame, if the frame is within the limit.
fn length_of(frame: &[u8]) -> Option<[u8; 4]> {
    let length = u32::try_from(frame.len()).ok()?;
    (length <= FRAME_BYTES_MAX).then(|| length.to_le_bytes())
}
