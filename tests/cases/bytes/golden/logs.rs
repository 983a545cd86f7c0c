//! The logs of the file, from its bytes alone: they are executed again, their trees and states computed
//! by other means than the program's, their proofs and certificates verified.

use harness::vectors;
use ledger::{
    bundle::Witnessed,
    evidence,
    fold::Fold,
    keybook::KeyBook,
    object::Object,
    proof, replay,
    state_tree::proved_root,
    tree::{verify_consistency, verify_inclusion},
};
use proto::{
    certificate::{Certificate, EntryProof},
    codec::Canonical as _,
    entry::{Entry, Import, Outcome, Payload},
    evidence::Evidence,
    hash::{Hash, Use, digest, tree_leaf},
    ids::CiteId,
    stream::Content,
};

use super::{File, bytes, family, file, same};

/// Returns the leaves of a log of the file, in order: their names count them.
fn leaves(file: &File, house: &str) -> Vec<Vec<u8>> {
    let prefix = format!("entry/{house}/");
    let leaves: Vec<Vec<u8>> = family(file, &prefix)
        .enumerate()
        .map(|(at, name)| {
            assert!(name[prefix.len()..].starts_with(&format!("{at:02}-")), "{name}");
            bytes(file, name, "bytes")
        })
        .collect();
    assert!(leaves.len() < 100, "names count with two digits");
    leaves
}

fn hash(file: &File, vector: &str, value: &str) -> Hash {
    Hash(bytes(file, vector, value).try_into().expect("32 bytes"))
}

fn path(file: &File, vector: &str, value: &str) -> Vec<Hash> {
    let joined = bytes(file, vector, value);
    assert!(joined.len().is_multiple_of(32), "{vector}");
    joined.chunks_exact(32).map(|hash| Hash(hash.try_into().expect("32 bytes"))).collect()
}

fn size(file: &File, vector: &str, value: &str) -> u64 {
    file[vector][value].parse().expect("a number")
}

#[test]
fn entries_of_the_file_are_executed_to_the_certified_heads() {
    let file = file();
    let certified: Certificate = same(&bytes(&file, "certificate", "bytes"));
    for house in ["tisserandes", "mariniers"] {
        let leaves = leaves(&file, house);
        for leaf in &leaves {
            let entry = Entry::decode(leaf).expect("a well-formed entry");
            assert_eq!(entry.encode(), *leaf);
        }
        for name in family(&file, &format!("entry/{house}/")) {
            let leaf_hash = tree_leaf(&bytes(&file, name, "bytes"));
            assert_eq!(vectors::hex(leaf_hash.as_bytes()), file[name]["leaf_hash"]);
        }
        let (mut book, mut fold) = (KeyBook::default(), Fold::default());
        let prepared = replay::prepare(&mut book, &leaves);
        assert_eq!(replay::fold(&mut fold, prepared), Ok(()), "{house}");
        assert_eq!(fold.head().root, vectors::range_root(&leaves), "{house}");
        if house == "tisserandes" {
            assert_eq!(certified.checkpoint.head, fold.head());
        }
    }
}

/// Every kind of entry, of act and of outcome that is built stands in the logs of the file.
#[test]
fn logs_of_the_file_show_every_kind() {
    let names: Vec<String> = file()
        .keys()
        .filter_map(|name| name.strip_prefix("entry/")?.split_once('/').map(|(_, name)| name))
        .map(|name| name[3..].to_owned())
        .collect();
    for kind in [
        "found",
        "root-act",
        "order-act-admit",
        "order-act-rules",
        "order-act-peer-open",
        "order-act-line",
        "order-act-mirror-set",
        "order-approve",
        "order-pay-request",
        "order-pay-commons",
        "export",
        "import-taken",
        "import-returned",
        "import-return",
        "import-ack",
        "ack",
        "seal",
    ] {
        assert!(names.iter().any(|name| name == kind), "no {kind} in {names:?}");
    }
}

#[test]
fn trees_of_the_file_are_those_of_its_leaves() {
    let file = file();
    let leaves = leaves(&file, "tisserandes");
    let below = |size: u64| &leaves[..usize::try_from(size).expect("a handful of leaves")];
    assert_eq!(file["tree"].len(), leaves.len() + 1);
    for size in 0..=u64::try_from(leaves.len()).expect("a handful of leaves") {
        let root = hash(&file, "tree", &format!("root_of_{size}"));
        assert_eq!(root, vectors::range_root(below(size)));
    }
    for name in family(&file, "inclusion/") {
        let (leaf, size) = (size(&file, name, "leaf"), size(&file, name, "size"));
        let (leaf_hash, root) = (hash(&file, name, "leaf_hash"), hash(&file, name, "root"));
        assert_eq!(root, vectors::range_root(below(size)), "{name}");
        let path = path(&file, name, "path");
        assert_eq!(verify_inclusion(leaf_hash, leaf, size, &path, root), Ok(()), "{name}");
        let other = tree_leaf(b"another");
        assert!(verify_inclusion(other, leaf, size, &path, root).is_err(), "{name}");
    }
    for name in family(&file, "consistency/") {
        let (old, new) = (size(&file, name, "old_size"), size(&file, name, "new_size"));
        let (before, after) = (hash(&file, name, "old_root"), hash(&file, name, "new_root"));
        assert_eq!(before, vectors::range_root(below(old)), "{name}");
        assert_eq!(after, vectors::range_root(below(new)), "{name}");
        let path = path(&file, name, "path");
        assert_eq!(verify_consistency(old, before, new, after, &path), Ok(()), "{name}");
        assert!(verify_consistency(old, after, new, before, &path).is_err(), "{name}");
    }
}

/// The state tree straight from its definition: a level at a time, the last of an odd number carried up.
fn state_root(slots: &[Vec<u8>]) -> Hash {
    let mut level: Vec<Hash> =
        slots.iter().map(|slot| digest(Use::StateLeaf, &[slot.as_slice()])).collect();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => digest(Use::StateNode, &[left.as_bytes(), right.as_bytes()]),
                _ => pair[0],
            })
            .collect();
    }
    level[0]
}

#[test]
fn states_of_the_file_hash_to_the_roots_of_its_seals() {
    let file = file();
    let leaves = leaves(&file, "tisserandes");
    let mut vacant = 0;
    let mut seals = 0;
    for name in family(&file, "state/") {
        let slots: Vec<Vec<u8>> = (0..file[name].len() - 1)
            .map(|slot| bytes(&file, name, &format!("slot_{slot}")))
            .collect();
        for slot in &slots {
            match slot.is_empty() {
                true => vacant += 1,
                false => drop(same::<Object>(slot)),
            }
        }
        let root = hash(&file, name, "root");
        assert_eq!(root, state_root(&slots), "{name}");
        let before: usize = name["state/before-".len()..][..2].parse().expect("two digits");
        let entry = Entry::decode(&leaves[before]).expect("a well-formed entry");
        if let Payload::Seal(seal) = entry.payload {
            assert_eq!(seal.state_root, root, "{name}");
            seals += 1;
        }
    }
    assert!(vacant > 0 && seals > 1, "{vacant} vacant slots, {seals} seals");
}

#[test]
fn proofs_of_slots_of_the_file_lead_to_the_root_of_the_last_seal() {
    let file = file();
    let last = Entry::decode(leaves(&file, "tisserandes").last().expect("a log has leaves"));
    let Ok(Payload::Seal(seal)) = last.map(|entry| entry.payload) else {
        panic!("the last leaf under a checkpoint is a seal");
    };
    let certificate = bytes(&file, "certificate", "bytes");
    for name in family(&file, "state-proof/") {
        let section = [certificate.as_slice(), &[1], &bytes(&file, name, "bytes")].concat();
        let Some(proof) = same::<Witnessed>(&section).mirrors else { panic!("{name}: no proof") };
        assert_eq!(proof.leaf.to_vec(), bytes(&file, name, "leaf"));
        assert_eq!(proof.index, size(&file, name, "index"));
        assert_eq!(proof.leaves, size(&file, name, "leaves"));
        assert_eq!(proof.path, path(&file, name, "path"));
        assert_eq!(proved_root(&proof), Some(seal.state_root), "{name}");
        assert_eq!(hash(&file, name, "root"), seal.state_root, "{name}");
        same::<Object>(&proof.leaf);
    }
}

#[test]
fn the_proof_of_an_entry_of_the_file_is_its_parts_and_proves() {
    let file = file();
    let whole = bytes(&file, "entry-proof", "bytes");
    let proof: EntryProof = same(&whole);
    let proved = proof::verify(&proof).expect("it proves");
    assert_eq!(proved.leaf(), size(&file, "entry-proof", "leaf"));
    let value = |name: &str| bytes(&file, "entry-proof", name);
    let length = |len: usize| u64::try_from(len).expect("short").to_le_bytes().to_vec();
    let with_length = |name: &str| [length(value(name).len()), value(name)].concat();
    let hashes = |name: &str| [length(value(name).len() / 32), value(name)].concat();
    let joined = [
        with_length("founding"),
        with_length("entry"),
        proof.leaf.to_le_bytes().to_vec(),
        hashes("path"),
        with_length("seal"),
        hashes("seal_path"),
        value("certificate"),
        value("mirrors"),
    ];
    assert_eq!(joined.concat(), whole);
}

/// Messages of one log are the ones that the other took in.
#[test]
fn messages_of_the_file_are_read_out_of_entries_and_taken_in() {
    let file = file();
    let imports: Vec<Import> = ["tisserandes", "mariniers"]
        .iter()
        .flat_map(|house| leaves(&file, house))
        .filter_map(|leaf| match Entry::decode(&leaf).expect("well-formed").payload {
            Payload::Import(import) => Some(import),
            _ => None,
        })
        .collect();
    for name in family(&file, "message/") {
        let entry = Entry::decode(&bytes(&file, name, "entry")).expect("a well-formed entry");
        let message = bytes(&file, name, "message");
        let from = CiteId(Hash(message[..32].try_into().expect("32 bytes")));
        let read = entry.message(from).expect("this entry says a message");
        let import = Import { message: read, incarnation: 0, leaf: 0, outcome: Outcome::Taken };
        assert_eq!(import.encode()[..message.len()], message, "{name}");
        // Neither of the two is closed: its form alone is shown.
        if import.message.content == Content::Farewell {
            continue;
        }
        let taken = imports.iter().any(|other| other.message == import.message);
        assert!(taken, "{name} arrived");
    }
}

#[test]
fn evidence_of_the_file_convicts() {
    let file = file();
    for name in family(&file, "evidence/") {
        let known: Evidence = same(&bytes(&file, name, "bytes"));
        assert_eq!(known.number().to_string(), file[name]["kind"]);
        assert!(evidence::verify(&known).is_ok(), "{name}");
    }
}
