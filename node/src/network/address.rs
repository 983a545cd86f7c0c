//! Addresses of nodes: `host:port` or a multiaddr in, `host:port` out.
//! It never resolves a name and never says whether somebody answers there.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use libp2p::Multiaddr;
use libp2p::multiaddr::Protocol;

use super::PeerKey;

/// Longest accepted text in bytes: a name of 253 bytes (RFC 1035 section 2.3.4), a port, and the
/// words of a multiaddr with a peer id.
pub const ADDRESS_BYTES_MAX: usize = 384;

/// Longest host name in bytes without the final dot, and longest label (RFC 1035 section 2.3.4).
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Where a node listens: a host, a TCP port and, if the text named it, the key expected there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    host: Host,
    port: u16,
    peer: Option<PeerKey>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Host {
    Ip(IpAddr),
    Name(String),
}

/// Why a text is not an address. The sender of the text must act.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// The text is empty.
    #[error("the address is empty")]
    Empty,
    /// The text is longer than [`ADDRESS_BYTES_MAX`].
    #[error("the address is longer than {ADDRESS_BYTES_MAX} bytes")]
    TooLong,
    /// There is no `:port` at the end.
    #[error("the address does not end in a colon and a port, as in host:4001")]
    NoPort,
    /// The port is not a number from 0 to 65535.
    #[error("the port is not a number from 0 to 65535")]
    BadPort,
    /// The host is neither an IP address nor a host name.
    #[error("the host is neither an IP address nor a host name")]
    BadHost,
    /// The text begins like a multiaddr but cannot be read as one.
    #[error("the multiaddr cannot be read")]
    BadMultiaddr,
    /// The multiaddr is not `/ip4|ip6|dns|dns4|dns6/…/tcp/…` with at most `/p2p/…` after it.
    #[error("only addresses over TCP are supported, as in /ip4/192.0.2.1/tcp/4001")]
    NotTcp,
    /// The peer id at the end is not that of an ed25519 key.
    #[error("the peer id is not that of an ed25519 key")]
    BadPeer,
}

impl Address {
    /// Returns the key that the address promises, if it names one.
    pub fn peer(&self) -> Option<PeerKey> {
        self.peer
    }

    /// Returns the address in figures; `None` for a name.
    pub(super) fn socket(&self) -> Option<SocketAddr> {
        match &self.host {
            Host::Ip(ip) => Some(SocketAddr::new(*ip, self.port)),
            Host::Name(_) => None,
        }
    }

    /// Returns the multiaddr to listen on or to dial, without the peer.
    pub(super) fn multiaddr(&self) -> Multiaddr {
        let host = match &self.host {
            Host::Ip(IpAddr::V4(ip)) => Protocol::Ip4(*ip),
            Host::Ip(IpAddr::V6(ip)) => Protocol::Ip6(*ip),
            Host::Name(name) => Protocol::Dns(name.as_str().into()),
        };
        Multiaddr::empty().with(host).with(Protocol::Tcp(self.port))
    }

    /// Returns the address in `multi`, or why it is none that this node can use.
    pub(super) fn from_multiaddr(multi: &Multiaddr) -> Result<Self, AddressError> {
        let mut parts = multi.iter();
        let host = match parts.next() {
            Some(Protocol::Ip4(ip)) => Host::Ip(ip.into()),
            Some(Protocol::Ip6(ip)) => Host::Ip(ip.into()),
            Some(Protocol::Dns(name) | Protocol::Dns4(name) | Protocol::Dns6(name)) => {
                name_host(&name)?
            }
            _ => return Err(AddressError::NotTcp),
        };
        let Some(Protocol::Tcp(port)) = parts.next() else {
            return Err(AddressError::NotTcp);
        };
        let peer = match parts.next() {
            None => None,
            Some(Protocol::P2p(id)) => Some(PeerKey::of(&id).ok_or(AddressError::BadPeer)?),
            Some(_) => return Err(AddressError::NotTcp),
        };
        if parts.next().is_some() {
            return Err(AddressError::NotTcp);
        }
        Ok(Self { host, port, peer })
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > ADDRESS_BYTES_MAX {
            return Err(AddressError::TooLong);
        }
        if text.starts_with('/') {
            let multi = Multiaddr::from_str(text).map_err(|_| AddressError::BadMultiaddr)?;
            return Self::from_multiaddr(&multi);
        }
        // The standard form of IPv6, `[::1]:4001`, is the only one with colons in the host.
        if let Ok(socket) = SocketAddr::from_str(text) {
            let (host, port) = (Host::Ip(socket.ip()), socket.port());
            return Ok(Self { host, port, peer: None });
        }
        let (host, port) = text.rsplit_once(':').ok_or(AddressError::NoPort)?;
        if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AddressError::BadPort);
        }
        let port = port.parse().map_err(|_| AddressError::BadPort)?;
        Ok(Self { host: name_host(host)?, port, peer: None })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(ip) => SocketAddr::new(*ip, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

/// Returns a host name as host: letters, digits, hyphens and dots (RFC 1123 section 2.1), at least
/// one of them a letter in the last label, so that a mistyped `192.0.2` is never asked of the DNS.
fn name_host(name: &str) -> Result<Host, AddressError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let label_is_good = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let last_has_letter =
        name.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    if name.len() <= NAME_BYTES_MAX && name.split('.').all(label_is_good) && last_has_letter {
        Ok(Host::Name(name.to_ascii_lowercase()))
    } else {
        Err(AddressError::BadHost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_texts_print_as_host_and_port_and_read_back() {
        let long = format!("{0}.{0}.{0}.example:65535", "a".repeat(63));
        for (text, shown) in [
            ("127.0.0.1:0", "127.0.0.1:0"),
            ("192.0.2.7:4001", "192.0.2.7:4001"),
            ("[::1]:4001", "[::1]:4001"),
            ("localhost:4001", "localhost:4001"),
            ("Cite-1.Example.ORG:80", "cite-1.example.org:80"),
            ("example.org.:80", "example.org:80"),
            (long.as_str(), long.as_str()),
            ("/ip4/192.0.2.7/tcp/4001", "192.0.2.7:4001"),
            ("/ip6/2001:db8::1/tcp/4001", "[2001:db8::1]:4001"),
            ("/dns/example.org/tcp/4001", "example.org:4001"),
            ("/dns4/example.org/tcp/4001", "example.org:4001"),
        ] {
            let address: Address = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(address.to_string(), shown, "{text}");
            assert_eq!(address.to_string().parse(), Ok(address.clone()), "{text}");
            assert_eq!(Address::from_multiaddr(&address.multiaddr()), Ok(address), "{text}");
        }
    }

    #[test]
    fn refused_texts_say_why() {
        let long = format!("{}:1", "a.".repeat(ADDRESS_BYTES_MAX));
        let label = format!("{}.org:1", "a".repeat(64));
        let name = format!("{0}.{0}.{0}.{0}:1", "a".repeat(63));
        for (text, why) in [
            ("", AddressError::Empty),
            (long.as_str(), AddressError::TooLong),
            ("example.org", AddressError::NoPort),
            ("example.org:", AddressError::BadPort),
            ("example.org:+80", AddressError::BadPort),
            ("example.org:65536", AddressError::BadPort),
            ("example.org: 80", AddressError::BadPort),
            (":80", AddressError::BadHost),
            ("192.0.2:80", AddressError::BadHost),
            ("::1:80", AddressError::BadHost),
            ("-a.org:80", AddressError::BadHost),
            ("a..org:80", AddressError::BadHost),
            ("cité.org:80", AddressError::BadHost),
            (label.as_str(), AddressError::BadHost),
            (name.as_str(), AddressError::BadHost),
            ("/", AddressError::BadMultiaddr),
            ("/ip4/192.0.2/tcp/1", AddressError::BadMultiaddr),
            ("/ip4/192.0.2.1/udp/1", AddressError::NotTcp),
            ("/ip4/192.0.2.1", AddressError::NotTcp),
            ("/ip4/192.0.2.1/tcp/1/ws", AddressError::NotTcp),
            ("/tcp/1", AddressError::NotTcp),
            ("/dns/-a.org/tcp/1", AddressError::BadHost),
        ] {
            assert_eq!(text.parse::<Address>(), Err(why), "{text}");
        }
    }

    #[test]
    fn the_peer_of_a_multiaddr_is_kept() {
        let key = PeerKey::from_seed(&[7; 32]);
        let id = key.peer_id().expect("a key made from a seed is a point of the curve");
        let text = format!("/ip4/192.0.2.7/tcp/4001/p2p/{id}");
        let address: Address = text.parse().expect("the text is a multiaddr over TCP");
        assert_eq!(address.peer(), Some(key));
        assert_eq!(address.to_string(), "192.0.2.7:4001");
        assert_eq!(format!("{text}/tcp/1").parse::<Address>(), Err(AddressError::NotTcp));
        // An RSA key's id is a SHA-256 and not the key itself.
        let rsa = "/ip4/192.0.2.7/tcp/1/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";
        assert_eq!(rsa.parse::<Address>(), Err(AddressError::BadPeer));
    }
}
