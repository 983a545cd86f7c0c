//! `run/node.json`: where the running node is reached, for programs that wait for it. It holds no
//! secret, is gone after a clean stop, and proves nothing: who wants to know asks the socket.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Longest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// Where a running node is reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Running {
    /// Name and version of this form.
    pub schema: String,
    /// Its process.
    pub pid: u32,
    /// When it started, in milliseconds since 1970.
    pub since_ms: u64,
    /// Its cité, as text.
    pub cite: String,
    /// Its network key, as 64 hexadecimal digits.
    pub node: String,
    /// Its socket.
    pub socket: PathBuf,
    /// Where it listens for other nodes, as `host:port`.
    pub listening: Vec<String>,
}

impl Running {
    /// [`Running::schema`] of this version.
    pub const SCHEMA: &'static str = "pirate.node.running/1";

    /// Returns what a node wrote to `path` ([`crate::home_dir::HomeDir::running`]); `None` while no
    /// node runs or after one died half way through its first start. A node that was killed leaves
    /// its file behind. Errors: the system, other than a missing file.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        let file = match std::fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let file = io::Read::take(file, FILE_BYTES_MAX);
        Ok(serde_json::from_reader(file).ok())
    }
}

/// The file of a running node; removed when dropped.
pub(super) struct RunningFile {
    path: PathBuf,
    written: bool,
}

impl RunningFile {
    /// Returns the file at `path`, not yet written.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, written: false }
    }

    /// Writes the file as a whole: who reads it sees the old or the new one. It is not synced, for
    /// after a power cut it means nothing.
    pub(super) fn write(&mut self, running: &Running) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let beside = self.path.with_extension("new");
        std::fs::write(&beside, serde_json::to_vec_pretty(running)?)?;
        self.written = true;
        std::fs::rename(&beside, &self.path)
    }
}

impl Drop for RunningFile {
    fn drop(&mut self) {
        if self.written {
            // One that stays names a process that is gone; the next start writes it anew.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_until_it_is_dropped() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("run").join("node.json");
        assert_eq!(Running::read(&path).expect("a missing file is no error"), None);
        let mut running = Running {
            schema: Running::SCHEMA.into(),
            pid: 1,
            since_ms: 2,
            cite: "pcite1".into(),
            node: "00".into(),
            socket: "/run/node.sock".into(),
            listening: vec!["127.0.0.1:1".into()],
        };
        let mut file = RunningFile::at(path.clone());
        for address in ["127.0.0.1:1", "[::1]:2"] {
            running.listening = vec![address.into()];
            file.write(&running).expect("the folder can be written");
            assert_eq!(Running::read(&path).expect("it was written"), Some(running.clone()));
        }
        drop(file);
        assert_eq!(Running::read(&path).expect("a missing file is no error"), None);
    }
}
