//! `pirate key …`: the identities held on this machine.
//! One file per command; what is kept and how is in `keyring`.

pub(super) mod new;
pub(super) mod show;
