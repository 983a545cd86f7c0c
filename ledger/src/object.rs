//! Objects of the state: everything that can change a decision, each in one slot of the state tree.
//! Their bytes are hashed into every seal; nothing here decides.

use proto::{
    act::MirrorSet,
    certificate::StateProof,
    codec::{Bytes, Canonical},
    founding::{Founding, RootKeys, Rules},
    hash::Hash,
    heirs::Will,
    ids::{CiteId, MemberId, NetworkId, OrderId, RequestId},
    keys::PublicKey,
    membership::{Level, Terms, Validity},
    minutes::{Balance, Minutes},
    order::{Head, RankedKey},
    time::{UnixMillis, UtcDay},
};
use serde::{Deserialize, Serialize};

/// The cité itself: slot 0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CiteState {
    /// Identity.
    pub cite: CiteId,
    /// Network.
    pub network: NetworkId,
    /// Root keys.
    pub root: RootKeys,
    /// Number of the last act of the root; 0 before the first.
    pub root_seq: u32,
    /// Rules in force.
    pub rules: Rules,
    /// Members admitted so far; the next one gets this number plus one.
    pub members: u32,
    /// Members who may sign acts now.
    pub stewards: u32,
    /// Members who have left.
    pub left: u32,
}

/// Who signs and cosigns the log: slot 1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MirrorsState {
    /// The incarnation.
    pub incarnation: u32,
    /// Its first leaf: what lies below stays from incarnations before.
    pub base: u64,
    /// The log key in force.
    pub log_key: PublicKey,
    /// The mirrors in force.
    pub current: MirrorSet,
    /// Mirrors that will replace them, and the leaf that says so.
    pub pending: Option<(MirrorSet, u64)>,
}

impl MirrorsState {
    /// Returns the sets of which a certificate needs a quorum each: the one in force and, while there
    /// is one, the pending one.
    pub fn sets(&self) -> Vec<&MirrorSet> {
        core::iter::once(&self.current).chain(self.pending.iter().map(|(set, _)| set)).collect()
    }

    /// Returns all mirrors that may cosign, each once, in rising order.
    pub fn all(&self) -> Vec<proto::act::Mirror> {
        let mut all: Vec<_> =
            self.sets().iter().flat_map(|set| set.mirrors.iter().copied()).collect();
        all.sort_unstable();
        all.dedup_by_key(|mirror| mirror.cite);
        all
    }

    /// Returns whether a cité may cosign, in either set.
    pub fn names(&self, cite: &CiteId) -> bool {
        self.sets().iter().any(|set| set.mirrors.iter().any(|mirror| mirror.cite == *cite))
    }
}

/// Where the log stands in time: slot 2.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClockState {
    /// Time of the last entry.
    pub time: UnixMillis,
    /// Number of entries.
    pub leaves: u64,
    /// Number of the last seal; 0 before the first.
    pub seals: u64,
    /// Largest size that a seal named as certified.
    pub certified_size: u64,
    /// Largest size that a certified seal named as certified: up to here all is committed.
    pub committed_size: u64,
    /// Chain over all seal heads: BLAKE3 of the chain before and the head. Stands for the last 4,096
    /// heads that orders may name as seen, at one hash a seal instead of a path.
    pub chain: Hash,
    /// The last checkpoint.
    pub head: Head,
}

/// The cité's own account: slot 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CommonsState {
    /// Where it stands.
    pub balance: Balance,
}

/// A device of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Device {
    /// Number of its lane.
    pub lane: u16,
    /// Its key.
    pub key: PublicKey,
}

/// A member: who that is, and on what terms. What a card shows; what the account holds stands apart
/// ([`AccountState`]), so that nobody who is shown a card sees hours.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberState {
    /// Identity.
    pub id: MemberId,
    /// Number in the cité, from 1.
    pub number: u32,
    /// Terms of the card in force.
    pub terms: Terms,
    /// Number of that card: 1 for the first, one more for each that took its place.
    pub serial: u32,
    /// Leaf of the entry that issued it.
    pub issued: u64,
    /// Whether the membership holds.
    pub validity: Validity,
    /// Number of the key set.
    pub epoch: u32,
    /// Devices.
    pub devices: Vec<Device>,
    /// All keys of the key set with their ranks.
    pub keys: Vec<RankedKey>,
    /// Digest of the key that comes next.
    pub next_key: Hash,
    /// Leaf of the admission.
    pub admitted: u64,
    /// Version of the rules that the member accepted.
    pub rules: u32,
    /// Hours promised on joining.
    pub pledge: Minutes,
}

impl MemberState {
    /// Returns whether the member may sign acts: a steward who is neither suspended nor gone.
    pub fn is_steward(&self) -> bool {
        self.terms.level == Level::Steward && self.validity == Validity::Good
    }

    /// Returns the key of the device on a lane.
    pub fn key(&self, lane: u16) -> Option<PublicKey> {
        self.devices.iter().find(|device| device.lane == lane).map(|device| device.key)
    }
}

/// How far the orders of one device have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaneState {
    /// Number of the lane.
    pub lane: u16,
    /// Number of its last order.
    pub seq: u64,
    /// Its last order.
    pub last: OrderId,
}

/// A member's account: the hours, and the orders that moved them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountState {
    /// Whose it is.
    pub owner: MemberId,
    /// Where it stands.
    pub balance: Balance,
    /// The lanes of the owner's devices.
    pub lanes: Vec<LaneState>,
}

impl AccountState {
    /// Returns a lane.
    pub fn lane(&self, lane: u16) -> Option<&LaneState> {
        self.lanes.iter().find(|known| known.lane == lane)
    }
}

/// Another cité, as this log knows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerState {
    /// Identity.
    pub cite: CiteId,
    /// Short name.
    pub slug: String,
    /// Incarnation whose keys these are.
    pub epoch: u32,
    /// Key of its node on the network.
    pub network_key: PublicKey,
    /// Key with which it cosigns.
    pub mirror_key: PublicKey,
    /// `peer:X`: positive when this cité owes it.
    pub balance: Balance,
    /// The most that it may owe this cité, as last decided.
    pub line: Minutes,
    /// Day of that decision; a line is 0 a year later.
    pub renewed: UtcDay,
    /// Leaf of the entry that opened this account.
    pub opened: u64,
    /// Messages sent to it.
    pub sent: u64,
    /// Messages taken in from it.
    pub received: u64,
    /// Transfers sent that are neither known to be imported nor returned.
    pub open: u32,
    /// Minutes in those.
    pub open_minutes: Balance,
    /// Transfers credited since this cité last told the other how far it has received.
    pub unacknowledged: u32,
    /// When the first of those was credited.
    pub unacknowledged_since: UnixMillis,
}

impl PeerState {
    /// Days after which a line that was not renewed is 0.
    pub const LINE_DAYS: u64 = 365;

    /// Returns the line in force on a day.
    pub fn line_on(&self, today: UtcDay) -> Minutes {
        if today > self.renewed.plus(Self::LINE_DAYS) { Minutes(0) } else { self.line }
    }
}

/// A transfer sent that is neither known to be imported nor returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OpenTransfer {
    /// The receiving cité.
    pub peer: CiteId,
    /// Number on the stream.
    pub counter: u64,
    /// Who paid.
    pub payer: MemberId,
    /// How much.
    pub minutes: Minutes,
    /// Leaf of the export.
    pub leaf: u64,
    /// When it was entered.
    pub time: UnixMillis,
}

/// A request that was paid; remembered until it expires.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UsedRequest {
    /// The request.
    pub request: RequestId,
    /// Its last day.
    pub until: UtcDay,
}

/// An act that waits for approvals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ActState {
    /// The order that proposed it.
    pub order: OrderId,
    /// Number of the act's kind.
    pub kind: u16,
    /// Its body.
    pub body: Bytes,
    /// Stewards who agreed, the author first.
    pub approved_by: Vec<MemberId>,
    /// Last day on which it can take effect.
    pub until: UtcDay,
}

/// The cité is closed, for good.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ClosedState {
    /// Leaf of the act that closed it.
    pub leaf: u64,
}

/// The last message between this cité and another was sent or taken in: one of them is closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EndedState {
    /// The other cité.
    pub peer: CiteId,
    /// Leaf of the entry that sent or took in the message.
    pub leaf: u64,
}

/// The heirs of the cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HeirsState {
    /// The act that named them, as the root keys signed it: who has the log can show it to whoever has not.
    pub will: Will,
    /// The incarnation that they opened, while it is the one in force.
    pub inherited: Option<u32>,
}

/// What a slot of the state holds. The number of a variant is its place here, frozen with version 1.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Object {
    /// See [`CiteState`].
    Cite(CiteState),
    /// See [`MirrorsState`].
    Mirrors(MirrorsState),
    /// See [`ClockState`].
    Clock(ClockState),
    /// See [`CommonsState`].
    Commons(CommonsState),
    /// See [`MemberState`].
    Member(MemberState),
    /// See [`PeerState`].
    Peer(PeerState),
    /// See [`OpenTransfer`].
    Open(OpenTransfer),
    /// See [`UsedRequest`].
    Used(UsedRequest),
    /// See [`ActState`].
    Act(ActState),
    /// See [`ClosedState`].
    Closed(ClosedState),
    /// See [`EndedState`].
    Ended(EndedState),
    /// See [`HeirsState`].
    Heirs(HeirsState),
    /// See [`AccountState`].
    Account(AccountState),
}

impl Canonical for Object {
    const NAME: &'static str = "state object";
    const MAX: usize = StateProof::LEAF_MAX;
}

impl Object {
    /// Returns where the account stands that this object is; zero when it is none.
    pub(crate) const fn balance(&self) -> Balance {
        match self {
            Self::Commons(commons) => commons.balance,
            Self::Account(account) => account.balance,
            Self::Peer(peer) => peer.balance,
            Self::Cite(_)
            | Self::Member(_)
            | Self::Mirrors(_)
            | Self::Clock(_)
            | Self::Open(_)
            | Self::Used(_)
            | Self::Act(_)
            | Self::Closed(_)
            | Self::Ended(_)
            | Self::Heirs(_) => Balance::ZERO,
        }
    }

    /// Returns the four objects that a founding record makes, in the order of their slots.
    pub(crate) fn founded(cite: CiteId, network: NetworkId, founding: &Founding) -> [Self; 4] {
        [
            Self::Cite(CiteState {
                cite,
                network,
                root: founding.root.clone(),
                root_seq: 0,
                rules: founding.rules.clone(),
                members: 0,
                stewards: 0,
                left: 0,
            }),
            Self::Mirrors(MirrorsState {
                incarnation: 0,
                base: 0,
                log_key: founding.log_key,
                current: MirrorSet::default(),
                pending: None,
            }),
            Self::Clock(ClockState {
                time: UnixMillis(0),
                leaves: 0,
                seals: 0,
                certified_size: 0,
                committed_size: 0,
                chain: Hash::ZERO,
                head: Head::empty(),
            }),
            Self::Commons(CommonsState { balance: Balance::ZERO }),
        ]
    }
}
