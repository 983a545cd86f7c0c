//! The blocking side of the desk's socket, for a command line that needs no runtime.
//! It never decodes a frame and never asks twice by itself.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::path::ShortPath;
use super::{FRAME_BYTES_MAX, SocketError, length_of};

/// A connection to a running node, for programs without a runtime: it blocks.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    path: PathBuf,
}

impl Client {
    /// Returns a connection to the node at `path`. Every later read and write waits at most
    /// `patience` for the next bytes. Errors: nobody answers, a bad path, the system.
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
        let stream = UnixStream::connect(&short.path).map_err(failed)?;
        stream.set_read_timeout(Some(patience)).map_err(failed)?;
        stream.set_write_timeout(Some(patience)).map_err(failed)?;
        Ok(Self { stream, path: path.into() })
    }

    /// Sends one request and returns its answer. Errors: a frame above the limit either way, an end
    /// of the connection or of the patience; after an error the connection is of no more use.
    pub fn ask(&mut self, frame: &[u8]) -> Result<Vec<u8>, SocketError> {
        let length = length_of(frame).ok_or(SocketError::TooLong)?;
        self.stream.write_all(&length).map_err(|error| self.failed(error))?;
        self.stream.write_all(frame).map_err(|error| self.failed(error))?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(|error| self.failed(error))?;
        let length = u32::from_le_bytes(length);
        if length > FRAME_BYTES_MAX {
            return Err(SocketError::TooLong);
        }
        let mut answer = Vec::new();
        let taken = (&self.stream)
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
