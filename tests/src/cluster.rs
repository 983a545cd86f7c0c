//! A cluster of real node cores in one process, without sockets and without a clock: what one core
//! sends is what another is handed, unless the network between them is told to be faulty. The same
//! cores run in the daemon.

mod faults;
mod mesh;
mod network;
mod site;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use faults::Rates;
use faults::{Faults, Sent};
pub use mesh::Mesh;

use ledger::{
    disk::{Disk, Holder, MachineId, RealDisk},
    home::{FoundingPlan, Home},
};
use node::{
    core::{Core, Input, MessageId, Output, PeerKey, RECORD, ReplyTo, Settings, Verdict},
    keyfile::Keys,
};
use proto::{
    act::{Act, Level, MirrorSet, PeerOpen},
    codec::{Bytes, Canonical as _},
    desk::{AccountSheet, Call, Frame, Operator, Query, Reply, Sheet, SignedQuery},
    entry::RootAct,
    founding::SignedFounding,
    hash::{Hash, Use, digest},
    ids::{Account, CiteId, MemberId, OrderId},
    keys::PublicKey,
    minutes::Minutes,
    order::{Export, Order, Pay, SignedOrder, Statement},
    time::UnixMillis,
    wire::{Answer, Ask, Letter},
};
use tempfile::TempDir;

use crate::people::{House, Person, TODAY, founding_bytes, seed};

/// Members of each cité of a cluster: one steward and two others.
const MEMBERS: [&str; 3] = ["steward", "zoe", "marcel"];

/// One cité with its node.
pub struct Site {
    /// Its keys.
    pub house: House,
    /// Its members, the steward first.
    pub people: Vec<Person>,
    /// Whether its clock is set by hand, from its next start on; else it is one of a real machine.
    pub scaled_clock: bool,
    /// Milliseconds that its clock is ahead of the others'.
    pub ahead: i64,
    /// The nodes that its own is to call, and where, as it said last.
    pub keep: Vec<(PeerKey, Vec<String>)>,
    dir: TempDir,
    core: Option<Core>,
}

/// Cités, their nodes, and the frames between them.
pub struct Cluster {
    /// The cités.
    pub sites: Vec<Site>,
    /// What the clocks show.
    pub now: UnixMillis,
    inbox: Vec<(usize, Input)>,
    /// Nodes that stand still, with what waits for them.
    held: BTreeMap<usize, Vec<Input>>,
    /// Asks that may still be answered: what was sent, with the token that the answer brings back.
    tokens: BTreeMap<u64, (Sent, u64)>,
    faults: Option<Faults>,
    /// What is on its way: when it arrives, at whom, what.
    late: Vec<(UnixMillis, usize, Input)>,
    /// Checkpoints that nodes sent one another: cité, size and root.
    pub signed: BTreeSet<(CiteId, u64, Hash)>,
    /// Letters that nodes brought one another, arrived or not, with when.
    pub letters: Vec<(UnixMillis, Letter)>,
    calls: BTreeMap<u64, Option<Reply>>,
    next: u64,
    /// Connections that are cut, as ordered pairs of places.
    pub cut: Vec<(usize, usize)>,
    /// Whose orders never reach their home, by its place, and what is answered to whoever brings them; nothing at all
    /// where that is `None`.
    pub dropped: BTreeMap<(usize, MemberId), Option<Reply>>,
    /// Who passes gossip on to whom, one hop a second; where it is `None` all hear of it at once.
    pub mesh: Option<Mesh>,
    /// Nodes that answer every ask with the next of these frames, in turn.
    pub liars: BTreeMap<usize, Vec<Vec<u8>>>,
    /// Bytes that were asked of those nodes.
    pub asked_liar: usize,
    /// Nodes that give one of these answers wherever they would give another of its kind, those of a kind in turn.
    pub twisted: BTreeMap<usize, Vec<Answer>>,
    /// Seconds after which entries arrive that they give.
    pub drips: u64,
    /// Seconds that each frame is on its way while the network is good.
    pub delay: u64,
    /// A node whose program was changed so that it hears no evidence: it goes on after it cheated.
    pub deaf: Option<usize>,
    /// All that nodes were handed, by their place, for those who ask for it.
    pub handed: Option<Vec<(usize, Input)>>,
}

impl Cluster {
    /// Founds cités with one steward and two members each, and starts their nodes, connected.
    pub fn new(slugs: &[&str]) -> Self {
        let now = TODAY.start();
        let sites = slugs.iter().map(|slug| Site::found(slug, now)).collect();
        let mut cluster = Self {
            sites,
            now,
            inbox: Vec::new(),
            held: BTreeMap::new(),
            tokens: BTreeMap::new(),
            faults: None,
            late: Vec::new(),
            signed: BTreeSet::new(),
            letters: Vec::new(),
            calls: BTreeMap::new(),
            next: 0,
            cut: Vec::new(),
            dropped: BTreeMap::new(),
            mesh: None,
            liars: BTreeMap::new(),
            twisted: BTreeMap::new(),
            drips: 0,
            delay: 0,
            asked_liar: 0,
            deaf: None,
            handed: None,
        };
        for place in 0..cluster.sites.len() {
            cluster.start(place);
        }
        cluster.run(3);
        cluster
    }

    /// Returns cités that have all opened lines of 100 hours to one another, and mirror one another's logs.
    pub fn allied(slugs: &[&str]) -> Self {
        let mut cluster = Self::new(slugs);
        let places = 0..slugs.len();
        for a in places.clone() {
            for b in a + 1..places.end {
                cluster.ally(a, b, 100);
            }
        }
        for place in places.clone() {
            let others: Vec<usize> = places.clone().filter(|other| *other != place).collect();
            cluster.mirror(place, &others);
        }
        cluster.run(40);
        cluster
    }

    /// Starts a node and connects it with all others that run.
    pub fn start(&mut self, place: usize) {
        let now = self.sites[place].clock(self.now);
        self.sites[place].start(now);
        self.inbox.push((place, Input::Listening(format!("127.0.0.1:{}", 17_890 + place))));
        for other in 0..self.sites.len() {
            if other != place && self.sites[other].core.is_some() {
                self.connect(place, other);
            }
        }
    }

    /// Connects two nodes.
    pub fn connect(&mut self, a: usize, b: usize) {
        self.inbox.push((a, Input::Connected(self.sites[b].peer())));
        self.inbox.push((b, Input::Connected(self.sites[a].peer())));
    }

    /// Connects somebody who has this key on the network with a node.
    pub fn connect_as(&mut self, peer: PeerKey, to: usize) {
        self.inbox.push((to, Input::Connected(peer)));
        self.settle();
    }

    /// Stops a node: cleanly, or as if killed.
    pub fn stop(&mut self, place: usize, cleanly: bool) {
        if let Some(mut core) = self.sites[place].core.take()
            && cleanly
        {
            core.close();
        }
        let gone = self.sites[place].peer();
        self.inbox.retain(|(to, _)| *to != place);
        self.late.retain(|(_, to, _)| *to != place);
        self.tokens.retain(|_, (sent, _)| sent.from != place);
        for other in 0..self.sites.len() {
            if other != place {
                self.inbox.push((other, Input::Disconnected(gone)));
            }
        }
    }

    /// Lets `seconds` pass, each with a tick for every node and time for all frames to arrive.
    pub fn run(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.now = self.now.plus(1_000);
            for place in 0..self.sites.len() {
                self.inbox.push((place, Input::Tick));
            }
            self.arrive();
            self.settle();
        }
    }

    /// Tells a node how many bytes are free on its disk.
    pub fn disk_free(&mut self, place: usize, bytes: u64) {
        self.inbox.push((place, Input::DiskFree(bytes)));
        self.settle();
    }

    /// Lets a node stand still: it is connected and answers nothing.
    pub fn hold(&mut self, place: usize) {
        self.held.entry(place).or_default();
    }

    /// Lets a node go on with all that came meanwhile.
    pub fn release(&mut self, place: usize) {
        let waiting = self.held.remove(&place).unwrap_or_default();
        self.inbox.extend(waiting.into_iter().map(|input| (place, input)));
    }

    /// Lets all frames arrive.
    pub fn settle(&mut self) {
        for _ in 0..10_000 {
            let mut inbox = std::mem::take(&mut self.inbox);
            if let Some(faults) = &mut self.faults {
                inbox = faults.shuffle(inbox);
            }
            if inbox.is_empty() {
                return;
            }
            let mut inputs: BTreeMap<usize, Vec<Input>> = BTreeMap::new();
            for (place, input) in inbox {
                if self.deaf == Some(place) && faults::tells_evidence(&input) {
                    continue;
                }
                if let Some(waiting) = self.held.get_mut(&place) {
                    waiting.push(input);
                    continue;
                }
                inputs.entry(place).or_default().push(input);
            }
            for (place, inputs) in inputs {
                let now = self.sites[place].clock(self.now);
                let Some(core) = &mut self.sites[place].core else { continue };
                if let Some(handed) = &mut self.handed {
                    handed.extend(inputs.iter().map(|input| (place, input.clone())));
                }
                let outputs = core.handle(now, inputs);
                for output in outputs {
                    self.carry(place, output);
                }
            }
        }
        panic!("the nodes never come to rest");
    }

    /// Asks a node as another site's node, or as a stranger who dialled in.
    pub fn ask(&mut self, from: Option<usize>, to: usize, ask: &Ask) -> Answer {
        let peer = from.map_or(PublicKey([9; 32]), |from| self.sites[from].peer());
        self.ask_as(peer, to, ask)
    }

    /// Asks a node as whoever has this key on the network.
    ///
    /// # Panics
    /// When the node does not run, or does not answer.
    pub fn ask_as(&mut self, peer: PeerKey, to: usize, ask: &Ask) -> Answer {
        self.next += 1;
        let reply_to = ReplyTo(self.next);
        let now = self.sites[to].clock(self.now);
        let core = self.sites[to].core.as_mut().expect("the node runs");
        let outputs = core.handle(now, vec![Input::Asked { peer, frame: ask.encode(), reply_to }]);
        let mut answer = None;
        for output in outputs {
            match output {
                Output::Answer { reply_to: to, frame } if to == reply_to => answer = Some(frame),
                other => self.carry(to, other),
            }
        }
        self.settle();
        Answer::decode(&answer.expect("asks are answered")).expect("answers are canonical")
    }

    /// Passes gossip on to a node, and returns its verdict.
    ///
    /// # Panics
    /// When the node does not run, or gives none.
    pub fn gossip(&mut self, peer: PeerKey, to: usize, frame: Vec<u8>) -> Verdict {
        let now = self.sites[to].clock(self.now);
        let core = self.sites[to].core.as_mut().expect("the node runs");
        let id = MessageId(digest(Use::Gossip, &[&frame]).0);
        let mut verdict = None;
        for output in core.handle(now, vec![Input::Gossiped { peer, id, frame }]) {
            match output {
                Output::Judge { verdict: judged, .. } => verdict = Some(judged),
                other => self.carry(to, other),
            }
        }
        self.settle();
        verdict.expect("gossip is judged")
    }

    /// Asks a node as whoever has this key on the network, and does not wait for the answer.
    pub fn throw(&mut self, peer: PeerKey, to: usize, ask: &Ask) {
        self.next += 1;
        let (frame, reply_to) = (ask.encode(), ReplyTo(self.next));
        self.inbox.push((to, Input::Asked { peer, frame, reply_to }));
    }

    /// Returns what a node that stands still was asked meanwhile.
    pub fn asked_meanwhile(&self, place: usize) -> Vec<Ask> {
        let waiting = self.held.get(&place).into_iter().flatten();
        let asks = waiting.filter_map(|input| match input {
            Input::Asked { frame, .. } => Ask::decode(frame).ok(),
            _ => None,
        });
        asks.collect()
    }

    /// Calls a node as a client at its socket.
    pub fn call(&mut self, place: usize, call: Call) -> Reply {
        self.call_home(place, None, call)
    }

    /// Calls a node about another cité.
    pub fn call_home(&mut self, place: usize, home: Option<CiteId>, call: Call) -> Reply {
        let id = self.begin(place, home, call);
        self.settle();
        self.replied(id).expect("every call is replied to")
    }

    /// Begins a call, and returns by which number [`Self::replied`] knows it.
    pub fn begin(&mut self, place: usize, home: Option<CiteId>, call: Call) -> u64 {
        self.next += 1;
        self.calls.insert(self.next, None);
        let frame = Frame { home, call }.encode();
        self.inbox.push((place, Input::Called { frame, reply_to: ReplyTo(self.next) }));
        self.next
    }

    /// Returns the reply to a call that was begun, once it is there.
    pub fn replied(&mut self, id: u64) -> Option<Reply> {
        let reply = self.calls.get(&id)?.clone()?;
        self.calls.remove(&id);
        Some(reply)
    }

    /// Returns whether a node runs.
    pub fn runs(&self, place: usize) -> bool {
        self.sites[place].core.is_some()
    }

    /// Asks a private query as a member of a cité.
    pub fn query(&mut self, place: usize, who: usize, query: Query) -> Reply {
        let Reply::Challenge(challenge) = self.call(place, Call::Challenge) else {
            panic!("a challenge is for anybody");
        };
        let site = &self.sites[place];
        let person = &site.people[who];
        let signed = SignedQuery::sign(
            &site.house.network,
            &site.house.id,
            person.id,
            (0, 0),
            challenge,
            query,
            &person.device,
        );
        self.call(place, Call::Private(Box::new(signed)))
    }

    /// Returns a member's account.
    pub fn account(&mut self, place: usize, who: usize) -> AccountSheet {
        match self.query(place, who, Query::Account) {
            Reply::Account(sheet) => *sheet,
            other => panic!("no account: {other:?}"),
        }
    }

    /// Returns a cité's public sheet.
    pub fn sheet(&mut self, place: usize) -> Sheet {
        match self.call(place, Call::Sheet) {
            Reply::Sheet(sheet) => *sheet,
            other => panic!("no sheet: {other:?}"),
        }
    }

    /// Signs the next order of a member's device.
    pub fn order(&mut self, place: usize, who: usize, statement: Statement) -> SignedOrder {
        let sheet = self.account(place, who);
        let lane = sheet.lanes.first().expect("one device");
        let person = &self.sites[place].people[who];
        let order = Order {
            seen: sheet.seen,
            valid_until: sheet.now.day().plus(30),
            ..person.order(lane.seq + 1, lane.last, statement)
        };
        order.sign(&person.device)
    }

    /// Signs an order and submits it.
    pub fn submit(&mut self, place: usize, who: usize, statement: Statement) -> Reply {
        let order = self.order(place, who, statement);
        self.send(place, &order)
    }

    /// Submits a signed order.
    pub fn send(&mut self, place: usize, order: &SignedOrder) -> Reply {
        let order = Bytes::from(order.bytes().to_vec());
        self.call(place, Call::Submit { order, body: None })
    }

    /// Pays inside a cité.
    pub fn pay(&mut self, place: usize, payer: usize, payee: usize, minutes: u32) -> Reply {
        let payee = Account::Member(self.sites[place].people[payee].id);
        let pay = Pay { payee, minutes: Minutes(minutes), request: None };
        self.submit(place, payer, Statement::Pay(pay))
    }

    /// Pays a member of another cité.
    pub fn export(&mut self, from: (usize, usize), to: (usize, usize), minutes: u32) -> Reply {
        let site = &self.sites[to.0];
        let (to, payee) = (site.house.id, site.people[to.1].id);
        let export = Export { to, payee, minutes: Minutes(minutes), request: None };
        self.submit(from.0, from.1, Statement::Export(export))
    }

    /// Opens accounts between two cités, with a line each in hours.
    pub fn ally(&mut self, a: usize, b: usize, hours: u32) {
        for (here, there) in [(a, b), (b, a)] {
            let founding = founding_bytes(&self.sites[there].house);
            let line = Minutes(hours * 60);
            let act = Act::PeerOpen(PeerOpen { founding, line });
            assert!(matches!(self.submit(here, 0, Statement::Act(act)), Reply::Recorded(_)));
        }
    }

    /// Makes others the mirrors of a cité.
    pub fn mirror(&mut self, place: usize, mirrors: &[usize]) {
        let mut mirrors: Vec<_> =
            mirrors.iter().map(|mirror| self.sites[*mirror].house.as_mirror()).collect();
        mirrors.sort_unstable();
        let act = Act::MirrorSet(MirrorSet { mirrors });
        assert!(matches!(self.submit(place, 0, Statement::Act(act)), Reply::Recorded(_)));
    }

    /// Lets time pass in which nobody looks at a clock: all machines sleep.
    pub fn sleep(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }

    /// Sets all clocks.
    pub fn set_clocks(&mut self, to: UnixMillis) {
        for place in 0..self.sites.len() {
            if self.sites[place].core.is_some() {
                let reply = self.call(place, Call::Operator(Operator::Clock(to)));
                assert_eq!(reply, Reply::Done);
            }
        }
    }
}

/// Returns the order of a receipt.
pub fn recorded(reply: &Reply) -> Option<OrderId> {
    let Reply::Recorded(receipt) = reply else { return None };
    let entry = proto::entry::Entry::decode(&receipt.entry).ok()?;
    ledger::home::order_of(&entry)
}
