//! The logs of a cluster, read from end to end and added up by hand: nothing of the ledger's rules or
//! state is used here.

use std::collections::{BTreeMap, BTreeSet};

use harness::cluster::Cluster;
use ledger::{home::order_of, tree::Frontier};
use proto::{
    desk::Receipt,
    entry::{Entry, Outcome, Payload},
    hash::tree_leaf,
    ids::{Account, CiteId, MemberId},
    order::Statement,
    stream::{Content, StreamMessage},
    wire::{Answer, Ask},
};

/// The log of each cité.
pub(super) struct Logs {
    logs: BTreeMap<CiteId, Vec<Vec<u8>>>,
}

fn entries(log: &[Vec<u8>]) -> impl Iterator<Item = Entry> {
    log.iter().map(|bytes| Entry::decode(bytes).expect("a log holds entries"))
}

impl Logs {
    /// Reads the logs as a mirror does.
    pub(super) fn read(cluster: &mut Cluster) -> Self {
        let read = |place: usize, cluster: &mut Cluster| {
            let cite = cluster.sites[place].house.id;
            let size = cluster.sheet(place).checkpoint.head.size;
            let mut log: Vec<Vec<u8>> = Vec::new();
            while let from = u64::try_from(log.len()).expect("small")
                && from < size
            {
                let ask = Ask::Range { cite, incarnation: 0, from };
                let answer = cluster.ask(Some((place + 1) % 3), place, &ask);
                let Answer::Entries(Some(extend)) = answer else { panic!("{answer:?}") };
                log.extend(extend.entries.into_iter().map(|bytes| bytes.into_vec()));
            }
            (cite, log)
        };
        Self { logs: (0..3).map(|place| read(place, cluster)).collect() }
    }

    /// Every checkpoint that was ever seen is one of these logs; every stream is said and taken in without
    /// a gap and without a repetition; what was sent is what was taken in and what came back.
    pub(super) fn hang_together(&self, cluster: &Cluster) {
        for (cite, log) in &self.logs {
            let (mut tree, mut roots) = (Frontier::default(), vec![Frontier::default().root()]);
            for bytes in log {
                tree.push(tree_leaf(bytes));
                roots.push(tree.root());
            }
            let mut seen = 0;
            for (_, size, root) in cluster.signed.iter().filter(|(signed, _, _)| signed == cite) {
                let here = usize::try_from(*size).ok().and_then(|size| roots.get(size));
                assert_eq!(here, Some(root), "a checkpoint of another history at {size}");
                seen += 1;
            }
            assert!(seen > 10, "only {seen} checkpoints were seen");
        }
        for (from, to) in self.pairs() {
            let (said, taken) = (self.said(from, to), self.taken(to, from));
            let counters: Vec<u64> = said.iter().map(|message| message.counter).collect();
            assert!(counters.iter().copied().eq(1..=counters.len() as u64), "{counters:?}");
            assert!(said.starts_with(&taken.iter().map(|(m, _)| m.clone()).collect::<Vec<_>>()));
            let untaken = &said[taken.len()..];
            assert!(untaken.iter().all(|message| message.content == Content::Ack), "{untaken:?}");
            let sum = |all: &mut dyn Iterator<Item = &StreamMessage>| -> u64 {
                all.filter_map(minutes).map(u64::from).sum()
            };
            let here = sum(&mut taken.iter().filter(|(_, taken)| *taken).map(|(m, _)| m));
            let back = sum(&mut taken.iter().filter(|(_, taken)| !*taken).map(|(m, _)| m));
            assert_eq!(
                sum(&mut said.iter()),
                here + back,
                "minutes on the way from {from} to {to}"
            );
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (CiteId, CiteId)> {
        let cites: Vec<CiteId> = self.logs.keys().copied().collect();
        let all = cites
            .clone()
            .into_iter()
            .flat_map(move |a| cites.clone().into_iter().map(move |b| (a, b)));
        all.filter(|(a, b)| a != b)
    }

    /// What a log says to another cité.
    fn said(&self, from: CiteId, to: CiteId) -> Vec<StreamMessage> {
        let messages = entries(&self.logs[&from]).filter_map(|entry| entry.message(from));
        messages.filter(|message| message.to == to).collect()
    }

    /// What a log takes in from another cité, each with whether it was kept.
    fn taken(&self, here: CiteId, from: CiteId) -> Vec<(StreamMessage, bool)> {
        let imports = entries(&self.logs[&here]).filter_map(|entry| match entry.payload {
            Payload::Import(import) => Some((import.message, import.outcome == Outcome::Taken)),
            _ => None,
        });
        imports.filter(|(message, _)| message.from == from).collect()
    }

    /// Every receipt names the leaf that holds its entry, and no order stands in a log twice.
    pub(super) fn hold<'a>(&self, receipts: impl Iterator<Item = &'a Receipt>) {
        for receipt in receipts {
            let log = &self.logs[&receipt.checkpoint.origin.cite];
            let leaf = usize::try_from(receipt.leaf).expect("small");
            assert_eq!(log.get(leaf).map(Vec::as_slice), Some(&receipt.entry[..]));
        }
        for log in self.logs.values() {
            let mut once = BTreeSet::new();
            for order in entries(log).filter_map(|entry| order_of(&entry)) {
                assert!(once.insert(order), "{order} stands there twice");
            }
        }
    }

    /// The balances that come of the logs are those that the nodes show, and two cités agree on what one
    /// owes the other.
    pub(super) fn give_the_balances(&self, cluster: &mut Cluster) {
        for place in 0..3 {
            let cite = cluster.sites[place].house.id;
            let (members, peers) = self.balances(cite);
            assert_eq!(members.values().sum::<i64>() + peers.values().sum::<i64>(), 0);
            for who in 0..3 {
                let member = cluster.sites[place].people[who].id;
                let balance = members.get(&member).copied().unwrap_or(0);
                assert_eq!(cluster.account(place, who).balance.0, balance, "{who} at {place}");
            }
            for peer in cluster.sheet(place).peers {
                let owed = peers.get(&peer.cite).copied().unwrap_or(0);
                assert_eq!(peer.balance.0, owed, "{place} owes {}", peer.slug);
                let there = self.balances(peer.cite).1.get(&cite).copied().unwrap_or(0);
                assert_eq!(owed, -there, "{place} and {} disagree", peer.slug);
                assert_eq!((peer.open, peer.open_minutes), (0, 0), "{place}: {peer:?}");
            }
        }
    }

    /// Returns the balances of members and of neighbours.
    fn balances(&self, cite: CiteId) -> (BTreeMap<MemberId, i64>, BTreeMap<CiteId, i64>) {
        let (mut members, mut peers) = (BTreeMap::new(), BTreeMap::new());
        let mut sent: BTreeMap<(CiteId, u64), (MemberId, i64)> = BTreeMap::new();
        for entry in entries(&self.logs[&cite]) {
            match entry.payload {
                Payload::Order(order) => {
                    let Statement::Pay(pay) = &order.order().statement else { continue };
                    let minutes = i64::from(pay.minutes.0);
                    let Account::Member(payee) = pay.payee else { panic!("nobody pays that") };
                    *members.entry(order.order().author).or_default() -= minutes;
                    *members.entry(payee).or_default() += minutes;
                }
                Payload::Export { header, order } => {
                    let Statement::Export(export) = &order.order().statement else {
                        panic!("an export exports")
                    };
                    let (payer, minutes) = (order.order().author, i64::from(export.minutes.0));
                    *members.entry(payer).or_default() -= minutes;
                    *peers.entry(export.to).or_default() += minutes;
                    sent.insert((header.peer, header.counter), (payer, minutes));
                }
                Payload::Import(import) if import.outcome == Outcome::Taken => {
                    let from = import.message.from;
                    let (member, minutes) = match import.message.content {
                        Content::Transfer(hours) => (hours.payee, i64::from(hours.minutes.0)),
                        Content::Return { counter, .. } => {
                            sent.remove(&(from, counter)).expect("it comes back once")
                        }
                        Content::Ack | Content::Farewell => continue,
                    };
                    *members.entry(member).or_default() += minutes;
                    *peers.entry(from).or_default() -= minutes;
                }
                _ => {}
            }
        }
        (members, peers)
    }
}

fn minutes(message: &StreamMessage) -> Option<u32> {
    match &message.content {
        Content::Transfer(transfer) => Some(transfer.minutes.0),
        Content::Return { .. } | Content::Ack | Content::Farewell => None,
    }
}
