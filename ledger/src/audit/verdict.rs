//! Judging: who among those that the auditor trusts cosigned, what is reserved, and the one word for each
//! bundle and for all of them.

use std::collections::BTreeMap;

use proto::{
    act::Mirror,
    codec::Canonical as _,
    evidence::Party,
    founding::{Founding, SignedFounding},
    ids::CiteId,
    keys::PublicKey,
    minutes::Balance,
};

use super::{
    Anchors, BundleReport, Check, CheckKind, CheckState, LogFacts, NetworkTotals, NotChecked,
    PairReport, PairState, Question, Report, Reserve, Verdict, Witnesses, log::Audited,
};
use crate::evidence::Conviction;

/// Puts the report together.
pub(super) fn judge(
    question: &Question<'_>,
    audited: Vec<Audited>,
    pairs: Vec<PairReport>,
    mut convictions: Vec<Conviction>,
    heads_left_out: u64,
) -> Report {
    let mut keys: BTreeMap<CiteId, PublicKey> = BTreeMap::new();
    for bundle in audited.iter().filter(|bundle| bundle.holds()) {
        keys.extend(bundle.mirror_keys.iter().map(|(cite, key)| (*cite, *key)));
    }
    // The key that signed a bundle counts: evidence against one that its root gave up changes nothing.
    let of_bundles: Vec<Party> = audited.iter().filter_map(Audited::signer).collect();
    convictions.retain(|known| match known.party() {
        party @ Party::Log { cite, .. } => {
            of_bundles.contains(&party) || of_bundles.iter().all(|known| known.cite() != cite)
        }
        Party::Mirror { .. } => true,
    });
    let convicted: Vec<Party> = convictions.iter().map(Conviction::party).collect();
    let is_forked = |cite: &CiteId| {
        convicted.iter().any(|party| party.cite() == *cite && matches!(party, Party::Log { .. }))
    };
    let network = network(&audited, &pairs);
    let mut verdict = Verdict::Witnessed;
    let mut bundles = Vec::new();
    for bundle in &audited {
        let report = judge_bundle(question, bundle, &keys, &pairs, &convicted);
        verdict = verdict.max(report.verdict);
        bundles.push(report);
    }
    // A pair that does not fit is explained where one of the two is convicted of two histories.
    let unexplained = pairs.iter().any(|pair| {
        matches!(pair.state, PairState::Fail(_)) && !is_forked(&pair.a) && !is_forked(&pair.b)
    });
    let unbalanced = network.is_some_and(|totals| totals.sum != Balance::ZERO);
    if bundles.is_empty() && !convictions.is_empty() {
        verdict = Verdict::TwoHistories;
    } else if unexplained || (unbalanced && convicted.is_empty()) || bundles.is_empty() {
        verdict = Verdict::Invalid;
    }
    let not_checked = not_checked(question, &audited, heads_left_out);
    Report { verdict, bundles, pairs, network, convictions, not_checked }
}

fn judge_bundle(
    question: &Question<'_>,
    bundle: &Audited,
    keys: &BTreeMap<CiteId, PublicKey>,
    pairs: &[PairReport],
    convicted: &[Party],
) -> BundleReport {
    let witnesses = witnesses(question, bundle, keys, convicted);
    let forked = bundle.signer().is_some_and(|party| convicted.contains(&party));
    let log = facts(bundle, witnesses);
    let cite = log.as_ref().map(|log| log.cite);
    let reserves = reserves(question, bundle, cite, witnesses, pairs);
    let verdict = if !bundle.holds() {
        Verdict::Invalid
    } else if forked {
        Verdict::TwoHistories
    } else if question.anchors.is_none() {
        Verdict::Unanchored
    } else if witnesses.trusted == 0 {
        Verdict::FewWitnesses
    } else if witnesses.trusted < witnesses.need {
        Verdict::Minority
    } else if question.strict && !reserves.is_empty() {
        Verdict::FewWitnesses
    } else {
        Verdict::Witnessed
    };
    BundleReport {
        verdict,
        bytes: bundle.bytes,
        digest: bundle.digest,
        log,
        checks: checks(bundle, witnesses, forked),
        fault: bundle.fault,
        reserves,
    }
}

fn facts(bundle: &Audited, witnesses: Witnesses) -> Option<LogFacts> {
    let (founding, _) = bundle.founding.as_ref()?;
    let checkpoint = bundle.checkpoint?;
    let record: &Founding = founding.founding();
    Some(LogFacts {
        cite: founding.cite(),
        founding: record.clone(),
        head: checkpoint.head,
        entries: bundle.kinds.entries,
        from: bundle.from,
        to: bundle.to,
        members: bundle.members,
        sum: bundle.sum,
        people: bundle.people,
        peers: bundle.peers.iter().map(|p| (p.cite, p.slug.clone(), p.balance)).collect(),
        witnesses,
    })
}

/// Counts the cosignatures of the newest certificate, those of trusted mirrors apart. While two mirror
/// sets are in force, the one with fewer trusted cosignatures for its quorum counts.
fn witnesses(
    question: &Question<'_>,
    bundle: &Audited,
    keys: &BTreeMap<CiteId, PublicKey>,
    convicted: &[Party],
) -> Witnesses {
    let Some(mirrors) = &bundle.mirrors else { return Witnesses::default() };
    let certificate = bundle.witnessed.as_ref().map(|witnessed| &witnessed.certificate);
    // Never one that evidence convicts, and by the key that signed: the log may name a trusted cité with a key of its own
    // in its second set.
    let trusted = |mirror: &&Mirror| {
        let Mirror { cite, key } = **mirror;
        bundle.signers.contains(mirror)
            && !convicted.contains(&Party::Mirror { cite, key })
            && question.anchors.is_some_and(|anchors| {
                anchors.trusts(&mirror.cite, &mirror.key, keys.get(&mirror.cite))
            })
    };
    let of_sets = mirrors.sets().into_iter().map(|set| Witnesses {
        known: set.mirrors.len(),
        cosigned: bundle.signers.len(),
        trusted: set.mirrors.iter().filter(trusted).count(),
        need: set.quorum(),
        certified_size: certificate.map_or(0, |certificate| certificate.checkpoint.head.size),
        uncertified: bundle.uncertified,
    });
    of_sets.max_by_key(|set| set.need.saturating_sub(set.trusted)).unwrap_or_default()
}

fn reserves(
    question: &Question<'_>,
    bundle: &Audited,
    cite: Option<CiteId>,
    witnesses: Witnesses,
    pairs: &[PairReport],
) -> Vec<Reserve> {
    let mut reserves = Vec::new();
    if bundle.founding.as_ref().is_some_and(|(founding, _)| founding.founding().network.test) {
        reserves.push(Reserve::TestNetwork);
    }
    let anchored = |anchors: &Anchors| cite.is_some_and(|cite| anchors.names(&cite));
    if bundle.holds() && question.anchors.is_some_and(|anchors| !anchored(anchors)) {
        reserves.push(Reserve::NotAnchored);
    }
    if bundle.holds() && witnesses.known == 0 {
        reserves.push(Reserve::NoMirrors);
    } else if bundle.holds() && witnesses.uncertified > 0 {
        reserves.push(Reserve::Uncertified { entries: witnesses.uncertified });
    }
    for conviction in bundle.known_evidence() {
        let elsewhere = conviction.founding().cite();
        if Some(elsewhere) != cite {
            reserves.push(Reserve::EvidenceElsewhere { cite: elsewhere });
        }
    }
    for pair in pairs {
        if let PairState::Older { behind } = pair.state
            && Some(behind) == cite
        {
            let than = if pair.a == behind { pair.b } else { pair.a };
            reserves.push(Reserve::Older { than });
        }
    }
    reserves
}

fn checks(bundle: &Audited, witnesses: Witnesses, forked: bool) -> Vec<Check> {
    let failed = bundle.fault.map(|fault| fault.check());
    let kinds = bundle.kinds;
    let signed =
        bundle.founding.as_ref().and_then(|(_, signed)| SignedFounding::decode(signed).ok());
    let signatures = signed.map_or(0, |signed| signed.signatures.len());
    let few = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let each = |kind: CheckKind| {
        let count = match kind {
            CheckKind::Bytes => bundle.bytes,
            CheckKind::Founding => few(signatures),
            CheckKind::Signatures => kinds.signed,
            CheckKind::Chain | CheckKind::Rules | CheckKind::ZeroSum => kinds.entries,
            CheckKind::StateRoots => kinds.seals,
            CheckKind::Imports => kinds.imports,
            CheckKind::Witnesses => few(witnesses.cosigned),
            CheckKind::Forks => u64::from(bundle.holds()),
        };
        // Bytes and founding record come first; what they passed is passed whatever follows.
        let before = match failed {
            None => true,
            Some(CheckKind::Bytes) => false,
            Some(_) => matches!(kind, CheckKind::Bytes | CheckKind::Founding),
        };
        let state = if failed == Some(kind) || (kind == CheckKind::Forks && forked) {
            CheckState::Fail
        } else if before {
            CheckState::Pass
        } else {
            CheckState::NotReached
        };
        Check { kind, state, count }
    };
    CheckKind::ALL.into_iter().map(each).collect()
}

/// Sums over all logs; `None` when one is invalid, stands twice, or is older than what another received.
fn network(audited: &[Audited], pairs: &[PairReport]) -> Option<NetworkTotals> {
    let mut cites: Vec<CiteId> = Vec::new();
    for bundle in audited {
        let (cite, _) = bundle.sound()?;
        cites.push(cite);
    }
    let count = cites.len();
    cites.sort_unstable();
    cites.dedup();
    let comparable =
        count == cites.len() && pairs.iter().all(|pair| matches!(pair.state, PairState::Pass));
    comparable.then_some(())?;
    let mut totals = NetworkTotals::default();
    for bundle in audited {
        totals.people = totals.people.plus(bundle.people)?;
        for peer in bundle.peers.iter().filter(|peer| !cites.contains(&peer.cite)) {
            totals.outside = totals.outside.plus(peer.balance)?;
        }
    }
    for pair in pairs {
        totals.open = totals.open.plus(pair.open_ab)?.plus(pair.open_ba)?;
    }
    totals.sum = totals.people.plus(totals.open)?.plus(totals.outside)?;
    Some(totals)
}

fn not_checked(
    question: &Question<'_>,
    audited: &[Audited],
    heads_left_out: u64,
) -> Vec<NotChecked> {
    let brought: Vec<CiteId> =
        audited.iter().filter_map(|bundle| bundle.sound().map(|(cite, _)| cite)).collect();
    let absent = audited.iter().flat_map(|b| &b.peers).any(|peer| !brought.contains(&peer.cite));
    let mut not_checked = vec![
        NotChecked::ServiceReality,
        NotChecked::CivilIdentity,
        NotChecked::Texts,
        NotChecked::Clocks,
        NotChecked::Named,
    ];
    if question.anchors.is_none() {
        not_checked.push(NotChecked::Witnesses);
    }
    if absent {
        not_checked.push(NotChecked::OtherLogs);
    }
    if heads_left_out > 0 {
        not_checked.push(NotChecked::Heads { left_out: heads_left_out });
    }
    not_checked
}
