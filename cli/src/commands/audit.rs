//! `pirate audit …`: one log in one file, and what a stranger finds out from such files offline.
//! One file per command; what is checked and how is in the ledger.

pub(super) mod bundle;
mod findings;
pub(super) mod forks;
mod given;
mod parting;
pub(super) mod verify;
