//! Ways to the home beside the address of the invitation: where its node was last heard of, and the nodes of
//! cités that it knows, which pass calls on. Only a memory: keys are pinned or prove themselves when a node
//! is called, so a wrong address costs a moment and nothing else.

use ledger::proof::verify_founding;
use proto::{
    desk::{Call, Known, Reply},
    ids::{CiteId, NetworkId},
    keys::PublicKey,
};
use serde::{Deserialize, Serialize};

use super::{Wallet, desk::Desk};
use crate::{
    error::Failure,
    keyring::{hex, unhex},
};

/// Where they are kept.
const FILE: &str = "ways.toml";
/// Version of the file.
const VERSION: u32 = 1;
/// Most nodes that are remembered: each that does not answer costs a person time.
const WAYS_MAX: usize = 8;
/// Most addresses of one node: as many as a node tells of itself.
const ADDRESSES_MAX: usize = 4;
/// Longest address in bytes: the longest name of a host, and room for a port and what surrounds it.
const ADDRESS_BYTES_MAX: usize = 300;

/// A node that can be asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Way {
    /// Its cité.
    pub cite: CiteId,
    /// Short name of its cité.
    pub slug: String,
    /// Its network key; nobody else is talked to.
    pub node: PublicKey,
    /// Where it listens.
    pub addresses: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    #[serde(default)]
    way: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    cite: String,
    slug: String,
    node: String,
    addresses: Vec<String>,
}

impl Line {
    fn of(way: &Way) -> Self {
        Self {
            cite: way.cite.to_string(),
            slug: way.slug.clone(),
            node: hex(&way.node.0),
            addresses: way.addresses.clone(),
        }
    }

    fn read(self) -> Option<Way> {
        let (cite, node) = (self.cite.parse().ok()?, PublicKey(unhex::<32>(&self.node)?));
        Some(Way { cite, slug: self.slug, node, addresses: self.addresses })
    }
}

/// Returns the nodes in an answer that can be called, those first that are connected where the answer was
/// given. Keys come out of signed founding records and nowhere else.
fn of_cites(known: &[Known], network: NetworkId) -> Vec<Way> {
    let mut ways: Vec<(bool, Way)> = known
        .iter()
        .filter(|known| !known.convicted)
        .filter_map(|known| {
            let record = verify_founding(&known.founding).ok()?;
            let short = |address: &&String| address.len() <= ADDRESS_BYTES_MAX;
            let addresses: Vec<String> =
                known.addresses.iter().filter(short).take(ADDRESSES_MAX).cloned().collect();
            let way = Way {
                cite: record.cite(),
                slug: record.founding().slug.clone(),
                node: record.keys().network,
                addresses,
            };
            (record.network() == network && !way.addresses.is_empty())
                .then_some((known.connected, way))
        })
        .collect();
    ways.sort_by_key(|(connected, _)| !connected);
    ways.into_iter().map(|(_, way)| way).collect()
}

impl Wallet {
    /// Returns the nodes that can be asked; the home's, where it was last heard of, is the first.
    pub fn ways(&self) -> Vec<Way> {
        let read = || {
            let bytes = self.store.read(FILE).ok().flatten()?;
            let written: Written = toml::from_str(&String::from_utf8(bytes).ok()?).ok()?;
            (written.version == VERSION).then_some(written.way)
        };
        read().unwrap_or_default().into_iter().filter_map(Line::read).take(WAYS_MAX).collect()
    }

    /// Returns the nodes in an answer that can be called.
    pub fn ways_of(&self, known: &[Known]) -> Vec<Way> {
        of_cites(known, self.founding().network())
    }

    /// Remembers where the home's node proved to listen; where it listened before stays behind that, as far as there is
    /// room.
    ///
    /// # Errors
    /// P0201.
    pub fn moved(&mut self, addresses: &[String]) -> Result<(), Failure> {
        let mut all = addresses.to_vec();
        all.extend(self.addresses().iter().filter(|old| !addresses.contains(old)).cloned());
        all.truncate(ADDRESSES_MAX);
        self.seen.state.addresses = all;
        self.save()
    }

    /// Asks the home whom it knows, and whoever passed the call on where the home is now. Silence changes
    /// nothing: what was known before may still be true.
    ///
    /// # Errors
    /// P0201.
    pub fn learn_ways(&mut self, desk: &mut Desk) -> Result<(), Failure> {
        let Ok(Reply::Cites(known)) = desk.call(Call::Cites) else { return Ok(()) };
        let through = desk.through().map(|way| way.cite);
        let heard = through.and_then(|cite| match desk.call_at(cite, Call::Cites) {
            Ok(Reply::Cites(known)) => Some(known),
            _ => None,
        });
        for known in heard.iter().flatten() {
            // Its root may have named other keys: whoever passed the call on knows them already.
            self.renew(&known.founding)?;
        }
        self.keep_ways(&known, heard.as_deref())
    }

    /// Keeps the nodes that the home knows, and the home's own where another node says it is.
    fn keep_ways(&self, known: &[Known], heard: Option<&[Known]>) -> Result<(), Failure> {
        let (network, home) = (self.founding().network(), self.home());
        let before = self.ways();
        let of_home = |ways: Vec<Way>| ways.into_iter().find(|way| way.cite == home);
        let own = heard
            .and_then(|known| of_home(of_cites(known, network)))
            .or_else(|| of_home(before.clone()));
        let others = of_cites(known, network).into_iter().filter(|way| way.cite != home);
        let ways: Vec<Way> = own.into_iter().chain(others).take(WAYS_MAX).collect();
        if ways == before {
            return Ok(());
        }
        let written = Written { version: VERSION, way: ways.iter().map(Line::of).collect() };
        let written = toml::to_string(&written).expect("numbers and strings are always TOML");
        self.store.replace(FILE, written.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        codec::{Bytes, Canonical as _},
        desk::Known,
        founding::SignedFounding,
    };

    use super::{ADDRESS_BYTES_MAX, ADDRESSES_MAX, WAYS_MAX};
    use crate::wallet::{
        Wallet,
        tests::{context, home, key, wallet},
    };

    /// Another cité of tests as a node tells of it.
    fn known(seed: u8, network: &str, connected: bool) -> Known {
        let mut founding = home().founding;
        founding.network.name = network.to_owned();
        founding.slug = format!("cite-{seed}");
        founding.salt = [seed; 16];
        founding.network_key = key(100 + seed).public();
        Known {
            founding: Bytes::from(SignedFounding::sign(founding, &[key(1)]).encode()),
            addresses: vec![format!("192.0.2.{seed}:17890")],
            account: false,
            connected,
            seen: None,
            certified: None,
            convicted: false,
            will: None,
        }
    }

    fn own(address: &str) -> Known {
        let founding = Bytes::from(home().encode());
        Known { founding, addresses: vec![address.to_owned()], ..known(0, "exemple", true) }
    }

    fn slugs(wallet: &Wallet) -> Vec<String> {
        wallet.ways().into_iter().map(|way| way.slug).collect()
    }

    #[test]
    fn the_nodes_of_the_homes_friends_are_kept_with_their_keys() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let context = context(dir.path());
        let made = wallet(&context);
        assert_eq!(made.ways(), []);
        let told = [
            known(1, "exemple", false),
            known(2, "exemple", true),
            // Of no use: another network, nowhere, proved to have two histories, and no founding record.
            known(3, "ailleurs", true),
            Known { addresses: Vec::new(), ..known(4, "exemple", true) },
            Known { convicted: true, ..known(5, "exemple", true) },
            Known { founding: Bytes::from(vec![1; 9]), ..known(6, "exemple", true) },
        ];
        made.keep_ways(&told, None).expect("the directory is ours");
        drop(made);
        let read = Wallet::load(&context).expect("it was just written");
        assert_eq!(slugs(&read), ["cite-2", "cite-1"]);
        let way = &read.ways()[0];
        assert_eq!((way.node, &way.addresses), (key(102).public(), &told[1].addresses));
    }

    #[test]
    fn where_the_home_moved_to_is_heard_from_others_and_kept() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let made = wallet(&context(dir.path()));
        let friends = [known(1, "exemple", true)];
        let moved = own("198.51.100.7:17891");
        made.keep_ways(&friends, Some(std::slice::from_ref(&moved))).expect("ours");
        assert_eq!(slugs(&made), ["tisserandes", "cite-1"]);
        let way = made.ways().remove(0);
        assert_eq!((way.node, way.addresses), (key(5).public(), moved.addresses));
        // The home itself says nothing of its address; that does not take it away.
        made.keep_ways(&friends, None).expect("ours");
        assert_eq!(slugs(&made), ["tisserandes", "cite-1"]);
    }

    #[test]
    fn a_new_address_comes_before_the_old_ones_and_they_are_few() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let context = context(dir.path());
        let mut made = wallet(&context);
        let first = made.addresses().to_vec();
        let new = |port: usize| vec![format!("192.0.2.1:{port}")];
        made.moved(&new(1)).expect("ours");
        assert_eq!(made.addresses(), [new(1), first].concat());
        (2..=9).for_each(|port| made.moved(&new(port)).expect("ours"));
        drop(made);
        let read = Wallet::load(&context).expect("it was just written");
        assert_eq!(read.addresses(), [new(9), new(8), new(7), new(6)].concat());
    }

    #[test]
    fn what_others_tell_is_bounded() {
        let dir = tempfile::tempdir().expect("the temporary directory is writable");
        let made = wallet(&context(dir.path()));
        let mut many: Vec<Known> = (1..=40).map(|seed| known(seed, "exemple", true)).collect();
        many[0].addresses = vec!["x".repeat(ADDRESS_BYTES_MAX + 1); 2];
        many[0].addresses.extend((0..20).map(|port| format!("192.0.2.1:{port}")));
        made.keep_ways(&many, None).expect("ours");
        assert_eq!(made.ways().len(), WAYS_MAX);
        let addresses = &made.ways()[0].addresses;
        assert_eq!((addresses.len(), addresses[0].as_str()), (ADDRESSES_MAX, "192.0.2.1:0"));
    }
}
