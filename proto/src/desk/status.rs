//! What a node says of itself to whoever runs it, and of a complaint to whoever made it.

use serde::{Deserialize, Serialize};

use super::{CutOff, Ip, Sheet, Unavailable, Use, WatchSheet};
use crate::{ids::CiteId, keys::PublicKey, time::UnixMillis};

/// State of a node, for whoever runs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NodeStatus {
    /// The public sheet, if a cité lives here.
    pub sheet: Option<Sheet>,
    /// Network key of the node.
    pub node: PublicKey,
    /// Addresses at which it listens.
    pub listening: Vec<String>,
    /// Connected peers.
    pub peers: u32,
    /// Logs of other cités held here.
    pub mirrored: Vec<MirrorItem>,
    /// Mirrors of this log that cosigned the newest certificate.
    pub witnesses: u8,
    /// Whether it signs, and why not.
    pub signing: Result<(), Unavailable>,
    /// Bytes free on the disk.
    pub disk_free: u64,
    /// When it started.
    pub started: UnixMillis,
    /// Version of the program.
    pub version: String,
    /// The node's clock.
    pub clock: ClockSheet,
    /// How far recovering is, while it is under way.
    pub recovery: Option<RecoverySheet>,
    /// What recoveries gave up of this cité's own log, of which copies lie here still; at most 16.
    pub given_up: Vec<OwnBranch>,
    /// What the last reading of all data found.
    pub scrub: ScrubSheet,
    /// Entries of the list of those with whom it has nothing to do.
    pub blocked: u32,
    /// Allies that they cut off, as far as it knows, at most 64.
    pub cut_off: Vec<CutOff>,
    /// How it fares, in numbers.
    pub watch: WatchSheet,
}

/// What a node found when it read all data that it keeps of logs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct ScrubSheet {
    /// Whether it reads or mends now, or is about to.
    pub running: bool,
    /// When it ended last; `None` while it did not since the node started.
    pub ended: Option<UnixMillis>,
    /// Good records that were read.
    pub records: u64,
    /// Bytes that were read.
    pub bytes: u64,
    /// What is damaged.
    pub flaws: u32,
    /// Files that were damaged and were written anew, the last time that all was read.
    pub mended: u32,
    /// Whether no hours are taken in from abroad, for damaged proofs of earlier ones find no room to be set aside.
    pub imports_wait: bool,
}

/// How far a node is on its way to a new incarnation of its log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecoverySheet {
    /// The incarnation.
    pub incarnation: u32,
    /// Entries that are here.
    pub entries: u64,
    /// How many of them the log may go on with: those that were here before, and those that its log key signed and
    /// mirrors answer for.
    pub signed: u64,
    /// The most that anybody who is connected or promised holds.
    pub held: u64,
    /// Promises that count towards `needed`: those of the set of mirrors that lacks most.
    pub promised: u8,
    /// How many of that set it takes; 0 while the mirrors are not known, and where there are none.
    pub needed: u8,
    /// The mirrors, as far as the entries here name them.
    pub mirrors: Vec<RecoveryMirror>,
    /// What it does not get over by itself.
    pub obstacle: Option<Obstacle>,
}

/// What keeps a log that is recovered from giving way to another history that its mirrors hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Obstacle {
    /// It would be set aside, and all places for that are taken. It goes on when there is room.
    NoPlace,
    /// It is certified, and nothing that is gives way.
    Certified {
        /// Entries that are.
        size: u64,
    },
}

/// A branch of a home's own log that gave way to what its mirrors hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OwnBranch {
    /// Entries of it that are in the log.
    pub kept: u64,
    /// Entries that it had.
    pub of: u64,
    /// Under which number the log as it was is set aside.
    pub number: u8,
}

/// A mirror of a log that is recovered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecoveryMirror {
    /// Its cité.
    pub cite: CiteId,
    /// Its short name; empty when it is not known.
    pub slug: String,
    /// Whether its node is connected.
    pub connected: bool,
    /// Whether it promised.
    pub promised: bool,
    /// Number of its reason and what that is about, if it said no (`wire::decline`).
    pub declined: Option<(u16, u64)>,
}

/// A node's clock, beside those of its log and its allies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClockSheet {
    /// What it shows.
    pub now: UnixMillis,
    /// Up to when it was trusted; the last entry's time where that is later.
    pub trusted: UnixMillis,
    /// Time of the log's last entry.
    pub last_entry: UnixMillis,
    /// Allies with whose clocks it was compared.
    pub allies: u32,
    /// Milliseconds that it is ahead of the middle one of theirs, negative when it is behind; `None`
    /// when nobody was there to compare with.
    pub ahead_ms: Option<i64>,
}

/// A log held for another cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MirrorItem {
    /// The cité.
    pub cite: CiteId,
    /// Its short name; empty for a closed copy of a cité that nothing else here names.
    pub slug: String,
    /// Leaves held; 0 while the copy is closed, and those that are here while it is fetched anew.
    pub size: u64,
    /// Whether it was proved to have signed two histories.
    pub convicted: bool,
    /// Whether it vouches for anything.
    pub copy: CopyState,
}

/// Whether the copy of an ally's log vouches for anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CopyState {
    /// It does.
    Kept,
    /// There was no room to write: not until there is.
    NoRoom,
    /// It cannot be read or written: not until a restart.
    Failed,
    /// What was cosigned is not known any more: never again.
    Wordless,
    /// It was damaged and is fetched anew: not until it holds what was cosigned.
    Refills {
        /// Leaves that were cosigned.
        of: u64,
    },
}

/// A peer of a node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerItem {
    /// Its network key.
    pub node: PublicKey,
    /// Its cité, if it said so and proved it.
    pub cite: Option<CiteId>,
    /// Its short name.
    pub slug: String,
    /// Its addresses.
    pub addresses: Vec<String>,
    /// Since when it is connected; `None` for one that was, in the last minutes.
    pub since: Option<UnixMillis>,
    /// Where its last connection comes from, or leads to; `None` when that was a name.
    pub at: Option<Ip>,
    /// How much it uses.
    pub used: Use,
}

/// How a complaint about a home stands at one of its mirrors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComplaintSheet {
    /// What the mirror does.
    pub state: ComplaintState,
    /// When the order was handed over there, if it is kept.
    pub since: Option<UnixMillis>,
    /// How often the home was offered it since, at most once an hour.
    pub offers: u32,
    /// How many mirrors the log has.
    pub witnesses: u8,
}

/// What a mirror does about a complaint.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ComplaintState {
    /// Nothing more: the order is in the log.
    Recorded,
    /// It offers the order to the home.
    Kept,
    /// It offers the order, and cosigns nothing more without it.
    HoldsBack,
}
