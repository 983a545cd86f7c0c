//! What must be so whenever a run is over, looked at from outside: in what was said, in what nodes answer, and in
//! the bytes on their disks. Nothing in here asks a node whether it is well.

use std::{collections::BTreeMap, sync::Arc};

use ledger::{
    audit::Verdict, disk::Disk, fold::Fold, keybook::KeyBook, replay, segments::SegmentsReader,
    tree::Frontier,
};
use node::core::{Input, ReplyTo};
use proto::{
    certificate::Certificate,
    checkpoint::Checkpoint,
    codec::Canonical as _,
    desk::{Call, Frame, NodeStatus, Operator, Query, Reply, Sheet, SignedQuery},
    entry::Outcome,
    hash::{Hash, tree_leaf},
    ids::{Account, CiteId},
    order::Head,
    stream::Content,
};

use super::{
    Sim, Stop,
    book::Book,
    seen::{Log, Seen},
    site::Site,
};
use crate::audited::{audited, own_bundle};

/// A log as it stands on a disk.
pub(super) struct Stands {
    pub(super) entries: Vec<Vec<u8>>,
    /// The root of its first leaves, by their number.
    roots: Vec<Hash>,
}

impl Stands {
    pub(super) fn read(disk: Arc<dyn Disk>) -> Self {
        let log = SegmentsReader::open_found(disk, "log").expect("the log is there");
        let (mut tree, mut roots) = (Frontier::default(), vec![Head::empty().root]);
        let count = usize::try_from(log.len()).expect("a small log");
        let entries = log.read_range(0, count, usize::MAX).expect("the log can be read");
        for entry in &entries {
            tree.push(tree_leaf(entry));
            roots.push(tree.root());
        }
        Self { entries, roots }
    }

    pub(super) fn root(&self, size: u64) -> Option<&Hash> {
        self.roots.get(usize::try_from(size).expect("a small log"))
    }
}

impl Sim {
    /// Calls a node from outside, and returns what it replies at once.
    pub(super) fn ask(&mut self, place: usize, call: Call) -> Option<Reply> {
        self.next += 1;
        let id = self.next;
        self.calls.insert(id, None);
        let frame = Frame { home: None, call }.encode();
        self.handle(place, vec![Input::Called { frame, reply_to: ReplyTo(id) }]);
        self.replies.remove(&id)
    }

    pub(super) fn status(&mut self, place: usize) -> Option<NodeStatus> {
        match self.ask(place, Call::Operator(Operator::Status))? {
            Reply::Status(status) => Some(*status),
            other => panic!("no status: {other:?}"),
        }
    }

    /// Returns whether all is done that anybody began; else what is not.
    pub(super) fn is_at_rest(&mut self) -> Result<(), String> {
        let counts = |at: &usize| {
            let deaf = self.is_dropped_for_good(*at) || self.payers[*at].is_stuck();
            !self.lies_in_its_log(self.payers[*at].place) && !deaf
        };
        let waits = |at: &usize| !self.payers[*at].is_done() || self.payers[*at].waits.is_some();
        let busy = (0..self.payers.len()).filter(counts).find(waits);
        if let Some(payer) = busy {
            let says = self.payers[payer].says();
            let place = self.payers[payer].place;
            let runs = self.sites[place].runs();
            let signing = if runs { self.status(place).map(|status| status.signing) } else { None };
            return Err(format!("the wallet {payer} waits: {says}; its home: {signing:?}"));
        }
        let count = self.rates.cites;
        if let Some(place) = (0..count).find(|place| self.sites[*place].ill.is_some()) {
            let status = if self.sites[place].runs() { self.status(place) } else { None };
            let is = status.map(|status| (status.signing, status.scrub, status.mirrored));
            return Err(format!(
                "node {place} is looked after: {:?}, {is:?}",
                self.sites[place].ill
            ));
        }
        if let Some(place) = (0..count).find(|place| !self.sites[*place].runs()) {
            return Err(format!("node {place} does not run"));
        }
        let statuses: Vec<NodeStatus> = (0..count).filter_map(|place| self.status(place)).collect();
        let sheets: Vec<Option<&Sheet>> = statuses.iter().map(|at| at.sheet.as_ref()).collect();
        for (place, (status, sheet)) in statuses.iter().zip(&sheets).enumerate() {
            // Where the root named new keys for a lie, its home of before signs no more.
            if self.lies_in_its_log(place) {
                continue;
            }
            let sheet = sheet.ok_or_else(|| format!("node {place} has no sheet"))?;
            status.signing.map_err(|why| format!("node {place} does not sign: {why:?}"))?;
            let size = sheet.checkpoint.head.size;
            let own = |known: &&Certificate| known.checkpoint.origin == sheet.checkpoint.origin;
            let certified = sheet.certificate.as_ref().filter(own);
            let certified = certified.map(|known| known.checkpoint.head.size);
            if certified != Some(size) {
                return Err(format!("log {place} has {size} leaves, certified {certified:?}"));
            }
            let cite = self.sites[place].house.id;
            for other in (0..count).filter(|other| *other != place && !self.is_liar(*other)) {
                let held = statuses[other].mirrored.iter().find(|item| item.cite == cite);
                if held.map(|item| item.size) != Some(size) {
                    return Err(format!("log {place} has {size} leaves, {other} holds {held:?}"));
                }
                let id = self.sites[other].house.id;
                let here = sheet.peers.iter().find(|peer| peer.cite == id);
                let there = sheets[other].iter().flat_map(|sheet| &sheet.peers);
                let there = there.into_iter().find(|peer| peer.cite == cite);
                let (Some(here), Some(there)) = (here, there) else {
                    return Err(format!("{place} and {other} have no accounts"));
                };
                if !here.opened_there || there.received < here.sent {
                    return Err(format!("{place} sends to {other}: {here:?}, {there:?}"));
                }
            }
        }
        self.lie_is_over()
    }

    /// Returns whether a root named new keys in this run.
    pub(super) fn has_new_keys(&self) -> bool {
        self.sites.iter().any(|site| site.incarnation > 0 || site.ill.is_some())
    }

    /// Looks at everything.
    ///
    /// # Panics
    /// When something is not so that must be.
    pub(super) fn check(&mut self) {
        let count = self.rates.cites;
        let honest: Vec<usize> = (0..count).filter(|place| !self.lies_in_its_log(*place)).collect();
        let mut told = Vec::new();
        for place in honest.clone() {
            assert_eq!(self.convicted_at(place), self.guilty(), "nobody honest is convicted");
            let sheet = self.status(place).and_then(|status| status.sheet);
            told.push((place, self.balances(place), sheet));
        }
        for place in 0..count {
            self.stop(place, Stop::Clean);
        }
        let logs: Vec<Stands> = self.sites[..count]
            .iter()
            .map(|site| Stands::read(Arc::clone(&site.disk) as _))
            .collect();
        for (place, log) in logs.iter().enumerate() {
            self.everything_stands(place, log);
            every_prefix_sums_to_zero(&log.entries);
            self.times_are_right(place, &log.entries);
            self.quorums_cosigned(place, &log.entries);
        }
        let cites: Vec<CiteId> = self.sites[..count].iter().map(|site| site.house.id).collect();
        let books: Vec<Book> =
            cites.iter().zip(&logs).map(|(cite, log)| Book::of(*cite, &log.entries)).collect();
        for (place, balances, sheet) in &told {
            let book = &books[*place];
            for (account, balance) in balances {
                assert_eq!(book.balances.get(account).unwrap_or(&0), balance, "{account:?}");
            }
            for peer in sheet.iter().flat_map(|sheet| &sheet.peers) {
                assert_eq!(*book.peers.get(&peer.cite).unwrap_or(&0), peer.balance.0, "{peer:?}");
            }
        }
        for here in 0..count {
            for there in (0..count).filter(|there| *there != here) {
                self.streams_agree((cites[here], &books[here]), (cites[there], &books[there]));
            }
        }
        self.a_stranger_agrees();
    }

    /// Returns what a node tells its members that they have.
    fn balances(&mut self, place: usize) -> BTreeMap<Account, i64> {
        let mut balances = BTreeMap::new();
        for who in 0..self.sites[place].people.len() {
            let Some(Reply::Challenge(challenge)) = self.ask(place, Call::Challenge) else {
                panic!("a challenge is for anybody")
            };
            let site = &self.sites[place];
            let (house, person) = (&site.house, &site.people[who]);
            let query = SignedQuery::sign(
                &house.network,
                &house.id,
                person.id,
                (0, 0),
                challenge,
                Query::Account,
                &person.device,
            );
            let id = person.id;
            match self.ask(place, Call::Private(Box::new(query))) {
                Some(Reply::Account(sheet)) => {
                    balances.insert(Account::Member(id), sheet.balance.0);
                }
                other => panic!("no account: {other:?}"),
            }
        }
        balances
    }

    /// Compares what was said about a log with what stands there.
    fn everything_stands(&self, place: usize, log: &Stands) {
        let Site { house, incarnation, .. } = &self.sites[place];
        let Seen { signed, certified, committed, acknowledged, .. } = &self.seen;
        // What was signed in an incarnation that was given up need not stay. What was certified must.
        let of = |heads: &BTreeMap<Log, BTreeMap<u64, Hash>>, least: u32| {
            let ours = heads.iter().filter(|((of, at), _)| *of == house.id && *at >= least);
            ours.flat_map(|(_, heads)| heads.clone()).collect::<Vec<_>>()
        };
        let doubted = self.lies_in_its_log(place);
        let signed = if doubted { Vec::new() } else { of(signed, *incarnation) };
        for (size, root) in signed.into_iter().chain(of(certified, 0)) {
            assert_eq!(log.root(size), Some(&root), "a head of {size} leaves of log {place}");
        }
        for (_, head) in committed.iter().filter(|(at, head)| *at == place && head.size > 0) {
            assert_eq!(log.root(head.size), Some(&head.root), "a committed head of log {place}");
        }
        for one in acknowledged.iter().filter(|one| one.place == place) {
            let Checkpoint { origin, .. } = one.receipt.checkpoint;
            let by = certified.get(&(house.id, origin.incarnation));
            let by = by.and_then(|heads| heads.keys().next_back()).copied().unwrap_or(0);
            if origin.incarnation < *incarnation && one.receipt.leaf >= by {
                continue;
            }
            let leaf = usize::try_from(one.receipt.leaf).expect("a small log");
            let stands = log.entries.get(leaf).map(Vec::as_slice);
            assert_eq!(stands, Some(&one.receipt.entry[..]), "{} is at leaf {leaf}", one.order);
        }
    }

    /// Compares what one cité sent with what the other made of it.
    fn streams_agree(&mut self, here: (CiteId, &Book), there: (CiteId, &Book)) {
        let nothing = Vec::new();
        let sent = here.1.sent.get(&there.0).unwrap_or(&nothing);
        let nothing = Vec::new();
        let received = there.1.received.get(&here.0).unwrap_or(&nothing);
        assert!(received.len() <= sent.len(), "only what was sent is taken in");
        let doubted = [here.0, there.0].iter().any(|cite| self.seen.is_doubted(cite));
        assert!(doubted || sent.len() == received.len(), "all that was sent was taken in");
        for (sent, received) in sent.iter().zip(received) {
            assert_eq!(*sent, received.message, "what is taken in is what was sent");
            match (&sent.content, received.outcome) {
                (Content::Transfer(_), Outcome::Taken) => {
                    self.reached.note("hours were taken in abroad");
                }
                (Content::Transfer(_), Outcome::Returned { reason: 43, .. }) => {
                    self.reached.note("a payment came back at a line");
                }
                _ => {}
            }
        }
        let way =
            |from: (CiteId, &Book), to: (CiteId, &Book)| from.1.on_their_way(to.0, to.1, from.0);
        let balance = |book: &Book, of: CiteId| book.peers.get(&of).copied().unwrap_or(0);
        assert_eq!(
            balance(here.1, there.0) + balance(there.1, here.0),
            way(here, there) + way(there, here),
            "what two cités owe one another is what is on its way"
        );
    }

    /// Puts all logs into bundles and audits them together, as a stranger would.
    fn a_stranger_agrees(&self) {
        let honest = (0..self.rates.cites).filter(|place| !self.lies_in_its_log(*place));
        let disk = |place: usize| Arc::clone(&self.sites[place].disk);
        let bundles: Vec<Vec<u8>> = honest.map(|place| own_bundle(disk(place) as _)).collect();
        // The mirror keys of each cité, those that its root named since among them.
        let anchors: String = self.seen.mirror_keys().fold(String::new(), |text, (cite, key)| {
            let digits: String = key.0.iter().map(|byte| format!("{byte:02x}")).collect();
            text + &format!("cite {cite} {digits}\n")
        });
        let report = audited(&bundles, Some(&anchors), false);
        assert_eq!(report.verdict, Verdict::Witnessed, "{:#?}", report.bundles);
        let guilty = self.guilty();
        let mut convicted =
            report.convictions.iter().map(|conviction| conviction.founding().cite());
        assert!(convicted.all(|cite| guilty.contains(&cite)), "an honest cité is convicted");
        let totals = report.network.expect("all bundles are of one moment");
        assert_eq!(totals.sum.0, 0);
        assert!(totals.outside.0 == 0 || bundles.len() < self.rates.cites);
    }
}

/// Replays a log leaf by leaf.
pub(super) fn every_prefix_sums_to_zero(entries: &[Vec<u8>]) {
    let (mut fold, mut book) = (Fold::default(), KeyBook::default());
    for (leaf, entry) in entries.iter().enumerate() {
        let prepared = replay::prepare(&mut book, std::slice::from_ref(entry));
        replay::fold(&mut fold, prepared).expect("an honest log holds");
        let sum = fold.state().sum().map(|sum| sum.0);
        assert_eq!(sum, Some(0), "the sum after leaf {leaf}");
    }
}
