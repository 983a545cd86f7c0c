//! The cité on which a table runs: the real fold, with everybody whose name stands in the table.
//! It enters what the rules decide, exactly as a home does, and remembers the bytes.

use std::collections::BTreeMap;

use ledger::{
    fold::Fold,
    keybook::KeyBook,
    object::Object,
    refusal::Refusal,
    replay,
    rules::{self, Draft},
    snapshot::{self, Beside},
};
use proto::{
    codec::Canonical,
    desk::Fact,
    entry::{Import, Outcome as Became, Payload},
    hash::{Hash, Use, digest},
    ids::CiteId,
    order::{Head, SignedOrder},
    request::SignedRequest,
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};

use super::words;
use crate::{
    disk::FaultyDisk,
    people::{self, House, Person, TODAY},
};
use ledger::disk::Disk as _;

/// What became of an event that the rules allow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Its entry stands in the log.
    Done,
    /// So it does, and sends a transfer back for this reason.
    Returned(u16),
}

/// A cité in the middle of a table.
pub struct Cite {
    pub(super) house: House,
    pub(super) fold: Fold,
    pub(super) now: UnixMillis,
    /// Requests by the names that the table gives them.
    pub(super) requests: BTreeMap<String, SignedRequest>,
    /// The last order of each person that was entered.
    pub(super) entered: BTreeMap<String, SignedOrder>,
    book: KeyBook,
    houses: BTreeMap<String, House>,
    entries: Vec<Vec<u8>>,
    /// Whether the state was edited, so that no log leads to it.
    supposed: bool,
}

impl Cite {
    /// Returns the weavers, not founded yet, on the first day.
    pub(super) fn new() -> Self {
        Self {
            house: people::tisserandes(),
            fold: Fold::default(),
            now: TODAY.start(),
            requests: BTreeMap::new(),
            entered: BTreeMap::new(),
            book: KeyBook::default(),
            houses: BTreeMap::new(),
            entries: Vec::new(),
            supposed: false,
        }
    }

    /// Returns the state root.
    pub fn root(&mut self) -> Hash {
        self.fold.state_mut().root()
    }

    /// Returns whether all accounts sum to zero, as they must at every prefix.
    pub(super) fn sums_to_zero(&self) -> bool {
        self.supposed || self.fold.state().sum().is_some_and(|sum| sum.0 == 0)
    }

    /// Returns the values of a refusal as tables write them.
    pub(super) fn facts(&self, refusal: &Refusal) -> Vec<String> {
        let name = |fact: &Fact| match fact {
            Fact::Cite(id) => self.slug(id),
            _ => "somebody".to_owned(),
        };
        refusal.facts().iter().map(|fact| words::fact(fact, TODAY.0, name)).collect()
    }

    fn slug(&self, id: &CiteId) -> String {
        let mut all = self.houses.values().chain([&self.house]);
        all.find(|house| house.id == *id).map_or("a-cite".to_owned(), |house| house.slug.clone())
    }

    /// Returns the cité with a short name.
    pub(super) fn house_of(&mut self, slug: &str) -> &House {
        if slug == self.house.slug {
            return &self.house;
        }
        self.houses.entry(slug.to_owned()).or_insert_with(|| match slug {
            "mariniers" => people::mariniers(),
            "ruchers" => people::ruchers(),
            _ => House::new(slug, slug, "Crest", 1, 1),
        })
    }

    /// Returns a person; those of other cités are written `jean@mariniers`.
    pub(super) fn person(&mut self, name: &str) -> Person {
        let (name, slug) = name.split_once('@').unwrap_or((name, "tisserandes"));
        Person::new(name, self.house_of(slug))
    }

    /// Submits an order as a home does.
    pub(super) fn submit(&mut self, order: SignedOrder) -> Result<Outcome, Refusal> {
        let bytes = order.bytes().to_vec();
        let order = SignedOrder::decode(&bytes).expect("what a person signs is well-formed");
        let key_of = |member: &_, epoch, lane| self.book.get(member, epoch, lane);
        let verified = rules::verify_order(self.fold.state(), order, key_of)?;
        let answered = self.book.answered_by(&verified.order().statement);
        self.enter(Draft::Order(verified, answered))
    }

    /// Takes in a stream message as a home does once it is proved.
    pub(super) fn import(
        &mut self,
        message: proto::stream::StreamMessage,
    ) -> Result<Outcome, Refusal> {
        let answered = self.book.answered_by_message(&message);
        self.enter(Draft::Import { message, incarnation: 0, leaf: 7, answered })
    }

    /// Enters what the rules decide.
    pub(super) fn enter(&mut self, draft: Draft) -> Result<Outcome, Refusal> {
        let decision = rules::decide(self.fold.state(), self.now, draft)?;
        decision.effect.admitted().for_each(|member| self.book.learn_member(member));
        let outcome = match &decision.payload {
            Payload::Import(Import { outcome: Became::Returned { reason, .. }, .. }) => {
                Outcome::Returned(*reason)
            }
            _ => Outcome::Done,
        };
        self.entries.push(self.fold.enter(self.now, decision).bytes);
        Ok(outcome)
    }

    /// Seals the log, naming `certified_size`.
    pub(super) fn seal(&mut self, certified_size: u64) -> Result<Outcome, Refusal> {
        let sealed = self.fold.seal(self.now, certified_size).ok_or(Refusal::Founding)?;
        self.entries.push(sealed.bytes);
        Ok(Outcome::Done)
    }

    /// Replays the log from its bytes: the state must be the same (a pure fold of the log), and so must
    /// be the state that a snapshot of it gives.
    pub(super) fn replay(&mut self) {
        if self.supposed {
            return;
        }
        let mut again = Fold::default();
        let mut book = KeyBook::default();
        let prepared = replay::prepare(&mut book, &self.entries);
        replay::fold(&mut again, prepared).expect("what the rules entered, they accept again");
        assert_eq!(again.head(), self.fold.head(), "another tree after a replay");
        assert_eq!(again.state_mut().root(), self.root(), "another state after a replay");
        let root = self.root();
        assert_eq!(self.edited(|_| {}).state_mut().root(), root, "another state in a snapshot");
    }

    /// Goes on with a state that the rules did not make.
    pub(super) fn suppose(&mut self, edit: impl Fn(&mut Object)) {
        self.fold = self.edited(edit);
        self.supposed = true;
    }

    /// Returns the fold whose state was written to a snapshot, edited there, and read again.
    fn edited(&self, edit: impl Fn(&mut Object)) -> Fold {
        let disk = FaultyDisk::new(1);
        let beside = Beside {
            mirrors: None,
            before: Vec::new(),
            earlier: self.fold.mirrors_noted().to_vec(),
        };
        snapshot::write(&disk, "snapshot", self.fold.state(), beside).expect("a sound disk");
        let bytes = disk.contents("snapshot");
        let mut written = Snapshot::decode(&bytes[32..]).expect("a snapshot of this version");
        written.slots.iter_mut().flatten().for_each(edit);
        let bytes = written.encode();
        let check = digest(Use::Disk, &[&bytes]);
        disk.replace("snapshot", &[check.as_bytes(), bytes.as_slice()].concat())
            .expect("a sound disk");
        let read = snapshot::read(&disk, "snapshot").expect("a sound disk");
        let (state, beside) = read.expect("the digest is right");
        Fold::at(state, self.fold.frontier().clone(), beside.earlier).expect("the same size")
    }
}

/// The bytes of a snapshot, so that a table may suppose what no log of a lifetime comes to.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    slots: Vec<Option<Object>>,
    recent: Vec<(Head, u64)>,
    beside: Beside,
}

impl Canonical for Snapshot {
    const NAME: &'static str = "snapshot";
    const MAX: usize = 16 * 1_024 * 1_024;
}
