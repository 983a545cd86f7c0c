//! Lists that claim more than there is: memory follows what arrived. Wherever a value has something like a
//! count stands, once in turn, one that cannot be true, with all that follows and with nothing.

use harness::fuzz::Door;
use proto::{
    codec::{Bytes, Canonical as _, CodecError},
    wire::{Ask, CHUNK_ENTRIES_MAX},
};

use super::{DOORS, must_hold};

/// Counts that are written: lists as long as a peer may send, and those that are much longer.
const CLAIMS: [u64; 4] = [16, 256, 1 << 20, 1 << 40];

/// Returns the doors of single values: behind others stands a disk or a node, with memory of its own.
fn values() -> impl Iterator<Item = &'static Door> {
    DOORS.iter().filter(|door| door.cost == 1 && door.heap.ahead <= 64 * 1_024)
}

/// Returns where eight bytes may be a count of what follows: counts of real values are small.
fn counts(seed: &[u8]) -> impl Iterator<Item = usize> {
    let places = seed.windows(8).enumerate();
    places.filter(|(_, eight)| eight[2..] == [0; 6]).map(|(at, _)| at)
}

#[test]
fn no_claim_asks_for_memory() {
    assert!(values().count() > 30, "the doors of values are not found");
    for door in values() {
        for seed in &door.seeds {
            for at in counts(seed) {
                for claim in CLAIMS {
                    let mut input = seed.clone();
                    input[at..at + 8].copy_from_slice(&claim.to_le_bytes());
                    must_hold(door, &input);
                    must_hold(door, &input[..at + 8]);
                }
            }
        }
    }
}

/// The parts of a list of empty strings take three times the memory of their bytes; a peer may send few.
#[test]
fn a_long_list_of_small_parts_is_refused_before_it_is_read() {
    let door = values().find(|door| door.name == "ask-between-nodes").expect("nodes ask");
    let extends = |seed: &&Vec<u8>| matches!(Ask::decode(seed), Ok(Ask::Extend(_)));
    let seed = door.seeds.iter().find(extends).expect("nodes send entries to mirrors");
    let Ok(Ask::Extend(extend)) = Ask::decode(seed) else { panic!("it was read a moment ago") };
    for (parts, too_many) in
        [(CHUNK_ENTRIES_MAX, false), (CHUNK_ENTRIES_MAX + 1, true), (50_000, true)]
    {
        let entries = vec![Bytes::new(); parts];
        let input =
            Ask::Extend(Box::new(proto::wire::Extend { entries, ..(*extend).clone() })).encode();
        must_hold(door, &input);
        let read = Ask::decode(&input);
        assert_eq!(read.is_err(), too_many, "{parts} parts");
        assert!(!too_many || matches!(read, Err(CodecError::Malformed(_))), "read to its end");
    }
}
