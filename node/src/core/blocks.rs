//! Whom this node has nothing to do with, because whoever runs it said so: the list, kept before it is told to anybody,
//! and which allies it cuts off. The network shell closes and refuses; nothing is decided here.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use ledger::{
    disk::{Disk, DiskError},
    notes::read_file,
};
use proto::{
    codec::{Canonical, CodecError, at_most},
    desk::{BLOCKED_MAX, Blocked, BlockedItem, CUT_OFF_MAX, CutOff, Reply, Unavailable},
    ids::CiteId,
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};

use super::{Core, Output, PeerKey};

const DIR: &str = "notes";
const FILE: &str = "notes/blocked";

/// Most allies that `node status` names as cut off; a cité has some tens.
const NAMED_MAX: usize = 64;

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
struct File {
    list: Vec<(Blocked, UnixMillis)>,
}

impl Canonical for File {
    const NAME: &'static str = "file of those blocked";
    const MAX: usize = 64 * 1_024;

    fn bounds(&self) -> Result<(), CodecError> {
        at_most(Self::NAME, self.list.len(), BLOCKED_MAX)?;
        self.list.iter().try_for_each(|(blocked, _)| blocked.bounds(Self::NAME))
    }
}

/// What is done to the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// These are blocked.
    Block(Blocked),
    /// These are not any more.
    Lift(Blocked),
}

/// Why the list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum BlocksError {
    /// It has as many entries as it may have.
    #[error("{BLOCKED_MAX} are blocked already")]
    Full,
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// The list of a node, as it stands on its disk.
pub struct Blocks {
    disk: Arc<dyn Disk>,
    list: BTreeMap<Blocked, UnixMillis>,
}

impl Blocks {
    /// Opens the list in a node's directory; only one at a time may change it. A file that cannot be read is begun anew:
    /// a node that does not start for it would be a worse bad day.
    ///
    /// # Errors
    /// The disk.
    pub fn open(disk: Arc<dyn Disk>) -> Result<Self, DiskError> {
        let file = match read_file(disk.as_ref(), FILE)?.map(|bytes| File::decode(&bytes)) {
            Some(Ok(file)) => file,
            Some(Err(error)) => {
                tracing::error!(%error, "the list of those blocked cannot be read: nobody is blocked");
                File::default()
            }
            None => File::default(),
        };
        Ok(Self { disk, list: file.list.into_iter().collect() })
    }

    /// Changes the list, durably; returns whether that changed anything.
    ///
    /// # Errors
    /// [`BlocksError`]; the list is as before.
    pub fn change(&mut self, now: UnixMillis, change: Change) -> Result<bool, BlocksError> {
        let mut list = self.list.clone();
        let changed = match change {
            Change::Block(blocked) if list.contains_key(&blocked) => false,
            Change::Block(_) if list.len() >= BLOCKED_MAX => return Err(BlocksError::Full),
            Change::Block(blocked) => list.insert(blocked, now).is_none(),
            Change::Lift(blocked) => list.remove(&blocked).is_some(),
        };
        if changed {
            let file = File { list: list.iter().map(|(blocked, at)| (*blocked, *at)).collect() };
            self.disk.create_dir(DIR)?;
            self.disk.replace(FILE, &file.encode())?;
            self.list = list;
        }
        Ok(changed)
    }

    /// Returns the entries, each with since when.
    pub fn all(&self) -> impl Iterator<Item = (Blocked, UnixMillis)> + '_ {
        self.list.iter().map(|(blocked, since)| (*blocked, *since))
    }

    /// Returns whether a node is blocked by its key.
    pub(crate) fn names(&self, node: &PeerKey) -> bool {
        self.list.contains_key(&Blocked::Node(*node))
    }
}

impl Core {
    /// Tells the shell with whom it is to have nothing to do: at the start, and after each change.
    pub(crate) fn tell_blocked(&mut self) {
        if !core::mem::replace(&mut self.blocks_told, true) {
            self.out.push(Output::Block(self.blocks.all().map(|(blocked, _)| blocked).collect()));
        }
    }

    /// Changes whom this node has nothing to do with.
    pub(crate) fn change_blocked(&mut self, now: UnixMillis, change: Change) -> Reply {
        match self.blocks.change(now, change) {
            Ok(changed) => {
                self.blocks_told &= !changed;
                self.blocked()
            }
            Err(BlocksError::Full) => Reply::Unavailable(Unavailable::BlockedFull),
            Err(BlocksError::Disk(error)) => {
                tracing::error!(%error, "the list of those blocked was not kept, and is as before");
                Reply::Unavailable(Unavailable::CannotWrite)
            }
        }
    }

    /// Returns the list, and which allies each entry cuts off.
    pub(crate) fn blocked(&self) -> Reply {
        let items = self.blocks.all().map(|(what, since)| BlockedItem {
            what,
            since,
            cuts_off: self.cut_off(&[what], CUT_OFF_MAX),
        });
        Reply::Blocked(items.collect())
    }

    /// Returns the allies that the list cuts off, as far as this node knows.
    pub(crate) fn all_cut_off(&self) -> Vec<CutOff> {
        let all: Vec<Blocked> = self.blocks.all().map(|(blocked, _)| blocked).collect();
        if all.is_empty() { Vec::new() } else { self.cut_off(&all, NAMED_MAX) }
    }

    fn cut_off(&self, by: &[Blocked], most: usize) -> Vec<CutOff> {
        let mirrors = self.state().mirrors();
        let allies = self.allies().into_iter().filter(|ally| self.is_behind(ally, by));
        let named = allies.map(|cite| CutOff {
            cite,
            slug: self.neighbours.get(&cite).map(|known| known.slug()).unwrap_or_default(),
            witness: mirrors.is_some_and(|mirrors| mirrors.names(&cite)),
        });
        named.take(most).collect()
    }

    /// Returns whether the node of a cité is one of these, or was met at one of these addresses, or says that it listens
    /// there. What names lead to is not looked up.
    fn is_behind(&self, cite: &CiteId, by: &[Blocked]) -> bool {
        let Some(known) = self.neighbours.get(cite) else { return false };
        let node = known.founding.keys().network;
        let met = self.used.get(&node).and_then(|used| used.at).map(|ip| ip.addr());
        let says = known.addresses.iter().filter_map(|at| at.parse::<SocketAddr>().ok());
        let at: Vec<IpAddr> = says.map(|socket| socket.ip()).chain(met).collect();
        by.iter().any(|blocked| match blocked {
            Blocked::Node(key) => *key == node,
            Blocked::Subnet(subnet) => at.iter().any(|ip| subnet.contains(*ip)),
        })
    }
}

#[cfg(test)]
mod tests {
    use ledger::disk::{Holder, MachineId, RealDisk};
    use proto::keys::PublicKey;

    use super::*;

    fn disk() -> (tempfile::TempDir, Arc<dyn Disk>) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let holder = Holder { pid: 1, started_ms: 0 };
        let disk = RealDisk::open(folder.path(), MachineId([0; 32]), holder).expect("it is ours");
        (folder, Arc::new(disk))
    }

    fn number(number: usize) -> Blocked {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&number.to_le_bytes());
        Blocked::Node(PublicKey(key))
    }

    #[test]
    fn the_list_is_bounded_and_outlives_whoever_changed_it() {
        let (_folder, disk) = disk();
        let mut blocks = Blocks::open(Arc::clone(&disk)).expect("there is none yet");
        let now = UnixMillis(7);
        for at in 0..BLOCKED_MAX {
            assert!(blocks.change(now, Change::Block(number(at))).expect("there is room"));
        }
        assert!(!blocks.change(now, Change::Block(number(3))).expect("it is there already"));
        let full = blocks.change(now, Change::Block(number(BLOCKED_MAX)));
        assert!(matches!(full, Err(BlocksError::Full)));
        assert!(blocks.change(now, Change::Lift(number(3))).expect("it is there"));
        assert!(!blocks.change(now, Change::Lift(number(3))).expect("it is gone already"));
        assert!(blocks.change(now, Change::Block(number(BLOCKED_MAX))).expect("there is room"));
        let again = Blocks::open(disk).expect("it was just written");
        assert_eq!(again.all().collect::<Vec<_>>(), blocks.all().collect::<Vec<_>>());
        assert_eq!(again.all().count(), BLOCKED_MAX);
    }

    #[test]
    fn a_file_that_cannot_be_read_blocks_nobody() {
        let (_folder, disk) = disk();
        disk.create_dir(DIR).expect("it is ours");
        for bytes in [&b""[..], b"\x01", &[0xff; 64], &[0; 9]] {
            disk.replace(FILE, bytes).expect("it is ours");
            let blocks = Blocks::open(Arc::clone(&disk)).expect("nothing stands in the way");
            assert_eq!(blocks.all().count(), 0, "{bytes:?}");
        }
    }
}
