//! What an audit found, for people and for programs. Every sentence is in the catalogues; nothing here
//! decides about a bundle.

mod data;

use std::path::{Path, PathBuf};

use ledger::{
    audit::{
        AuditFault, BundleReport, CheckKind, CheckState, NotChecked, PairFault, PairReport,
        PairState, Report, Reserve, Verdict,
    },
    bundle::{BundleError, EVIDENCE_MAX, SectionFault},
    evidence::Conviction,
    fold::{Fault, FaultKind},
};
use proto::{evidence::Evidence, ids::CiteId, order::Head};

pub(super) use self::data::{data, fork_data};
use crate::{
    codes::{self, Code},
    language::{Text, Value},
    output::{Mark, Screen},
    text,
};

/// Returns the numbered page of a verdict.
pub(super) const fn code(verdict: Verdict) -> Code {
    match verdict {
        Verdict::Witnessed => codes::VERIFIED,
        Verdict::FewWitnesses => codes::FEW_WITNESSES,
        Verdict::Minority => codes::MINORITY_OF_WITNESSES,
        Verdict::Unanchored => codes::UNANCHORED,
        Verdict::TwoHistories => codes::TWO_HISTORIES,
        Verdict::Invalid => codes::INVALID,
    }
}

/// Returns what was not checked, to follow words that say so.
pub(super) fn not_checked_text(what: NotChecked) -> Text {
    match what {
        NotChecked::ServiceReality => text!("audit-not-checked-service-reality"),
        NotChecked::CivilIdentity => text!("audit-not-checked-civil-identity"),
        NotChecked::Texts => text!("audit-not-checked-texts"),
        NotChecked::Clocks => text!("audit-not-checked-clocks"),
        NotChecked::Named => text!("audit-not-checked-named"),
        NotChecked::Witnesses => text!("audit-not-checked-witnesses"),
        NotChecked::OtherLogs => text!("audit-not-checked-other-logs"),
        NotChecked::Heads { left_out } => text!("audit-not-checked-heads", count = left_out),
    }
}

/// Returns the page that people read.
pub(super) fn screen(report: &Report, files: &[PathBuf], anchor: Option<&Path>) -> Screen {
    let mut screen = Screen::new();
    for (bundle, file) in report.bundles.iter().zip(files) {
        screen = bundle_screen(screen, bundle, file);
    }
    screen = match anchor {
        Some(file) => screen.line(text!("audit-anchor", file = file)),
        None => screen,
    };
    for pair in &report.pairs {
        screen = pair_screen(screen, report, pair);
    }
    if let Some(network) = report.network.filter(|_| report.bundles.len() > 1) {
        let mark = if network.sum.0 == 0 { Mark::Good } else { Mark::Bad };
        screen = screen.mark(
            mark,
            text!(
                "audit-network",
                people = network.people,
                open = network.open,
                outside = network.outside,
                sum = network.sum
            ),
        );
    }
    for conviction in &report.convictions {
        screen = proof_screen(screen, report, conviction);
    }
    for what in &report.not_checked {
        screen = screen.mark(Mark::NotChecked, not_checked_text(*what));
    }
    let code = code(report.verdict);
    let reserves: usize = report.bundles.iter().map(|bundle| bundle.reserves.len()).sum();
    screen.blank().title(text!(
        "audit-verdict",
        number = report.verdict.number().to_string(),
        said = Text::new(code.page()),
        reserves = reserves
    ))
}

fn bundle_screen(screen: Screen, bundle: &BundleReport, file: &Path) -> Screen {
    let mut screen = match &bundle.log {
        Some(log) => screen.title(text!(
            "audit-title",
            name = log.founding.name.as_str(),
            from = Value::Day(log.from.day()),
            to = Value::Day(log.to.day()),
            entries = log.entries
        )),
        None => screen.title(text!("audit-title-unread", file = file)),
    };
    for check in &bundle.checks {
        let mark = match check.state {
            CheckState::Pass if check.kind == CheckKind::Witnesses => witness_mark(bundle),
            CheckState::Pass => Mark::Good,
            CheckState::Fail => Mark::Bad,
            CheckState::NotReached => continue,
        };
        screen = screen.mark(mark, check_text(bundle, check.kind, check.state, check.count));
    }
    if let Some(fault) = &bundle.fault {
        screen = screen.mark(Mark::Bad, fault_text(fault));
    }
    for reserve in &bundle.reserves {
        screen = screen.mark(Mark::Warn, reserve_text(reserve));
    }
    screen.blank()
}

fn witness_mark(bundle: &BundleReport) -> Mark {
    match bundle.verdict {
        Verdict::Witnessed => Mark::Good,
        _ => Mark::Warn,
    }
}

fn check_text(bundle: &BundleReport, kind: CheckKind, state: CheckState, count: u64) -> Text {
    if state == CheckState::Fail {
        return failed_text(kind);
    }
    let log = bundle.log.as_ref();
    let root = log.map(|log| short(&log.head.root.to_string())).unwrap_or_default();
    let sum = log.map(|log| log.sum).unwrap_or_default();
    let witnesses = log.map(|log| log.witnesses).unwrap_or_default();
    match kind {
        CheckKind::Bytes => text!("audit-check-bytes", count = count),
        CheckKind::Founding => text!("audit-check-founding", count = count),
        CheckKind::Signatures => text!("audit-check-signatures", count = count),
        CheckKind::Chain => text!("audit-check-chain", count = count, root = root),
        CheckKind::Rules => text!("audit-check-rules", count = count),
        CheckKind::StateRoots => text!("audit-check-state-roots", count = count),
        CheckKind::ZeroSum => text!("audit-check-zero-sum", sum = sum),
        CheckKind::Imports => text!("audit-check-imports", count = count),
        CheckKind::Witnesses => text!(
            "audit-check-witnesses",
            known = witnesses.known,
            trusted = witnesses.trusted,
            need = witnesses.need
        ),
        CheckKind::Forks => text!("audit-check-forks"),
    }
}

fn failed_text(kind: CheckKind) -> Text {
    match kind {
        CheckKind::Bytes => text!("audit-fail-bytes"),
        CheckKind::Founding => text!("audit-fail-founding"),
        CheckKind::Signatures => text!("audit-fail-signatures"),
        CheckKind::Chain => text!("audit-fail-chain"),
        CheckKind::Rules => text!("audit-fail-rules"),
        CheckKind::StateRoots => text!("audit-fail-state-roots"),
        CheckKind::ZeroSum => text!("audit-fail-zero-sum"),
        CheckKind::Imports => text!("audit-fail-imports"),
        CheckKind::Witnesses => text!("audit-fail-witnesses"),
        CheckKind::Forks => text!("audit-fail-forks"),
    }
}

fn fault_text(fault: &AuditFault) -> Text {
    let said = fault_sentence(fault);
    match fault.leaf() {
        Some(leaf) => text!("audit-fault-at", leaf = leaf, said = said),
        None => said,
    }
}

/// What is wrong, in one sentence of the catalogues.
fn fault_sentence(fault: &AuditFault) -> Text {
    match fault {
        AuditFault::Bundle(BundleError::Digest) => text!("audit-fault-digest"),
        AuditFault::Bundle(BundleError::Section {
            fault: SectionFault::TooMuchEvidence, ..
        }) => {
            text!("audit-fault-too-much-evidence", max = EVIDENCE_MAX)
        }
        AuditFault::Bundle(_) => text!("audit-fault-form"),
        AuditFault::Founding(_) => text!("audit-fault-founding"),
        AuditFault::Checkpoint => text!("audit-fault-checkpoint"),
        AuditFault::Import { .. } => text!("audit-fault-import"),
        AuditFault::Root { .. } => text!("audit-fault-root"),
        AuditFault::Certificate(_) => text!("audit-fault-certificate"),
        AuditFault::Note => text!("audit-fault-note"),
        AuditFault::Evidence(_) => text!("audit-fault-evidence"),
        AuditFault::Entry(Fault { kind, .. }) => match kind {
            FaultKind::Codec(_) => text!("audit-fault-entry"),
            FaultKind::Founding(_) => text!("audit-fault-founding"),
            FaultKind::Refused(refusal) => {
                text!("audit-fault-refused", number = i64::from(refusal.number()))
            }
            FaultKind::Time => text!("audit-fault-time"),
            FaultKind::Assigned => text!("audit-fault-assigned"),
            FaultKind::Seal => text!("audit-fault-seal"),
            FaultKind::StateRoot => text!("audit-fault-state-root"),
            FaultKind::Sum => text!("audit-fault-sum"),
        },
    }
}

fn reserve_text(reserve: &Reserve) -> Text {
    match reserve {
        Reserve::TestNetwork => text!("audit-reserve-test-network"),
        Reserve::NotAnchored => text!("audit-reserve-not-anchored"),
        Reserve::NoMirrors => text!("audit-reserve-no-mirrors"),
        Reserve::Uncertified { entries } => {
            text!("audit-reserve-uncertified", entries = *entries)
        }
        Reserve::EvidenceElsewhere { cite } => {
            text!("audit-reserve-evidence", cite = cite.to_string())
        }
        Reserve::Older { than } => text!("audit-reserve-older", cite = than.to_string()),
    }
}

fn pair_screen(screen: Screen, report: &Report, pair: &PairReport) -> Screen {
    let (mark, text) = match pair.state {
        PairState::Pass => {
            let said = match pair.refunds {
                0 => text!("audit-pair"),
                refunds => text!("audit-pair-refunds", refunds = refunds),
            };
            let said = said.with("transfers", pair.transfers).with("imports", pair.imports);
            (Mark::Good, said.with("returns", pair.returns).with("open", pair.open))
        }
        PairState::Older { .. } => (Mark::Warn, text!("audit-pair-older")),
        PairState::Fail(PairFault::Messages { .. }) => (Mark::Bad, text!("audit-pair-messages")),
        PairState::Fail(PairFault::Balance) => (Mark::Bad, text!("audit-pair-balance")),
        PairState::Fail(PairFault::Totals) => (Mark::Bad, text!("audit-pair-totals")),
    };
    let text = text.with("a", name_of(report, &pair.a)).with("b", name_of(report, &pair.b));
    screen.mark(mark, text)
}

/// Adds what one proof says.
pub(super) fn proof_screen(screen: Screen, report: &Report, conviction: &Conviction) -> Screen {
    let cite = name_of(report, &conviction.party().cite());
    match conviction.evidence() {
        Evidence::SameSize { first, second, .. }
        | Evidence::Inconsistent { smaller: first, larger: second, .. } => screen
            .mark(Mark::Bad, text!("audit-fork", cite = cite))
            .inset(heads_text(&first.head, &second.head)),
        Evidence::BadEntry { leaf, .. } => {
            screen.mark(Mark::Bad, text!("audit-bad-entry", cite = cite, leaf = *leaf))
        }
        Evidence::TwoCosigned { log, first, second, .. } => {
            let log = name_of(report, &log.cite);
            screen
                .mark(Mark::Bad, text!("audit-two-cosigned", cite = cite, log = log))
                .inset(heads_text(&first.head, &second.head))
        }
        Evidence::AfterFence { fence, .. } => {
            let log = name_of(report, &fence.fence.cite);
            screen.mark(Mark::Bad, text!("audit-after-fence", cite = cite, log = log))
        }
    }
}

fn heads_text(first: &Head, second: &Head) -> Text {
    text!(
        "audit-fork-heads",
        first = first.size,
        second = second.size,
        firstroot = short(&first.root.to_string()),
        secondroot = short(&second.root.to_string())
    )
}

fn name_of(report: &Report, cite: &CiteId) -> String {
    let logs = report.bundles.iter().filter_map(|bundle| bundle.log.as_ref());
    logs.clone()
        .find(|log| log.cite == *cite)
        .map_or_else(|| cite.to_string(), |log| log.founding.name.clone())
}

/// First and last digits of a root, enough to compare by eye; the whole stands in `--json`.
fn short(root: &str) -> String {
    let (head, tail) = (root.get(..8).unwrap_or(root), root.get(60..).unwrap_or_default());
    format!("{head}…{tail}")
}
