//! Doors of a running node: frames from clients, peers and gossip, and the files that it keeps beside its
//! log. Whatever comes in, the node goes on, and what it says is well-formed.

use std::{collections::BTreeMap, sync::Arc};

use ledger::{
    disk::Disk,
    guard::{Guard, Seat},
};
use node::{
    core::{Core, Input, MessageId, Output, PeerKey, ReplyTo, SHOWN, Settings, Shown},
    keyfile::Keys,
};
use proto::{
    codec::{Bytes, Canonical},
    desk::{Blocked, Call, Frame, Operator, Query, Reply, SignedQuery},
    ids::{CiteId, NetworkId},
    minutes::Minutes,
    time::{UnixMillis, UtcDay},
    wire::{Answer, Ask, Gossip, Letter, LetterContent},
};

use super::{Door, Entered, Heap};
use crate::{
    cluster::Cluster,
    disk::FaultyDisk,
    people::{Person, seed},
};

/// A whole node with its disk, made anew for every input.
const HEAP: Heap = Heap { ahead: 16 * 1_024 * 1_024, times: 64 };

/// A node is opened for every input, with an index on a real disk.
const COST: usize = 100;

/// Places in the cluster: the node that is looked at, and its ally.
const HERE: usize = 0;
const ALLY: usize = 1;

/// Forms that a node keeps in files, with what the files' names begin with.
const FILES: &[(&str, &str)] = &[
    ("file of openings", "notes/openings"),
    ("file of neighbours", "notes/neighbours"),
    ("file of invitations", "notes/invitations"),
    ("file of the clock", "notes/clock"),
    ("file of those blocked", "notes/blocked"),
    ("note of a checkpoint that is not in this log", SHOWN),
    ("application", "mailbox/applications/"),
    ("outgoing letter", "mailbox/outgoing/"),
    ("kept letter", "mailbox/"),
    ("mark of an erasure", "notes/erased/"),
];

/// Frames of each kind that are begun with at most: those that are longest are not many.
const FRAMES_MAX: usize = 24;

/// A node that was stopped, and what it takes to open it again and to call it.
struct Stopped {
    disk: FaultyDisk,
    files: BTreeMap<String, Vec<u8>>,
    cite: CiteId,
    network: NetworkId,
    keys: Keys,
    steward: Person,
    now: UnixMillis,
    ally: PeerKey,
    /// What it was handed while it ran.
    handed: Vec<Input>,
}

/// Returns the doors.
pub(super) fn doors() -> Vec<Door> {
    let node = Arc::new(story());
    let mut running = node.open(Arc::new(node.disk.image())).expect("the node was closed well");
    let status = running.call(Call::Operator(Operator::Status));
    let signs = matches!(&status, Some(Reply::Status(status)) if status.signing.is_ok());
    assert!(signs, "what it would not do is not tried: {status:?}");
    let mut doors: Vec<Door> = FILES.iter().map(|(form, name)| file(&node, form, name)).collect();
    doors.extend([
        frames(&node, "call-of-a-client", |input| match input {
            Input::Called { frame, .. } => Some(frame),
            _ => None,
        }),
        frames(&node, "ask-of-a-peer", |input| match input {
            Input::Asked { frame, .. } => Some(frame),
            _ => None,
        }),
        frames(&node, "gossip-of-a-peer", |input| match input {
            Input::Gossiped { frame, .. } => Some(frame),
            _ => None,
        }),
        frames(&node, "answer-of-a-peer", |input| match input {
            Input::Answered { frame, .. } => frame.as_ref(),
            _ => None,
        }),
    ]);
    doors
}

/// Lets a node do what it keeps files for, beside an ally and in front of somebody who applies.
fn story() -> Stopped {
    let mut cluster = Cluster::new(&["tisserandes", "mariniers"]);
    cluster.handed = Some(Vec::new());
    // Once again from the first hello on.
    cluster.stop(ALLY, true);
    cluster.start(ALLY);
    cluster.run(3);
    cluster.ally(HERE, ALLY, 100);
    cluster.mirror(HERE, &[ALLY]);
    cluster.mirror(ALLY, &[HERE]);
    cluster.run(10);
    cluster.pay(HERE, 1, 2, 60);
    cluster.export((HERE, 1), (ALLY, 1), 30);
    cluster.export((ALLY, 1), (HERE, 2), 30);
    cluster.run(10);
    let until = UtcDay(cluster.now.day().0 + 7);
    let Reply::Invitation { token, .. } = cluster.query(HERE, 0, Query::Invite { until, uses: 2 })
    else {
        panic!("a steward invites")
    };
    let newcomer = Person::new("newcomer", &cluster.sites[HERE].house);
    let join = Bytes::from(newcomer.join().bytes().to_vec());
    let call = Call::Apply { token, join, alias: "Alice".to_owned() };
    assert_eq!(cluster.call(HERE, call), Reply::Done);
    for query in [Query::Account, Query::History { from: 0 }, Query::Card, Query::Acts] {
        cluster.query(HERE, 0, query);
    }
    for call in [Call::Sheet, Call::Cites, Call::Operator(Operator::Status)] {
        cluster.call(HERE, call);
    }
    for subnet in ["192.0.2.7", "2001:db8::/48"] {
        let blocked = Blocked::Subnet(subnet.parse().expect("figures"));
        cluster.call(HERE, Call::Operator(Operator::Block(blocked)));
    }
    let checkpoint = cluster.sheet(HERE).checkpoint;
    // The ally is away from here on: a letter to it waits.
    cluster.stop(ALLY, true);
    cluster.settle();
    for to in [HERE, ALLY] {
        let letter = letter(&cluster, to, until);
        assert_eq!(cluster.call(HERE, Call::Letter(letter)), Reply::Done);
    }
    let member = cluster.sites[HERE].people[2].id;
    let erased = cluster.query(HERE, 0, Query::Erase { member });
    assert!(matches!(erased, Reply::Erasure(_)), "{erased:?}");
    cluster.stop(HERE, true);
    let handed = cluster.handed.take().unwrap_or_default();
    let site = &cluster.sites[HERE];
    let (mut files, cite) = (site.files(), site.house.id);
    // A home that noted one would sign nothing, and less would be tried: this one is in the log.
    files.insert(SHOWN.to_owned(), Shown { checkpoint }.encode());
    Stopped {
        disk: disk_of(&files, cite),
        files,
        cite,
        network: site.house.network,
        keys: site.keys(),
        steward: Person::new("tisserandes steward", &site.house),
        now: cluster.now,
        ally: cluster.sites[ALLY].peer(),
        handed: handed.into_iter().filter(|(at, _)| *at == HERE).map(|(_, i)| i).collect(),
    }
}

/// Returns a letter in which a member of the node asks one of a cité for an hour.
fn letter(cluster: &Cluster, to: usize, until: UtcDay) -> Letter {
    let (payee, other) = (&cluster.sites[HERE].people[1], &cluster.sites[to]);
    let request = payee.request(Minutes(60), [7; 16], until).sign(&payee.device);
    let request = Bytes::from(request.bytes().to_vec());
    let content = LetterContent::Request { request, body: None };
    Letter { home: other.house.id, to: other.people[2].id, content }
}

/// Returns a disk in memory with these files, and a guard that trusts it.
fn disk_of(files: &BTreeMap<String, Vec<u8>>, cite: CiteId) -> FaultyDisk {
    let disk = Arc::new(FaultyDisk::new(b'0'));
    for (name, bytes) in files.iter().filter(|(name, _)| *name != "guard") {
        if let Some((folder, _)) = name.rsplit_once('/') {
            disk.create_dir(folder).expect("a disk without faults");
        }
        disk.replace(name, bytes).expect("a disk without faults");
    }
    let seat = Seat::of(disk.as_ref(), "log/00000000.seg", cite.0, 0);
    let seat = seat.expect("the log is there");
    Guard::create(disk.clone(), "guard", seat).expect("there was none");
    disk.image()
}

/// A node that runs, and what it asked last.
struct Running {
    core: Core,
    now: UnixMillis,
    token: u64,
    replies: Vec<Reply>,
    _index: tempfile::TempDir,
}

impl Stopped {
    /// Opens the node on a disk, with its ally connected and known.
    fn open(&self, disk: Arc<dyn Disk>) -> Option<Running> {
        let settings = Settings {
            keys: self.keys.clone(),
            seed: seed("fuzz"),
            started: self.now,
            version: "0.1.0-test",
            friends: Vec::new(),
            scaled_clock: true,
        };
        let index = tempfile::tempdir().expect("a temporary directory");
        let core = Core::open(disk, index.path(), self.cite, settings).ok()?;
        let (now, replies) = (self.now, Vec::new());
        let mut running = Running { core, now, token: 0, replies, _index: index };
        let hello = self.handed.iter().find_map(|input| match input {
            Input::Asked { frame, .. } if matches!(Ask::decode(frame), Ok(Ask::Hello(_))) => {
                Some(frame.clone())
            }
            _ => None,
        });
        let (peer, reply_to) = (self.ally, ReplyTo(1));
        running.hand(Input::Connected(peer));
        running.hand(Input::Asked { peer, frame: hello.expect("nodes say hello"), reply_to });
        // Longer than mirrors are asked for what they hold: the node then signs.
        for _ in 0..3 {
            running.now = running.now.plus(60_000);
            running.hand(Input::Tick);
        }
        Some(running)
    }
}

impl Running {
    /// Hands an input to the node, and fails unless all that it says is well-formed.
    fn hand(&mut self, input: Input) {
        for output in self.core.handle(self.now, vec![input]) {
            match output {
                Output::Ask { frame, token, .. } => {
                    assert!(Ask::decode(&frame).is_ok(), "an ask that nobody reads");
                    self.token = token;
                }
                Output::Answer { frame, .. } => {
                    assert!(Answer::decode(&frame).is_ok(), "an answer that nobody reads");
                }
                Output::Publish(frame) => {
                    assert!(Gossip::decode(&frame).is_ok(), "gossip that nobody reads");
                }
                Output::Reply { frame, .. } => {
                    self.replies.push(Reply::decode(&frame).expect("a reply that a client reads"));
                }
                _ => {}
            }
        }
    }

    fn call(&mut self, call: Call) -> Option<Reply> {
        self.replies.clear();
        let frame = Frame { home: None, call }.encode();
        self.hand(Input::Called { frame, reply_to: ReplyTo(2) });
        self.replies.pop()
    }

    /// Looks at everything that is read from files, and writes what is written at the end.
    fn look(&mut self, node: &Stopped) {
        for query in [Query::Applications, Query::Requests, Query::Acts] {
            let Some(Reply::Challenge(challenge)) = self.call(Call::Challenge) else { continue };
            let Person { id, device, .. } = &node.steward;
            let signed =
                SignedQuery::sign(&node.network, &node.cite, *id, (0, 0), challenge, query, device);
            self.call(Call::Private(Box::new(signed)));
        }
        self.call(Call::Cites);
        self.now = self.now.plus(86_400_000);
        self.hand(Input::Tick);
        self.core.close();
    }
}

fn file(node: &Arc<Stopped>, form: &str, begins: &str) -> Door {
    let found = node.files.iter().filter(|(name, _)| name.starts_with(begins));
    // Letters are kept in folders of members, beside those of two other names.
    let other = |name: &str| {
        begins == "mailbox/"
            && ["applications/", "outgoing/"].iter().any(|other| {
                name.strip_prefix(begins).is_some_and(|within| within.starts_with(other))
            })
    };
    let (name, bytes) = found.into_iter().find(|(name, _)| !other(name)).unwrap_or_else(|| {
        panic!("{form}: no file among {:?}", node.files.keys().collect::<Vec<_>>())
    });
    let (node, name) = (Arc::clone(node), name.clone());
    Door {
        name: format!("{}-of-a-node", super::folder(form)),
        forms: vec![form.to_owned()],
        seeds: vec![bytes.clone()],
        heap: HEAP,
        cost: COST,
        enter: Box::new(move |bytes| {
            let disk = Arc::new(node.disk.image());
            disk.replace(&name, bytes).expect("a disk without faults");
            let Some(mut running) = node.open(disk) else { return Entered::Refused };
            running.look(&node);
            Entered::Read
        }),
    }
}

fn frames(node: &Arc<Stopped>, name: &str, frame: fn(&Input) -> Option<&Vec<u8>>) -> Door {
    let mut seeds: Vec<Vec<u8>> = node.handed.iter().filter_map(frame).cloned().collect();
    seeds.sort_unstable_by_key(|seed| (seed.first().copied(), seed.len()));
    seeds.dedup();
    let every = seeds.len().div_ceil(FRAMES_MAX).max(1);
    let seeds = seeds.into_iter().step_by(every).collect();
    let node = Arc::clone(node);
    let kind = name.to_owned();
    Door {
        name: name.to_owned(),
        forms: Vec::new(),
        seeds,
        heap: HEAP,
        cost: COST,
        enter: Box::new(move |bytes| {
            let disk = Arc::new(node.disk.image());
            let mut running = node.open(disk).expect("the node was closed well");
            let (peer, reply_to, frame) = (node.ally, ReplyTo(3), bytes.to_vec());
            let (input, read) = match kind.as_str() {
                "call-of-a-client" => {
                    (Input::Called { frame, reply_to }, Frame::decode(bytes).is_ok())
                }
                "ask-of-a-peer" => {
                    (Input::Asked { peer, frame, reply_to }, Ask::decode(bytes).is_ok())
                }
                "gossip-of-a-peer" => {
                    let id = MessageId([1; 32]);
                    (Input::Gossiped { peer, id, frame }, Gossip::decode(bytes).is_ok())
                }
                _ => {
                    let token = running.token;
                    let read = Answer::decode(bytes).is_ok();
                    (Input::Answered { token, frame: Some(frame) }, read)
                }
            };
            running.hand(input);
            running.hand(Input::Tick);
            if read { Entered::Read } else { Entered::Refused }
        }),
    }
}
