//! Snapshots: the state at a seal, so that a start need not fold the log from its first entry.
//! A cache beside the index: checked against the log's own tree, thrown away when in doubt.

use std::collections::VecDeque;

use proto::{
    certificate::StateProof,
    codec::Canonical,
    hash::{Use, digest},
    order::Head,
};
use serde::{Deserialize, Serialize};

use crate::{
    disk::{Disk, DiskError},
    notes::read_file,
    object::{MirrorsState, Object},
    state::{Recent, State},
};

/// Entries after which a new snapshot is due: folding as many again takes well under a second.
pub const SNAPSHOT_EVERY: u64 = 10_000;

/// What a snapshot holds besides the state.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Beside {
    /// Keys and mirrors in force under the last seal's state root.
    pub mirrors: Option<StateProof>,
    /// Slots that the last seal changed, as they were under its state root; a home's log only.
    pub before: Vec<(u64, Option<Object>)>,
    /// Keys and mirrors under earlier seals ([`crate::fold::Fold::mirrors_noted`]).
    pub earlier: Vec<(u64, MirrorsState)>,
}

#[derive(Serialize, Deserialize)]
struct Raw {
    slots: Vec<Option<Object>>,
    recent: Vec<(Head, u64)>,
    beside: Beside,
}

impl Canonical for Raw {
    const NAME: &'static str = "snapshot";
    // A hundred thousand members at about 600 bytes, with room to spare.
    const MAX: usize = 256 * 1_024 * 1_024;
}

/// Writes a snapshot.
///
/// # Errors
/// [`DiskError`].
pub fn write(disk: &dyn Disk, name: &str, state: &State, beside: Beside) -> Result<(), DiskError> {
    let (slots, recent) = state.parts();
    let raw = Raw {
        slots,
        recent: recent.iter().map(|recent| (recent.head, recent.certified_size)).collect(),
        beside,
    };
    let bytes = raw.encode();
    let mut file = digest(Use::Disk, &[&bytes]).as_bytes().to_vec();
    file.extend_from_slice(&bytes);
    disk.replace(name, &file)
}

/// Returns the snapshot, or `None` where there is none or it is damaged. The caller compares the
/// state's head with the log's tree.
///
/// # Errors
/// [`DiskError`].
pub fn read(disk: &dyn Disk, name: &str) -> Result<Option<(State, Beside)>, DiskError> {
    let Some(file) = read_file(disk, name)? else { return Ok(None) };
    let Some((check, bytes)) = file.split_at_checked(32) else { return Ok(None) };
    if check != digest(Use::Disk, &[bytes]).as_bytes() {
        return Ok(None);
    }
    let Ok(raw) = Raw::decode(bytes) else { return Ok(None) };
    let recent: VecDeque<Recent> = raw
        .recent
        .into_iter()
        .map(|(head, certified_size)| Recent { head, certified_size })
        .collect();
    Ok(State::from_parts(raw.slots, recent).map(|state| (state, raw.beside)))
}
