//! A cité, and the only witness of its log, let somebody else's order stand in that log as their own member's, to have
//! its text erased where it belongs.

use harness::{
    cluster::{Cluster, recorded},
    logs::Log,
    people::{House, founding_bytes},
};
use ledger::rules::{self, Draft};
use proto::{
    act::{Act, PeerOpen},
    codec::Bytes,
    desk::{Call, Reply},
    entry::Payload,
    keys::PublicKey,
    minutes::Minutes,
    order::{Export, Order, SignedOrder, Statement},
    wire::{Answer, Ask, Delivery, Hello, Letter, LetterContent, decline},
};

use super::{STEWARD, ZOE, body, keeps, member};

/// The home of the text.
const HERE: usize = 1;

/// Lets Zoé pay somebody abroad with a text.
fn pays_abroad(cluster: &mut Cluster) -> SignedOrder {
    let (to, payee) = member(cluster, (0, ZOE));
    let statement = Statement::Export(Export { to, payee, minutes: Minutes(60), request: None });
    let order = cluster.order(HERE, ZOE, statement).order().clone();
    let text = body("garde d’enfants");
    let order = Order { body: Some(text.commitment()), ..order };
    let signed = order.sign(&cluster.sites[HERE].people[ZOE].device);
    let order = Bytes::from(signed.bytes().to_vec());
    let reply = cluster.call(HERE, Call::Submit { order, body: Some(text) });
    assert!(recorded(&reply).is_some(), "{reply:?}");
    cluster.run(15);
    signed
}

/// Returns the log of a cité whose every entry is witnessed by `witness`, and where its first hours to Zoé's cité stand:
/// in an order of its own member, or in hers.
fn log(cluster: &Cluster, house: &House, hers: Option<&SignedOrder>) -> (Log, u64) {
    let [witness, here] = [0, HERE].map(|place| &cluster.sites[place].house);
    let mut log = Log::found(house.clone(), 1);
    log.wait(cluster.now.since(log.now()));
    log.mirror_by(&[witness]);
    log.open(here, 100 * 60);
    log.commit(&[witness]);
    let (to, payee) = member(cluster, (HERE, ZOE));
    let export = Export { to, payee, minutes: Minutes(60), request: None };
    let own = log.order(STEWARD, Statement::Export(export));
    let verified = own.verify(&log.people[STEWARD].device.verifying()).expect("it is signed");
    let answered = log.book.answered_by(&verified.order().statement);
    let draft = Draft::Order(verified, answered);
    let mut decision = rules::decide(log.fold.state(), log.now(), draft).expect("it may pay");
    if let (Payload::Export { order, .. }, Some(hers)) = (&mut decision.payload, hers) {
        *order = hers.clone();
    }
    let entered = log.fold.enter(log.now(), decision);
    log.entries.push(entered.bytes);
    log.commit(&[witness]);
    (log, entered.leaf)
}

/// Invariant S6.
#[test]
fn a_text_is_not_erased_by_an_order_that_another_log_took_in() {
    for smuggles in [false, true] {
        let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
        let pirates = House::new("corsaires", "corsaires", "Brest", 1, 1);
        let founding = founding_bytes(&pirates);
        let open = Act::PeerOpen(PeerOpen { founding: founding.clone(), line: Minutes(6_000) });
        let opened = cluster.submit(HERE, STEWARD, Statement::Act(open));
        assert!(matches!(opened, Reply::Recorded(_)), "{opened:?}");
        let hers = pays_abroad(&mut cluster);
        assert!(keeps(&cluster, HERE, &hers.id()));
        let (log, leaf) = log(&cluster, &pirates, smuggles.then_some(&hers));
        let peer: PublicKey = pirates.network_key.public();
        cluster.connect_as(peer, HERE);
        let now = cluster.now;
        let hello = Hello { founding, addresses: vec![], held: vec![], others: vec![], now };
        cluster.ask_as(peer, HERE, &Ask::Hello(hello));
        // It says that Zoé is its member, which nobody can deny, and that she is erased.
        let (home, to) = member(&cluster, (HERE, ZOE));
        let letter = Letter { home, to, content: LetterContent::Erase };
        assert_eq!(cluster.ask_as(peer, HERE, &Ask::Letter(letter)), Answer::Kept);
        let delivery = Delivery { proof: log.prove(leaf), body: None };
        let answer = cluster.ask_as(peer, HERE, &Ask::Deliver(Box::new(delivery)));
        let refused = Answer::Declined { reason: decline::NOT_COMMITTED, at: 0 };
        assert_eq!(answer == refused, smuggles, "{answer:?}");
        for restart in [false, true] {
            if restart {
                cluster.stop(HERE, false);
                cluster.start(HERE);
            }
            cluster.run(70);
            assert!(keeps(&cluster, HERE, &hers.id()), "somebody else's text is erased");
        }
    }
}
