//! Whom a node has nothing to do with because whoever runs it said so, and who uses how much of it.
//! Only what is said; the node's core keeps the list, and its network acts on it.

use core::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::{codec::CodecError, hash::Hash, ids::CiteId, keys::PublicKey, time::UnixMillis};

/// Most entries of the list: an attack that takes more is one for a firewall, which turns packets away before this
/// process sees them. Also what one reply carries.
pub const BLOCKED_MAX: usize = 256;

/// Most allies that are named behind one entry, so that a whole list fits in a reply.
pub const CUT_OFF_MAX: usize = 4;

/// Time over which use is counted, in minutes: as long as gossip remembers what was wrong.
pub const USE_MINUTES: u64 = 10;

/// An address in figures. One of IPv4 stands as IPv6 writes it (`::ffff:192.0.2.7`), so that there is one form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Ip(pub [u8; 16]);

impl From<IpAddr> for Ip {
    fn from(ip: IpAddr) -> Self {
        Self(match ip {
            IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
            IpAddr::V6(ip) => ip.octets(),
        })
    }
}

impl Ip {
    /// Returns the address as the system names it.
    #[must_use]
    pub fn addr(&self) -> IpAddr {
        Ipv6Addr::from(self.0).to_canonical()
    }

    fn bits(self) -> u128 {
        u128::from_be_bytes(self.0)
    }
}

impl fmt::Display for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.addr().fmt(f)
    }
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Addresses that are handed out together, in the two steps in which that is done: what one customer has (an IPv4 address,
/// the /64 of an IPv6 network), or what one gets with some effort (a /24, a /48).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Subnet {
    /// The first of them.
    first: Ip,
    /// How many bits at the front are the same in all, counted in the form of IPv6.
    bits: u8,
}

impl Subnet {
    /// Returns what one customer has at an address.
    #[must_use]
    pub fn near(ip: IpAddr) -> Self {
        Self::of(ip, if ip.to_canonical().is_ipv4() { 128 } else { 64 })
    }

    /// Returns the wider network of an address.
    #[must_use]
    pub fn wide(ip: IpAddr) -> Self {
        Self::of(ip, if ip.to_canonical().is_ipv4() { 120 } else { 48 })
    }

    fn of(ip: IpAddr, bits: u8) -> Self {
        let first = Ip::from(ip.to_canonical()).bits() & mask(bits);
        Self { first: Ip(first.to_be_bytes()), bits }
    }

    /// Returns whether an address is one of these.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        let same_family = ip.is_ipv4() == self.first.addr().is_ipv4();
        same_family && Ip::from(ip).bits() & mask(self.bits) == self.first.bits()
    }

    /// Returns whether these are addresses of one machine to itself.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.first.addr().is_loopback()
    }

    /// Returns whether these are addresses that nobody calls from.
    #[must_use]
    pub fn is_multicast(&self) -> bool {
        self.first.addr().is_multicast()
    }

    /// Checks that it has one of the four lengths, and begins where it says.
    fn bounds(&self, name: &'static str) -> Result<(), CodecError> {
        let ip = self.first.addr();
        let known = [Self::near(ip), Self::wide(ip)].contains(self);
        if known { Ok(()) } else { Err(CodecError::Malformed(name)) }
    }
}

fn mask(bits: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(bits))).unwrap_or(0)
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ip = self.first.addr();
        match (ip, self.bits) {
            (IpAddr::V4(_), 128) => ip.fmt(f),
            (IpAddr::V4(_), _) => write!(f, "{ip}/24"),
            (IpAddr::V6(_), bits) => write!(f, "{ip}/{bits}"),
        }
    }
}

/// A text names no addresses in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an address in figures, alone or with /24 or /48 behind it")]
pub struct NoSubnet;

impl FromStr for Subnet {
    type Err = NoSubnet;

    /// Reads an address in figures, alone (or with the `/32` or `/64` that this means), or with `/24` or `/48` behind it.
    fn from_str(text: &str) -> Result<Self, NoSubnet> {
        let (ip, length) = match text.split_once('/') {
            Some((ip, length)) => (ip, Some(length)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| NoSubnet)?;
        match (ip.to_canonical().is_ipv4(), length) {
            (_, None) | (true, Some("32")) | (false, Some("64")) => Ok(Self::near(ip)),
            (true, Some("24")) | (false, Some("48")) => Ok(Self::wide(ip)),
            _ => Err(NoSubnet),
        }
    }
}

/// Whom a node has nothing to do with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Blocked {
    /// The node with this network key.
    Node(PublicKey),
    /// Whoever is at one of these addresses.
    Subnet(Subnet),
}

impl Blocked {
    /// Checks what it names, as a part of something else.
    ///
    /// # Errors
    /// No network of those that are handed out.
    pub fn bounds(&self, name: &'static str) -> Result<(), CodecError> {
        match self {
            Self::Node(_) => Ok(()),
            Self::Subnet(subnet) => subnet.bounds(name),
        }
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(key) => Hash(key.0).fmt(f),
            Self::Subnet(subnet) => subnet.fmt(f),
        }
    }
}

/// An entry of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BlockedItem {
    /// Whom.
    pub what: Blocked,
    /// Since when.
    pub since: UnixMillis,
    /// Allies that are behind it, as far as the node knows: at most [`CUT_OFF_MAX`].
    pub cuts_off: Vec<CutOff>,
}

/// An ally with whom a node has nothing to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CutOff {
    /// Its cité.
    pub cite: CiteId,
    /// Its short name; empty when it is not known.
    pub slug: String,
    /// Whether it is a witness of this cité's log.
    pub witness: bool,
}

/// What a peer sent and was sent in the last [`USE_MINUTES`] minutes, within its connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Use {
    /// Bytes that it sent.
    pub bytes_in: u64,
    /// Bytes that it was sent.
    pub bytes_out: u64,
    /// Its requests, and its gossip that nobody had told before.
    pub messages: u64,
    /// Those of them that cannot be read, or show by themselves that they are wrong.
    pub invalid: u64,
}

#[cfg(test)]
mod tests {
    use super::{IpAddr, Subnet};

    fn read(text: &str) -> String {
        text.parse::<Subnet>().map_or_else(|_| "nobody".to_owned(), |subnet| subnet.to_string())
    }

    #[test]
    fn what_is_typed_is_addresses_that_are_handed_out_together() {
        for (typed, meant) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::/64", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::/48", "2001:db8:1::/48"),
            // As many as all, other lengths, a port, a name.
            ("0.0.0.0/0", "nobody"),
            ("192.0.2.7/25", "nobody"),
            ("2001:db8::/24", "nobody"),
            ("192.0.2.7:17890", "nobody"),
            ("cite.example", "nobody"),
            ("", "nobody"),
        ] {
            assert_eq!(read(typed), meant, "{typed:?}");
        }
    }

    #[test]
    fn a_network_contains_its_addresses_and_no_others() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("figures");
        let one = Subnet::near(ip("192.0.2.7"));
        assert!(one.contains(ip("192.0.2.7")) && one.contains(ip("::ffff:192.0.2.7")));
        assert!(!one.contains(ip("192.0.2.8")));
        let wide = Subnet::wide(ip("192.0.2.7"));
        assert!(wide.contains(ip("192.0.2.255")) && !wide.contains(ip("192.0.3.0")));
        let six = Subnet::near(ip("2001:db8:1:2::9"));
        assert!(six.contains(ip("2001:db8:1:2:ffff::")) && !six.contains(ip("2001:db8:1:3::")));
        // No network of one family holds addresses of the other.
        assert!(!Subnet::wide(ip("::1")).contains(ip("0.0.0.1")));
    }

    #[test]
    fn only_the_four_lengths_are_read_from_bytes() {
        let near = Subnet::near("192.0.2.7".parse().expect("figures"));
        assert!(near.bounds("x").is_ok());
        for bits in [0, 64, 119, 121, 127, 129, 255] {
            assert!(Subnet { bits, ..near }.bounds("x").is_err(), "{bits}");
        }
        // It begins elsewhere than it says.
        assert!(Subnet { bits: 120, ..near }.bounds("x").is_err());
    }
}
