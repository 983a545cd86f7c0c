//! The samples turned over: whatever may be absent is absent, whatever is a list is empty, and of each
//! small enum the variants that the other samples do not hold.

use crate::{people, people::Person, vectors};
use proto::{
    desk::{Call, Fact, Frame, Refused, Reply, RequestState, Unavailable, WatchSheet},
    entry::{Import, Outcome},
    founding::{Founding, Language, Rules},
    hash::Hash,
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Export, Pay, SignedOrder, Statement},
    request::Request,
    stream::{Content, StreamMessage, Transfer},
    wire::{Answer, Ask, Delivery, Extend, Hello, Invitation, LetterContent},
};

use super::{Sample, of};

/// Why a node cannot answer: all of them.
const UNAVAILABLE: [Unavailable; 23] = [
    Unavailable::Busy,
    Unavailable::HomeUnreachable,
    Unavailable::Restored,
    Unavailable::CannotWrite,
    Unavailable::DiskFull,
    Unavailable::Malformed,
    Unavailable::NotYou,
    Unavailable::StewardsOnly,
    Unavailable::LocalOnly,
    Unavailable::Invitation,
    Unavailable::MailboxFull,
    Unavailable::TestOnly,
    Unavailable::NoCite,
    Unavailable::Clock,
    Unavailable::Recovering,
    Unavailable::NotAWitness,
    Unavailable::ComplaintsFull,
    Unavailable::Applied,
    Unavailable::Declined,
    Unavailable::Proposed,
    Unavailable::BlockedFull,
    Unavailable::Waking,
    Unavailable::NoCard,
];

/// Returns samples of everything in its other form.
pub(super) fn all() -> Vec<Sample> {
    let mut samples: Vec<Sample> = super::replies().into_iter().map(|r| of(&reply(r))).collect();
    samples.extend(super::asks().into_iter().map(|a| of(&ask(a))));
    samples.extend(super::answers().into_iter().map(|a| of(&answer(a))));
    samples.extend(super::calls().into_iter().map(|frame| of(&call(frame))));
    samples.extend(UNAVAILABLE.map(|why| of(&Reply::Unavailable(why))));
    samples.extend(requests().iter().map(of));
    samples.extend(movements().iter().map(of));
    samples.extend(imports().iter().map(of));
    samples.push(of::<Invitation>(&Invitation { token: None, ..super::invitation() }));
    let founding = people::tisserandes().founding.founding;
    samples.push(of::<Founding>(&Founding { language: Language::English, ..founding }));
    samples.push(of::<Rules>(&limited()));
    let request = vectors::request().request().clone();
    let request = Request { payer: None, body: Some(commitment()), ..request };
    samples.push(of::<Request>(&request));
    samples
}

/// Returns orders in their other form: without a text, and answers to requests.
pub(super) fn orders() -> Vec<SignedOrder> {
    let alice = Person::new("alice", &people::tisserandes());
    let sign = |statement| alice.order(2, OrderId::NONE, statement).sign(&alice.device);
    let asked = super::Bytes::from(vectors::request().bytes().to_vec());
    let export =
        Export { to: super::cite(), payee: alice.id, minutes: Minutes(60), request: Some(asked) };
    let pay = Pay { payee: Account::Commons, minutes: Minutes(15), request: None };
    vec![sign(Statement::Export(export)), sign(Statement::Pay(pay))]
}

fn commitment() -> Hash {
    Hash(people::seed("commitment"))
}

/// Rules with a limit of their own.
fn limited() -> Rules {
    Rules { deficit_max: Some(Minutes(6_000)), ..Rules::default() }
}

/// What a stream says beside an unasked transfer without a text.
fn imports() -> Vec<Import> {
    let alice = super::person();
    let transfer = |request: Option<super::Bytes>, body| {
        let payee = Person::new("carol", &people::mariniers()).id;
        let order = alice.join().id();
        let minutes = Minutes(60);
        Content::Transfer(Transfer { order, payer: alice.id, payee, minutes, request, body })
    };
    let asked = super::Bytes::from(vectors::request().bytes().to_vec());
    let contents = [
        transfer(None, None),
        transfer(Some(asked), Some(commitment())),
        Content::Return { counter: 1, reason: 40 },
        Content::Ack,
        Content::Farewell,
    ];
    let (from, to) = (people::tisserandes().id, super::cite());
    let import = |content| {
        let message = StreamMessage { from, to, counter: 2, received: 1, content };
        Import { message, incarnation: 1, leaf: 5, outcome: Outcome::Taken }
    };
    contents.into_iter().map(import).collect()
}

/// Requests in every state, listed and told of one by one.
fn requests() -> Vec<Reply> {
    let states = [
        RequestState::Open,
        RequestState::Paid,
        RequestState::Declined,
        RequestState::Expired,
        RequestState::Undelivered,
        RequestState::UnderWay,
    ];
    let listed = super::replies().into_iter().find_map(|reply| match reply {
        Reply::Requests(mut items) => items.pop(),
        _ => None,
    });
    let item = listed.expect("a sample has one");
    let one = |state| {
        let mut item = item.clone();
        (item.state, item.body) = (state, Some(super::body()));
        Reply::Requests(vec![item])
    };
    states.into_iter().flat_map(|state| [one(state), Reply::Request(state)]).collect()
}

/// Movements with each sort of account.
fn movements() -> Vec<Reply> {
    let accounts =
        [Account::Member(super::person().id), Account::Commons, Account::Peer(super::cite())];
    let listed = super::replies().into_iter().find_map(|reply| match reply {
        Reply::History(mut movements) => movements.pop(),
        _ => None,
    });
    let movement = listed.expect("a sample has one");
    let one = |with| {
        let mut movement = movement.clone();
        (movement.with, movement.with_number) = (with, Some(3));
        Reply::History(vec![movement])
    };
    accounts.into_iter().map(one).collect()
}

fn reply(mut reply: Reply) -> Reply {
    match &mut reply {
        Reply::Sheet(sheet) => {
            (sheet.certificate, sheet.closed, sheet.rules) = (None, None, limited());
            (sheet.will, sheet.inherited) = (None, None);
            sheet.peers.iter_mut().for_each(|peer| peer.waiting_since = None);
        }
        Reply::Cites(cites) => {
            for known in cites {
                (known.seen, known.certified, known.will) = (None, None, None);
            }
        }
        Reply::Person(person) => *person = None,
        Reply::Account(account) => account.lanes.clear(),
        Reply::History(movements) => {
            movements.iter_mut().for_each(|moved| (moved.abroad, moved.body) = (None, None));
        }
        Reply::Requests(items) => {
            items.iter_mut().for_each(|item| (item.payee_number, item.body) = (None, None));
        }
        Reply::Members(members) => members.clear(),
        Reply::Invitation { addresses, .. } => addresses.clear(),
        Reply::Applications(all) => all.clear(),
        Reply::Acts(acts) => acts.iter_mut().for_each(|act| act.approved_by.clear()),
        Reply::Recorded(receipt) => {
            receipt.path.clear();
            receipt.cosignatures.clear();
        }
        Reply::Status(status) => {
            (status.sheet, status.clock.ahead_ms) = (None, None);
            status.mirrored.clear();
            status.cut_off.clear();
            status.watch = WatchSheet::default();
            (status.recovery, status.scrub.ended) = (None, None);
        }
        Reply::Peers(peers) => peers.iter_mut().for_each(|peer| {
            (peer.cite, peer.at, peer.since) = (None, None, Some(super::UnixMillis(3)));
        }),
        Reply::Blocked(items) => items.iter_mut().for_each(|item| item.cuts_off.clear()),
        Reply::Refused(Refused { facts, .. }) => *facts = vec![Fact::Number(u64::MAX)],
        Reply::Card(card) => card.act = None,
        Reply::Complaint(sheet) => sheet.since = None,
        Reply::Erasure(sheet) => {
            sheet.since = None;
            sheet.untold.clear();
        }
        Reply::ShortCard(card) => card.clear(),
        Reply::Challenge(_)
        | Reply::NotRecorded
        | Reply::Done
        | Reply::Request(_)
        | Reply::Unavailable(_) => {}
    }
    reply
}

fn hello(hello: &mut Hello) {
    hello.addresses.clear();
    hello.held.clear();
    hello.others.clear();
}

fn extend(extend: &mut Extend) {
    extend.certificate = None;
    extend.entries.clear();
    extend.sidecars.clear();
}

fn ask(mut ask: Ask) -> Ask {
    match &mut ask {
        Ask::Hello(said) => hello(said),
        Ask::Extend(pushed) => extend(pushed),
        Ask::Deliver(delivery) => {
            let Delivery { body, .. } = &mut **delivery;
            *body = None;
        }
        Ask::Letter(letter) => content(&mut letter.content),
        Ask::Desk { hops, .. } => *hops = 0,
        Ask::Range { .. }
        | Ask::Opening { .. }
        | Ask::Sidecar { .. }
        | Ask::Evidence(_)
        | Ask::Fence(_) => {}
    }
    ask
}

fn answer(mut answer: Answer) -> Answer {
    match &mut answer {
        Answer::Hello(said) => hello(said),
        Answer::Holds { head, .. } => *head = None,
        Answer::Entries(entries) => entries.iter_mut().for_each(|pushed| extend(pushed)),
        Answer::Desk(reply) => reply.clear(),
        Answer::Fenced { fence, certificate } => {
            (fence.fence.held, fence.fence.certified, *certificate) = (None, None, None);
        }
        Answer::Cosigned(_)
        | Answer::Declined { .. }
        | Answer::Cursor { .. }
        | Answer::Proof(_)
        | Answer::Kept
        | Answer::Busy => {}
    }
    answer
}

fn call(mut frame: Frame) -> Frame {
    match &mut frame.call {
        Call::Submit { body, .. } => *body = None,
        Call::Apply { alias, .. } => alias.clear(),
        Call::Letter(letter) => content(&mut letter.content),
        Call::Sheet
        | Call::Cites
        | Call::Resolve(_)
        | Call::Challenge
        | Call::Private(_)
        | Call::Complain(_)
        | Call::Request(_)
        | Call::Operator(_) => {}
    }
    frame
}

fn content(content: &mut LetterContent) {
    match content {
        LetterContent::Request { body, .. } => *body = None,
        LetterContent::Declined { reason, .. } => reason.clear(),
        LetterContent::Erase => {}
    }
}
