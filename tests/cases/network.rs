//! What a bad network cannot do. Real node cores pay one another while frames are lost, doubled, late,
//! overtaken and repeated, connections break and nodes are killed; then the network is good again, and
//! everything must have happened once. Nothing false may be seen at any moment.
//!
//! `PIRATE_NETWORKS` is how many networks are played (4 when nothing is said), `PIRATE_SEED` chooses the
//! first of them.

#![allow(clippy::print_stdout, reason = "a run that fails must say how to repeat it")]
#![allow(clippy::indexing_slicing, reason = "cités and people are known by their place")]

mod logs;

use std::collections::BTreeMap;

use harness::{
    chance,
    cluster::{Cluster, Rates, recorded},
    disk::Chance,
};
use ledger::tree::verify_inclusion;
use proto::{
    codec::Bytes,
    desk::{Call, Query, Receipt, Reply, Standing},
    hash::tree_leaf,
    ids::{Account, OrderId},
    minutes::Minutes,
    order::{Export, Pay, SignedOrder, Statement},
};

/// Networks that are played, when nothing is said.
const NETWORKS: u64 = 4;

/// Seconds for which a network is bad.
const SECONDS: u64 = 80;

/// Seconds within which all is well again: an ask that is never answered is given up after 60.
const CALM_SECONDS: u64 = 100;

/// Hours that a cité lets another owe it: little, so that some transfers come back.
const LINE: u32 = 6;

const CITES: [&str; 3] = ["tisserandes", "mariniers", "ruchers"];

/// A member who pays, and sends an order again until there is an answer, as a wallet does.
struct Payer {
    place: usize,
    who: usize,
    waiting: Option<SignedOrder>,
    /// Orders that have a receipt.
    done: Vec<SignedOrder>,
}

/// An order that was sent to a desk.
struct Sending {
    call: u64,
    order: OrderId,
    payer: usize,
    /// Whether a receipt was known when it was sent. Without one an order may be refused at one moment,
    /// and a copy of it that was late be entered at another.
    recorded: bool,
}

/// One run.
struct Run {
    cluster: Cluster,
    chance: Chance,
    payers: Vec<Payer>,
    sent: Vec<Sending>,
    /// The receipts that somebody was given, by order.
    receipts: BTreeMap<OrderId, (usize, Receipt)>,
    refused: u64,
    /// When the killed node starts again.
    down: Option<(usize, u64)>,
}

impl Run {
    fn new(seed: u64) -> (Self, Rates) {
        let mut cluster = Cluster::new(&CITES);
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            cluster.ally(a, b, LINE);
        }
        for place in 0..3 {
            let others: Vec<usize> = (0..3).filter(|other| *other != place).collect();
            cluster.mirror(place, &others);
        }
        cluster.run(40);
        let rates = cluster.disturb(seed);
        let payer = |place| [1, 2].map(|who| Payer { place, who, waiting: None, done: Vec::new() });
        let run = Self {
            cluster,
            chance: Chance(!seed),
            payers: (0..3).flat_map(payer).collect(),
            sent: Vec::new(),
            receipts: BTreeMap::new(),
            refused: 0,
            down: None,
        };
        (run, rates)
    }

    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("small");
        usize::try_from(self.chance.below(bound)).expect("small")
    }

    /// One second in the life of all.
    fn second(&mut self, second: u64) {
        match self.down {
            Some((place, until)) if until <= second => {
                self.cluster.start(place);
                self.down = None;
            }
            None if self.chance.below(40) == 0 => {
                let place = self.below(3);
                self.cluster.stop(place, false);
                self.down = Some((place, second + 3 + self.chance.below(15)));
            }
            _ => {}
        }
        for payer in 0..self.payers.len() {
            if self.chance.below(4) == 0 {
                self.act(payer);
            }
        }
        self.cluster.run(1);
        self.read_replies();
        self.look();
    }

    /// Signs the next order, or sends the last one again: to one desk, or to two at once.
    fn act(&mut self, payer: usize) {
        let (place, who) = (self.payers[payer].place, self.payers[payer].who);
        if self.payers[payer].waiting.is_none() && self.cluster.runs(place) {
            // A node that has just started may not know yet whether it may sign.
            if matches!(self.cluster.query(place, who, Query::Account), Reply::Account(_)) {
                let statement = self.statement(place, who);
                self.payers[payer].waiting = Some(self.cluster.order(place, who, statement));
            }
        }
        for _ in 0..=self.chance.below(2) {
            let desk = self.below(3);
            self.send(payer, desk);
        }
        // Now and then one that has long been answered, as whoever lost the answer would.
        if self.chance.below(4) == 0 && !self.payers[payer].done.is_empty() {
            let (desk, any) = (self.below(3), self.below(self.payers[payer].done.len()));
            let order = self.payers[payer].done[any].clone();
            self.hand_over(payer, desk, &order);
        }
    }

    fn statement(&mut self, place: usize, who: usize) -> Statement {
        let minutes = Minutes(15 * (1 + u32::try_from(self.chance.below(16)).expect("small")));
        let to = self.below(3);
        if to == place {
            let payee = Account::Member(self.cluster.sites[place].people[3 - who].id);
            return Statement::Pay(Pay { payee, minutes, request: None });
        }
        let payee = 1 + self.below(2);
        let site = &self.cluster.sites[to];
        let (to, payee) = (site.house.id, site.people[payee].id);
        Statement::Export(Export { to, payee, minutes, request: None })
    }

    fn send(&mut self, payer: usize, desk: usize) {
        if let Some(order) = self.payers[payer].waiting.clone() {
            self.hand_over(payer, desk, &order);
        }
    }

    fn hand_over(&mut self, payer: usize, desk: usize, order: &SignedOrder) {
        if self.cluster.runs(desk) {
            let home = self.cluster.sites[self.payers[payer].place].house.id;
            let bytes = Bytes::from(order.bytes().to_vec());
            let submit = Call::Submit { order: bytes, body: None };
            let order = order.id();
            let recorded = self.receipts.contains_key(&order);
            let call = self.cluster.begin(desk, Some(home), submit);
            self.sent.push(Sending { call, order, payer, recorded });
        }
    }

    fn read_replies(&mut self) {
        for sending in std::mem::take(&mut self.sent) {
            match self.cluster.replied(sending.call) {
                None => self.sent.push(sending),
                Some(reply) => self.read(&sending, reply),
            }
        }
    }

    /// One order has one place in one log, whichever desk is asked and however often.
    fn read(&mut self, Sending { order, payer, recorded: before, .. }: &Sending, reply: Reply) {
        let known = self.receipts.get(order).map(|(_, receipt)| receipt);
        match reply {
            Reply::Recorded(receipt) => {
                assert_eq!(recorded(&Reply::Recorded(receipt.clone())), Some(*order));
                if let Some(known) = known {
                    assert_eq!((known.leaf, &known.entry), (receipt.leaf, &receipt.entry));
                }
                let (leaf, head) = (tree_leaf(&receipt.entry), receipt.checkpoint.head);
                let path = &receipt.path;
                assert_eq!(
                    verify_inclusion(leaf, receipt.leaf, head.size, path, head.root),
                    Ok(())
                );
                let cite = receipt.checkpoint.origin.cite;
                self.cluster.signed.insert((cite, head.size, head.root));
                self.receipts.insert(*order, (*payer, *receipt));
            }
            Reply::Refused(refused) => {
                assert!(!before, "recorded, and refused as {}", refused.number);
                self.refused += 1;
            }
            Reply::Unavailable(_) => return,
            other => panic!("no reply to an order: {other:?}"),
        }
        let payer = &mut self.payers[*payer];
        let answered = payer.waiting.take_if(|waiting| waiting.id() == *order);
        payer.done.extend(answered.filter(|_| self.receipts.contains_key(order)));
    }

    /// Nothing false at this moment: no two roots for one size, nobody convicted.
    fn look(&mut self) {
        for place in 0..3 {
            if !self.cluster.runs(place) {
                continue;
            }
            if let Reply::Sheet(sheet) = self.cluster.call(place, Call::Sheet) {
                let head = sheet.checkpoint.head;
                let cite = sheet.checkpoint.origin.cite;
                self.cluster.signed.insert((cite, head.size, head.root));
            }
            let Reply::Cites(cites) = self.cluster.call(place, Call::Cites) else {
                panic!("cités are for anybody")
            };
            assert!(cites.iter().all(|known| !known.convicted), "somebody is convicted");
        }
        let mut before = None;
        for (cite, size, root) in &self.cluster.signed {
            assert!(before != Some((cite, size)), "two roots at {size}: {root}");
            before = Some((cite, size));
        }
    }

    /// Makes the network good, and lets everybody who waits ask at home until there is an answer.
    fn heal(&mut self) {
        if let Some((place, _)) = self.down.take() {
            self.cluster.start(place);
        }
        self.cluster.heal();
        for second in 0..CALM_SECONDS {
            if second % 10 == 5 {
                for payer in 0..self.payers.len() {
                    self.send(payer, self.payers[payer].place);
                }
            }
            self.cluster.run(1);
            self.read_replies();
        }
        self.look();
        let waiting = self.payers.iter().filter(|payer| payer.waiting.is_some()).count();
        assert_eq!(waiting, 0, "orders without an answer");
    }

    /// What every order has come to in the end.
    fn standings(&mut self) -> Vec<Standing> {
        let orders: Vec<(OrderId, usize)> =
            self.receipts.iter().map(|(order, (payer, _))| (*order, *payer)).collect();
        let mut standings = Vec::new();
        for (order, payer) in orders {
            let (place, who) = (self.payers[payer].place, self.payers[payer].who);
            let reply = self.cluster.query(place, who, Query::Order(order));
            let Reply::Recorded(receipt) = reply else { panic!("{order} is lost: {reply:?}") };
            standings.push(receipt.standing);
        }
        standings
    }
}

#[test]
fn after_a_bad_network_everything_has_happened_once() {
    let first = chance::seed();
    let networks = std::env::var("PIRATE_NETWORKS")
        .map_or(NETWORKS, |text| text.parse().expect("PIRATE_NETWORKS is a number"));
    let mut seeds = Chance(first);
    let others = (1..networks).map(|_| seeds.below(u64::MAX));
    for seed in std::iter::once(first).chain(others.collect::<Vec<_>>()) {
        let (mut run, rates) = Run::new(seed);
        println!("{}={seed} PIRATE_NETWORKS=1 plays this again: {rates:?}", chance::SEED);
        (0..SECONDS).for_each(|second| run.second(second));
        run.heal();
        let tomorrow = run.cluster.now.plus(86_400_001);
        run.cluster.set_clocks(tomorrow);
        run.cluster.run(40);
        let standings = run.standings();
        let arrived = standings.iter().filter(|standing| **standing == Standing::Arrived).count();
        let returned =
            standings.iter().filter(|standing| matches!(standing, Standing::Returned(_))).count();
        assert!(standings.iter().all(|standing| *standing >= Standing::Committed));
        let read = logs::Logs::read(&mut run.cluster);
        read.hang_together(&run.cluster);
        read.hold(run.receipts.values().map(|(_, receipt)| receipt));
        read.give_the_balances(&mut run.cluster);
        println!(
            "{} orders recorded, {} refusals, {arrived} arrived, {returned} came back",
            standings.len(),
            run.refused
        );
    }
}
