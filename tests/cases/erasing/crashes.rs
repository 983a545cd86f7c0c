//! The power fails while somebody is erased: at every call, and what was promised is kept. It knows one node, and no others.

use std::sync::Arc;

use harness::{
    disk::{Calls, Fault, FaultyDisk},
    people::{House, Person, TODAY, seed},
    world,
};
use ledger::disk::Disk;
use node::{
    core::{Core, Input, Output, ReplyTo, Settings},
    keyfile::Keys,
};
use proto::{
    codec::{Bytes, Canonical as _},
    desk::{Call, Frame, Query, Reply, SignedQuery},
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Order, Pay, Statement},
    time::UnixMillis,
};
use tempfile::TempDir;

use super::body;

/// A node of one cité on a disk that may fail.
struct Node {
    core: Core,
    house: House,
    now: UnixMillis,
    _index: TempDir,
}

impl Node {
    fn open(house: &House, disk: &Arc<FaultyDisk>, now: UnixMillis) -> Self {
        let settings = Settings {
            keys: Keys {
                log: house.log.clone(),
                mirror: house.mirror.clone(),
                card: house.card.clone(),
                network: house.network_key.clone(),
            },
            seed: seed(&house.slug),
            started: now,
            version: "0.1.0-test",
            friends: Vec::new(),
            scaled_clock: true,
        };
        let index = TempDir::new().expect("a directory");
        let shared = Arc::clone(disk) as Arc<dyn Disk>;
        let core = Core::open(shared, index.path(), house.id, settings).expect("it opens");
        let mut node = Self { core, house: house.clone(), now, _index: index };
        node.ticks(3);
        node
    }

    fn ticks(&mut self, count: u64) {
        for _ in 0..count {
            self.now = self.now.plus(30_000);
            self.core.handle(self.now, vec![Input::Tick]);
        }
    }

    fn call(&mut self, call: Call) -> Option<Reply> {
        let frame = Frame { home: None, call }.encode();
        let called = Input::Called { frame, reply_to: ReplyTo(1) };
        self.core.handle(self.now, vec![called]).into_iter().find_map(|out| match out {
            Output::Reply { frame, .. } => Reply::decode(&frame).ok(),
            _ => None,
        })
    }

    fn query(&mut self, who: &Person, query: Query) -> Option<Reply> {
        let Some(Reply::Challenge(challenge)) = self.call(Call::Challenge) else { return None };
        let House { network, id, .. } = &self.house;
        let signed = SignedQuery::sign(network, id, who.id, (0, 0), challenge, query, &who.device);
        self.call(Call::Private(Box::new(signed)))
    }
}

/// Lets the steward and Zoé pay one another, so often that the log is read in more than one step; the first and last
/// payments have texts. Returns the orders with texts, hers and the steward's.
fn exchange(node: &mut Node, people: [&Person; 2]) -> [Vec<OrderId>; 2] {
    let mut texts = [Vec::new(), Vec::new()];
    let mut last = people.map(|person| person.join().id());
    for round in 0..72_u64 {
        for (place, payer) in people.iter().enumerate() {
            let payee = Account::Member(people[1 - place].id);
            let pay = Pay { payee, minutes: Minutes(15), request: None };
            let text = body("garde d’enfants");
            let said = !(3..69).contains(&round);
            let order = Order {
                body: said.then(|| text.commitment()),
                ..payer.order(round + 2, last[place], Statement::Pay(pay))
            };
            let order = order.sign(&payer.device);
            last[place] = order.id();
            if said {
                texts[place].push(order.id());
            }
            let order = Bytes::from(order.bytes().to_vec());
            let reply = node.call(Call::Submit { order, body: said.then_some(text) });
            assert!(matches!(reply, Some(Reply::Recorded(_))), "{reply:?}");
        }
    }
    texts
}

/// Invariant S5. The mark stands first: whoever was told that somebody is erased was told the truth, whatever happens at whichever
/// call; and the second start finishes what the first began.
#[test]
fn the_power_may_fail_at_any_call_of_an_erasure() {
    let house = House::new("tisserandes", "tisserandes", "Lyon", 1, 1);
    let people = ["steward", "zoe"].map(|name| Person::new(name, &house));
    let [steward, zoe] = &people;
    let (disk, index) = (Arc::new(FaultyDisk::new(1)), TempDir::new().expect("a directory"));
    let shared = Arc::clone(&disk) as Arc<dyn Disk>;
    let found = world::found(&house, &["steward", "zoe"], shared, index.path(), TODAY.start());
    drop(found.expect("founded"));
    let mut node = Node::open(&house, &disk, TODAY.start());
    let [kept, hers] = exchange(&mut node, [steward, zoe]);
    let name = format!("names/{}", zoe.id.0);
    disk.replace(&name, b"zoe").expect("a disk without faults");
    node.core.close();
    let now = node.now;
    drop(node);
    let text = |order: &OrderId| format!("bodies/{}", order.0);
    let (mut cuts, mut unheard, mut promised) = (0, 0, 0);
    for call in 1.. {
        let disk = Arc::new(disk.image());
        let mut node = Node::open(&house, &disk, now);
        disk.fail(Calls::Changes, call, Fault::PowerCut);
        let reply = node.query(steward, Query::Erase { member: zoe.id });
        let begun = matches!(&reply, Some(Reply::Erasure(sheet)) if sheet.since.is_some());
        // Not one step: it was to be left in the middle.
        assert!(!matches!(&reply, Some(Reply::Erasure(sheet)) if sheet.done), "{reply:?}");
        node.ticks(4);
        let over = !disk.is_off();
        let again = Arc::new(if over { disk.image() } else { disk.reboot(call) });
        let now = node.now;
        drop(node);
        let mut node = Node::open(&house, &again, now);
        node.ticks(4);
        let Some(Reply::Erasure(sheet)) = node.query(steward, Query::Erasure { member: zoe.id })
        else {
            panic!("a steward looks")
        };
        assert!(sheet.since.is_some() || !begun, "call {call}: what was promised is forgotten");
        let left = hers.iter().map(text).chain([name.clone()]);
        let left = left.filter(|file| again.length(file).expect("it works").is_some()).count();
        match sheet.since {
            Some(_) => assert!(sheet.done && left == 0, "call {call}: {left} files, {sheet:?}"),
            None => unheard += 1,
        }
        assert!(kept.iter().all(|order| again.length(&text(order)).expect("it works").is_some()));
        promised += u64::from(begun);
        if over {
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 60 && unheard > 0 && promised > 60, "{cuts} {unheard} {promised}");
}
