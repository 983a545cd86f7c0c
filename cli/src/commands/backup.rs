//! `pirate backup …`: the log of this machine's cité in one file, and back again. A backup can sign nothing: the
//! keys of the node and its guard are not in it, and a restored log goes on only in a new incarnation.

pub(super) mod auto;
pub(super) mod check;
pub(super) mod create;
mod file;
pub(super) mod restore;
