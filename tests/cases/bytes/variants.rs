//! Whether the samples hold every variant of every enum that is read from bytes, and every optional
//! part both there and absent. Whoever adds a variant cannot compile this file before naming it here,
//! and cannot pass it before there is a sample.

use std::collections::{BTreeMap, BTreeSet};

use harness::{samples, variants::Seen};
use proto::{
    act::{Act, Level},
    codec::{Canonical, CodecError},
    desk::{
        Blocked, Call, CardWitness, ComplaintState, CopyState, Fact, LastMove, Name, Obstacle,
        Operator, Query, Reply, RequestState, Standing, Unavailable,
    },
    entry::{Outcome, Payload},
    evidence::Evidence,
    founding::Language,
    ids::Account,
    membership::Validity,
    order::{Rank, Statement},
    stream::Content,
    wire::{Answer, Ask, Gossip, LetterContent},
};

/// An enum whose variants are all known here.
trait Variants {
    /// Their names.
    const ALL: &'static [&'static str];

    /// Returns the name of this one.
    fn variant(&self) -> &'static str;
}

/// Lists the variants of enums in matches without a wildcard: one that is not listed does not compile.
macro_rules! variants {
    ($($enum:ident { $($variant:ident),+ $(,)? })+) => {
        $(
            impl Variants for $enum {
                const ALL: &'static [&'static str] = &[$(stringify!($variant)),+];

                fn variant(&self) -> &'static str {
                    match self { $(Self::$variant { .. } => stringify!($variant)),+ }
                }
            }
        )+

        /// Returns the enums above with their variants.
        fn known() -> BTreeMap<&'static str, &'static [&'static str]> {
            BTreeMap::from([$((stringify!($enum), <$enum as Variants>::ALL)),+])
        }
    };
}

variants! {
    Account { Member, Commons, Peer }
    Act {
        Admit, Rules, PeerOpen, Line, MirrorSet, Close, Heirs, CardIssue, Suspend, Lift, Leave
    }
    Answer { Hello, Cosigned, Holds, Declined, Entries, Cursor, Proof, Fenced, Kept, Desk, Busy }
    Ask { Hello, Extend, Range, Deliver, Opening, Sidecar, Letter, Desk, Evidence, Fence }
    Call {
        Sheet, Cites, Resolve, Challenge, Private, Submit, Apply, Letter, Operator, Complain,
        Request,
    }
    ComplaintState { Recorded, Kept, HoldsBack }
    CopyState { Kept, NoRoom, Failed, Wordless, Refills }
    CardWitness { Certified, HomeOnly }
    Content { Transfer, Return, Ack, Farewell }
    Evidence { SameSize, Inconsistent, BadEntry, TwoCosigned, AfterFence }
    Fact { Minutes, Number, Day, Member, Cite, Order }
    Gossip { Certificate, Evidence, Announce }
    Language { French, English }
    LetterContent { Request, Declined, Erase }
    Level { Member, Steward }
    Name { Number, Id }
    Validity { Good, Suspended, Left }
    Obstacle { NoPlace, Certified }
    Operator {
        Status, Peers, Connect, Clock, Stop, ClockIsRight, Scrub, RootAct, Block, Lift, Blocked,
    }
    Blocked { Node, Subnet }
    Outcome { Taken, Returned }
    Payload { Found, RootAct, Order, Export, Import, Ack, Farewell, KeyEpoch, Resume, Seal }
    Query {
        Account, History, Requests, Decline, Card, Members, Invite, Applications, Acts, Order,
        DeclineApplication, Erase, Erasure, ShortCard,
    }
    Rank { Device, Words }
    Reply {
        Sheet, Cites, Person, Challenge, Account, History, Requests, Card, Members, Invitation,
        Applications, Acts, Recorded, NotRecorded, Done, Status, Peers, Refused, Unavailable,
        Complaint, Request, Blocked, Erasure, ShortCard,
    }
    LastMove { Unknown, Never, At }
    RequestState { Open, Paid, Declined, Expired, Undelivered, UnderWay }
    Standing { Recorded, Witnessed, Committed, Arrived, Returned }
    Statement { Join, Pay, Export, Act, Approve }
    Unavailable {
        Busy, HomeUnreachable, Restored, CannotWrite, DiskFull, Malformed, NotYou, StewardsOnly,
        LocalOnly, Invitation, MailboxFull, TestOnly, NoCite, Clock, Recovering, NotAWitness,
        ComplaintsFull, Applied, Declined, Proposed, BlockedFull, Waking, NoCard,
    }
}

/// Returns what all samples are made of. Orders, entries and acts have a form of their own, which serde
/// does not see.
fn seen() -> Seen {
    let mut seen = Seen::default();
    for sample in samples::all() {
        seen.add(&sample.seen);
    }
    for order in samples::orders() {
        let statement = &order.order().statement;
        seen.note("Statement", statement.variant());
        if let Statement::Act(act) = statement {
            seen.note("Act", act.variant());
        }
        let there = order.order().body.is_some();
        seen.optional.entry("Order.body".to_owned()).or_default().insert(there);
    }
    for entry in samples::entries() {
        seen.note("Payload", entry.payload.variant());
    }
    seen
}

#[test]
fn there_is_a_sample_of_every_variant() {
    let (seen, known) = (seen(), known());
    for (name, variants) in &known {
        let found = seen.variants.get(name).cloned().unwrap_or_default();
        let all: BTreeSet<&str> = variants.iter().copied().collect();
        let missing: Vec<_> = all.difference(&found).collect();
        assert!(missing.is_empty(), "no sample of {name}: {missing:?}");
    }
    // Result is no enum of ours; what it may hold is looked at like everything else.
    let unknown: Vec<_> = seen
        .variants
        .keys()
        .filter(|name| **name != "Result" && !known.contains_key(*name))
        .collect();
    assert!(unknown.is_empty(), "enums that this file does not know: {unknown:?}");
    assert_eq!(seen.variants.get("Result").map(BTreeSet::len), Some(2), "fine, and not");
}

#[test]
fn there_is_a_sample_with_and_without_every_optional_part() {
    let seen = seen();
    let once: Vec<_> = seen.optional.iter().filter(|(_, found)| found.len() < 2).collect();
    assert!(once.is_empty(), "always or never there: {once:#?}");
    assert!(seen.optional.len() > 20, "options are not seen: {:?}", seen.optional);
}

/// Fails unless messages that begin with the number of a variant are refused with every other number.
fn no_other_number<T: Canonical + Variants>() {
    let count = u32::try_from(T::ALL.len()).expect("a handful");
    let mut found = 0;
    for sample in samples::all().iter().filter(|sample| sample.is(T::NAME)) {
        let (number, rest) = sample.bytes.split_first_chunk::<4>().expect("a number");
        assert!(u32::from_le_bytes(*number) < count, "{}", sample.name);
        let high = (count.next_power_of_two().ilog2()..32).map(|bit| 1 << bit);
        for other in (count..1_000).chain(high.filter(|high| *high >= count)).chain([u32::MAX]) {
            let bytes = [&other.to_le_bytes()[..], rest].concat();
            let refused = T::decode(&bytes).err();
            assert_eq!(refused, Some(CodecError::Malformed(T::NAME)), "{} {other}", sample.name);
        }
        found += 1;
    }
    assert!(found >= count, "{found} samples of {}", T::NAME);
}

#[test]
fn messages_of_unknown_kinds_are_refused() {
    no_other_number::<Ask>();
    no_other_number::<Answer>();
    no_other_number::<Gossip>();
    no_other_number::<Reply>();
    no_other_number::<Evidence>();
}
