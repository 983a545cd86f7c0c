//! Numbers by which a node is watched from outside. What is too much of each is for whoever reads them
//! (`docs/operations.md` has the thresholds of the command).

use serde::{Deserialize, Serialize};

use crate::{ids::CiteId, time::UnixMillis};

/// Most witnesses that are named as silent: as many as a log may have.
pub const SILENT_MAX: usize = crate::act::MirrorSet::MIRRORS_MAX;

/// How a node fares, in numbers. Counts are of the last [`super::USE_MINUTES`] minutes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WatchSheet {
    /// Bytes of memory that it holds; `None` where the system does not say.
    pub memory: Option<u64>,
    /// Its waits for the disk.
    pub syncs: Syncs,
    /// Messages of all peers.
    pub messages: u64,
    /// Those of them that were wrong.
    pub invalid: u64,
    /// Witnesses of its log that are not connected: at most [`SILENT_MAX`].
    pub silent: Vec<SilentWitness>,
    /// Since when entries wait that its witnesses have not confirmed; `None` where none wait, or there are no witnesses.
    pub unconfirmed: Option<UnixMillis>,
}

/// How often a node waited until something was durable (a sync of a file or a directory, a file put in place), and how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Syncs {
    /// How often.
    pub count: u64,
    /// How often for longer than the node finds good (`node::core::SYNC_SLOW`).
    pub slow: u64,
    /// The longest, in milliseconds.
    pub longest_ms: u64,
}

/// A witness that is not connected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SilentWitness {
    /// Its cité.
    pub cite: CiteId,
    /// Its short name; empty when it is not known.
    pub slug: String,
    /// When anything was heard of it last; when the node started, if nothing was since.
    pub since: UnixMillis,
}
