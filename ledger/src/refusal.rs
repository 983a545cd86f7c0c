//! Refusals: every numbered no of the rules, with the values that make it understandable.
//! A number is never reused; within the rules the order of the checks is the order of precedence.

use proto::{
    desk::{Fact, Refused},
    ids::{CiteId, MemberId, OrderId},
    minutes::{Balance, Minutes},
    time::UtcDay,
};

macro_rules! refusals {
    ($( $(#[$doc:meta])* $number:literal $name:ident $({ $( $field:ident : $type:ty ),* })? )*) => {
        /// Why the rules say no. Numbers 1–19 are about the order itself, 20–29 about amounts, 30–39
        /// about requests, 40–49 about borders, 50–79 about acts and about closing a cité, 80–89 about going on
        /// in a new incarnation, 90–95 about memberships, 100–104 about heirs.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
        #[error("refused: {self:?}")]
        #[expect(missing_docs, reason = "fields are named by the sentence of their variant")]
        pub enum Refusal {
            $( $(#[$doc])* $name $({ $( $field: $type ),* })?, )*
        }

        impl Refusal {
            /// All numbers, in order, for the tables of documents and catalogues.
            pub const NUMBERS: &'static [(u16, &'static str)] = &[$( ($number, stringify!($name)) ),*];

            /// Returns the number of the refusal.
            pub const fn number(&self) -> u16 {
                match self { $( Self::$name { .. } => $number, )* }
            }

            /// Returns the values, in the order of the fields.
            pub fn facts(&self) -> Vec<Fact> {
                match *self {
                    $( Self::$name $({ $( $field ),* })? => vec![$($( $field.into_fact() ),*)?], )*
                }
            }
        }
    };
}

refusals! {
    /// The order is for another network.
    1 WrongNetwork
    /// The order is for another cité.
    2 WrongHome { home: CiteId }
    /// No member of this cité has this identity.
    3 UnknownAuthor { author: MemberId }
    /// The member's keys were replaced; this key set is out of date.
    4 WrongEpoch { current: u32 }
    /// The member has no such device.
    5 UnknownLane { lane: u16 }
    /// The device's key did not sign this.
    6 BadSignature
    /// The device already gave another order with this number.
    7 SeqTaken { seq: u64, last: OrderId }
    /// An order of this device is missing in between.
    8 SeqGap { next: u64 }
    /// The order follows another one than the device's last.
    9 WrongPrev { last: OrderId }
    /// The order's last day has passed.
    10 OutOfDate { until: UtcDay, today: UtcDay }
    /// The order's last day is too far away.
    11 TooLongValid { until: UtcDay, latest: UtcDay }
    /// The order was signed on another history of this log, or one too old to tell.
    12 UnknownHead { size: u64 }
    /// An order to join is only good inside an admission.
    13 JoinAlone
    /// Not well-formed, or of a kind that this program does not know.
    14 Malformed
    /// The cité is not founded yet, or the founding record stands elsewhere than at the beginning.
    15 Founding
    /// The order is already in the log, at this leaf.
    16 AlreadyRecorded { leaf: u64 }
    /// The cité is closed.
    17 CiteClosed
    /// The member is suspended.
    18 Suspended
    /// The member has left the cité.
    19 HasLeft

    /// Nothing would be paid.
    20 ZeroAmount
    /// Not a multiple of the smallest duration that the cité counts.
    21 NotAStep { step: Minutes }
    /// More than one payment may carry.
    22 TooMuch { max: Minutes }
    /// Payer and payee are the same.
    23 ToOneself
    /// No such payee in this cité.
    24 UnknownPayee
    /// The payer would stand below the floor.
    25 BelowFloor { missing: Minutes, after: Balance, floor: Balance }
    /// The payee would stand above the ceiling.
    26 AboveCeiling { excess: Minutes, after: Balance, ceiling: Balance }
    /// A sum that no account can hold.
    27 Overflow
    /// The payee has left the cité.
    28 PayeeLeft

    /// Not a well-formed request.
    30 RequestMalformed
    /// The payee's device did not sign the request.
    31 RequestSignature
    /// The request asks somebody else, or for something else.
    32 RequestMismatch
    /// The request's last day has passed.
    33 RequestExpired { until: UtcDay, today: UtcDay }
    /// The request was already paid.
    34 RequestUsed
    /// The request lives longer than the cité allows.
    35 RequestTooLong { latest: UtcDay }

    /// No account was opened for that cité.
    40 UnknownPeer { cite: CiteId }
    /// Too many transfers to that cité are still open.
    41 TooManyOpen { open: u32 }
    /// The cité would owe others more than it allows itself.
    42 DeficitExceeded { after: Balance, max: Minutes }
    /// The other cité would owe this one more than its line.
    43 LineExceeded { after: Balance, line: Minutes }
    /// The other cité has not opened an account for this one, as far as is proved.
    44 NotOpenedThere { cite: CiteId }
    /// A stream message out of turn.
    45 OutOfTurn { expected: u64 }
    /// A stream message for another cité.
    46 WrongDestination
    /// A return of a transfer that is not open.
    47 UnknownTransfer { counter: u64 }
    /// Nothing to acknowledge.
    48 NothingToAcknowledge
    /// The other side says that it received more than was sent.
    49 ReceivedTooMuch { sent: u64 }

    /// Only stewards sign acts.
    50 NotASteward
    /// No such act is pending.
    51 UnknownAct
    /// This steward agreed already.
    52 AlreadyApproved
    /// Too many acts are pending.
    53 TooManyPending { pending: u32 }
    /// Rules must carry the next version number.
    54 RulesVersion { next: u32 }
    /// This person is a member already.
    55 AlreadyMember { number: u32 }
    /// The order to join inside is not one, or not for this cité.
    56 NotAJoin
    /// The order to join was not signed by the person's device.
    57 JoinSignature
    /// The order to join is out of date.
    58 JoinOutOfDate { until: UtcDay, today: UtcDay }
    /// The card's term is empty or longer than the rules allow.
    59 CardTerm { days_max: u16 }
    /// An account for that cité exists already.
    60 PeerExists { cite: CiteId }
    /// A cité cannot be its own neighbour or mirror.
    61 Oneself
    /// That cité is of another network.
    62 PeerNetwork
    /// That cité's founding record is not well-formed or not signed by its root keys.
    63 PeerFounding
    /// Too many cités have an account here.
    64 TooManyPeers { max: u32 }
    /// A mirror's key is not acceptable.
    65 MirrorKey { cite: CiteId }
    /// A line higher than any may be.
    66 LineTooHigh { max: Minutes }
    /// This very change of mirrors is under way, or one that is certified already.
    67 MirrorsPending
    /// The root's acts carry rising numbers.
    68 RootSeq { next: u32 }
    /// The root acts this way only at founding.
    69 RootTooLate
    /// Too few root keys signed, or one did wrongly.
    70 RootSignature
    /// The rules are the ones in force already.
    71 RulesUnchanged
    /// The person accepts rules that were never in force.
    72 JoinRules { current: u32 }
    /// Too many members for one log.
    73 TooManyMembers { max: u32 }
    /// Only the root keys do this.
    74 RootOnly
    /// One of the two cités is closed, and the last message between them was said.
    75 StreamEnded { cite: CiteId }
    /// Only a cité that is closed says its last message.
    76 CiteOpen
    /// The other cité has not said yet what became of transfers to it.
    77 TransfersOpen { open: u32 }

    /// The root keys did not name the keys of this incarnation.
    80 ResumeKeys
    /// A log goes on in a later incarnation only.
    81 ResumeIncarnation { current: u32 }
    /// A log goes on right behind its last seal only.
    82 ResumeBase { size: u64 }
    /// Too few mirrors promised to leave the incarnation before alone.
    83 FencesMissing { have: u32, need: u32 }
    /// A promise by a cité that is no mirror of this log, or about something else.
    84 FenceStranger { cite: CiteId }
    /// A promise that its mirror did not sign, or about a head that the log key did not sign.
    85 FenceSignature { cite: CiteId }
    /// A mirror that promised holds more, or another history.
    86 FenceAhead { cite: CiteId, size: u64 }
    /// The newest certificate that the mirrors know is not shown, or not of this branch.
    87 ResumeCertificate
    /// The keys of this or a later incarnation of that cité are known already.
    88 KeysKnown { current: u32 }
    /// The certificate that the seal under the base names, of this size, is not shown, or not of this branch.
    89 ResumeNamed { size: u64 }

    /// No member of this cité is meant.
    90 UnknownMember { member: MemberId }
    /// The last day of the suspension has passed.
    91 SuspensionPast { until: UtcDay, today: UtcDay }
    /// The member is not suspended.
    92 NotSuspended
    /// The member has left already.
    93 LeftAlready
    /// Nobody would be left who may sign acts.
    94 LastSteward
    /// More than any card may allow.
    95 AllowanceTooHigh { max: Minutes }

    /// These are the heirs already.
    100 HeirsKnown
    /// The key of an heir, by its place from 1, is not acceptable.
    101 HeirKey { place: u32 }
    /// An heir, by its place from 1, is the cité itself: its root key is lost with it.
    102 HeirOneself { place: u32 }
    /// The keys of this incarnation were named by heirs that the root did not name, or replaced since.
    103 NotTheHeirs
    /// Heirs go on only with a log that has mirrors: nobody else sees that a cité is silent.
    104 HeirsUnwatched
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { number: refusal.number(), facts: refusal.facts() }
    }
}

/// A value that a refusal can carry.
trait IntoFact {
    fn into_fact(self) -> Fact;
}

macro_rules! facts {
    ($( $type:ty => |$value:ident| $fact:expr; )*) => {$(
        impl IntoFact for $type {
            fn into_fact(self) -> Fact {
                let $value = self;
                $fact
            }
        }
    )*};
}

facts! {
    CiteId => |id| Fact::Cite(id);
    MemberId => |id| Fact::Member(id);
    OrderId => |id| Fact::Order(id);
    UtcDay => |day| Fact::Day(day);
    Balance => |balance| Fact::Minutes(balance.0);
    Minutes => |minutes| Fact::Minutes(i64::from(minutes.0));
    u64 => |number| Fact::Number(number);
    u32 => |number| Fact::Number(u64::from(number));
    u16 => |number| Fact::Number(u64::from(number));
}
