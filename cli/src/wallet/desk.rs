//! The way to a desk: what `--node` says; else the node on this machine, the home's node over the network, and
//! when that is silent a node that passes calls on.

use std::time::Instant;

use ledger::proof::verify_founding;
use node::client::{Client, Reach};
use proto::{
    codec::Bytes,
    desk::{Call, Frame, Query, Reply, SignedQuery},
    founding::VerifiedFounding,
    ids::{CiteId, MemberId, NetworkId},
    keys::{PublicKey, SigningKey},
};

use crate::{
    asking, codes,
    context::Context,
    error::Failure,
    named_node::NamedNode,
    reply::{self, is_silence, no_reply, unavailable, unexpected},
    text,
    waiting::Patience,
};

use super::ways::Way;

/// Whose desk is wanted, and where its node is said to be.
#[derive(Clone, Debug)]
pub struct Target {
    /// The home whose desk answers.
    pub home: CiteId,
    /// Its network.
    pub network: NetworkId,
    /// Network key of its node.
    pub node: PublicKey,
    /// The incarnation of its log in which that is the key, as far as is known.
    pub incarnation: u32,
    /// Addresses of its node; may be empty.
    pub addresses: Vec<String>,
    /// Other nodes that pass calls on, for when its own is silent.
    pub others: Vec<Way>,
}

impl Target {
    /// Returns the desk of a cité whose node listens at `addresses`.
    pub fn of(founding: &VerifiedFounding, addresses: &[String]) -> Self {
        Self {
            home: founding.cite(),
            network: founding.network(),
            node: founding.keys().network,
            incarnation: founding.incarnation(),
            addresses: addresses.to_vec(),
            others: Vec::new(),
        }
    }

    /// Returns the same desk with what a wallet remembers: where the home's node was last heard of, tried
    /// before where it was first, and others.
    #[must_use]
    pub fn by(mut self, ways: Vec<Way>) -> Self {
        if self.addresses.is_empty() {
            return self;
        }
        let (own, others): (Vec<Way>, Vec<Way>) =
            ways.into_iter().partition(|way| way.cite == self.home);
        let mut addresses: Vec<String> = own.into_iter().flat_map(|way| way.addresses).collect();
        for first in core::mem::take(&mut self.addresses) {
            if !addresses.contains(&first) {
                addresses.push(first);
            }
        }
        Self { addresses, others, ..self }
    }
}

/// A connection to a desk.
pub struct Desk {
    client: Client,
    home: CiteId,
    network: NetworkId,
    patience: Patience,
    place: String,
    /// Whether it is the node of this machine.
    own: bool,
    through: Option<Way>,
    record: Option<Bytes>,
}

/// Who signs private queries.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    /// The member.
    pub member: MemberId,
    /// Number of the key set and the device's lane.
    pub device: (u32, u16),
    /// The device's key.
    pub key: &'a SigningKey,
}

impl Desk {
    /// Returns a connection to the desk of `target`: through `--node` if given, else through this
    /// machine's own node (any node passes calls on), else straight to the home's node; when that is
    /// silent, through the first of the others that finds it.
    ///
    /// # Errors
    /// P0303 with `--offline`, P0305 for an unreadable `--node`, P0301 or P0302 when nobody answers.
    pub fn reach(context: &Context, target: &Target) -> Result<Self, Failure> {
        if context.global.offline {
            return Err(Failure::new(codes::OFFLINE_ASKED, text!("offline-asked")));
        }
        let socket = || Reach::Socket(context.paths.socket());
        if let Some(typed) = &context.global.node {
            return Self::connect(target, named(typed, target)?, &context.patience);
        }
        if target.addresses.is_empty() {
            return Self::connect(target, socket(), &context.patience);
        }
        if context.paths.socket().exists()
            && let Ok(desk) = Self::connect(target, socket(), &context.patience.part(2))
        {
            return Ok(desk.with(context));
        }
        match Self::straight(context, target) {
            Err(failure) if is_silence(&failure) => Self::through_others(context, target, failure)
                .map_err(|failure| failure.fix_for(text!("fix-moved"), &["pirate", "join", "…"])),
            other => other,
        }
    }

    /// Returns a connection to the node of another cité itself.
    ///
    /// # Errors
    /// P0301 or P0302 when it does not answer.
    pub fn at(target: &Target, way: &Way, patience: &Patience) -> Result<Self, Failure> {
        Self::connect(target, over_network(target, way.node, &way.addresses), patience)
    }

    /// Returns a connection straight to the home's node. One that shows another key may have got it since: if
    /// the home's root named that key for a later incarnation than is known here, it is the home's node.
    fn straight(context: &Context, target: &Target) -> Result<Self, Failure> {
        let to = |node| over_network(target, node, &target.addresses);
        // Where others may pass calls on, a silent home leaves them half of the time.
        let of = if target.others.is_empty() { 1 } else { 2 };
        let patience = context.patience.part(of);
        let failure = match Self::connect(target, to(target.node), &patience) {
            Ok(desk) => return Ok(desk.with(context)),
            Err(failure) if failure.code() == codes::NODE_ABSENT => failure,
            other => return other,
        };
        let Some(node) = reply::other_key(&failure) else { return Err(failure) };
        let Ok(mut desk) = Self::connect(target, to(node), &patience) else {
            return Err(failure);
        };
        let Ok(Reply::Sheet(sheet)) = desk.call_here(Call::Sheet) else { return Err(failure) };
        let named = verify_founding(&sheet.founding).is_ok_and(|record| {
            record.cite() == target.home
                && record.network() == target.network
                && record.incarnation() > target.incarnation
                && record.keys().network == node
        });
        if !named {
            return Err(failure);
        }
        desk.record = Some(sheet.founding);
        Ok(desk.with(context))
    }

    /// Returns a connection through another node that reaches the home. All of them together are waited
    /// for as long as one node is, and a last one that was begun in time.
    fn through_others(
        context: &Context,
        target: &Target,
        failure: Failure,
    ) -> Result<Self, Failure> {
        let until = Instant::now() + context.patience.left();
        let mut tried: usize = 0;
        for way in &target.others {
            if Instant::now() >= until {
                break;
            }
            let patience = context.patience.part(target.others.len() - tried);
            tried += 1;
            let Ok(mut desk) = Self::at(target, way, &patience) else { continue };
            // That it answers does not say that it has a way to the home.
            if matches!(desk.call(Call::Cites), Ok(Reply::Cites(_))) {
                desk.through = Some(way.clone());
                return Ok(desk.with(context));
            }
        }
        if tried == 0 {
            return Err(failure);
        }
        Err(failure.because(text!("reply-others-too", count = tried)))
    }

    /// Returns the home's record, once, if its root named other keys than were known here.
    pub fn take_record(&mut self) -> Option<Bytes> {
        self.record.take()
    }

    /// Returns the node that passes calls on because the home's is silent.
    pub fn through(&self) -> Option<&Way> {
        self.through.as_ref()
    }

    /// Gives the whole rest of the command's time to what was found within a part of it.
    fn with(self, context: &Context) -> Self {
        Self { patience: context.patience.clone(), ..self }
    }

    fn connect(target: &Target, reach: Reach, patience: &Patience) -> Result<Self, Failure> {
        let place = match &reach {
            Reach::Socket(path) => path.display().to_string(),
            Reach::Network { addresses, .. } => addresses.join(", "),
        };
        let _wait = patience.wait(text!("waiting-node", place = place.as_str()));
        let client = Client::connect(&reach, patience.left()).map_err(|e| no_reply(&e, &place))?;
        let (home, network) = (target.home, target.network);
        let patience = patience.clone();
        let own = matches!(reach, Reach::Socket(_));
        Ok(Self { client, home, network, patience, place, own, through: None, record: None })
    }

    /// Returns the home's reply to a call.
    ///
    /// # Errors
    /// A refusal's code, a silence's code, or P0304.
    pub fn call(&mut self, call: Call) -> Result<Reply, Failure> {
        self.call_at(self.home, call)
    }

    /// Returns another home's reply to a call, passed on by the node that is connected.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_at(&mut self, home: CiteId, call: Call) -> Result<Reply, Failure> {
        self.send(&Frame { home: Some(home), call })
    }

    /// Returns the reply of the connected node itself, whoever's home it is.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn call_here(&mut self, call: Call) -> Result<Reply, Failure> {
        self.send(&Frame { home: None, call })
    }

    /// Returns the reply to a frame made earlier.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn send(&mut self, frame: &Frame) -> Result<Reply, Failure> {
        match asking::ask(&mut self.client, frame, &self.patience, &self.place)? {
            Reply::Unavailable(why) if self.own => Err(unavailable(why)),
            Reply::Unavailable(why) => Err(unavailable(why).elsewhere()),
            reply => Ok(reply),
        }
    }

    /// Returns the home's reply to a private query, signed over a fresh challenge.
    ///
    /// # Errors
    /// As [`Self::call`]; P0118 when the home does not know the key.
    pub fn private(&mut self, signer: Signer<'_>, query: Query) -> Result<Reply, Failure> {
        let Reply::Challenge(challenge) = self.call(Call::Challenge)? else {
            return Err(unexpected());
        };
        let Signer { member, device, key } = signer;
        let signed =
            SignedQuery::sign(&self.network, &self.home, member, device, challenge, query, key);
        self.call(Call::Private(Box::new(signed)))
    }
}

impl core::fmt::Debug for Desk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Desk({} at {})", self.home, self.place)
    }
}

fn over_network(target: &Target, node: PublicKey, addresses: &[String]) -> Reach {
    let (network, home) = (target.network, target.home);
    Reach::Network { node, addresses: addresses.to_vec(), network, home }
}

/// Returns what `--node` names: a socket's path, `host:port` of the home's node, or
/// `key@host:port` (key in hex) of any other.
fn named(typed: &str, target: &Target) -> Result<Reach, Failure> {
    Ok(match NamedNode::read(typed)? {
        NamedNode::Socket(path) => Reach::Socket(path),
        NamedNode::At { key, address } => {
            over_network(target, key.unwrap_or(target.node), &[address])
        }
    })
}

#[cfg(test)]
mod tests {
    use node::client::Reach;
    use proto::{
        hash::Hash,
        ids::{CiteId, NetworkId},
        keys::PublicKey,
    };

    use super::{Target, named};

    #[test]
    fn a_path_is_a_socket_and_the_rest_is_an_address() {
        let target = Target {
            home: CiteId(Hash([1; 32])),
            network: NetworkId(Hash([2; 32])),
            node: PublicKey([3; 32]),
            incarnation: 0,
            addresses: Vec::new(),
            others: Vec::new(),
        };
        for path in ["/run/pirate/node.sock", "./node.sock"] {
            assert!(matches!(named(path, &target), Ok(Reach::Socket(_))), "{path}");
        }
        for address in ["192.0.2.7:17890", "[::1]:17890", "/ip4/192.0.2.7/tcp/17890"] {
            let Ok(Reach::Network { node, addresses, .. }) = named(address, &target) else {
                panic!("{address}");
            };
            assert_eq!((node, addresses), (target.node, vec![address.to_owned()]));
        }
        let other = format!("{}@192.0.2.7:17890", "07".repeat(32));
        let reach = named(&other, &target).expect("a key and an address");
        assert!(matches!(reach, Reach::Network { node: PublicKey(key), .. } if key == [7; 32]));
        for wrong in ["node", "xyz@192.0.2.7:1", "192.0.2.7:x", "/ip4/192.0.2.7", ""] {
            assert!(named(wrong, &target).is_err(), "{wrong}");
        }
    }
}
