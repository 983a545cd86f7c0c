//! What happened in a season, as the people of the cités saw it: payments, refusals, hours that waited.
//! Only counts; what the ledgers say stands beside it in the outcome.

use std::collections::BTreeMap;

/// What happened, as the people of the cités saw it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Payments recorded inside.
    pub(super) inside: u64,
    /// Payments abroad recorded.
    pub(super) abroad: u64,
    /// Those of both that answered a request.
    pub(super) requests: u64,
    /// Minutes of all of them.
    pub(super) minutes: u64,
    /// Refused, by number.
    pub(super) refused: BTreeMap<u16, u64>,
    /// What waited for the cité whose node was away.
    pub(super) waited: Waited,
}

/// Hours that waited for a node that was away.
#[derive(Clone, Debug, Default)]
pub(super) struct Waited {
    /// Days that it was away.
    pub(super) days: u64,
    /// Transfers to it that waited.
    pub(super) transfers: u64,
    /// Minutes in them.
    pub(super) minutes: u64,
}
