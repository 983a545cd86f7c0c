//! Vectors of what people sign: every kind of order, every act, and requests.

use proto::{
    act::{Act, CardIssue, Leave, Level, Lift, Line, MirrorSet, PeerOpen, Suspend},
    codec::{Bytes, Canonical as _},
    founding::Rules,
    ids::{Account, OrderId},
    keys::{Purpose, SigningKey, signed_bytes},
    membership::Terms,
    minutes::Minutes,
    order::{Approve, Export, Order, Pay, SignedOrder, Statement},
    request::{Request, SignedRequest},
};

use super::{Vector, identities::example_body};
use crate::people::{self, Person, TODAY, founding_bytes};

pub(super) fn vectors() -> Vec<Vector> {
    let a = people::tisserandes();
    let alice = Person::new("alice", &a);
    let mut vectors = vec![request_vector(&request(), &Person::new("bob", &a).device)];
    vectors.extend(acts().into_iter().map(|(name, act)| {
        Vector::new(format!("act/{name}"), "The body of an act, as orders and root acts carry it")
            .text("kind", act.number().to_string())
            .hex("body", &act.body())
    }));
    vectors.extend(statements().into_iter().map(|(name, about, statement)| {
        let mut order = alice.order(2, alice.join().id(), statement);
        if name == "join" {
            (order.seq, order.prev) = (1, OrderId::NONE);
        }
        if name == "pay" {
            order.body = Some(example_body().commitment());
        }
        order_vector(name, about, order, &alice.device)
    }));
    vectors
}

/// Returns Bob's request of one hour and a half from Alice.
pub fn request() -> SignedRequest {
    let a = people::tisserandes();
    let bob = Person::new("bob", &a);
    Request {
        version: 1,
        network: a.network,
        home: a.id,
        payee: bob.id,
        epoch: 0,
        lane: 0,
        payer: Some(Person::new("alice", &a).id),
        minutes: Minutes(90),
        serial: people::salt("request"),
        valid_until: TODAY.plus(30),
        body: None,
    }
    .sign(&bob.device)
}

/// Returns the acts of the examples, by the name of their kind.
pub(super) fn acts() -> Vec<(&'static str, Act)> {
    let (a, b, c) = (people::tisserandes(), people::mariniers(), people::ruchers());
    let mut mirrors = vec![b.as_mirror(), c.as_mirror()];
    mirrors.sort();
    let rules = Rules { version: 2, deficit_max: Some(Minutes(6_000)), ..Rules::default() };
    let line = Line { cite: b.id, line: Minutes(1_200) };
    let open = PeerOpen { founding: founding_bytes(&b), line: Minutes(600) };
    let bob = Person::new("bob", &a);
    let (admit, member) = (bob.admission(Level::Member), bob.id);
    let terms = Terms { from: TODAY.plus(300), until: TODAY.plus(665), ..admit.terms };
    vec![
        ("admit", Act::Admit(admit)),
        ("rules", Act::Rules(rules)),
        ("peer-open", Act::PeerOpen(open)),
        ("line", Act::Line(line)),
        ("mirror-set", Act::MirrorSet(MirrorSet { mirrors })),
        ("close", Act::Close),
        ("heirs", a.names_heirs(4).act),
        ("card-issue", Act::CardIssue(CardIssue { member, terms })),
        ("suspend", Act::Suspend(Suspend { member, until: Some(TODAY.plus(30)) })),
        ("lift", Act::Lift(Lift { member })),
        ("leave", Act::Leave(Leave { member })),
    ]
}

/// Returns every kind of statement: name, what it shows, statement.
pub fn statements() -> Vec<(String, String, Statement)> {
    let (a, b) = (people::tisserandes(), people::mariniers());
    let [alice, bob] = ["alice", "bob"].map(|label| Person::new(label, &a));
    let pay = |payee, request: Option<Bytes>| {
        Statement::Pay(Pay { payee, minutes: Minutes(90), request })
    };
    let export = Export {
        to: b.id,
        payee: Person::new("carol", &b).id,
        minutes: Minutes(60),
        request: None,
    };
    let Statement::Join(join) = alice.join().order().statement.clone() else {
        unreachable!("a Join order says Join")
    };
    let asked = Bytes::from(request().bytes().to_vec());
    let approve = Approve { act: OrderId(proto::hash::Hash(people::seed("some act"))) };
    let named = |name: &str, about: &str, statement| (name.to_owned(), about.to_owned(), statement);
    let mut all = vec![
        named("join", "Alice asks to join", Statement::Join(join)),
        named(
            "pay",
            "Alice pays Bob 1 h 30, with a text outside the log",
            pay(Account::Member(bob.id), None),
        ),
        named(
            "pay-request",
            "Alice pays what Bob's request asks for",
            pay(Account::Member(bob.id), Some(asked)),
        ),
        named("pay-commons", "Alice pays the commons", pay(Account::Commons, None)),
        named("export", "Alice pays Carol at the neighbours'", Statement::Export(export)),
        named("approve", "Alice agrees to an act", Statement::Approve(approve)),
    ];
    all.extend(acts().into_iter().map(|(name, act)| {
        let about = format!("Alice, a steward, signs an act: {name}");
        (format!("act-{name}"), about, Statement::Act(act))
    }));
    all
}

fn order_vector(name: String, about: String, order: Order, key: &SigningKey) -> Vector {
    let unsigned = order.encode();
    let signed: SignedOrder = order.clone().sign(key);
    let signature = key.sign(Purpose::Order, &order.network, &unsigned);
    Vector::new(format!("order/{name}"), about)
        .hex("unsigned", &unsigned)
        .hex("id", signed.id().as_bytes())
        .text("id_text", signed.id().to_string())
        .hex("message", &signed_bytes(Purpose::Order, &order.network, &unsigned))
        .hex("public", &key.public().0)
        .hex("signature", &signature.to_bytes())
        .hex("bytes", signed.bytes())
}

fn request_vector(signed: &SignedRequest, key: &SigningKey) -> Vector {
    let unsigned = signed.request().encode();
    let network = signed.request().network;
    let signature = key.sign(Purpose::Request, &network, &unsigned);
    Vector::new("request", "Bob asks Alice for 1 h 30")
        .hex("unsigned", &unsigned)
        .hex("id", signed.id().as_bytes())
        .text("id_text", signed.id().to_string())
        .hex("message", &signed_bytes(Purpose::Request, &network, &unsigned))
        .hex("public", &key.public().0)
        .hex("signature", &signature.to_bytes())
        .hex("bytes", signed.bytes())
}
