//! What a client (the `pirate` command of a member, a steward, whoever runs the node) says to a node.
//! Answers prove themselves where it matters: a receipt is a checkpoint and a path.

mod bounds;
mod status;

use serde::{Deserialize, Serialize};

use crate::{
    act::Level,
    body::Body,
    certificate::{Certificate, EntryProof, StateProof},
    checkpoint::{Checkpoint, Cosignature},
    codec::{Bytes, Canonical},
    founding::Rules,
    hash::Hash,
    heirs::Will,
    ids::{Account, CiteId, MemberId, NetworkId, OrderId, RequestId},
    keys::{PublicKey, Purpose, Signature, SigningKey},
    minutes::{Balance, Minutes},
    order::Head,
    time::{UnixMillis, UtcDay},
    wire::Letter,
};

pub use status::{
    ClockSheet, ComplaintSheet, ComplaintState, CopyState, MirrorItem, NodeStatus, PeerItem,
    RecoveryMirror, RecoverySheet, ScrubSheet,
};

/// Longest call in bytes: a longest order with its text.
pub const CALL_MAX: usize = 16 * 1_024;

/// Longest reply in bytes: a page of a list.
pub const REPLY_MAX: usize = 256 * 1_024;

/// Most items in one page of a list.
pub const PAGE_MAX: usize = 256;

/// Longest name that somebody gives to the stewards, in bytes: a line of a screen beside its label.
pub const ALIAS_MAX: usize = 64;

/// A frame from a client: what is asked, and of which cité's node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Frame {
    /// The home that must answer; `None`: whichever node reads this.
    pub home: Option<CiteId>,
    /// The call.
    pub call: Call,
}

/// What a client asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Call {
    /// The public sheet of the cité. Anybody.
    Sheet,
    /// The cités that the node knows. Anybody.
    Cites,
    /// The member behind a number or an id. Anybody.
    Resolve(Name),
    /// A fresh challenge to answer a private query with. Anybody.
    Challenge,
    /// A private query with its answered challenge.
    Private(Box<SignedQuery>),
    /// Enter an order. Whoever signed it.
    Submit {
        /// The signed order.
        order: Bytes,
        /// Its text.
        body: Option<Body>,
    },
    /// Ask to be admitted, with an invitation's token. Anybody who holds one.
    Apply {
        /// The token.
        token: [u8; 16],
        /// The signed Join order.
        join: Bytes,
        /// Name for the stewards' eyes, erasable; at most [`ALIAS_MAX`] bytes, plain.
        alias: String,
    },
    /// Take a letter to a member, here or elsewhere.
    Letter(Letter),
    /// Of whoever runs the node: only through the machine's own socket.
    Operator(Operator),
    /// Keep this signed order, which its home does not take, and see that it does. To a mirror of that home's log;
    /// anybody.
    Complain(Bytes),
    /// The state of this signed request, at the home of its payee: whoever holds it whole may ask, and no number or
    /// identity is enough.
    Request(Bytes),
}

/// How a person is named in commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Name {
    /// Number in the cité.
    Number(u32),
    /// Identity.
    Id(MemberId),
}

/// Calls of whoever runs the node.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Operator {
    /// State of the node.
    Status,
    /// Peers of the node.
    Peers,
    /// Learn a network's addresses and keep in touch.
    Connect {
        /// Network key of the other node.
        node: PublicKey,
        /// Its addresses.
        addresses: Vec<String>,
    },
    /// Set the clock. Test networks only.
    Clock(UnixMillis),
    /// Stop cleanly.
    Stop,
    /// The word of whoever runs the node that its clock shows the right time.
    ClockIsRight,
    /// Read all data now, and mend what is damaged.
    Scrub,
    /// Close the cité, for good, or name its heirs: an act of the root keys, as signed.
    RootAct(Bytes),
}

/// A private query, answered for the member who signed it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Query {
    /// Own account.
    Account,
    /// Movements of the own account, newest last, at most [`PAGE_MAX`]. The balances are the reader's to sum up:
    /// a home would have to read all that moved before.
    History {
        /// First leaf wanted: the one behind the last that is known.
        from: u64,
    },
    /// Requests received and sent.
    Requests,
    /// Decline a request received.
    Decline {
        /// The request.
        request: RequestId,
        /// Why, at most [`Body::TEXT_MAX`] bytes, plain.
        reason: String,
    },
    /// The own admission with its path and certificate.
    Card,
    /// Members, from number `from` on. Stewards.
    Members {
        /// First number.
        from: u32,
    },
    /// Make an invitation. Stewards.
    Invite {
        /// Last day of the invitation.
        until: UtcDay,
        /// How many persons may use it.
        uses: u16,
    },
    /// Who asked to be admitted. Stewards.
    Applications,
    /// Acts that wait for approvals. Stewards.
    Acts,
    /// What became of a submitted order.
    Order(OrderId),
    /// Remove the application of somebody who is not admitted. Stewards.
    DeclineApplication {
        /// Who applied.
        member: MemberId,
    },
}

/// A query with the answer to a challenge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedQuery {
    /// Who asks.
    pub member: MemberId,
    /// Number of the member's key set.
    pub epoch: u32,
    /// The member's device.
    pub lane: u16,
    /// The challenge, as the node gave it.
    pub challenge: [u8; 32],
    /// What is asked.
    pub query: Query,
    /// Signature over [`SignedQuery::payload`].
    pub signature: Signature,
}

impl SignedQuery {
    /// Returns what a member's device signs: home, challenge, who, and the query.
    pub fn payload(
        home: &CiteId,
        challenge: &[u8; 32],
        member: &MemberId,
        query: &Query,
    ) -> Vec<u8> {
        let mut bytes = home.as_bytes().to_vec();
        bytes.extend_from_slice(challenge);
        bytes.extend_from_slice(member.as_bytes());
        bytes.extend_from_slice(&query.encode());
        bytes
    }

    /// Signs a query.
    pub fn sign(
        network: &NetworkId,
        home: &CiteId,
        member: MemberId,
        device: (u32, u16),
        challenge: [u8; 32],
        query: Query,
        key: &SigningKey,
    ) -> Self {
        let payload = Self::payload(home, &challenge, &member, &query);
        let signature = key.sign(Purpose::Desk, network, &payload);
        let (epoch, lane) = device;
        Self { member, epoch, lane, challenge, query, signature }
    }
}

/// What a desk replies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// To [`Call::Sheet`].
    Sheet(Box<Sheet>),
    /// To [`Call::Cites`].
    Cites(Vec<Known>),
    /// To [`Call::Resolve`].
    Person(Option<Person>),
    /// To [`Call::Challenge`].
    Challenge([u8; 32]),
    /// To [`Query::Account`].
    Account(Box<AccountSheet>),
    /// To [`Query::History`].
    History(Vec<Movement>),
    /// To [`Query::Requests`].
    Requests(Vec<RequestItem>),
    /// To [`Query::Card`]: the admission, proved by the newest certificate, or by the newest
    /// checkpoint when the log has no mirrors.
    Card(Box<CardProof>),
    /// To [`Query::Members`].
    Members(Vec<MemberItem>),
    /// To [`Query::Invite`].
    Invitation {
        /// The token.
        token: [u8; 16],
        /// Addresses of the node.
        addresses: Vec<String>,
        /// Network key of the node.
        node: PublicKey,
    },
    /// To [`Query::Applications`].
    Applications(Vec<Application>),
    /// To [`Query::Acts`].
    Acts(Vec<PendingAct>),
    /// To [`Call::Submit`] and [`Query::Order`]: durable, with the proof.
    Recorded(Box<Receipt>),
    /// To [`Query::Order`]: not in the log.
    NotRecorded,
    /// To [`Call::Apply`], [`Call::Letter`], operators' calls and queries that decline: done.
    Done,
    /// To [`Operator::Status`].
    Status(Box<NodeStatus>),
    /// To [`Operator::Peers`].
    Peers(Vec<PeerItem>),
    /// A numbered no.
    Refused(Refused),
    /// The node cannot answer now.
    Unavailable(Unavailable),
    /// To [`Call::Complain`].
    Complaint(ComplaintSheet),
    /// To [`Call::Request`].
    Request(RequestState),
}

/// A numbered refusal with its values; the catalogues of each language say it in words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refused {
    /// Number of the refusal (`ledger::refusal`).
    pub number: u16,
    /// Values, in the order of the refusal's fields.
    pub facts: Vec<Fact>,
}

/// A value of a refusal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A balance, limit or shortfall.
    Minutes(i64),
    /// A count, size, number or version.
    Number(u64),
    /// A day.
    Day(UtcDay),
    /// A member.
    Member(MemberId),
    /// A cité.
    Cite(CiteId),
    /// An order.
    Order(OrderId),
}

/// Why a node cannot answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Unavailable {
    /// Too many calls at once.
    Busy,
    /// The home is not reachable from here.
    HomeUnreachable,
    /// This home signs nothing: its image was restored or copied.
    Restored,
    /// Writing failed; the node stopped saying yes.
    CannotWrite,
    /// The disk is nearly full.
    DiskFull,
    /// The call was not understood.
    Malformed,
    /// Challenge unknown or used, or the signature does not verify.
    NotYou,
    /// Only for stewards.
    StewardsOnly,
    /// Only through the machine's own socket.
    LocalOnly,
    /// The invitation is unknown, used up or out of date.
    Invitation,
    /// The mailbox is full.
    MailboxFull,
    /// Only on a test network.
    TestOnly,
    /// No cité was founded or joined here.
    NoCite,
    /// The home doubts its clock, and signs nothing.
    Clock,
    /// The home is on its way to a new incarnation, and signs nothing until it is there.
    Recovering,
    /// This node is no mirror of that log.
    NotAWitness,
    /// The member or the home has as many complaints as are kept.
    ComplaintsFull,
    /// Who asks applied to be admitted, and no steward has answered yet.
    Applied,
    /// Who asks applied to be admitted, and a steward declined it.
    Declined,
}

/// The public sheet of a cité.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sheet {
    /// Signed founding record.
    pub founding: Bytes,
    /// Rules in force.
    pub rules: Rules,
    /// Newest checkpoint.
    pub checkpoint: Checkpoint,
    /// Newest certificate, if the log has mirrors.
    pub certificate: Option<Certificate>,
    /// Head up to which the log is committed; the empty head while there is none.
    pub committed: Head,
    /// Number of members.
    pub members: u32,
    /// Number of stewards.
    pub stewards: u32,
    /// Cités with an account here.
    pub peers: Vec<PeerSheet>,
    /// Mirrors of the log, those in force and those chosen to be.
    pub mirrors: Vec<CiteId>,
    /// Number of the last act of the root keys.
    pub root_seq: u32,
    /// Leaf of the act that closed the cité, if it is closed.
    pub closed: Option<u64>,
    /// Where the root named the heirs, if it did.
    pub will: Option<Will>,
    /// Incarnation that they opened, while it is the one in force.
    pub inherited: Option<u32>,
    /// The node's clock.
    pub now: UnixMillis,
}

/// What a cité has with another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PeerSheet {
    /// The other cité.
    pub cite: CiteId,
    /// Its short name.
    pub slug: String,
    /// Balance of `peer:X`: positive, this cité owes it.
    pub balance: Balance,
    /// The most that it may owe this cité.
    pub line: Minutes,
    /// Day on which that was decided; a line that is not decided again is 0 a year later.
    pub renewed: UtcDay,
    /// Messages sent to it.
    pub sent: u64,
    /// Messages taken in from it.
    pub received: u64,
    /// Transfers to it that are neither imported nor returned, as far as is known here.
    pub open: u32,
    /// Minutes in those.
    pub open_minutes: u64,
    /// When the oldest of those was entered.
    pub waiting_since: Option<UnixMillis>,
    /// Whether it opened an account for this cité, as far as is proved here.
    pub opened_there: bool,
    /// Whether the last message between the two was said: one of them is closed.
    pub ended: bool,
}

/// A cité that the node knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Known {
    /// Signed founding record.
    pub founding: Bytes,
    /// Addresses of its node.
    pub addresses: Vec<String>,
    /// Whether it has an account in the log of the node's cité.
    pub account: bool,
    /// Whether its node is connected now.
    pub connected: bool,
    /// When something was last heard.
    pub seen: Option<UnixMillis>,
    /// Newest certified head known.
    pub certified: Option<Head>,
    /// Whether it was proved to have signed two histories.
    pub convicted: bool,
    /// Where its root named its heirs, if its log is copied here and says so.
    pub will: Option<Will>,
}

/// A member as anybody may see one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Identity.
    pub member: MemberId,
    /// Number in the cité.
    pub number: u32,
}

/// A member's own account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AccountSheet {
    /// Number in the cité.
    pub number: u32,
    /// Level.
    pub level: Level,
    /// Where it stands in what is durable.
    pub balance: Balance,
    /// Lowest balance allowed.
    pub floor: Balance,
    /// Highest balance allowed.
    pub ceiling: Balance,
    /// Minutes in transfers abroad that are still open.
    pub abroad: u64,
    /// Number of the key set.
    pub epoch: u32,
    /// Devices, with the last order of each.
    pub lanes: Vec<LaneSheet>,
    /// First day of the card.
    pub from: UtcDay,
    /// Last day of the card.
    pub until: UtcDay,
    /// What the next order should name as seen.
    pub seen: Head,
    /// The cité's rules.
    pub rules: Rules,
    /// The node's clock.
    pub now: UnixMillis,
}

/// A device of a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LaneSheet {
    /// Number of the lane.
    pub lane: u16,
    /// Its key.
    pub key: PublicKey,
    /// Its last order's number.
    pub seq: u64,
    /// Its last order.
    pub last: OrderId,
}

/// How far an entry has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Under a checkpoint of the home.
    Recorded,
    /// Some mirrors hold and checked it.
    Witnessed {
        /// How many.
        have: u8,
        /// Of how many.
        of: u8,
    },
    /// Survives any recovery.
    Committed,
    /// Taken in by the other cité.
    Arrived,
    /// Sent back by the other cité, for this reason.
    Returned(u16),
}

/// One movement of an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Movement {
    /// Leaf of the log.
    pub leaf: u64,
    /// When it was entered.
    pub time: UnixMillis,
    /// The order behind it.
    pub order: OrderId,
    /// The account on the other side.
    pub with: Account,
    /// Number of that member here, when it is one.
    pub with_number: Option<u32>,
    /// The other member, when the other side is a cité.
    pub abroad: Option<MemberId>,
    /// Minutes: positive when they came in.
    pub change: Balance,
    /// The text, unless it was erased.
    pub body: Option<Body>,
    /// How far it has come.
    pub standing: Standing,
}

/// State of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum RequestState {
    /// May be paid.
    Open,
    /// Was paid.
    Paid,
    /// Was declined.
    Declined,
    /// Its last day has passed.
    Expired,
    /// The home of whoever is asked does not take the letter. It may still be handed over otherwise.
    Undelivered,
}

/// A request in somebody's list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestItem {
    /// The signed request.
    pub request: Bytes,
    /// Its text.
    pub body: Option<Body>,
    /// Whether the reader is the one who is asked.
    pub received: bool,
    /// Number of the payee at the payee's home, if that is here.
    pub payee_number: Option<u32>,
    /// Its state, as far as is known here.
    pub state: RequestState,
    /// Why it was declined.
    pub reason: String,
}

/// A member as stewards see one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemberItem {
    /// Identity.
    pub member: MemberId,
    /// Number.
    pub number: u32,
    /// Name given on joining, unless erased.
    pub alias: String,
    /// Level.
    pub level: Level,
    /// Balance.
    pub balance: Balance,
    /// Last day of the card.
    pub until: UtcDay,
    /// When the account last moved.
    pub moved: LastMove,
}

/// When an account last moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LastMove {
    /// The node cannot look it up now.
    Unknown,
    /// It never did.
    Never,
    /// At this time.
    At(UnixMillis),
}

/// Somebody who asked to be admitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Application {
    /// The signed Join order.
    pub join: Bytes,
    /// Name given, at most [`ALIAS_MAX`] bytes, plain.
    pub alias: String,
    /// When it came.
    pub time: UnixMillis,
}

/// An act that waits for approvals.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PendingAct {
    /// The act's order.
    pub order: Bytes,
    /// Who agreed so far.
    pub approved_by: Vec<MemberId>,
    /// How many must agree.
    pub need: u8,
    /// When it lapses.
    pub until: UtcDay,
}

/// Proof that an order is in the log. Whoever has an order's bytes may send it again, and they go round: to
/// mirrors, and with the hours to the other cité. So it says nothing of the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    /// The entry's bytes.
    pub entry: Bytes,
    /// Its leaf.
    pub leaf: u64,
    /// Its path under the checkpoint.
    pub path: Vec<Hash>,
    /// A checkpoint that covers it.
    pub checkpoint: Checkpoint,
    /// Cosignatures of that checkpoint, if any came in already.
    pub cosignatures: Vec<Cosignature>,
    /// How far it has come.
    pub standing: Standing,
}

/// A carte pirate in its long form: the admission, and the member as the log's state has it under the
/// seal that ends the tree, both below one checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardProof {
    /// The steward's signed act, where the entry that is proved is the approval that completed it.
    pub act: Option<Bytes>,
    /// The proof of the entry.
    pub witness: CardWitness,
    /// The member, under the state root of that proof's seal. It tells the member's balance there.
    pub member: StateProof,
}

/// What vouches for a card.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum CardWitness {
    /// Mirrors certified it.
    Certified(Box<EntryProof>),
    /// The log has no mirrors, or they have not certified it yet: only the home's own word.
    HomeOnly {
        /// Signed founding record.
        founding: Bytes,
        /// The entry.
        entry: Bytes,
        /// Its leaf.
        leaf: u64,
        /// Its path.
        path: Vec<Hash>,
        /// Bytes of the last leaf below the checkpoint: a seal.
        seal: Bytes,
        /// Its path.
        seal_path: Vec<Hash>,
        /// The home's checkpoint.
        checkpoint: Box<Checkpoint>,
    },
}

impl CardProof {
    /// Human-readable part of the text form's first line.
    pub const HEADING: &'static str = "pirate-card/1";
}
