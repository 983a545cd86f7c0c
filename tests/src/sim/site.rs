//! One cité with its node and its disk in memory: founded, started, killed, cut off from its power.

use std::sync::Arc;

use ledger::{disk::Disk, home::HomeError};
use node::{
    core::{Core, CoreError, Input, Output, PeerKey, RECORD, Settings},
    keyfile::Keys,
};
use proto::{
    codec::Canonical as _,
    hash::{Use, digest},
    time::UnixMillis,
};
use tempfile::TempDir;

use crate::{
    disk::FaultyDisk,
    people::{House, Person},
    world,
};

/// People of each cité: a steward and two others.
const ROLES: [&str; 3] = ["steward", "zoe", "marcel"];

/// How a node comes to rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stop {
    /// As its operator asks.
    Clean,
    /// The process ends; what it wrote is still in the kernel's memory.
    Killed,
    /// The machine loses its power.
    PowerCut,
}

/// What an operator has noticed of a node and looks after until it is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ill {
    /// Its disk was lost, or given up: it recovers what others hold.
    Recovers,
    /// An older image of its disk was put back.
    Restored,
    /// A file rotted, and everything is read.
    Rots,
    /// The process that could have mended what rotted is gone.
    RottedBefore,
}

/// A cité with its node.
pub(super) struct Site {
    pub(super) house: House,
    pub(super) people: Vec<Person>,
    pub(super) disk: Arc<FaultyDisk>,
    index: TempDir,
    core: Option<Core>,
    /// Number of the process that runs, or ran last.
    pub(super) life: u64,
    /// Milliseconds that its clock is ahead of the right time.
    pub(super) ahead: i64,
    /// The most that it was ahead by where a node may believe it.
    pub(super) believable_ms: u64,
    /// In which incarnation its keys are.
    pub(super) incarnation: u32,
    machine: u8,
    /// What its operator looks after.
    pub(super) ill: Option<Ill>,
    /// A backup of its disk, as it was at some moment, and whether something on it had rotted.
    pub(super) image: Option<(FaultyDisk, bool)>,
    /// Something had rotted on the image that was put back, and not all was read since its log goes on.
    pub(super) rotten: bool,
    /// While it stands still: what came meanwhile, and for which life.
    pub(super) held: Option<Vec<(u64, Input)>>,
}

impl Site {
    /// Founds a cité.
    pub(super) fn found(slug: &str, machine: u8, now: UnixMillis) -> Self {
        let house = House::new(slug, slug, "Lyon", 1, 1);
        let names = ROLES.map(|role| format!("{role} of {slug}"));
        let disk = Arc::new(FaultyDisk::new(machine));
        let index = directory();
        let shared: Arc<dyn Disk> = Arc::clone(&disk) as _;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        drop(world::found(&house, &names, shared, index.path(), now).expect("founded"));
        let people = names.iter().map(|name| Person::new(name, &house)).collect();
        Self::over(house, people, disk, index, machine)
    }

    fn over(
        house: House,
        people: Vec<Person>,
        disk: Arc<FaultyDisk>,
        index: TempDir,
        machine: u8,
    ) -> Self {
        Self {
            house,
            people,
            disk,
            index,
            core: None,
            life: 0,
            ahead: 0,
            believable_ms: 0,
            incarnation: 0,
            machine,
            ill: None,
            image: None,
            rotten: false,
            held: None,
        }
    }

    /// Returns what somebody starts who copied the files of this node to another machine.
    pub(super) fn copied(&self) -> Self {
        let machine = self.machine + 100;
        let disk = Arc::new(self.disk.restored(machine));
        let copy = Self::over(self.house.clone(), Vec::new(), disk, directory(), machine);
        Self { incarnation: self.incarnation, life: self.life + 1_000_000, ..copy }
    }

    /// Loses the disk of a node that does not run. What is left is what the recovery words make of nothing.
    pub(super) fn lose_disk(&mut self) {
        self.rotten = false;
        self.disk = Arc::new(FaultyDisk::new(self.machine));
        self.index = directory();
        self.recover();
    }

    /// Puts the older image of a node's disk in the place of its disk, on this machine or a new one.
    pub(super) fn put_back(&mut self, (image, rotten): (FaultyDisk, bool)) {
        self.disk = Arc::new(image);
        self.rotten = rotten;
        self.index = directory();
        self.ill = Some(Ill::Restored);
    }

    /// Lets the root name keys for the next incarnation, and puts them and the record beside whatever is on the
    /// disk, as `pirate node recover` does. Who is told that there is no room makes some, and runs it again.
    pub(super) fn recover(&mut self) {
        self.disk.fill(false);
        self.incarnation += 1;
        self.ill = Some(Ill::Recovers);
        let record = self.house.founding_at(self.incarnation).encode();
        let written =
            self.disk.create_dir("notes").and_then(|()| self.disk.replace(RECORD, &record));
        written.expect("the disk of a stopped node");
        let [log, mirror, card, network_key] = self.house.role_keys(self.incarnation);
        self.house = House { log, mirror, card, network_key, ..self.house.clone() };
    }

    /// Takes a backup of the disk as it stands now, to be put back later on this machine or another.
    pub(super) fn backs_up(&mut self, elsewhere: bool) {
        let machine = if elsewhere { self.machine + 50 } else { self.machine };
        let rotten = matches!(self.ill, Some(Ill::Rots | Ill::RottedBefore));
        self.image = Some((self.disk.restored(machine), rotten));
    }

    /// Returns the key of the node on the network.
    pub(super) fn peer(&self) -> PeerKey {
        self.house.network_key.public()
    }

    /// Returns whether the node runs.
    pub(super) const fn runs(&self) -> bool {
        self.core.is_some()
    }

    /// Returns what its clock shows.
    pub(super) fn clock(&self, now: UnixMillis) -> UnixMillis {
        UnixMillis(now.0.saturating_add_signed(self.ahead))
    }

    fn keys(&self) -> Keys {
        Keys {
            log: self.house.log.clone(),
            mirror: self.house.mirror.clone(),
            card: self.house.card.clone(),
            network: self.house.network_key.clone(),
        }
    }

    /// Starts the node. It may fail where its disk does.
    pub(super) fn start(&mut self, seed: u64, now: UnixMillis) -> Result<(), CoreError> {
        self.life += 1;
        let chance = [self.house.id.0.0.as_slice(), &seed.to_le_bytes(), &self.life.to_le_bytes()];
        let settings = Settings {
            keys: self.keys(),
            seed: digest(Use::Chance, &chance).0,
            started: self.clock(now),
            version: "0.1.0-simulated",
            friends: Vec::new(),
            scaled_clock: false,
        };
        let disk: Arc<dyn Disk> = Arc::clone(&self.disk) as _;
        self.core = Some(Core::open(disk, self.index.path(), self.house.id, settings)?);
        Ok(())
    }

    /// Hands the node what happened, and returns what it does: nothing where its machine lost its power meanwhile.
    pub(super) fn handle(&mut self, now: UnixMillis, inputs: Vec<Input>) -> Option<Vec<Output>> {
        let now = self.clock(now);
        let outputs = self.core.as_mut()?.handle(now, inputs);
        (!self.disk.is_off()).then_some(outputs)
    }

    /// Stops the node. `seed` decides what a power cut leaves of what was not synced.
    pub(super) fn stop(&mut self, how: Stop, seed: u64) {
        if let Some(mut core) = self.core.take()
            && how == Stop::Clean
        {
            core.close();
        }
        let disk = match how {
            Stop::PowerCut => self.disk.reboot(seed),
            Stop::Clean | Stop::Killed => self.disk.reopened(),
        };
        self.disk = Arc::new(disk);
    }
}

/// Returns whether a start failed because of the disk.
pub(super) fn is_of_the_disk(error: &CoreError) -> bool {
    matches!(error, CoreError::Disk(_) | CoreError::Mirror(_))
        || matches!(error, CoreError::Home(HomeError::Store(_) | HomeError::Notes(_)))
        || matches!(error, CoreError::Home(HomeError::Guard(_)))
}

/// Returns a directory for an index. It holds nothing that cannot be made anew, so memory is good enough.
fn directory() -> TempDir {
    let memory = TempDir::new_in("/dev/shm");
    memory.or_else(|_| TempDir::new()).expect("a directory for an index")
}
