//! A home that lies in its log to go on where its mirrors never were: what it names as certified must exist.

use harness::{
    audited::audited,
    logs::Log,
    people::{self, House},
};
use ledger::{
    audit::{NotChecked, Verdict},
    fold::{Fault, FaultKind},
    refusal::Refusal,
    replay,
    state::RECENT_MAX,
};
use proto::{
    certificate::Certificate,
    entry::{Entry, Payload},
    resume::{Fence, Resume, SignedFence},
    time::UnixMillis,
};

/// Returns the weavers' log, mirrored by the boatmen and the beekeepers, all of it committed.
fn mirrored() -> Log {
    let mut log = Log::found(people::tisserandes(), 2);
    let [boats, bees] = [people::mariniers(), people::ruchers()];
    log.mirror_by(&[&boats, &bees]);
    for _ in 0..2 {
        log.commit(&[&boats, &bees]);
    }
    log.seal();
    log
}

fn newest(log: &Log) -> Certificate {
    log.certified.clone().expect("something was certified").certificate
}

/// Returns the promise of a mirror that holds nothing of a log.
fn empty_promise(log: &Log, mirror: &House) -> SignedFence {
    let fence =
        Fence { cite: log.house.id, below: 1, mirror: mirror.id, held: None, certified: None };
    SignedFence::sign(fence, &log.house.network, &mirror.mirror)
}

/// Returns what everybody says who executes a log that goes on at its end on these promises.
fn go_on(
    log: &Log,
    named: Option<Certificate>,
    mut fences: Vec<SignedFence>,
) -> Result<(), FaultKind> {
    fences.sort_by_key(|fence| fence.fence.mirror);
    let base = log.fold.head();
    let resume = Resume { epoch: log.house.epoch(1), base, named, certificate: None, fences };
    let time = log.fold.state().clock().map_or(UnixMillis(0), |clock| clock.time);
    let entry = Entry { time, payload: Payload::Resume(Box::new(resume)) };
    let (mut fold, mut book) = (log.fold.clone(), log.book.clone());
    let prepared = replay::prepare(&mut book, &[entry.encode()]);
    replay::fold(&mut fold, prepared).map_err(|Fault { kind, .. }| kind)
}

/// The orchards are mirrors of the log's own choice, who never saw it; `signers` cosign every seal. Returns the log when
/// it names its seals until the orchards alone are in force, and the certificate that the last one names.
fn moved_to(orchards: &House, signers: &[&House]) -> (Log, Certificate) {
    let mut log = mirrored();
    log.mirror_by(&[orchards]);
    for _ in 0..3 {
        log.seal();
        log.certify(signers);
    }
    let named = newest(&log);
    log.seal();
    let mirrors = log.fold.mirrors_under(log.fold.head().size).expect("sealed");
    let all: Vec<_> = mirrors.all().into_iter().map(|mirror| mirror.cite).collect();
    assert_eq!(all, [orchards.id], "they alone are in force");
    (log, named)
}

/// Invariant C2: names of certificates that do not exist put no mirrors in force whose promises would do. The boatmen
/// and the beekeepers, who were never asked, go on certifying what they hold.
#[test]
fn names_of_certificates_that_do_not_exist_carry_no_resume() {
    let orchards = House::new("vergers", "Les Vergers", "Die", 1, 1);
    let [boats, bees] = [people::mariniers(), people::ruchers()];
    // With the cosignatures of both sets the same log goes on with the promise of the orchards alone.
    let (log, named) = moved_to(&orchards, &[&boats, &bees, &orchards]);
    let promise = empty_promise(&log, &orchards);
    assert_eq!(go_on(&log, Some(named), vec![promise]), Ok(()));
    // Without them it does not, whatever is shown.
    for signers in [&[][..], &[&orchards], &[&boats, &orchards]] {
        let (log, named) = moved_to(&orchards, signers);
        let size = named.checkpoint.head.size;
        let genuine = newest(&mirrored());
        for shown in [None, Some(named), Some(genuine)] {
            let promise = empty_promise(&log, &orchards);
            let refused = FaultKind::Refused(Refusal::ResumeNamed { size });
            assert_eq!(go_on(&log, shown, vec![promise]), Err(refused), "{}", signers.len());
        }
    }
}

/// What an audit can say of mirrors that were put in force by names alone (decision 29): nothing is wrong with the log,
/// and nobody whom the auditor trusts stands for it.
#[test]
fn mirrors_put_in_force_by_names_alone_are_nobodys_witnesses() {
    let orchards = House::new("vergers", "Les Vergers", "Die", 1, 1);
    let (mut log, _) = moved_to(&orchards, &[]);
    log.certify(&[&orchards]);
    let bundle = log.bundle();
    let verdict = |trusted: &[&House]| {
        let lines: Vec<String> = trusted.iter().map(|house| format!("cite {}", house.id)).collect();
        let report = audited(&[&bundle], Some(&lines.join("\n")), false);
        assert!(report.not_checked.contains(&NotChecked::Named), "it is said");
        assert_eq!(report.bundles.first().and_then(|bundle| bundle.fault), None);
        report.verdict
    };
    let [boats, bees] = [people::mariniers(), people::ruchers()];
    assert_eq!(verdict(&[&boats, &bees]), Verdict::FewWitnesses);
}

/// A certificate that a log named last is known by its head, however many seals ago it was: its mirrors were away, say.
/// One of another history with as many entries is none of it.
#[test]
fn the_certificate_named_last_is_never_too_old() {
    let [boats, bees] = [people::mariniers(), people::ruchers()];
    let mut log = mirrored();
    let mut other = log.clone();
    for (log, minutes) in [(&mut log, 15), (&mut other, 30)] {
        log.pay(0, 1, minutes);
        log.seal();
        log.certify(&[&boats, &bees]);
    }
    let (named, foreign) = (newest(&log), newest(&other));
    let [a, b] = [&named, &foreign].map(|certificate| certificate.checkpoint.head);
    assert!(a.size == b.size && a.root != b.root);
    for _ in 0..RECENT_MAX + 2 {
        log.seal();
    }
    let state = log.fold.state();
    assert!(state.recent(a.size).is_none() && state.is_too_old(a.size), "no order may name it");
    assert_eq!(state.kept(a.size).map(|seal| seal.head), Some(a));
    let promises = || [&boats, &bees].map(|mirror| empty_promise(&log, mirror)).to_vec();
    assert_eq!(go_on(&log, Some(named), promises()), Ok(()));
    let refused = FaultKind::Refused(Refusal::ResumeNamed { size: a.size });
    assert_eq!(go_on(&log, Some(foreign), promises()), Err(refused));
}
