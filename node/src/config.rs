//! The settings of a node: defaults that work, an optional file, and what the command line overrides.
//! It never looks at the environment, and never lets a misspelt or meaningless setting pass.
//!
//! The file is TOML. All that concerns the node stands under `[node]`; no setting is needed.
//!
//! ```toml
//! [node]
//! listen = ["0.0.0.0:17890"]               # host in figures; port 0 lets the system choose
//! announce = ["node.tisserandes.example:17890"] # what others are told, if not what is listened on
//! mdns = false                             # whether to look for nodes in the local network
//!
//! [[node.peers]]                           # nodes to keep in touch with, whatever they are told
//! key = "0b1c…"                            # network key, 64 hexadecimal digits
//! addresses = ["node.canuts.example:17890"]
//! ```
//!
//! There are no durations and sizes to set: every bound is a constant with its reason beside it.

mod file;
#[cfg(test)]
mod tests;

use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use proto::keys::PublicKey;

use self::file::Reading;
use crate::core::PeerKey;
use crate::network::{Address, AddressError, limits};

/// Where a node listens when nothing else is said: all IPv4 addresses of the machine.
pub const LISTEN_HOST: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The port for other nodes, when nothing else is said.
pub const LISTEN_PORT: u16 = 17_890;

/// How many ports after [`LISTEN_PORT`] are tried when it is taken: several cités on one machine, and
/// still few enough for one line in a firewall.
pub const LISTEN_PORTS_MORE: u16 = 16;

/// Addresses to listen on at most.
pub const LISTEN_MAX: usize = 8;

/// Addresses that others are told at most, and their length in bytes: what an announcement carries.
pub const ANNOUNCE_MAX: usize = 4;
const ANNOUNCE_BYTES_MAX: usize = 96;

/// Longest file that is read: the most peers, with room for comments.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Settings of a node.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Config {
    /// Where to listen, at most [`LISTEN_MAX`]; empty: [`LISTEN_HOST`] at [`LISTEN_PORT`] or at the
    /// next free one of the [`LISTEN_PORTS_MORE`] after it.
    pub listen: Vec<Address>,
    /// What others are told, at most [`ANNOUNCE_MAX`]; empty: where the node listens.
    pub announce: Vec<Address>,
    /// Whether to look for nodes in the local network. Tells everybody there that one runs.
    pub mdns: bool,
    /// Nodes to keep in touch with, at most [`limits::EXPLICIT_PEERS_MAX`].
    pub peers: Vec<(PeerKey, Vec<Address>)>,
}

/// What the command line or its environment says instead of the file; `None` and empty: nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Overrides {
    /// Instead of [`Config::listen`].
    pub listen: Vec<Address>,
    /// Instead of [`Config::announce`].
    pub announce: Vec<Address>,
    /// Instead of [`Config::mdns`].
    pub mdns: Option<bool>,
    /// Beside [`Config::peers`]: somebody to call for the first time.
    pub peers: Vec<(PeerKey, Vec<Address>)>,
}

/// Why a file of settings is refused. The operator must act; lines and columns count from 1.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any settings are.
    #[error("{} is longer than {FILE_BYTES_MAX} bytes", .path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Not TOML, an unknown setting, or a value of another sort than wanted.
    #[error("{}:{line}:{column}: {}", .path.display(), .source.message())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// Where in the line.
        column: usize,
        /// What is wrong.
        source: Box<toml::de::Error>,
    },
    /// A text is not an address.
    #[error("{}:{line}: {source}", .path.display())]
    Address {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong.
        source: AddressError,
    },
    /// An address to tell others is too long for an announcement.
    #[error("{}:{line}: an address to announce has at most {ANNOUNCE_BYTES_MAX} bytes", .path.display())]
    AnnounceTooLong {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
    },
    /// A text is not the network key of a node.
    #[error("{}:{line}: a node's key has 64 hexadecimal digits", .path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Where.
        line: usize,
    },
    /// A list is too long.
    #[error("{}:{line}: at most {max} are possible here", .path.display())]
    TooMany {
        /// The file.
        path: PathBuf,
        /// Where the list begins.
        line: usize,
        /// How many it may have.
        max: usize,
    },
}

impl Config {
    /// Returns the settings in a file; the defaults where there is none. Errors: a file that cannot be
    /// read or that says anything not known here, with the line.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Read { path: path.into(), source };
        let file = match std::fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            other => other.map_err(failed)?,
        };
        let mut text = String::new();
        file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > FILE_BYTES_MAX {
            return Err(ConfigError::TooLong { path: path.into() });
        }
        Reading { path, text: &text }.config()
    }

    /// Returns the settings with what the command line says instead.
    pub fn with(self, overrides: Overrides) -> Self {
        let instead = |said: Vec<Address>, file| if said.is_empty() { file } else { said };
        let mut peers = overrides.peers;
        peers.extend(self.peers);
        peers.truncate(limits::EXPLICIT_PEERS_MAX);
        Self {
            listen: instead(overrides.listen, self.listen),
            announce: instead(overrides.announce, self.announce),
            mdns: overrides.mdns.unwrap_or(self.mdns),
            peers,
        }
    }
}

/// Returns the key written in 64 hexadecimal digits, if it is one that a node can have.
pub fn peer_key(text: &str) -> Option<PeerKey> {
    let digits = text.as_bytes();
    let mut bytes = [0; 32];
    if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    let key = PublicKey(bytes);
    key.check().is_ok().then_some(key)
}
