//! A short run of fuzzing, the same on every machine: what was found before, and good inputs with a little
//! changed, go through every door. In a binary of its own, for here every allocation is counted.
//!
//! `docs/fuzzing.md` says what for.

#![allow(clippy::print_stdout, reason = "a run says what it tried")]

mod claims;
mod forms;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use harness::{
    chance,
    fuzz::{self, Changes, Door, Entered},
    vectors::{hex, root},
};

/// Changed inputs for each door.
const RUNS: usize = 2_000;

/// Environment variable with another number of changed inputs for each door.
const RUNS_VARIABLE: &str = "PIRATE_FUZZ_RUNS";

/// The number whose inputs are tried when no other is given: a run in CI can be repeated anywhere.
const NUMBER: u64 = 1;

/// Longest input that is kept, in bytes.
const KEPT_BYTES_MAX: u64 = 64 * 1_024;

/// Bytes of all inputs that are kept: the repository stays one that is cloned in a moment.
const KEPT_BYTES_ALL_MAX: u64 = 1_024 * 1_024;

/// A door that costs as much as this many values has a whole node behind it.
const NODE_COST: usize = 100;

/// All doors, which take some seconds to make.
static DOORS: LazyLock<Vec<Door>> = LazyLock::new(fuzz::doors);

fn kept() -> PathBuf {
    root().join("tests/fuzz/corpus")
}

/// Returns the names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("a folder of the project can be read").file_name())
        .map(|name| name.into_string().expect("inputs have ASCII names"))
        .collect();
    names.sort();
    names
}

/// Returns the inputs that are kept for a door.
fn kept_for(door: &Door) -> Vec<Vec<u8>> {
    let folder = kept().join(&door.name);
    if !folder.exists() {
        return Vec::new();
    }
    let read = |name| fs::read(folder.join(name)).expect("an input that is kept can be read");
    names(&folder).iter().map(read).collect()
}

/// Takes an input through a door, and looks at the memory that it took.
fn enter(door: &Door, input: &[u8]) -> Result<(Entered, u64), String> {
    let mut entered = None;
    let counted = allocation_counter::measure(|| {
        entered = catch_unwind(AssertUnwindSafe(|| (door.enter)(input))).ok();
    });
    let allowed = door.heap.allowed(input.len());
    match entered {
        None => Err("it panicked, as said above".to_owned()),
        Some(_) if counted.bytes_max > allowed => {
            Err(format!("{} bytes of heap, {allowed} are allowed", counted.bytes_max))
        }
        Some(entered) => Ok((entered, counted.bytes_max)),
    }
}

/// Takes an input through a door; whatever is wrong with it fails the test, which leaves it behind.
fn must_hold(door: &Door, input: &[u8]) -> (Entered, u64) {
    enter(door, input).unwrap_or_else(|why| {
        let found = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("found-{}", door.name));
        fs::write(&found, input).expect("the folder of the tests can be written");
        panic!(
            "{}: {why}\n{} bytes, kept as {}; repair it, and put it into {}:\n{}",
            door.name,
            input.len(),
            found.display(),
            kept().join(&door.name).display(),
            hex(&input[..input.len().min(2_048)]),
        )
    })
}

fn runs() -> usize {
    match std::env::var(RUNS_VARIABLE) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{RUNS_VARIABLE}={text}: a number")),
        Err(_) => RUNS,
    }
}

fn number() -> u64 {
    match std::env::var(chance::SEED) {
        Ok(_) => chance::seed(),
        Err(_) => NUMBER,
    }
}

#[test]
fn what_every_door_begins_with_is_read() {
    for door in &*DOORS {
        assert!(!door.seeds.is_empty(), "{}: nothing to begin with", door.name);
        for seed in &door.seeds {
            assert_eq!(must_hold(door, seed).0, Entered::Read, "{}: {}", door.name, hex(seed));
        }
    }
}

#[test]
fn what_was_found_before_holds() {
    let known: BTreeSet<&str> = DOORS.iter().map(|door| door.name.as_str()).collect();
    for folder in names(&kept()) {
        assert!(known.contains(folder.as_str()), "{folder}: inputs for a door that is not there");
    }
    for door in &*DOORS {
        for input in kept_for(door) {
            must_hold(door, &input);
        }
    }
}

#[test]
fn what_is_kept_is_small() {
    let mut all = 0;
    for folder in names(&kept()) {
        for name in names(&kept().join(&folder)) {
            let path = kept().join(&folder).join(&name);
            let len = fs::metadata(&path).expect("an input that is kept can be read").len();
            assert!(
                len <= KEPT_BYTES_MAX,
                "{folder}/{name}: {len} bytes, at most {KEPT_BYTES_MAX}"
            );
            all += len;
        }
    }
    assert!(all <= KEPT_BYTES_ALL_MAX, "{all} bytes of inputs, at most {KEPT_BYTES_ALL_MAX}");
}

/// What became of the inputs of a door.
#[derive(Default)]
struct Told {
    read: usize,
    refused: usize,
    heap: u64,
}

/// Takes changed inputs through some doors, and prints for each how many were read and how many refused: one
/// that reads none of them is a door that nobody gets through, and what stands behind it was not tried.
fn changed_inputs_hold_at(doors: impl Fn(&Door) -> bool) {
    let (runs, number) = (runs(), number());
    let mut told: BTreeMap<&str, Told> = BTreeMap::new();
    for door in DOORS.iter().filter(|door| doors(door)) {
        let seeds = [door.seeds.clone(), kept_for(door)].concat();
        let counts = told.entry(&door.name).or_default();
        for input in Changes::new(&seeds, number).take(runs.div_ceil(door.cost)) {
            let (entered, heap) = must_hold(door, &input);
            match entered {
                Entered::Read => counts.read += 1,
                Entered::Refused => counts.refused += 1,
            }
            counts.heap = counts.heap.max(heap);
        }
    }
    assert!(!told.is_empty(), "no door was tried");
    println!("{}={number} {RUNS_VARIABLE}={runs}", chance::SEED);
    for (door, Told { read, refused, heap }) in &told {
        println!("{door}: {read} read, {refused} refused, {heap} bytes of heap at most");
    }
}

#[test]
fn changed_inputs_hold() {
    changed_inputs_hold_at(|door| door.cost < NODE_COST);
}

#[test]
fn changed_inputs_hold_at_a_running_node() {
    changed_inputs_hold_at(|door| door.cost >= NODE_COST);
}
