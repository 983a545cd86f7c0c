//! Where the socket's file is: paths too long for a socket address, and files left behind.
//! It removes nothing but a socket that nobody answers at.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use super::{PATH_BYTES_MAX, SocketError};

/// A path short enough for a socket address; the open folder keeps it valid.
pub(super) struct ShortPath {
    pub(super) path: PathBuf,
    _folder: Option<File>,
}

impl ShortPath {
    /// Returns `path` itself or, if it is too long for a socket address, the way through the open
    /// folder: `/proc/self/fd/N/name` (proc(5)), which is as short as the name allows.
    pub(super) fn of(path: &Path) -> Result<Self, SocketError> {
        let name = path.file_name().ok_or_else(|| SocketError::BadPath { path: path.into() })?;
        if path.as_os_str().as_bytes().len() <= PATH_BYTES_MAX {
            return Ok(Self { path: path.into(), _folder: None });
        }
        let folder = File::open(parent(path)?)
            .map_err(|source| SocketError::Io { path: path.into(), source })?;
        let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        if short.as_os_str().as_bytes().len() > PATH_BYTES_MAX {
            return Err(SocketError::NameTooLong { path: path.into() });
        }
        Ok(Self { path: short, _folder: Some(folder) })
    }
}

/// Returns the folder of `path`; the present one for a bare name.
pub(super) fn parent(path: &Path) -> Result<&Path, SocketError> {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Ok(Path::new(".")),
        Some(folder) => Ok(folder),
        None => Err(SocketError::BadPath { path: path.into() }),
    }
}

/// Removes the socket that a node left behind when it died. Only a refused connection proves that
/// nobody listens any more: a full or slow node does not refuse.
pub(super) fn remove_stale(path: &Path, short: &Path) -> Result<(), SocketError> {
    let failed = |source| SocketError::Io { path: path.into(), source };
    match std::fs::symlink_metadata(short) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.file_type().is_socket() => {
            return Err(SocketError::NotASocket { path: path.into() });
        }
        Ok(_) => {}
    }
    match UnixStream::connect(short) {
        Ok(_) => Err(SocketError::Running { path: path.into() }),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(short).map_err(failed)
        }
        Err(error) => Err(failed(error)),
    }
}
