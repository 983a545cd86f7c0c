//! Doors of the bundle reader and of the audit. A changed bundle never passes for the one that it was made
//! from, and whatever passes says of the log what its home signed.

use std::{
    collections::BTreeSet,
    io::{self, Cursor, Read},
    sync::Arc,
};

use ledger::{
    audit::{self, Question, Report, Verdict},
    bundle::{BundleError, DIGEST_BYTES, Reader, check_digest},
};
use proto::hash::{Hash, Use, digest};

use super::{Door, Entered, Heap, values::example};
use crate::{logs::Log, people::mariniers, vectors};

/// Forms that stand in a bundle.
const FORMS: &[&str] = &["checkpoint of a bundle", "note of a bundle", "end of a bundle"];

/// The window of the digest and what is held back of it, lists that claim more than there is (as for values),
/// and what a section becomes, the longest of which has 300 KiB.
const HEAP: Heap = Heap { ahead: 4 * 1_024 * 1_024, times: 16 };

/// Returns the doors.
pub(super) fn doors() -> Vec<Door> {
    let seeds = bundles();
    let known: BTreeSet<Told> = seeds.iter().flat_map(|seed| told(&audit(seed))).collect();
    let digests: BTreeSet<Hash> = seeds.iter().map(|seed| end(seed)).collect();
    let whole: BTreeSet<Vec<u8>> = seeds.iter().cloned().collect();
    let bodies = seeds.iter().map(|seed| seed[..seed.len() - DIGEST_BYTES].to_vec()).collect();
    let forms = || FORMS.iter().map(ToString::to_string).collect();
    vec![
        Door {
            name: "bundle".to_owned(),
            forms: forms(),
            seeds,
            heap: HEAP,
            cost: 4,
            enter: Box::new(move |bytes| {
                let read = read_through(bytes);
                if let Ok(found) = read {
                    assert_eq!(found, end(bytes), "the digest that was computed is the one read");
                    // Bytes with the digest of another bundle are that bundle.
                    assert!(!digests.contains(&found) || whole.contains(bytes), "a false digest");
                }
                Entered::of(&read)
            }),
        },
        Door {
            name: "bundle-with-its-digest-put-right".to_owned(),
            forms: forms(),
            seeds: bodies,
            heap: HEAP,
            cost: 20,
            enter: Box::new(move |body| {
                let bundle = [body, digest(Use::Bundle, &[body]).as_bytes()].concat();
                let read = read_through(&bundle);
                let report = audit(&bundle);
                let passes = report.verdict != Verdict::Invalid;
                assert!(!passes || read.is_ok(), "the audit passes what the reader refuses");
                for fact in told(&report).into_iter().filter(|_| passes) {
                    assert!(known.contains(&fact), "a log that nobody signed: {fact:?}");
                }
                Entered::of(&read)
            }),
        },
    ]
}

/// What a bundle that passes says of its log: the cité, size and root that it signed, and members.
type Told = (Hash, u64, Hash, u32);

fn told(report: &Report) -> BTreeSet<Told> {
    let logs = report.bundles.iter().filter_map(|bundle| bundle.log.as_ref());
    logs.map(|log| (log.cite.0, log.head.size, log.head.root, log.members)).collect()
}

/// Returns what stands where the digest stands.
fn end(bundle: &[u8]) -> Hash {
    bundle.last_chunk().map_or(Hash([0; 32]), |digest| Hash(*digest))
}

/// Reads every section, and the digest in the other way as well; returns the digest.
fn read_through(bytes: &[u8]) -> Result<Hash, BundleError> {
    let mut reader = Reader::open(bytes)?;
    while reader.next_section()?.is_some() {}
    let found = reader.digest();
    let len = u64::try_from(bytes.len()).expect("an input in memory");
    assert_eq!(check_digest(bytes), Ok((len, found)), "one bundle, one digest");
    Ok(found)
}

fn audit(bundle: &[u8]) -> Report {
    let bundle: Arc<[u8]> = Arc::from(bundle);
    let open =
        || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(Cursor::new(Arc::clone(&bundle)))) };
    let question = Question { bundles: &[&open], proofs: &[], anchors: None, strict: false };
    audit::verify(&question, &|_, _| ())
}

/// Returns bundles: of a young log, of one with an ally and a certificate, and of one with evidence.
fn bundles() -> Vec<Vec<u8>> {
    let mut young = Log::found(mariniers(), 2);
    young.seal();
    let evidence = vectors::example_evidence(&vectors::example_log());
    vec![young.bundle(), example().bundle(), young.bundle_with(&evidence[..1])]
}
