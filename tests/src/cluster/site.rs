//! One cité with its node: founded, started, robbed of its files.

use std::error::Error as _;

use ledger::disk::Failure;
use node::core::CoreError;
use proto::order::Head;

use super::*;
use crate::processes::wait_for;

impl Site {
    /// Returns the disk of the node, for whoever puts something there behind its back.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn disk(&self) -> Arc<dyn Disk> {
        let holder = Holder { pid: 1, started_ms: 0 };
        let disk = RealDisk::open(self.dir.path(), MachineId([b'0'; 32]), holder);
        Arc::new(disk.expect("a fresh directory"))
    }

    /// Returns the node's keys.
    pub fn keys(&self) -> Keys {
        Keys {
            log: self.house.log.clone(),
            mirror: self.house.mirror.clone(),
            card: self.house.card.clone(),
            network: self.house.network_key.clone(),
        }
    }

    /// Returns the node's key on the network.
    pub fn peer(&self) -> PeerKey {
        self.house.network_key.public()
    }

    /// Returns the files of a node that does not run, but for its index.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let disk = self.disk();
        let (mut found, mut folders) = (BTreeMap::new(), vec![String::new()]);
        while let Some(folder) = folders.pop() {
            for name in disk.list(&folder).expect("a folder of a stopped node") {
                let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let path = self.dir.path().join(&name);
                if path.is_file() {
                    found.insert(name, std::fs::read(path).expect("a file of a stopped node"));
                } else if name != "index/sled" {
                    folders.push(name);
                }
            }
        }
        found
    }

    /// Loses the whole disk of a node that does not run. Its root names keys for an incarnation, and what is left
    /// is what `pirate node recover` puts there: those keys, the founding record, an address of a friend.
    pub fn lose_all(&mut self, incarnation: u32) {
        drop(self.go_on(incarnation, &self.house.founding_at(incarnation)));
    }

    /// Says what an ally's node knows as certified, as `pirate node recover --via` notes it.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn tell(&self, certified: Option<Head>) {
        ledger::home::tell(self.disk().as_ref(), certified).expect("the disk of a stopped node");
    }

    /// Begins anew on an empty disk, with the keys that a record names for an incarnation; returns what was before.
    pub fn go_on(&mut self, incarnation: u32, record: &SignedFounding) -> (TempDir, House) {
        let before = TempDir::new().expect("a directory");
        let before = core::mem::replace(&mut self.dir, before);
        let disk = self.disk();
        disk.create_dir("notes")
            .and_then(|()| disk.replace(RECORD, &record.encode()))
            .expect("an empty disk");
        drop(disk);
        let [log, mirror, card, network_key] = self.house.role_keys(incarnation);
        let house = House { log, mirror, card, network_key, ..self.house.clone() };
        (before, core::mem::replace(&mut self.house, house))
    }

    /// Puts a disk and its keys back that were set aside.
    pub fn put_back(&mut self, (dir, house): (TempDir, House)) {
        (self.dir, self.house) = (dir, house);
    }

    /// Puts an older image of a node that does not run, as [`Site::files`] returned it, in the place of its directory.
    pub fn restore(&mut self, image: &BTreeMap<String, Vec<u8>>) {
        self.dir = TempDir::new().expect("a directory");
        for (name, bytes) in image {
            let file = self.dir.path().join(name);
            let folder = file.parent().expect("a file is in a folder");
            std::fs::create_dir_all(folder).expect("the directory is ours");
            std::fs::write(file, bytes).expect("the directory is ours");
        }
    }

    /// Writes an older image of a node that does not run into the very files that are there, guard included, as when a
    /// virtual machine is set back: nothing on the machine tells.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn roll_back(&self, image: &BTreeMap<String, Vec<u8>>) {
        for name in self.files().keys().filter(|name| !image.contains_key(*name)) {
            std::fs::remove_file(self.dir.path().join(name)).expect("the directory is ours");
        }
        for (name, bytes) in image {
            std::fs::write(self.dir.path().join(name), bytes).expect("the directory is ours");
        }
        // It is made again from the log.
        std::fs::remove_dir_all(self.dir.path().join("index/sled")).expect("the directory is ours");
    }

    /// Lets the root name keys for an incarnation on what is there of a node that does not run, as `pirate node recover`
    /// does.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn recover(&mut self, incarnation: u32) {
        let record = self.house.founding_at(incarnation).encode();
        self.disk().replace(RECORD, &record).expect("the disk of a stopped node");
        let [log, mirror, card, network_key] = self.house.role_keys(incarnation);
        self.house = House { log, mirror, card, network_key, ..self.house.clone() };
    }

    /// Puts one folder of a node that does not run back to what it was in an image, and leaves all else.
    ///
    /// # Panics
    /// When the disk fails.
    pub fn set_back(&self, folder: &str, image: &BTreeMap<String, Vec<u8>>) {
        let path = self.dir.path();
        std::fs::remove_dir_all(path.join(folder)).expect("the directory is ours");
        for (name, bytes) in image.iter().filter(|(name, _)| name.starts_with(folder)) {
            let file = path.join(name);
            let folder = file.parent().expect("a file is in a folder");
            std::fs::create_dir_all(folder).expect("the directory is ours");
            std::fs::write(file, bytes).expect("the directory is ours");
        }
    }

    /// Loses a file of a node that does not run.
    ///
    /// # Panics
    /// When there is no such file.
    pub fn lose(&self, name: &str) {
        std::fs::remove_file(self.dir.path().join(name)).expect("a file of a stopped node");
    }

    /// Lets this file not be written any more, as on a full disk; whether the node runs or not.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn fill(&self, name: &str) {
        self.bar(name, "/dev/full");
    }

    /// The same, as on a disk that fails.
    ///
    /// # Panics
    /// When there is no such place.
    pub fn block(&self, name: &str) {
        self.bar(name, "/");
    }

    /// Puts something that nobody can write where a file is written before it takes its place.
    fn bar(&self, name: &str, what: &str) {
        let unfinished = self.dir.path().join(format!("{name}.new"));
        std::os::unix::fs::symlink(what, unfinished).expect("the directory is ours");
    }

    /// Lets it be written again.
    ///
    /// # Panics
    /// When it could be written.
    pub fn spare(&self, name: &str) {
        std::fs::remove_file(self.dir.path().join(format!("{name}.new"))).expect("it was barred");
    }

    /// Changes one bit of a file, as a disk does that forgets; whether the node runs or not.
    ///
    /// # Panics
    /// When there is no such file, or no such byte in it.
    pub fn rot(&self, name: &str, byte: u64) {
        use std::os::unix::fs::FileExt as _;
        let file = std::fs::File::options().read(true).write(true).open(self.dir.path().join(name));
        let (file, mut bit) = (file.expect("a file of the node"), [0]);
        file.read_exact_at(&mut bit, byte).expect("a byte of it");
        file.write_all_at(&[bit[0] ^ 4], byte).expect("the file is ours");
    }

    /// Returns what is in a file of the node's directory, nothing when there is none.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn file(&self, name: &str) -> Vec<u8> {
        match std::fs::read(self.dir.path().join(name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => panic!("{name}: {error}"),
        }
    }

    pub(super) fn found(slug: &str, now: UnixMillis) -> Self {
        let house = House::new(slug, slug, "Lyon", 1, 1);
        let people: Vec<Person> =
            MEMBERS.iter().map(|name| Person::new(&format!("{slug} {name}"), &house)).collect();
        let admit = |(seq, person): (u32, &Person)| {
            let level = if seq == 1 { Level::Steward } else { Level::Member };
            let act = Act::Admit(person.admission(level));
            let payload = RootAct::payload(house.id, seq, &act);
            let signatures = house.root_signatures(1, &payload);
            RootAct { cite: house.id, seq, act, signatures }
        };
        let acts = (1..).zip(&people).map(admit).collect();
        let dir = TempDir::new().expect("a directory");
        let site =
            Self { people, scaled_clock: true, ahead: 0, keep: Vec::new(), dir, core: None, house };
        let plan = FoundingPlan { signed: site.house.founding.clone(), acts };
        let index = site.dir.path().join("index/sled");
        let home = Home::found(site.disk(), &index, plan, site.house.log.clone(), now);
        drop(home.expect("an empty directory can be founded in"));
        site
    }

    pub(super) fn clock(&self, now: UnixMillis) -> UnixMillis {
        UnixMillis(now.0.saturating_add_signed(self.ahead))
    }

    pub(super) fn start(&mut self, now: UnixMillis) {
        let settings = || Settings {
            keys: self.keys(),
            seed: seed(&self.house.slug),
            started: now,
            version: "0.1.0-test",
            friends: Vec::new(),
            scaled_clock: self.scaled_clock,
        };
        let index = self.dir.path().join("index/sled");
        // A program that another case starts at this moment has our locks, too, until it is loaded.
        let core = wait_for("the lock of a node that has just stopped", || {
            match Core::open(self.disk(), &index, self.house.id, settings()) {
                Err(error) if is_locked(&error) => None,
                opened => Some(opened.expect("the log that was just closed opens")),
            }
        });
        self.core = Some(core);
    }
}

fn is_locked(error: &CoreError) -> bool {
    std::iter::successors(error.source(), |error| (*error).source())
        .filter_map(|error| error.downcast_ref())
        .any(|failure| matches!(failure, Failure::Held(_)))
}
