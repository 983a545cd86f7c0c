//! Bytes that are not exactly what the program would write are refused, whatever was done to them; no
//! bytes make it panic, and none make it ask for memory that they do not fill.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
};

use harness::{
    chance,
    samples::{self, Sample},
};
use proptest::{
    collection, prelude::any, prop_assert, prop_oneof, strategy::Strategy,
    test_runner::TestCaseError,
};
use proto::{
    act::{self, Act},
    body::Body,
    codec::{Canonical as _, CodecError},
    entry::{self, ENTRY_MAX, Entry},
    evidence::Evidence,
    founding::{Founding, Network, RootKeys, Rules, SignedFounding},
    order::{self, MUST_UNDERSTAND, MemberRecord, SignedOrder},
    request::Request,
    resume::Resume,
    wire::{Ask, Gossip, Invitation},
};

/// Reads bytes; a panic fails the test that called, and says on what.
fn read(sample: &Sample, bytes: &[u8]) -> Result<Vec<u8>, CodecError> {
    catch_unwind(AssertUnwindSafe(|| (sample.read)(bytes)))
        .unwrap_or_else(|_| panic!("{}: reading panicked on {bytes:02x?}", sample.name))
}

/// Fails unless `bytes` are refused or are what would be written for the value that they decode to.
fn refused_or_canonical(sample: &Sample, bytes: &[u8]) {
    if let Ok(again) = read(sample, bytes) {
        assert_eq!(again, bytes, "{}: two byte strings for one value", sample.name);
    }
}

#[test]
fn samples_are_their_own_bytes() {
    for sample in samples::all() {
        assert_eq!(read(&sample, &sample.bytes).as_ref(), Ok(&sample.bytes), "{}", sample.name);
    }
}

#[test]
fn every_truncation_is_refused() {
    for sample in samples::all() {
        for len in 0..sample.bytes.len() {
            let cut = &sample.bytes[..len];
            assert!(read(&sample, cut).is_err(), "{}: {len} bytes suffice", sample.name);
        }
    }
}

#[test]
fn one_byte_more_is_refused() {
    for sample in samples::all() {
        for more in 0..=255 {
            let mut longer = sample.bytes.clone();
            longer.push(more);
            assert!(read(&sample, &longer).is_err(), "{}: {more:#04x} behind it", sample.name);
        }
    }
}

/// Invariant B1.
#[test]
fn every_flipped_bit_is_refused_or_says_something_else() {
    for sample in samples::all() {
        let mut bytes = sample.bytes.clone();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            refused_or_canonical(&sample, &bytes);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn more_than_the_bound_is_refused_unread() {
    for sample in samples::all() {
        let (len, max) = (sample.max + 1, sample.max);
        let refused = read(&sample, &vec![0; len]);
        assert_eq!(refused, Err(CodecError::TooLong { len, max }), "{}", sample.name);
        assert!(sample.bytes.len() <= max, "{}", sample.name);
    }
}

/// One change to a byte string.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Zero(usize, usize),
}

fn changes() -> impl Strategy<Value = (usize, Vec<Change>)> {
    let at = any::<usize>;
    let change = prop_oneof![
        4 => (at(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        1 => (at(), 1..40_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        1 => (at(), 1..40_usize).prop_map(|(at, len)| Change::Repeat(at, len)),
        1 => (at(), 1..16_usize).prop_map(|(at, len)| Change::Zero(at, len)),
    ];
    (any::<usize>(), collection::vec(change, 1..12))
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    if bytes.is_empty() {
        return;
    }
    let within = |at: usize, len: usize, bytes: &[u8]| {
        let from = at % bytes.len();
        from..(from + len).min(bytes.len())
    };
    match *change {
        Change::Set(at, byte) => {
            let range = within(at, 1, bytes);
            bytes[range.start] = byte;
        }
        Change::Remove(at, len) => drop(bytes.drain(within(at, len, bytes))),
        Change::Repeat(at, len) => {
            let range = within(at, len, bytes);
            let part = bytes[range.clone()].to_vec();
            bytes.splice(range.start..range.start, part);
        }
        Change::Zero(at, len) => {
            let range = within(at, len, bytes);
            bytes[range].fill(0);
        }
    }
}

#[test]
fn random_changes_are_refused_or_say_something_else() {
    let samples = samples::all();
    chance::check(20_000, &changes(), |(which, changes)| {
        let sample = &samples[which % samples.len()];
        let mut bytes = sample.bytes.clone();
        for change in &changes {
            apply(&mut bytes, change);
        }
        if let Ok(again) = read(sample, &bytes) {
            prop_assert!(again == bytes, "{}: {bytes:02x?}", sample.name);
        }
        Ok::<(), TestCaseError>(())
    });
}

#[test]
fn random_bytes_never_panic() {
    let samples = samples::all();
    let strategy = (any::<usize>(), collection::vec(any::<u8>(), 0..512));
    chance::check(10_000, &strategy, |(which, bytes)| {
        let sample = &samples[which % samples.len()];
        if let Ok(again) = read(sample, &bytes) {
            prop_assert!(again == bytes, "{}: {bytes:02x?}", sample.name);
        }
        Ok::<(), TestCaseError>(())
    });
}

/// Lengths that no message can fill, written wherever a length might stand.
const LENGTHS: [u64; 3] = [1 << 32, 1 << 40, u64::MAX];

#[test]
fn lengths_that_cannot_be_are_refused() {
    for sample in samples::all() {
        for at in 0..sample.bytes.len().saturating_sub(7) {
            for length in LENGTHS {
                let mut bytes = sample.bytes.clone();
                bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
                refused_or_canonical(&sample, &bytes);
            }
        }
    }
}

/// Runs the case above in a process that may have 640 MiB of addresses: a decoder that believed a
/// length of 2^32 would need 4 GiB there, and the process would abort. (What it may ask for ahead is at
/// most 1 MiB for each list that it is inside of: serde's own cautious bound.)
#[test]
fn lengths_that_cannot_be_do_not_take_memory() {
    let program = std::env::current_exe().expect("this test is a program");
    let case = "bytes::strictness::lengths_that_cannot_be_are_refused";
    let output = Command::new("sh")
        .arg("-c")
        .arg("ulimit -v 655360 && exec \"$0\" --exact \"$1\" --test-threads 1")
        .arg(program)
        .arg(case)
        .output()
        .expect("a shell can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{failed}");
    assert!(said.contains("1 passed"), "the case did not run: {said}");
}

/// Kinds of orders that this program reads.
const ORDERS: [u16; 5] = [
    order::number::JOIN,
    order::number::PAY,
    order::number::EXPORT,
    order::number::ACT,
    order::number::APPROVE,
];

/// Kinds of acts that this program reads.
const ACTS: [u16; 11] = [
    act::number::ADMIT,
    act::number::RULES,
    act::number::PEER_OPEN,
    act::number::LINE,
    act::number::MIRROR_SET,
    act::number::CLOSE,
    act::number::HEIRS,
    act::number::CARD_ISSUE,
    act::number::SUSPEND,
    act::number::LIFT,
    act::number::LEAVE,
];

/// Kinds of entries that this program reads.
const ENTRIES: [u16; 10] = [
    entry::number::FOUND,
    entry::number::ROOT_ACT,
    entry::number::ORDER,
    entry::number::EXPORT,
    entry::number::IMPORT,
    entry::number::ACK,
    entry::number::FAREWELL,
    entry::number::KEY_EPOCH,
    entry::number::RESUME,
    entry::number::SEAL,
];

/// Kinds from one end to the other: all that a version could have, with every high bit, and the last.
fn kinds() -> impl Iterator<Item = u16> {
    let high = (6..16).map(|bit| 1_u16 << bit).chain([0, 0xc000, 0x8100, 0xffc0]);
    high.flat_map(|high| (0..64).map(move |low| high | low))
}

#[test]
fn orders_of_unknown_kinds_are_refused_by_number() {
    for signed in samples::orders() {
        let own = signed.order().statement.number();
        for kind in kinds() {
            let mut bytes = signed.bytes().to_vec();
            bytes[1..3].copy_from_slice(&kind.to_le_bytes());
            let read = SignedOrder::decode(&bytes);
            let number = kind & !MUST_UNDERSTAND;
            if kind & MUST_UNDERSTAND == 0 {
                assert_eq!(read, Err(CodecError::Kind { what: "order", kind }));
            } else if !ORDERS.contains(&number) {
                assert_eq!(read, Err(CodecError::Kind { what: "order", kind: number }));
            } else {
                assert_eq!(read.is_ok(), number == own, "{own} as {number}");
            }
        }
    }
}

#[test]
fn acts_of_unknown_kinds_are_refused_by_number() {
    for kind in (0..=u16::MAX).filter(|kind| !ACTS.contains(kind)) {
        let refused = Act::from_body(kind, &[]);
        assert_eq!(refused, Err(CodecError::Kind { what: "act", kind }));
    }
    let empty = [act::number::MIRROR_SET, act::number::CLOSE];
    for kind in ACTS.into_iter().filter(|kind| !empty.contains(kind)) {
        assert!(Act::from_body(kind, &[]).is_err());
    }
    assert!(Act::from_body(act::number::CLOSE, &[0]).is_err());
}

#[test]
fn entries_of_unknown_kinds_are_refused_by_number() {
    for entry in samples::entries() {
        let mut bytes = entry.encode();
        for kind in kinds() {
            bytes[8..10].copy_from_slice(&kind.to_le_bytes());
            let read = Entry::decode(&bytes);
            if !ENTRIES.contains(&kind) {
                assert_eq!(read, Err(CodecError::Kind { what: "entry", kind }));
            }
        }
    }
}

#[test]
fn an_export_is_never_an_order_that_stays() {
    let log = harness::vectors::example_log();
    let mut found = (0, 0);
    for (_, entry) in &log.entries {
        let mut bytes = entry.encode();
        let kind = u16::from_le_bytes([bytes[8], bytes[9]]);
        if kind == entry::number::EXPORT {
            // The order alone, without the place on the stream, in an entry that says it stays.
            bytes.drain(18..18 + 48);
            let len = u64::try_from(bytes.len() - 18).expect("a short entry");
            bytes[10..18].copy_from_slice(&len.to_le_bytes());
            bytes[8..10].copy_from_slice(&entry::number::ORDER.to_le_bytes());
            assert_eq!(Entry::decode(&bytes), Err(CodecError::Malformed("entry")));
            found.0 += 1;
        }
        if kind == entry::number::ORDER {
            bytes.splice(18..18, [0; 48]);
            let len = u64::try_from(bytes.len() - 18).expect("a short entry");
            bytes[10..18].copy_from_slice(&len.to_le_bytes());
            bytes[8..10].copy_from_slice(&entry::number::EXPORT.to_le_bytes());
            assert_eq!(Entry::decode(&bytes), Err(CodecError::Malformed("entry")));
            found.1 += 1;
        }
    }
    assert_eq!(found, (2, 8), "exports and orders of the example log");
}

#[test]
fn unknown_versions_are_refused() {
    let founding = harness::people::tisserandes().founding.founding.encode();
    let request = harness::vectors::request().request().encode();
    let order = samples::orders().swap_remove(0).bytes().to_vec();
    for version in (0..=255).filter(|version| *version != 1) {
        let with = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            bytes[0] = version;
            bytes
        };
        let refused = Founding::decode(&with(&founding));
        assert_eq!(refused, Err(CodecError::Version("founding record")));
        assert_eq!(Request::decode(&with(&request)), Err(CodecError::Version("request")));
        assert_eq!(SignedOrder::decode(&with(&order)), Err(CodecError::Version("order")));
    }
}

#[test]
fn booleans_options_and_enums_have_one_form_each() {
    let network = harness::people::network().encode();
    let rules = Rules::default().encode();
    let admission = harness::people::Person::new("bob", &harness::people::tisserandes());
    let admission = admission.admission(act::Level::Member).encode();
    let level = admission.len() - 4 - 8 - 8 - 4;
    let option = 4 + 4 * 4 + 1;
    for other in 2..=255 {
        let mut bytes = network.clone();
        *bytes.last_mut().expect("a network has bytes") = other;
        assert_eq!(Network::decode(&bytes), Err(CodecError::Malformed("network")));
        let mut bytes = rules.clone();
        bytes[option] = other;
        assert_eq!(Rules::decode(&bytes), Err(CodecError::Malformed("rules")));
        let mut bytes = admission.clone();
        bytes[level] = other;
        assert!(matches!(Act::from_body(1, &bytes), Err(CodecError::Malformed(_))));
        let mut bytes = admission.clone();
        bytes[level + 1] = other;
        assert!(matches!(Act::from_body(1, &bytes), Err(CodecError::Malformed(_))));
    }
}

#[test]
fn texts_that_are_not_utf8_or_not_plain_are_refused() {
    let body = Body { salt: [0; 32], text: "ab".to_owned(), category: String::new() };
    let bytes = body.encode();
    for (second, refused) in [
        (0xff, CodecError::Malformed("text")),
        (0x0a, CodecError::OutOfBounds("text")),
        (0x00, CodecError::OutOfBounds("text")),
        (0x7f, CodecError::OutOfBounds("text")),
    ] {
        let mut bytes = bytes.clone();
        bytes[32 + 8 + 1] = second;
        assert_eq!(Body::decode(&bytes), Err(refused), "{second:#04x}");
    }
    let limit = |text: usize, category: usize| Body {
        salt: [0; 32],
        text: "x".repeat(text),
        category: "y".repeat(category),
    };
    let max = Body::TEXT_MAX;
    assert!(Body::decode(&limit(max, 32).encode()).is_ok());
    assert!(Body::decode(&limit(max + 1, 0).encode()).is_err());
    assert!(Body::decode(&limit(0, 33).encode()).is_err());
}

#[test]
fn founding_records_out_of_bounds_are_refused() {
    let right = harness::people::tisserandes().founding.founding;
    assert!(Founding::decode(&right.encode()).is_ok());
    let wrong: [fn(&mut Founding); 13] = [
        |f| f.network.name = "Exemple".to_owned(),
        |f| f.network.name = String::new(),
        |f| f.slug = "tisserandes!".to_owned(),
        |f| f.slug = "x".repeat(33),
        |f| f.name = "x".repeat(65),
        |f| f.place = "Arles\n".to_owned(),
        |f| f.root.threshold = 0,
        |f| f.root.threshold = 4,
        |f| f.root.keys[1] = f.root.keys[0],
        |f| f.root.keys = vec![f.root.keys[0]; RootKeys::KEYS_MAX + 1],
        |f| f.rules.version = 2,
        |f| f.rules.step.0 = 0,
        |f| f.rules.approvals = 10,
    ];
    for (row, change) in wrong.into_iter().enumerate() {
        let mut record = right.clone();
        change(&mut record);
        let refused = Founding::decode(&record.encode());
        assert!(matches!(refused, Err(CodecError::OutOfBounds(_))), "row {row}: {refused:?}");
    }
}

#[test]
fn first_records_without_a_device_first_are_refused() {
    let alice = harness::people::Person::new("alice", &harness::people::tisserandes());
    let wrong: [fn(&mut MemberRecord); 4] = [
        |record| record.keys.clear(),
        |record| record.keys.reverse(),
        |record| record.keys = record.keys[1..].to_vec(),
        |record| record.keys = vec![record.keys[0]; MemberRecord::KEYS_MAX + 1],
    ];
    for (row, change) in wrong.into_iter().enumerate() {
        let mut record = alice.record.clone();
        change(&mut record);
        let refused = MemberRecord::decode(&record.encode());
        assert_eq!(refused, Err(CodecError::OutOfBounds("member record")), "row {row}");
    }
}

#[test]
fn lists_have_one_order() {
    let log = harness::vectors::example_log();
    let mut set = log.mirrors.clone();
    set.mirrors.reverse();
    assert!(Act::from_body(act::number::MIRROR_SET, &set.encode()).is_err());
    set.mirrors[1] = set.mirrors[0];
    assert!(Act::from_body(act::number::MIRROR_SET, &set.encode()).is_err());
    let mut all = harness::vectors::example_evidence(&log).into_iter();
    let Some(Evidence::SameSize { founding, first, second }) = all.next() else {
        panic!("E1 comes first")
    };
    let turned = Evidence::SameSize { founding, first: second, second: first };
    assert_eq!(Evidence::decode(&turned.encode()), Err(CodecError::OutOfBounds("evidence")));
    let Some(Evidence::Inconsistent { founding, smaller, larger, opening }) = all.next() else {
        panic!("E2 comes second")
    };
    let turned = Evidence::Inconsistent { founding, smaller: larger, larger: smaller, opening };
    assert_eq!(Evidence::decode(&turned.encode()), Err(CodecError::OutOfBounds("evidence")));
}

/// An address with a NUL in it would let one signed announcement stand for two lists of addresses.
#[test]
fn addresses_are_visible_ascii() {
    let house = harness::people::tisserandes();
    let invitation = |address: &str| Invitation {
        network: harness::people::network(),
        cite: house.id,
        node: house.network_key.public(),
        addresses: vec![address.to_owned()],
        token: None,
    };
    assert!(Invitation::decode(&invitation("[::1]:4717").encode()).is_ok());
    let long = "x".repeat(97);
    for wrong in ["", "a b:1", "a\0b:1", "é.example:1", "a\n", &long] {
        let refused = Invitation::decode(&invitation(wrong).encode());
        assert_eq!(refused, Err(CodecError::OutOfBounds("invitation")), "{wrong:?}");
    }
}

#[test]
fn calls_are_passed_on_twice_at_most() {
    let ask = |hops| Ask::Desk {
        passed: proto::wire::Passed {
            home: harness::people::mariniers().id,
            call: proto::codec::Bytes::new(),
        },
        hops,
    };
    assert!(Ask::decode(&ask(Ask::HOPS_MAX).encode()).is_ok());
    assert!(Ask::decode(&ask(Ask::HOPS_MAX + 1).encode()).is_err());
}

// What carries something is long enough for the longest of it: an order and its place on a stream, and a resume, in an
// entry, evidence in gossip, a founding record with the keys that heirs named in an act.
const _: () = assert!(order::ORDER_MAX + 8 + 2 + 8 + 48 <= ENTRY_MAX);
const _: () = assert!(Evidence::MAX + 4 <= Gossip::MAX && Gossip::MAX <= Ask::MAX);
const _: () = assert!(Resume::MAX + 8 + 2 + 8 <= ENTRY_MAX);
const _: () = assert!(SignedFounding::MAX + 12 <= Act::BODY_MAX);
