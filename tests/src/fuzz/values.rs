//! Doors of the canonical values: whatever is read is written again as the same bytes, and nothing else is
//! read. The forms of `proto` come from the samples; those of `ledger` that others see stand here.

use std::collections::BTreeMap;

use ledger::{
    backup::{Front, KeyFile},
    bundle::{Chunk, Reader, Section, Witnessed},
    object::Object,
};
use proto::{
    codec::{Bytes, Canonical, CodecError},
    time::UnixMillis,
};

use super::{Door, Entered, Heap, folder};
use crate::{
    logs::Log,
    people::{mariniers, tisserandes},
    samples,
    vectors::{self, from_hex},
};

/// Forms that are read inside another and have no door of their own: the outer one's name first.
const INSIDE: &[(&str, &[&str])] =
    &[("signed order", &["order", "act"]), ("entry", &["act of the root keys"])];

/// What decoding may take: for each byte that is there what it becomes, read and written again, and room for
/// what stands around it, which is more than its bytes in short lists of small things.
const HEAP: Heap = Heap { ahead: 16 * 1_024, times: 2 };

type Read = fn(&[u8]) -> Result<Vec<u8>, CodecError>;

/// Returns the doors.
pub(super) fn doors() -> Vec<Door> {
    let mut forms: BTreeMap<String, (Read, Vec<Vec<u8>>)> = BTreeMap::new();
    for sample in samples::all() {
        let form = sample.form().to_owned();
        forms.entry(form).or_insert((sample.read, Vec::new())).1.push(sample.bytes);
    }
    let mut doors: Vec<Door> =
        forms.into_iter().map(|(form, (read, seeds))| door(form, read, seeds)).collect();
    let log = example();
    doors.push(of(&objects()));
    let (witnessed, chunks) = sections(&log.bundle());
    doors.push(of(&witnessed));
    doors.push(of(&chunks));
    doors.push(of(&fronts()));
    doors
}

/// Returns what stands before the log in backups: of nobody's keys, and of one person's.
fn fronts() -> Vec<Front> {
    let key = KeyFile { name: "alice.age".to_owned(), bytes: Bytes::from(b"locked".to_vec()) };
    let front = |keys| Front { made: UnixMillis(1_795_392_000_000), cite: tisserandes().id, keys };
    vec![front(Vec::new()), front(vec![key])]
}

fn of<T: Canonical>(values: &[T]) -> Door {
    let read = |bytes: &[u8]| T::decode(bytes).map(|value| value.encode());
    door(T::NAME.to_owned(), read, values.iter().map(Canonical::encode).collect())
}

fn door(form: String, read: Read, seeds: Vec<Vec<u8>>) -> Door {
    let inside = INSIDE.iter().find(|(outer, _)| *outer == form).map_or(&[][..], |(_, all)| all);
    Door {
        name: folder(&form),
        forms: inside.iter().map(ToString::to_string).chain([form.clone()]).collect(),
        seeds,
        heap: HEAP,
        cost: 1,
        enter: Box::new(move |bytes| match read(bytes) {
            Ok(again) => {
                assert!(again == bytes, "{form}: two byte strings for one value");
                Entered::Read
            }
            Err(_) => Entered::Refused,
        }),
    }
}

/// Returns a log with members, an ally, a certificate and a payment abroad that is under way.
pub(super) fn example() -> Log {
    let (mut log, neighbour) = (Log::found(tisserandes(), 3), mariniers());
    let far = Log::found(mariniers(), 2);
    log.open(&neighbour, 600);
    log.mirror_by(&[&neighbour]);
    log.commit(&[&neighbour]);
    log.pay(1, 2, 60);
    log.export(1, &far, 1, 60);
    log.commit(&[&neighbour]);
    log
}

/// Returns what stands in the slots of the states that the vectors show: every kind of object.
fn objects() -> Vec<Object> {
    let states = vectors::all().into_iter().filter(|vector| vector.name.starts_with("state/"));
    let hex = states.flat_map(|vector| vector.values).filter_map(|(_, hex)| from_hex(&hex));
    hex.filter_map(|bytes| Object::decode(&bytes).ok()).collect()
}

/// Returns what stands in the sections of a bundle.
fn sections(bundle: &[u8]) -> (Vec<Witnessed>, Vec<Chunk>) {
    let mut reader = Reader::open(bundle).expect("a bundle");
    let (mut witnessed, mut chunks) = (Vec::new(), Vec::new());
    while let Some(section) = reader.next_section().expect("a whole bundle") {
        match section {
            Section::Witnessed(found) => witnessed.push(*found),
            Section::Chunk(chunk) => chunks.push(chunk),
            _ => {}
        }
    }
    (witnessed, chunks)
}
