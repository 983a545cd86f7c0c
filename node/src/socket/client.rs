//! The blocking side of the desk's socket, for a command line that needs no runtime.
//! It never decodes a frame and never asks twice by itself.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::path::ShortPath;
use super::{FRAME_BYTES_MAX, SocketError, length_of};

/// A connection to a running node, for programs without a runtime: it blocks.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    path: PathBuf,
    patience: Duration,
}

impl Client {
    /// Returns a connection to the node at `path`, waited for at most `patience`. Errors: nobody answers, a bad
    /// path, the system.
    pub fn connect(path: &Path, patience: Duration) -> Result<Self, SocketError> {
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                SocketError::NotRunning { path: path.into() }
            }
            _ => SocketError::Io { path: path.into(), source },
        };
        let short = match ShortPath::of(path) {
            Err(SocketError::Io { source, .. }) => return Err(failed(source)),
            short => short?,
        };
        let stream = connect(short, patience).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => SocketError::Timeout,
            _ => failed(error),
        })?;
        Ok(Self { stream, path: path.into(), patience })
    }

    /// Sends one request and returns its answer, within the patience of the connection. Errors: those of
    /// [`Self::ask_within`].
    pub fn ask(&mut self, frame: &[u8]) -> Result<Vec<u8>, SocketError> {
        self.ask_within(frame, self.patience)
    }

    /// Sends one request and returns its answer, all within `patience`. Errors: a frame above the limit either
    /// way, an end of the connection or of the patience; after an error the connection is of no more use.
    pub fn ask_within(&mut self, frame: &[u8], patience: Duration) -> Result<Vec<u8>, SocketError> {
        let length = length_of(frame).ok_or(SocketError::TooLong)?;
        let mut timed = Timed { stream: &self.stream, until: Instant::now() + patience };
        timed.write_all(&length).map_err(|error| self.failed(error))?;
        timed.write_all(frame).map_err(|error| self.failed(error))?;
        let mut length = [0; 4];
        timed.read_exact(&mut length).map_err(|error| self.failed(error))?;
        let length = u32::from_le_bytes(length);
        if length > FRAME_BYTES_MAX {
            return Err(SocketError::TooLong);
        }
        let mut answer = Vec::new();
        let taken = timed
            .take(u64::from(length))
            .read_to_end(&mut answer)
            .map_err(|error| self.failed(error))?;
        if u32::try_from(taken) == Ok(length) { Ok(answer) } else { Err(SocketError::Closed) }
    }

    fn failed(&self, source: io::Error) -> SocketError {
        match source.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => SocketError::Timeout,
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset => SocketError::Closed,
            _ => SocketError::Io { path: self.path.clone(), source },
        }
    }
}

/// A node that has stopped accepts nobody, and the system lets callers wait without an end once enough of them
/// stand in its queue: so the wait is another thread's, which ends with the process.
fn connect(short: ShortPath, patience: Duration) -> io::Result<UnixStream> {
    let (tell, told) = mpsc::channel();
    std::thread::Builder::new().spawn(move || {
        // The folder that the path leads through stays open for as long.
        let short = short;
        tell.send(UnixStream::connect(&short.path))
    })?;
    told.recv_timeout(patience).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// A stream on which all that is written and read ends at one time.
struct Timed<'a> {
    stream: &'a UnixStream,
    until: Instant,
}

impl Timed<'_> {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = self.until.saturating_duration_since(Instant::now());
        // For the system no time at all would be all the time there is.
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl io::Read for Timed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl io::Write for Timed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
