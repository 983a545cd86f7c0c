//! A cité with known keys, whose node runs as a process while the test signs for its people itself and
//! speaks to its desk as any client does. It waits for nothing and retries nothing.

use std::{
    path::Path,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use ledger::home::{FoundingPlan, Home as LogHome};
use node::{
    client::{Client, ClientError},
    home_dir::{Claimed, HomeDir},
    keyfile::Keys,
};
use proto::{
    act::{Act, Admit, Level},
    codec::Bytes,
    desk::{Call, Frame, Query, Reply, SignedQuery},
    entry::RootAct,
    ids::{CiteId, OrderId},
    membership::Terms,
    minutes::Minutes,
    order::{Head, Join, Order, SignedOrder, Statement},
    time::{UnixMillis, UtcDay},
    wire::Invitation,
};

use super::{Home, PATIENCE};
use crate::people::{House, Person, network};

/// Days for which orders and cards of these tests hold.
const DAYS: u64 = 30;

/// Members of each cité: one steward and two others.
const MEMBERS: [&str; 3] = ["steward", "zoe", "marcel"];

/// Returns what this machine's clock shows.
pub fn clock() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970");
    UnixMillis(u64::try_from(since.as_millis()).expect("it is before the year 292 million"))
}

/// A cité that was founded in a home.
pub struct Site {
    /// Its directory.
    pub home: Home,
    /// Its keys.
    pub house: House,
    /// Its members, the steward first.
    pub people: Vec<Person>,
    founded: UtcDay,
}

impl Site {
    /// Founds the cité `slug` with a steward and two members under `dir`.
    pub fn found(dir: &Path, slug: &str) -> Self {
        Self::found_at(dir, slug, clock())
    }

    /// Founds a cité as if the machine's clock showed `now`.
    pub fn found_at(dir: &Path, slug: &str, now: UnixMillis) -> Self {
        let home = Home::at(dir.join(slug));
        let house = House::new(slug, slug, "Lyon", 1, 1);
        let people: Vec<Person> =
            MEMBERS.iter().map(|name| Person::new(&format!("{slug} {name}"), &house)).collect();
        let founded = now.day();
        let acts = (1..).zip(&people).map(|(seq, person)| {
            let level = if seq == 1 { Level::Steward } else { Level::Member };
            let act = Act::Admit(admission(person, level, founded));
            let payload = RootAct::payload(house.id, seq, &act);
            RootAct { cite: house.id, seq, act, signatures: house.root_signatures(1, &payload) }
        });
        let plan = FoundingPlan { signed: house.founding.clone(), acts: acts.collect() };
        let node = HomeDir::new(home.node());
        let keys = Keys {
            log: house.log.clone(),
            mirror: house.mirror.clone(),
            card: house.card.clone(),
            network: house.network_key.clone(),
        };
        keys.create(&node.keys()).expect("the directory is empty");
        let Claimed { disk, lock } = node.claim(0).expect("nobody else is here");
        let log_key = house.log.clone();
        LogHome::found(Arc::clone(&disk) as _, &node.index(), plan, log_key, now)
            .expect("the directory holds no log");
        node.settle(&*disk, &house.id).expect("the disk takes a small file");
        drop(lock);
        Self { home, house, people, founded }
    }

    /// Returns the text that tells another node where this one listens.
    pub fn invitation(&self, address: &str) -> String {
        let invitation = Invitation {
            network: network(),
            cite: self.house.id,
            node: self.house.network_key.public(),
            addresses: vec![address.to_owned()],
            token: None,
        };
        invitation.to_text()
    }

    /// Returns a connection to the desk of the node that runs here.
    ///
    /// # Errors
    /// [`ClientError`]: nobody there.
    pub fn desk(&self) -> Result<Desk<'_>, ClientError> {
        Ok(Desk { site: self, client: self.home.client(PATIENCE)? })
    }

    /// Returns the wallet of a member who has done nothing but join.
    pub fn wallet(&self, who: usize) -> Wallet<'_> {
        let person = self.people.get(who).expect("three people live here");
        Wallet { person, seq: 1, prev: joining(person, self.founded).id() }
    }
}

fn joining(person: &Person, today: UtcDay) -> SignedOrder {
    let join = Join { record: person.record.clone(), rules: 1, pledge: Minutes(0) };
    let order = person.order(1, OrderId::NONE, Statement::Join(join));
    Order { valid_until: today.plus(DAYS), ..order }.sign(&person.device)
}

fn admission(person: &Person, level: Level, today: UtcDay) -> Admit {
    let join = joining(person, today);
    let terms = Terms { level, from: today, until: today.plus(DAYS), allowance: Minutes(60) };
    Admit { join: Bytes::from(join.bytes().to_vec()), terms }
}

/// A person with the memory of a device: which order comes next.
pub struct Wallet<'a> {
    /// The person.
    pub person: &'a Person,
    seq: u64,
    prev: OrderId,
}

impl Wallet<'_> {
    /// Signs the order that comes next, on top of a committed head; it is next until [`Self::recorded`].
    pub fn sign(&self, seen: Head, statement: Statement) -> SignedOrder {
        let order = self.person.order(self.seq + 1, self.prev, statement);
        let valid_until = clock().day().plus(DAYS);
        Order { seen, valid_until, ..order }.sign(&self.person.device)
    }

    /// Remembers that an order is in the log.
    pub fn recorded(&mut self, order: &SignedOrder) {
        (self.seq, self.prev) = (self.seq + 1, order.id());
    }
}

/// A connection to the desk of a node.
pub struct Desk<'a> {
    site: &'a Site,
    client: Client,
}

impl Desk<'_> {
    /// Returns the reply to a call.
    ///
    /// # Errors
    /// [`ClientError`]: whether the call was worked on is unknown.
    pub fn call(&mut self, home: Option<CiteId>, call: Call) -> Result<Reply, ClientError> {
        self.client.call(&Frame { home, call })
    }

    /// Returns the reply to a signed order.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn submit(&mut self, order: &SignedOrder) -> Result<Reply, ClientError> {
        let order = Bytes::from(order.bytes().to_vec());
        self.call(None, Call::Submit { order, body: None })
    }

    /// Returns the reply to a private query of a member.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn query(&mut self, person: &Person, query: Query) -> Result<Reply, ClientError> {
        let challenge = match self.call(None, Call::Challenge)? {
            Reply::Challenge(challenge) => challenge,
            other => return Ok(other),
        };
        let (network, home) = (&self.site.house.network, &self.site.house.id);
        let signed =
            SignedQuery::sign(network, home, person.id, (0, 0), challenge, query, &person.device);
        self.call(None, Call::Private(Box::new(signed)))
    }
}
