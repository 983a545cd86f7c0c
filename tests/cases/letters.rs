//! Letters: requests on their way and the answer no. Whoever may not write is told so, and whoever floods a
//! mailbox leaves room for others.

use std::collections::BTreeSet;

use harness::cluster::Cluster;
use proto::{
    body::Body,
    codec::{Bytes, Canonical as _},
    desk::{Call, Query, Reply, RequestItem, RequestState, Unavailable},
    ids::{Account, MemberId},
    minutes::Minutes,
    order::{Export, Pay, Statement},
    request::{Request, SignedRequest},
    time::{UnixMillis, UtcDay},
    wire::{Answer, Ask, Letter, LetterContent, decline},
};

/// Members of each cité of a cluster.
const STEWARD: usize = 0;
const ZOE: usize = 1;
const MARCEL: usize = 2;

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;

/// Returns a request by a member of one cité, good for some days from now on (or until some days ago).
fn request(cluster: &Cluster, payee: (usize, usize), serial: u32, days: i64) -> SignedRequest {
    with_text(cluster, payee, (serial, days), None)
}

/// The same, with a text.
fn with_text(
    cluster: &Cluster,
    payee: (usize, usize),
    (serial, days): (u32, i64),
    body: Option<&Body>,
) -> SignedRequest {
    let person = &cluster.sites[payee.0].people[payee.1];
    let mut salt = [0; 16];
    salt[..4].copy_from_slice(&serial.to_le_bytes());
    let last = cluster.now.day().0.checked_add_signed(days).expect("after 1970");
    let request = person.request(Minutes(60), salt, UtcDay(last));
    Request { body: body.map(Body::commitment), ..request }.sign(&person.device)
}

fn body(text: &str) -> Body {
    Body { salt: [5; 32], text: text.into(), category: String::new() }
}

fn letter(cluster: &Cluster, to: (usize, usize), request: &SignedRequest) -> Letter {
    let request = Bytes::from(request.bytes().to_vec());
    let content = LetterContent::Request { request, body: None };
    let site = &cluster.sites[to.0];
    Letter { home: site.house.id, to: site.people[to.1].id, content }
}

/// Lets a member of one cité ask a member of another, at the own node's socket.
fn ask(cluster: &mut Cluster, from: (usize, usize), to: (usize, usize), serial: u32) -> Reply {
    let request = request(cluster, from, serial, 7);
    let letter = letter(cluster, to, &request);
    cluster.call(from.0, Call::Letter(letter))
}

fn received(cluster: &mut Cluster, place: usize, who: usize) -> Vec<RequestItem> {
    match cluster.query(place, who, Query::Requests) {
        Reply::Requests(items) => items,
        other => panic!("no requests: {other:?}"),
    }
}

fn refused(reply: &Reply) -> Option<u16> {
    match reply {
        Reply::Refused(refused) => Some(refused.number),
        _ => None,
    }
}

fn allied() -> Cluster {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers", "ruchers"]);
    cluster.ally(0, 1, 100);
    cluster.run(3);
    cluster
}

#[test]
fn a_request_reaches_who_is_asked_and_the_answer_comes_back() {
    let mut cluster = allied();
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 1), Reply::Done);
    let items = received(&mut cluster, 1, MARCEL);
    assert_eq!(items.len(), 1);
    assert!(items[0].received && items[0].state == RequestState::Open);
    let id = SignedRequest::decode(&items[0].request).expect("a request").id();
    let no = Query::Decline { request: id, reason: "pas cette semaine".into() };
    assert_eq!(cluster.query(1, MARCEL, no), Reply::Done);
    let sent = received(&mut cluster, 0, ZOE);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].state, RequestState::Declined);
    assert_eq!(sent[0].reason, "pas cette semaine");
}

/// Whoever said no may think better of it, and whoever asked sees that then.
#[test]
fn a_request_that_was_declined_and_then_paid_is_paid_for_both() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers"]);
    for (serial, payer) in [(1, (0, MARCEL)), (2, (1, MARCEL))] {
        let signed = request(&cluster, (0, ZOE), serial, 7);
        let written = letter(&cluster, payer, &signed);
        assert_eq!(cluster.call(0, Call::Letter(written)), Reply::Done);
        let no = Query::Decline { request: signed.id(), reason: "pas cette semaine".into() };
        assert_eq!(cluster.query(payer.0, payer.1, no), Reply::Done);
        let of = |cluster: &mut Cluster, (place, who)| {
            let items = received(cluster, place, who).into_iter();
            let mut same = items.filter(|item| item.request[..] == *signed.bytes());
            same.next().map(|item| (item.state, item.reason))
        };
        let declined = Some((RequestState::Declined, "pas cette semaine".to_owned()));
        let paid = Some((RequestState::Paid, String::new()));
        assert_eq!(of(&mut cluster, (0, ZOE)), declined);
        let bytes = Bytes::from(signed.bytes().to_vec());
        let (minutes, payee) = (signed.request().minutes, signed.request().payee);
        let (home, request) = (signed.request().home, Some(bytes.clone()));
        let statement = match payer.0 {
            0 => Statement::Pay(Pay { payee: Account::Member(payee), minutes, request }),
            _ => Statement::Export(Export { to: home, payee, minutes, request }),
        };
        let reply = cluster.submit(payer.0, payer.1, statement);
        assert!(matches!(reply, Reply::Recorded(_)), "{reply:?}");
        cluster.run(10);
        assert_eq!(of(&mut cluster, (0, ZOE)), paid, "for who asked");
        assert_eq!(of(&mut cluster, payer), paid, "for who paid");
        let shown = cluster.call(0, Call::Request(bytes));
        assert_eq!(shown, Reply::Request(RequestState::Paid));
    }
}

#[test]
fn a_letter_that_comes_again_changes_nothing_and_may_add_the_text() {
    let mut cluster = allied();
    let text = body("deux heures de couture");
    let signed = with_text(&cluster, (0, ZOE), (1, 7), Some(&text));
    // To somebody at home, and to somebody of an ally, whose node repeats what it was handed.
    for to in [(0, MARCEL), (1, MARCEL)] {
        let write = |cluster: &mut Cluster, body: Option<&Body>| {
            let mut letter = letter(cluster, to, &signed);
            let LetterContent::Request { body: words, .. } = &mut letter.content else { return };
            *words = body.cloned();
            if to.0 == 0 {
                assert_eq!(cluster.call(0, Call::Letter(letter)), Reply::Done);
            } else {
                assert_eq!(cluster.ask(Some(0), to.0, &Ask::Letter(letter)), Answer::Kept);
            }
        };
        let of = |cluster: &mut Cluster, (place, who)| {
            let items = received(cluster, place, who);
            items.into_iter().map(|item| (item.body, item.state)).collect::<Vec<_>>()
        };
        write(&mut cluster, None);
        assert_eq!(of(&mut cluster, to), [(None, RequestState::Open)]);
        write(&mut cluster, Some(&body("cent heures de couture")));
        assert_eq!(of(&mut cluster, to), [(None, RequestState::Open)], "another text");
        write(&mut cluster, Some(&text));
        assert_eq!(of(&mut cluster, to), [(Some(text.clone()), RequestState::Open)]);
        let no = Query::Decline { request: signed.id(), reason: "pas cette semaine".into() };
        assert_eq!(cluster.query(to.0, to.1, no), Reply::Done);
        for body in [None, Some(&body("cent heures de couture")), Some(&text)] {
            write(&mut cluster, body);
            for member in [to, (0, ZOE)] {
                let kept = [(Some(text.clone()), RequestState::Declined)];
                assert_eq!(of(&mut cluster, member), kept, "{body:?}");
            }
        }
    }
}

#[test]
fn whoever_may_not_write_is_told_why() {
    let mut cluster = allied();
    // An unknown member, a request out of date or for ever, and one that somebody else signed.
    let good = request(&cluster, (0, ZOE), 1, 7);
    let stranger =
        Letter { to: MemberId(proto::hash::Hash([9; 32])), ..letter(&cluster, (0, MARCEL), &good) };
    assert_eq!(refused(&cluster.call(0, Call::Letter(stranger))), Some(3));
    for (days, number) in [(-1, Some(33)), (0, None), (90, None), (91, Some(35))] {
        let request = request(&cluster, (0, ZOE), 2, days);
        let letter = letter(&cluster, (0, MARCEL), &request);
        assert_eq!(refused(&cluster.call(0, Call::Letter(letter))), number, "{days} days");
    }
    let forged = {
        let mut bytes = good.bytes().to_vec();
        *bytes.last_mut().expect("a signature") ^= 1;
        SignedRequest::decode(&bytes).expect("well-formed")
    };
    let letter_of = letter(&cluster, (0, MARCEL), &forged);
    assert_eq!(refused(&cluster.call(0, Call::Letter(letter_of))), Some(31));
    // To a cité without an account, from one, and from a node that is not the payee's home.
    let to_stranger = letter(&cluster, (2, ZOE), &good);
    assert_eq!(refused(&cluster.call(0, Call::Letter(to_stranger))), Some(40));
    let declined = Answer::Declined { reason: decline::MAILBOX, at: 0 };
    let theirs = request(&cluster, (2, ZOE), 3, 7);
    let from_stranger = Ask::Letter(letter(&cluster, (0, MARCEL), &theirs));
    assert_eq!(cluster.ask(Some(2), 0, &from_stranger), declined);
    assert_eq!(cluster.ask(None, 0, &from_stranger), declined);
    let by_another = Ask::Letter(letter(&cluster, (0, MARCEL), &good));
    // This one can never be right; an account may still be opened.
    let never = Answer::Declined { reason: decline::LETTER, at: 0 };
    assert_eq!(cluster.ask(Some(1), 0, &by_another), never);
    assert!(received(&mut cluster, 0, MARCEL).iter().all(|item| item.payee_number == Some(2)));
}

#[test]
fn whoever_floods_a_mailbox_leaves_room_for_others() {
    let mut cluster = allied();
    let from_node = |cluster: &mut Cluster, serial, days| {
        let request = request(cluster, (1, ZOE), serial, days);
        let ask = Ask::Letter(letter(cluster, (0, MARCEL), &request));
        cluster.ask(Some(1), 0, &ask)
    };
    // Sixteen open letters of one person, whoever it is.
    for serial in 0..16 {
        assert_eq!(from_node(&mut cluster, serial, 7), Answer::Kept);
        assert_eq!(ask(&mut cluster, (0, ZOE), (0, MARCEL), serial), Reply::Done);
    }
    let declined = Answer::Declined { reason: decline::MAILBOX, at: 0 };
    assert_eq!(from_node(&mut cluster, 16, 7), declined);
    assert_eq!(from_node(&mut cluster, 3, 7), Answer::Kept, "the same letter again is no other");
    let full = Reply::Unavailable(Unavailable::MailboxFull);
    assert_eq!(ask(&mut cluster, (0, ZOE), (0, MARCEL), 16), full);
    assert_eq!(ask(&mut cluster, (0, STEWARD), (0, MARCEL), 17), Reply::Done);
    // What nobody waits for any more makes room.
    cluster.set_clocks(cluster.now.plus(8 * DAY));
    assert_eq!(from_node(&mut cluster, 20, 8 + 7), Answer::Kept);
}

#[test]
fn a_letter_that_nobody_fetches_comes_to_its_end() {
    let mut cluster = allied();
    cluster.stop(1, true);
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 1), Reply::Done);
    cluster.set_clocks(cluster.now.plus(8 * DAY));
    cluster.run(2);
    cluster.start(1);
    cluster.run(20);
    assert_eq!(received(&mut cluster, 1, MARCEL), Vec::new());
    let sent = received(&mut cluster, 0, ZOE);
    assert_eq!(sent.iter().map(|item| item.state).collect::<Vec<_>>(), [RequestState::Expired]);
    // Ninety days after its last day nothing is left of it.
    cluster.set_clocks(cluster.now.plus((7 + 91) * DAY));
    cluster.run(2);
    assert_eq!(received(&mut cluster, 0, ZOE), Vec::new());
}

#[test]
fn a_request_is_under_way_until_the_other_home_has_it() {
    let mut cluster = allied();
    cluster.stop(1, true);
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 1), Reply::Done);
    let states = |cluster: &mut Cluster, of: (usize, usize)| -> Vec<RequestState> {
        received(cluster, of.0, of.1).into_iter().map(|item| item.state).collect()
    };
    cluster.run(60);
    assert_eq!(states(&mut cluster, (0, ZOE)), [RequestState::UnderWay]);
    // Also after a restart; and one that is brought is open on both sides.
    cluster.stop(0, false);
    cluster.start(0);
    cluster.run(20);
    assert_eq!(states(&mut cluster, (0, ZOE)), [RequestState::UnderWay]);
    cluster.start(1);
    cluster.run(60);
    assert_eq!(states(&mut cluster, (0, ZOE)), [RequestState::Open]);
    assert_eq!(states(&mut cluster, (1, MARCEL)), [RequestState::Open]);
}

/// Returns when each letter to the member of a cité was brought, in seconds from `since` on.
fn brought(cluster: &Cluster, to: (usize, usize), since: UnixMillis) -> Vec<u64> {
    let member = cluster.sites[to.0].people[to.1].id;
    let to_member = cluster.letters.iter().filter(|(_, letter)| letter.to == member);
    to_member.map(|(at, _)| at.since(since) / 1_000).collect()
}

#[test]
fn a_letter_that_will_never_be_taken_is_dropped_and_its_writer_sees_it() {
    let mut cluster = allied();
    let nobody = MemberId(proto::hash::Hash([9; 32]));
    // More than one writer's share, one after the other: none of them stays.
    for serial in 0..20 {
        let signed = request(&cluster, (0, ZOE), serial, 7);
        let letter = Letter { to: nobody, ..letter(&cluster, (1, MARCEL), &signed) };
        assert_eq!(cluster.call(0, Call::Letter(letter)), Reply::Done);
    }
    cluster.run(60);
    assert_eq!(cluster.letters.len(), 20, "each was brought once");
    let sent = received(&mut cluster, 0, ZOE);
    assert_eq!(sent.len(), 20);
    assert!(sent.iter().all(|item| item.state == RequestState::Undelivered && !item.received));
    // Nobody knows of it but the writer; what is handed over otherwise may still be answered.
    let id = SignedRequest::decode(&sent[0].request).expect("a request").id();
    let content = LetterContent::Declined { request: id, reason: "non".into() };
    let site = &cluster.sites[0];
    let no = Letter { home: site.house.id, to: site.people[ZOE].id, content };
    assert_eq!(cluster.call(1, Call::Letter(no)), Reply::Done);
    let states = received(&mut cluster, 0, ZOE).into_iter().map(|item| item.state);
    assert_eq!(states.filter(|state| *state == RequestState::Declined).count(), 1);
}

#[test]
fn a_full_mailbox_is_tried_ever_more_rarely_and_until_the_last_day() {
    let mut cluster = allied();
    for serial in 0..16 {
        assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), serial), Reply::Done);
    }
    let since = cluster.now;
    cluster.letters.clear();
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 16), Reply::Done);
    cluster.run(1_000);
    let at = brought(&cluster, (1, MARCEL), since);
    assert_eq!(at.len(), 7, "{at:?}");
    for (tries, pair) in at.windows(2).enumerate() {
        // In the first round after the time has passed: one round is five seconds.
        let least = 10 << tries;
        assert!((least..=least + 5).contains(&(pair[1] - pair[0])), "{at:?}");
    }
    // A mailbox that has room again is found so within hours.
    let items = received(&mut cluster, 1, MARCEL);
    let first = SignedRequest::decode(&items[0].request).expect("a request").id();
    let no = Query::Decline { request: first, reason: String::new() };
    assert_eq!(cluster.query(1, MARCEL, no), Reply::Done);
    cluster.set_clocks(cluster.now.plus(4 * 3_600_000));
    cluster.run(6);
    assert_eq!(received(&mut cluster, 1, MARCEL).len(), 17);
    // Where it stays full the request expires.
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 17), Reply::Done);
    cluster.set_clocks(cluster.now.plus(8 * DAY));
    cluster.run(6);
    cluster.letters.clear();
    cluster.set_clocks(cluster.now.plus(DAY));
    cluster.run(6);
    assert_eq!(cluster.letters, Vec::new());
    let sent = received(&mut cluster, 0, ZOE);
    assert_eq!(sent.iter().filter(|item| item.state == RequestState::Expired).count(), 17);
}

#[test]
fn letters_that_are_not_taken_are_in_nobodys_way() {
    let mut cluster = allied();
    for serial in 0..16 {
        assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), serial), Reply::Done);
    }
    // Sixteen that a full mailbox does not take are all that one person may have on the way.
    for serial in 16..32 {
        assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), serial), Reply::Done);
    }
    let full = Reply::Unavailable(Unavailable::MailboxFull);
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, STEWARD), 32), full);
    assert_eq!(received(&mut cluster, 0, ZOE).len(), 32, "what was refused is in no list");
    assert_eq!(ask(&mut cluster, (0, MARCEL), (1, STEWARD), 33), Reply::Done);
    assert_eq!(received(&mut cluster, 1, STEWARD).len(), 1);
}

#[test]
fn a_node_that_answers_nothing_is_brought_a_few_letters_at_a_time_and_each_in_turn() {
    let mut cluster = allied();
    cluster.hold(1);
    for serial in 0..12 {
        assert_eq!(ask(&mut cluster, (0, MARCEL), (1, STEWARD), serial), Reply::Done);
    }
    // Each is waited for a minute; then come those behind it, once round in three more rounds.
    for (seconds, letters) in [(50, 4), (50, 8), (65, 12), (65, 16)] {
        cluster.run(seconds);
        assert_eq!(cluster.letters.len(), letters);
    }
    let different: BTreeSet<_> =
        cluster.letters.iter().map(|(_, letter)| letter.encode()).collect();
    assert_eq!(different.len(), 12);
    cluster.release(1);
    cluster.run(70);
    assert_eq!(received(&mut cluster, 1, STEWARD).len(), 12);
}

#[test]
fn a_wrong_clock_ends_no_letter() {
    let mut cluster = allied();
    cluster.stop(1, true);
    assert_eq!(ask(&mut cluster, (0, ZOE), (1, MARCEL), 1), Reply::Done);
    cluster.stop(0, true);
    cluster.sites[0].scaled_clock = false;
    // A year ahead from the start on, and again while the node runs.
    cluster.sites[0].ahead = 365 * 86_400_000;
    cluster.start(0);
    cluster.run(10);
    for ahead in [0, 365 * 86_400_000, 0] {
        cluster.sites[0].ahead = ahead;
        cluster.run(10);
    }
    cluster.start(1);
    cluster.run(10);
    assert_eq!(received(&mut cluster, 1, MARCEL).len(), 1);
}

#[test]
fn a_request_is_told_of_to_whoever_shows_it_whole() {
    let mut cluster = allied();
    let shown = |cluster: &mut Cluster, place, bytes: &[u8]| {
        cluster.call(place, Call::Request(Bytes::from(bytes.to_vec())))
    };
    let open = request(&cluster, (0, ZOE), 1, 7);
    assert_eq!(shown(&mut cluster, 0, open.bytes()), Reply::Request(RequestState::Open));
    // What nobody signed, or signed for another home, is asked about in vain: nothing can be tried out.
    let mut forged = open.bytes().to_vec();
    *forged.last_mut().expect("it is signed") ^= 1;
    for (bytes, number) in [(forged.as_slice(), 31), (&open.bytes()[..40], 30)] {
        let said = shown(&mut cluster, 0, bytes);
        assert_eq!(refused(&said), Some(number), "{said:?}");
    }
    let there = request(&cluster, (1, MARCEL), 1, 7);
    let said = shown(&mut cluster, 0, there.bytes());
    assert_eq!(refused(&said), Some(2), "{said:?}");
    let past = request(&cluster, (0, ZOE), 2, -1);
    assert_eq!(shown(&mut cluster, 0, past.bytes()), Reply::Request(RequestState::Expired));
    // Declined where it was received by letter, and shown by whoever else holds the link.
    assert_eq!(ask(&mut cluster, (0, ZOE), (0, MARCEL), 3), Reply::Done);
    let item = received(&mut cluster, 0, MARCEL).remove(0);
    let id = SignedRequest::decode(&item.request).expect("a request").id();
    let no = Query::Decline { request: id, reason: String::new() };
    assert_eq!(cluster.query(0, MARCEL, no), Reply::Done);
    assert_eq!(shown(&mut cluster, 0, &item.request), Reply::Request(RequestState::Declined));
}
