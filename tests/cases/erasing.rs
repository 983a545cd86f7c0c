//! Erasing somebody: what a member wrote is destroyed at home and where it travelled, nobody but the home decides that,
//! and no crash and no late message brings it back. The log is the same to the byte.

mod crashes;
mod smuggled;

use harness::cluster::{Cluster, recorded};
use node::core::Input;
use proto::{
    body::Body,
    codec::{Bytes, Canonical as _},
    desk::{Call, ErasureSheet, Query, Reply, RequestState, Unavailable},
    hash::Hash,
    ids::{Account, CiteId, MemberId, OrderId},
    minutes::Minutes,
    order::{Export, Order, Pay, Statement},
    request::{Request, SignedRequest},
    wire::{Answer, Ask, Letter, LetterContent, decline},
};

/// Members of each cité of a cluster.
const STEWARD: usize = 0;
const ZOE: usize = 1;
const MARCEL: usize = 2;

/// The file of the log.
const LOG: &str = "log/00000000.seg";

fn body(text: &str) -> Body {
    Body { salt: [5; 32], text: text.into(), category: String::new() }
}

/// A member by the place of the cité and in it.
type Who = (usize, usize);

fn member(cluster: &Cluster, (place, who): Who) -> (CiteId, MemberId) {
    let site = &cluster.sites[place];
    (site.house.id, site.people[who].id)
}

/// Pays an hour with a text, at home or abroad.
fn pays(cluster: &mut Cluster, from: Who, to: Who, request: Option<&SignedRequest>) -> OrderId {
    let (home, payee) = member(cluster, to);
    let request = request.map(|signed| Bytes::from(signed.bytes().to_vec()));
    let minutes = Minutes(60);
    let statement = match from.0 == to.0 {
        true => Statement::Pay(Pay { payee: Account::Member(payee), minutes, request }),
        false => Statement::Export(Export { to: home, payee, minutes, request }),
    };
    let order = cluster.order(from.0, from.1, statement).order().clone();
    let text = body("garde d’enfants");
    let order = Order { body: Some(text.commitment()), ..order };
    let order = order.sign(&cluster.sites[from.0].people[from.1].device);
    let order = Bytes::from(order.bytes().to_vec());
    let reply = cluster.call(from.0, Call::Submit { order, body: Some(text) });
    let paid = recorded(&reply);
    cluster.run(15);
    paid.unwrap_or_else(|| panic!("not recorded: {reply:?}"))
}

/// Returns a request of somebody for an hour, with a text.
fn request(cluster: &Cluster, payee: Who, payer: Option<MemberId>, serial: u8) -> SignedRequest {
    let person = &cluster.sites[payee.0].people[payee.1];
    let request = person.request(Minutes(60), [serial; 16], cluster.now.day().plus(7));
    let body = Some(body("deux heures de couture").commitment());
    Request { payer, body, ..request }.sign(&person.device)
}

/// Lets somebody ask somebody else by letter.
fn asks(cluster: &mut Cluster, payee: Who, payer: Who, serial: u8) -> SignedRequest {
    let (home, to) = member(cluster, payer);
    let signed = request(cluster, payee, Some(to), serial);
    let request = Bytes::from(signed.bytes().to_vec());
    let content = LetterContent::Request { request, body: Some(body("deux heures de couture")) };
    let reply = cluster.call(payee.0, Call::Letter(Letter { home, to, content }));
    assert_eq!(reply, Reply::Done);
    cluster.run(6);
    signed
}

/// Returns whether a node keeps the text of an order.
fn keeps(cluster: &Cluster, place: usize, order: &OrderId) -> bool {
    !cluster.sites[place].file(&format!("bodies/{}", order.0)).is_empty()
}

/// Returns the requests in somebody's list: what is known of each, and how many have a text or a reason.
fn requests(cluster: &mut Cluster, (place, who): Who) -> (Vec<RequestState>, usize) {
    let Reply::Requests(items) = cluster.query(place, who, Query::Requests) else {
        panic!("a list")
    };
    let words = items.iter().filter(|item| item.body.is_some() || !item.reason.is_empty()).count();
    (items.into_iter().map(|item| item.state).collect(), words)
}

fn erase(cluster: &mut Cluster, (place, who): Who) -> ErasureSheet {
    let (_, member) = member(cluster, (place, who));
    match cluster.query(place, STEWARD, Query::Erase { member }) {
        Reply::Erasure(sheet) => sheet,
        other => panic!("a steward erases: {other:?}"),
    }
}

fn erasure(cluster: &mut Cluster, (place, who): Who) -> ErasureSheet {
    let (_, member) = member(cluster, (place, who));
    match cluster.query(place, STEWARD, Query::Erasure { member }) {
        Reply::Erasure(sheet) => sheet,
        other => panic!("a steward looks: {other:?}"),
    }
}

fn name(cluster: &Cluster, (place, who): Who) -> String {
    format!("names/{}", member(cluster, (place, who)).1.0)
}

/// Gives somebody a name, as an application does.
fn names(cluster: &Cluster, who: Who) {
    let disk = cluster.sites[who.0].disk();
    disk.replace(&name(cluster, who), "quelqu’un".as_bytes()).expect("a disk without faults");
}

/// Invariant S1.
#[test]
fn what_a_member_wrote_is_gone_here_and_there_and_nothing_else_is() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    let (zoe, marcel, ana, luc) = ((0, ZOE), (0, MARCEL), (1, ZOE), (1, MARCEL));
    names(&cluster, zoe);
    names(&cluster, marcel);
    let hers = pays(&mut cluster, zoe, marcel, None);
    let hers_abroad = pays(&mut cluster, zoe, ana, None);
    let [at_home, abroad] = [1, 2].map(|serial| request(&cluster, zoe, None, serial));
    let asked = pays(&mut cluster, marcel, zoe, Some(&at_home));
    let asked_abroad = pays(&mut cluster, ana, zoe, Some(&abroad));
    let to_her = pays(&mut cluster, marcel, zoe, None);
    let to_her_from_abroad = pays(&mut cluster, ana, zoe, None);
    let others = pays(&mut cluster, ana, marcel, None);
    for payer in [marcel, ana] {
        asks(&mut cluster, zoe, payer, 7);
    }
    // Others asked her; she said no to one of them, with a reason.
    asks(&mut cluster, luc, zoe, 8);
    let declined = asks(&mut cluster, marcel, zoe, 9);
    let no = Query::Decline { request: declined.id(), reason: "je suis malade".into() };
    assert_eq!(cluster.query(0, ZOE, no), Reply::Done);
    assert_eq!(requests(&mut cluster, ana).1, 1, "her request has its text");
    for (order, abroad) in [(&hers, false), (&hers_abroad, true), (&asked, false)] {
        assert!(keeps(&cluster, 0, order) && keeps(&cluster, 1, order) == abroad);
    }
    let mut balances = || [zoe, marcel, ana].map(|(p, w)| cluster.account(p, w).balance);
    let before = (balances(), cluster.sites[0].file(LOG), cluster.sheet(0).checkpoint);
    let mariniers = cluster.sites[1].house.id;
    let look = erasure(&mut cluster, zoe);
    assert_eq!(look, ErasureSheet { since: None, done: false, untold: vec![mariniers] });
    let begun = erase(&mut cluster, zoe);
    assert!(begun.done && begun.since.is_some(), "{begun:?}");
    assert_eq!(cluster.sites[0].file(LOG), before.1, "the log is the same to the byte");
    assert_eq!(cluster.sheet(0).checkpoint, before.2);
    cluster.run(3);
    assert_eq!(erasure(&mut cluster, zoe).untold, [], "the other cité answered");
    for place in [0, 1] {
        for order in [&hers, &hers_abroad, &asked, &asked_abroad] {
            assert!(!keeps(&cluster, place, order), "{place} keeps {order:?}");
        }
        assert!(keeps(&cluster, place, &to_her_from_abroad), "what others wrote is theirs");
        assert!(keeps(&cluster, place, &others));
    }
    assert!(keeps(&cluster, 0, &to_her));
    assert!(cluster.sites[0].file(&name(&cluster, zoe)).is_empty());
    assert!(!cluster.sites[0].file(&name(&cluster, marcel)).is_empty());
    assert_eq!(requests(&mut cluster, zoe), (vec![], 0));
    assert_eq!(requests(&mut cluster, ana), (vec![], 0));
    // His own request is still there, without her reason; the one to her from abroad is its writer's.
    assert_eq!(requests(&mut cluster, marcel), (vec![RequestState::Declined], 1));
    assert_eq!(requests(&mut cluster, luc).1, 1);
    let mut balances = || [zoe, marcel, ana].map(|(p, w)| cluster.account(p, w).balance);
    assert_eq!(balances(), before.0);
    // Every proof still holds: it starts from its log, and goes on. What a copy of the disk brings back goes again.
    for place in [0, 1] {
        cluster.stop(place, false);
        let file = format!("bodies/{}", hers_abroad.0);
        let text = body("garde d’enfants").encode();
        cluster.sites[place].disk().replace(&file, &text).expect("a disk without faults");
        names(&cluster, zoe);
        cluster.start(place);
    }
    cluster.run(20);
    assert!(!keeps(&cluster, 0, &hers_abroad) && !keeps(&cluster, 1, &hers_abroad));
    assert!(cluster.sites[0].file(&name(&cluster, zoe)).is_empty());
    assert!(recorded(&cluster.pay(0, MARCEL, ZOE, 60)).is_some());
    // Once more is no error, and changes nothing.
    let again = erase(&mut cluster, zoe);
    assert_eq!((again.since, again.done, again.untold), (begun.since, true, vec![]));
}

#[test]
fn stewards_and_nobody_else_erase_a_member() {
    let mut cluster = Cluster::new(&["tisserandes"]);
    cluster.run(3);
    names(&cluster, (0, MARCEL));
    let (_, id) = member(&cluster, (0, MARCEL));
    for query in [Query::Erase { member: id }, Query::Erasure { member: id }] {
        let reply = cluster.query(0, ZOE, query);
        assert_eq!(reply, Reply::Unavailable(Unavailable::StewardsOnly));
    }
    let nobody = Query::Erase { member: MemberId(Hash([9; 32])) };
    let Reply::Refused(refused) = cluster.query(0, STEWARD, nobody) else { panic!("nobody") };
    assert_eq!(refused.number, 3);
    // By letter nobody does, not even at the machine's own socket.
    let (home, to) = member(&cluster, (0, MARCEL));
    let letter = Letter { home, to, content: LetterContent::Erase };
    assert!(matches!(cluster.call(0, Call::Letter(letter)), Reply::Refused(_)));
    assert!(!cluster.sites[0].file(&name(&cluster, (0, MARCEL))).is_empty());
    assert_eq!(erasure(&mut cluster, (0, MARCEL)).since, None);
}

/// Brings a node the word of another that somebody is erased.
fn says(cluster: &mut Cluster, from: Option<usize>, to: usize, who: Who) -> Answer {
    let (_, member) = member(cluster, who);
    let home = cluster.sites[to].house.id;
    let letter = Letter { home, to: member, content: LetterContent::Erase };
    let answer = cluster.ask(from, to, &Ask::Letter(letter));
    cluster.run(2);
    answer
}

/// Invariant S6.
#[test]
fn a_cite_erases_at_others_what_its_own_members_wrote_and_no_more() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let (zoe, ana, luc) = ((0, ZOE), (1, ZOE), (1, MARCEL));
    let hers = pays(&mut cluster, zoe, ana, None);
    let local = pays(&mut cluster, luc, ana, None);
    names(&cluster, luc);
    asks(&mut cluster, luc, ana, 7);
    asks(&mut cluster, zoe, ana, 8);
    // Whoever has no account here is told no, and whoever has one cannot speak for the members of others.
    let declined = says(&mut cluster, None, 1, zoe);
    assert!(matches!(declined, Answer::Declined { .. }), "{declined:?}");
    for who in [zoe, luc, ana] {
        assert_eq!(says(&mut cluster, Some(2), 1, who), Answer::Kept);
    }
    assert!(keeps(&cluster, 1, &hers) && keeps(&cluster, 1, &local));
    assert!(!cluster.sites[1].file(&name(&cluster, luc)).is_empty());
    assert_eq!(requests(&mut cluster, ana).1, 2);
    assert_eq!(erasure(&mut cluster, luc).since, None);
    // Her own home can.
    assert_eq!(says(&mut cluster, Some(0), 1, zoe), Answer::Kept);
    assert!(!keeps(&cluster, 1, &hers) && keeps(&cluster, 1, &local));
    assert_eq!(requests(&mut cluster, ana).1, 1);
}

#[test]
fn an_ally_fills_its_own_share_of_marks_and_leaves_room_for_others() {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.ally(1, 2, 100);
    cluster.run(3);
    let home = cluster.sites[1].house.id;
    let mut answers = (0..=1_024_u32).map(|number| {
        let mut id = [7; 32];
        id[..4].copy_from_slice(&number.to_le_bytes());
        let letter = Letter { home, to: MemberId(Hash(id)), content: LetterContent::Erase };
        cluster.ask(Some(0), 1, &Ask::Letter(letter))
    });
    assert!(answers.by_ref().take(1_024).all(|answer| answer == Answer::Kept));
    let full = Answer::Declined { reason: decline::MAILBOX, at: 0 };
    assert_eq!(answers.next(), Some(full));
    assert_eq!(says(&mut cluster, Some(2), 1, (2, ZOE)), Answer::Kept);
    assert!(erase(&mut cluster, (1, ZOE)).since.is_some(), "and for the own members");
}

#[test]
fn what_comes_late_is_not_kept() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    let (zoe, marcel, ana) = ((0, ZOE), (0, MARCEL), (1, ZOE));
    // The transfer is on its way, with its text, while the home is already told to erase it.
    cluster.hold(1);
    let under_way = pays(&mut cluster, zoe, ana, None);
    cluster.release(1);
    cluster.run(20);
    assert!(keeps(&cluster, 1, &under_way));
    cluster.handed = Some(Vec::new());
    let known = pays(&mut cluster, zoe, ana, None);
    let handed = cluster.handed.take().expect("it was kept");
    let delivery = handed.into_iter().find_map(|(place, input)| match input {
        Input::Asked { frame, .. } if place == 1 => match Ask::decode(&frame) {
            Ok(Ask::Deliver(delivery)) if delivery.body.is_some() => Some(delivery),
            _ => None,
        },
        _ => None,
    });
    let delivery = Ask::Deliver(delivery.expect("a text travels with its transfer"));
    assert!(keeps(&cluster, 1, &known));
    assert!(erase(&mut cluster, zoe).done);
    cluster.run(3);
    assert!(!keeps(&cluster, 1, &known) && !keeps(&cluster, 1, &under_way));
    // The same message once more, with its text.
    let answer = cluster.ask(Some(0), 1, &delivery);
    assert!(matches!(answer, Answer::Cursor { .. }), "{answer:?}");
    assert!(!keeps(&cluster, 1, &known), "a late text was kept");
    // What she writes from now on is recorded, and its text is not kept.
    for to in [marcel, ana] {
        let order = pays(&mut cluster, zoe, to, None);
        assert!(!keeps(&cluster, 0, &order) && !keeps(&cluster, 1, &order));
        let asked = asks(&mut cluster, zoe, to, 7);
        assert_eq!(requests(&mut cluster, to).1, 0, "{:?}", asked.id());
    }
    let his = pays(&mut cluster, marcel, zoe, None);
    assert!(keeps(&cluster, 0, &his));
}

#[test]
fn a_cite_that_is_away_is_asked_until_it_answers() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    let (zoe, ana) = ((0, ZOE), (1, ZOE));
    let hers = pays(&mut cluster, zoe, ana, None);
    cluster.stop(1, true);
    let mariniers = cluster.sites[1].house.id;
    assert_eq!(erase(&mut cluster, zoe).untold, [mariniers]);
    // Longer than a letter waits, and over a start of the own node.
    let later = cluster.now.plus(40 * 86_400_000);
    cluster.set_clocks(later);
    cluster.run(70);
    cluster.stop(0, false);
    cluster.now = later;
    cluster.start(0);
    cluster.run(20);
    assert_eq!(erasure(&mut cluster, zoe).untold, [mariniers]);
    assert!(keeps(&cluster, 1, &hers));
    cluster.start(1);
    cluster.run(90);
    assert_eq!(erasure(&mut cluster, zoe).untold, []);
    assert!(!keeps(&cluster, 1, &hers));
}
