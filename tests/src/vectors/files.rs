//! Vectors of whole files: audit bundles, and what a node keeps on its disk.

use std::sync::{Arc, OnceLock};

use ledger::{
    backup::{self, Front, KeyFile},
    bundle::DIGEST_BYTES,
    segments::{Record, SEGMENT_RECORDS_MAX, Segments},
};
use proto::{
    codec::{Bytes, Canonical as _},
    hash::{Hash, Use, digest},
    time::UnixMillis,
};

use super::{Vector, log::ExampleLog, story::story};
use crate::{disk::FaultyDisk, people};

/// Length of a segment's header in bytes, of a record's head, of the end of a footer, of a guard's slot,
/// and from one slot to the other: as the written format says, so that a change there shows here.
const HEADER_BYTES: usize = 72;
const RECORD_HEAD_BYTES: usize = 20;
const FOOTER_END_BYTES: usize = 32;
const SLOT_BYTES: usize = 184;
const SLOT_SPACING_BYTES: usize = 4_096;

pub(super) fn vectors() -> Vec<Vector> {
    let story = story();
    let mut vectors = vec![bundle(&story.weavers), bundle(&story.boatmen)];
    vectors.push(before_the_log(&story.weavers));
    vectors.push(segment(&story.segment));
    vectors.push(footer());
    vectors.push(guard(file("guard")));
    vectors.push(
        Vector::new("file/checkpoint", "index/checkpoint of the weavers' node")
            .hex("bytes", file("index/checkpoint")),
    );
    vectors.push(
        Vector::new(
            "file/tree",
            "index/tree of the weavers' node: hashes of the example log's tree",
        )
        .hex("bytes", file("index/tree")),
    );
    vectors.push(
        Vector::new("file/snapshot", "index/snapshot of the weavers' node, at their last seal")
            .hex("bytes", file("index/snapshot")),
    );
    vectors
}

fn file(name: &str) -> &'static [u8] {
    let found = story().files.iter().find(|(own, _)| *own == name);
    found.map(|(_, bytes)| bytes.as_slice()).unwrap_or_else(|| panic!("no file {name}"))
}

fn bundle(log: &ExampleLog) -> Vector {
    let (_, digest) = log.bundle.split_at(log.bundle.len() - DIGEST_BYTES);
    Vector::new(
        format!("bundle/{}", log.house.slug),
        "The audit bundle of an example log, whole: what `pirate bundle` writes",
    )
    .hex("digest", digest)
    .hex("bytes", &log.bundle)
}

/// What stands before the audit bundle in a backup of an example log, with a made-up key file.
fn before_the_log(log: &ExampleLog) -> Vector {
    let bytes = Bytes::from(b"age-encryption.org/v1 and so on: locked".to_vec());
    let keys = vec![KeyFile { name: "default.age".to_owned(), bytes }];
    let front = Front { made: UnixMillis(1_795_392_000_000), cite: log.house.id, keys };
    let encoded = front.encode();
    let length = u32::try_from(encoded.len()).expect("one short key file").to_le_bytes();
    let digest = digest(Use::Bundle, &[&backup::MAGIC, &encoded]);
    let all = [&backup::MAGIC[..], &length, &encoded, digest.as_bytes()].concat();
    let read = backup::front(&mut all.as_slice()).expect("a program reads what is written here");
    assert_eq!(read, front);
    Vector::new(
        format!("backup/{}", log.house.slug),
        "What a backup of an example log begins with; its audit bundle follows",
    )
    .hex("front", &encoded)
    .hex("digest", digest.as_bytes())
    .hex("bytes", &all)
}

/// Takes a young segment apart: header, records, and zeros to its end.
fn segment(file: &[u8]) -> Vector {
    let about = "The first segment of the beekeepers' log: the founding. Zeros follow";
    let mut vector = Vector::new("file/segment", about).hex("header", &file[..HEADER_BYTES]);
    let mut at = HEADER_BYTES;
    for record in 0.. {
        let length = usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
        if length == 0 {
            break;
        }
        let end = at + RECORD_HEAD_BYTES + length;
        vector = vector
            .text(format!("offset_{record}"), at.to_string())
            .hex(format!("record_{record}"), &file[at..end]);
        at = end;
    }
    assert!(file[at..].iter().all(|byte| *byte == 0), "a young segment ends in zeros");
    vector
}

/// A full segment of as many records as one may have, each the byte `x`.
fn footer() -> Vector {
    static FOOTER: OnceLock<Vec<u8>> = OnceLock::new();
    let (identity, payload) = (Hash(people::seed("segment")), b"x".as_slice());
    let end = FOOTER.get_or_init(|| {
        let disk = Arc::new(FaultyDisk::new(1));
        let mut segments =
            Segments::create_new(disk.clone(), "log", identity).expect("an empty disk");
        let full = vec![Record::of(payload); SEGMENT_RECORDS_MAX];
        segments.append(&full).and_then(|_| segments.sync()).expect("a sound disk");
        segments.append(&full[..1]).and_then(|_| segments.sync()).expect("a sound disk");
        let file = disk.contents("log/00000000.seg");
        file[file.len() - FOOTER_END_BYTES..].to_vec()
    });
    Vector::new("file/segment-footer", "The end of a segment of 50,000 records of one byte each")
        .hex("identity", identity.as_bytes())
        .hex("payload", payload)
        .text("records", SEGMENT_RECORDS_MAX.to_string())
        .hex("footer_end", end)
}

fn guard(file: &[u8]) -> Vector {
    assert_eq!(file.len(), 2 * SLOT_SPACING_BYTES);
    Vector::new("file/guard", "Both slots of the weavers' guard")
        .hex("slot_0", &file[..SLOT_BYTES])
        .hex("slot_1", &file[SLOT_SPACING_BYTES..][..SLOT_BYTES])
}
