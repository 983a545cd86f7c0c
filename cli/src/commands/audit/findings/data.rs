//! What an audit found, as the data of `pirate.audit.verify/1`.
//! Neutral names only, but for the one message that a person may be shown as it is.

use std::path::{Path, PathBuf};

use ledger::{
    audit::{
        AuditFault, BundleReport, CheckKind, CheckState, LogFacts, NotChecked, PairFault,
        PairReport, PairState, Report, Reserve, Verdict,
    },
    evidence::Conviction,
};
use proto::{
    checkpoint::Checkpoint,
    evidence::{CosignedHead, Evidence},
    keys::Signature,
    order::Head,
};
use serde_json::{Value as Json, json};

use super::fault_sentence;
use crate::{context::Context, dates};

/// Returns the object for programs; with one bundle its members stand at the top as well.
pub(in super::super) fn data(
    context: &Context,
    report: &Report,
    files: &[PathBuf],
    anchor: Option<&Path>,
) -> Json {
    let bundles: Vec<Json> = report
        .bundles
        .iter()
        .zip(files)
        .map(|(bundle, file)| bundle_data(context, bundle, file))
        .collect();
    let mut data = match bundles.as_slice() {
        [only] => only.clone(),
        _ => json!({}),
    };
    let whole = json!({
        "verdict": report.verdict.number(),
        "verdict_name": verdict_name(report.verdict),
        "bundles": bundles,
        "pairs": report.pairs.iter().map(pair_data).collect::<Vec<_>>(),
        "network": report.network.map(|network| json!({
            "people_min": network.people.0, "open_min": network.open.0,
            "outside_min": network.outside.0, "sum_min": network.sum.0,
        })),
        "forks": report.convictions.iter().map(fork_data).collect::<Vec<_>>(),
        "not_checked": report.not_checked.iter().map(|w| not_checked_id(*w)).collect::<Vec<_>>(),
        "heads_left_out": report.heads_left_out(),
        "anchor": anchor.map(|path| path.display().to_string()),
    });
    if let (Some(to), Json::Object(from)) = (data.as_object_mut(), whole) {
        to.extend(from);
    }
    data
}

fn bundle_data(context: &Context, bundle: &BundleReport, file: &Path) -> Json {
    let log = bundle.log.as_ref();
    let fact = |of: fn(&LogFacts) -> Json| log.map(of);
    json!({
        "file": file.display().to_string(),
        "bundle": bundle.digest.map(|digest| format!("b3:{digest}")),
        "bytes": bundle.bytes,
        "verdict": bundle.verdict.number(),
        "verdict_name": verdict_name(bundle.verdict),
        "cite": fact(|log| json!(log.cite.to_string())),
        "slug": fact(|log| json!(log.founding.slug)),
        "name": fact(|log| json!(log.founding.name)),
        "network": fact(|log| json!({
            "name": log.founding.network.name, "test": log.founding.network.test,
        })),
        "from": fact(|log| json!(dates::rfc3339(log.from))),
        "to": fact(|log| json!(dates::rfc3339(log.to))),
        "size": fact(|log| json!(log.head.size)),
        "root": fact(|log| json!(log.head.root.to_string())),
        "entries": fact(|log| json!(log.entries)),
        "members": fact(|log| json!(log.members)),
        "peer_min": fact(|log| Json::Object(
            log.peers.iter().map(|(_, slug, balance)| (slug.clone(), json!(balance.0))).collect(),
        )),
        "certified_size": fact(|log| json!(log.witnesses.certified_size)),
        "checks": bundle.checks.iter().map(|check| {
            check_data(log, check.kind, check.state, check.count)
        }).collect::<Vec<_>>(),
        "fault": bundle.fault.as_ref().map(|fault| json!({
            "id": fault_id(fault),
            "entry": fault.leaf(),
            "message": context.lang.say(&fault_sentence(fault)),
            "detail": fault.to_string(),
        })),
        "reserves": bundle.reserves.iter().map(reserve_data).collect::<Vec<_>>(),
    })
}

fn check_data(log: Option<&LogFacts>, kind: CheckKind, state: CheckState, count: u64) -> Json {
    let state = match state {
        CheckState::Pass => "pass",
        CheckState::Fail => "fail",
        CheckState::NotReached => "not_reached",
    };
    let mut check = json!({ "id": check_id(kind), "state": state, "n": count });
    let more = log.and_then(|log| match kind {
        CheckKind::Chain => {
            Some(json!({ "size": log.head.size, "root": log.head.root.to_string() }))
        }
        CheckKind::ZeroSum => Some(json!({ "sum_min": log.sum.0 })),
        CheckKind::Witnesses => Some(json!({
            "have": log.witnesses.trusted, "need": log.witnesses.need,
            "known": log.witnesses.known, "cosigned": log.witnesses.cosigned,
        })),
        _ => None,
    });
    if let (Some(to), Some(Json::Object(from))) = (check.as_object_mut(), more) {
        to.extend(from);
    }
    check
}

fn pair_data(pair: &PairReport) -> Json {
    let (state, fault) = match pair.state {
        PairState::Pass => ("pass", None),
        PairState::Older { .. } => ("older", None),
        PairState::Fail(PairFault::Messages { .. }) => ("fail", Some("messages")),
        PairState::Fail(PairFault::Balance) => ("fail", Some("balance")),
        PairState::Fail(PairFault::Totals) => ("fail", Some("totals")),
    };
    json!({
        "a": pair.a.to_string(), "b": pair.b.to_string(), "state": state, "fault": fault,
        "a_min": pair.a_balance.0, "b_min": pair.b_balance.0,
        "open_ab_min": pair.open_ab.0, "open_ba_min": pair.open_ba.0,
        "transfers": pair.transfers, "imports": pair.imports, "returns": pair.returns,
        "returns_received": pair.returns_received, "refunds": pair.refunds, "open": pair.open,
    })
}

/// Returns what one proof says.
pub(in super::super) fn fork_data(conviction: &Conviction) -> Json {
    let evidence = conviction.evidence();
    let signed = |head: &Head, signature: &Signature| {
        json!({
            "size": head.size,
            "root": head.root.to_string(),
            "signature": format!("{signature:?}"),
        })
    };
    let checkpoint = |checkpoint: &Checkpoint| signed(&checkpoint.head, &checkpoint.signature);
    let cosigned = |cosigned: &CosignedHead| signed(&cosigned.head, &cosigned.signature);
    let cite = conviction.party().cite();
    let (log, a, b) = match evidence {
        Evidence::SameSize { first, second, .. }
        | Evidence::Inconsistent { smaller: first, larger: second, .. } => {
            (cite, checkpoint(first), checkpoint(second))
        }
        Evidence::BadEntry { head, .. } => (cite, checkpoint(head), Json::Null),
        Evidence::TwoCosigned { log, first, second, .. } => {
            (log.cite, cosigned(first), cosigned(second))
        }
        Evidence::AfterFence { fence, cosigned: after, .. } => {
            (fence.fence.cite, cosigned(after), Json::Null)
        }
    };
    let leaf = match evidence {
        Evidence::BadEntry { leaf, .. } => Some(*leaf),
        _ => None,
    };
    json!({
        "cite": cite.to_string(),
        "kind": format!("E{}", evidence.number()),
        "log": log.to_string(),
        "leaf": leaf,
        "a": a,
        "b": b,
    })
}

const fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Witnessed => "witnessed",
        Verdict::FewWitnesses => "few_witnesses",
        Verdict::Minority => "minority",
        Verdict::Unanchored => "unanchored",
        Verdict::TwoHistories => "fork",
        Verdict::Invalid => "invalid",
    }
}

const fn check_id(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::Bytes => "bytes",
        CheckKind::Founding => "founding",
        CheckKind::Signatures => "signatures",
        CheckKind::Chain => "chain",
        CheckKind::Rules => "rules",
        CheckKind::StateRoots => "state_roots",
        CheckKind::ZeroSum => "zero_sum",
        CheckKind::Imports => "imports",
        CheckKind::Witnesses => "witnesses",
        CheckKind::Forks => "forks",
    }
}

const fn not_checked_id(what: NotChecked) -> &'static str {
    match what {
        NotChecked::ServiceReality => "service_reality",
        NotChecked::CivilIdentity => "civil_identity",
        NotChecked::Texts => "texts",
        NotChecked::Clocks => "clocks",
        NotChecked::Named => "named_certificates",
        NotChecked::Witnesses => "witnesses",
        NotChecked::OtherLogs => "other_logs",
        NotChecked::Heads { .. } => "heads",
    }
}

fn fault_id(fault: &AuditFault) -> &'static str {
    match fault {
        AuditFault::Bundle(ledger::bundle::BundleError::Digest) => "damaged",
        AuditFault::Bundle(_) => "form",
        other => check_id(other.check()),
    }
}

fn reserve_data(reserve: &Reserve) -> Json {
    match reserve {
        Reserve::TestNetwork => json!({ "id": "test_network" }),
        Reserve::NotAnchored => json!({ "id": "not_anchored" }),
        Reserve::NoMirrors => json!({ "id": "no_mirrors" }),
        Reserve::Uncertified { entries } => json!({ "id": "uncertified", "entries": entries }),
        Reserve::EvidenceElsewhere { cite } => {
            json!({ "id": "evidence_elsewhere", "cite": cite.to_string() })
        }
        Reserve::Older { than } => json!({ "id": "older", "than": than.to_string() }),
    }
}
