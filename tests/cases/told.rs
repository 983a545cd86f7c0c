//! What a node tells whom: whoever has the bytes of somebody's order learns nothing of the account from them.

use harness::cluster::Cluster;
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Reply},
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
