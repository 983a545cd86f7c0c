//! A home with news for a mirror: what an honest home sends, and what one sends that lies and signs it.
//! The mirror's answers are its own.

use std::sync::Arc;

use ledger::{
    home::Home,
    mirror::{Extended, MirrorLog},
    tree::Frontier,
};
use proto::{
    checkpoint::Checkpoint,
    codec::Bytes,
    entry::{Entry, Payload, Seal},
    hash::{Hash, tree_leaf},
    keys::SigningKey,
    order::Head,
    time::UnixMillis,
    wire::Extend,
};

use crate::world::{World, extend};

/// Place of the home whose log is looked at.
pub const HOME: usize = 0;
/// Place of the cité whose mirror looks.
pub const MIRROR: usize = 1;

/// Returns the first entries of a home's log.
pub fn entries(home: &Home, size: u64) -> Vec<Vec<u8>> {
    (0..size).map(|leaf| home.entry_bytes(leaf).expect("readable")).collect()
}

/// Returns size and root of the tree over entries.
pub fn head(entries: &[Vec<u8>]) -> Head {
    let mut frontier = Frontier::default();
    entries.iter().for_each(|bytes| frontier.push(tree_leaf(bytes)));
    frontier.head()
}

/// Returns the stored hashes of the tree over entries.
pub fn hashes(entries: &[Vec<u8>]) -> Vec<Hash> {
    let (mut frontier, mut stored) = (Frontier::default(), Vec::new());
    entries.iter().for_each(|bytes| frontier.push_stored(tree_leaf(bytes), &mut stored));
    stored
}

/// A home with news for a mirror that holds what came before.
pub struct News {
    /// The world.
    pub world: World,
    /// Leaves that the mirror holds.
    pub held: u64,
}

impl News {
    /// A payment and an import are new to the boatmen, who mirror the weavers. They alone have seen the
    /// seal before, so there is no certificate over it.
    pub fn allied() -> Self {
        let mut world = World::allied();
        world.export((2, 1), (HOME, 1), 15).expect("allowed");
        world.settle(2);
        world.pay(HOME, 0, 15);
        let seen = world.commit(HOME).expect("a payment waits").checkpoint;
        assert!(matches!(world.push(HOME, MIRROR, seen), Extended::Cosigned(_)));
        let held = seen.head.size;
        let proof = world.next_message(2, HOME).expect("committed");
        world.deliver(HOME, proof).expect("in turn");
        world.pay(HOME, 1, 15);
        world.commit(HOME);
        Self { world, held }
    }

    /// Returns the home.
    pub fn home(&self) -> &Home {
        &self.world.villages[HOME].home
    }

    /// Returns its log key.
    pub fn log_key(&self) -> &SigningKey {
        &self.world.villages[HOME].house.log
    }

    /// Returns what an honest home sends.
    pub fn honest(&self) -> Extend {
        extend(self.home(), *self.home().checkpoint(), self.held)
    }

    /// Returns what a home sends that changed its new entries and signed what came of it.
    pub fn lie(&self, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Extend {
        let honest = self.honest();
        let mut new: Vec<Vec<u8>> = honest.entries.iter().map(|entry| entry.to_vec()).collect();
        change(&mut new);
        let all = [entries(self.home(), self.held), new.clone()].concat();
        let checkpoint = Checkpoint::sign(self.home().origin(), head(&all), self.log_key());
        Extend { checkpoint, entries: new.into_iter().map(Bytes::from).collect(), ..honest }
    }

    /// Returns what a home sends that changed its last seal.
    pub fn seal_lie(&self, change: impl FnOnce(&mut Seal)) -> Extend {
        self.lie(|new| {
            let last = new.last_mut().expect("a seal");
            let Entry { time, payload: Payload::Seal(mut seal) } =
                Entry::decode(last).expect("an entry")
            else {
                panic!("the last entry is a seal")
            };
            change(&mut seal);
            *last = Entry { time, payload: Payload::Seal(seal) }.encode();
        })
    }

    /// Returns a push whose seal has another time.
    pub fn seal_of(&self, time: UnixMillis) -> Extend {
        self.lie(|new| {
            let last = new.last_mut().expect("a seal");
            let seal = Entry::decode(last).expect("an entry");
            *last = Entry { time, ..seal }.encode();
        })
    }

    /// Returns the mirror's answer, from a fresh copy of its disk.
    pub fn answer(&self, extend: &Extend, now: UnixMillis) -> Extended {
        self.answer_and_reads(extend, now).0
    }

    /// Returns the same, and how often the mirror read its disk for it.
    pub fn answer_and_reads(&self, extend: &Extend, now: UnixMillis) -> (Extended, u64) {
        let village = &self.world.villages[MIRROR];
        let disk = Arc::new(village.mirror_disk.image());
        let mirror = MirrorLog::open(Arc::clone(&disk) as _, self.home().cite());
        let mirror = mirror.expect("a sound disk");
        let mut mirror = mirror.expect("there is a copy");
        assert_eq!(mirror.size(), self.held);
        let before = disk.reads();
        let answer = mirror.extend(now, extend, village.house.id, &village.house.mirror);
        (answer.expect("a sound disk"), disk.reads() - before)
    }
}
