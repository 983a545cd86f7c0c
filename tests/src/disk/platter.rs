//! What stands on a faulty disk, what waits before it, and what of that survives a power cut.
//! It knows files and names; what a call means is said in the file above.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use ledger::disk::{DiskError, Failure, Operation};

use super::{Calls, Chance, Fault};

/// Bytes that a disk writes as a whole or not at all.
const SECTOR_BYTES: usize = 512;

/// A change of a file that was not synced yet.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Change {
    pub(super) fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(at, new) => {
                bytes.resize(bytes.len().max(at + new.len()), 0);
                bytes[*at..*at + new.len()].copy_from_slice(new);
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Inode {
    pub(super) durable: Vec<u8>,
    pub(super) live: Vec<u8>,
    pub(super) changes: Vec<Change>,
}

impl Inode {
    /// A file with nothing unsynced.
    pub(super) fn whole(bytes: Vec<u8>) -> Self {
        Self { durable: bytes.clone(), live: bytes, changes: Vec::new() }
    }

    /// Makes durable what was written.
    pub(super) fn settle(&mut self) {
        self.changes.drain(..).for_each(|change| change.apply(&mut self.durable));
    }
}

/// A write that goes to another place than it was meant for.
#[derive(Clone, Debug)]
pub(super) struct Astray {
    pub(super) seed: u64,
    /// Files where it may land, and among how many bytes at their beginning.
    pub(super) within: BTreeMap<String, usize>,
    /// Where it went, once it did.
    pub(super) landed: Option<String>,
}

/// What stands on the disk and in the memory before it.
#[derive(Clone, Default)]
pub(super) struct Platter {
    pub(super) inodes: BTreeMap<u64, Inode>,
    pub(super) names: BTreeMap<String, u64>,
    pub(super) durable_names: BTreeMap<String, u64>,
    pub(super) poisoned: BTreeSet<String>,
    pub(super) last_inode: u64,
    pub(super) changes: u64,
    pub(super) reads: u64,
    pub(super) plan: Option<(Calls, u64, Fault)>,
    pub(super) astray: Option<Astray>,
    pub(super) off: bool,
    pub(super) full: bool,
}

/// A mixture of what a file's sectors were and what they should have become.
pub(super) fn survive(change: &Change, bytes: &mut Vec<u8>, chance: &mut Chance) {
    match (chance.below(3), change) {
        (0, _) => {}
        (1, Change::Write(at, new)) => {
            let mut from = *at;
            while from < at + new.len() {
                let to = (from / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES).min(at + new.len());
                if chance.below(2) == 0 {
                    let sector = new[from - at..to - at].to_vec();
                    Change::Write(from, sector).apply(bytes);
                }
                from = to;
            }
        }
        (_, change) => change.apply(bytes),
    }
}

impl Platter {
    /// Counts a call and returns the fault that belongs to it, if any.
    pub(super) fn count(&mut self, calls: Calls) -> Option<Fault> {
        let counter = match calls {
            Calls::Changes => &mut self.changes,
            Calls::Reads => &mut self.reads,
        };
        *counter += 1;
        let now = *counter;
        let fault = self.plan.filter(|(of, at, _)| *of == calls && *at == now)?.2;
        self.off |= fault == Fault::PowerCut;
        Some(fault)
    }

    /// Begins a call that changes the file `name`, or says why it fails.
    pub(super) fn begin(
        &mut self,
        operation: Operation,
        name: &str,
    ) -> Result<Option<Fault>, DiskError> {
        if self.off {
            return Err(failed(operation, name, broken()));
        }
        if self.poisoned.contains(name) {
            return Err(failed(operation, name, Failure::Poisoned));
        }
        let fault = self.count(Calls::Changes);
        let possible = operation == Operation::Write || fault != Some(Fault::Flipped);
        Ok(fault.filter(|_| possible))
    }

    pub(super) fn inode(&mut self, name: &str) -> &mut Inode {
        let number = *self.names.entry(name.to_owned()).or_insert_with(|| {
            self.last_inode += 1;
            self.last_inode
        });
        self.inodes.entry(number).or_default()
    }

    pub(super) fn change(
        &mut self,
        operation: Operation,
        name: &str,
        mut change: Change,
    ) -> Result<(), DiskError> {
        let mut fault = self.begin(operation, name)?;
        if fault == Some(Fault::Flipped) {
            fault = None;
            if let Change::Write(_, bytes) = &mut change {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x04;
            }
        }
        if self.full {
            let length = self.inode(name).live.len();
            let grows = match &change {
                Change::Write(at, new) => at + new.len() > length,
                Change::Length(to) => *to > length,
            };
            fault = fault.or(grows.then_some(Fault::Full));
        }
        let nothing = operation == Operation::Allocate || fault == Some(Fault::Full);
        if nothing && fault.is_some() {
            if operation != Operation::Allocate {
                self.poisoned.insert(name.to_owned());
            }
            return Err(failed(operation, name, failure(fault)));
        }
        if let Change::Write(at, bytes) = &change
            && self.goes_astray(name, *at, bytes)
        {
            return self.end(operation, name, fault);
        }
        let inode = self.inode(name);
        change.apply(&mut inode.live);
        inode.changes.push(change);
        self.end(operation, name, fault)
    }

    /// Lets a write of records go elsewhere, if one is to, and returns whether it did: its first sector lands in one of the
    /// files that were named, at the same offset or at the beginning of a sector. It stands there at once, in memory and
    /// durably, as if long ago; where it was meant for nothing changes.
    fn goes_astray(&mut self, name: &str, at: usize, bytes: &[u8]) -> bool {
        let Some(Astray { seed, within, landed: landed @ None }) = &mut self.astray else {
            return false;
        };
        let mut files: Vec<(&String, usize)> =
            within.iter().map(|(file, bytes)| (file, *bytes)).collect();
        files.retain(|(file, bytes)| self.names.contains_key(*file) && *bytes >= SECTOR_BYTES);
        if !name.ends_with(".seg") || files.is_empty() {
            return false;
        }
        let mut chance = Chance(*seed);
        let (file, most) = files[chance.index(files.len())];
        let (same, sector) = (chance.below(2) == 0, chance.index(most / SECTOR_BYTES));
        let to = if same && at < most { at } else { sector * SECTOR_BYTES };
        let bytes = &bytes[..bytes.len().min(SECTOR_BYTES)];
        let victim = self.inodes.get_mut(&self.names[file]).expect("a name leads to a file");
        for held in [&mut victim.live, &mut victim.durable] {
            if let Some(place) = held.get_mut(to..to + bytes.len()) {
                place.copy_from_slice(bytes);
            }
        }
        let length = bytes.len();
        *landed = Some(format!("{length} bytes for {at} of {name} land at {to} of {file}"));
        true
    }

    /// Gives all names in a directory another beginning.
    pub(super) fn move_dir(&mut self, from: &str, to: &str) {
        for names in [&mut self.names, &mut self.durable_names] {
            *names = std::mem::take(names)
                .into_iter()
                .map(|(name, inode)| match name.strip_prefix(from) {
                    Some(rest) if rest.starts_with('/') => (format!("{to}{rest}"), inode),
                    _ => (name, inode),
                })
                .collect();
        }
    }

    /// Ends a call: a fault poisons the file and is told.
    pub(super) fn end(
        &mut self,
        operation: Operation,
        name: &str,
        fault: Option<Fault>,
    ) -> Result<(), DiskError> {
        if fault.is_none() {
            return Ok(());
        }
        self.poisoned.insert(name.to_owned());
        Err(failed(operation, name, failure(fault)))
    }
}

pub(super) fn failed(operation: Operation, name: &str, failure: Failure) -> DiskError {
    DiskError { operation, file: name.into(), failure }
}

pub(super) fn broken() -> Failure {
    Failure::from(io::Error::from(io::ErrorKind::Other))
}

pub(super) fn failure(fault: Option<Fault>) -> Failure {
    match fault {
        Some(Fault::Full) => Failure::from(io::Error::from(io::ErrorKind::StorageFull)),
        _ => broken(),
    }
}

pub(super) fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

pub(super) fn size(offset: u64) -> usize {
    usize::try_from(offset).expect("files of tests fit in memory")
}
