//! Offline audits: what a bundle shows a stranger, and what no tampering gets past one. The logs are made
//! in memory, every signature in them is real.

#![allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test may panic")]

use std::sync::Arc;

use harness::{
    audited::audited,
    logs::Log,
    people::{House, Person, TODAY, mariniers, ruchers, tisserandes},
};
use ledger::{
    audit::{
        self, Anchors, AuditFault, CheckKind, CheckState, NotChecked, PairFault, PairState,
        Question, Report, Reserve, Verdict,
    },
    bundle::{BundleError, DIGEST_BYTES, LogFiles, MAGIC, SectionFault, SourceError, kind},
    disk::{Disk, Holder, MachineId, RealDisk},
    evidence,
    fold::{Fault, FaultKind},
    home::{FoundingPlan, Home},
    refusal::Refusal,
};
use proto::{
    act::{Act, Level},
    entry::RootAct,
    hash::{Use, digest},
    ids::Account,
    minutes::{Balance, Minutes},
    order::{Pay, Statement},
    stream::Content,
};
use rayon::prelude::*;

/// Audits bundles with an anchor file of this text.
fn audit(bundles: &[&[u8]], anchors: Option<&str>) -> Report {
    audited(bundles, anchors, false)
}

fn fault(report: &Report) -> AuditFault {
    report.bundles.iter().find_map(|bundle| bundle.fault).expect("the audit found a fault")
}

/// Puts the right digest at the end of bytes that were changed.
fn with_digest(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - DIGEST_BYTES);
    let right = digest(Use::Bundle, &[&bytes]);
    bytes.extend(right.as_bytes());
    bytes
}

/// A section as it stands in a bundle: where, its kind, its payload.
fn sections(bundle: &[u8]) -> Vec<(usize, u8, Vec<u8>)> {
    let mut found = Vec::new();
    let mut at = MAGIC.len();
    while at < bundle.len() - DIGEST_BYTES {
        let len = u32::from_le_bytes(bundle[at + 1..at + 5].try_into().expect("four bytes"));
        let end = at + 5 + usize::try_from(len).expect("small");
        found.push((at, bundle[at], bundle[at + 5..end].to_vec()));
        at = end;
    }
    found
}

/// Puts a bundle together from sections.
fn bundle_of(sections: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    for (kind, payload) in sections {
        bytes.push(*kind);
        bytes.extend(u32::try_from(payload.len()).expect("small").to_le_bytes());
        bytes.extend(*payload);
    }
    bytes.extend([0; DIGEST_BYTES]);
    with_digest(bytes)
}

fn small() -> Log {
    let mut log = Log::found(tisserandes(), 3);
    log.pay(1, 2, 60);
    log.seal();
    log
}

/// Three allied cités: hours cross both ways, one transfer is sent back, one is under way.
struct Season {
    a: Log,
    b: Log,
    houses: Vec<House>,
}

impl Season {
    fn commit_a(&mut self) {
        self.a.commit(&[&self.houses[1], &self.houses[2]]);
    }

    fn commit_b(&mut self) {
        self.b.commit(&[&self.houses[0], &self.houses[2]]);
    }

    fn bundles(&self) -> [Vec<u8>; 2] {
        [self.a.bundle(), self.b.bundle()]
    }

    fn anchors(&self) -> String {
        self.houses.iter().map(|house| format!("cite {}\n", house.id)).collect()
    }
}

fn season() -> Season {
    let houses = vec![tisserandes(), mariniers(), ruchers()];
    let [weavers, boatmen, beekeepers] = houses.as_slice() else { panic!("three houses") };
    let all: Vec<&House> = houses.iter().collect();
    let (mut a, mut b) = (Log::found(tisserandes(), 4), Log::found(mariniers(), 4));
    // A line of 10 h one way, of 1 h the other, which fills.
    a.open(boatmen, 600);
    a.open(beekeepers, 600);
    b.open(weavers, 60);
    a.mirror_by(&[boatmen, beekeepers]);
    b.mirror_by(&[weavers, beekeepers]);
    for log in [&mut a, &mut b] {
        log.commit(&all_but(&all, log));
        log.commit(&all_but(&all, log));
    }
    let fits = a.export(1, &b, 1, 60);
    let above_line = a.export(2, &b, 2, 120);
    let under_way = a.export(1, &b, 3, 30);
    a.commit(&[boatmen, beekeepers]);
    b.import(&a, fits);
    let returned = b.import(&a, above_line);
    let back = b.export(1, &a, 3, 45);
    b.commit(&[weavers, beekeepers]);
    a.import(&b, returned);
    a.import(&b, back);
    a.pay(3, 1, 15);
    a.commit(&[boatmen, beekeepers]);
    let _ = under_way;
    Season { a, b, houses }
}

fn all_but<'a>(all: &[&'a House], log: &Log) -> Vec<&'a House> {
    all.iter().copied().filter(|house| house.id != log.house.id).collect()
}

/// A file of another sort, however long: without the end that a digest would stand at.
#[test]
fn what_is_no_bundle_is_refused_at_its_first_bytes() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            buffer.fill(0);
            self.0 += 1;
            assert!(self.0 < 3, "read on and on");
            Ok(buffer.len())
        }
    }
    let open = || Ok(Box::new(Endless(0)) as Box<dyn std::io::Read + Send>);
    let question = Question { bundles: &[&open], proofs: &[], anchors: None, strict: false };
    assert_eq!(audit::verify(&question, &|_, _| ()).verdict, Verdict::Invalid);
}

#[test]
fn a_bundle_verifies_on_a_machine_that_never_saw_a_node() {
    let season = season();
    let [a, b] = season.bundles();
    let unanchored = audit(&[&a, &b], None);
    assert_eq!(unanchored.verdict, Verdict::Unanchored, "{unanchored:#?}");
    assert!(unanchored.not_checked.contains(&NotChecked::Witnesses));
    let anchored = audit(&[&a, &b], Some(&season.anchors()));
    assert_eq!(anchored.verdict, Verdict::Witnessed, "{anchored:#?}");
    for bundle in &anchored.bundles {
        assert_eq!(bundle.verdict, Verdict::Witnessed);
        assert_eq!(bundle.fault, None);
        assert_eq!(bundle.reserves, [Reserve::TestNetwork]);
        assert!(bundle.checks.iter().all(|check| check.state == CheckState::Pass));
        let log = bundle.log.as_ref().expect("it was read");
        assert_eq!((log.sum, log.witnesses.trusted, log.witnesses.need), (Balance::ZERO, 2, 2));
    }
    assert_eq!(audited(&[&a, &b], Some(&season.anchors()), true).verdict, Verdict::FewWitnesses);
    // Its witnesses are trusted, and nobody said that this is the cité that was meant.
    let meant = format!("cite {}\n", season.b.house.id);
    let report = audit(&[&a, &b], Some(&season.anchors().replace(&meant, "")));
    assert_eq!(report.bundles[1].verdict, Verdict::Witnessed);
    assert_eq!(report.bundles[1].reserves, [Reserve::TestNetwork, Reserve::NotAnchored]);
}

#[test]
fn two_bundles_reconcile_to_the_minute() {
    let season = season();
    let [a, b] = season.bundles();
    let report = audit(&[&a, &b], None);
    let [pair] = report.pairs.as_slice() else { panic!("two cités are one pair") };
    assert_eq!(pair.state, PairState::Pass);
    // 60 arrived, 120 came back, 30 are under way; 45 arrived the other way.
    assert_eq!((pair.transfers, pair.imports, pair.returns), (4, 2, 1));
    assert_eq!((pair.returns_received, pair.open), (1, 1));
    assert_eq!(pair.open_ab.0 + pair.open_ba.0, 30);
    assert_eq!(pair.a_balance.0 + pair.b_balance.0, 30);
    let network = report.network.expect("both hold");
    assert_eq!(
        (network.sum, network.open, network.outside),
        (Balance::ZERO, Balance(30), Balance::ZERO)
    );
}

#[test]
fn hours_on_their_way_back_are_still_under_way() {
    let mut season = season();
    let (fits, above_line) = (30, 90);
    let first = season.a.export(1, &season.b, 3, fits);
    let second = season.a.export(2, &season.b, 2, above_line);
    season.commit_a();
    let waiting = season.a.export_waiting_before(first);
    for leaf in [waiting, first, second] {
        season.b.import(&season.a, leaf);
    }
    season.commit_b();
    let report = audit(&[&season.a.bundle(), &season.b.bundle()], None);
    let [pair] = report.pairs.as_slice() else { panic!("two cités are one pair") };
    assert_eq!(pair.state, PairState::Pass, "{pair:#?}");
    // Two of the three meet the line and are said to come back there, not yet booked here: the payers are
    // still without these hours.
    assert_eq!((pair.returns, pair.returns_received, pair.open), (3, 1, 0));
    assert_eq!(pair.open_ab.0 + pair.open_ba.0, 30 + i64::from(above_line));
    assert_eq!(report.network.map(|network| network.sum), Some(Balance::ZERO));
}

#[test]
fn a_bundle_of_an_earlier_day_is_a_reservation_and_no_crime() {
    let mut season = season();
    let early = season.a.bundle();
    let late = season.a.export(1, &season.b, 1, 15);
    season.commit_a();
    let waiting = season.a.export_waiting_before(late);
    season.b.import(&season.a, waiting);
    season.b.import(&season.a, late);
    season.commit_b();
    let report = audit(&[&early, &season.b.bundle()], Some(&season.anchors()));
    assert_eq!(report.verdict, Verdict::Witnessed, "{report:#?}");
    assert_eq!(report.network, None);
    assert!(
        matches!(report.pairs[0].state, PairState::Older { behind } if behind == season.a.house.id)
    );
    assert!(report.bundles[0].reserves.iter().any(|r| matches!(r, Reserve::Older { .. })));
    let both = audit(&[&season.a.bundle(), &season.b.bundle()], None);
    assert_eq!(both.pairs[0].state, PairState::Pass);
}

#[test]
fn the_same_log_gives_the_same_bytes() {
    assert_eq!(season().bundles(), season().bundles());
}

#[test]
fn every_flipped_bit_is_damage() {
    let bundle = small().bundle();
    for bit in 0..bundle.len() * 8 {
        let mut bytes = bundle.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let report = audit(&[&bytes], None);
        assert_eq!(report.verdict, Verdict::Invalid, "bit {bit}");
        // In its first bytes it is no bundle any more; either way the file is damaged.
        let no_bundle = bit / 8 < MAGIC.len();
        let expected = if no_bundle { BundleError::NotABundle } else { BundleError::Digest };
        assert_eq!(fault(&report), AuditFault::Bundle(expected), "bit {bit}");
    }
}

#[test]
fn every_truncation_is_damage() {
    let bundle = small().bundle();
    for len in 0..bundle.len() {
        let report = audit(&[&bundle[..len]], None);
        assert_eq!(fault(&report), AuditFault::Bundle(BundleError::Digest), "{len} bytes");
    }
    let longer = [bundle.as_slice(), &[0]].concat();
    assert_eq!(fault(&audit(&[&longer], None)), AuditFault::Bundle(BundleError::Digest));
}

/// With the digest computed anew, nothing but what was signed protects a bundle: whatever byte is changed
/// it must never pass, and never panic.
#[test]
fn no_changed_byte_passes_with_the_digest_put_right() {
    let bundle = small().bundle();
    (0..bundle.len() - DIGEST_BYTES).into_par_iter().for_each(|at| {
        let mut bytes = bundle.clone();
        // Each bit of a byte in turn, so that lengths, kinds and counts change by little and by much.
        bytes[at] ^= 1 << (at % 8);
        let report = audit(&[&with_digest(bytes)], None);
        assert_eq!(report.verdict, Verdict::Invalid, "byte {at}");
    });
}

#[test]
fn sections_stand_once_in_order_and_are_known() {
    let bundle = small().bundle();
    let parts = sections(&bundle);
    let of = |wanted: u8| {
        let part = parts.iter().find(|(_, kind, _)| *kind == wanted).expect("the bundle has one");
        (part.1, part.2.as_slice())
    };
    let whole: Vec<(u8, &[u8])> = parts.iter().map(|(_, kind, p)| (*kind, p.as_slice())).collect();
    assert_eq!(bundle_of(&whole), bundle);
    let refused = |sections: &[(u8, &[u8])]| match fault(&audit(&[&bundle_of(sections)], None)) {
        AuditFault::Bundle(BundleError::Section { fault, .. }) => fault,
        other => panic!("{other}"),
    };
    for known in [kind::FOUNDING, kind::CHECKPOINT, kind::NOTE] {
        let mut twice = whole.clone();
        let place = twice.iter().position(|(kind, _)| *kind == known).expect("the bundle has one");
        twice.insert(place, of(known));
        assert_eq!(refused(&twice), SectionFault::Order { kind: known });
    }
    let mut unknown = whole.clone();
    unknown.insert(2, (0x9f, b"?"));
    assert_eq!(refused(&unknown), SectionFault::Unknown { kind: 0x9f });
    let mut passed_over = whole.clone();
    passed_over.insert(2, (0x1f, b"for a later version"));
    assert_eq!(audit(&[&bundle_of(&passed_over)], None).verdict, Verdict::Unanchored);
    let mut twice = whole.clone();
    let place = twice.iter().position(|(kind, _)| *kind == kind::CHUNK).expect("there are entries");
    twice.insert(place, of(kind::CHUNK));
    assert!(matches!(refused(&twice), SectionFault::Gap { from: 0, .. }));
    let mut miscounted = whole.clone();
    let mut totals = of(kind::END).1.to_vec();
    totals[0] ^= 1;
    miscounted.pop();
    miscounted.push((kind::END, &totals));
    assert_eq!(refused(&miscounted), SectionFault::Totals);
    let mut endless = bundle[..bundle.len() - DIGEST_BYTES].to_vec();
    endless.extend([0; 3]);
    endless.extend([0; DIGEST_BYTES]);
    assert!(audit(&[&with_digest(endless)], None).bundles[0].fault.is_some());
    let mut huge = MAGIC.to_vec();
    huge.push(kind::FOUNDING);
    huge.extend(u32::MAX.to_le_bytes());
    huge.extend([0; DIGEST_BYTES]);
    let huge = fault(&audit(&[&with_digest(huge)], None));
    let too_long = SectionFault::TooLong { len: u32::MAX };
    assert!(
        matches!(huge, AuditFault::Bundle(BundleError::Section { fault, .. }) if fault == too_long)
    );
}

#[test]
fn a_tampered_balance_is_found_at_its_seal() {
    let mut log = small();
    log.pay(1, 0, 30);
    log.seal_falsely();
    let leaf = log.checkpoint.head.size - 1;
    let report = audit(&[&log.bundle()], None);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(fault(&report), AuditFault::Entry(Fault { leaf, kind: FaultKind::StateRoot }));
    let failed: Vec<CheckKind> = report.bundles[0]
        .checks
        .iter()
        .filter(|check| check.state == CheckState::Fail)
        .map(|check| check.kind)
        .collect();
    assert_eq!(failed, [CheckKind::StateRoots]);
}

/// Invariant F4.
#[test]
fn a_forged_signature_is_found_at_its_entry() {
    let mut log = small();
    let leaf = log.pay(1, 0, 30);
    let behind = log.pay(1, 0, 15);
    log.seal();
    for forged in [leaf, behind] {
        let entry = &mut log.entries[usize::try_from(forged).expect("small")];
        let last = entry.len() - 1;
        entry[last] ^= 1;
    }
    log.sign_entries();
    let report = audit(&[&log.bundle()], None);
    let kind = FaultKind::Refused(Refusal::BadSignature);
    assert_eq!(fault(&report), AuditFault::Entry(Fault { leaf, kind }));
    assert_eq!(fault(&report).check(), CheckKind::Signatures);
}

#[test]
fn hours_from_nowhere_are_found_at_their_import() {
    let mut season = season();
    let leaf = season.a.export(3, &season.b, 2, 30);
    season.commit_a();
    let waiting = season.a.export_waiting_before(leaf);
    season.b.import(&season.a, waiting);
    let mut message = season.a.message(leaf);
    if let Content::Transfer(transfer) = &mut message.content {
        transfer.minutes = Minutes(15);
    }
    let proof = season.a.prove(leaf);
    let at = season.b.import_as(message, leaf, proof);
    season.commit_b();
    let report = audit(&[&season.b.bundle()], Some(&season.anchors()));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(fault(&report), AuditFault::Import { leaf: at });
}

#[test]
fn two_histories_convict_whatever_else_holds() {
    let mut log = small();
    let mut other = log.clone();
    log.pay(1, 2, 15);
    log.seal();
    other.pay(1, 0, 15);
    other.seal();
    // One size, two roots.
    let report = audit(&[&log.bundle(), &other.bundle()], None);
    assert_eq!(report.verdict, Verdict::TwoHistories);
    assert_eq!(report.convictions.len(), 1);
    assert!(evidence::verify(report.convictions[0].evidence()).is_ok());
    // Different sizes: the opening of the larger tree shows it.
    other.pay(2, 0, 15);
    other.seal();
    let report = audit(&[&log.bundle(), &other.bundle()], None);
    assert_eq!(report.verdict, Verdict::TwoHistories);
    let [conviction] = report.convictions.as_slice() else { panic!("one key, one fork") };
    assert_eq!(conviction.evidence().number(), proto::evidence::number::INCONSISTENT);
    assert_eq!(conviction.founding().cite(), log.house.id);
    // An older bundle of one history convicts nobody.
    assert_eq!(audit(&[&small().bundle(), &log.bundle()], None).verdict, Verdict::Unanchored);
    // Evidence travels in a bundle, and convicts without the other one.
    let known = [conviction.evidence().clone()];
    let told = audit(&[&other.bundle_with(&known)], None);
    assert_eq!(told.verdict, Verdict::TwoHistories);
}

/// Returns two cités of which the second took in what the first paid last, and the log of the first before that.
fn payment_taken_in() -> (Season, Log) {
    let mut season = season();
    let before = season.a.clone();
    let leaf = season.a.export(3, &season.b, 2, 30);
    season.commit_a();
    let waiting = season.a.export_waiting_before(leaf);
    season.b.import(&season.a, waiting);
    season.b.import(&season.a, leaf);
    season.commit_b();
    (season, before)
}

#[test]
fn a_neighbours_proofs_reveal_another_history() {
    let (season, mut other) = payment_taken_in();
    // To the auditor, the payer's cité shows a log in which the hours never left.
    for _ in 0..3 {
        other.pay(2, 1, 15);
        other.commit(&[&season.houses[1], &season.houses[2]]);
    }
    let report = audit(&[&other.bundle(), &season.b.bundle()], Some(&season.anchors()));
    assert_eq!(report.verdict, Verdict::TwoHistories, "{report:#?}");
    assert_eq!(report.bundles[0].verdict, Verdict::TwoHistories);
    assert_eq!(report.bundles[1].verdict, Verdict::Witnessed);
}

/// Who changed what was sent after somebody took it in is named, also where nobody kept the heads.
#[test]
fn messages_that_were_changed_afterwards_are_named() {
    let (season, mut other) = payment_taken_in();
    other.export(3, &season.b, 2, 45);
    other.commit(&[&season.houses[1], &season.houses[2]]);
    let report = audit(&[&other.bundle(), &season.b.bundle()], Some(&season.anchors()));
    let [pair] = report.pairs.as_slice() else { panic!("two cités are one pair") };
    let from = season.a.house.id;
    assert_eq!(pair.state, PairState::Fail(PairFault::Messages { from }), "{pair:#?}");
}

#[test]
fn only_witnesses_that_the_auditor_trusts_count() {
    let season = season();
    let [a, _] = season.bundles();
    let [weavers, boatmen, beekeepers] = season.houses.as_slice() else { panic!("three houses") };
    let hex = |house: &House| format!("{:?}", house.mirror.public());
    let line = |house: &House| format!("cite {}\n", house.id);
    let with = |house: &House, key: &str| format!("cite {} {key}\n", house.id);
    let vkey = |house: &House| {
        let name = proto::checkpoint::mirror_name(&house.network, &house.id);
        proto::checkpoint::verifier_key(&name, true, house.mirror.public())
    };
    let both = [with(boatmen, &hex(boatmen)), with(beekeepers, &hex(beekeepers))].concat();
    let stock = [with(boatmen, &vkey(boatmen)), with(beekeepers, &vkey(beekeepers))].concat();
    let table = [
        (both.clone(), Verdict::Witnessed),
        (format!("# the two\n\n{both}"), Verdict::Witnessed),
        (stock, Verdict::Witnessed),
        (line(boatmen), Verdict::Minority),
        (line(weavers), Verdict::FewWitnesses),
        // The name is right and the key is another's.
        (with(boatmen, &hex(weavers)), Verdict::FewWitnesses),
        ([with(boatmen, &hex(weavers)), line(beekeepers)].concat(), Verdict::Minority),
    ];
    for (anchors, verdict) in table {
        assert_eq!(audit(&[&a], Some(&anchors)).verdict, verdict, "{anchors}");
    }
    let alone = small().bundle();
    let report = audit(&[&alone], Some(&both));
    assert_eq!(report.verdict, Verdict::FewWitnesses);
    assert!(report.bundles[0].reserves.contains(&Reserve::NoMirrors));
}

#[test]
fn an_anchor_file_says_what_it_means_or_is_refused() {
    let house = mariniers();
    let good = house.id.to_string();
    for bad in [
        String::new(),
        "# nobody".to_owned(),
        good.clone(),
        format!("cite {}", &good[..good.len() - 1]),
        format!("cite {good} 00"),
        format!("cite {good} {}", "0".repeat(64)),
        format!("cite {good} {:?} more", house.mirror.public()),
        format!("member {good}"),
    ] {
        assert!(Anchors::parse(&bad).is_err(), "{bad}");
    }
    let others = ruchers();
    let name = proto::checkpoint::mirror_name(&others.network, &others.id);
    let foreign = proto::checkpoint::verifier_key(&name, true, others.mirror.public());
    assert!(Anchors::parse(&format!("cite {good} {foreign}")).is_err(), "another cité's key");
}

#[test]
fn entries_that_nobody_witnessed_yet_are_said_so() {
    let mut season = season();
    season.a.pay(1, 2, 15);
    season.a.seal();
    let report = audit(&[&season.a.bundle()], Some(&season.anchors()));
    assert_eq!(report.verdict, Verdict::Witnessed);
    assert!(report.bundles[0].reserves.contains(&Reserve::Uncertified { entries: 1 }));
    assert!(report.not_checked.contains(&NotChecked::OtherLogs));
}

#[test]
fn a_certificate_without_a_quorum_is_none() {
    let mut season = season();
    season.a.pay(1, 2, 15);
    season.a.seal();
    season.a.certify(&[&season.houses[1]]);
    let report = audit(&[&season.a.bundle()], Some(&season.anchors()));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(fault(&report).check(), CheckKind::Witnesses);
}

/// A home on a real disk, its log read beside it while it runs.
#[test]
fn a_node_directory_gives_a_bundle_while_the_home_runs() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let open = || -> Arc<dyn Disk> {
        let holder = Holder { pid: 1, started_ms: 0 };
        Arc::new(RealDisk::open(dir.path(), MachineId([7; 32]), holder).expect("it is ours"))
    };
    assert!(matches!(LogFiles::own(open()), Err(SourceError::NoLog)));
    let house = tisserandes();
    let steward = Person::new("audited steward", &house);
    let act = Act::Admit(steward.admission(Level::Steward));
    let payload = RootAct::payload(house.id, 1, &act);
    let signatures = house.root_signatures(2, &payload);
    let acts = vec![RootAct { cite: house.id, seq: 1, act, signatures }];
    let plan = FoundingPlan { signed: house.founding.clone(), acts };
    let index = dir.path().join("index/sled");
    let mut home = Home::found(open(), &index, plan, house.log.clone(), TODAY.start())
        .expect("the plan is sound");
    let bundle = || {
        let files = LogFiles::own(open()).expect("the log is there");
        let mut bytes = Vec::new();
        let written = files.write(&mut bytes, |_| ()).expect("memory takes everything");
        assert_eq!(written.bytes, u64::try_from(bytes.len()).expect("small"));
        (files.checkpoint().head.size, bytes)
    };
    // Readers see the newest checkpoint at once.
    let (size, early) = bundle();
    assert_eq!(size, home.checkpoint().head.size);
    let pay = Pay { payee: Account::Commons, minutes: Minutes(30), request: None };
    let order = steward.order(2, steward.join().id(), Statement::Pay(pay));
    home.submit(TODAY.start(), order.sign(&steward.device)).expect("the rules accept it");
    home.commit(TODAY.start()).expect("the disk works").expect("there was something to commit");
    let (size, late) = bundle();
    assert_eq!(size, home.checkpoint().head.size);
    assert_ne!(early, late);
    assert_eq!(bundle().1, late, "made again, it is the same file");
    let report = audit(&[&early, &late], None);
    assert_eq!(report.verdict, Verdict::Unanchored, "{report:#?}");
    assert_eq!(report.convictions, []);
    assert!(matches!(LogFiles::copy_of(open(), mariniers().id), Err(SourceError::NoLog)));
}
