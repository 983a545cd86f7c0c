//! The audit: what a stranger finds out from bundles alone, offline. Every entry is verified and executed
//! again, the logs are compared with each other, and what was not looked at is said as plainly as what was.
//! No network, no clock, no disk; memory grows with the accounts, not with the log.

mod anchors;
mod forks;
mod log;
mod pairs;
mod parting;
mod reading;
mod report;
mod verdict;

use std::{
    collections::BTreeMap,
    io::{self, Read},
};

pub use anchors::{ANCHORS_BYTES_MAX, Anchor, AnchorError, Anchors};
pub use log::AuditFault;
pub use parting::{Parting, parting};
pub use report::{
    BundleReport, Check, CheckKind, CheckState, LogFacts, NetworkTotals, NotChecked, PairFault,
    PairReport, PairState, Report, Reserve, Verdict, Witnesses,
};

use proto::codec::Canonical as _;

use crate::evidence::Conviction;

/// Opens a bundle anew from its first byte: an audit reads it two or three times.
pub type Open<'a> = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Sync + 'a;

/// What an audit is told while it runs: entries done and entries altogether of one bundle.
pub type Progress<'a> = dyn Fn(u64, u64) + Sync + 'a;

/// What an audit starts from.
pub struct Question<'a> {
    /// The bundles.
    pub bundles: &'a [&'a Open<'a>],
    /// Evidence that was brought beside them.
    pub proofs: &'a [Conviction],
    /// Whom the auditor trusts; `None` when nothing was brought to anchor the bundles.
    pub anchors: Option<&'a Anchors>,
    /// Whether a reservation is as bad as too few witnesses.
    pub strict: bool,
}

/// Audits bundles, each by itself and then against each other.
pub fn verify(question: &Question<'_>, progress: &Progress<'_>) -> Report {
    let mut heads = forks::Heads::default();
    let audited: Vec<log::Audited> =
        question.bundles.iter().map(|open| log::audit(*open, &mut heads, progress)).collect();
    let compared = pairs::compare(question.bundles, &audited, &heads);
    let left_out = heads.left_out();
    // One convicts a key: what the bundles themselves show comes before what was brought.
    let known = audited.iter().flat_map(|audited| audited.known_evidence());
    let brought = question.proofs.iter().chain(known).cloned();
    let mut by_party = BTreeMap::new();
    for conviction in
        compared.convictions.into_iter().chain(heads.into_convictions()).chain(brought)
    {
        by_party.entry(conviction.party()).or_insert(conviction);
    }
    let mut convictions: Vec<Conviction> = by_party.into_values().collect();
    convictions.sort_by_cached_key(|known| (known.party().cite(), known.evidence().encode()));
    verdict::judge(question, audited, compared.pairs, convictions, left_out)
}
