//! What a node tells whom, and what that costs it: whoever has the bytes of somebody's order learns nothing of the
//! account from them, and a page of a history is read without what is before it.

use harness::cluster::Cluster;
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Query, Reply},
    ids::Account,
    minutes::{Balance, Minutes},
    order::{Pay, SignedOrder, Statement},
    wire::{Answer, Ask, Passed},
};

/// Sends an order to the first cité as somebody who only dialled in.
fn send_again(cluster: &mut Cluster, order: &SignedOrder) -> Vec<u8> {
    let call = Call::Submit { order: Bytes::from(order.bytes().to_vec()), body: None };
    let home = cluster.sites[0].house.id;
    let call = Bytes::from(Frame { home: Some(home), call }.encode());
    match cluster.ask(None, 0, &Ask::Desk { passed: Passed { home, call }, hops: 0 }) {
        Answer::Desk(reply) => reply.into_vec(),
        other => panic!("no reply: {other:?}"),
    }
}

/// Invariant S4.
#[test]
fn an_order_sent_again_tells_nobody_the_balance() {
    let mut cluster = Cluster::new(&["tisserandes"]);
    let payee = Account::Member(cluster.sites[0].people[2].id);
    let pay = Statement::Pay(Pay { payee, minutes: Minutes(615), request: None });
    let order = cluster.order(0, 1, pay);
    assert!(matches!(cluster.send(0, &order), Reply::Recorded(_)));
    assert!(matches!(cluster.pay(0, 1, 2, 480), Reply::Recorded(_)));
    let balance = cluster.account(0, 1).balance;
    assert_eq!(balance, Balance(-1_095));
    let reply = send_again(&mut cluster, &order);
    assert!(matches!(Reply::decode(&reply), Ok(Reply::Recorded(_))), "it is in the log");
    let told = balance.0.to_le_bytes();
    assert!(!reply.windows(told.len()).any(|part| part == told), "the balance of now is told");
}

/// Invariant S4: the proof that an account was opened holds a steward's order.
#[test]
fn an_opening_is_proved_to_the_cite_that_it_is_for() {
    let mut cluster = Cluster::allied(&["tisserandes", "mariniers", "ruchers"]);
    let ask = Ask::Opening { towards: cluster.sites[1].house.id };
    assert!(matches!(cluster.ask(Some(1), 0, &ask), Answer::Proof(Some(_))));
    for other in [Some(2), None] {
        assert_eq!(cluster.ask(other, 0, &ask), Answer::Proof(None), "{other:?}");
    }
}

/// Invariant N8: damage in front of a page shows that nothing in front of it is read.
#[test]
fn a_page_of_a_history_costs_no_more_than_the_page() {
    let mut cluster = Cluster::new(&["tisserandes"]);
    let history = |cluster: &mut Cluster, from| match cluster.query(0, 1, Query::History { from }) {
        Reply::History(page) => page.iter().map(|moved| moved.change.0).collect(),
        other => panic!("no page: {other:?}"),
    };
    let payee = Account::Member(cluster.sites[0].people[2].id);
    let pay = Statement::Pay(Pay { payee, minutes: Minutes(15), request: None });
    let first = cluster.order(0, 1, pay);
    let Reply::Recorded(receipt) = cluster.send(0, &first) else { panic!("it is recorded") };
    for minutes in [30, 45] {
        assert!(matches!(cluster.pay(0, 1, 2, minutes), Reply::Recorded(_)));
    }
    let all: Vec<i64> = history(&mut cluster, 0);
    assert_eq!(all, [-15, -30, -45]);
    let (bytes, files) = (first.bytes(), cluster.sites[0].files());
    let place = files.iter().find_map(|(name, file)| {
        let at = file.windows(bytes.len()).position(|part| part == bytes)?;
        name.contains("log/").then_some((name, at))
    });
    let (name, at) = place.expect("the order is in the log");
    cluster.sites[0].rot(name, u64::try_from(at).expect("a place in a file"));
    let page: Vec<i64> = history(&mut cluster, receipt.leaf + 1);
    assert_eq!(page, [-30, -45]);
    let damaged = cluster.query(0, 1, Query::History { from: 0 });
    assert!(matches!(damaged, Reply::Unavailable(_)), "{damaged:?}");
}
