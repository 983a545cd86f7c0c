//! `pirate federation …`: the other cités of the network: learning them, allying with them.

pub(super) mod ally;
pub(super) mod join;
pub(super) mod list;
