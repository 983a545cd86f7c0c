//! A small world: cités with real homes and mirrors on disks in memory, wired together by hand, one call
//! after the other. What a node would send stands here as a function; nothing is sent and nothing waits.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use ledger::{
    disk::Disk,
    home::{Committed, Cosigned, FoundingPlan, Home, HomeError, Submitted},
    mirror::{Extended, MirrorLog},
    proof,
    refusal::Refusal,
    snapshot::Beside,
    store::{OpenedStore, Store},
};
use proto::{
    act::{Act, Level, MirrorSet, PeerOpen},
    certificate::EntryProof,
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Payload, RootAct},
    ids::{Account, CiteId, OrderId},
    minutes::Minutes,
    order::{Export, Head, Order, Pay, SignedOrder, Statement},
    time::UnixMillis,
    wire::{Extend, Sidecar},
};

use crate::{
    disk::FaultyDisk,
    people::{self, House, Person, TODAY, founding_bytes},
};

/// A person with the memory of a device: which order comes next.
pub struct Wallet {
    /// The person.
    pub person: Person,
    /// Number of the last order.
    pub seq: u64,
    /// The last order.
    pub prev: OrderId,
}

impl Wallet {
    /// Returns the wallet of somebody who has just joined `house`.
    pub fn new(name: &str, house: &House) -> Self {
        let person = Person::new(name, house);
        let prev = person.join().id();
        Self { person, seq: 1, prev }
    }

    /// Signs the next order of this device.
    pub fn sign(&mut self, seen: Head, statement: Statement) -> SignedOrder {
        let order = self.person.order(self.seq + 1, self.prev, statement);
        let signed = Order { seen, ..order }.sign(&self.person.device);
        (self.seq, self.prev) = (self.seq + 1, signed.id());
        signed
    }
}

/// Returns what a cité begins with: `people`, the first of whom is a steward.
pub fn plan(house: &House, people: &[&str]) -> FoundingPlan {
    let acts = (1u32..).zip(people).map(|(seq, name)| {
        let level = if seq == 1 { Level::Steward } else { Level::Member };
        let act = Act::Admit(Person::new(name, house).admission(level));
        let all = u8::try_from(house.roots.len()).expect("a few root keys");
        let signatures = house.root_signatures(all, &RootAct::payload(house.id, seq, &act));
        RootAct { cite: house.id, seq, act, signatures }
    });
    FoundingPlan { signed: house.founding.clone(), acts: acts.collect() }
}

/// Founds a cité on a disk.
///
/// # Errors
/// [`HomeError`].
pub fn found(
    house: &House,
    people: &[&str],
    disk: Arc<dyn Disk>,
    index: &Path,
    now: UnixMillis,
) -> Result<Home, HomeError> {
    Home::found(disk, index, plan(house, people), house.log.clone(), now)
}

/// Returns what a home would send to a mirror that holds `from` leaves of what leads to `checkpoint`.
pub fn extend(home: &Home, checkpoint: Checkpoint, from: u64) -> Extend {
    let size = checkpoint.head.size;
    let chunk = home.chunk(from, size).expect("a home reads its own log");
    let sidecars = (from..).zip(&chunk).filter_map(|(leaf, _)| {
        let proof = home.sidecar(leaf).expect("a home reads its own notes")?;
        Some(Sidecar { leaf, proof })
    });
    let last = home.entry(size - 1).expect("a home reads its own log");
    let named = match last.payload {
        Payload::Seal(seal) => home.certificate_of(seal.certified_size).cloned(),
        _ => None,
    };
    Extend {
        founding: home.founding().clone(),
        checkpoint,
        from,
        sidecars: sidecars.collect(),
        entries: chunk.into_iter().map(Bytes::from).collect(),
        certificate: named,
    }
}

/// Writes a snapshot of a copy that nobody has open, as its mirror does every ten thousand entries.
///
/// # Panics
/// When there is no such copy on the disk.
pub fn snapshot(disk: &Arc<FaultyDisk>, cite: CiteId, size: u64) {
    let dir = format!("mirrors/{}/", cite.0);
    let shared = Arc::clone(disk) as Arc<dyn Disk>;
    let opened = Store::open_at(shared, &dir, cite.0, size).expect("a copy on a sound disk");
    let OpenedStore { mut store, fold, beside, .. } = opened;
    let beside = Beside { earlier: fold.mirrors_noted().to_vec(), ..beside };
    store.snapshot(&fold, beside).expect("a sound disk");
}

/// Returns what a mirror would hand over of a log that it holds, from a leaf on; `None` when it holds less.
pub fn copied(mirror: &MirrorLog, from: u64) -> Option<Extend> {
    let checkpoint = *mirror.checkpoint()?;
    let count = checkpoint.head.size.checked_sub(from)?;
    let count = usize::try_from(count).expect("a small log").min(16);
    let entries = mirror.store().reader().read_range(from, count, usize::MAX);
    let entries = entries.expect("a mirror reads its own copy");
    let sidecars = (from..).zip(&entries).filter_map(|(leaf, _)| {
        let proof = mirror.sidecar(leaf).expect("a mirror reads its own notes")?;
        Some(Sidecar { leaf, proof })
    });
    Some(Extend {
        founding: mirror.signed_founding().clone(),
        checkpoint,
        from,
        sidecars: sidecars.collect(),
        entries: entries.into_iter().map(Bytes::from).collect(),
        certificate: mirror.named_certificate().cloned(),
    })
}

/// One cité of the world.
pub struct Village {
    /// Its keys.
    pub house: House,
    /// The disk of its home.
    pub disk: Arc<FaultyDisk>,
    /// Its home.
    pub home: Home,
    /// Its copies of the others' logs.
    pub mirrors: BTreeMap<CiteId, MirrorLog>,
    /// Where those are.
    pub mirror_disk: Arc<FaultyDisk>,
    /// The steward first.
    pub wallets: Vec<Wallet>,
    _index: tempfile::TempDir,
}

/// All cités.
pub struct World {
    /// The cités, in the order in which they were named.
    pub villages: Vec<Village>,
    /// The time at which everything happens.
    pub now: UnixMillis,
}

impl World {
    /// Returns three cités, each with two members, each with an account for and mirrored by the others,
    /// with a line of 10 h; all that is certified and committed everywhere.
    pub fn allied() -> Self {
        Self::of(&[people::tisserandes(), people::mariniers(), people::ruchers()])
    }

    /// Returns the same of these cités.
    pub fn of(houses: &[House]) -> Self {
        let now = TODAY.start().plus(36_000_000);
        let villages = houses.iter().map(|house| {
            let [steward, member] =
                ["steward", "member"].map(|role| format!("{role} of {}", house.slug));
            Village::new(house.clone(), &[&steward, &member], houses, now)
        });
        let villages = villages.collect();
        let mut world = Self { villages, now };
        let records: Vec<(Bytes, proto::act::Mirror)> = world
            .villages
            .iter()
            .map(|village| (founding_bytes(&village.house), village.house.as_mirror()))
            .collect();
        for at in 0..records.len() {
            let others = records.iter().enumerate().filter(|(other, _)| *other != at);
            let (openings, mut mirrors): (Vec<_>, Vec<_>) =
                others.map(|(_, (founding, mirror))| (founding.clone(), *mirror)).unzip();
            mirrors.sort_unstable();
            for founding in openings {
                world.act(at, Act::PeerOpen(PeerOpen { founding, line: Minutes(600) }));
            }
            world.act(at, Act::MirrorSet(MirrorSet { mirrors }));
        }
        (0..world.villages.len()).for_each(|at| world.settle(at));
        world
    }

    /// Moves the time on.
    pub fn wait(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }

    /// Submits a member's order that says `statement`.
    ///
    /// # Errors
    /// [`Refusal`]; the wallet is then as before.
    pub fn order(
        &mut self,
        at: usize,
        who: usize,
        statement: Statement,
    ) -> Result<SignedOrder, Refusal> {
        let village = &mut self.villages[at];
        let clock = *village.home.state().clock().expect("founded");
        let seen = if clock.committed_size > 0 { clock.head } else { Head::empty() };
        let wallet = &mut village.wallets[who];
        let before = (wallet.seq, wallet.prev);
        let order = wallet.sign(seen, statement);
        match village.home.submit(self.now, order.clone()) {
            Ok(Submitted::Pending(_)) => Ok(order),
            Ok(Submitted::Recorded(leaf)) => panic!("a new order stands at {leaf} already"),
            Err(refusal) => {
                (wallet.seq, wallet.prev) = before;
                Err(refusal)
            }
        }
    }

    /// Lets the steward of a cité act.
    pub fn act(&mut self, at: usize, act: Act) -> SignedOrder {
        self.order(at, 0, Statement::Act(act)).expect("the rules allow this act")
    }

    /// Lets a member pay the other.
    pub fn pay(&mut self, at: usize, who: usize, minutes: u32) -> SignedOrder {
        let payee = Account::Member(self.villages[at].wallets[1 - who].person.id);
        let pay = Pay { payee, minutes: Minutes(minutes), request: None };
        self.order(at, who, Statement::Pay(pay)).expect("the rules allow this payment")
    }

    /// Lets a member pay a member of another cité.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn export(
        &mut self,
        (from, payer): (usize, usize),
        (to, payee): (usize, usize),
        minutes: u32,
    ) -> Result<SignedOrder, Refusal> {
        let other = &self.villages[to];
        let (to, payee) = (other.house.id, other.wallets[payee].person.id);
        let export = Export { to, payee, minutes: Minutes(minutes), request: None };
        self.order(from, payer, Statement::Export(export))
    }

    /// Commits what waits at a cité's home.
    pub fn commit(&mut self, at: usize) -> Option<Committed> {
        self.villages[at].home.commit(self.now).expect("a sound disk")
    }

    /// Pushes a checkpoint of one cité's home to another's mirror, entry by entry as far as it needs them.
    pub fn push(&mut self, from: usize, to: usize, checkpoint: Checkpoint) -> Extended {
        let now = self.now;
        let (source, target) = self.pair(from, to);
        let (own, key) = (target.house.id, &target.house.mirror);
        let mirror = target.mirrors.get_mut(&source.house.id).expect("all mirror all");
        let mut held = mirror.store().len();
        loop {
            let extend = extend(&source.home, checkpoint, held);
            match mirror.extend(now, &extend, own, key).expect("a sound disk") {
                Extended::Holds { size: more, .. } if more != held => held = more,
                answer => return answer,
            }
        }
    }

    /// Seeks cosignatures for a cité's log and returns the size that is certified now.
    pub fn witness(&mut self, at: usize) -> u64 {
        if let Some(checkpoint) = self.villages[at].home.target(self.now) {
            for other in (0..self.villages.len()).filter(|other| *other != at) {
                let Extended::Cosigned(cosignature) = self.push(at, other, checkpoint) else {
                    continue;
                };
                let size = checkpoint.head.size;
                let counted = self.villages[at].home.cosigned(size, cosignature);
                let counted = counted.expect("a sound disk");
                if let Cosigned::Certified(certificate) = counted {
                    self.tell(at, &certificate);
                }
            }
        }
        self.villages[at].home.certified_size()
    }

    fn tell(&mut self, at: usize, certificate: &proto::certificate::Certificate) {
        let cite = self.villages[at].house.id;
        for village in &mut self.villages {
            if let Some(mirror) = village.mirrors.get_mut(&cite) {
                mirror.certify(certificate).expect("a sound disk");
            }
        }
    }

    /// Commits and certifies until nothing at this cité waits any more.
    pub fn settle(&mut self, at: usize) {
        loop {
            let before = self.villages[at].home.certified_size();
            let committed = self.commit(at).is_some();
            if self.witness(at) == before && !committed {
                return;
            }
        }
    }

    /// Returns the proof of the next message that `to` has not taken in, if it is committed.
    pub fn next_message(&mut self, from: usize, to: usize) -> Option<EntryProof> {
        let (source, target) = self.pair(from, to);
        let (_, peer) = target.home.state().peer(&source.house.id)?;
        let leaf = source.home.message_leaf(target.house.id, peer.received + 1)?;
        source.home.prove(leaf).expect("a home reads its own log")
    }

    /// Delivers a proved message; returns the leaf of the import, `None` when it was taken in before.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn deliver(&mut self, to: usize, proof: EntryProof) -> Result<Option<u64>, Refusal> {
        let proved = proof::verify(&proof).expect("a home proves what is so");
        let message = proved.entry().message(proved.founding().cite());
        let message = message.expect("the entry says a message");
        self.villages[to].home.import(self.now, message, &proved, proof)
    }

    /// Delivers all committed messages between all cités until there are none left.
    pub fn drain(&mut self) {
        let all = 0..self.villages.len();
        let mut moved = true;
        while moved {
            moved = false;
            all.clone().for_each(|at| self.settle(at));
            for (from, to) in all.clone().flat_map(|from| all.clone().map(move |to| (from, to))) {
                while from != to
                    && let Some(proof) = self.next_message(from, to)
                {
                    self.deliver(to, proof).expect("the next message is taken in");
                    self.commit(to);
                    moved = true;
                }
            }
        }
    }

    /// Returns two different cités.
    fn pair(&mut self, from: usize, to: usize) -> (&mut Village, &mut Village) {
        let [from, to] = self.villages.get_disjoint_mut([from, to]).expect("two different cités");
        (from, to)
    }
}

impl Village {
    /// Founds a cité with `people`, the first of whom is a steward, and lets its node mirror the other `houses`.
    pub fn new(house: House, people: &[&str], houses: &[House], now: UnixMillis) -> Self {
        let disk = Arc::new(FaultyDisk::new(1));
        let mirror_disk = Arc::new(FaultyDisk::new(2));
        let index = tempfile::tempdir().expect("a temporary directory");
        let home = found(&house, people, disk.clone(), index.path(), now).expect("founded");
        let wallets = people.iter().map(|name| Wallet::new(name, &house)).collect();
        let mirrors = houses.iter().filter(|other| other.id != house.id).map(|other| {
            let founding = other.founding.verify().expect("a sound record");
            let signed = founding_bytes(other);
            let mirror = MirrorLog::create(mirror_disk.clone(), founding, signed);
            (other.id, mirror.expect("a sound disk"))
        });
        let mirrors = mirrors.collect();
        Self { house, home, mirrors, mirror_disk, wallets, disk, _index: index }
    }
}
