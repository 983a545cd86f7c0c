//! Scrubbing: no bit of a log changes unnoticed, and whoever runs a node is told what is damaged and which
//! command helps.
//!
//! `PIRATE_BITS` is how many bits of a log of 1 MiB are flipped, one at a time, drawn by `PIRATE_SEED`
//! (2,000 when nothing is said); `PIRATE_BITS=all` flips every one of them, and takes minutes in a release build.
//! All cores share them. One bit in a hundred is looked for from the start of the log, the others from the window
//! that they are in: from the start each would cost a hash of half the log, an hour and more for all of them.

#![allow(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use harness::{
    chance,
    cluster::Cluster,
    disk::{Chance, FaultyDisk},
    processes::{Allied, Daemon, Home, Site, wait_for},
    world::World,
};
use ledger::{
    disk::{Birth, Disk, DiskError, Failure, Lock, MachineId, Operation},
    segments::{Record, Scan, Segments, SegmentsReader, WINDOW_BYTES_MIN},
    tree::Frontier,
};
use proto::{
    desk::{Call, Operator, Reply, ScrubSheet},
    hash::{Hash, tree_leaf},
    order::Head,
};
use serde_json::Value;

const IDENTITY: Hash = Hash([7; 32]);
const FILE: &str = "log/00000000.seg";
/// Bytes of records in the log whose bits are flipped.
const LOG_BYTES: u64 = 1_024 * 1_024;
/// Space reserved ahead that is looked at as well, in bytes.
const RESERVED: usize = 4_096;
/// Bits that are flipped when nothing is said.
const BITS: u64 = 2_000;
/// Bits for which the log is opened and folded anew as well.
const BITS_VERIFIED: u64 = 1_000;
/// After how many bits a run says how far it is.
const PROGRESS: u64 = 500_000;
/// No bit is flipped.
const NONE: u64 = u64::MAX;

/// One file in memory, of which one bit at a time is read wrongly. Nothing writes to it.
struct FlippedDisk {
    bytes: Arc<[u8]>,
    bit: AtomicU64,
}

impl FlippedDisk {
    fn flip(&self, bit: u64) {
        self.bit.store(bit, Ordering::Relaxed);
    }
}

fn refused<T>(file: &str) -> Result<T, DiskError> {
    let failure = Failure::Io { kind: io::ErrorKind::ReadOnlyFilesystem, errno: None };
    Err(DiskError { operation: Operation::Write, file: file.into(), failure })
}

impl Disk for FlippedDisk {
    fn read_at(&self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, DiskError> {
        assert_eq!(name, FILE, "there is one file");
        let rest = self.bytes.get(offset as usize..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        let bit = self.bit.load(Ordering::Relaxed);
        if let Some(at) = (bit / 8).checked_sub(offset).filter(|at| *at < count as u64) {
            buffer[at as usize] ^= 1 << (bit % 8);
        }
        Ok(count)
    }

    fn length(&self, name: &str) -> Result<Option<u64>, DiskError> {
        Ok((name == FILE).then_some(self.bytes.len() as u64))
    }

    fn list(&self, _name: &str) -> Result<Vec<String>, DiskError> {
        Ok(vec!["00000000.seg".into()])
    }

    fn write_at(&self, name: &str, _offset: u64, _bytes: &[u8]) -> Result<(), DiskError> {
        refused(name)
    }

    fn allocate(&self, name: &str, _length: u64) -> Result<(), DiskError> {
        refused(name)
    }

    fn truncate(&self, name: &str, _length: u64) -> Result<(), DiskError> {
        refused(name)
    }

    fn sync(&self, name: &str) -> Result<(), DiskError> {
        refused(name)
    }

    fn sync_dir(&self, name: &str) -> Result<(), DiskError> {
        refused(name)
    }

    fn replace(&self, name: &str, _bytes: &[u8]) -> Result<(), DiskError> {
        refused(name)
    }

    fn remove(&self, name: &str) -> Result<(), DiskError> {
        refused(name)
    }

    fn move_dir(&self, from: &str, _to: &str) -> Result<(), DiskError> {
        refused(from)
    }

    fn create_dir(&self, name: &str) -> Result<(), DiskError> {
        refused(name)
    }

    fn birth(&self, name: &str) -> Result<Birth, DiskError> {
        refused(name)
    }

    fn machine(&self) -> MachineId {
        MachineId([0; 32])
    }

    fn lock(&self, name: &str) -> Result<Lock, DiskError> {
        refused(name)
    }
}

/// Returns a log of 1 MiB as its writer left it, and the head that was signed of it.
fn log() -> (Arc<[u8]>, Head) {
    let disk: Arc<dyn Disk> = Arc::new(FaultyDisk::new(1));
    let mut log = Segments::create_new(Arc::clone(&disk), "log", IDENTITY).expect("created");
    let (mut written, mut frontier) = (0, Frontier::default());
    while written < LOG_BYTES {
        let payloads: Vec<Vec<u8>> = (0..20_u64)
            .map(|at| {
                let number = log.len() + at;
                let length = 120 + number * 37 % 400;
                (0..length).map(|byte| (byte * 31 + number * 17) as u8).collect()
            })
            .collect();
        let records: Vec<Record<'_>> = payloads.iter().map(|bytes| Record::of(bytes)).collect();
        log.append(&records).expect("appended");
        log.sync().expect("synced");
        written += payloads.iter().map(|bytes| bytes.len() as u64 + 20).sum::<u64>();
        payloads.iter().for_each(|bytes| frontier.push(tree_leaf(bytes)));
    }
    let length = disk.length(FILE).expect("read").expect("there");
    let mut bytes = vec![0; length as usize];
    disk.read_at(FILE, 0, &mut bytes).expect("read");
    let end = bytes.iter().rposition(|byte| *byte != 0).expect("something is written");
    bytes.truncate(end + 1 + RESERVED);
    (bytes.into(), frontier.head())
}

/// Steps until something is found or all was looked at; returns whether something was found.
fn finds(mut scan: Scan, signed: Head) -> bool {
    while scan.step(WINDOW_BYTES_MIN, &mut |_, _| ()).expect("this disk reads") {
        if !scan.flaws().is_empty() {
            return true;
        }
    }
    !scan.flaws().is_empty() || scan.records() < signed.size
}

/// Returns whether whoever opens the log and folds all of it notices.
fn verifies(disk: &Arc<dyn Disk>, signed: Head) -> bool {
    let Ok(reader) = SegmentsReader::open(Arc::clone(disk), "log", IDENTITY) else { return false };
    let mut frontier = Frontier::default();
    let mut records = reader.records(0).expect("it was opened");
    while let Ok(Some(record)) = records.next_record() {
        frontier.push(record.leaf);
    }
    frontier.head() == signed
}

/// Looks for these bits of a log, each with its number, one after the other.
fn each_is_noticed(bytes: &Arc<[u8]>, signed: Head, bits: impl Iterator<Item = (u64, u64)>) {
    let flipped = Arc::new(FlippedDisk { bytes: Arc::clone(bytes), bit: AtomicU64::new(NONE) });
    let disk: Arc<dyn Disk> = Arc::clone(&flipped) as _;
    // What was looked at before a window does not depend on the bytes in it: a look at a flipped bit begins
    // where the look at the whole log came to its window. One bit in a hundred is looked for from the start.
    let begin = || Scan::begin(Arc::clone(&disk), "log", IDENTITY, None).expect("a scan begins");
    let mut scan = begin();
    let mut states = vec![scan.clone()];
    while scan.step(WINDOW_BYTES_MIN, &mut |_, _| ()).expect("this disk reads") {
        states.push(scan.clone());
    }
    assert_eq!((scan.flaws(), scan.records()), (&[][..], signed.size), "the log is good");
    assert!(verifies(&disk, signed), "the log is good");
    for (number, bit) in bits {
        flipped.flip(bit);
        let known = states.iter().rev().find(|state| state.at() <= (0, bit / 8));
        let from = known.filter(|_| number % 100 != 0).cloned().unwrap_or_else(begin);
        assert!(finds(from, signed), "bit {bit}: the scrub does not notice");
        // Space that is reserved and not written holds no entry.
        let written = bit / 8 < (bytes.len() - RESERVED) as u64;
        if number < BITS_VERIFIED && written {
            assert!(!verifies(&disk, signed), "bit {bit}: the fold does not notice");
        }
    }
}

/// Invariant L7.
#[test]
fn no_bit_of_a_log_changes_unnoticed() {
    let seed = chance::seed();
    let said = std::env::var("PIRATE_BITS").ok();
    let (bytes, signed) = log();
    let bits = bytes.len() as u64 * 8;
    let all = said.as_deref() == Some("all");
    let count = match said.as_deref() {
        Some("all") => bits,
        Some(text) => text.parse().expect("PIRATE_BITS is a number or all"),
        None => BITS,
    };
    println!("{}={seed}", chance::SEED);
    let (next, started) = (AtomicU64::new(0), Instant::now());
    let draw = Mutex::new(Chance(seed));
    // Each core takes the next number, and of all bits the one of that number.
    let take = || {
        let mut chance = draw.lock().expect("nobody failed with it");
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number > 0 && number % PROGRESS == 0 {
            println!("{number} of {count} bits, {:.0} s", started.elapsed().as_secs_f64());
        }
        let bit = if all { number } else { chance.below(bits) };
        (number < count).then_some((number, bit))
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| each_is_noticed(&bytes, signed, std::iter::from_fn(take)));
        }
    });
    println!("{count} bits in {:.1} s", started.elapsed().as_secs_f64());
}

fn scrub(home: &Home) -> Value {
    let said = home.run(&["node", "scrub", "--json"]);
    let read: Result<Value, _> = serde_json::from_str(&said.out);
    let data = read.unwrap_or_else(|error| panic!("{error}: {said:?}"))["data"].clone();
    assert_eq!(said.code, Some(if data["good"] == true { 0 } else { 1 }), "{said:?}");
    data
}

fn flip(home: &Home, file: &str, byte: u64) {
    // In its place: a node may have the file open.
    let file = File::options().read(true).write(true).open(home.node().join(file));
    let (file, mut bits) = (file.expect("the file is there"), [0]);
    file.read_exact_at(&mut bits, byte).expect("a byte of it");
    file.write_all_at(&[bits[0] ^ 4], byte).expect("it is ours");
}

fn kinds(data: &Value) -> Vec<&str> {
    let logs = data["logs"].as_array().expect("a list");
    let flaws = logs.iter().flat_map(|log| log["flaws"].as_array().expect("a list"));
    flaws.map(|flaw| flaw["kind"].as_str().expect("a word")).collect()
}

#[test]
fn a_damaged_middle_is_refused_at_the_start_and_named_by_the_scrub() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let site = Site::found(place.path(), "tisserandes");
    let data = scrub(&site.home);
    assert_eq!((&data["good"], &data["running"]), (&true.into(), &false.into()), "{data}");
    assert_eq!(data["logs"][0]["proven"], data["logs"][0]["records"], "{data}");
    flip(&site.home, FILE, 200);
    let said = site.home.run(&["node", "run", "--listen", "127.0.0.1:0", "--json"]);
    assert_eq!((said.code, said.error_code().as_str()), (Some(78), "P0204"), "{said:?}");
    assert!(said.err.contains("scrub"), "{said:?}");
    let data = scrub(&site.home);
    assert_eq!(kinds(&data), ["records"], "{data}");
    assert_eq!(data["logs"][0]["flaws"][0]["from"], 0, "{data}");
}

#[test]
fn beside_a_running_node_its_log_and_its_copies_are_read() {
    let place = tempfile::tempdir().expect("a temporary directory can be made");
    let Allied { cites, members: _members, nodes } = Allied::new(place.path());
    let copied = wait_for("a copy", || {
        let data = scrub(&cites[0]);
        let logs = data["logs"].as_array().expect("a list").clone();
        logs.into_iter().find(|log| log["copy"] == true && log["proven"].as_u64() > Some(2))
    });
    assert_eq!(copied["flaws"], serde_json::json!([]), "{copied}");
    assert_eq!(scrub(&cites[0])["running"], true);
    // The tree's file is rebuilt from the entries, and is not the truth: the scrub says which it is.
    nodes.into_iter().for_each(|node: Daemon| drop(node.stop()));
    flip(&cites[0], "index/tree", 40);
    assert_eq!(kinds(&scrub(&cites[0])), ["tree"]);
    cites[0].data(&["node", "rebuild"]);
    assert_eq!(kinds(&scrub(&cites[0])), [""; 0]);
}

fn scrubbed(cluster: &mut Cluster, place: usize) -> ScrubSheet {
    assert_eq!(cluster.call(place, Call::Operator(Operator::Scrub)), Reply::Done);
    for _ in 0..60 {
        cluster.run(1);
        match cluster.call(place, Call::Operator(Operator::Status)) {
            Reply::Status(status) if !status.scrub.running => return status.scrub,
            _ => {}
        }
    }
    panic!("a scrub does not end")
}

fn copy_of(cluster: &Cluster, place: usize) -> String {
    format!("mirrors/{}/{FILE}", cluster.sites[place].house.id.0)
}

/// Two cités that mirror each other, with some entries.
fn mirrored() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    cluster.ally(0, 1, 100);
    cluster.mirror(0, &[1]);
    cluster.mirror(1, &[0]);
    for _ in 0..5 {
        assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Recorded(_)));
    }
    cluster.run(40);
    cluster
}

/// Invariant L8.
#[test]
fn a_log_is_mended_from_its_mirror_and_a_copy_from_its_home() {
    let mut cluster = mirrored();
    let copy = copy_of(&cluster, 1);
    let clean = scrubbed(&mut cluster, 0);
    assert_eq!((clean.flaws, clean.mended), (0, 0));
    assert!(clean.records > cluster.sheet(0).checkpoint.head.size, "copies are read as well");
    let head = cluster.sheet(0).checkpoint.head;
    for (file, bytes) in [(FILE, &[200_u64, 3_000][..]), (FILE, &[20]), (&copy, &[200, 2_000])] {
        bytes.iter().for_each(|byte| cluster.sites[0].rot(file, *byte));
        let sheet = scrubbed(&mut cluster, 0);
        assert_eq!((sheet.flaws, sheet.mended), (0, 1), "{file} {bytes:?}");
    }
    // The image is still the one that signed: the guard knows its first file.
    cluster.stop(0, true);
    cluster.start(0);
    cluster.run(20);
    assert!(cluster.sheet(0).checkpoint.head.size >= head.size);
    assert!(matches!(cluster.pay(0, 1, 2, 15), Reply::Recorded(_)));
}

#[test]
fn what_nobody_gives_stays_damaged_and_is_said() {
    let mut cluster = mirrored();
    cluster.stop(1, true);
    cluster.sites[0].rot(FILE, 200);
    let before = cluster.sites[0].file(FILE);
    let sheet = scrubbed(&mut cluster, 0);
    assert_eq!((sheet.flaws, sheet.mended), (1, 0));
    assert!(cluster.sites[0].file(FILE) == before, "nothing was written");
    // Every day anew, without anybody's call.
    cluster.start(1);
    cluster.sleep(86_400_000);
    cluster.run(60);
    match cluster.call(0, Call::Operator(Operator::Status)) {
        Reply::Status(status) => assert_eq!((status.scrub.flaws, status.scrub.mended), (0, 1)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn only_what_stands_under_the_signed_root_is_taken() {
    let mut world = World::allied();
    let home = &mut world.villages[0].home;
    let entries: Vec<Vec<u8>> =
        (0..3).map(|leaf| home.entry_bytes(leaf).expect("it is there")).collect();
    for (leaf, entry) in (0..3).zip(&entries) {
        for (other, at) in (0..3).zip(&entries) {
            assert_eq!(home.proves(leaf, at), leaf == other, "{other} at {leaf}");
        }
        let mut changed = entry.clone();
        changed[9] ^= 1;
        assert!(!home.proves(leaf, &changed));
    }
    assert!(!home.proves(u64::MAX, &entries[0]));
}
