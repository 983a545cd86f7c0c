//! Evidence of every kind: how large it may be, whom it convicts, and whom it never does.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use std::{io::Cursor, sync::Arc};

use harness::{
    audited::audited,
    disk::{Calls, Fault, FaultyDisk},
    logs::Log,
    people::{self, House, founding_bytes, tisserandes},
    processes::Home,
};
use ledger::{
    audit::{self, AuditFault, Question, Report, Verdict},
    bundle::{BundleError, DIGEST_BYTES, EVIDENCE_MAX, SectionFault, kind},
    evidence::{self, EvidenceError},
    notes::Notes,
};
use proto::{
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical as _},
    evidence::{CosignedHead, Evidence},
    founding::{Founding, SignedFounding},
    hash::{Hash, Use, digest},
    order::{Head, MemberRecord, Rank, RankedKey},
    resume::HeldHead,
};
use serde_json::Value;

/// Audits bundles that nothing anchors.
fn audit(bundles: &[Vec<u8>]) -> Report {
    audited(bundles, None, false)
}

/// Returns another head of the size of a log's newest, signed by its key.
fn other_head(log: &Log, begins: [u8; 2]) -> Checkpoint {
    let Checkpoint { origin, head, .. } = log.checkpoint;
    let mut root = Hash([0xee; 32]);
    root.0[..2].copy_from_slice(&begins);
    Checkpoint::sign(origin, Head { root, ..head }, &log.house.log)
}

/// Returns what two heads of one size make.
fn twice(log: &Log) -> Evidence {
    twice_with(log, [0xee; 2])
}

/// Returns what a log's newest head makes with one whose root begins so.
fn twice_with(log: &Log, begins: [u8; 2]) -> Evidence {
    let founding = founding_bytes(&log.house);
    evidence::same_size(&founding, log.checkpoint, other_head(log, begins)).expect("two roots")
}

/// The longest founding record of a cité whose root named its keys: every text, every root key, every signature.
fn longest_record() -> SignedFounding {
    let house = House::new(&"s".repeat(32), &"n".repeat(64), &"p".repeat(64), 7, 7);
    let mut network = people::network();
    network.name = "n".repeat(32);
    let mut founding = Founding { network, ..house.founding.founding.clone() };
    founding.rules.deficit_max = Some(proto::minutes::Minutes(60));
    let signed = SignedFounding::sign(founding, &house.roots);
    SignedFounding { epoch: Some(house.epoch(1)), ..signed }
}

/// Returns the same evidence at its longest.
fn longest(evidence: Evidence) -> Evidence {
    let founding = Bytes::from(longest_record().encode());
    let opening = vec![Hash([7; 32]); Evidence::OPENING_MAX];
    match evidence {
        Evidence::SameSize { first, second, .. } => Evidence::SameSize { founding, first, second },
        Evidence::Inconsistent { smaller, larger, .. } => {
            Evidence::Inconsistent { founding, smaller, larger, opening }
        }
        Evidence::BadEntry { head, leaf, .. } => {
            let key = RankedKey { rank: Rank::Device, key: people::key("any").public() };
            let record = MemberRecord {
                salt: [7; 16],
                keys: vec![key; MemberRecord::KEYS_MAX],
                next_key: Hash([7; 32]),
                home: head.origin.cite,
            };
            let entry = Bytes::from(vec![7; Evidence::ENTRY_MAX]);
            let path = vec![Hash([7; 32]); Evidence::PATH_MAX];
            Evidence::BadEntry { founding, head, leaf, entry, path, record: Some(record) }
        }
        Evidence::TwoCosigned { incarnation, log, first, second, .. } => {
            Evidence::TwoCosigned { founding, incarnation, log, first, second, opening }
        }
        Evidence::AfterFence { incarnation, mut fence, cosigned, .. } => {
            let head = cosigned.head;
            fence.fence.certified = Some((7, head));
            let signature = cosigned.signature;
            fence.fence.held = Some(HeldHead { incarnation: 7, head, signature });
            Evidence::AfterFence { founding, incarnation, fence, cosigned }
        }
    }
}

/// Whatever record comes with it, evidence of every kind stays within 4 KiB.
#[test]
fn the_longest_evidence_of_each_kind_fits() {
    assert_eq!(Evidence::MAX, 4_096);
    for sample in samples() {
        let longest = longest(sample);
        let bytes = longest.encode();
        assert!(bytes.len() <= Evidence::MAX, "E{}: {} bytes", longest.number(), bytes.len());
        assert_eq!(Evidence::decode(&bytes), Ok(longest));
    }
    // With the record of a cité that seven root keys founded and five heirs took over, for logs of 2^22 leaves.
    for sample in samples() {
        let mut longest = longest(sample);
        match &mut longest {
            Evidence::SameSize { founding, .. } | Evidence::AfterFence { founding, .. } => {
                *founding = Bytes::from(vec![7; SignedFounding::MAX]);
            }
            Evidence::Inconsistent { founding, opening, .. }
            | Evidence::TwoCosigned { founding, opening, .. } => {
                *founding = Bytes::from(vec![7; SignedFounding::MAX]);
                opening.truncate(2 * 22);
            }
            Evidence::BadEntry { founding, entry, path, .. } => {
                *founding = Bytes::from(vec![7; SignedFounding::MAX]);
                *entry = Bytes::from(vec![7; 600]);
                path.truncate(22);
            }
        }
        assert!(longest.encode().len() <= Evidence::MAX, "E{}", longest.number());
    }
}

/// The samples that the log of the weavers and its mirrors would leave if they cheated.
fn samples() -> Vec<Evidence> {
    harness::vectors::example_evidence(&harness::vectors::example_log())
}

fn consistent(evidence: &Evidence) {
    assert_eq!(evidence::verify(evidence).expect_err("it is honest"), EvidenceError::Consistent);
}

/// Invariant A1: an order that its author signed, a seal at the end, an order of whom the record says nothing.
#[test]
fn an_entry_that_may_stand_there_convicts_nobody() {
    let log = harness::vectors::example_log();
    let Evidence::BadEntry { founding, head, leaf, entry, path, record } = samples().remove(2)
    else {
        panic!("E3 is the third")
    };
    let record = record.expect("the author was admitted");
    let leaves = log.leaves();
    let certified = log.certificate.checkpoint;
    let last = leaves.len() - 1;
    let at = |leaf: usize, head, record: Option<MemberRecord>| Evidence::BadEntry {
        founding: founding.clone(),
        head,
        leaf: u64::try_from(leaf).expect("few"),
        entry: Bytes::from(leaves[leaf].clone()),
        path: harness::vectors::inclusion(&leaves, leaf),
        record,
    };
    let place = usize::try_from(leaf).expect("few");
    consistent(&at(place, certified, Some(record.clone())));
    consistent(&at(last, certified, None));
    // Nobody is convicted by what is not bound to the author: another's record, or none.
    let forged = |record| Evidence::BadEntry {
        founding: founding.clone(),
        head,
        leaf,
        entry: entry.clone(),
        path: path.clone(),
        record,
    };
    consistent(&forged(None));
    let other = MemberRecord { salt: [1; 16], ..record.clone() };
    consistent(&forged(Some(other)));
    assert!(evidence::verify(&forged(Some(record))).is_ok());
    // The log key never signed a head under which it stands elsewhere.
    let mut moved = at(place, certified, None);
    if let Evidence::BadEntry { leaf, .. } = &mut moved {
        *leaf += 1;
    }
    assert!(matches!(evidence::verify(&moved), Err(EvidenceError::Proof(_))));
}

/// Invariant A1: heads of one history, and what was cosigned before a promise.
#[test]
fn an_honest_mirror_is_never_convicted() {
    let log = harness::vectors::example_log();
    let boats = people::mariniers();
    let mut samples = samples();
    let (after, twice) = (samples.remove(4), samples.remove(3));
    let cosigned = |head: Head| {
        let checkpoint = Checkpoint { head, ..log.first };
        CosignedHead::of(head, &Cosignature::sign(&checkpoint, boats.id, 7, &boats.mirror))
    };
    let certified = log.certificate.checkpoint.head;
    for honest in [log.first.head, certified] {
        let mut evidence = after.clone();
        if let Evidence::AfterFence { cosigned: after, .. } = &mut evidence {
            *after = cosigned(honest);
        }
        consistent(&evidence);
    }
    let mut one = twice.clone();
    if let Evidence::TwoCosigned { first, .. } = &mut one {
        *first = cosigned(log.first.head);
    }
    consistent(&one);
    // Two heads of one size need no opening; the same head twice is no crime.
    let mut same = twice.clone();
    if let Evidence::TwoCosigned { first, second, opening, .. } = &mut same {
        (*first, *second) = (cosigned(certified), cosigned(certified));
        opening.clear();
    }
    consistent(&same);
    if let Evidence::TwoCosigned { first, .. } = &mut same {
        let root = Hash([0; 32]);
        *first = cosigned(Head { root, ..certified });
    }
    assert!(evidence::verify(&same).is_ok());
    // Another key's word is not the mirror's.
    for mut evidence in [after, twice] {
        match &mut evidence {
            Evidence::AfterFence { cosigned, .. } => cosigned.signature.s[0] ^= 1,
            Evidence::TwoCosigned { second, .. } => second.signature.s[0] ^= 1,
            _ => unreachable!("E4 and E5"),
        }
        assert!(matches!(evidence::verify(&evidence), Err(EvidenceError::Proof(_))));
    }
}

/// Invariant A3: whoever stole the first log key signs with it what he likes, also after the root named another.
#[test]
fn evidence_against_a_retired_key_changes_no_verdict() {
    let mut log = Log::found(tisserandes(), 3);
    let stolen = twice(&log);
    assert_eq!(
        audit(&[log.bundle_with(std::slice::from_ref(&stolen))]).verdict,
        Verdict::TwoHistories
    );
    log.resume();
    let report = audit(&[log.bundle_with(&[stolen])]);
    assert_eq!(report.verdict, Verdict::Unanchored);
    assert!(report.convictions.is_empty(), "nothing is said of a key that the root gave up");
    // Two heads of the new one are another matter.
    assert_eq!(audit(&[log.bundle_with(&[twice(&log)])]).verdict, Verdict::TwoHistories);
}

/// A proof that comes by mail convicts alone, and explains the bundle that it is about.
#[test]
fn a_proof_convicts_without_a_bundle() {
    let log = Log::found(tisserandes(), 3);
    let text = pirate::proof_file::write(&twice(&log));
    let mailed = format!("Bonjour,\r\n\r\n{}", text.replace('\n', "\r\n  "));
    let read = pirate::proof_file::read(&mailed).expect("mail changes nothing in it");
    let proof = evidence::verify(&read).expect("it convicts");
    let judge = |bundles: &[&audit::Open<'_>], proofs: &[_]| {
        let question = Question { bundles, proofs, anchors: None, strict: false };
        audit::verify(&question, &|_, _| ()).verdict
    };
    assert_eq!(judge(&[], &[]), Verdict::Invalid, "nothing was brought");
    assert_eq!(judge(&[], std::slice::from_ref(&proof)), Verdict::TwoHistories);
    let bytes = log.bundle();
    let open = move || -> std::io::Result<Box<dyn std::io::Read + Send>> {
        Ok(Box::new(Cursor::new(bytes.clone())))
    };
    assert_eq!(judge(&[&open], &[]), Verdict::Unanchored);
    assert_eq!(judge(&[&open], &[proof]), Verdict::TwoHistories);
}

/// Returns the data of an audit that found that a key cheated.
fn cheated(auditor: &Home, line: &[&str]) -> Value {
    let said = auditor.run(&[line, &["--json"]].concat());
    assert_eq!(said.code, Some(30), "{said:?}");
    let object: Value = serde_json::from_str(&said.out).expect("an object");
    object["data"].clone()
}

/// A short name is anybody's: a proof about one cité takes no place of one about another.
#[test]
fn proofs_of_one_short_name_kind_and_size_are_two_files() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let auditor = Home::at(dir.path());
    let mut line = vec!["audit", "forks", "--output", "."];
    for (place, file) in [("Arles", "a.pirate-audit"), ("Die", "d.pirate-audit")] {
        let log = Log::found(House::new("tisserandes", "Les Tisserandes", place, 2, 3), 3);
        // As an earlier bundle says it, and with another second head.
        let bundle = log.bundle_with(&[twice(&log), twice_with(&log, [0xdd; 2])]);
        std::fs::write(dir.path().join(file), bundle).expect("it is ours");
        line.push(file);
    }
    let found = cheated(&auditor, &line);
    let proofs: Vec<&str> = found["forks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|fork| fork["proof"].as_str().expect("a path"))
        .collect();
    assert_eq!(proofs.len(), 2, "one for each key: {found:#}");
    assert_ne!(proofs[0], proofs[1]);
    for (proof, fork) in proofs.iter().zip(found["forks"].as_array().expect("a list")) {
        let checked = cheated(&auditor, &["audit", "verify", proof]);
        assert_eq!(checked["forks"][0]["cite"], fork["cite"], "{proof}");
    }
}

/// A node keeps no more evidence, so that a bundle with more is made to be long.
#[test]
fn a_bundle_holds_so_many_pieces_of_evidence_and_one_convicts_a_key() {
    let log = Log::found(tisserandes(), 3);
    let roots = (0..=EVIDENCE_MAX).map(|root| u16::try_from(root).expect("small").to_le_bytes());
    let mut pieces: Vec<Evidence> = roots.map(|root| twice_with(&log, root)).collect();
    pieces.sort_by_key(Evidence::encode);
    let full = log.bundle_with(&pieces);
    let report = audit(std::slice::from_ref(&full));
    assert_eq!((report.verdict, report.convictions.len()), (Verdict::TwoHistories, 1));
    let last = pieces.last().expect("there are some").encode();
    let end = full.len() - DIGEST_BYTES - 5 - 24;
    let added = section(kind::EVIDENCE, &last);
    let more = [&full[..end], added.as_slice(), &full[end..full.len() - DIGEST_BYTES]].concat();
    let digest = digest(Use::Bundle, &[&more]);
    let report = audit(&[[more.as_slice(), digest.as_bytes()].concat()]);
    let fault = report.bundles[0].fault.expect("it is refused");
    assert!(
        matches!(
            fault,
            AuditFault::Bundle(BundleError::Section { fault: SectionFault::TooMuchEvidence, .. })
        ),
        "{fault}"
    );
}

fn section(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short");
    [&[kind][..], &length.to_le_bytes(), payload].concat()
}

/// The same evidence comes at every round of anti-entropy.
#[test]
fn evidence_that_is_kept_is_read_once() {
    let (disk, all) = (Arc::new(FaultyDisk::new(1)), samples());
    let mut notes = Notes::open(disk.clone()).expect("an empty disk");
    let [first, second] = [&all[0], &all[1]];
    assert!(first.party() == second.party() && first != second, "one log key, twice");
    assert!(notes.keep_evidence(first).expect("kept"));
    drop(notes);
    // After a start once, to see whether it is the same.
    let mut notes = Notes::open(disk.clone()).expect("a sound disk");
    assert!(!notes.keep_evidence(first).expect("read"));
    disk.fail(Calls::Reads, 1, Fault::Broken);
    assert!(!notes.keep_evidence(first).expect("nothing is read"));
    assert!(notes.keep_evidence(second).expect("nothing is read"), "the last one stays");
    assert!(!notes.keep_evidence(second).expect("nothing is read"));
    disk.spare();
    assert_eq!(notes.evidence().expect("a sound disk"), std::slice::from_ref(second));
}
