//! One or more values of every type that is read from bytes, with the way to read it: what the tests of
//! strictness turn over, and what fuzzing begins with.

mod absent;
mod cards;
mod members;
mod status;

use crate::{
    people,
    people::Person,
    variants::{Seen, variants_in},
    vectors,
};
use proto::{
    act::{Admit, CardIssue, Leave, Level, Lift, Line, MirrorSet, PeerOpen, Suspend},
    body::Body,
    card::ShortCard,
    certificate::{Certificate, EntryProof, StateProof},
    checkpoint::Cosignature,
    codec::{Bytes, Canonical, CodecError},
    desk::{
        AccountSheet, Application, Call, Fact, Frame, Known, LaneSheet, Movement, Name, Obstacle,
        Operator, PeerSheet, PendingAct, Person as Who, Query, Receipt, Refused, Reply,
        RequestItem, RequestState, Sheet, SignedQuery, Standing, Unavailable,
    },
    entry::{ENTRY_MAX, Entry, Import, Payload, Seal},
    epoch::{KeyEpoch, SignedKeyEpoch},
    evidence::Evidence,
    founding::{Founding, Network, Rules, SignedFounding},
    hash::Hash,
    heirs::{Heirs, Will},
    ids::{Account, CiteId, OrderId},
    membership::Validity,
    minutes::{Balance, Minutes},
    order::{Approve, Export, Head, Join, MemberRecord, ORDER_MAX, Pay, SignedOrder, Statement},
    request::{Request, SignedRequest},
    resume::{Fence, Resume},
    stream::StreamHeader,
    time::{UnixMillis, UtcDay},
    wire::{
        Announce, Answer, Ask, Delivery, Extend, Gossip, Held, Hello, Invitation, Letter,
        LetterContent, Neighbour, Passed, Sidecar,
    },
};

/// A value's bytes with the way to read them and write them again.
pub struct Sample {
    /// Type, and which of its values.
    pub name: String,
    /// The canonical bytes.
    pub bytes: Vec<u8>,
    /// Longest bytes that are read.
    pub max: usize,
    /// Reads bytes and returns what would be written for the value read.
    pub read: fn(&[u8]) -> Result<Vec<u8>, CodecError>,
    /// What it is made of, as far as the codec writes it in one piece.
    pub seen: Seen,
}

impl Sample {
    /// Returns the name of its type.
    pub fn form(&self) -> &str {
        self.name.split(" (").next().unwrap_or_default()
    }

    /// Returns whether it is of the type with this name.
    pub fn is(&self, name: &str) -> bool {
        self.form() == name
    }
}

fn of<T: Canonical>(value: &T) -> Sample {
    Sample {
        name: T::NAME.to_owned(),
        bytes: value.encode(),
        max: T::MAX,
        read: |bytes| T::decode(bytes).map(|value| value.encode()),
        seen: variants_in(value),
    }
}

/// Returns the samples of everything.
pub fn all() -> Vec<Sample> {
    let mut samples = signed_and_hashed();
    samples.extend(calls().iter().map(of));
    samples.extend(queries().iter().map(of));
    samples.extend(replies().iter().map(of));
    samples.extend(asks().iter().map(of));
    samples.extend(answers().iter().map(of));
    samples.extend(gossip().iter().map(of));
    samples.extend(letters().iter().map(of));
    samples.extend(cards::whole().iter().map(of));
    samples.extend(absent::all());
    for (i, sample) in samples.iter_mut().enumerate() {
        sample.name = format!("{} (sample {i})", sample.name);
    }
    samples
}

/// Returns the samples of signed orders: every kind of statement.
pub fn orders() -> Vec<SignedOrder> {
    let alice = Person::new("alice", &people::tisserandes());
    let with_text = vectors::statements().into_iter().map(|(_, _, statement)| {
        let mut order = alice.order(2, OrderId::NONE, statement);
        order.body = Some(Hash(people::seed("commitment")));
        order.sign(&alice.device)
    });
    with_text.chain(absent::orders()).collect()
}

/// Returns the samples of entries: every kind.
pub fn entries() -> Vec<Entry> {
    let logs = [vectors::example_log(), vectors::neighbours_log()];
    let resume = Payload::Resume(Box::new(vectors::resume()));
    let entries = logs.into_iter().flat_map(|log| log.entries).map(|(_, entry)| entry);
    let keys = Payload::KeyEpoch(Box::new(people::mariniers().founding_at(1)));
    let farewell = Payload::Farewell(StreamHeader { peer: cite(), counter: 3, received: 2 });
    let more = [resume, keys, farewell].map(|payload| Entry { time: UnixMillis(9), payload });
    entries.chain(more).collect()
}

fn signed_and_hashed() -> Vec<Sample> {
    let (a, b) = (people::tisserandes(), people::mariniers());
    let alice = Person::new("alice", &a);
    let log = vectors::example_log();
    let mut samples: Vec<Sample> = vec![
        of::<Network>(&people::network()),
        of::<Rules>(&a.founding.founding.rules),
        of::<Founding>(&a.founding.founding),
        of::<SignedFounding>(&a.founding),
        of::<SignedFounding>(&a.founding_at(1)),
        of::<SignedKeyEpoch>(&a.epoch(1)),
        of::<SignedKeyEpoch>(&a.petition(1)),
        of::<Heirs>(&a.will().heirs),
        of::<Will>(&a.will()),
        of::<KeyEpoch>(&a.epoch(1).epoch),
        of::<Fence>(&vectors::fence().fence),
        of::<Fence>(&Fence { held: None, certified: None, ..vectors::fence().fence }),
        of::<Resume>(&vectors::resume()),
        of::<Resume>(&Resume { named: None, certificate: None, ..vectors::resume() }),
        of::<MemberRecord>(&alice.record),
        of::<Request>(vectors::request().request()),
        of::<ShortCard>(vectors::short_card().card()),
        of::<Admit>(&alice.admission(Level::Steward)),
        of::<MirrorSet>(&log.mirrors),
        of::<Line>(&Line { cite: b.id, line: Minutes(60) }),
        of::<PeerOpen>(&PeerOpen { founding: people::founding_bytes(&b), line: Minutes(60) }),
        of::<CardIssue>(&CardIssue { member: alice.id, terms: members::terms(Level::Member) }),
        of::<Suspend>(&Suspend { member: alice.id, until: None }),
        of::<Suspend>(&Suspend { member: alice.id, until: Some(UtcDay(9)) }),
        of::<Lift>(&Lift { member: alice.id }),
        of::<Leave>(&Leave { member: alice.id }),
        of::<Approve>(&Approve { act: alice.join().id() }),
        of::<StreamHeader>(&StreamHeader { peer: b.id, counter: 1, received: 0 }),
        of::<Certificate>(&log.certificate),
        of::<EntryProof>(&proof()),
        of::<Body>(&body()),
        of::<Invitation>(&invitation()),
    ];
    for order in orders() {
        match &order.order().statement {
            Statement::Join(join) => samples.push(of::<Join>(join)),
            Statement::Pay(pay) => samples.push(of::<Pay>(pay)),
            Statement::Export(export) => samples.push(of::<Export>(export)),
            Statement::Act(_) | Statement::Approve(_) => {}
        }
        samples.push(Sample {
            name: "signed order".to_owned(),
            bytes: order.bytes().to_vec(),
            max: ORDER_MAX,
            read: |bytes| {
                let order = SignedOrder::decode(bytes)?;
                let signature = bytes.len() - 64;
                let mut again = order.order().encode();
                again.extend_from_slice(&bytes[signature..]);
                Ok(again)
            },
            seen: Seen::default(),
        });
    }
    samples.push(Sample {
        name: "signed request".to_owned(),
        bytes: vectors::request().bytes().to_vec(),
        max: Request::SIGNED_MAX,
        read: |bytes| {
            let request = SignedRequest::decode(bytes)?;
            let mut again = request.request().encode();
            again.extend_from_slice(&bytes[bytes.len() - 64..]);
            Ok(again)
        },
        seen: variants_in(vectors::request().request()),
    });
    samples.push(cards::short());
    for entry in entries() {
        match &entry.payload {
            Payload::Import(import) => samples.push(of::<Import>(import)),
            Payload::Seal(seal) => samples.push(of::<Seal>(seal)),
            _ => {}
        }
        samples.push(Sample {
            name: "entry".to_owned(),
            bytes: entry.encode(),
            max: ENTRY_MAX,
            read: |bytes| Entry::decode(bytes).map(|entry| entry.encode()),
            seen: Seen::default(),
        });
    }
    samples.extend(evidence().iter().map(of::<Evidence>));
    samples
}

fn evidence() -> Vec<Evidence> {
    let mut all = vectors::example_evidence(&vectors::example_log());
    let mut bare = all[2].clone();
    if let Evidence::BadEntry { record, .. } = &mut bare {
        *record = None;
    }
    all.push(bare);
    all
}

fn body() -> Body {
    Body { salt: people::seed("body"), text: "du pain".to_owned(), category: "cuisine".to_owned() }
}

fn invitation() -> Invitation {
    let house = people::tisserandes();
    Invitation {
        network: people::network(),
        cite: house.id,
        node: house.network_key.public(),
        addresses: addresses(),
        token: Some([3; 16]),
    }
}

fn addresses() -> Vec<String> {
    vec!["a.example:1".to_owned(), "b.example:2".to_owned()]
}

/// A few bytes where messages carry a founding record: they are read by whoever uses them, later.
fn founding() -> Bytes {
    Bytes::from(vec![9; 12])
}

/// A few bytes where messages carry entries.
fn leaf() -> Bytes {
    Bytes::from(vec![6; 9])
}

fn cite() -> CiteId {
    people::mariniers().id
}

fn person() -> Person {
    Person::new("alice", &people::tisserandes())
}

fn proof() -> EntryProof {
    let log = vectors::example_log();
    EntryProof {
        founding: founding(),
        entry: leaf(),
        leaf: 3,
        path: vec![Hash([1; 32]), Hash([2; 32])],
        seal: leaf(),
        seal_path: vec![Hash([3; 32])],
        certificate: log.certificate,
        mirrors: state_proof(),
    }
}

fn state_proof() -> StateProof {
    let (leaf, path) = (Bytes::from(vec![5; 40]), vec![Hash([4; 32])]);
    StateProof { leaf, index: 2, leaves: 9, path }
}

fn letters() -> Vec<Letter> {
    let request = leaf();
    let contents = [
        LetterContent::Request { request, body: Some(body()) },
        LetterContent::Declined {
            request: vectors::request().id(),
            reason: "pas cette semaine".to_owned(),
        },
        LetterContent::Erase,
    ];
    let to = person().id;
    contents.into_iter().map(|content| Letter { home: cite(), to, content }).collect()
}

fn queries() -> Vec<Query> {
    vec![
        Query::Account,
        Query::History { from: 3 },
        Query::Requests,
        Query::Decline { request: vectors::request().id(), reason: "non".to_owned() },
        Query::Card,
        Query::Members { from: 7 },
        Query::Invite { until: UtcDay(9), uses: 2 },
        Query::Applications,
        Query::Acts,
        Query::Order(person().join().id()),
        Query::DeclineApplication { member: person().id },
        Query::Erase { member: person().id },
        Query::Erasure { member: person().id },
        Query::ShortCard,
    ]
}

fn calls() -> Vec<Frame> {
    let alice = person();
    let house = people::tisserandes();
    let join = leaf();
    let sign = |query| {
        let id = alice.id;
        SignedQuery::sign(&house.network, &house.id, id, (0, 0), [8; 32], query, &alice.device)
    };
    let mut calls = vec![
        Call::Sheet,
        Call::Cites,
        Call::Resolve(Name::Number(42)),
        Call::Resolve(Name::Id(alice.id)),
        Call::Challenge,
        Call::Submit { order: join.clone(), body: Some(body()) },
        Call::Apply { token: [4; 16], join, alias: "Alice".to_owned() },
        Call::Operator(Operator::Status),
        Call::Operator(Operator::Peers),
        Call::Operator(Operator::Connect {
            node: house.network_key.public(),
            addresses: addresses(),
        }),
        Call::Operator(Operator::Clock(UnixMillis(1))),
        Call::Operator(Operator::Stop),
        Call::Operator(Operator::ClockIsRight),
        Call::Operator(Operator::Scrub),
        Call::Operator(Operator::RootAct(leaf())),
        Call::Operator(Operator::Block(status::blocked()[0])),
        Call::Operator(Operator::Lift(status::blocked()[1])),
        Call::Operator(Operator::Blocked),
        Call::Complain(person().join().bytes().to_vec().into()),
        Call::Request(vectors::request().bytes().to_vec().into()),
    ];
    calls.extend(queries().into_iter().map(|query| Call::Private(Box::new(sign(query)))));
    calls.extend(letters().into_iter().map(Call::Letter));
    calls
        .into_iter()
        .zip([None, Some(house.id)].into_iter().cycle())
        .map(|(call, home)| Frame { home, call })
        .collect()
}

fn sheet() -> Sheet {
    let log = vectors::example_log();
    Sheet {
        founding: founding(),
        rules: Rules::default(),
        checkpoint: log.first,
        certificate: Some(log.certificate),
        committed: Head::empty(),
        members: 3,
        stewards: 1,
        peers: vec![PeerSheet {
            cite: cite(),
            slug: "mariniers".to_owned(),
            balance: Balance(-60),
            line: Minutes(600),
            renewed: UtcDay(20_000),
            sent: 1,
            received: 2,
            open: 1,
            open_minutes: 60,
            waiting_since: Some(UnixMillis(5)),
            opened_there: true,
            ended: false,
        }],
        mirrors: vec![cite()],
        root_seq: 2,
        closed: Some(8),
        will: Some(people::tisserandes().will()),
        inherited: Some(2),
        now: UnixMillis(6),
    }
}

fn replies() -> Vec<Reply> {
    let alice = person();
    let house = people::tisserandes();
    let order = alice.join().id();
    let join = leaf();
    let log = vectors::example_log();
    let cosignatures: Vec<Cosignature> = log.certificate.cosignatures.clone();
    let account = AccountSheet {
        number: 1,
        terms: members::terms(Level::Steward),
        serial: 2,
        validity: Validity::Suspended { leaf: 4, until: None },
        balance: Balance(-15),
        floor: Balance(-1_200),
        ceiling: Balance(2_400),
        abroad: 0,
        epoch: 0,
        lanes: vec![LaneSheet { lane: 0, key: alice.device.public(), seq: 1, last: order }],
        seen: Head::empty(),
        rules: Rules::default(),
        now: UnixMillis(3),
    };
    let standings = [
        Standing::Recorded,
        Standing::Witnessed { have: 1, of: 2 },
        Standing::Committed,
        Standing::Arrived,
        Standing::Returned(40),
    ];
    let movements = standings.into_iter().map(|standing| Movement {
        leaf: 3,
        time: UnixMillis(4),
        order,
        with: Account::Peer(cite()),
        with_number: None,
        abroad: Some(alice.id),
        change: Balance(-15),
        body: Some(body()),
        standing,
    });
    let facts = vec![
        Fact::Minutes(-5),
        Fact::Number(5),
        Fact::Day(UtcDay(5)),
        Fact::Member(alice.id),
        Fact::Cite(cite()),
        Fact::Order(order),
    ];
    let mut replies = vec![
        Reply::Sheet(Box::new(sheet())),
        Reply::Cites(vec![Known {
            founding: founding(),
            addresses: addresses(),
            account: true,
            connected: true,
            seen: Some(UnixMillis(1)),
            certified: Some(Head { size: 7, root: Hash([7; 32]) }),
            convicted: false,
            will: Some(people::tisserandes().will()),
        }]),
        Reply::Person(Some(Who { member: alice.id, number: 1 })),
        Reply::Challenge([8; 32]),
        Reply::Account(Box::new(account)),
        Reply::History(movements.collect()),
        Reply::Requests(vec![RequestItem {
            request: leaf(),
            body: Some(body()),
            received: true,
            payee_number: Some(2),
            state: RequestState::Declined,
            reason: "pas cette semaine".to_owned(),
        }]),
        Reply::Members(members::members().collect()),
        Reply::Invitation {
            token: [4; 16],
            addresses: addresses(),
            node: house.network_key.public(),
        },
        Reply::Applications(vec![Application {
            join: join.clone(),
            alias: "Bob".to_owned(),
            time: UnixMillis(1),
        }]),
        Reply::Acts(vec![PendingAct {
            order: join.clone(),
            approved_by: vec![alice.id],
            need: 2,
            until: UtcDay(3),
        }]),
        Reply::Recorded(Box::new(Receipt {
            entry: join,
            leaf: 1,
            path: vec![Hash([1; 32])],
            checkpoint: log.first,
            cosignatures,
            standing: Standing::Recorded,
        })),
        Reply::NotRecorded,
        Reply::Done,
        Reply::Status(Box::new(status::of(Ok(()), None))),
        Reply::Status(Box::new(status::of(Err(Unavailable::Restored), Some(Obstacle::NoPlace)))),
        Reply::Status(Box::new(status::of(
            Err(Unavailable::Restored),
            Some(Obstacle::Certified { size: 4 }),
        ))),
        Reply::Peers(vec![status::peer()]),
        Reply::Blocked(status::blocked().map(status::blocked_item).to_vec()),
        Reply::Refused(Refused { number: 12, facts }),
    ];
    replies.extend(status::standings());
    replies.extend(cards::whole().into_iter().map(|card| Reply::Card(Box::new(card))));
    replies.push(Reply::ShortCard(Bytes::from(vectors::short_card().bytes().to_vec())));
    replies
}

fn hello() -> Hello {
    Hello {
        founding: founding(),
        addresses: addresses(),
        held: vec![Held { cite: cite(), incarnation: 0, size: 7 }],
        others: vec![Neighbour { founding: founding(), addresses: addresses() }],
        now: UnixMillis(4),
    }
}

fn extend() -> Extend {
    let log = vectors::example_log();
    Extend {
        founding: founding(),
        checkpoint: log.first,
        from: 3,
        entries: vec![leaf(), leaf()],
        certificate: Some(log.certificate),
        sidecars: vec![Sidecar { leaf: 4, proof: proof() }],
    }
}

fn asks() -> Vec<Ask> {
    let mut asks = vec![
        Ask::Hello(hello()),
        Ask::Extend(Box::new(extend())),
        Ask::Range { cite: cite(), incarnation: 0, from: 5 },
        Ask::Deliver(Box::new(Delivery { proof: proof(), body: Some(body()) })),
        Ask::Opening { towards: cite() },
        Ask::Sidecar { leaf: 4 },
        Ask::Desk {
            passed: Passed { home: cite(), call: Bytes::from(vec![1; 10]) },
            hops: Ask::HOPS_MAX,
        },
    ];
    asks.push(Ask::Fence(founding()));
    asks.extend(letters().into_iter().map(Ask::Letter));
    asks.extend(evidence().into_iter().map(|evidence| Ask::Evidence(Box::new(evidence))));
    asks
}

fn answers() -> Vec<Answer> {
    let log = vectors::example_log();
    vec![
        Answer::Hello(hello()),
        Answer::Cosigned(log.certificate.cosignatures[0]),
        Answer::Holds { size: 5, head: Some(log.first), incarnation: 0 },
        Answer::Fenced {
            fence: Box::new(vectors::fence()),
            certificate: Some(log.certificate.clone()),
        },
        Answer::Declined { reason: 4, at: 3 },
        Answer::Entries(Some(Box::new(extend()))),
        Answer::Entries(None),
        Answer::Cursor { received: 1 },
        Answer::Proof(Some(Box::new(proof()))),
        Answer::Proof(None),
        Answer::Kept,
        Answer::Desk(Bytes::from(vec![7; 9])),
        Answer::Busy,
    ]
}

fn gossip() -> Vec<Gossip> {
    let house = people::tisserandes();
    let certificate = vectors::example_log().certificate;
    let mut all = vec![
        Gossip::Certificate { founding: founding(), certificate },
        Gossip::Announce(Announce {
            founding: founding(),
            addresses: addresses(),
            since_s: 5,
            signature: house.network_key.sign_raw(b"any"),
        }),
    ];
    all.extend(evidence().into_iter().map(|evidence| Gossip::Evidence(Box::new(evidence))));
    all
}
