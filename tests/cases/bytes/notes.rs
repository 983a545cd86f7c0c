//! Our checkpoints are C2SP signed notes: two independent crates parse them, find our key ids right and
//! verify our signatures. The crates do not know `cosignature/v1`, so its text and signature are built
//! here from the specification, and verified with the crate's own Ed25519.

use harness::{people, vectors};
use proto::{
    checkpoint::{Checkpoint, Cosignature, Origin, mirror_name, verifier_key},
    hash::Hash,
    keys::{PublicKey, Signature},
    order::Head,
};
use signed_note::{Note, NoteError, StandardVerifier, Verifier, VerifierList};

/// A `cosignature/v1` verifier, written from C2SP tlog-cosignature.
struct Cosigner {
    name: String,
    id: u32,
    key: PublicKey,
}

impl Cosigner {
    fn new(name: String, key: PublicKey) -> Self {
        let typed: Vec<u8> = std::iter::once(0x04).chain(key.0).collect();
        Self { id: signed_note::key_id(&name, &typed), name, key }
    }
}

impl Verifier for Cosigner {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_at_checked(8) else {
            return false;
        };
        let time = u64::from_be_bytes(time.try_into().expect("eight bytes"));
        let mut message = format!("cosignature/v1\ntime {time}\n").into_bytes();
        message.extend_from_slice(text);
        let key = self.key.check().expect("an acceptable key");
        Signature::from_slice(signature).is_some_and(|s| key.verify_raw(&message, &s).is_ok())
    }
}

#[test]
fn a_checkpoint_is_a_note_that_stock_tools_verify() {
    let log = vectors::example_log();
    let key = log.house.log.public();
    let name = log.origin().to_string();
    let text = log.first.note(key, &[], |_| None);
    let note = Note::from_bytes(text.as_bytes()).expect("a well-formed note");
    let verifier = StandardVerifier::new(&verifier_key(&name, false, key)).expect("our key line");
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let (verified, unverified) = note.verify(&known).expect("verified");
    assert_eq!((verified.len(), unverified.len()), (1, 0));
    assert_eq!(note.to_bytes(), text.as_bytes(), "no second way of writing it");
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(note.text()).expect("a checkpoint");
    assert_eq!(checkpoint.origin(), name);
    assert_eq!(checkpoint.size(), log.first.head.size);
    assert_eq!(checkpoint.hash().0, log.first.head.root.0);
    assert_eq!(checkpoint.extension(), "");
    assert_eq!(checkpoint.to_bytes(), note.text());
}

#[test]
fn cosignatures_have_the_key_ids_and_texts_of_the_specification() {
    let log = vectors::example_log();
    let certificate = &log.certificate;
    let key = log.house.log.public();
    let text = certificate
        .checkpoint
        .note(key, &certificate.cosignatures, |cite| log.mirrors.key_of(cite));
    assert!(text.len() <= 4_096, "notes end at 4 KiB");
    let note = Note::from_bytes(text.as_bytes()).expect("a well-formed note");
    let origin = log.origin();
    let log_key = verifier_key(&origin.to_string(), false, key);
    let mut known: Vec<Box<dyn Verifier>> =
        vec![Box::new(StandardVerifier::new(&log_key).expect("our key line"))];
    for mirror in &log.mirrors.mirrors {
        let name = mirror_name(&origin.network, &mirror.cite);
        let cosigner = Cosigner::new(name.clone(), mirror.key);
        let line = verifier_key(&name, true, mirror.key);
        assert!(line.starts_with(&format!("{name}+{:08x}+", cosigner.id)), "{line}");
        known.push(Box::new(cosigner));
    }
    let (verified, unverified) = note.verify(&VerifierList::new(known)).expect("verified");
    assert_eq!((verified.len(), unverified.len()), (3, 0));
}

#[test]
fn stock_tools_refuse_a_note_that_was_touched() {
    let log = vectors::example_log();
    let key = log.house.log.public();
    let line = verifier_key(&log.origin().to_string(), false, key);
    let size = log.first.head.size;
    let (said, touched) = (format!("\n{size}\n"), format!("\n{}\n", size + 1));
    let text = log.first.note(key, &[], |_| None).replacen(&said, &touched, 1);
    let note = Note::from_bytes(text.as_bytes()).expect("still a well-formed note");
    let verifier = StandardVerifier::new(&line).expect("our key line");
    let refused = note.verify(&VerifierList::new(vec![Box::new(verifier)]));
    assert!(matches!(refused, Err(NoteError::InvalidSignature { .. })));
}

#[test]
fn a_note_with_the_most_cosignatures_stays_within_its_bound() {
    let house = people::tisserandes();
    let origin = Origin { network: house.network, cite: house.id, incarnation: u32::MAX };
    let head = Head { size: u64::MAX, root: Hash([255; 32]) };
    let checkpoint = Checkpoint::sign(origin, head, &house.log);
    let cosignatures = vec![Cosignature::sign(&checkpoint, house.id, u64::MAX, &house.mirror); 14];
    let key = house.mirror.public();
    let note = checkpoint.note(house.log.public(), &cosignatures, |_| Some(key));
    assert!(note.len() <= 4_608, "{} bytes", note.len());
    assert_eq!(note.lines().count(), 3 + 1 + 1 + 14);
}
