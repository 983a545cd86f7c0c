//! The faulty twin of the real disk: files in memory, and whatever the contract of `ledger::disk::Disk`
//! leaves open goes wrong here, by a seed. It never loses what a sync promised.
//!
//! - A write that was not synced is, after a power cut, kept, lost, or torn: each of its sectors is there
//!   or not. Cutting a file and growing it are kept or lost. Writes of one file may survive in any mixture.
//! - A new name whose directory was not synced is there or not; a replaced file is the old or the new one.
//! - The n-th call fails as it is told to, and a file whose write or sync failed stays poisoned.
//! - A write that goes astray seems to succeed, and stands in another place.

mod chance;
mod platter;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ledger::disk::{Birth, Disk, DiskError, Failure, Lock, MachineId, Operation};

pub use chance::Chance;
use platter::{Astray, Change, Inode, Platter, broken, failed, failure, parent, size, survive};

/// What goes wrong at a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The power fails in the middle of it: nothing works until [`FaultyDisk::reboot`].
    PowerCut,
    /// It fails with an input/output error.
    Broken,
    /// It fails because the disk is full.
    Full,
    /// It seems to succeed, but one bit of what it wrote is wrong, or of what it read of a segment.
    Flipped,
}

/// Which calls are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Calls {
    /// Those that change something.
    Changes,
    /// Those that read contents.
    Reads,
}

/// A disk in memory. See the top of the file.
pub struct FaultyDisk {
    platter: Mutex<Platter>,
    held: Arc<Mutex<BTreeSet<String>>>,
    machine: MachineId,
}

impl FaultyDisk {
    /// Returns an empty disk of a machine.
    pub fn new(machine: u8) -> Self {
        Self::over(Platter::default(), MachineId([machine; 32]))
    }

    fn over(platter: Platter, machine: MachineId) -> Self {
        Self { platter: Mutex::new(platter), held: Arc::default(), machine }
    }

    /// Lets the `call`-th call from now on fail, counted from 1.
    pub fn fail(&self, calls: Calls, call: u64, fault: Fault) {
        let mut platter = self.platter();
        let so_far = match calls {
            Calls::Changes => platter.changes,
            Calls::Reads => platter.reads,
        };
        platter.plan = Some((calls, so_far + call, fault));
    }

    /// Lets the next write of records land elsewhere, as a disk does that mistakes an address: in one of these files,
    /// among so many bytes at its beginning, as `seed` has it.
    pub fn misdirect(&self, seed: u64, within: BTreeMap<String, usize>) {
        self.platter().astray = Some(Astray { seed, within, landed: None });
    }

    /// Returns whether a write is to go astray, or went and nobody took note.
    pub fn misdirects(&self) -> bool {
        self.platter().astray.is_some()
    }

    /// Returns where a write landed that went astray, once.
    pub fn landed(&self) -> Option<String> {
        let mut platter = self.platter();
        let landed = platter.astray.as_mut()?.landed.take()?;
        platter.astray = None;
        Some(landed)
    }

    /// Lets no call fail that was told to.
    pub fn spare(&self) {
        let mut platter = self.platter();
        (platter.plan, platter.astray) = (None, None);
    }

    /// Lets the disk be full, or have space again: while it is full nothing grows and nothing is made.
    pub fn fill(&self, full: bool) {
        self.platter().full = full;
    }

    /// Returns how often contents were read.
    pub fn reads(&self) -> u64 {
        self.platter().reads
    }

    /// Returns whether the disk is full.
    pub fn is_full(&self) -> bool {
        self.platter().full
    }

    /// Returns how many calls changed something so far.
    pub fn changes(&self) -> u64 {
        self.platter().changes
    }

    /// Returns whether the power has failed.
    pub fn is_off(&self) -> bool {
        self.platter().off
    }

    /// Cuts the power now.
    pub fn cut_power(&self) {
        self.platter().off = true;
    }

    /// Returns the disk after a power cut: what was not synced is there or not, as `seed` has it. The disk
    /// before is dead for those who still hold it.
    pub fn reboot(&self, seed: u64) -> Self {
        let mut before = self.platter();
        before.off = true;
        let mut chance = Chance(seed);
        let mut after =
            Platter { last_inode: before.last_inode, full: before.full, ..Platter::default() };
        for (number, inode) in &before.inodes {
            let mut bytes = inode.durable.clone();
            inode.changes.iter().for_each(|change| survive(change, &mut bytes, &mut chance));
            after.inodes.insert(*number, Inode::whole(bytes));
        }
        let all: BTreeSet<&String> =
            before.names.keys().chain(before.durable_names.keys()).collect();
        for name in all {
            let (live, durable) = (before.names.get(name), before.durable_names.get(name));
            if let Some(inode) = if chance.below(2) == 0 { live } else { durable } {
                after.names.insert(name.clone(), *inode);
            }
        }
        after.durable_names = after.names.clone();
        Self::over(after, self.machine)
    }

    /// Returns the disk as the next process finds it after the one that used it was killed: the kernel still has
    /// what was not synced, and has forgotten which calls failed.
    pub fn reopened(&self) -> Self {
        let mut before = self.platter();
        let mut after = std::mem::take(&mut *before);
        before.off = true;
        (after.off, after.plan, after.astray) = (false, None, None);
        after.poisoned.clear();
        Self::over(after, self.machine)
    }

    /// Returns the disk as it stands durably now, inodes and births included: what the snapshot of a whole
    /// virtual machine brings back, and nothing on that machine can notice.
    pub fn image(&self) -> Self {
        let platter = self.platter();
        let mut image = Platter { last_inode: platter.last_inode, ..Platter::default() };
        image.names.clone_from(&platter.durable_names);
        image.durable_names.clone_from(&platter.durable_names);
        for (number, inode) in &platter.inodes {
            image.inodes.insert(*number, Inode::whole(inode.durable.clone()));
        }
        Self::over(image, self.machine)
    }

    /// Returns a backup of what is durable, restored onto a disk of a machine: the same bytes in files
    /// that were made anew.
    pub fn restored(&self, machine: u8) -> Self {
        let before = self.platter();
        let mut after = Platter { last_inode: before.last_inode, ..Platter::default() };
        for (name, number) in &before.durable_names {
            after.last_inode += 1;
            let bytes = before.inodes[number].durable.clone();
            after.inodes.insert(after.last_inode, Inode::whole(bytes));
            after.names.insert(name.clone(), after.last_inode);
        }
        after.durable_names = after.names.clone();
        Self::over(after, MachineId([machine; 32]))
    }

    /// Puts the bytes of `other`'s file into this disk's file of that name, inode and birth kept: what
    /// somebody does who copies an old file over a newer one.
    pub fn overwrite_from(&self, other: &Self, name: &str) {
        let bytes = other.contents(name);
        let mut platter = self.platter();
        let number = platter.names[name];
        platter.inodes.insert(number, Inode::whole(bytes));
    }

    /// Changes one byte of a file behind everybody's back.
    pub fn rot(&self, name: &str, at: usize) {
        let mut platter = self.platter();
        let number = platter.names[name];
        let inode = platter.inodes.get_mut(&number).expect("a name leads to a file");
        inode.live[at] ^= 0x10;
        inode.durable[at] ^= 0x10;
    }

    /// Returns the names of all files, in order.
    pub fn names(&self) -> Vec<String> {
        self.platter().names.keys().cloned().collect()
    }

    /// Returns what a file holds, unsynced writes included.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn contents(&self, name: &str) -> Vec<u8> {
        let platter = self.platter();
        platter.inodes[&platter.names[name]].live.clone()
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk for FaultyDisk {
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        let mut platter = self.platter();
        let fault = platter.count(Calls::Reads);
        if platter.off || fault.is_some_and(|fault| fault != Fault::Flipped) {
            return Err(failed(Operation::Read, name, failure(fault)));
        }
        let number = platter.names.get(name).copied();
        let Some(inode) = number.and_then(|number| platter.inodes.get(&number)) else {
            let missing = io::Error::from(io::ErrorKind::NotFound);
            return Err(failed(Operation::Read, name, missing.into()));
        };
        let rest = inode.live.get(size(offset)..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        if fault.is_some() && count > 0 && name.ends_with(".seg") {
            buffer[count / 2] ^= 0x04;
        }
        Ok(count)
    }

    fn write_at(&self, name: &str, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let change = Change::Write(size(offset), bytes.to_vec());
        self.platter().change(Operation::Write, name, change)
    }

    fn allocate(&self, name: &str, length: u64) -> Result<(), DiskError> {
        let mut platter = self.platter();
        let length = size(length).max(platter.inode(name).live.len());
        platter.change(Operation::Allocate, name, Change::Length(length))
    }

    fn truncate(&self, name: &str, length: u64) -> Result<(), DiskError> {
        self.platter().change(Operation::Write, name, Change::Length(size(length)))
    }

    fn sync(&self, name: &str) -> Result<(), DiskError> {
        let mut platter = self.platter();
        let fault = platter.begin(Operation::Sync, name)?;
        if fault.is_none() {
            platter.inode(name).settle();
        }
        platter.end(Operation::Sync, name, fault)
    }

    fn sync_dir(&self, name: &str) -> Result<(), DiskError> {
        let mut platter = self.platter();
        let fault = platter.begin(Operation::SyncDir, name)?;
        if fault.is_none() {
            let live = platter.names.clone();
            platter.durable_names.retain(|file, _| parent(file) != name);
            platter.durable_names.extend(live.into_iter().filter(|(file, _)| parent(file) == name));
        }
        platter.end(Operation::SyncDir, name, fault)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let mut platter = self.platter();
        let fault =
            platter.begin(Operation::Replace, name)?.or(platter.full.then_some(Fault::Full));
        if matches!(fault, Some(Fault::Broken | Fault::Full)) {
            return Err(failed(Operation::Replace, name, failure(fault)));
        }
        platter.last_inode += 1;
        let number = platter.last_inode;
        platter.inodes.insert(number, Inode::whole(bytes.to_vec()));
        platter.names.insert(name.to_owned(), number);
        if fault.is_some() {
            return Err(failed(Operation::Replace, name, broken()));
        }
        platter.durable_names.insert(name.to_owned(), number);
        Ok(())
    }

    fn length(&self, name: &str) -> Result<Option<u64>, DiskError> {
        let platter = self.platter();
        if platter.off {
            return Err(failed(Operation::Read, name, broken()));
        }
        let inode = platter.names.get(name).and_then(|number| platter.inodes.get(number));
        Ok(inode.map(|inode| u64::try_from(inode.live.len()).expect("fits")))
    }

    fn list(&self, name: &str) -> Result<Vec<String>, DiskError> {
        let platter = self.platter();
        if platter.off {
            return Err(failed(Operation::Read, name, broken()));
        }
        // Directories are where their files are, and are listed beside files as every system lists them.
        let within = |file: &String| {
            let rest = file.strip_prefix(name)?.strip_prefix('/')?;
            rest.split('/').next().map(str::to_owned)
        };
        let inside: BTreeSet<String> = platter.names.keys().filter_map(within).collect();
        Ok(inside.into_iter().collect())
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        let mut platter = self.platter();
        if let Some(fault) = platter.begin(Operation::Remove, name)? {
            return Err(failed(Operation::Remove, name, failure(Some(fault))));
        }
        platter.names.remove(name);
        Ok(())
    }

    fn move_dir(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let mut platter = self.platter();
        let fault = platter.begin(Operation::Move, from)?;
        if matches!(fault, Some(Fault::Broken | Fault::Full)) {
            return Err(failed(Operation::Move, from, failure(fault)));
        }
        // A power cut inside it leaves all of it at the one place or at the other.
        if fault.is_none() || platter.changes.is_multiple_of(2) {
            platter.move_dir(from, to);
        }
        match fault {
            None => Ok(()),
            Some(_) => Err(failed(Operation::Move, from, broken())),
        }
    }

    /// Directories need no names of their own here: they are where their files are.
    fn create_dir(&self, name: &str) -> Result<(), DiskError> {
        match self.platter().begin(Operation::CreateDir, name)? {
            None => Ok(()),
            fault => Err(failed(Operation::CreateDir, name, failure(fault))),
        }
    }

    fn birth(&self, name: &str) -> Result<Birth, DiskError> {
        let platter = self.platter();
        match platter.names.get(name) {
            Some(inode) if !platter.off => {
                Ok(Birth { inode: *inode, born_ns: inode.wrapping_mul(1_000) })
            }
            _ => {
                let missing = io::Error::from(io::ErrorKind::NotFound);
                Err(failed(Operation::Read, name, missing.into()))
            }
        }
    }

    fn machine(&self) -> MachineId {
        self.machine
    }

    fn lock(&self, name: &str) -> Result<Lock, DiskError> {
        if self.is_off() {
            return Err(failed(Operation::Lock, name, broken()));
        }
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.insert(name.to_owned()) {
            return Err(failed(Operation::Lock, name, Failure::Held(None)));
        }
        Ok(Lock::new(Held { held: Arc::clone(&self.held), name: name.to_owned() }))
    }
}

/// A lock that is given back when dropped.
struct Held {
    held: Arc<Mutex<BTreeSet<String>>>,
    name: String,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.remove(&self.name);
    }
}
