//! Neighbours: the cités that a node knows, where their nodes listen, and who is connected now. What a
//! neighbour says about itself counts only when its keys signed it; what it says about others is hearsay: it
//! takes nobody's place, and is not passed on before the cité itself was heard.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
    proof::verify_founding,
};
use proto::{
    checkpoint::Checkpoint,
    codec::{Bytes, Canonical, CodecError, at_most},
    founding::VerifiedFounding,
    ids::{CiteId, NetworkId},
    time::UnixMillis,
    wire,
};
use serde::{Deserialize, Serialize};

use super::PeerKey;

/// Most cités known: ten times the federation that the design thinks of. Beyond, one that speaks for itself
/// takes the place of the stranger that was silent for longest.
pub(crate) const NEIGHBOURS_MAX: usize = 1_024;

/// Most nodes that whoever runs this one asked to keep in touch with.
const FRIENDS_MAX: usize = 64;

/// Least time between two writes of what neighbours said, in milliseconds: a peer may say another address
/// with each hello. What a crash loses of it is said again.
const KEEP_EVERY_MS: u64 = 10_000;

/// Most addresses of one node to keep in touch with: as many as the shell calls.
const ADDRESSES_MAX: usize = 8;

const FILE: &str = "notes/neighbours";

/// A cité that the node knows.
#[derive(Clone, Debug)]
pub(crate) struct Neighbour {
    /// Its founding record.
    pub(crate) founding: VerifiedFounding,
    /// The same, as signed.
    pub(crate) signed: Bytes,
    /// Where its node listens.
    pub(crate) addresses: Vec<String>,
    /// Whether that node's own key said so, since this one started.
    proven: bool,
    /// When something that it signed or said itself was last heard.
    pub(crate) seen: Option<UnixMillis>,
    /// When it said where it listens, by its own clock in seconds.
    pub(crate) announced_s: u64,
    /// Its newest genuine checkpoint known.
    pub(crate) head: Option<Checkpoint>,
}

impl Neighbour {
    /// Returns its short name.
    pub(crate) fn slug(&self) -> String {
        self.founding.founding().slug.clone()
    }
}

/// A connected node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    /// Its cité, once it said so with a record that names this key.
    pub(crate) cite: Option<CiteId>,
    /// Since when.
    pub(crate) since: UnixMillis,
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct File {
    known: Vec<wire::Neighbour>,
    friends: Vec<(PeerKey, Vec<String>)>,
}

impl Canonical for File {
    const NAME: &'static str = "file of neighbours";
    const MAX: usize = 4 * 1_024 * 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.known.len(), NEIGHBOURS_MAX)?;
        at_most(Self::NAME, self.friends.len(), FRIENDS_MAX)
    }
}

/// All that a node knows about others.
pub(crate) struct Neighbours {
    disk: Arc<dyn Disk>,
    network: NetworkId,
    own: CiteId,
    known: BTreeMap<CiteId, Neighbour>,
    friends: BTreeMap<PeerKey, Vec<String>>,
    connected: BTreeMap<PeerKey, Connection>,
    /// Something is not written down yet.
    unkept: bool,
    /// When it was written down last.
    kept: UnixMillis,
}

/// Has the node of `own` in this directory keep in touch with another, from its next start on. Only while it
/// does not run.
///
/// # Errors
/// The disk.
pub fn keep_in_touch_with(
    disk: Arc<dyn Disk>,
    network: NetworkId,
    own: CiteId,
    node: PeerKey,
    addresses: Vec<String>,
) -> Result<(), DiskError> {
    Neighbours::open(disk, network, own, Vec::new())?.befriend(node, addresses)
}

/// Returns the founding record of a cité that the node in this directory knows, with the newest keys that it heard of.
/// The record proves itself; that its cité can be relied on, it does not.
///
/// # Errors
/// The disk.
pub fn known_record(disk: &dyn Disk, cite: CiteId) -> Result<Option<VerifiedFounding>, DiskError> {
    let file = read_file(disk, FILE)?.and_then(|bytes| File::decode(&bytes).ok());
    let known = file.unwrap_or_default().known;
    let mut records = known.iter().filter_map(|one| verify_founding(&one.founding).ok());
    Ok(records.find(|record| record.cite() == cite))
}

/// Who said something about a cité.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// Its own keys signed it, or its own node said it.
    ByItself,
    /// Somebody else.
    ByAnother,
}

impl Neighbours {
    /// Opens what was known. A file that cannot be read is begun anew: neighbours are met again.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        network: NetworkId,
        own: CiteId,
        configured: Vec<(PeerKey, Vec<String>)>,
    ) -> Result<Self, DiskError> {
        let file = read_file(disk.as_ref(), FILE)?
            .and_then(|bytes| File::decode(&bytes).ok())
            .unwrap_or_default();
        let mut neighbours = Self {
            disk,
            network,
            own,
            known: BTreeMap::new(),
            friends: file.friends.into_iter().chain(configured).take(FRIENDS_MAX).collect(),
            connected: BTreeMap::new(),
            unkept: false,
            kept: UnixMillis(0),
        };
        for known in file.known {
            if let Ok(founding) = verify_founding(&known.founding) {
                neighbours.note(known, founding);
            }
        }
        neighbours.unkept = false;
        Ok(neighbours)
    }

    /// Learns a cité from its signed founding record; returns it, unless it is this one, of another
    /// network, or there is no room. Addresses replace those known only when it said them itself. In a full
    /// list one that speaks for itself takes the place of a stranger, never of one of `kin`.
    pub(crate) fn learn(
        &mut self,
        known: wire::Neighbour,
        said: Said,
        kin: &BTreeSet<CiteId>,
    ) -> Option<CiteId> {
        let before = self.known.len();
        let addresses = known.addresses.clone();
        let founding = verify_founding(&known.founding).ok()?;
        let is_new = !self.known.contains_key(&founding.cite());
        if said == Said::ByItself && is_new && before >= NEIGHBOURS_MAX {
            self.forget_a_stranger(kin);
        }
        let key = founding.keys().network;
        let cite = self.note(known, founding)?;
        let changed =
            said == Said::ByItself && !addresses.is_empty() && self.readdress(cite, key, addresses);
        self.unkept |= changed || self.known.len() != before;
        Some(cite)
    }

    fn note(&mut self, known: wire::Neighbour, founding: VerifiedFounding) -> Option<CiteId> {
        let cite = founding.cite();
        if founding.network() != self.network || cite == self.own {
            return None;
        }
        if let Some(neighbour) = self.known.get_mut(&cite) {
            // Who has only keys that the root gave up says nothing for the cité any more.
            if neighbour.founding.incarnation() > founding.incarnation() {
                return None;
            }
            // Newer keys, which the root named, count from now on whoever brings them.
            if neighbour.founding.incarnation() < founding.incarnation() {
                neighbour.founding = founding;
                neighbour.signed = known.founding;
                neighbour.announced_s = 0;
                neighbour.proven = false;
                self.unkept = true;
                for connection in self.connected.values_mut() {
                    connection.cite = connection.cite.filter(|at| *at != cite);
                }
            }
            return Some(cite);
        }
        if self.known.len() >= NEIGHBOURS_MAX {
            return None;
        }
        let neighbour = Neighbour {
            founding,
            signed: known.founding,
            addresses: known.addresses,
            proven: false,
            seen: None,
            announced_s: 0,
            head: None,
        };
        self.known.insert(cite, neighbour);
        self.unkept = true;
        Some(cite)
    }

    /// Makes room by forgetting the cité that was silent for longest, first of those that were never heard.
    /// One of `kin`, a friend's and one that is connected stay.
    fn forget_a_stranger(&mut self, kin: &BTreeSet<CiteId>) {
        let stays = |cite: &CiteId, neighbour: &Neighbour| {
            let node = neighbour.founding.keys().network;
            kin.contains(cite)
                || self.friends.contains_key(&node)
                || self.connected.get(&node).is_some_and(|at| at.cite == Some(*cite))
        };
        let strangers = self.known.iter().filter(|(cite, neighbour)| !stays(cite, neighbour));
        let silent = strangers.min_by_key(|(_, neighbour)| neighbour.seen).map(|(cite, _)| *cite);
        if let Some(gone) = silent {
            self.known.remove(&gone);
        }
    }

    /// Forgets a cité.
    pub(crate) fn forget(&mut self, cite: &CiteId) {
        self.unkept |= self.known.remove(cite).is_some();
        for connection in self.connected.values_mut() {
            connection.cite = connection.cite.filter(|at| at != cite);
        }
    }

    /// Takes in where the node with this key says that it listens; returns whether that is news.
    fn readdress(&mut self, cite: CiteId, key: PeerKey, addresses: Vec<String>) -> bool {
        // A root that named two keys for one incarnation has only one of them heard here.
        let known = self.known.get_mut(&cite);
        let Some(neighbour) = known.filter(|known| known.founding.keys().network == key) else {
            return false;
        };
        neighbour.proven = true;
        let changed = neighbour.addresses != addresses;
        neighbour.addresses = addresses;
        changed
    }

    /// Keeps in touch with a node from now on.
    pub(crate) fn befriend(
        &mut self,
        node: PeerKey,
        addresses: Vec<String>,
    ) -> Result<(), DiskError> {
        if self.friends.len() < FRIENDS_MAX || self.friends.contains_key(&node) {
            self.friends.insert(node, addresses);
        }
        self.keep()
    }

    /// Returns whether a node is one to keep in touch with: whoever runs this one named it.
    pub(crate) fn is_friend(&self, node: &PeerKey) -> bool {
        self.friends.contains_key(node)
    }

    /// Writes down what changed, unless that was done a moment ago.
    pub(crate) fn keep_in_time(&mut self, now: UnixMillis) {
        if self.unkept && (self.kept.plus(KEEP_EVERY_MS) <= now || now < self.kept) {
            self.kept = now;
            self.keep_news();
        }
    }

    /// Writes down what changed.
    pub(crate) fn keep_news(&mut self) {
        if self.unkept
            && let Err(error) = self.keep()
        {
            tracing::warn!(%error, "neighbours were not kept: after a crash they are met again");
        }
    }

    fn keep(&mut self) -> Result<(), DiskError> {
        // Also when it fails: the next change tries again, not every tick.
        self.unkept = false;
        let known = self
            .known
            .values()
            .map(|neighbour| wire::Neighbour {
                founding: neighbour.signed.clone(),
                addresses: neighbour.addresses.clone(),
            })
            .collect();
        let friends = self.friends.iter().map(|(node, at)| (*node, at.clone())).collect();
        self.disk.replace(FILE, &File { known, friends }.encode())
    }

    /// Notes a connection, with the cité whose account names this key, if one does.
    pub(crate) fn connected(&mut self, peer: PeerKey, cite: Option<CiteId>, now: UnixMillis) {
        self.connected.insert(peer, Connection { cite, since: now });
    }

    /// Notes that a connection is gone.
    pub(crate) fn disconnected(&mut self, peer: &PeerKey) {
        self.connected.remove(peer);
    }

    /// Notes that a connected node is the one of a cité: it said so, and the cité's record names its key. What
    /// records name that somebody else brings is no proof, for anybody can found a cité with another's key.
    pub(crate) fn identify(&mut self, peer: PeerKey, cite: CiteId, now: UnixMillis) {
        let named = self.known.get(&cite).map(|known| known.founding.keys().network);
        if named == Some(peer)
            && let Some(connection) = self.connected.get_mut(&peer)
        {
            connection.cite = Some(cite);
            self.heard(cite, now);
        }
    }

    /// Notes that something was heard of a cité.
    pub(crate) fn heard(&mut self, cite: CiteId, now: UnixMillis) {
        if let Some(neighbour) = self.known.get_mut(&cite) {
            neighbour.seen = Some(now);
        }
    }

    /// Notes when a cité said where it listens, by its own clock in seconds.
    pub(crate) fn announced(&mut self, cite: CiteId, since_s: u64) {
        if let Some(neighbour) = self.known.get_mut(&cite) {
            neighbour.announced_s = since_s;
        }
    }

    /// Notes the newest checkpoint of a cité.
    pub(crate) fn note_head(&mut self, cite: CiteId, head: Checkpoint) {
        if let Some(neighbour) = self.known.get_mut(&cite)
            && neighbour.head.is_none_or(|known| known.place() < head.place())
        {
            neighbour.head = Some(head);
        }
    }

    /// Returns a cité.
    pub(crate) fn get(&self, cite: &CiteId) -> Option<&Neighbour> {
        self.known.get(cite)
    }

    /// Returns all cités known.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&CiteId, &Neighbour)> + Clone {
        self.known.iter()
    }

    /// Returns the node of a cité, if it is connected.
    pub(crate) fn node_of(&self, cite: &CiteId) -> Option<PeerKey> {
        let key = self.known.get(cite)?.founding.keys().network;
        self.connected.contains_key(&key).then_some(key)
    }

    /// Returns whether the node with this key is connected.
    pub(crate) fn is_connected(&self, node: &PeerKey) -> bool {
        self.connected.contains_key(node)
    }

    /// Returns the cité of a connected node.
    pub(crate) fn cite_of(&self, peer: &PeerKey) -> Option<CiteId> {
        self.connected.get(peer)?.cite
    }

    /// Returns all connections.
    pub(crate) fn connections(&self) -> impl Iterator<Item = (&PeerKey, &Connection)> {
        self.connected.iter()
    }

    /// Returns the nodes to keep in touch with: friends, and the nodes of `allies`. A record may name the key
    /// of another cité's node, so what it says of addresses stands beside what others say, never instead: first
    /// what the node's own key said, then what whoever runs this node wrote down, then one of each other
    /// record in turn.
    pub(crate) fn to_keep(
        &self,
        allies: impl Iterator<Item = CiteId>,
    ) -> Vec<(PeerKey, Vec<String>)> {
        let mut records: BTreeMap<PeerKey, Vec<&Neighbour>> = BTreeMap::new();
        for neighbour in allies.filter_map(|ally| self.known.get(&ally)) {
            if !neighbour.addresses.is_empty() {
                records.entry(neighbour.founding.keys().network).or_default().push(neighbour);
            }
        }
        let mut keep = self.friends.clone();
        for (node, records) in records {
            let (proven, others): (Vec<_>, Vec<_>) = records.into_iter().partition(|n| n.proven);
            let proven = proven.into_iter().flat_map(|neighbour| &neighbour.addresses);
            let longest = others.iter().map(|other| other.addresses.len()).max().unwrap_or(0);
            let in_turn = (0..longest)
                .flat_map(|turn| others.iter().filter_map(move |other| other.addresses.get(turn)));
            let written = self.friends.get(&node).into_iter().flatten();
            let mut addresses: Vec<String> = Vec::new();
            for address in proven.chain(written).chain(in_turn) {
                if addresses.len() < ADDRESSES_MAX && !addresses.contains(address) {
                    addresses.push(address.clone());
                }
            }
            keep.insert(node, addresses);
        }
        keep.into_iter().collect()
    }
}
