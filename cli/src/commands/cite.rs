//! `pirate cite …`: founding a cité, its public sheet, and the acts that its stewards decide together.

pub(super) mod approve;
pub(super) mod found;
pub(super) mod show;
