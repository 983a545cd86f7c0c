//! Vectors of logs: every kind of entry, stream messages, seals, checkpoints, certificates, evidence.
//! The logs are what real homes write ([`super::story`]); only the evidence is made up, for honest
//! homes leave none.

use ledger::keybook::record_in;
use proto::{
    act::{Act, MirrorSet},
    certificate::Certificate,
    checkpoint::{Checkpoint, Cosignature, Origin, mirror_name, verifier_key},
    codec::{Bytes, Canonical as _},
    entry::{Entry, Import, Outcome, Payload, RootAct},
    evidence::{CosignedHead, Evidence},
    hash::{Hash, tree_leaf},
    ids::{Account, CiteId, MemberId},
    keys::{Purpose, signed_bytes},
    order::{Head, MemberRecord, Pay, SignedOrder, Statement},
    stream::{Content, StreamHeader},
    time::UnixMillis,
};

use super::{
    Vector,
    story::story,
    tree::{complete_subtrees, path, range_root},
};
use crate::{
    logs::origin,
    people::{self, House, TODAY, founding_bytes},
    world::Village,
};

/// A log as its home wrote it, certified by its mirrors up to its last seal.
#[derive(Clone)]
pub struct ExampleLog {
    /// The cité.
    pub house: House,
    /// Its mirrors.
    pub mirrors: MirrorSet,
    /// Entries from leaf 0 on, with a name for each.
    pub entries: Vec<(String, Entry)>,
    /// An earlier checkpoint.
    pub first: Checkpoint,
    /// The certificate that the last of them, a seal, names.
    pub named: Certificate,
    /// The certificate over all entries.
    pub certificate: Certificate,
    /// The audit bundle of all entries.
    pub bundle: Vec<u8>,
}

impl ExampleLog {
    /// Returns the log of a village whose home has nothing left to do.
    pub(super) fn new(
        village: &Village,
        entries: Vec<Entry>,
        first: Checkpoint,
        bundle: Vec<u8>,
    ) -> Self {
        let home = &village.home;
        let certificate = home.certificate().cloned().expect("the mirrors certified it");
        assert_eq!(certificate.checkpoint, *home.checkpoint(), "nothing is left to certify");
        let mirrors = home.state().mirrors().expect("the cité was founded").current.clone();
        let size = home.state().clock().expect("the cité was founded").certified_size;
        let before = home.certificate_of(size).cloned().expect("a home keeps what it names");
        let house = village.house.clone();
        Self { house, mirrors, entries: named(entries), first, named: before, certificate, bundle }
    }

    /// Returns the leaves' bytes.
    pub fn leaves(&self) -> Vec<Vec<u8>> {
        self.entries.iter().map(|(_, entry)| entry.encode()).collect()
    }

    /// Returns the leaf called `name`.
    pub fn leaf(&self, name: &str) -> u64 {
        let at = self.entries.iter().position(|(own, _)| own == name);
        at.and_then(|at| at.try_into().ok()).unwrap_or_else(|| panic!("no entry {name:?}"))
    }

    /// Returns the entry called `name`.
    pub fn entry(&self, name: &str) -> &Entry {
        let found = self.entries.iter().find(|(own, _)| own == name);
        found.map(|(_, entry)| entry).unwrap_or_else(|| panic!("no entry {name:?}"))
    }

    /// Returns the first record of a member.
    fn record(&self, member: MemberId) -> Option<MemberRecord> {
        let records = self.entries.iter().filter_map(|(_, entry)| record_in(entry));
        records.into_iter().find(|record| record.id() == member)
    }

    /// Returns the origin of the log.
    pub fn origin(&self) -> Origin {
        origin(&self.house)
    }
}

/// Returns a time of the story, in minutes from its beginning.
pub(super) fn at(minutes: u64) -> UnixMillis {
    TODAY.start().plus(minutes * 60_000)
}

/// Names entries by what they are; the second of a kind is called `-2`.
fn named(entries: Vec<Entry>) -> Vec<(String, Entry)> {
    let mut all: Vec<(String, Entry)> = Vec::new();
    for entry in entries {
        let kind = kind(&entry.payload);
        let same = |(name, _): &&(String, Entry)| {
            name.strip_prefix(kind).is_some_and(|rest| {
                rest.strip_prefix('-').map_or(rest.is_empty(), |n| n.parse::<u8>().is_ok())
            })
        };
        let name = match all.iter().filter(same).count() {
            0 => kind.to_owned(),
            before => format!("{kind}-{}", before + 1),
        };
        all.push((name, entry));
    }
    all
}

fn kind(payload: &Payload) -> &'static str {
    match payload {
        Payload::Found(_) => "found",
        Payload::RootAct(_) => "root-act",
        Payload::Order(order) => kind_of_order(order),
        Payload::Export { .. } => "export",
        Payload::Import(import) => match (&import.outcome, &import.message.content) {
            (Outcome::Returned { .. }, _) => "import-returned",
            (Outcome::Taken, Content::Transfer(_)) => "import-taken",
            (Outcome::Taken, Content::Return { .. }) => "import-return",
            (Outcome::Taken, Content::Ack) => "import-ack",
            (Outcome::Taken, Content::Farewell) => "import-farewell",
        },
        Payload::Ack(_) => "ack",
        Payload::Farewell(_) => "farewell",
        Payload::KeyEpoch(_) => "key-epoch",
        Payload::Resume(_) => "resume",
        Payload::Seal(_) => "seal",
    }
}

fn kind_of_order(order: &SignedOrder) -> &'static str {
    match &order.order().statement {
        Statement::Join(_) => "order-join",
        Statement::Pay(Pay { payee: Account::Commons, .. }) => "order-pay-commons",
        Statement::Pay(Pay { request: Some(_), .. }) => "order-pay-request",
        Statement::Pay(_) => "order-pay",
        Statement::Export(_) => "order-export",
        Statement::Approve(_) => "order-approve",
        Statement::Act(Act::Admit(_)) => "order-act-admit",
        Statement::Act(Act::Rules(_)) => "order-act-rules",
        Statement::Act(Act::PeerOpen(_)) => "order-act-peer-open",
        Statement::Act(Act::Line(_)) => "order-act-line",
        Statement::Act(Act::MirrorSet(_)) => "order-act-mirror-set",
        Statement::Act(Act::Close) => "order-act-close",
        Statement::Act(Act::Heirs(_)) => "order-act-heirs",
        Statement::Act(Act::CardIssue(_)) => "order-act-card-issue",
        Statement::Act(Act::Suspend(_)) => "order-act-suspend",
        Statement::Act(Act::Lift(_)) => "order-act-lift",
        Statement::Act(Act::Leave(_)) => "order-act-leave",
    }
}

/// Returns the weavers' log.
pub fn example_log() -> ExampleLog {
    story().weavers.clone()
}

/// Returns the log of the boatmen, who took in what the weavers paid abroad.
pub fn neighbours_log() -> ExampleLog {
    story().boatmen.clone()
}

pub(super) fn vectors() -> Vec<Vector> {
    let (log, neighbours) = (example_log(), neighbours_log());
    let mut vectors = vec![root_act(&log)];
    for log in [&log, &neighbours] {
        vectors.extend(log.entries.iter().enumerate().map(|(at, (name, entry))| {
            leaf(format!("entry/{}/{at:02}-{name}", log.house.slug), entry)
        }));
    }
    vectors.push(message("transfer", log.entry("export"), log.house.id));
    vectors.push(message("transfer-asked", log.entry("export-2"), log.house.id));
    let abroad = neighbours.house.id;
    vectors.push(message("return", neighbours.entry("import-returned"), abroad));
    vectors.push(message("ack", neighbours.entry("ack"), abroad));
    let header = StreamHeader { peer: log.house.id, counter: 3, received: 2 };
    let farewell = Entry { time: at(2_000), payload: Payload::Farewell(header) };
    vectors.push(message("farewell", &farewell, abroad));
    vectors.push(leaf("leaf/farewell".into(), &farewell));
    let record = Box::new(people::tisserandes().founding_at(1));
    let named = Entry { time: at(2_100), payload: Payload::KeyEpoch(record) };
    vectors.push(leaf("leaf/key-epoch".into(), &named));
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

fn leaf(name: String, entry: &Entry) -> Vector {
    let bytes = entry.encode();
    Vector::new(name, "A leaf of a log, as its home wrote it")
        .hex("bytes", &bytes)
        .hex("leaf_hash", tree_leaf(&bytes).as_bytes())
}

/// Shows a stream message by what an import of it would carry, less what the import adds.
fn message(name: &str, entry: &Entry, from: CiteId) -> Vector {
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
    Vector::new("checkpoint", "One of the home's checkpoints, as text and as a note")
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
                "A mirror's cosignature/v1 over the last checkpoint",
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
    Vector::new("certificate", "The last checkpoint with both mirrors' cosignatures")
        .hex("bytes", &certificate.encode())
        .text("note_text", note)
}

/// Returns one piece of evidence of every kind that is built, in order: the weavers' log key signs two histories and a
/// forged payment, the boatmen cosign two heads, and one more after they promised not to.
pub fn example_evidence(log: &ExampleLog) -> Vec<Evidence> {
    let founding = founding_bytes(&log.house);
    let forged = |size| {
        let root = Hash(people::seed("forged root"));
        Checkpoint::sign(log.origin(), Head { size, root }, &log.house.log)
    };
    let leaves = log.leaves();
    let small = log.first.head.size;
    let mut heads = [forged(small), log.first];
    heads.sort_by_key(|checkpoint| checkpoint.head.root);
    let [first, second] = heads;
    let at = usize::try_from(small).expect("a handful of leaves");
    let mut opening = complete_subtrees(&leaves, 0, at);
    opening.extend(complete_subtrees(&leaves, at, leaves.len()));
    let larger = log.certificate.checkpoint;
    let boats = people::mariniers();
    let boats_founding = founding_bytes(&boats);
    let cosigned = |head: Head| {
        let checkpoint = Checkpoint { head, ..larger };
        let cosignature = Cosignature::sign(&checkpoint, boats.id, 1_795_430_400, &boats.mirror);
        CosignedHead::of(head, &cosignature)
    };
    vec![
        Evidence::SameSize { founding: founding.clone(), first, second },
        Evidence::Inconsistent {
            founding: founding.clone(),
            smaller: forged(small),
            larger,
            opening: opening.clone(),
        },
        forged_payment(log, founding),
        Evidence::TwoCosigned {
            founding: boats_founding.clone(),
            incarnation: 0,
            log: log.origin(),
            first: cosigned(forged(small).head),
            second: cosigned(larger.head),
            opening,
        },
        Evidence::AfterFence {
            founding: boats_founding,
            incarnation: 0,
            fence: super::fence(),
            cosigned: cosigned(forged(larger.head.size.saturating_add(1)).head),
        },
    ]
}

/// Returns E3: the weavers sign a log in which a payment has another signature than its author's.
fn forged_payment(log: &ExampleLog, founding: Bytes) -> Evidence {
    let pays = |entry: &Entry| match &entry.payload {
        Payload::Order(order) => matches!(order.order().statement, Statement::Pay(_)),
        _ => false,
    };
    let at = log.entries.iter().position(|(_, entry)| pays(entry)).expect("somebody pays");
    let mut leaves = log.leaves();
    // The signature is the end of an order, and the order the end of its entry.
    *leaves[at].last_mut().expect("an entry has bytes") ^= 1;
    let size = leaves.len().try_into().expect("a handful of leaves");
    let head = Head { size, root: range_root(&leaves) };
    let Payload::Order(order) = &log.entries[at].1.payload else { unreachable!("it was found") };
    Evidence::BadEntry {
        founding,
        head: Checkpoint::sign(log.origin(), head, &log.house.log),
        leaf: at.try_into().expect("a handful of leaves"),
        entry: Bytes::from(leaves[at].clone()),
        path: path(&leaves, at),
        record: log.record(order.order().author),
    }
}

fn evidence(log: &ExampleLog) -> Vec<Vector> {
    example_evidence(log)
        .iter()
        .zip([
            ("same-size", "E1: two heads of one size"),
            ("inconsistent", "E2: a head that is no beginning of a later one"),
            ("bad-entry", "E3: a payment that its author did not sign"),
            ("two-cosigned", "E4: a mirror cosigned two heads that no log has both"),
            ("after-fence", "E5: a mirror cosigned after its promise not to"),
        ])
        .map(|(evidence, (name, about))| {
            Vector::new(format!("evidence/{name}"), about)
                .text("kind", evidence.number().to_string())
                .hex("bytes", &evidence.encode())
        })
        .collect()
}
