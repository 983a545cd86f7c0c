//! Vectors of a log: every kind of entry, stream messages, seals, checkpoints, certificates, evidence.

use proto::{
    act::{Act, Level, MirrorSet},
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature, Origin, mirror_name, verifier_key},
    codec::Canonical as _,
    entry::{Entry, Import, Outcome, Payload, RootAct, Seal},
    evidence::Evidence,
    hash::{Hash, tree_leaf},
    ids::Account,
    keys::{Purpose, signed_bytes},
    minutes::Minutes,
    order::{Export, Head, Pay, Statement},
    stream::StreamHeader,
    time::UnixMillis,
};

use super::{
    Vector,
    tree::{complete_subtrees, path, range_root},
};
use crate::people::{self, House, Person, TODAY, founding_bytes};

/// The log of the weavers with two checkpoints, the second certified by both its mirrors. Its bytes
/// and signatures are right; its state roots are made up, for the rules are another matter.
pub struct ExampleLog {
    /// The cité.
    pub house: House,
    /// Its mirrors.
    pub mirrors: MirrorSet,
    /// Entries from leaf 0 on, with a name for each.
    pub entries: Vec<(&'static str, Entry)>,
    /// The checkpoint over the first five entries.
    pub first: Checkpoint,
    /// The certificate over all seven.
    pub certificate: Certificate,
}

impl ExampleLog {
    /// Returns the leaves' bytes.
    pub fn leaves(&self) -> Vec<Vec<u8>> {
        self.entries.iter().map(|(_, entry)| entry.encode()).collect()
    }

    /// Returns the origin of the log.
    pub fn origin(&self) -> Origin {
        origin(&self.house)
    }
}

fn origin(house: &House) -> Origin {
    Origin { network: house.network, cite: house.id, incarnation: 0 }
}

fn at(minutes: u64) -> UnixMillis {
    TODAY.start().plus(minutes * 60_000)
}

/// Returns the example log.
pub fn example_log() -> ExampleLog {
    let (a, b, c) = (people::tisserandes(), people::mariniers(), people::ruchers());
    let (alice, bob) = (Person::new("alice", &a), Person::new("bob", &a));
    let mut mirrors = MirrorSet { mirrors: vec![b.as_mirror(), c.as_mirror()] };
    mirrors.mirrors.sort();
    let admit_alice = Act::Admit(alice.admission(Level::Steward));
    let payload = RootAct::payload(a.id, 1, &admit_alice);
    let root_act = RootAct {
        cite: a.id,
        seq: 1,
        act: admit_alice,
        signatures: a.root_signatures(2, &payload),
    };
    let admit_bob = Act::Admit(bob.admission(Level::Member));
    let admit_bob =
        alice.order(2, alice.join().id(), Statement::Act(admit_bob)).sign(&alice.device);
    let pay = Pay { payee: Account::Member(bob.id), minutes: Minutes(90), request: None };
    let pay = alice.order(3, admit_bob.id(), Statement::Pay(pay)).sign(&alice.device);
    let mut entries = vec![
        ("found", entry(0, Payload::Found(a.founding.clone()))),
        ("root-act", entry(1, Payload::RootAct(root_act))),
        ("order-act", entry(2, Payload::Order(admit_bob))),
        ("order-pay", entry(3, Payload::Order(pay))),
    ];
    entries.push(("seal", entry(4, seal(1, 0, Head::empty()))));
    let first = checkpoint(&a, &entries);
    let export = Export {
        to: b.id,
        payee: Person::new("carol", &b).id,
        minutes: Minutes(60),
        request: None,
    };
    let mut export = bob.order(2, bob.join().id(), Statement::Export(export));
    export.seen = first.head;
    let header = StreamHeader { peer: b.id, counter: 1, received: 0 };
    let order = export.sign(&bob.device);
    entries.push(("export", entry(5, Payload::Export { header, order })));
    entries.push(("seal-2", entry(6, seal(2, 5, first.head))));
    let checkpoint = checkpoint(&a, &entries);
    let mut cosignatures: Vec<Cosignature> = [(&b, 1), (&c, 2)]
        .into_iter()
        .map(|(house, later)| {
            let time_s = at(7).0 / 1_000 + later;
            Cosignature::sign(&checkpoint, house.id, time_s, &house.mirror)
        })
        .collect();
    cosignatures.sort_by_key(|cosignature| cosignature.mirror);
    ExampleLog {
        house: a,
        mirrors,
        entries,
        first,
        certificate: Certificate { checkpoint, cosignatures },
    }
}

fn entry(minutes: u64, payload: Payload) -> Entry {
    Entry { time: at(minutes), payload }
}

fn seal(seq: u64, certified_size: u64, previous: Head) -> Payload {
    Payload::Seal(Seal {
        seq,
        certified_size,
        state_root: Hash(people::seed(&format!("state root {seq}"))),
        previous,
    })
}

fn checkpoint(house: &House, entries: &[(&str, Entry)]) -> Checkpoint {
    let leaves: Vec<Vec<u8>> = entries.iter().map(|(_, entry)| entry.encode()).collect();
    let head = Head {
        size: leaves.len().try_into().expect("a handful of leaves"),
        root: range_root(&leaves),
    };
    Checkpoint::sign(origin(house), head, &house.log)
}

/// Returns what the neighbours' log says about the export of the example log: taken in, sent back,
/// acknowledged.
pub fn neighbours_entries(log: &ExampleLog) -> Vec<(&'static str, Entry)> {
    let message = log.entries[5].1.message(log.house.id).expect("leaf 5 is an export");
    let back = StreamHeader { peer: log.house.id, counter: 1, received: 1 };
    let returned = Outcome::Returned { header: back, reason: 40 };
    let import = |outcome| {
        Payload::Import(Import { message: message.clone(), incarnation: 0, leaf: 5, outcome })
    };
    vec![
        ("import-taken", entry(8, import(Outcome::Taken))),
        ("import-returned", entry(8, import(returned))),
        ("ack", entry(9, Payload::Ack(back))),
    ]
}

pub(super) fn vectors() -> Vec<Vector> {
    let log = example_log();
    let neighbour = people::mariniers().id;
    let mut vectors = vec![root_act(&log)];
    vectors.extend(log.entries.iter().map(|(name, entry)| leaf(name, entry)));
    vectors.extend(neighbours_entries(&log).iter().map(|(name, entry)| leaf(name, entry)));
    vectors.push(tree(&log));
    vectors.push(message("transfer", &log.entries[5].1, log.house.id));
    for (name, entry) in &neighbours_entries(&log)[1..] {
        let name = if *name == "ack" { "ack" } else { "return" };
        vectors.push(message(name, entry, neighbour));
    }
    vectors.push(checkpoint_vector(&log));
    vectors.extend(cosignatures(&log));
    vectors.push(certificate(&log));
    vectors.extend(evidence(&log));
    vectors
}

fn root_act(log: &ExampleLog) -> Vector {
    let Payload::RootAct(act) = &log.entries[1].1.payload else {
        unreachable!("leaf 1 is the first act of the root keys")
    };
    let payload = RootAct::payload(act.cite, act.seq, &act.act);
    let network = log.house.network;
    Vector::new("root-act", "The root keys admit the first steward: what they sign")
        .hex("payload", &payload)
        .hex("message", &signed_bytes(Purpose::RootAct, &network, &payload))
        .hex("signature_0", &act.signatures[0].signature.to_bytes())
        .hex("signature_1", &act.signatures[1].signature.to_bytes())
}

fn leaf(name: &str, entry: &Entry) -> Vector {
    let bytes = entry.encode();
    Vector::new(format!("entry/{name}"), "A leaf of a log")
        .hex("bytes", &bytes)
        .hex("leaf_hash", tree_leaf(&bytes).as_bytes())
}

fn tree(log: &ExampleLog) -> Vector {
    let leaves = log.leaves();
    let path: Vec<u8> = path(&leaves, 3).iter().flat_map(|hash| hash.0).collect();
    Vector::new(
        "tree",
        "Roots of the example log's seven leaves, and the path of leaf 3 in the last",
    )
    .hex("root_of_5", range_root(&leaves[..5]).as_bytes())
    .hex("root_of_7", range_root(&leaves).as_bytes())
    .hex("path_of_leaf_3", &path)
}

/// Shows a stream message by what an import of it would carry, less what the import adds.
fn message(name: &str, entry: &Entry, from: proto::ids::CiteId) -> Vector {
    let message = entry.message(from).expect("this entry sends a message");
    let import = Import { message, incarnation: 0, leaf: 0, outcome: Outcome::Taken };
    let bytes = import.encode();
    let added = 4 + 8 + 4;
    Vector::new(format!("message/{name}"), "A stream message, read out of the entry that says it")
        .hex("entry", &entry.encode())
        .hex("message", &bytes[..bytes.len() - added])
}

fn checkpoint_vector(log: &ExampleLog) -> Vector {
    let checkpoint = &log.first;
    let name = checkpoint.origin.to_string();
    let key = log.house.log.public();
    Vector::new("checkpoint", "The home's checkpoint over five leaves, as text and as a note")
        .text("signed_text", checkpoint.origin.text(&checkpoint.head))
        .hex("public", &key.0)
        .hex("signature", &checkpoint.signature.to_bytes())
        .text("note_text", checkpoint.note(key, &[], |_| None))
        .text("verifier_key_text", verifier_key(&name, false, key))
}

fn cosignatures(log: &ExampleLog) -> Vec<Vector> {
    let checkpoint = &log.certificate.checkpoint;
    log.certificate
        .cosignatures
        .iter()
        .zip(["first", "second"])
        .map(|(cosignature, place)| {
            let key = log.mirrors.key_of(&cosignature.mirror).expect("both mirrors are in the set");
            let name = mirror_name(&log.house.network, &cosignature.mirror);
            let text = format!(
                "cosignature/v1\ntime {}\n{}",
                cosignature.time_s,
                checkpoint.origin.text(&checkpoint.head)
            );
            Vector::new(
                format!("cosignature/{place}"),
                "A mirror's cosignature/v1 over the second checkpoint",
            )
            .text("signed_text", text)
            .hex("public", &key.0)
            .hex("signature", &cosignature.signature.to_bytes())
            .text("verifier_key_text", verifier_key(&name, true, key))
        })
        .collect()
}

fn certificate(log: &ExampleLog) -> Vector {
    let certificate = &log.certificate;
    let note =
        certificate.checkpoint.note(log.house.log.public(), &certificate.cosignatures, |cite| {
            log.mirrors.key_of(cite)
        });
    Vector::new("certificate", "The second checkpoint with both mirrors' cosignatures")
        .hex("bytes", &certificate.encode())
        .text("note_text", note)
}

/// Returns E1 and E2 against the weavers' log key, which here signs two histories.
pub fn example_evidence(log: &ExampleLog) -> [Evidence; 2] {
    let forged = |size| {
        let root = Hash(people::seed("forged root"));
        Checkpoint::sign(log.origin(), Head { size, root }, &log.house.log)
    };
    let founding = founding_bytes(&log.house);
    let leaves = log.leaves();
    let mut heads = [forged(5), log.first];
    heads.sort_by_key(|checkpoint| checkpoint.head.root);
    let [first, second] = heads;
    let mut opening = complete_subtrees(&leaves, 0, 5);
    opening.extend(complete_subtrees(&leaves, 5, 7));
    [
        Evidence::SameSize { founding: founding.clone(), first, second },
        Evidence::Inconsistent {
            founding,
            smaller: forged(5),
            larger: log.certificate.checkpoint,
            opening,
        },
    ]
}

fn evidence(log: &ExampleLog) -> Vec<Vector> {
    example_evidence(log)
        .iter()
        .zip([
            ("same-size", "E1: two heads of size 5"),
            ("inconsistent", "E2: a head of size 5 that is no prefix of one of size 7"),
        ])
        .map(|(evidence, (name, about))| {
            Vector::new(format!("evidence/{name}"), about)
                .text("kind", evidence.number().to_string())
                .hex("bytes", &evidence.encode())
        })
        .collect()
}
