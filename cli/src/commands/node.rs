//! `pirate node …`: the node of this machine, for whoever runs it.

pub(super) mod block;
pub(super) mod clock;
pub(super) mod inherit;
pub(super) mod migrate;
pub(super) mod peers;
pub(super) mod rebuild;
pub(super) mod recover;
pub(super) mod run;
pub(super) mod scrub;
pub(super) mod status;
