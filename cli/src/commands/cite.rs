//! `pirate cite …`: founding a cité, its public sheet, the acts that its stewards decide together, its heirs and its end.

pub(super) mod approve;
pub(super) mod close;
pub(super) mod found;
pub(super) mod heirs;
pub(super) mod petition;
mod root;
pub(super) mod show;
