//! Logs in memory: cités whose every order is signed for real and decided by the rules, without a disk or
//! a node, so that audits can be fed thousands of them, and wrong ones on purpose.

#![allow(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a case that asks for somebody who is not there may stop"
)]

use std::{collections::BTreeMap, io, sync::Arc};

use ledger::{
    bundle::{Front, Witnessed, Writer, note},
    fold::Fold,
    keybook::KeyBook,
    proof,
    rules::{self, Draft},
    state::MIRRORS,
    tree,
};
use proto::{
    act::{Act, Level, MirrorSet, PeerOpen},
    certificate::{Certificate, EntryProof, StateProof},
    checkpoint::{Checkpoint, Cosignature, Origin},
    codec::Bytes,
    entry::{Entry, Payload, RootAct, number},
    evidence::Evidence,
    hash::{Hash, tree_leaf},
    ids::{Account, MemberId, OrderId},
    minutes::Minutes,
    order::{Export, Head, Pay, SignedOrder, Statement},
    resume::Resume,
    stream::StreamMessage,
    time::UnixMillis,
};

use crate::people::{House, Person, TODAY, founding_bytes};

/// A certificate with what it needs to be believed.
#[derive(Clone)]
pub struct Certified {
    /// The certificate.
    pub certificate: Certificate,
    /// Keys and mirrors under its seal.
    pub mirrors: StateProof,
}

/// The log of a cité, with the keys of everybody in it.
#[derive(Clone)]
pub struct Log {
    /// The cité.
    pub house: Arc<House>,
    /// Its members, the steward first.
    pub people: Vec<Arc<Person>>,
    /// All entries' bytes.
    pub entries: Vec<Vec<u8>>,
    /// Proofs of the imports among them.
    pub sidecars: BTreeMap<u64, EntryProof>,
    /// State and tree.
    pub fold: Fold,
    /// Keys of the members.
    pub book: KeyBook,
    /// The newest certificate.
    pub certified: Option<Certified>,
    /// The newest checkpoint.
    pub checkpoint: Checkpoint,
    now: UnixMillis,
    mirrors: Option<StateProof>,
    lanes: BTreeMap<MemberId, (u64, OrderId)>,
}

impl Log {
    /// Founds a cité with `count` members, the first of whom is its steward, admitted by the root.
    pub fn found(house: House, count: usize) -> Self {
        let house = Arc::new(house);
        let mut log = Self {
            people: Vec::new(),
            entries: Vec::new(),
            sidecars: BTreeMap::new(),
            fold: Fold::default(),
            book: KeyBook::default(),
            certified: None,
            checkpoint: Checkpoint::sign(origin(&house), Head::empty(), &house.log),
            now: TODAY.start(),
            mirrors: None,
            lanes: BTreeMap::new(),
            house,
        };
        let signed = log.house.founding.clone();
        let founding = signed.verify().expect("a house signs its record");
        log.enter(Draft::Found(Box::new(founding), signed));
        let steward = log.person(0);
        let act = Act::Admit(steward.admission(Level::Steward));
        let payload = RootAct::payload(log.house.id, 1, &act);
        let signatures =
            log.house.root_signatures(log.house.founding.founding.root.threshold, &payload);
        log.enter(Draft::RootAct(RootAct { cite: log.house.id, seq: 1, act, signatures }));
        log.settle(steward);
        for n in 1..count {
            let person = log.person(n);
            log.act(Act::Admit(person.admission(Level::Member)));
            log.settle(person);
        }
        log.seal();
        log
    }

    fn person(&self, n: usize) -> Arc<Person> {
        Arc::new(Person::new(&format!("{} member {n}", self.house.slug), &self.house))
    }

    /// A person who was admitted: the Join was the first order of the lane.
    fn settle(&mut self, person: Arc<Person>) {
        self.book.learn_record(&person.record);
        self.lanes.insert(person.id, (1, person.join().id()));
        self.people.push(person);
    }

    /// Enters a draft that the rules must accept; returns its leaf.
    pub fn enter(&mut self, draft: Draft) -> u64 {
        self.try_enter(draft).expect("the rules accept what this case needs")
    }

    /// Enters a draft, or returns the rules' refusal.
    pub fn try_enter(&mut self, draft: Draft) -> Result<u64, ledger::refusal::Refusal> {
        let decision = rules::decide(self.fold.state(), self.now, draft)?;
        decision.effect.admitted().for_each(|member| self.book.learn_member(member));
        let entered = self.fold.enter(self.now, decision);
        self.entries.push(entered.bytes);
        Ok(entered.leaf)
    }

    /// Returns the next order of a member.
    pub fn order(&mut self, member: usize, statement: Statement) -> SignedOrder {
        let person = Arc::clone(&self.people[member]);
        let (seq, prev) = self.lanes.get(&person.id).copied().unwrap_or((0, OrderId::NONE));
        let mut order = person.order(seq + 1, prev, statement);
        order.seen = self.seen();
        let signed = order.sign(&person.device);
        self.lanes.insert(person.id, (seq + 1, signed.id()));
        signed
    }

    fn seen(&self) -> Head {
        let committed = self.fold.state().clock().map_or(0, |clock| clock.committed_size);
        self.fold.state().recent(committed).map_or_else(Head::empty, |recent| recent.head)
    }

    /// Enters the next order of a member.
    pub fn submit(&mut self, member: usize, statement: Statement) -> u64 {
        let order = self.order(member, statement);
        let key = self.people[member].device.verifying();
        let verified = order.verify(&key).expect("this person signed");
        let answered = self.book.answered_by(&verified.order().statement);
        self.enter(Draft::Order(verified, answered))
    }

    /// Enters an act of the steward.
    pub fn act(&mut self, act: Act) -> u64 {
        self.submit(0, Statement::Act(act))
    }

    /// One member pays another.
    pub fn pay(&mut self, from: usize, to: usize, minutes: u32) -> u64 {
        let payee = Account::Member(self.people[to].id);
        self.submit(from, Statement::Pay(Pay { payee, minutes: Minutes(minutes), request: None }))
    }

    /// A member pays somebody in another cité.
    pub fn export(&mut self, from: usize, to: &Log, payee: usize, minutes: u32) -> u64 {
        let export = Export {
            to: to.house.id,
            payee: to.people[payee].id,
            minutes: Minutes(minutes),
            request: None,
        };
        self.submit(from, Statement::Export(export))
    }

    /// Opens an account for a neighbour.
    pub fn open(&mut self, neighbour: &House, line: u32) {
        let founding = founding_bytes(neighbour);
        self.act(Act::PeerOpen(PeerOpen { founding, line: Minutes(line) }));
    }

    /// Chooses the mirrors of the log.
    pub fn mirror_by(&mut self, houses: &[&House]) {
        let mut mirrors: Vec<_> = houses.iter().map(|house| house.as_mirror()).collect();
        mirrors.sort_unstable();
        self.act(Act::MirrorSet(MirrorSet { mirrors }));
    }

    /// Returns the log's time.
    pub const fn now(&self) -> UnixMillis {
        self.now
    }

    /// Moves the clock on.
    pub fn wait(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }

    /// Seals what was entered and signs the head.
    pub fn seal(&mut self) {
        self.mirrors = self.fold.state_mut().prove(MIRRORS);
        let certified = self.certified.as_ref().map_or(0, |c| c.certificate.checkpoint.head.size);
        let entered = self.fold.seal(self.now, certified).expect("the cité was founded");
        self.entries.push(entered.bytes);
        self.sign();
    }

    /// Signs the present head.
    pub fn sign(&mut self) {
        self.checkpoint = Checkpoint::sign(self.origin(), self.fold.head(), &self.house.log);
    }

    fn origin(&self) -> Origin {
        let incarnation = self.fold.state().mirrors().map_or(0, |mirrors| mirrors.incarnation);
        Origin { incarnation, ..origin(&self.house) }
    }

    /// Goes on in incarnation 1, in which there is no mirror to ask: the root alone says so.
    pub fn resume(&mut self) {
        let base = self.fold.head();
        let epoch = self.house.epoch(1);
        let resume = Resume { epoch, base, named: None, certificate: None, fences: Vec::new() };
        let resume = self.fold.check_resume(Box::new(resume)).expect("the root says so");
        self.enter(Draft::Resume(resume));
        let [log, mirror, card, network_key] = self.house.role_keys(1);
        let house = House::clone(&self.house);
        let founding = house.founding_at(1);
        self.house = Arc::new(House { log, mirror, card, network_key, founding, ..house });
        self.seal();
    }

    /// Has the newest checkpoint cosigned.
    pub fn certify(&mut self, houses: &[&House]) {
        let checkpoint = self.checkpoint;
        let time_s = self.now.0 / 1_000;
        let mut cosignatures: Vec<Cosignature> = houses
            .iter()
            .map(|house| Cosignature::sign(&checkpoint, house.id, time_s, &house.mirror))
            .collect();
        cosignatures.sort_unstable_by_key(|cosignature| cosignature.mirror);
        let certificate = Certificate { checkpoint, cosignatures };
        let mirrors = self.mirrors.clone().expect("a seal was made");
        self.certified = Some(Certified { certificate, mirrors });
    }

    /// Seals and certifies until everything before is committed.
    pub fn commit(&mut self, houses: &[&House]) {
        for _ in 0..2 {
            self.seal();
            self.certify(houses);
        }
    }

    /// Returns the proof of a committed entry.
    pub fn prove(&self, leaf: u64) -> EntryProof {
        let certified = self.certified.as_ref().expect("something was certified");
        let size = certified.certificate.checkpoint.head.size;
        let store = self.tree();
        let path = |leaf| tree::inclusion_proof(&store, leaf, size).expect("the leaf is below");
        let bytes =
            |leaf: u64| Bytes::from(self.entries[usize::try_from(leaf).expect("small")].clone());
        EntryProof {
            founding: founding_bytes(&self.house),
            entry: bytes(leaf),
            leaf,
            path: path(leaf),
            seal: bytes(size - 1),
            seal_path: path(size - 1),
            certificate: certified.certificate.clone(),
            mirrors: certified.mirrors.clone(),
        }
    }

    fn tree(&self) -> Vec<Hash> {
        let mut store = Vec::new();
        let mut frontier = tree::Frontier::default();
        for entry in &self.entries {
            frontier.push_stored(tree_leaf(entry), &mut store);
        }
        store
    }

    /// Takes in what another log says at a leaf.
    pub fn import(&mut self, from: &Log, leaf: u64) -> u64 {
        let proof = from.prove(leaf);
        proof::verify(&proof).expect("the entry is committed");
        let message = from.message(leaf);
        self.import_as(message, leaf, proof)
    }

    /// Takes in a message, whatever the proof says.
    pub fn import_as(&mut self, message: StreamMessage, leaf: u64, proof: EntryProof) -> u64 {
        let answered = self.book.answered_by_message(&message);
        let at = self.enter(Draft::Import { message, incarnation: 0, leaf, answered });
        self.sidecars.insert(at, proof);
        at
    }

    /// Returns the message that an entry says.
    pub fn message(&self, leaf: u64) -> StreamMessage {
        let bytes = &self.entries[usize::try_from(leaf).expect("small")];
        let entry = Entry::decode(bytes).expect("we wrote it");
        entry.message(self.house.id).expect("this entry says something abroad")
    }

    /// Returns the leaf of the last payment abroad before `leaf`.
    pub fn export_waiting_before(&self, leaf: u64) -> u64 {
        let exports = (0..leaf).zip(&self.entries);
        let exports = exports.filter(|(_, bytes)| Entry::kind_of(bytes) == Some(number::EXPORT));
        exports.map(|(leaf, _)| leaf).last().expect("somebody paid abroad before")
    }

    /// Returns the bundle of the log up to its newest checkpoint.
    pub fn bundle(&self) -> Vec<u8> {
        self.bundle_with(&[])
    }

    /// Returns the bundle with evidence.
    pub fn bundle_with(&self, evidence: &[Evidence]) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.write(&mut bytes, evidence).expect("memory takes everything");
        bytes
    }

    fn write(&self, output: &mut Vec<u8>, evidence: &[Evidence]) -> io::Result<()> {
        let witnessed = self.certified.as_ref().map(|certified| Witnessed {
            certificate: certified.certificate.clone(),
            mirrors: Some(certified.mirrors.clone()),
        });
        let founding = founding_bytes(&self.house);
        let note = note(self.house.log.public(), &self.checkpoint, witnessed.as_ref());
        let front = Front {
            founding: &founding,
            checkpoint: &self.checkpoint,
            witnessed: witnessed.as_ref(),
            note: &note,
        };
        let mut writer = Writer::begin(output, &front)?;
        for (leaf, entry) in (0..self.checkpoint.head.size).zip(&self.entries) {
            writer.entry(entry.clone(), self.sidecars.get(&leaf).cloned())?;
        }
        writer.finish(evidence).map(|_| ())
    }

    /// Replaces the last entry and seals again, with a state root that is not that of the state.
    pub fn seal_falsely(&mut self) {
        self.seal();
        let bytes = self.entries.pop().expect("a seal was just made");
        let Ok(Entry { time, payload: Payload::Seal(mut seal) }) = Entry::decode(&bytes) else {
            panic!("a seal was just made");
        };
        seal.state_root.0[0] ^= 1;
        self.entries.push(Entry { time, payload: Payload::Seal(seal) }.encode());
        self.sign_entries();
    }

    /// Signs the head of the entries as they are, whatever the fold says.
    pub fn sign_entries(&mut self) {
        let mut frontier = tree::Frontier::default();
        self.entries.iter().for_each(|entry| frontier.push(tree_leaf(entry)));
        self.checkpoint = Checkpoint::sign(origin(&self.house), frontier.head(), &self.house.log);
    }
}

/// Returns the origin of a house's first incarnation.
pub fn origin(house: &House) -> Origin {
    Origin { network: house.network, cite: house.id, incarnation: 0 }
}
