//! The file of settings: its shape, and the line of whatever is wrong in it.
//! It opens no file; the text is read already.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{ANNOUNCE_BYTES_MAX, ANNOUNCE_MAX, Config, ConfigError, LISTEN_MAX, peer_key};
use crate::network::{Address, limits};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    node: Node,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Node {
    listen: Option<Texts>,
    announce: Option<Texts>,
    mdns: bool,
    peers: Option<Spanned<Vec<Peer>>>,
}

type Texts = Spanned<Vec<Spanned<String>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    key: Spanned<String>,
    addresses: Texts,
}

/// A file while it is read: knows the line of every place in it.
pub(super) struct Reading<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

impl Reading<'_> {
    /// Returns the settings that the file says.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        let file: File = toml::from_str(self.text).map_err(|source| {
            let (line, column) = self.place(source.span().map_or(0, |span| span.start));
            ConfigError::Form { path: self.path.into(), line, column, source: Box::new(source) }
        })?;
        let node = file.node;
        let mut announce = Vec::new();
        for text in self.list(node.announce, ANNOUNCE_MAX)? {
            let address = self.address(&text)?;
            if address.to_string().len() > ANNOUNCE_BYTES_MAX {
                let line = self.line(&text);
                return Err(ConfigError::AnnounceTooLong { path: self.path.into(), line });
            }
            announce.push(address);
        }
        let mut peers = Vec::new();
        for peer in self.list(node.peers, limits::EXPLICIT_PEERS_MAX)? {
            let key = peer_key(peer.key.get_ref()).ok_or_else(|| ConfigError::Key {
                path: self.path.into(),
                line: self.line(&peer.key),
            })?;
            let addresses = Some(peer.addresses);
            peers.push((key, self.addresses(addresses, limits::ADDRESSES_PER_PEER_MAX)?));
        }
        Ok(Config {
            listen: self.addresses(node.listen, LISTEN_MAX)?,
            announce,
            mdns: node.mdns,
            peers,
        })
    }

    fn addresses(&self, texts: Option<Texts>, max: usize) -> Result<Vec<Address>, ConfigError> {
        self.list(texts, max)?.iter().map(|text| self.address(text)).collect()
    }

    fn list<T>(&self, list: Option<Spanned<Vec<T>>>, max: usize) -> Result<Vec<T>, ConfigError> {
        match list {
            Some(list) if list.get_ref().len() > max => {
                let (path, line) = (self.path.into(), self.line(&list));
                Err(ConfigError::TooMany { path, line, max })
            }
            Some(list) => Ok(list.into_inner()),
            None => Ok(Vec::new()),
        }
    }

    fn address(&self, text: &Spanned<String>) -> Result<Address, ConfigError> {
        text.get_ref().parse().map_err(|source| {
            let line = self.line(text);
            ConfigError::Address { path: self.path.into(), line, source }
        })
    }

    fn line<T>(&self, at: &Spanned<T>) -> usize {
        self.place(at.span().start).0
    }

    /// Returns line and column of a byte, both from 1; columns count characters.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let last = before.rsplit('\n').next().unwrap_or_default();
        (before.matches('\n').count() + 1, last.chars().count() + 1)
    }
}
